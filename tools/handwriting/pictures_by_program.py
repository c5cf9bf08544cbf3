"""What the parts of the reader are tried on: photos made by program, and images of MNIST's form."""

from itertools import pairwise

import numpy as np
from PIL import Image

from helpers.dataset import SIDE, stand_in
from helpers.handwriting import prepare
from tools.handwriting import make_samples as paint
from tools.handwriting.strokes import draw, smooth_curve, written_digits

SHEET = 200  # pixels of a photo's side
NO_DIGIT = -1
# No digits, each as lines through points; the smiley's are curves, from `make_samples`.
SIGNS = {
    "A": ["0 10 5 0 10 10", "2 6 8 6"],
    "E": ["8 0 1 0 1 10 8 10", "1 5 7 5"],
    "H": ["1 0 1 10", "9 0 9 10", "1 5 9 5"],
    "K": ["1 0 1 10", "8 0 1 6 9 10"],
    "M": ["0 10 2 0 5 7 8 0 10 10"],
    "R": ["1 10 1 0 6 0 9 2 6 5 1 5", "5 5 9 10"],
    "T": ["0 0 10 0", "5 0 5 10"],
    "W": ["0 0 2 10 5 3 8 10 10 0"],
    "X": ["1 0 9 10", "9 0 1 10"],
    "Y": ["1 0 5 5 9 0", "5 5 5 10"],
    "plus": ["0 5 10 5", "5 0 5 10"],
    "triangle": ["5 0 0 10 10 10 5 0"],
    "arrow": ["0 5 10 5", "7 2 10 5 7 8"],
    "house": ["1 10 1 4 5 0 9 4 9 10 1 10", "4 10 4 6 6 6 6 10"],
    "smiley": [],
}


def pictures(images, labels, each):
    """A row for each picture; the images (N, 28, 28, 1) that networks read; the photos among them.

    `images` are not learnt from. Kinds: photo, sign, mnist, shift, turn, shuffled, scikit, drawn.
    """
    import pandas as pd
    from scipy.ndimage import rotate, shift

    rng = np.random.default_rng(0)
    rows, inputs, photos = [], [], {}

    def add(kind, scene, label, image):
        rows.append([kind, scene, label])
        inputs.append(image.reshape(SIDE, SIDE, 1))

    for scene, make in SCENES.items():
        for i in rng.integers(0, len(images), each):
            photos[len(rows)] = camera(make(images[i] / 255, rng), rng)
            add("photo", scene, labels[i], prepare(photos[len(rows)]).image)
    for name in SIGNS:
        for _ in range(each // 5 or 1):
            photos[len(rows)] = camera(on_paper(sign(name, rng), rng), rng)
            add("sign", name, NO_DIGIT, prepare(photos[len(rows)]).image)
    spoilt = {
        "mnist": lambda x: x,
        "shift": lambda x: shift(x, (0, 4), order=1),
        "turn": lambda x: rotate(x, 30, reshape=False, order=1),
        "shuffled": lambda x: rng.permutation(x.ravel()).reshape(x.shape),
    }
    for kind, spoil in spoilt.items():
        for image, label in zip(images[: 5 * each] / 255, labels):
            shown = NO_DIGIT if kind == "shuffled" else label
            add(kind, "", shown, np.clip(spoil(image), 0, 1))
    drawn = written_digits(3 * each, seed=1000)
    for kind, digits in [("scikit", stand_in()[1]), ("drawn", drawn)]:
        for image, label in zip(*digits):
            add(kind, "", label, prepare(image).image)
    table = pd.DataFrame(rows, columns=["kind", "scene", "label"])
    return table, np.stack(inputs).astype("float32"), photos


def ink_of(image, rng, size=(0.45, 0.9), turn=0, width=SHEET):
    """An image (28, 28) in [0, 1] as ink somewhere on a sheet, as a share of whose width 28 pixels
    have a `size` between two bounds."""
    side = round(rng.uniform(*size) * width)
    digit = Image.fromarray((255 * image).astype("uint8")).resize((side, side), Image.BICUBIC)
    sheet = Image.new("L", (width, width))
    reach = 0.4 * side  # of the ink from the middle
    corner = rng.uniform(reach, width - reach, 2) - side / 2
    sheet.paste(digit.rotate(turn, Image.BICUBIC), corner.round().astype(int).tolist())
    return np.clip(2 * (np.asarray(sheet, dtype="float32") / 255 - 0.5) + 0.5, 0, 1)


def sign(name, rng):
    strokes = [np.array(points.split(), dtype=float).reshape(-1, 2) / 10 for points in SIGNS[name]]
    lines = [np.array(pair) for stroke in strokes for pair in pairwise(stroke)]
    lines = lines or [np.array(curve) for curve in paint.SMILEY]
    wobbly = [smooth_curve(0.2 + 0.6 * (x + rng.normal(0, 0.03, x.shape))) for x in lines]
    return draw(wobbly, SHEET, rng.uniform(6, 14), rng)


def on_paper(ink, rng, paper=paint.WHITE, color=paint.BLACK):
    return paint.lit(paint.painted(ink, paper, color), rng)


def on_lines(image, rng):
    paper = paint.ruled(SHEET, 30, np.array([0.65, 0.72, 0.85]), paint.CREAM)
    return paint.painted(ink_of(image, rng), paper, paint.BLUE)


def on_table(image, rng, left_below=20):
    """A sheet on a dark table; with nothing left below, it runs off the picture."""
    scene = np.ones((SHEET, SHEET, 3)) * [0.35, 0.22, 0.14]
    sheet = paint.painted(ink_of(image, rng, width=165), paint.WHITE, paint.BLACK)
    left, bottom = rng.integers(15, 25), SHEET - left_below
    scene[bottom - len(sheet) : bottom, left : left + len(sheet)] = sheet
    return paint.lit(scene, rng)


def cropped(image, rng):
    """Nothing around the digit but a hair's breadth."""
    ink = ink_of(image, rng, (0.9, 0.9))
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    height, width = (slice(max(x[0] - 2, 0), x[-1] + 3) for x in (rows, columns))
    return on_paper(ink[height, width], rng)


CHALKBOARD = np.array([0.12, 0.22, 0.17])
SCENES = {
    "paper": lambda x, rng: on_paper(ink_of(x, rng), rng),
    "pencil": lambda x, rng: on_paper(ink_of(x, rng), rng, paint.CREAM, paint.PENCIL),
    "chalk": lambda x, rng: on_paper(ink_of(x, rng), rng, CHALKBOARD, paint.WHITE),
    "aslant": lambda x, rng: on_paper(ink_of(x, rng, turn=rng.uniform(-25, 25)), rng),
    "small": lambda x, rng: on_paper(ink_of(x, rng, (0.25, 0.3)), rng),
    "shadow": lambda x, rng: paint.shaded(paint.painted(ink_of(x, rng), paint.WHITE, paint.BLUE)),
    "ruled": on_lines,
    "table": on_table,
    "table, cut": lambda x, rng: on_table(x, rng, left_below=0),
    "cropped": cropped,
}


def camera(picture, rng):
    """The picture, a little blurred and grainy, as an array of bytes."""
    from scipy.ndimage import gaussian_filter

    grainy = gaussian_filter(picture, (0.8, 0.8, 0)) + rng.normal(0, 0.015, picture.shape)
    return (255 * np.clip(grainy, 0, 1)).astype("uint8")
