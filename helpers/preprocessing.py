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
    _refuse_non_numbers(images)
    if images.dtype.kind == "f" and images.size and 0 < images.max() < 2:
        raise InputError(
            f"These images are scaled already: {images.dtype} up to {images.max():.3g}. "
            "Scale them once only. Where a resize overshot 1: np.clip(images, 0, 1)."
        )
    if images.size and (images.min() < 0 or images.max() > 255):
        raise InputError(
            f"Expected values from 0 to 255, got {images.min()} to {images.max()}. "
            "Pass the images as they were stored."
        )
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
    images = _as_batch(images)
    if images.dtype == np.uint8 or images.max() > 1:
        images = scale(images)
    images = images.astype("float32", copy=False)
    check_images(images)
    _warn_if_unlike_mnist(images)
    return images


def one_hot(labels):
    """Labels of shape (N,) to float32 rows of shape (N, 10) with a single 1 each."""
    return np.eye(CLASSES, dtype="float32")[check_labels(labels)]


def check_images(images):
    """Raise `InputError` unless `images` are model input: (N, 28, 28, 1), all in [0, 1]."""
    images = as_array(images, "Images")
    if images.ndim != 4 or images.shape[1:] != IMAGE_SHAPE:
        raise InputError(f"Expected images of shape (N, 28, 28, 1), got {images.shape}.")
    if len(images) == 0:
        raise InputError("No images given: the batch is empty.")
    _refuse_non_numbers(images)
    if images.min() < 0 or images.max() > 1:
        raise InputError(
            f"Model input lies in [0, 1], these images in [{images.min():.3g}, "
            f"{images.max():.3g}]. Use to_model_input(images)."
        )


def check_labels(labels, images=None):
    """Return `labels` as an integer array of shape (N,), or raise `InputError`.

    With `images` given, their number must be that of the labels.
    """
    labels = as_array(labels, "Labels", kinds=EVERY_KIND)
    if labels.dtype.kind not in "ui" or labels.ndim != 1:
        raise InputError(
            f"Expected whole numbers 0 to 9 of shape (N,), got {labels.dtype} of shape "
            f"{labels.shape}. For text use labels.astype(int); for one-hot rows labels.argmax(-1)."
        )
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
    images = as_array([] if images is None else images, "Images", size="28x28")
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
            f"Expected 28x28 images, (N, 28, 28) or (N, 28, 28, 1), got shape {images.shape}."
        )
    return images


def _refuse_non_numbers(images):
    if np.isfinite(images.sum(dtype="float64")):
        return
    odd = ~np.isfinite(np.atleast_1d(images))
    first, count = np.argwhere(odd)[0], odd.sum()
    raise InputError(
        f"Image {first[0]} holds NaN or infinity at {tuple(first[1:].tolist())} "
        f"({count} such pixels). Remove or mend it before training or prediction."
    )


def _warn_if_unlike_mnist(images):
    if images.max() < 0.02:
        warnings.warn(
            f"The brightest pixel is {images.max():.4f}: blank, or scaled twice? "
            "Divide by 255 once only.",
            stacklevel=3,
        )
    elif images.mean() > 0.5:
        warnings.warn(
            f"The mean pixel is {images.mean():.2f}, MNIST's is 0.13: dark ink on bright paper? "
            "MNIST is bright on dark; use 1 - images.",
            stacklevel=3,
        )
