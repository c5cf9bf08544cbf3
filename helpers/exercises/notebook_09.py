"""What is right in the exercises of notebook 09."""

import numpy as np

from helpers.exercises.checking import RIGHT
from helpers.training import predict


def _exercise_1(network_b, fooled, y_half):
    """how many of the 500 are read, such as 123."""

    def read(step):
        return (predict(network_b, fooled("B", step)).argmax(axis=1) == y_half).sum()

    right = read(-0.1)
    return [
        (RIGHT, right),
        ("Not yet: that is the step by which the loss grows.", read(0.1)),
        ("Not yet: that is without a step.", read(0)),
        ("Not yet: those are misread. How many are read?", len(y_half) - right),
        ("Not yet: a number of images, not a share.", right / len(y_half)),
        ("Not yet: a number of images, not percent.", 100 * right / len(y_half)),
    ]


def _exercise_2(without, slopes, said):
    """how many of the 200 answers stay, such as 123."""

    def stays(order, count=20):
        return (without(order, count) == said).sum()

    right = stays(abs(slopes))
    return [
        (RIGHT, right),
        ("Not yet: that is with the sign.", stays(slopes)),
        ("Not yet: that is by the smallest sizes first.", stays(-abs(slopes))),
        ("Not yet: after twenty pixels, not ten.", stays(abs(slopes), 10)),
        ("Not yet: those change. How many stay?", len(said) - right),
    ]


def _exercise_3(network_b, uphill, x_half, y_half):
    """a share, such as 0.57."""

    def read(steps, size, most=0.1):
        moved = x_half
        for _ in range(steps):
            ahead = moved + size * uphill(network_b, moved)
            moved = np.clip(np.clip(ahead, x_half - most, x_half + most), 0, 1).astype("float32")
        return (predict(network_b, moved).argmax(axis=1) == y_half).mean()

    right = read(5, 0.04)
    return [
        (RIGHT, right),
        ("Not yet: that is one large step.", read(1, 0.1)),
        ("Not yet: the whole change may be 0.1 at most.", read(5, 0.04, most=1)),
        ("Not yet: those are misread. What share is read?", 1 - right),
        ("Not yet: a share, not a number of images.", right * len(y_half)),
        ("Not yet: as a share, please, such as 0.5 for 50 %.", 100 * right),
    ]
