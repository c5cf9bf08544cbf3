"""The figures agree with counting by hand and with published tables."""

import math
from collections import Counter
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve

from helpers.errors import InputError
from helpers.evaluation import (
    accuracy_interval,
    calibration_error,
    calibration_table,
    digit_table,
    fit_temperature,
    mean_interval,
    most_confident_mistakes,
    one_vs_rest,
    paired_test,
    with_temperature,
)

digits = st.integers(0, 9)


@pytest.mark.filterwarnings("error")
@given(st.lists(st.tuples(digits, digits), min_size=1, max_size=60))
def test_the_tables_are_counted_as_by_hand(pairs):
    counts, scores = one_vs_rest(*zip(*pairs)), digit_table(*zip(*pairs))
    assert list(counts) == ["TP", "FP", "FN", "TN"]
    assert list(scores) == ["precision", "recall", "F1", "support"]
    for table in counts, scores:
        assert (list(table.index), table.index.name) == (list(range(10)), "digit")
    for digit in range(10):
        kinds = Counter((true == digit, pred == digit) for true, pred in pairs)
        tp, fp, fn = kinds[True, True], kinds[False, True], kinds[True, False]
        precision = tp / (tp + fp) if tp + fp else 0
        recall = tp / (tp + fn) if tp + fn else 0
        f1 = 2 * precision * recall / (precision + recall) if tp else 0
        assert counts.loc[digit].to_list() == [tp, fp, fn, kinds[False, False]]
        assert scores.loc[digit].to_list() == pytest.approx([precision, recall, f1, tp + fn])


def test_the_most_confident_mistakes_are_found_as_by_hand():
    draws = np.random.default_rng(0)
    for count in range(20):
        y_true, weights = draws.integers(0, 10, 15), draws.integers(1, 5, (15, 10))
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        rows = enumerate(probabilities.tolist())
        mistakes = [(-max(row), i) for i, row in rows if row.index(max(row)) != y_true[i]]
        expected = [i for _, i in sorted(mistakes)[:count]]
        assert most_confident_mistakes(y_true, probabilities, count).tolist() == expected


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


def test_the_interval_of_a_mean_is_that_of_the_textbook():
    """G. W. Snedecor's sleep data, printed with R's `t.test(extra)`: drug 2, ten patients."""
    extra_sleep = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    assert mean_interval(extra_sleep) == pytest.approx((0.8976775, 3.7623225), abs=1e-6)
    assert mean_interval([3, 4], confidence=0.5) == pytest.approx((3, 4)), "in half of all cases"


# Two networks on the same images


@given(st.lists(st.tuples(digits, digits, digits), min_size=1, max_size=40))
def test_the_paired_test_is_mcnemars_by_hand(answers):
    y_true, first, second = np.transpose(answers)
    only_first = sum(a == y != b for y, a, b in answers)
    only_second = sum(b == y != a for y, a, b in answers)
    n, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n
    expected = only_first, only_second, min(1, 2 * tail)
    assert paired_test(y_true, first, second) == pytest.approx(expected)


# Calibration


def random_answers(count, sharpness=1.0):
    """Labels, and logarithms of probabilities that are `sharpness` times as sure as they may be."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(count, 10), scale=3)
    chances = with_temperature(logits, 1)
    y_true = (chances.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    return y_true, np.log(chances) * sharpness


@pytest.mark.parametrize("bins", [5, 15])
def test_the_calibration_table_is_scikit_learns(bins):
    y_true, logarithms = random_answers(500)
    probabilities = with_temperature(logarithms, 0.6)
    table = calibration_table(y_true, probabilities, bins)
    right = probabilities.argmax(axis=1) == y_true
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=bins)
    np.testing.assert_allclose(table["accuracy"], accuracy)
    np.testing.assert_allclose(table["confidence"], confidence)
    counts, _ = np.histogram(probabilities.max(axis=1), bins, range=(0, 1))
    assert table["images"].to_list() == counts[counts > 0].tolist()
    expected = np.average(np.abs(accuracy - confidence), weights=counts[counts > 0])
    assert calibration_error(y_true, probabilities, bins) == pytest.approx(expected)
    for _, row in table.iterrows():
        images = round(row["images"])
        interval = accuracy_interval(round(row["accuracy"] * images), images)
        assert (row["low"], row["high"]) == pytest.approx(interval)


@given(arrays("float32", (4, 10), elements=st.floats(-20, 20, width=32)), st.floats(0.2, 5))
def test_temperature_divides_logits(logits, temperature):
    answers = with_temperature(logits, temperature)
    powers = np.exp(logits.astype(float) / temperature)
    np.testing.assert_allclose(answers, powers / powers.sum(axis=1, keepdims=True), atol=1e-9)


@pytest.mark.parametrize("sharpness", [0.15, 0.5, 1.0, 2.0, 8.0])
def test_the_temperature_undoes_false_confidence(sharpness):
    y_true, logarithms = random_answers(20_000, sharpness)
    assert fit_temperature(y_true, logarithms) == pytest.approx(sharpness, rel=0.05)
    some = np.flatnonzero(y_true[:5000] != 7)  # also where a digit never occurs
    assert fit_temperature(y_true[some], logarithms[some]) == pytest.approx(sharpness, rel=0.1)


def test_no_temperature_mends_a_label_of_probability_0():
    y_true, logarithms = random_answers(50, 1.0)
    logarithms[7, y_true[7]] = -np.inf
    with pytest.raises(InputError, match="A label has the probability 0: clip first"):
        fit_temperature(y_true, logarithms)
    logarithms[7, y_true[7]], logarithms[7, y_true[7] - 1] = 0, -np.inf
    assert 0.1 <= fit_temperature(y_true, logarithms) <= 10
