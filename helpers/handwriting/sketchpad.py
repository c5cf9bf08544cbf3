"""A pad in the notebook: draw a digit with mouse, finger or keys, and see it read at once.

The page (`sketchpad.js`) sends the strokes; here they become a picture and are read. Made with
anywidget, https://anywidget.dev.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets
from PIL import Image, ImageDraw

from helpers.dataset import CLASSES, SIDE
from helpers.errors import InputError, as_list, one_of, shown
from helpers.handwriting.reading import read_digit, shipped_network

SIZE = 280
PEN = 0.09
FINER = 4
BLANK = {"message": "Draw a digit.", "warnings": [], "probabilities": [], "image": b""}


class Strokes(traitlets.TraitType):
    """What is set becomes what `check_strokes` gives, or raises what that does."""

    def validate(self, pad, strokes):
        return check_strokes(strokes)


class Sketchpad(anywidget.AnyWidget):
    """A pad to draw on; `Sketchpad()` as the last line of a cell shows it.

    Parameters
    ----------
    read : takes a uint8 array of shape (280, 280), bright ink on dark, and returns a
        `Reading`; by default `read_digit`

    `pad.strokes` is what was drawn, a list of strokes, each a list of points [x, y] in 0..1 from
    the top left corner. Set it to draw from code (the pad's Undo brings back what was there); bad
    values raise `InputError`. `pad.reading` is the last `Reading`, None while the pad is empty. A
    `read` that raises shows its message.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")

    strokes = Strokes().tag(sync=True)
    pen = traitlets.Float(PEN, read_only=True).tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    warnings = traitlets.List().tag(sync=True)
    probabilities = traitlets.List().tag(sync=True)
    image = traitlets.Bytes().tag(sync=True)
    turn = traitlets.Int().tag(sync=True)
    answered = traitlets.Int().tag(sync=True)

    def __init__(self, read=None, **traits):
        if hasattr(read, "predict_on_batch") or not (read is None or callable(read)):
            raise InputError(
                f"read is a function of a picture, such as read_digit, not {shown(read)}."
            )
        for name in traits:
            one_of(name, "What a Sketchpad is given", ["read", "strokes", "layout"])
        if read is None:
            shipped_network()  # now, so that the first stroke is answered at once
            read = read_digit
        self.read, self.reading = read, None
        super().__init__(**traits)
        self._read_strokes()

    def __repr__(self):
        return f"Sketchpad: {self.message}"

    @traitlets.default("strokes")
    def _nothing_drawn(self):
        return []

    @traitlets.observe("strokes")
    def _read_strokes(self, change=None):
        self.reading, shown = None, BLANK
        if self.strokes:
            try:
                reading = self.read(render(self.strokes))
                self.reading, shown = reading, for_page(reading)
            except Exception as error:  # noqa: BLE001, any fault of a reader is shown
                fault = f"{type(error).__name__}: {error}"
                shown = BLANK | {"message": "The reader failed.", "warnings": [fault]}
        with self.hold_sync():
            for name, value in shown.items():
                setattr(self, name, value)
            self.answered = self.turn

    @traitlets.observe("turn")
    def _answer(self, change):
        self.answered = self.turn  # though the strokes be the same again, as after a quick undo


def for_page(reading):
    """What the page shows of a `Reading`; the picture as 784 bytes, row by row."""
    return {
        "message": in_words(reading),
        "warnings": list(reading.warnings),
        "probabilities": np.asarray_chkfinite(reading.probabilities).reshape(CLASSES).tolist(),
        "image": np.rint(255 * reading.prepared.image.reshape(SIDE, SIDE))
        .astype("uint8")
        .tobytes(),
    }


def in_words(reading):
    """The answer in a few words, such as "Read as 3." or "Not sure: 3 or 8?" (10 % or more)."""
    if reading.digit is None:
        return "No digit found."
    if reading.sure:
        return f"Read as {reading.digit}."
    by_probability = np.argsort(-reading.probabilities, kind="stable")
    likely = [str(digit) for digit in by_probability if reading.probabilities[digit] >= 0.1]
    return f"Not sure: {' or '.join(likely)}?"


def render(strokes):
    """Draw strokes with a round pen: a uint8 array of shape (280, 280), 0 paper to 255 ink.

    A stroke is a list of points [x, y], both in 0..1 from the top left corner; a single point is
    a dot. The pen is 0.09 wide: as wide as MNIST's for a digit as tall as two thirds of the pad.
    """
    side = SIZE * FINER
    canvas = Image.new("L", (side, side))
    draw, radius = ImageDraw.Draw(canvas), PEN / 2 * side
    for stroke in check_strokes(strokes):
        points = [(x * side, y * side) for x, y in stroke]
        draw.line(points, fill=255, width=round(2 * radius))
        for x, y in points:
            draw.ellipse([x - radius, y - radius, x + radius - 1, y + radius - 1], fill=255)
    return np.asarray(canvas.reduce(FINER))


def check_strokes(strokes):
    """Return `strokes` as nested lists of floats, or raise `InputError` for what is no stroke."""
    strokes = as_list(strokes, "Strokes")
    return [_check_stroke(stroke, index) for index, stroke in enumerate(strokes)]


def _check_stroke(stroke, index):
    try:
        points = np.asarray(stroke, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Stroke {index} is not a list of points: {error}. A stroke is [[x, y], [x, y], ...]."
        ) from error
    if points.ndim != 2 or points.shape[1] != 2:
        raise InputError(
            f"Stroke {index} has shape {points.shape}, expected (N, 2): a drawing is a list of "
            "strokes, and a stroke a list of points, [[x, y], [x, y], ...]."
        )
    bad = np.flatnonzero(~((points >= 0) & (points <= 1)).all(axis=1))
    if bad.size:
        raise InputError(
            f"Point {bad[0]} of stroke {index} is {points[bad[0]].tolist()}, but x and y lie in "
            "0..1, from the top left corner of the pad. Divide by the width of your drawing."
        )
    return points.tolist()
