"""`prepare`: from anybody's photo, scan or drawing of one digit to a picture like MNIST's.

MNIST's makers brought the longer side of each digit to 20 pixels, kept the grey levels of the
smoothing, and put the centre of mass in the middle of 28x28 (Y. LeCun, L. Bottou, Y. Bengio and
P. Haffner, "Gradient-based learning applied to document recognition", 1998). `prepare` does the
same, after it has told ink from paper.
"""

from typing import NamedTuple

import numpy as np

from helpers.dataset import BOX, MIDDLE, SIDE
from helpers.handwriting.ink import border, box_of, find_digit, ink_level, longer_side, resized
from helpers.handwriting.picture_files import to_grey, to_pillow

WORKING_SIZE = 176  # pixels of the longer side, in which ink is told from paper
SMALL = WORKING_SIZE / 3  # a digit below this is looked at once more, closer
LOW_CONTRAST = 0.2
STROKE = 0.115  # width of MNIST's strokes, as a share of the digit's longer side
FINE = 4 * BOX  # pixels of the longer side, in which strokes are made thicker


class Prepared(NamedTuple):
    """Model input, every step on the way there, and what to beware of."""

    image: np.ndarray
    steps: dict
    warnings: list

    def __repr__(self):
        return f"Prepared(steps={list(self.steps)}, warnings={self.warnings})"


def prepare(picture):
    """Bring one handwritten digit into MNIST's form, bright ink on a dark ground.

    Parameters
    ----------
    picture : a path, a Pillow image, or an array of shape (height, width[, 1, 3 or 4]); ink and
        paper of any colours

    Returns
    -------
    Prepared
        `image`, float32 of shape (28, 28, 1) in [0, 1]; `steps`, a dict from the name of each
        step to its picture, in order; `warnings`, a list of sentences. Where no ink was found
        the image is all zero, and a warning says so.
    """
    picture = to_pillow(picture)
    grey = to_grey(picture, WORKING_SIZE)
    steps = {"upright grey": grey}
    if is_mnist_like(grey):
        return _finished(bright_ink(grey), steps, [])
    darkness, ink, marks = find_digit(resized(grey, WORKING_SIZE))
    if marks and longer_side(box_of(ink)) < SMALL:
        closer = to_grey(_around(picture, box_of(ink)), WORKING_SIZE)
        darkness, ink, marks = find_digit(resized(closer, WORKING_SIZE))
    steps["paper removed"] = darkness
    if marks == 0:
        nothing = np.zeros((SIDE, SIDE), dtype="float32")
        return _finished(nothing, steps, ["No ink was found: is there a digit in the picture?"])
    warnings = []
    if ink_level(darkness) < LOW_CONTRAST:
        warnings.append("The ink hardly differs from the paper: use a darker pen or more light.")
    if marks > 1:
        warnings.append(f"{marks} marks of like size were found: show one digit at a time.")
    steps["ink"] = ink
    steps["cropped"] = ink[box_of(ink)]
    steps["strokes as in MNIST"] = thicken(steps["cropped"])
    return _finished(center(shrink(steps["strokes as in MNIST"])), steps, warnings)


def is_mnist_like(grey):
    """Whether it is 28x28 already, with a clean ground and a digit of 20 pixels in the middle."""
    from scipy.ndimage import center_of_mass

    if grey.shape != (SIDE, SIDE):
        return False
    ink = bright_ink(grey)
    if ink.max() < 0.9 or np.median(border(ink)) > 0:
        return False
    rows, columns = np.nonzero(ink)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    return BOX - 1 <= longer <= BOX + 1 and np.abs(np.array(center_of_mass(ink)) - MIDDLE).max() < 1


def bright_ink(grey):
    """`grey`, inverted if its border is bright."""
    return 1 - grey if border(grey).mean() > 0.5 else grey


def thicken(ink):
    """Give thin strokes the width that MNIST's have at least, relative to the digit's size."""
    from scipy.ndimage import grey_dilation

    fine = np.pad(resized(ink, FINE), BOX)
    missing = round(STROKE * FINE - stroke_width(fine > 0.5))
    if missing > 0:
        fine = grey_dilation(fine, footprint=disk(missing + 1))
    return fine[box_of(fine)]


def stroke_width(mask):
    """Mean width of the strokes in pixels: twice their area over their outline."""
    from scipy.ndimage import binary_erosion

    outline = mask & ~binary_erosion(mask)
    return 2 * mask.sum() / max(1, outline.sum())


def disk(diameter):
    """A filled circle as a boolean array."""
    across = np.arange(diameter) - (diameter - 1) / 2
    return np.hypot(*np.meshgrid(across, across)) <= diameter / 2


def shrink(ink):
    """Longer side to 20 pixels, each the mean of what it covers; the darkest is 1."""
    small = resized(ink, BOX)
    return small / small.max()


def center(ink):
    """Put the centre of mass in the middle of 28x28, as near as the digit fits."""
    from scipy.ndimage import center_of_mass

    offsets = np.round(MIDDLE - np.array(center_of_mass(ink))).astype(int)
    down, right = np.clip(offsets, 0, SIDE - np.array(ink.shape))
    image = np.zeros((SIDE, SIDE), dtype="float32")
    image[down : down + ink.shape[0], right : right + ink.shape[1]] = ink
    return image


def _around(picture, box):
    """The part of the picture around a box that was found at the working size."""
    scale, margin = max(picture.size) / WORKING_SIZE, longer_side(box)
    (top, bottom), (left, right) = ((side.start - margin, side.stop + margin) for side in box)
    edges = np.array([left, top, right, bottom]) * scale
    return picture.crop(
        np.clip(edges, 0, [*picture.size, *picture.size]).round().astype(int).tolist()
    )


def _finished(image, steps, warnings):
    steps["28x28"] = image
    return Prepared(image.astype("float32")[..., np.newaxis], steps, warnings)
