"""Pictures that are no digits, for a network to learn that it does not know.

D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly detection with outlier exposure", 2019.
"""

import numpy as np
from PIL import Image, ImageDraw

from tools.handwriting.strokes import draw, smooth_curve


def unlike_digits(digits, count, seed):
    """Scribbles, silhouettes and squeezed pairs of `digits` (N, 28, 28): (count, 28, 28) uint8."""
    rng = np.random.default_rng(seed)
    return np.stack([(scribble, silhouette, pair)[i % 3](digits, rng) for i in range(count)])


def scribble(_, rng):
    """Three to six curves through random points."""
    lines = [rng.uniform(0.15, 0.85, (rng.integers(3, 8), 2)) for _ in range(rng.integers(3, 7))]
    ink = draw([smooth_curve(line) for line in lines], 28, rng.uniform(1.5, 3.5), rng)
    return (255 * ink).astype("uint8")


def silhouette(_, rng):
    """A filled shape with an uneven outline."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 16)))
    radii = rng.uniform(15, 40, len(angles))
    outline = 56 + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], -1)
    canvas = Image.new("L", (112, 112))
    ImageDraw.Draw(canvas).polygon([tuple(point) for point in outline], fill=255)
    return np.asarray(canvas.reduce(4))


def pair(digits, rng):
    """Two digits side by side, or one above the other, each half as large as one."""
    first, second = digits[rng.integers(0, len(digits), 2), 4:-4, 4:-4]
    both = np.concatenate([first, second], axis=int(rng.random() < 0.7))
    squeezed = Image.fromarray(both)
    squeezed.thumbnail((20, 20))
    canvas = Image.new("L", (28, 28))
    canvas.paste(squeezed, (4, 4))
    return np.asarray(canvas)
