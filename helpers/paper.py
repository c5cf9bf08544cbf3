"""Tell ink from paper: uneven light, shadows, ruled lines, tables, and white ink on black.

All pictures here are grey, float32 of shape (height, width) in [0, 1].
"""

import numpy as np
from PIL import Image

THUMBNAIL = 64
DARKEST_PAPER = 0.3
TOUCHING = np.ones((3, 3))


def remove_paper(grey):
    """How dark the ink is against the paper around it, 0 to 1; white ink on black likewise.

    What is dark along the picture's edge, such as a shadow or the table, is taken for paper too,
    provided that a mark is left.
    """
    if ink_is_bright(grey):
        grey = 1 - grey
    darkness = against_paper(grey, max(grey.shape) // 3)
    hugging = edge_marks(as_ink(darkness) > 0.5)
    if hugging.any():
        finer = np.where(hugging, against_paper(grey, max(grey.shape) // 8), darkness)
        if has_mark(as_ink(finer) > 0.5):
            return finer
    return darkness


def against_paper(grey, reach):
    """The share of the paper's light that is missing; paper is what is wider than `reach`."""
    from scipy.ndimage import gaussian_filter, grey_closing

    beyond = np.pad(gaussian_filter(grey, 2), reach // 2, mode="edge")
    paper = grey_closing(beyond, size=reach)[reach // 2 :, reach // 2 :]
    paper = paper[: grey.shape[0], : grey.shape[1]]
    return np.clip((paper - gaussian_filter(grey, 0.7)) / np.maximum(paper, DARKEST_PAPER), 0, 1)


def ink_level(darkness):
    """How dark the ink is: the median of what is at least half as dark as the darkest."""
    highest = max(1, darkness.size // 2500)
    top = np.partition(darkness, -highest, axis=None)[-highest]
    return np.median(darkness[darkness >= top / 2])


def as_ink(darkness):
    """Darkness relative to that of the ink: 0 below a quarter of it, 1 above three quarters."""
    return np.clip((darkness / max(ink_level(darkness), 1e-3) - 0.25) / 0.5, 0, 1)


def ink_is_bright(grey):
    """Whether what stands out from a smooth paper is brighter than it.

    The paper is a curved surface fitted to the picture's rim. Thin marks decide where that fits
    badly, or where what stands out is as solid as a sheet of paper on a table.
    """
    from scipy.ndimage import distance_transform_edt

    grey = resized(grey, THUMBNAIL)
    away = away_from_paper(grey)
    low, high = np.percentile(away, [1, 99])
    bright = bool(high > -low)
    clean = np.mean(np.abs(border(away)) < max(0.05, (high - low) / 4)) > 0.8
    standing_out = away > high / 2 if bright else away < low / 2
    solid = distance_transform_edt(standing_out).max() > THUMBNAIL / 5
    if clean and not solid and standing_out.mean() < 0.45:
        return bright
    dark, light = thin_marks(grey)
    return light > dark if max(dark, light) > 1.5 * min(dark, light) else bright


def thin_marks(grey):
    """How strong the strokes are that are thinner than a sixteenth of the picture: dark, bright."""
    from scipy.ndimage import grey_closing, grey_opening

    reach = max(grey.shape) // 16
    dark, light = grey_closing(grey, reach) - grey, grey - grey_opening(grey, reach)
    return float(dark.mean()), float(light.mean())


def away_from_paper(grey, rim=0.06):
    """Difference from a quadratic surface fitted to the grey levels of the rim.

    Marks on the rim hardly sway the fit: what is far from it weighs little the next time.
    """
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
    return grey - (terms @ surface).reshape(grey.shape)


def edge_marks(mask):
    """The marks that run along the picture's edge for a twelfth of it or more."""
    from scipy.ndimage import label

    labels, count = label(mask, TOUCHING)
    contact = np.bincount(border(labels), minlength=count + 1)
    contact[0] = 0
    return (contact >= border(labels).size / 12)[labels]


def has_mark(mask):
    """Whether some mark is a quarter as long as the picture, and does not hug its edge."""
    from scipy.ndimage import find_objects, label

    labels, _ = label(mask & ~edge_marks(mask), TOUCHING)
    return any(longer_side(box) >= max(mask.shape) / 4 for box in find_objects(labels))


def ruled_lines(mask):
    """The lines from edge to edge, upright or level; where strokes cross them is left out."""
    lines = level_lines(mask) | level_lines(mask.T).T
    return lines if has_mark(mask & ~lines) else np.zeros_like(lines)


def level_lines(mask):
    """Lines from the left edge to the right, by up to two degrees aslant."""
    from scipy.ndimage import find_objects, grey_opening, label

    height, width = mask.shape
    runs = grey_opening(mask.astype("uint8"), size=(1, width // 6))
    labels, count = label(runs, TOUCHING)
    spans = [
        number
        for number, (rows, columns) in enumerate(find_objects(labels), 1)
        if columns.stop - columns.start > 0.85 * width and rows.stop - rows.start < height / 12
    ]
    lines = np.isin(labels, spans)
    rest = mask & ~lines
    if len(spans) < 2 and not (
        _rows(rest)[0] < _rows(lines)[0] <= _rows(lines)[-1] < _rows(rest)[-1]
    ):
        return np.zeros_like(mask)
    if not spans:
        return lines
    thick = int(np.median(lines.sum(axis=0))) // len(spans)
    return lines & (grey_opening(mask.astype("uint8"), size=(thick + 4, 1)) == 0)


def _rows(mask):
    return np.flatnonzero(mask.any(axis=1)) if mask.any() else np.array([0])


def border(grey):
    """The outermost pixels of an image, as one row."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def longer_side(box):
    """The longer side of a pair of slices."""
    return max(side.stop - side.start for side in box)


def resized(grey, longer):
    """Bring the longer side to so many pixels, with antialiasing."""
    factor = longer / max(grey.shape)
    height, width = (max(1, round(side * factor)) for side in grey.shape)
    picture = Image.fromarray(np.asarray(grey, dtype="float32"))
    scaled = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
    return np.clip(scaled, 0, 1)
