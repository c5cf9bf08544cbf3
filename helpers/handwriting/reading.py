"""Read one digit from a picture, and say how sure the answer is. Keras loads at the first call."""

import functools
from typing import NamedTuple

import numpy as np

from helpers.dataset import CLASSES
from helpers.errors import InputError, as_probabilities, explained, shown
from helpers.handwriting.augmentation import distort
from helpers.handwriting.mnist_form import Prepared, prepare
from helpers.handwriting.picture_files import load_picture

NETWORK = "network_h"
COPIES = 16
# Keeps 98 % of the right answers, both to photos for development and to validation images.
SURE = 0.75


class Reading(NamedTuple):
    """What was read: `digit` is None where no ink was found.

    `probabilities` is float32 of shape (10,); `sure` is False for an answer not to rely on;
    `warnings` says in sentences what was odd.
    """

    digit: int | None
    probabilities: np.ndarray
    sure: bool
    prepared: Prepared
    warnings: list

    def __repr__(self):
        return f"Reading(digit={self.digit}, sure={self.sure}, warnings={self.warnings})"


def read_digit(picture, model=None):
    """Read the handwritten digit in a path, Pillow image or array; returns a `Reading`.

    `model` takes (N, 28, 28, 1) to probabilities; by default the network shipped for this.
    """
    if model is not None and (isinstance(model, type) or not callable(model)):
        raise InputError(f"A network is needed, such as load_trained(...), not {shown(model)}.")
    prepared = prepare(picture)
    if not prepared.image.any():
        return Reading(
            None, np.full(CLASSES, 1 / CLASSES, "float32"), False, prepared, prepared.warnings
        )
    model = shipped_network() if model is None else model
    with explained("This network does not take (N, 28, 28, 1) to probabilities (N, 10)"):
        probabilities = averaged(model, prepared.image)
    warnings = list(prepared.warnings)
    if probabilities.max() < SURE:
        warnings.append("Not sure: this is unlike the digits that the network knows.")
    digit = int(probabilities.argmax())
    return Reading(digit, probabilities, not warnings, prepared, warnings)


def averaged(model, image):
    """The mean of the answers to an image (28, 28, 1) and to 16 slightly distorted copies."""
    copies = distort(np.repeat(image[np.newaxis], COPIES, axis=0), seed=0, strength=0.5)
    batch = np.concatenate([image[np.newaxis], copies])
    answers = model(batch, training=False)
    return as_probabilities(answers, "Probabilities", (COPIES + 1, CLASSES)).mean(axis=0)


@functools.cache
def shipped_network():
    """The network for handwriting, loaded once."""
    from helpers.training import load_trained

    return load_trained(NETWORK)


def predict_photo(path, model=None):
    """Show a photo, its 28x28 picture and the ten probabilities; returns the `Reading`."""
    from helpers import plots

    picture = load_picture(path)
    reading = read_digit(picture, model)
    photo = np.asarray(picture.convert("RGBA"))
    plots.answer(photo, reading.prepared.image, reading.probabilities, _in_words(reading))
    for warning in reading.warnings:
        print(warning)
    return reading


def _in_words(reading):
    if reading.digit is None:
        return "no digit"
    return f"{reading.digit}" if reading.sure else f"{reading.digit}, not sure"
