"""What is right in the exercises of notebook 02."""

import numpy as np

from helpers.exercises.checking import NOT_THESE, RIGHT


def _exercise_1(x):
    """three shapes in a list, such as [(5,), (6, 7), (8, 9, 10)]."""
    one, batch, small = (28, 28, 1), (1, 28, 28, 1), (len(x), 14, 14, 1)
    axis = "Not yet: one of the first two keeps the axis of the batch, the other loses it."
    return [
        (RIGHT, [one, batch, small]),
        ("Not yet: a slice keeps its axis, a single number drops it.", [batch, one, small]),
        (axis, [one, one, small]),
        (axis, [batch, batch, small]),
        ("Not yet: `::2` stands there twice.", [one, batch, (len(x), 14, 28, 1)]),
        ("Not yet: `::2` leaves the images as many as they are.", [one, batch, (14, 14, 1)]),
        (
            "Not yet: `x` has an axis for the channel. Which of the indices takes it away?",
            [shape[:-1] for shape in (one, batch, small)],
        ),
        ("Not yet: how many images has `x`?", [one, batch, (60_000, 14, 14, 1)]),
        ("Not yet: a slice stops before its second number.", [one, (2, 28, 28, 1), small]),
    ]


def _exercise_2(answer, raw, raw_val, learn, accuracy, rates):
    """what `try_all_rates` returns for negatives with SGD: an array of 9 rates by 3 starts."""
    ways = [
        (RIGHT, lambda x: 1 - x / 255, False),
        ("Not yet: that is with Adam. The question is about SGD.", lambda x: 1 - x / 255, True),
        ("Not yet: turned round, but from 0 to 255.", lambda x: 255 - x, False),
        ("Not yet: there the paper is still 0. Turn the pixels round.", lambda x: x / 255, False),
        ("Not yet: those have a minus, but paper is still 0.", lambda x: -x / 255, False),
    ]
    if np.shape(answer) != (len(rates), 3):
        return None
    for word, prepare, adam in ways:
        again = [learn(prepare(raw), rates[i], 0, adam) for i in (2, 3)]  # above, rounding decides
        of_two = [accuracy(weights, prepare(raw_val)) for weights in again]
        if np.allclose(np.asarray(answer)[[2, 3], 0], of_two, rtol=0, atol=0.004):
            return word
    return NOT_THESE


def _exercise_3(answer, raw, raw_val):
    """the function that standardises images, such as `lambda x: x / 255`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        learnt, watched = (np.asarray(answer(x.copy()), dtype=float) for x in (raw, raw_val))
    if learnt.shape != raw.shape or watched.shape != raw_val.shape:
        return None
    mean, deviation = learnt.mean(), learnt.std()
    of_each = [abs(learnt.mean(axis=axis)).max() for axis in (0, 1)]
    if not np.isfinite(learnt).all() or min(of_each) < 0.01:
        return "Not yet: one mean and one deviation of all pixels, not of each pixel or image."
    if abs(255 * deviation - 1) < 0.02:
        return "Not yet: there the pixels were divided by 255, mean and deviation were not."
    if max(abs(mean), abs(deviation - 1)) > 0.02:
        return f"Not yet: it gives `raw` the mean {mean:.2f} and the deviation {deviation:.2f}."
    inky = raw_val.sum(axis=1).argmax()
    if not np.allclose(answer(raw_val[[inky]]), watched[inky], atol=0.01):
        return "Not yet: it takes mean and deviation anew from whatever images it is given."
    if abs(watched.mean()) < min(1e-4, abs(mean)):
        return "Not yet: those are the mean and the deviation of `raw_val`."
    right = (raw - raw.mean()) / raw.std()
    return RIGHT if np.allclose(learnt, right, atol=0.05) else NOT_THESE
