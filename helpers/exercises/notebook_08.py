"""What is right in the exercises of notebook 08."""

import numpy as np

from helpers.evaluation import calibration_error, paired_test
from helpers.exercises.checking import RIGHT, _Near


def _exercise_1():
    """a number of images, such as 1234."""
    a, half = 0.992, 0.0005
    images = 1.96**2 * a * (1 - a) / half**2
    return [
        (RIGHT, images),
        ("Not yet: 0.05 is in points. What share is that?", images / 100**2),
        ("Not yet: 68 of 100 lie within that. The factor 1.96 is missing.", images / 1.96**2),
        ("Not yet: without the root, 1.96 is squared, too.", images / 1.96),
        ("Not yet: 0.05 points up *or* down, so on each side.", 4 * images),
    ]


def _exercise_2(y_true, probabilities, mended, honest):
    """four pairs (ECE, whether that is beyond chance): with 5 groups as is and with T, then 50."""

    def error(p, bins=15):
        return _Near(calibration_error(y_true, p, bins=bins), 6e-5)  # four decimals, as printed

    def pair(p, bins):
        ece = error(p, bins)
        return ece, bool(ece.value > np.quantile(honest(p, bins=bins), 0.95))

    as_is, with_t = ([pair(p, bins) for bins in (5, 50)] for p in (probabilities, mended))
    right = [as_is[0], with_t[0], as_is[1], with_t[1]]
    with_15 = [error(p) for p in (probabilities, mended)] * 2
    same = [(ece, beyond) for ece, (_, beyond) in zip(with_15, right)]
    return [
        (RIGHT, right),
        ("Not yet: first both of 5 groups, then both of 50.", as_is + with_t),
        ("Not yet: the second and the fourth are with T.", [x for x in as_is for _ in (0, 1)]),
        ("Not yet: those are with 15 groups. Both functions take `bins`.", same),
        ("Not yet: chance alone also gives more than 0.", [(ece, True) for ece, _ in right]),
        ("Not yet: beyond means above chance.", [(ece, not beyond) for ece, beyond in right]),
    ]


def _exercise_3(y_true, y_pred, together):
    """what `paired_test` returns for the unlike five, all of seed 0, and the five of C."""
    alike = together([f"C_{seed}" for seed in range(5)])
    unlike, *others = [together([f"{name}_{seed}" for name in "ABCKS"]) for seed in range(5)]
    six = together([f"{name}_0" for name in "ABCEKS"])

    def test(first, second):
        *counts, p = paired_test(y_true, first, second)
        return (*counts, _Near(p, 0.006))  # perhaps to two decimals

    return [
        (RIGHT, test(unlike, alike)),
        ("Not yet: turned round. The unlike five come first.", test(alike, unlike)),
        ("Not yet: five of C, not one.", test(unlike, y_pred["C_0"])),
        ("Not yet: E is not among the five.", test(six, alike)),
        *[("Not yet: that is another seed. Give it with seed 0.", test(x, alike)) for x in others],
    ]
