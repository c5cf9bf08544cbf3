"""The figures agree with counting by hand and with published tables."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

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


@pytest.mark.parametrize(
    ("correct", "total"), [(0, 0), (-1, 10), (11, 10), (0.98, 100), (math.nan, 10), (1, math.inf)]
)
def test_what_is_no_count_has_no_interval(correct, total):
    with pytest.raises(InputError, match=f"{correct} correct of {total} is not a count: give"):
        accuracy_interval(correct, total)


@pytest.mark.parametrize("confidence", [95, 0, 1, -0.5, math.nan])
def test_a_confidence_in_percent_is_refused(confidence):
    for interval, values in [(accuracy_interval, (9, 10)), (mean_interval, ([1, 2],))]:
        with pytest.raises(InputError, match=f"such as 0.95, is a number .* not {confidence}"):
            interval(*values, confidence)


def test_the_interval_of_a_mean_is_that_of_the_textbook():
    """G. W. Snedecor's sleep data, printed with R's `t.test(extra)`: drug 2, ten patients."""
    extra_sleep = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    assert mean_interval(extra_sleep) == pytest.approx((0.8976775, 3.7623225), abs=1e-6)


def test_the_interval_of_a_mean_holds_the_truth_as_often_as_it_says():
    samples = np.random.default_rng(0).normal(3, 2, (4000, 5))
    for confidence in [0.5, 0.95]:
        low, high = np.transpose([mean_interval(sample, confidence) for sample in samples])
        assert np.mean((low < 3) & (high > 3)) == pytest.approx(confidence, abs=0.02)


def test_equal_measurements_have_an_interval_without_width():
    assert mean_interval([0.5, 0.5]) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[0.9], [], [[0.9, 0.8]], [0.9, math.nan], [0.9, math.inf]])
def test_what_has_no_spread_has_no_interval(values):
    with pytest.raises(InputError, match="two finite measurements or more"):
        mean_interval(values)


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


@pytest.mark.parametrize("place", range(3))
def test_the_paired_test_refuses_what_is_no_pair(place):
    three = [[1, 2], [1, 2], [1, 2]]
    for bad, message in [([1, 2, 3], "true labels, but"), ([1, 10], "Label 10 at index 1")]:
        with pytest.raises(InputError, match=message):
            paired_test(*[bad if i == place else part for i, part in enumerate(three)])


# Calibration


def random_answers(count, sharpness=1.0, seed=0):
    """Labels, and logarithms of probabilities that are `sharpness` times as sure as they may be."""
    rng = np.random.default_rng(seed)
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
    assert table["images"].sum() == 500
    for _, row in table.iterrows():
        images = round(row["images"])
        interval = accuracy_interval(round(row["accuracy"] * images), images)
        assert (row["low"], row["high"]) == pytest.approx(interval)


def test_the_calibration_error_by_hand():
    y_true = [1, 1, 1, 1]
    probabilities = np.zeros((4, 10))
    probabilities[:, 1] = [0.9, 0.9, 0.4, 0.4]
    probabilities[:, 2] = [0.1, 0.1, 0.6, 0.6]
    assert calibration_error(y_true, probabilities, bins=2) == pytest.approx(abs(0.5 - 0.75))
    assert calibration_error(y_true, probabilities) == pytest.approx((0.1 + 0.6) / 2)


@given(arrays("float32", (4, 10), elements=st.floats(-20, 20, width=32)), st.floats(0.2, 5))
def test_temperature_divides_logits(logits, temperature):
    answers = with_temperature(logits, temperature)
    powers = np.exp(logits.astype(float) / temperature)
    np.testing.assert_allclose(answers, powers / powers.sum(axis=1, keepdims=True), atol=1e-9)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0])
def test_the_temperature_undoes_false_confidence(sharpness):
    y_true, logarithms = random_answers(20_000, sharpness)
    temperature = fit_temperature(y_true, logarithms)
    assert temperature == pytest.approx(sharpness, rel=0.05)
    losses = [
        log_loss(y_true, with_temperature(logarithms, t), labels=range(10))
        for t in [temperature / 1.1, temperature, temperature * 1.1]
    ]
    assert losses[1] == min(losses)


def test_the_temperature_is_fitted_where_a_digit_never_occurs():
    y_true, logarithms = random_answers(5000)
    some = y_true != 7
    assert fit_temperature(y_true[some], logarithms[some]) == pytest.approx(1, rel=0.1)


# Bad input


@pytest.mark.parametrize(
    "function", [calibration_table, calibration_error, most_confident_mistakes]
)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.full((2, 10), 1.5), r"from 0 to 1, got 1\.5 to 1\.5\. Apply softmax"),
        (np.full((2, 10), -0.1), r"got -0\.1 to -0\.1"),
        (np.full((2, 10), np.nan), "got nan"),
        (np.full((2, 9), 0.1), r"of shape \(N, 10\), got \(2, 9\)"),
        (np.full(2, 0.1), r"got \(2,\)"),
    ],
)
def test_what_are_no_probabilities_is_refused(function, bad, message):
    with pytest.raises(InputError, match=message):
        function([1, 2], bad)


def test_no_answers_are_refused():
    with pytest.raises(InputError, match=r"got \(0, 10\)"):
        calibration_table(np.array([], int), np.empty((0, 10)))


def test_a_temperature_needs_a_label_for_each_answer():
    with pytest.raises(InputError, match="3 true labels, but 2 predictions"):
        fit_temperature([1, 2, 3], np.zeros((2, 10)))


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
