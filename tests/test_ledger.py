"""The ledger's recipes do what they say, its rows are kept, and only the last read test images."""

import csv
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from project import over_loopback

from helpers import networks, training
from helpers.dataset import stand_in
from helpers.errors import InputError
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras
from helpers.training import OneCycle
from study import learning, ledger
from study.files import RESULTS
from study.learning import distorter, learnt, learnt_from, network_of
from study.ledger import (
    FINAL,
    LEDGER,
    Recipe,
    read_rows,
    recipe_of,
    seeds_of,
    train_and_measure,
)

DIGITS = tuple(array[:300] for array in stand_in()[0])
IN_ONE_GRAPH = Recipe(network="4x5/2 norm relu", fit=False, batch_size=64)


def test_each_row_changes_an_earlier_one_and_does_it_once():
    names = [*LEDGER]
    for number, (name, (earlier, changed)) in enumerate(LEDGER.items()):
        assert earlier in names[:number] or (number == 0 and not earlier)
        before = recipe_of(earlier)._asdict() if earlier else {}
        assert all(before.get(setting) != value for setting, value in changed.items()), name
    recipes = [recipe_of(name) for name in names]
    assert len({*recipes}) == len(names)
    assert [recipe for recipe in recipes if recipe.fit] == [Recipe()], "fit knows no other settings"


def test_words_make_the_networks_that_they_name():
    own, k = network_of(recipe_of("K, one epoch").network), networks.network_k()
    own.set_weights(k.get_weights())
    rates = [[x.rate for x in model.layers if hasattr(x, "rate")] for model in (own, k)]
    assert rates == [[0.5], [0.5]]
    images = to_model_input(DIGITS[0][:9])
    np.testing.assert_allclose(own(images), k(images), atol=1e-6)
    f = network_of(recipe_of("F").network)
    assert [layer.output.shape[1:] for layer in f.layers if hasattr(layer, "kernel")] == [
        (12, 12, 24),
        (4, 4, 32),
        (2, 2, 64),
        (10,),
    ]
    assert f.layers[0].strides == (2, 2) and not f.layers[0].use_bias
    assert f.count_params() == 28_994


@pytest.mark.parametrize(
    "odd", ["8x3 dense", "0x3", "8x3/0", "32x99", "4x3" + 9 * " pool", "8 3", None, 7, ["8x3"]]
)
def test_words_that_make_no_network_are_refused(odd):
    with pytest.raises(InputError, match="No network can be made of|not (dense|8)"):
        network_of(odd)


@pytest.mark.parametrize("cycle", [False, True])
def test_one_graph_takes_the_steps_that_keras_takes_one_by_one(monkeypatch, cycle):
    seen = []
    monkeypatch.setattr(learning, "seeded", lambda model, seed: seen.append(model) or model)
    images, labels = to_model_input(DIGITS[0]), one_hot(DIGITS[1])
    recipe = IN_ONE_GRAPH._replace(epochs=1.5, rate=0.01, cycle=cycle)
    model = learnt_from(recipe, images, labels, 7)
    keras.utils.set_random_seed(7)
    other = network_of(IN_ONE_GRAPH.network)
    rate = OneCycle(7, 0.01) if cycle else 0.01
    other.compile(keras.optimizers.Adam(rate), "categorical_crossentropy")
    rng = np.random.default_rng(7)
    order = np.concatenate([rng.permutation(300) for _ in range(3)])[: 7 * 64].reshape(7, 64)
    for batch in order:
        other.train_on_batch(images[batch], labels[batch])
    for one, same in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, same, atol=1e-4)


@pytest.mark.parametrize("setting", ["smoothing", "rate", "cycle", "optimizer", "shift", "average"])
def test_each_setting_changes_what_is_learnt(setting):
    value = {"optimizer": "sgd", "average": 0.9}.get(setting, 0.3)
    images, labels = to_model_input(DIGITS[0]), one_hot(DIGITS[1])
    plain, again, other = (
        learnt_from(recipe, images, labels, 3).get_weights()[0]
        for recipe in [IN_ONE_GRAPH, IN_ONE_GRAPH, IN_ONE_GRAPH._replace(**{setting: value})]
    )
    np.testing.assert_array_equal(plain, again)
    assert not np.allclose(plain, other, atol=1e-5)


def test_batch_normalisation_knows_averaged_weights():
    images, labels = to_model_input(DIGITS[0]), one_hot(DIGITS[1])
    recipe = IN_ONE_GRAPH._replace(epochs=20, rate=0.01, cycle=True, average=0.98)
    convolution, normal, *_ = learnt_from(recipe, images, labels, 3).layers
    mean = np.mean(convolution(images), axis=(0, 1, 2))
    np.testing.assert_allclose(normal.moving_mean, mean, atol=0.02 * abs(mean).max())


def test_each_step_distorts_anew():
    images, distort = to_model_input(DIGITS[0][:5]), distorter(Recipe(shift=2.0), 1)
    first, second = np.asarray(distort(images)), np.asarray(distort(images))
    assert (abs(first - second).max(axis=(1, 2, 3)) > 0.2).all()


def test_looks_come_after_each_epoch_and_at_the_end():
    looks = []
    learnt(IN_ONE_GRAPH._replace(epochs=2.5), *DIGITS, 0, looks.append)
    assert len(looks) == 3


def test_teachers_answers_are_the_labels(monkeypatch):
    calls = []

    def remembered(recipe, images, labels, seed, *more):
        calls.append((recipe, labels, seed, learnt_from(recipe, images, labels, seed, *more)))
        return calls[-1][-1]

    monkeypatch.setattr(learning, "learnt_from", remembered)
    learnt(IN_ONE_GRAPH._replace(teachers=2), *DIGITS, 2**32 - 2)
    assert [seed for _, _, seed, _ in calls] == [2**32 - 1, 0, 2**32 - 2]
    images = to_model_input(DIGITS[0])
    answers = [np.asarray(teacher(images)) for *_, teacher in calls[:2]]
    np.testing.assert_allclose(calls[2][1], np.mean(answers, axis=0), atol=1e-5)


def centre(images):
    """Where the ink's middle lies, in pixels: (N, 2), row and column."""
    ink = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]
    return np.stack([ink.sum(axis=2) @ np.arange(28), ink.sum(axis=1) @ np.arange(28)], axis=1)


def test_distortions_are_those_that_they_are_named_for():
    bar = np.zeros((200, 28, 28, 1), "float32")
    bar[:, 8:21, 13:16] = 1

    def distorted(**ranges):
        return np.asarray(distorter(Recipe(**ranges), 1)(bar))

    def spread(images):
        """Sizes of the ink from its middle: rows, columns, and how much it leans."""
        ink = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]
        down, right = np.mgrid[:28, :28] - 14
        return [np.sqrt((ink * x * x).sum((1, 2))) for x in (down, right)] + [
            (ink * down * right).sum((1, 2)) / (ink * down * down).sum((1, 2))
        ]

    np.testing.assert_array_equal(distorted(), bar)
    moved = centre(distorted(shift=2.0)) - centre(bar)
    assert 1.5 < abs(moved).max() <= 2.1 and moved.std(axis=0).min() > 0.8
    high, wide, _ = spread(bar[:1])
    tall, broad, lean = spread(distorted(zoom=0.2))
    assert 1.1 < (tall / high).max() < 1.3 and 0.75 < (tall / high).min() < 0.9
    assert abs(np.corrcoef(tall, broad)[0, 1]) < 0.3 and abs(lean).max() < 0.02
    for ranges in [{"turn": 0.2}, {"slant": 0.2}]:
        images = distorted(**ranges)
        assert abs(centre(images) - centre(bar)).max() < 0.3
        assert 0.12 < spread(images)[2].max() < 0.25 and -0.25 < spread(images)[2].min() < -0.12
    assert spread(distorted(slant=0.2))[0].std() < spread(distorted(turn=0.2))[0].std()


def test_fewer_images_than_a_batch_are_refused():
    with pytest.raises(InputError, match="300 images are no batch of 512"):
        learnt(IN_ONE_GRAPH._replace(batch_size=512), *DIGITS, 0)


@pytest.mark.parametrize(
    "odd",
    [
        *({"epochs": 0}, {"epochs": -1}, {"epochs": np.nan}, {"batch_size": 0}, {"turn": np.nan}),
        *({"shift": "much"}, {"zoom": 50}, {"smoothing": 2}, {"teachers": -1}, {"rate": 0}),
        *({"cycle": "no"}, {"fit": None}, {"optimizer": "sgd", "epochs": 20, "rate": 1000}),
        *({"optimizer": "rmsprop"}, {"fit": True, "epochs": 1.5}, {"fit": True, "shift": 1.0}),
    ],
)
def test_settings_that_nobody_can_learn_with_are_refused(odd):
    with pytest.raises(InputError, match=f"{[*odd][-1]}|only Keras's own settings"):
        learnt(IN_ONE_GRAPH._replace(**odd), *DIGITS, 0)


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        *(({"seed": seed}, "The seed is a whole number") for seed in (-1, 1.5, 2**40, None)),
        ({"labels": DIGITS[1][:200]}, "300 images have 200 labels"),
        ({"images": DIGITS[0][:200]}, "200 images have 300 labels"),
    ],
)
def test_seeds_and_labels_that_fit_nothing_are_refused(odd, message):
    given = {"images": DIGITS[0], "labels": DIGITS[1], "seed": 0}
    with pytest.raises(InputError, match=message):
        learnt(IN_ONE_GRAPH, **given | odd)


def test_the_clock_stands_still_while_images_are_read(monkeypatch):
    """And each part is read by what is said of it, in the end, even if it was better before."""
    clock, read = [0.0], []

    def slowly(model, images):
        clock[0] += 100
        read.append(images)
        return np.eye(10)[(DIGITS[1][: len(images)] + (len(read) == 2)) % 10]

    monkeypatch.setattr(training, "predict", slowly)
    monkeypatch.setattr(ledger, "clocks", lambda: np.array([clock[0], clock[0]]))
    monkeypatch.setattr(ledger, "LEDGER", {"a": ("", {**IN_ONE_GRAPH._asdict(), "epochs": 2.0})})
    monkeypatch.setattr(ledger, "FINAL", ["a"])
    sizes = {"training": 300, "validation": 40, "test": 30}
    parts = {name: tuple(x[:size] for x in DIGITS) for name, size in sizes.items()}
    row = train_and_measure(parts, "a", 0)
    assert (row["seconds"], row["cpu_seconds"]) == (0, 0)
    assert [len(images) for images in read] == [40, 40, 30]
    assert (row["validation_accuracy"], row["test_accuracy"]) == (0, 1)
    assert [*row] == ledger.COLUMNS


def test_only_the_final_rows_read_test_images(monkeypatch):
    parts = {"training": DIGITS, "validation": tuple(x[:50] for x in DIGITS)}
    small = {"a": ("", {**IN_ONE_GRAPH._asdict(), "epochs": 2.0})}
    monkeypatch.setattr(ledger, "LEDGER", small)
    looks = []
    row = train_and_measure(parts, "a", 0, looks.append)
    assert (row["test_accuracy"], row["training_images"], looks) == ("", 300, [1, 2])
    assert 0 < row["validation_accuracy"] < 1 and row["cpu_seconds"] > 0
    monkeypatch.setattr(ledger, "FINAL", ["a"])
    row = train_and_measure(parts | {"test": tuple(x[50:90] for x in DIGITS)}, "a", 0)
    assert row["test_accuracy"] * 40 == pytest.approx(round(row["test_accuracy"] * 40))
    with pytest.raises(KeyError, match="test"):
        train_and_measure(parts, "a", 0)


@over_loopback
def test_the_ledger_goes_on_where_it_was_and_refuses_rows_of_other_recipes(tmp_path):
    table = tmp_path / "ledger.csv"

    def run(*seeds):
        command = [sys.executable, "-m", "study.ledger", "--quick", "--rows", "F", "--workers", "1"]
        return subprocess.run(
            [*command, "--table", table, "--seeds", *seeds],
            check=False,
            capture_output=True,
            text=True,
        )

    said = run("1")
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert "0 of 1 trainings are in" in said.stdout and "1 of 1: F 0: " in said.stdout
    first = table.read_text()
    assert next(iter(read_rows(table).values()))["threads"] == "1"
    assert "1 of 1 trainings are in" in run("1").stdout and table.read_text() == first
    table.write_text(first.replace("0.02", "0.03"))
    said = run("1")
    assert said.returncode == 1 and "with rate 0.03, the ledger 0.02" in said.stderr
    table.write_text(first.replace(",0,2000,", ",0,9,").replace(",0,1293,", ",0,9,"))
    assert "has trainings on 9 images, these are " in run("1").stderr
    table.write_text(first)
    head, row = first.splitlines(keepends=True)
    spoiled = [
        "",
        "rate\n0.02\n",
        "\0" * 90,
        first[:-9],
        first[:-2],
        first + row,
        first.replace(",load", "", 1),
    ]
    odd = {"seed": "-4", "parameters": "", "validation_loss": "-3", "test_accuracy": "7"}
    odd |= {"training_images": "many", "cpu_seconds": "nan", "validation_accuracy": "x"}
    for column, value in odd.items():
        spoiled.append(pd.read_csv(table, dtype=str).assign(**{column: value}).to_csv(index=False))
    for text in spoiled:
        table.write_text(text)
        with pytest.raises(InputError, match=f"^{table}"):
            read_rows(table)


def test_the_stored_ledger_is_whole_and_of_the_recipes_of_today():
    rows = read_rows(RESULTS / "ledger.csv")
    assert list(rows) == [(name, seed) for name in LEDGER for seed in range(seeds_of(name))]
    for (name, _), row in rows.items():
        assert (row["test_accuracy"] != "") == (name in FINAL)
        assert row["training_images"] == "54000" and row["threads"] == "1"
        assert int(row["parameters"]) == network_of(row["network"]).count_params()
    accuracy = pd.Series({run: float(row["validation_accuracy"]) for run, row in rows.items()})
    assert (accuracy.groupby(level=0).agg(np.ptp) < 0.01).all()
    assert np.allclose(accuracy * 6000, (accuracy * 6000).round(), atol=0.01)
    with (RESULTS / "ledger.csv").open(newline="") as file:
        assert len({(row["keras"], row["tensorflow"]) for row in csv.DictReader(file)}) == 1
