"""One run of the study measures what it says, and repeats whatever other threads do."""

import random
import threading
import time
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import watch

from helpers import networks
from helpers.dataset import has_mnist, stand_in
from helpers.quiet import keras
from helpers.training import OneCycle, predict
from study import run as study_run
from study.protocol import PROTOCOL, load_parts
from study.run import log_probabilities, own_seed, seeded, train_and_measure


@pytest.fixture(scope="module")
def parts():
    (images, labels), (x_test, y_test) = stand_in()
    return {
        "training": (images[:200], labels[:200]),
        "validation": (images[200:260], labels[200:260]),
        "test": (x_test[:100], y_test[:100]),
    }


def small_run(parts, network="E", seed=0, **changed):
    run = {"epochs": 2, "batch_size": 32, "optimizer": "adam"} | changed
    return train_and_measure(parts, network, seed, **run)


@pytest.fixture(scope="module")
def result(parts):
    """A run whose clock says 100 s more as it validates and after each epoch; "calls": when."""
    calls, more_seconds = [], [0]
    now = SimpleNamespace(
        perf_counter=lambda: time.perf_counter() + more_seconds[0],
        process_time=lambda: time.process_time() + more_seconds[0],
    )

    def slowly(epochs):
        calls.append(epochs)
        more_seconds[0] += 100

    def slower(*args, evaluate=keras.Model.evaluate, **more):
        scores = evaluate(*args, **more)
        more_seconds[0] += 100
        return scores

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "evaluate", slower)
        patch.setattr(study_run, "time", now)
        return small_run(parts, epochs=3, after_epoch=slowly) | {"calls": calls}


@pytest.mark.parametrize("quick", [True, False])
def test_what_is_learnt_from_judges_nothing(quick, watched):
    if not (quick or has_mnist()):
        pytest.skip("needs MNIST")
    parts = load_parts(quick)
    known = [watch.fingerprints(images) for images, _ in parts.values()]
    assert len(set.union(*known)) == sum(map(len, known))
    small_run({part: (images[:99], labels[:99]) for part, (images, labels) in parts.items()})
    assert watched["fits"] == 1


def test_the_row_says_what_was_run_and_what_the_probabilities_say(parts, result):
    row = result["row"]
    expected = {"network": "E", "parameters": 101_770, "seed": 0, "epochs": 3, "batch_size": 32}
    assert row.items() >= expected.items()
    assert [row[f"{part}_images"] for part in parts] == [200, 60, 100]
    assert row["keras"] == keras.__version__
    for part in ["validation", "test"]:
        labels = parts[part][1]
        logarithms = result[part].astype("float32")
        assert result[part].dtype == np.float16
        np.testing.assert_allclose(np.exp(logarithms).sum(axis=1), 1, atol=2e-3)
        assert row[f"{part}_accuracy"] == pytest.approx(
            np.mean(logarithms.argmax(axis=1) == labels), abs=1e-6
        )
        loss = -logarithms[np.arange(len(labels)), labels].mean()
        assert row[f"{part}_loss"] == pytest.approx(loss, abs=1e-3)
    last = result["curve"][-1]["validation_accuracy"]
    assert last == pytest.approx(row["validation_accuracy"], abs=1e-6)
    np.testing.assert_array_equal(result["predictions"], result["test"].argmax(axis=1))
    assert result["predictions"].dtype == np.uint8


def test_the_seconds_of_an_epoch_hold_its_training_alone(result):
    seconds = [epoch["seconds"] for epoch in result["curve"]]
    assert result["calls"] == [0, 1, 2, 3]
    assert 0 < min(seconds) and max(seconds) < 100
    assert result["row"]["seconds_per_epoch"] == pytest.approx(np.mean(seconds), abs=2e-3)
    assert 0 < result["row"]["cpu_seconds_per_epoch"] < 100


def draw_until(stop):
    while not stop.is_set():
        random.random()
        np.random.random()  # noqa: NPY002
        time.sleep(0.0005)


def test_a_seed_gives_one_result_even_while_other_threads_draw_numbers(parts):
    quiet = small_run(parts, "S", optimizer="one-cycle", epochs=1)
    stop = threading.Event()
    thread = threading.Thread(target=draw_until, args=[stop])
    thread.start()
    try:
        noisy = small_run(parts, "S", optimizer="one-cycle", epochs=1)
    finally:
        stop.set()
        thread.join()
    np.testing.assert_array_equal(noisy["test"], quiet["test"])


def test_seeded_gives_every_layer_its_own_seed_and_keeps_the_network():
    model = networks.network_c()
    first, again, other = (seeded(model, seed) for seed in [0, 0, 1])
    for weights, same, differs in zip(
        first.get_weights(), again.get_weights(), other.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(weights, same)
        assert weights.ndim == 1 or not np.array_equal(weights, differs)
    seeds = [layer.seed for layer in first.layers if isinstance(layer, keras.layers.Dropout)]
    assert len(set(seeds)) == 2


def test_no_two_runs_draw_the_same_numbers_and_s_learns_with_one_cycle(parts, monkeypatch):
    planned = [own_seed(network, seed) for network in PROTOCOL for seed in range(100)]
    assert len(set(planned)) == len(planned)

    steps = {name: Mock() for name in ["set_seed", "seeded", "train"]}
    for name, step in steps.items():
        monkeypatch.setattr(study_run, name, step)
    steps["train"].side_effect = InterruptedError
    with pytest.raises(InterruptedError):
        small_run(parts, "S", seed=3, optimizer="one-cycle", batch_size=128)
    own = own_seed("S", 3)
    assert (steps["set_seed"].call_args.args[0], steps["seeded"].call_args.args[1]) == (own, own)
    optimizer = steps["train"].call_args.kwargs["optimizer"]
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)
    rate = optimizer._learning_rate  # over four steps
    for cycle in [rate, OneCycle.from_config(rate.get_config())]:
        rates = [float(cycle(step)) for step in [0, 2, 3, 1000]]
        assert rates == pytest.approx([0.004, 0.041783, 0.0002, 0.0002], rel=1e-3)
    assert float(OneCycle(101)(20)) == pytest.approx(0.1, rel=1e-3), "its peak, after a fifth"


def test_logarithms_are_not_clipped():
    model = networks.network_e()
    model.set_weights([50 * weights for weights in model.get_weights()])
    images = np.random.default_rng(0).random((300, 28, 28, 1), dtype="float32") ** 6
    logarithms = log_probabilities(model, images)
    assert np.isfinite(logarithms).all()
    assert logarithms.min() < -200
    np.testing.assert_allclose(np.exp(logarithms), predict(model, images), atol=1e-5)
