"""What the notebooks derive by hand equals the library, on any input: their own lines are run."""

import ast
from math import comb

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import code_cells
from scipy.special import softmax
from scipy.stats import t
from sklearn.metrics import confusion_matrix

from helpers import networks
from helpers.evaluation import (
    accuracy_interval,
    calibration_error,
    digit_table,
    mean_interval,
    one_vs_rest,
    paired_test,
)
from helpers.preprocessing import one_hot, scale
from helpers.quiet import keras


def derived(number, *wanted, **given_names):
    """Run those statements of a notebook that set the `wanted` names; returns their values.

    Statements run in the notebook's order, the first that sets each name, on `given_names`.
    """
    statements, missing = [], set(wanted)
    for statement in (s for source in code_cells(number) for s in ast.parse(source).body):
        if names_set_by(statement) & missing:
            missing -= names_set_by(statement)
            statements.append(statement)
    assert not missing, f"notebook {number} no longer sets {missing}"
    names = run(ast.unparse(statements), **given_names)
    return [names[name] for name in wanted]


def run(source, **names):
    names["np"] = np
    exec(source, names)  # noqa: S102
    return names


def names_set_by(statement):
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return set()


numbers = st.floats(-2, 2, width=32, allow_subnormal=False)
images = arrays.arrays(
    "float32",
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=12),
    elements=numbers,
)
square = arrays.arrays("float32", (3, 3), elements=numbers)
label_pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60)
ten_logits = arrays.arrays("float64", 10, elements=st.floats(-20, 20))


@given(image=images, kernel=square)
def test_convolution_by_hand(image, kernel):
    [convolve] = derived("03", "convolve")
    keras_image, keras_kernel = image[None, :, :, None], kernel[:, :, None, None]
    from_keras = keras.ops.conv(keras_image, keras_kernel, padding="valid")[0, :, :, 0]
    np.testing.assert_allclose(convolve(image, kernel), np.asarray(from_keras), atol=1e-4)


@given(image=images)
def test_max_pooling_by_hand(image):
    [max_pool] = derived("03", "max_pool")
    from_keras = keras.ops.max_pool(image[None, :, :, None], 2)[0, :, :, 0]
    np.testing.assert_array_equal(max_pool(image), np.asarray(from_keras))


@given(logits=ten_logits)
def test_softmax_by_hand(logits):
    [probabilities] = derived("03", "probabilities", logits=logits)
    from_keras = keras.ops.softmax(logits[np.newaxis])[0]
    np.testing.assert_allclose(probabilities, np.asarray(from_keras), atol=1e-6)
    [shifted] = derived("03", "shifted", logits=logits)
    np.testing.assert_allclose(shifted, probabilities, atol=1e-9)


@given(x=arrays.arrays("float64", (5, 8), elements=st.floats(-5, 5)), seed=st.integers(0, 999))
def test_relu_by_hand(x, seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(8, 6)), rng.normal(size=(6, 3))
    [bent] = derived("03", "bent", a=x, first=first, second=second)
    from_keras = np.asarray(keras.ops.relu(x @ first)) @ second
    np.testing.assert_allclose(bent, from_keras, atol=1e-4)


@given(row=arrays.arrays("float32", (1, 784), elements=st.floats(0, 1, width=32)))
def test_dense_layer_by_hand(row):
    dense = keras.layers.Dense(10, bias_initializer="uniform")
    output = np.asarray(dense(row))
    weights, bias = dense.get_weights()
    [by_hand] = derived("03", "by_hand", row=row, weights=weights, bias=bias)
    np.testing.assert_allclose(by_hand, output, atol=1e-3)


@given(truth_at=st.integers(0, 9), logits=ten_logits)
def test_losses_by_hand(truth_at, logits):
    answer = softmax(logits)[np.newaxis]
    truth = np.eye(10)[[truth_at]]
    # The notebook's answer is for a 5: turn the digits so that the true one stands there.
    turned = np.roll(answer, 5 - truth_at, axis=1)
    [squared_error] = derived("04", "squared_error", answer=answer, truth=truth)
    [cross_entropy] = derived("04", "cross_entropy", answer=turned)
    from_keras = float(keras.losses.MeanSquaredError()(truth, answer))
    assert squared_error == pytest.approx(from_keras, abs=1e-6)
    from_keras = float(keras.losses.CategoricalCrossentropy()(truth, answer))
    assert min(cross_entropy, -np.log(1e-7)) == pytest.approx(from_keras, abs=1e-4)


@given(images=arrays.arrays("uint8", (3, 28, 28)))
def test_scaling_by_hand(images):
    [with_channel] = derived("02", "with_channel", x_train=images)
    [as_float32] = derived("02", "as_float32", part=with_channel)
    np.testing.assert_array_equal(as_float32[..., 0], scale(images))


@given(labels=arrays.arrays("uint8", st.integers(1, 30), elements=st.integers(0, 9)))
def test_one_hot_by_hand(labels):
    [by_hand] = derived("02", "by_hand", y_train=labels)
    np.testing.assert_array_equal(by_hand, one_hot(labels))
    np.testing.assert_array_equal(by_hand, keras.utils.to_categorical(labels, 10))


@given(total=st.integers(1, 20_000), part=st.floats(0, 1))
def test_wilson_interval_by_hand(total, part):
    correct = round(part * total)
    names = {"y_test": np.zeros(total), "correct": correct}
    *_, center, half = derived("05", "n", "center", "half", **names)
    expected = accuracy_interval(correct, total)
    np.testing.assert_allclose((center - half, center + half), expected, atol=2e-5)


@given(pairs=label_pairs)
def test_confusion_matrix_by_hand(pairs):
    y_true, y_pred = np.transpose(pairs)
    counting = next(source for source in code_cells("05") if "by_hand[true, pred]" in source)
    names = run(counting, y_test=y_true, y_pred=y_pred)
    expected = confusion_matrix(y_true, y_pred, labels=range(10))
    np.testing.assert_array_equal(names["by_hand"], expected)


@given(pairs=label_pairs, digit=st.integers(0, 9))
def test_one_vs_rest_counts_precision_and_recall_by_hand(pairs, digit):
    y_true, y_pred = np.transpose(pairs)
    matrix = confusion_matrix(y_true, y_pred, labels=range(10))
    tp, fp, fn, tn = derived("05", "tp", "fp", "fn", "tn", matrix=matrix, d=digit)
    assert [tp, fp, fn, tn] == one_vs_rest(y_true, y_pred).loc[digit].tolist()
    if tp:
        precision, recall, f1 = derived("05", "precision", "recall", "f1", tp=tp, fp=fp, fn=fn)
        expected = digit_table(y_true, y_pred).loc[digit, ["precision", "recall", "F1"]]
        np.testing.assert_allclose([precision, recall, f1], expected.astype(float))


@given(rows=arrays.arrays("float64", (6, 10), elements=st.floats(0.01, 1)), seed=st.integers(0, 99))
def test_loss_of_a_test_set_by_hand(rows, seed):
    probabilities = rows / rows.sum(axis=1, keepdims=True)
    y_true = np.random.default_rng(seed).integers(10, size=6)
    [loss] = derived("05", "loss", probabilities=probabilities, y_test=y_true)
    from_keras = keras.losses.SparseCategoricalCrossentropy()(y_true, probabilities)
    assert loss == pytest.approx(float(from_keras), abs=1e-5)


@given(values=st.lists(st.floats(90, 100), min_size=5, max_size=5))
def test_interval_of_a_mean_by_hand(values):
    b = np.array(values)
    _, _, half = derived("07", "spread", "factor", "half", b=b, t=t)
    expected = mean_interval(b)
    np.testing.assert_allclose((b.mean() - half, b.mean() + half), expected, atol=1e-9)


@pytest.mark.parametrize("letter", "abceks")
def test_multiply_adds_by_hand(letter):
    """Where all inputs and weights are one, the outputs add up to the number of products."""
    model = getattr(networks, f"network_{letter}")()
    [multiply_adds] = derived("07", "multiply_adds")
    products = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            layer.set_weights([np.ones_like(w) * (w.ndim > 1) for w in layer.get_weights()])
            layer.activation = keras.activations.linear
            products += float(keras.ops.sum(layer(np.ones((1, *layer.input.shape[1:])))))
    assert multiply_adds(model) == products


@given(answers=st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=40))
def test_mcnemars_test_by_hand(answers):
    y_true, first, second = np.transpose(answers)
    names = {"y_true": y_true, "y_pred": {"S_0": first, "K_0": second}, "comb": comb}
    wanted = ["s", "k", "only_s", "only_k", "n", "one_side"]
    *_, only_s, only_k, n, one_side = derived("08", *wanted, **names)
    expected = paired_test(y_true, first, second)
    assert (only_s, only_k, min(1, 2 * one_side)) == pytest.approx(expected)


@given(rows=arrays.arrays("float64", (20, 10), elements=st.floats(0.01, 1)))
def test_calibration_error_by_hand(rows):
    probabilities = rows / rows.sum(axis=1, keepdims=True)
    y_true = np.arange(20) % 10
    names = {"probabilities": probabilities, "y_true": y_true}
    names["y_pred"] = {"C_0": probabilities.argmax(axis=1)}
    *_, right, _, gaps = derived("08", "confidence", "right", "group", "gaps", **names)
    expected = calibration_error(y_true, probabilities)
    assert sum(gaps) / len(right) == pytest.approx(expected, abs=1e-9)
