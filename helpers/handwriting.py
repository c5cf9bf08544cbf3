"""From anybody's photo, scan or drawing of one digit to a picture like those of MNIST.

MNIST's makers brought the longer side of each digit to 20 pixels, kept the grey levels of the
smoothing, and put the centre of mass in the middle of 28x28 (Y. LeCun, L. Bottou, Y. Bengio and
P. Haffner, "Gradient-based learning applied to document recognition", 1998). `prepare` does the
same, after it has told ink from paper.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image

from helpers.picture_files import load_picture, to_grey

__all__ = ["Prepared", "load_picture", "prepare"]

WORKING_SIZE = 256
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
    grey = to_grey(picture, WORKING_SIZE)
    steps = {"upright grey": grey}
    if is_mnist_like(grey):
        image = 1 - grey if border(grey).mean() > 0.5 else grey
        return _finished(image, steps, [])
    darkness = remove_paper(resized(grey, WORKING_SIZE))
    steps["paper removed"] = darkness
    level = ink_level(darkness)
    if level < FAINT:
        return _blank(steps)
    warnings = []
    if level < LOW_CONTRAST:
        warnings.append("The ink hardly differs from the paper: use a darker pen or more light.")
    ink = np.clip((darkness / level - 0.25) / 0.5, 0, 1)
    kept, marks = keep_digit(ink)
    if marks == 0:
        return _blank(steps)
    if marks > 1:
        warnings.append(f"{marks} marks of like size were found: show one digit at a time.")
    steps["ink"] = ink
    steps["cropped"] = cropped(kept)
    return _finished(center(shrink(thicken(cropped(kept)))), steps, warnings)


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


def border(grey):
    """The outermost pixels of an image, as one row."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def remove_paper(grey):
    """How much darker than the paper around it each pixel is; brighter for white ink on black."""
    from scipy.ndimage import gaussian_filter, grey_closing

    smooth = gaussian_filter(grey, 1)
    if ink_is_bright(smooth):
        smooth = 1 - smooth
    paper = grey_closing(smooth, size=max(grey.shape) // 3)
    return paper - smooth


def ink_is_bright(grey):
    """Whether what stands out from a smooth paper is brighter than it.

    The paper is a curved surface fitted to the outer part of the picture.
    """
    away = grey - paper_surface(grey)
    low, high = np.percentile(away, [1, 99])
    return high > -low


def paper_surface(grey, rim=0.15):
    """A quadratic surface fitted to the grey levels of the rim, little swayed by marks on it."""
    height, width = grey.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    outer = (np.maximum(abs(x), abs(y)) > 1 - 2 * rim).ravel()
    values, fit = grey.ravel()[outer], terms[outer]
    weights = np.ones(len(values))
    for _ in range(5):
        root = np.sqrt(weights)
        surface, *_ = np.linalg.lstsq(fit * root[:, None], values * root, rcond=None)
        off = np.abs(values - fit @ surface)
        weights = 1 / (1 + (off / (np.median(off) + 0.01)) ** 2)
    return (terms @ surface).reshape(grey.shape)


def ink_level(darkness):
    """How dark the ink is: the median of what is at least half as dark as the darkest."""
    top = np.percentile(darkness, 99.7)
    return np.median(darkness[darkness >= top / 2])


def keep_digit(ink):
    """Keep the strokes of the digit; drop specks, and what lies along the picture's edge.

    Returns the ink kept and the number of marks of like size (0: nothing but noise).
    """
    from scipy.ndimage import binary_dilation, find_objects, grey_dilation, label, sum_labels

    mask = ink > 0.5
    if not mask.any():
        return ink, 0
    reach = max(ink.shape) // 32
    near = grey_dilation(mask.astype("uint8"), size=(reach, reach))
    labels, count = label(near, np.ones((3, 3)))
    areas = sum_labels(mask, labels, range(1, count + 1))
    boxes = find_objects(labels)
    inside = np.array([not _along_edge(box, ink.shape) for box in boxes])
    if inside.any():
        areas = np.where(inside, areas, 0)
    main = int(areas.argmax())
    keep = [i for i in range(count) if areas[i] > 0.05 * areas[main]]
    sizes = [max(side.stop - side.start for side in boxes[i]) for i in keep]
    marks = sum(size > 0.6 * max(sizes) for size in sizes)
    kept = np.isin(labels, [i + 1 for i in keep])
    return np.where(binary_dilation(kept, iterations=2), ink, 0), marks


def _along_edge(box, shape):
    """Whether a box touches an edge of the picture and stays in its outer tenth."""
    for side, length in zip(box, shape):
        if side.stop < length / 10 or side.start > length * 9 / 10:
            return True
    return False


def cropped(ink):
    """The part of the picture that holds ink."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def thicken(ink):
    """Give thin strokes the width that MNIST's have at least, relative to the digit's size."""
    from scipy.ndimage import grey_dilation

    fine = np.pad(resized(ink, FINE), BOX)
    missing = round(STROKE * FINE - stroke_width(fine > 0.5))
    if missing > 0:
        fine = grey_dilation(fine, footprint=disk(missing + 1))
    return cropped(fine)


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


def resized(grey, longer):
    """Bring the longer side to so many pixels, with antialiasing."""
    factor = longer / max(grey.shape)
    height, width = (max(1, round(side * factor)) for side in grey.shape)
    picture = Image.fromarray(np.asarray(grey, dtype="float32"))
    scaled = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
    return np.clip(scaled, 0, 1)


def _center_of_mass(ink):
    rows, columns = np.indices(ink.shape)
    return np.array([(rows * ink).sum(), (columns * ink).sum()]) / ink.sum()


def _finished(image, steps, warnings):
    steps["28x28"] = image
    return Prepared(image.astype("float32")[..., np.newaxis], steps, warnings)


def _blank(steps):
    nothing = np.zeros((SIDE, SIDE), dtype="float32")
    return _finished(nothing, steps, ["No ink was found: is there a digit in the picture?"])
