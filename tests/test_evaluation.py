"""The figures agree with counting by hand and with published tables."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.errors import InputError
from helpers.evaluation import (
    accuracy_interval,
    digit_table,
    most_confident_mistakes,
    one_vs_rest,
)

digits = st.integers(0, 9)
pairs = st.lists(st.tuples(digits, digits), min_size=1, max_size=60)


def count_by_hand(pairs, digit):
    tp = fp = fn = tn = 0
    for true, pred in pairs:
        if true == digit and pred == digit:
            tp += 1
        elif pred == digit:
            fp += 1
        elif true == digit:
            fn += 1
        else:
            tn += 1
    return {"TP": tp, "FP": fp, "FN": fn, "TN": tn}


@given(pairs)
def test_one_vs_rest_counts_as_by_hand(pairs):
    table = one_vs_rest(*zip(*pairs))
    assert table.to_dict("index") == {digit: count_by_hand(pairs, digit) for digit in range(10)}
    assert (list(table), table.index.name) == (["TP", "FP", "FN", "TN"], "digit")


@given(pairs)
def test_the_digit_table_follows_from_the_counts(pairs):
    table = digit_table(*zip(*pairs))
    assert (list(table), table.index.name) == (["precision", "recall", "F1", "support"], "digit")
    assert list(table.index) == list(range(10))
    for digit in range(10):
        tp, fp, fn, _ = count_by_hand(pairs, digit).values()
        precision = tp / (tp + fp) if tp + fp else 0
        recall = tp / (tp + fn) if tp + fn else 0
        f1 = 2 * precision * recall / (precision + recall) if tp else 0
        assert table.loc[digit].to_list() == pytest.approx([precision, recall, f1, tp + fn])


@pytest.mark.filterwarnings("error")
def test_a_digit_that_never_occurs_scores_zero_without_a_warning():
    assert digit_table([1, 1], [1, 2]).loc[[0, 2]].to_numpy().tolist() == [[0] * 4] * 2


@given(
    st.integers(1, 60).flatmap(
        lambda count: st.tuples(
            arrays("uint8", count, elements=digits),
            arrays("float32", (count, 10), elements=st.sampled_from([0, 0.25, 0.5, 1])),
        )
    ),
    st.integers(0, 20),
)
def test_the_most_confident_mistakes_are_found_as_by_hand(answers, count):
    y_true, probabilities = answers
    mistakes = []
    for i, row in enumerate(probabilities.tolist()):
        if row.index(max(row)) != y_true[i]:
            mistakes.append((-max(row), i))
    expected = [i for _, i in sorted(mistakes)[:count]]
    assert most_confident_mistakes(y_true, probabilities, count).tolist() == expected


def test_twenty_mistakes_are_shown_unless_told():
    assert len(most_confident_mistakes([1] * 30, np.eye(10)[[2] * 30])) == 20


# Intervals


@given(
    st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_the_interval_is_wilsons(counts, confidence):
    k, n = counts
    p = k / n
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = middle - half, middle + half
    assert accuracy_interval(k, n, confidence) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_newcombes_table(correct, total, low, high):
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert accuracy_interval(correct, total) == pytest.approx((low, high), abs=5e-5)


def test_counts_may_be_numpys():
    right = np.array([True, True, False])
    assert accuracy_interval(right.sum(), np.int64(3)) == accuracy_interval(2, 3)


@pytest.mark.parametrize(
    ("correct", "total"), [(0, 0), (-1, 10), (11, 10), (0.98, 100), (math.nan, 10), (1, math.inf)]
)
def test_what_is_no_count_has_no_interval(correct, total):
    with pytest.raises(InputError, match=f"{correct} correct of {total} is not a count: give"):
        accuracy_interval(correct, total)


# Bad input


@pytest.mark.parametrize(
    ("function", "predictions"),
    [
        (one_vs_rest, [1, 2]),
        (digit_table, [1, 2]),
        (most_confident_mistakes, np.full((2, 10), 0.1)),
    ],
)
def test_both_lengths_are_named_when_they_differ(function, predictions):
    with pytest.raises(InputError, match="3 true labels, but 2 predictions"):
        function([1, 2, 3], predictions)


@pytest.mark.parametrize("function", [one_vs_rest, digit_table])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([1, 10], "Label 10 at index 1"),
        ([1, -1], "Label -1 at index 1"),
        (["1", "2"], r"labels\.astype\(int\)"),
        (np.full((2, 10), 0.1), r"labels\.argmax\(-1\)"),
    ],
)
def test_what_is_no_digit_is_refused_on_both_sides(function, bad, message):
    with pytest.raises(InputError, match=message):
        function(bad, [1, 2])
    with pytest.raises(InputError, match=message):
        function([1, 2], bad)


def test_mistakes_need_digits_as_truth():
    with pytest.raises(InputError, match="one-hot"):
        most_confident_mistakes(np.eye(10), np.eye(10))
