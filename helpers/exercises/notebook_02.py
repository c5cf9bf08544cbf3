"""What is right in the exercises of notebook 02."""

import numpy as np

from helpers.exercises.checking import RIGHT


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
    return _word_on_table(answer, ways, raw, raw_val, learn, accuracy, rates)


def _exercise_3(answer, raw, raw_val, learn, accuracy, rates):
    """what `try_all_rates` returns for standardised pixels: an array of 9 rates by 3 starts."""
    mean, deviation = raw.mean(), raw.std()
    ways = [
        (RIGHT, lambda x: (x - mean) / deviation, False),
        ("Not yet: that is with Adam. SGD was asked.", lambda x: (x - mean) / deviation, True),
        ("Not yet: the mean is gone, the deviation is not yet 1.", lambda x: x - mean, False),
        ("Not yet: the deviation is 1, the mean is not yet 0.", lambda x: x / deviation, False),
        ("Not yet: that is dividing by 255, the other side.", lambda x: x / 255, False),
    ]
    return _word_on_table(answer, ways, raw, raw_val, learn, accuracy, rates)


def _word_on_table(table, ways, raw, raw_val, learn, accuracy, rates):
    """The word on the way whose trainings gave this table: two of them are repeated."""
    for word, prepare, adam in ways:
        again = [learn(prepare(raw), rates[i], 0, adam) for i in (3, 5)]
        scores = [accuracy(weights, prepare(raw_val)) for weights in again]
        if np.shape(table) == (len(rates), 3) and np.allclose(table[[3, 5], 0], scores, atol=0.004):
            return word
    return None
