"""What is right in the exercises of notebook 01."""

import numpy as np

from helpers.exercises.checking import NOT_THESE, RIGHT, _digits, _matches


def _exercise_1(x_train, y_train):
    """two digits in a list, that with the most ink first, such as [8, 9]."""
    ink = [x_train[y_train == digit].mean() for digit in range(10)]
    most, least = np.argmax(ink), np.argmin(ink)
    often = np.bincount(y_train, minlength=10)
    return [
        (RIGHT, [most, least]),
        ("Not yet: the digit with the most ink first.", [least, most]),
        ("Not yet: those are the two means. Which digits have them?", [max(ink), min(ink)]),
        ("Not yet: those have the most and the fewest images.", [often.argmax(), often.argmin()]),
    ]


def _exercise_2(x_learn, y_learn, x_held, y_held, means, read_by_nearest_mean):
    """three shares in a list, from 100, 300 and 1,000 images, such as [0.3, 0.4, 0.5]."""
    scores, of_its_own, of_2000 = [], [], []
    for n in [100, 300, 1000]:
        images, labels = x_learn[:n], y_learn[:n]
        few = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
        is_right = read_by_nearest_mean(x_held, few) == y_held
        scores.append(is_right.mean())
        of_2000.append(is_right[:2000].mean())
        of_its_own.append((read_by_nearest_mean(images, few) == labels).mean())
    of_all = (read_by_nearest_mean(x_held, means) == y_held).mean()
    return [
        (RIGHT, scores),
        ("Not yet: from 100 images first, then 300, then 1,000.", scores[::-1]),
        ("Not yet: give shares, from 0 to 1.", [100 * score for score in scores]),
        ("Not yet: so many it reads. What share is that?", [len(y_held) * x for x in scores]),
        ("Not yet: those are of the first 2,000 alone. Score all of `x_held`.", of_2000),
        ("Not yet: those score the images that the means come from.", of_its_own),
        ("Not yet: those are the means of all of `x_learn`, each time.", [of_all] * 3),
    ]


def _exercise_3(answer, x_learn, y_learn, x_new, y_new, ranking, flat):
    """the 2,000 digits that your reader answers, an array."""
    if np.shape(answer) != y_new.shape and not 0 <= answer <= 1:
        return None
    a, b = x_new.astype("float32"), flat(x_learn[:5000])
    products = a @ b.T
    distances = (b**2).sum(axis=1) - 2 * products  # the square of `a` would move a whole row
    nearest = distances.argmin(axis=1)
    ways = [
        (RIGHT, y_learn[nearest]),
        ("Not yet: those are places in `x_learn`. Which digits stand there?", nearest),
        ("Not yet: those are the farthest.", y_learn[distances.argmax(axis=1)]),
        ("Not yet: those are the nearest of all of `x_learn`.", y_learn[ranking[:, 0]]),
        ("Not yet: without `b @ b`, the brightest are nearest.", y_learn[products.argmax(axis=1)]),
    ]
    if _matches(answer, (y_learn[nearest] == y_new).mean()):
        return "Not yet: that is the score. Give the digits."
    answer = _digits(answer, y_new.shape)
    same = [np.mean(answer == value) for _, value in ways]  # rounding may decide a few
    if max(same) > 0.998:
        return ways[np.argmax(same)][0]
    if np.mean(answer == y_new) < 0.3:
        return "Not yet: a guess is right nearly as often. Did you take floats?"
    return NOT_THESE
