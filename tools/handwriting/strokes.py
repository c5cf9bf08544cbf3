"""Digits as the paths of a pen, several ways of writing each, and a pen to draw them with.

Each design in `designs.json` is a text of strokes with | between them. A stroke is the points "x,y"
that a smooth curve runs through, or the corners of a sign's lines, in a box from 0,0 at the upper
left to 100,100. They were set by hand for this project.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import PchipInterpolator, make_interp_spline

FILE = Path(__file__).with_name("designs.json")
DESIGNS, SIGNS = json.loads(FILE.read_text("utf-8")).values()


def strokes_of(text):
    """The strokes of a design, or of another text of this form, each an array (points, 2)."""
    return [
        np.array([point.split(",") for point in stroke.split()], dtype=float) / 100
        for stroke in text.split("|")
    ]


def written(design, rng, wobble=0.03):
    """The strokes of a design as somebody's hand would write them, each an array (points, 2)."""
    lean, widen = rng.normal(0, 0.15), np.exp(rng.normal(0, 0.15))
    strokes = []
    for points in strokes_of(DESIGNS[design]):
        points += rng.normal(0, wobble, points.shape)
        points[:, 0] = 0.5 + (points[:, 0] - 0.5) * widen - lean * (points[:, 1] - 0.5)
        strokes.append(smooth_curve(points))
    return strokes


def smooth_curve(points, steps=60):
    """A curve through the points, an array of shape (steps, 2)."""
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T) + 1e-3)]
    degree = min(3, len(points) - 1)
    return make_interp_spline(along, points, k=degree)(np.linspace(0, along[-1], steps))


def draw(strokes, size, pen, rng, uneven=0.15):
    """Ink in [0, 1], float32 of shape (size, size): `pen` wide in pixels, with uneven pressure."""
    scale = 4 if size < 300 else 2
    canvas = Image.new("L", (size * scale, size * scale))
    brush = ImageDraw.Draw(canvas)
    for stroke in strokes:
        knots = 1 + uneven * rng.uniform(-1, 1, 5)
        pressure = PchipInterpolator(np.linspace(0, 1, 5), knots)
        radii = pen * scale / 2 * pressure(np.linspace(0, 1, len(stroke)))
        for (x, y), radius in zip(_closely(stroke * size * scale), np.repeat(radii, 4)):
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(canvas.reduce(scale), dtype="float32") / 255


def _closely(points):
    fine = np.linspace(0, len(points) - 1, 4 * len(points))
    return np.stack([np.interp(fine, np.arange(len(points)), column) for column in points.T], -1)


def written_digits(count, seed):
    """`count` digits of random designs: images (count, 28, 28) uint8, labels (count,)."""
    rng = np.random.default_rng(seed)
    by_digit = [[name for name in DESIGNS if name[0] == str(digit)] for digit in range(10)]
    labels = rng.integers(0, 10, count).astype("uint8")
    images = np.empty((count, 28, 28), dtype="uint8")
    for i, digit in enumerate(labels):
        strokes = [0.15 + 0.7 * stroke for stroke in written(rng.choice(by_digit[digit]), rng)]
        images[i] = 255 * draw(strokes, 28, rng.uniform(1.8, 4), rng)
    return images, labels
