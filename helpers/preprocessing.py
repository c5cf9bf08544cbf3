"""From stored digits to what a network reads, with the checks that Keras leaves out."""

import warnings

import numpy as np

from helpers.dataset import CLASSES, IMAGE_SHAPE, SIDE
from helpers.errors import EVERY_KIND, InputError, as_array


def scale(images):
    """Bring images from 0..255 to float32 in [0, 1].

    Raises `InputError` for numbers outside 0..255, and for fractions below 2, so that nothing is
    scaled twice.
    """
    images = as_array(images, "Images")
    if images.ndim < 2 or not images.size:
        raise InputError(f"Images have rows and columns, these the shape {images.shape}.")
    if images.dtype.kind == "f" and 0 < images.max() < 2:
        raise InputError(
            f"These images are scaled already: {images.dtype} up to {images.max():.3g}. "
            "Scale them once only. Where a resize overshot 1: np.clip(images, 0, 1)."
        )
    as_array(images, "Images", within=(0, 255), hint="Pass the images as they were stored.")
    scaled = images.astype("float32")
    scaled /= 255
    return scaled


def to_model_input(images):
    """Stored images to model input: (N, 28, 28) uint8 to (N, 28, 28, 1) float32 in [0, 1].

    Also takes a list of images, one image of shape (28, 28) or (28, 28, 1), and what is model
    input already. Warns when the images look inverted or scaled twice.

    Raises
    ------
    InputError
        For no images, NaN, text, colour, another size than 28x28, or values out of range.
    """
    stored = _as_batch(images)
    images = scale(stored) if stored.dtype == np.uint8 or stored.max() > 1 else stored
    images = images.astype("float32", copy=False)
    check_images(images)
    warn_if_odd(stored if stored.dtype == np.uint8 else images)
    return images


def one_hot(labels):
    """Labels of shape (N,) to float32 rows of shape (N, 10) with a single 1 each."""
    return np.eye(CLASSES, dtype="float32")[check_labels(labels)]


def check_images(images):
    """Raise `InputError` unless `images` are model input: (N, 28, 28, 1), all in [0, 1]."""
    use = "Use to_model_input(images); of -1 to 1, (images + 1) / 2; of overshoots, np.clip."
    as_array(images, "Images", shape=("N", *IMAGE_SHAPE), within=(0, 1), hint=use)


def check_labels(labels, images=None):
    """Return `labels` as an integer array of shape (N,), or raise `InputError`.

    With `images` given (or other labels), their number must be that of the labels.
    """
    labels = as_array(labels, "Labels", kinds=EVERY_KIND)
    if labels.dtype.kind not in "ui" or labels.ndim != 1:
        raise InputError(
            f"Expected whole numbers 0 to 9 of shape (N,), got {labels.dtype} of shape "
            f"{labels.shape}. Drop what has no label. Text: labels.astype(int); one-hot: "
            "labels.argmax(-1)."
        )
    if not len(labels):
        raise InputError("No labels given.")
    bad = np.flatnonzero((labels < 0) | (labels >= CLASSES))
    if bad.size:
        raise InputError(
            f"Label {labels[bad[0]]} at index {bad[0]} is not a digit 0 to 9 "
            f"({bad.size} such labels)."
        )
    count = len(labels) if images is None else len(np.atleast_1d(as_array(images, "Images")))
    if count != len(labels):
        raise InputError(f"{count} images, but {len(labels)} labels: give one label for each.")
    return labels


def _as_batch(images):
    images = as_array([] if images is None else images, "Images", size=f"{SIDE}x{SIDE}")
    if images.size == 0:
        raise InputError("No images given.")
    if images.ndim > 2 and images.shape[-1] in (3, 4):
        raise InputError(
            f"These are colour images, shape {images.shape}; the networks read grey ones. "
            "Average the colours first: images[..., :3].mean(axis=-1)."
        )
    if images.shape in [(SIDE, SIDE), IMAGE_SHAPE]:
        images = images.reshape(1, *IMAGE_SHAPE)
    if images.shape[1:] == (SIDE, SIDE):
        images = images[..., np.newaxis]
    if images.shape[1:] != IMAGE_SHAPE:
        raise InputError(
            f"Expected 28x28 images, (N, 28, 28) or (N, 28, 28, 1), got shape {images.shape}. "
            "Rows of 784 pixels, and no more, become that by images.reshape(-1, 28, 28)."
        )
    return images


def warn_if_odd(images, stacklevel=3):
    """Warn whoever called so many functions above of a blank, twice scaled or inverted batch."""
    white = 255 if images.dtype == np.uint8 else 1
    if images.max() < 0.02 * white:
        warnings.warn(
            f"The brightest pixel is {images.max() / white:.4f}: blank, or scaled twice? "
            "Divide by 255 once only.",
            stacklevel=stacklevel,
        )
    elif images.mean() > 0.5 * white:
        warnings.warn(
            f"The mean pixel is {images.mean() / white:.2f}, MNIST's is 0.13: dark ink on bright "
            f"paper? MNIST is bright on dark; use {white} - images.",
            stacklevel=stacklevel,
        )
