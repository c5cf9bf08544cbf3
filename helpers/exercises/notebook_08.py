"""What is right in the exercises of notebook 08."""

import numpy as np

from helpers.evaluation import calibration_error, paired_test
from helpers.exercises.checking import NOT_THESE, RIGHT


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


def _exercise_2(answer, y_true, probabilities, mended, honest):
    """four pairs (ECE, whether that is beyond chance): with 5 groups as is and with T, then 50."""
    given = np.asarray([list(one) for one in answer], dtype=float).reshape(4, 2)

    def pair(p, bins):
        ece = calibration_error(y_true, p, bins=bins)
        return ece, bool(ece > np.quantile(honest(p, bins=bins), 0.95))

    as_is, with_t = ([pair(p, bins) for bins in (5, 50)] for p in (probabilities, mended))
    right = [as_is[0], with_t[0], as_is[1], with_t[1]]
    with_15 = [calibration_error(y_true, p) for p in (probabilities, mended)] * 2
    same = [(ece, beyond) for ece, (_, beyond) in zip(with_15, right)]
    ways = [
        (RIGHT, right),
        ("Not yet: first both of 5 groups, then both of 50.", as_is + with_t),
        ("Not yet: the second and the fourth are with T.", [x for x in as_is for _ in (0, 1)]),
        ("Not yet: those are with 15 groups. Both functions take `bins`.", same),
        ("Not yet: chance alone also gives more than 0.", [(ece, True) for ece, _ in right]),
        ("Not yet: beyond means above chance.", [(ece, not beyond) for ece, beyond in right]),
    ]  # to four decimals, as printed
    said = (word for word, way in ways if np.allclose(given, way, rtol=0, atol=6e-5))
    return next(said, NOT_THESE)


def _exercise_3(answer, y_true, y_pred, together):
    """what `paired_test` returns for the unlike five, all of seed 0, and the five of C."""
    first, second, p = answer[0], answer[1], float(answer[2])  # p perhaps to two decimals
    alike = together([f"C_{seed}" for seed in range(5)])
    unlike, *others = [together([f"{name}_{seed}" for name in "ABCKS"]) for seed in range(5)]
    six = together([f"{name}_0" for name in "ABCEKS"])
    right, *other_seeds = [paired_test(y_true, some, alike) for some in (unlike, *others)]
    ways = [
        (RIGHT, right),
        ("Not yet: turned round. The unlike five come first.", paired_test(y_true, alike, unlike)),
        ("Not yet: five of C, not one.", paired_test(y_true, unlike, y_pred["C_0"])),
        ("Not yet: E is not among the five.", paired_test(y_true, six, alike)),
        *[("Not yet: that is another seed. Give it with seed 0.", test) for test in other_seeds],
    ]
    said = (word for word, way in ways if way[:2] == (first, second) and abs(p - way[2]) < 0.006)
    return next(said, NOT_THESE)
