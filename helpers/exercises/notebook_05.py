"""What is right in the exercises of notebook 05."""

import numpy as np

from helpers.evaluation import accuracy_interval
from helpers.exercises.checking import NOT_THESE, RIGHT, _digits, _Near


def _exercise_1(answer, errors):
    """a list of pairs of digits, such as [(0, 1)]."""
    pairs = _digits([answer] if np.shape(answer) == (2,) else list(answer), ("N", 2))
    given = {frozenset(pair) for pair in pairs.tolist()}
    both = errors + errors.T
    most, most_one_way = (
        {frozenset(pair) for pair in np.argwhere(table == table.max()).tolist()}
        for table in (both, errors)
    )
    if given == most:
        return RIGHT
    if given and given < most:
        return "Not yet: there is a tie."
    if any(len(pair) == 1 for pair in given):
        return "Not yet: a digit is not confused with itself."
    if given == most_one_way:
        return "Not yet: that counts one direction alone."
    return NOT_THESE if given and set().union(*given) <= set(range(10)) else None


def _exercise_2(y_test, probabilities):
    """two recalls at 0.99 in a list, that of the 9 first, such as [0.3, 0.4]."""

    def recalls(t):
        return [(probabilities[y_test == digit, digit] >= t).mean() for digit in (9, 2)]

    named = [y_test[probabilities[:, digit] >= 0.99] for digit in (9, 2)]
    precisions = [(y == digit).sum() / max(1, len(y)) for y, digit in zip(named, (9, 2))]
    return [
        (RIGHT, recalls(0.99)),
        ("Not yet: the 9 comes first.", recalls(0.99)[::-1]),
        ("Not yet: those are the precisions.", precisions),
        ("Not yet: those are the recalls at 0.9.", recalls(0.9)),
        ("Not yet: so much is lost. Recall is what is found.", [1 - x for x in recalls(0.99)]),
        ("Not yet: as shares, please, such as 0.3 for 30 %.", [100 * x for x in recalls(0.99)]),
    ]


def _exercise_3(y_test, y_pred, confidence):
    """four shares in a list: refused; right of the rest; the two ends of its interval."""
    answered, is_right = confidence >= 0.9, y_pred == y_test

    def shares(part, right, of):
        ends = accuracy_interval(right.sum(), of.sum())
        return near(part.mean(), right.sum() / of.sum(), *ends)

    def near(*four):  # the two intervals differ by 2e-4
        return [_Near(x, within) for x, within in zip(four, [6e-4, 6e-4, 6e-5, 6e-5])]

    right, every = answered & is_right, np.ones_like(answered)
    refused, share = (~answered).mean(), right.sum() / answered.sum()
    half = 1.96 * np.sqrt(share * (1 - share) / answered.sum())
    textbook = near(refused, share, share - half, share + half)
    on_refused = shares(~answered, ~answered & is_right, ~answered)
    return [
        (RIGHT, shares(~answered, right, answered)),
        ("Not yet: that is the textbook's interval.", textbook),
        ("Not yet: so many it answers.", shares(answered, right, answered)),
        ("Not yet: the rest are fewer than all images.", shares(~answered, right, every)),
        ("Not yet: the refused ones count, too, there.", shares(~answered, is_right, every)),
        ("Not yet: so good it would be on those that it refuses.", on_refused),
    ]
