"""Tell the ink of a digit from paper, light, ruled lines, tables and specks.

All pictures here are grey, float32 of shape (height, width) in [0, 1]; masks are boolean arrays
of the same shape.
"""

import numpy as np
from PIL import Image

THUMBNAIL = 64  # pixels, to find out whether the ink is dark or bright
WIDE, NARROW = 1 / 3, 1 / 8  # what is wider than this share of the picture is paper
DARKEST_PAPER = 0.3
FAINT = 0.06  # darkness below which there is no ink
INK_FROM, INK_TO = 0.25, 0.75  # shares of the ink's darkness that become 0 and 1
ON_EDGE = 1 / 12  # share of the picture's outline that a shadow or a table touches
CLOSE = 1 / 12  # share of the picture's side, up to which ink counts as cut at the edge
OUTLINE, AREA = 0.4, 0.6  # shares of the picture's outline and area that strokes cover at most
MARGIN = 1 / 5  # of the picture's longer side, added to a picture that was cut there
MARK = 1 / 4  # share of the picture's longer side that a mark has at least
SPECK = 0.05  # share of the largest piece of ink that another has at least
ALIKE = 0.6  # share of the highest mark's height from which on another one counts
TOUCHING = np.ones((3, 3))  # pixels that meet at a corner hang together


def find_digit(grey):
    """What is darker than paper, the ink of the digit, and the number of marks of like size.

    Without ink the number is 0.
    """
    grey = with_margin(grey)
    darkness = remove_paper(grey)
    if ink_level(darkness) < FAINT:
        return darkness, darkness, 0
    ink = as_ink(darkness)
    ink = np.where(ruled_lines(ink > 0.5), 0, ink)
    if has_mark(ink > 0.5):
        ink = np.where(edge_marks(ink > 0.5), 0, ink)
    return darkness, *keep_digit(ink)


# Paper


def with_margin(grey):
    """Put paper around a digit that fills the picture, for its edge to be free of ink.

    What the outline has less of, of the dark and the bright part, is tried as ink.
    """
    small = resized(grey, THUMBNAIL)
    ink = small < np.mean(np.percentile(small, [5, 95]))
    if border(ink).mean() > 0.5:
        ink = ~ink
    if not fills_frame(ink):
        return grey
    paper = np.median(small[~ink])
    framed = np.pad(grey, round(MARGIN * max(grey.shape)), constant_values=paper)
    return resized(framed, max(grey.shape))


def fills_frame(mask):
    """Whether strokes reach opposite edges, and no mark stays clear of them as on a sheet."""
    if is_scattered(mask) or border(mask).mean() > OUTLINE or mask.mean() > AREA:
        return False
    strokes = reached_edges(mask & ~ruled_lines(mask))
    top, bottom, left, right = reached_edges(mask).any(axis=0)
    return (top and bottom or left and right) and strokes.any(axis=1).all()


def reached_edges(mask):
    """Which large marks come close to which edges: boolean (marks, 4), top, bottom, left, right."""
    from scipy.ndimage import find_objects, label, sum_labels

    labels, count = label(mask, TOUCHING)
    areas = sum_labels(mask, labels, range(1, count + 1))
    boxes = [box for box, area in zip(find_objects(labels), areas) if area > SPECK * areas.max()]
    ends = [[rows.start, -rows.stop, columns.start, -columns.stop] for rows, columns in boxes]
    height, width = mask.shape
    limits = np.array([0, -height, 0, -width]) + CLOSE * np.repeat(mask.shape, 2)
    return np.array(ends).reshape(-1, 4) < limits


def remove_paper(grey):
    """How dark the ink is against the paper around it, 0 to 1; white ink on black likewise.

    What is dark along the picture's edge, such as a shadow or the table, is taken for paper too,
    provided that a mark is left.
    """
    if ink_is_bright(grey):
        grey = 1 - grey
    darkness = against_paper(grey, WIDE)
    hugging = edge_marks(as_ink(darkness) > 0.5)
    if hugging.any():
        finer = np.where(hugging, against_paper(grey, NARROW), darkness)
        if has_mark(as_ink(finer) > 0.5):
            return finer
    return darkness


def against_paper(grey, width):
    """The share of the paper's light that is missing (background division).

    The paper is estimated by a morphological closing, which fills what is darker than its
    surroundings and narrower than `width`, a share of the picture's longer side.
    """
    from scipy.ndimage import gaussian_filter, grey_closing

    reach = int(max(grey.shape) * width)
    beyond = np.pad(gaussian_filter(grey, 2), reach // 2, mode="edge")
    paper = grey_closing(beyond, size=reach)[reach // 2 :, reach // 2 :]
    paper = paper[: grey.shape[0], : grey.shape[1]]
    return np.clip((paper - gaussian_filter(grey, 0.7)) / np.maximum(paper, DARKEST_PAPER), 0, 1)


def ink_level(darkness):
    """How dark the ink is: the median of what is at least half as dark as the darkest."""
    highest = max(1, darkness.size // 2500)  # a few odd pixels aside
    top = np.partition(darkness, -highest, axis=None)[-highest]
    return np.median(darkness[darkness >= top / 2])


def as_ink(darkness):
    """Darkness relative to that of the ink: 0 below a quarter of it, 1 above three quarters."""
    share = darkness / max(ink_level(darkness), 1e-3)
    return np.clip((share - INK_FROM) / (INK_TO - INK_FROM), 0, 1)


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
    """How strong the strokes are that are thinner than a sixteenth of the picture: dark, bright.

    Black-hat and white-hat transform: closing and opening against the picture itself.
    """
    from scipy.ndimage import black_tophat, white_tophat

    reach = max(grey.shape) // 16
    return float(black_tophat(grey, reach).mean()), float(white_tophat(grey, reach).mean())


def away_from_paper(grey, rim=0.06):
    """Difference from a quadratic surface fitted to the grey levels of the rim.

    The fit is by iteratively reweighted least squares with Cauchy weights: marks on the rim
    hardly sway it, as what is far from it weighs little the next time.
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


# Marks


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
    keep = np.flatnonzero(areas > SPECK * areas.max())
    heights = np.array([boxes[i][0].stop - boxes[i][0].start for i in keep])
    kept = np.isin(labels, keep + 1)
    digit = np.where(binary_dilation(kept, iterations=2), ink, 0)
    return digit, int((heights > ALIKE * heights.max()).sum())


def is_scattered(mask, pieces=60):
    """Whether it is many small pieces, or full of holes, as noise is."""
    from scipy.ndimage import label

    labels, count = label(mask, TOUCHING)
    if count == 0 or label(~mask)[1] > pieces:
        return True
    return count > pieces and np.bincount(labels[mask]).max() < 0.1 * mask.sum()


def edge_marks(mask):
    """The marks (connected components) that run along the picture's edge for a twelfth of it."""
    from scipy.ndimage import label

    labels, count = label(mask, TOUCHING)
    contact = np.bincount(border(labels), minlength=count + 1)
    contact[0] = 0
    return (contact >= border(labels).size * ON_EDGE)[labels]


def has_mark(mask):
    """Whether some mark is a quarter as long as the picture, and does not hug its edge."""
    from scipy.ndimage import find_objects, label

    labels, _ = label(mask & ~edge_marks(mask), TOUCHING)
    return any(longer_side(box) >= max(mask.shape) * MARK for box in find_objects(labels))


def _along_edge(box, shape):
    """Whether a box stays in the outer tenth of the picture."""
    return any(
        side.stop < length / 10 or side.start > length * 9 / 10 for side, length in zip(box, shape)
    )


# Ruled lines


def ruled_lines(mask):
    """The lines from edge to edge, upright or level; where strokes cross them is left out."""
    lines = level_lines(mask) | level_lines(mask.T).T
    return lines if has_mark(mask & ~lines) else np.zeros_like(lines)


def level_lines(mask):
    """Lines from the left edge to the right, by up to two degrees aslant."""
    from scipy.ndimage import find_objects, grey_opening, label

    height, width = mask.shape
    runs = grey_opening(mask.astype("uint8"), size=(1, width // 6))
    labels, _ = label(runs, TOUCHING)
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


# Pictures


def border(grey):
    """The outermost pixels of an image, as one row."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def box_of(ink):
    """The rows and columns that hold ink, as two slices."""
    ends = (np.flatnonzero((ink > 0.5).any(axis=axis))[[0, -1]] for axis in (1, 0))
    return tuple(slice(first, last + 1) for first, last in ends)


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
