"""Digits as the paths of a pen, several ways of writing each, and a pen to draw them with.

Each design is a text of strokes with | between them. A stroke is the points "x,y" that a smooth
curve runs through, in a box from 0,0 at the upper left to 100,100. They were set by hand for this
project.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import PchipInterpolator, make_interp_spline

DESIGNS = {
    "0": "55,2 28,14 18,50 28,86 50,98 74,86 84,50 74,14 52,3",
    "0 open": "62,10 35,10 20,50 35,93 65,92 80,50 66,8 50,0",
    "0 looped": "30,12 50,16 72,10 86,40 70,90 40,97 16,60 30,16 52,2 66,14",
    "1": "50,0 50,50 49,100",
    "1 flag": "34,24 44,13 54,0 | 54,0 53,50 52,100",
    "1 long flag": "12,48 36,25 60,0 | 60,0 60,50 58,100",
    "1 foot": "30,22 42,12 52,0 | 52,0 52,50 50,98 | 22,99 50,98 80,97",
    "1 long flag and foot": "16,40 36,24 55,0 | 55,0 54,50 54,98 | 15,98 50,97 92,99",
    "1 hook": "30,34 40,30 50,12 55,0 | 55,0 54,60 56,90 64,100",
    "2": "16,26 32,5 64,4 80,24 66,52 38,80 14,98 | 14,98 50,97 90,95",
    "2 looped": "20,20 45,2 75,18 66,50 36,85 20,93 16,82 30,78 50,90 72,98 92,90",
    "2 swan": "14,30 30,6 62,3 80,25 60,60 20,94 | 20,94 42,88 66,97 92,93",
    "3": "20,14 45,0 74,14 70,36 42,46 | 42,46 76,54 84,78 56,99 16,88",
    "3 flat": "20,3 50,2 82,2 | 82,2 62,22 44,40 | 44,40 76,48 84,76 54,99 16,88",
    "3 looped": "22,12 50,0 76,16 62,42 42,50 46,44 76,56 80,84 50,99 20,86",
    "4 open": "22,4 18,30 14,58 | 14,58 50,57 88,54 | 72,8 70,50 68,100",
    "4 closed": "66,0 40,34 10,66 | 10,66 50,66 94,65 | 66,0 66,50 65,100",
    "4 leaning": "45,0 30,30 12,62 | 12,62 50,60 90,56 | 64,34 56,66 46,100",
    "4 curved": "20,4 14,36 30,52 60,48 82,38 | 82,2 80,50 74,100",
    "5": "30,3 27,22 24,44 | 24,44 52,38 80,54 80,80 52,99 16,90 | 30,3 55,3 84,1",
    "5 loose bar": "28,10 25,26 22,46 | 22,46 50,40 76,56 74,84 48,99 14,90 | 40,4 60,3 90,0",
    "5 in one": "84,2 56,5 36,8 30,30 32,44 60,42 78,64 62,94 34,98 14,88",
    "6": "70,2 42,20 22,60 30,92 60,98 80,76 64,52 36,58 24,74",
    "6 straight": "40,0 28,36 20,76 42,99 74,90 78,66 54,54 24,72",
    "7": "14,4 50,4 86,2 | 86,2 64,44 46,72 38,100",
    "7 crossed": "14,5 50,4 84,2 | 84,2 60,50 42,100 | 34,52 55,50 80,48",
    "7 serif": "14,20 15,10 17,4 | 17,4 50,6 86,3 | 86,3 62,46 50,100",
    "7 serif and crossed": "12,22 14,12 16,5 | 16,5 42,10 62,6 84,1 | "
    "84,1 58,50 40,100 | 26,52 52,50 82,46",
    "8": "72,14 48,1 26,18 40,42 68,60 74,86 48,99 24,84 34,58 62,40 74,18 66,7",
    "8 rings": "52,46 28,34 32,10 54,1 74,16 70,38 50,46 | "
    "50,46 22,62 24,90 52,99 80,86 76,60 50,46",
    "9": "74,16 46,2 24,22 36,46 64,40 75,14 | 75,12 72,55 68,100",
    "9 hook": "76,20 50,2 26,20 36,46 62,44 76,20 | 76,20 78,60 70,90 46,99 22,90",
    "9 curved": "70,10 42,4 24,28 42,50 68,36 74,12 74,50 58,84 32,100",
}


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
