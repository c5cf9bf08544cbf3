"""What is right in the exercises of notebook 10."""

import numpy as np

from helpers.dataset import load_mnist, train_validation_split
from helpers.exercises.checking import RIGHT


def _exercise_1():
    """two numbers of steps, such as [100, 200]."""
    images = 81_000  # an epoch and a half
    return [
        (RIGHT, [images // 64, images // 256]),
        ("Not yet: these two, the other way round.", [images // 256, images // 64]),
        ("Not yet: 632 is rounded; divide the number of images.", [1264, 316]),
        ("Not yet: those are the steps of one epoch.", [54_000 // 64, 54_000 // 256]),
        ("Not yet: a batch that is not full is left out.", [images / 64, images / 256]),
        ("Not yet: steps, not images.", [64 * (images // 64), 256 * (images // 256)]),
    ]


def _exercise_2(descend):
    """a rate and a distance, such as [0.01, 0.5]."""
    distance = {rate: np.linalg.norm(descend(0.7, rate)[-1]) for rate in (0.01, 0.045, 0.1)}
    nearest = min(distance, key=distance.get)
    along, across = descend(0.7, nearest)[-1]
    alone = {rate: np.linalg.norm(descend(0, rate)[-1]) for rate in distance}
    others = [[rate, distance[rate]] for rate in distance if rate != nearest]
    return [
        (RIGHT, [nearest, distance[nearest]]),
        ("Not yet: do not round, please.", [nearest, round(distance[nearest], 3)]),
        ("Not yet: the rate first.", [distance[nearest], nearest]),
        *(("Not yet: another of the three ends nearer.", other) for other in others),
        ("Not yet: that is without momentum.", [min(alone, key=alone.get), min(alone.values())]),
        ("Not yet: that is along the valley alone.", [nearest, abs(along)]),
        ("Not yet: that is across the valley alone.", [nearest, abs(across)]),
    ]


def _exercise_3(answer, predict, multiply_adds, f_needs):
    """your network, when it has learnt."""
    for layer in answer.layers:
        if not hasattr(layer, "kernel") and any(len(weight.shape) > 1 for weight in layer.weights):
            return f"Not yet: `multiply_adds` does not count {layer.name}. Do without."
    share = multiply_adds(answer) / f_needs
    if share > 0.8:
        return f"Not yet: it takes {share:.2f} times F's multiplications, at most 0.8 are asked."
    _, (x_val, y_val) = train_validation_split(*load_mnist()[0])  # whatever is there now
    right = (predict(answer, x_val).argmax(axis=1) == y_val).mean()
    if right < 0.5:
        return "Not yet: it reads fewer than half of them. Has it learnt?"
    return RIGHT if right >= 0.985 else "Not yet: it reads fewer than 98.5 % of them."
