"""What the parts of the reader are tried on: photos made by program, and images of MNIST's form."""

from itertools import pairwise

import numpy as np
import pandas as pd
from PIL import Image
from scipy.ndimage import rotate, shift

from helpers.dataset import SIDE, stand_in
from helpers.handwriting import prepare
from helpers.handwriting.ink import box_of
from tools.handwriting import make_samples as paint
from tools.handwriting.strokes import SIGNS, draw, smooth_curve, strokes_of, written_digits

SHEET = 200  # pixels of a photo's side
NO_DIGIT = -1


def pictures(images, labels, each):
    """A row for each picture; the images (N, 28, 28, 1) that networks read; the photos among them.

    `images` are not learnt from. Kinds: photo, sign, mnist, shift, turn, shuffled, scikit, drawn.
    """
    rng = np.random.default_rng(0)
    rows, inputs, photos = [], [], {}

    def add(kind, scene, label, image):
        rows.append([kind, scene, label])
        inputs.append(image.reshape(SIDE, SIDE, 1))

    for scene, make in SCENES.items():
        for i in rng.integers(0, len(images), each):
            photos[len(rows)] = paint.camera(make(images[i] / 255, rng), rng)
            add("photo", scene, labels[i], prepare(photos[len(rows)]).image)
    for name in SIGNS:
        for _ in range(each // 5 or 1):
            photos[len(rows)] = paint.camera(on_paper(sign(name, rng), rng), rng)
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
    curves = strokes_of(SIGNS[name])
    if name != "smiley":
        curves = [np.array(ends) for corners in curves for ends in pairwise(corners)]
    wobbly = [smooth_curve(0.2 + 0.6 * (x + rng.normal(0, 0.03, x.shape))) for x in curves]
    return draw(wobbly, SHEET, rng.uniform(6, 14), rng)


def on_paper(ink, rng, paper=paint.WHITE, color=paint.BLACK, light=paint.lit):
    return light(paint.painted(ink, paper, color), rng)


def on_table(image, rng, left_below=20):
    """A sheet on a dark table; with nothing left below, it runs off the picture."""
    sheet = paint.painted(ink_of(image, rng, width=165), paint.WHITE, paint.BLACK)
    left = rng.integers(15, 25)
    return paint.lit(paint.on_table(sheet, SHEET, left, bottom=SHEET - left_below), rng)


def cropped(image, rng):
    """Nothing around the digit but a hair's breadth."""
    ink = ink_of(image, rng, (0.9, 0.9))
    height, width = (slice(max(side.start - 2, 0), side.stop + 2) for side in box_of(ink > 0.5))
    return on_paper(ink[height, width], rng)


RULED = paint.ruled(SHEET, 30)
SCENES = {
    "paper": lambda x, rng: on_paper(ink_of(x, rng), rng),
    "pencil": lambda x, rng: on_paper(ink_of(x, rng), rng, paint.CREAM, paint.PENCIL),
    "chalk": lambda x, rng: on_paper(ink_of(x, rng), rng, paint.BOARD, paint.WHITE),
    "aslant": lambda x, rng: on_paper(ink_of(x, rng, turn=rng.uniform(-25, 25)), rng),
    "small": lambda x, rng: on_paper(ink_of(x, rng, (0.25, 0.3)), rng),
    "shadow": lambda x, rng: on_paper(ink_of(x, rng), rng, color=paint.BLUE, light=paint.shaded),
    "ruled": lambda x, rng: paint.painted(ink_of(x, rng), RULED, paint.BLUE),
    "table": on_table,
    "table, cut": lambda x, rng: on_table(x, rng, left_below=0),
    "cropped": cropped,
}
