"""From anybody's photo, scan or drawing of one digit to a picture like those of MNIST.

MNIST's makers brought the longer side of each digit to 20 pixels, kept the grey levels of the
smoothing, and put the centre of mass in the middle of 28x28 (Y. LeCun, L. Bottou, Y. Bengio and
P. Haffner, "Gradient-based learning applied to document recognition", 1998). `prepare` does the
same, after it has told ink from paper.
"""

from typing import NamedTuple

import numpy as np

from helpers.paper import (
    TOUCHING,
    as_ink,
    border,
    edge_marks,
    has_mark,
    ink_level,
    longer_side,
    remove_paper,
    resized,
    ruled_lines,
)
from helpers.picture_files import load_picture, to_grey, to_pillow

__all__ = ["Prepared", "load_picture", "prepare"]

WORKING_SIZE = 176
SIDE, BOX, MIDDLE = 28, 20, 14
FAINT, LOW_CONTRAST = 0.06, 0.2
STROKE = 0.115
FINE = 4 * BOX


class Prepared(NamedTuple):
    """Model input, every step on the way there, and what to beware of."""

    image: np.ndarray
    steps: dict
    warnings: list


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
        image = 1 - grey if border(grey).mean() > 0.5 else grey
        return _finished(image, steps, [])
    darkness = remove_paper(resized(grey, WORKING_SIZE))
    ink, marks = find_digit(darkness)
    if marks and longer_side(box_of(ink)) < WORKING_SIZE / 3:
        closer = to_grey(_around(picture, box_of(ink)), WORKING_SIZE)
        darkness = remove_paper(resized(closer, WORKING_SIZE))
        ink, marks = find_digit(darkness)
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
    if grey.shape != (SIDE, SIDE):
        return False
    ink = 1 - grey if border(grey).mean() > 0.5 else grey
    if ink.max() < 0.9 or np.median(border(ink)) > 0:
        return False
    rows, columns = np.nonzero(ink)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    return BOX - 1 <= longer <= BOX + 1 and np.abs(_center_of_mass(ink) - MIDDLE).max() < 1


def find_digit(darkness):
    """The ink of the digit in [0, 1], and the number of marks of like size (0: none found)."""
    if ink_level(darkness) < FAINT:
        return darkness, 0
    ink = as_ink(darkness)
    ink = np.where(ruled_lines(ink > 0.5), 0, ink)
    if has_mark(ink > 0.5):
        ink = np.where(edge_marks(ink > 0.5), 0, ink)
    return keep_digit(ink)


def keep_digit(ink):
    """Keep the strokes of the digit; drop specks, and what lies along the picture's edge."""
    from scipy.ndimage import binary_dilation, find_objects, label, maximum_filter, sum_labels

    mask = ink > 0.5
    if is_scattered(mask):
        return ink, 0
    near = maximum_filter(mask, size=max(ink.shape) // 32)
    labels, count = label(near, TOUCHING)
    areas = sum_labels(mask, labels, range(1, count + 1))
    boxes = find_objects(labels)
    inside = np.array([not _along_edge(box, ink.shape) for box in boxes])
    areas = np.where(inside, areas, 0) if inside.any() else areas
    main = int(areas.argmax())
    keep = [i for i in range(count) if areas[i] > 0.05 * areas[main]]
    heights = [boxes[i][0].stop - boxes[i][0].start for i in keep]
    marks = sum(height > 0.6 * max(heights) for height in heights)
    kept = np.isin(labels, [i + 1 for i in keep])
    return np.where(binary_dilation(kept, iterations=2), ink, 0), marks


def is_scattered(mask, pieces=60):
    """Whether it is many small pieces, or full of holes, as noise is."""
    from scipy.ndimage import label

    labels, count = label(mask, TOUCHING)
    if count == 0 or label(~mask)[1] > pieces:
        return True
    return count > pieces and np.bincount(labels[mask]).max() < 0.1 * mask.sum()


def _along_edge(box, shape):
    """Whether a box stays in the outer tenth of the picture."""
    return any(
        side.stop < length / 10 or side.start > length * 9 / 10 for side, length in zip(box, shape)
    )


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
    offsets = np.round(MIDDLE - _center_of_mass(ink)).astype(int)
    down, right = np.clip(offsets, 0, SIDE - np.array(ink.shape))
    image = np.zeros((SIDE, SIDE), dtype="float32")
    image[down : down + ink.shape[0], right : right + ink.shape[1]] = ink
    return image


def box_of(ink):
    """The rows and columns that hold ink, as two slices."""
    ends = (np.flatnonzero((ink > 0.5).any(axis=axis))[[0, -1]] for axis in (1, 0))
    return tuple(slice(first, last + 1) for first, last in ends)


def _around(picture, box):
    """The part of the picture around a box that was found at the working size."""
    scale, margin = max(picture.size) / WORKING_SIZE, longer_side(box)
    (top, bottom), (left, right) = ((side.start - margin, side.stop + margin) for side in box)
    edges = np.array([left, top, right, bottom]) * scale
    return picture.crop(
        np.clip(edges, 0, [*picture.size, *picture.size]).round().astype(int).tolist()
    )


def _center_of_mass(ink):
    rows, columns = np.indices(ink.shape)
    return np.array([(rows * ink).sum(), (columns * ink).sum()]) / ink.sum()


def _finished(image, steps, warnings):
    steps["28x28"] = image
    return Prepared(image.astype("float32")[..., np.newaxis], steps, warnings)
