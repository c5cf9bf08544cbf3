"""Every figure and picture of notebook 07 follows from `results/study/`, calculated anew."""

import csv
import functools
import math
import statistics
from collections import defaultdict

import matplotlib as mpl
import numpy as np
import pytest
from project import ROOT, code_cells
from scipy import stats

mpl.use("Agg")

import matplotlib.pyplot as plt

NOTEBOOKS = ROOT / "notebooks"
STUDY = ROOT / "results" / "study"
SIX = "ABCEKS"


@pytest.fixture(scope="module")
def ran():
    """The names and the figures of notebook 07, run without the training of its reader."""
    names, figures = {}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOKS)
        for source in code_cells("07"):
            if "train(" not in source and "your" not in source:
                exec(source, names)  # noqa: S102
                figures += map(plt.figure, plt.get_fignums())
                plt.close("all")
    return names, figures


def rows(name):
    with (STUDY / name).open(newline="") as file:
        return list(csv.DictReader(file))


def by_network(rows, column):
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["network"]].append(float(row[column]))
    return grouped


@pytest.fixture(scope="module")
def accuracies():
    return {
        name: [100 * value for value in values]
        for name, values in by_network(rows("runs.csv"), "test_accuracy").items()
    }


@functools.cache
def right(name):
    with np.load(STUDY / "labels.npz") as labels, np.load(STUDY / "runs" / f"{name}.npz") as run:
        return run["predictions"] == labels["test"]


def test_the_table(ran, accuracies):
    table = ran[0]["table"]
    seconds = {
        name: statistics.mean(values)
        for name, values in by_network(rows("runs.csv"), "cpu_seconds_per_epoch").items()
    }
    for name, values in accuracies.items():
        row = table.loc[name]
        mean, half = statistics.mean(values), 2.776445 * statistics.stdev(values) / math.sqrt(5)
        assert len(values) == 5
        assert row["accuracy"] == pytest.approx(mean)
        assert row["spread"] == pytest.approx(statistics.stdev(values))
        assert (row["low"], row["high"]) == pytest.approx((mean - half, mean + half), abs=1e-5)
        assert row["time"] == pytest.approx(seconds[name] / seconds["B"], abs=0.05)


def test_the_effects(ran, accuracies):
    for name in ["E", "B_narrow", "B_wide", "B_no_pooling"]:
        one, other = accuracies[name], accuracies["B"]
        a, b = (statistics.variance(values) / 5 for values in (one, other))
        freedom = (a + b) ** 2 / (a**2 / 4 + b**2 / 4)
        half = stats.t.ppf(0.975, freedom) * math.sqrt(a + b)
        difference = statistics.mean(one) - statistics.mean(other)
        expected = [difference, difference - half, difference + half]
        assert ran[0]["difference"](name, "B") == pytest.approx(expected)


def test_how_much_choosing_flatters(ran):
    scores = defaultdict(lambda: defaultdict(list))
    for row in rows("curves.csv"):
        scores[row["network"]][row["seed"]].append(
            (float(row["validation_loss"]), 100 * float(row["test_accuracy_logged_only"]))
        )
    for name in SIX:
        of_runs = list(scores[name].values())
        last = statistics.mean(run[-1][1] for run in of_runs)
        by_validation = statistics.mean(min(run)[1] for run in of_runs)
        best = [max(accuracy for _, accuracy in run) for run in of_runs]
        expected = [last, by_validation - last, statistics.mean(best) - last, max(best) - last]
        assert ran[0]["flattery"].loc[name].tolist() == pytest.approx(expected, abs=1e-9)


def test_the_first_ten(ran):
    for name in SIX:
        all_right = sum(right(f"{name}_{seed}")[:10].all() for seed in range(5))
        assert ran[0]["first_ten"].loc[name, "of 5"] == all_right


def picture(ran, *labels):
    """The axes of the one figure whose axes bear these labels on x, from left to right."""
    found = [
        figure.axes
        for figure in ran[1]
        if [ax.get_xlabel() for ax in figure.axes][: len(labels)] == list(labels)
    ]
    assert len(found) == 1
    return found[0]


def test_the_picture_of_accuracy_and_cost(ran, accuracies):
    left, right = picture(ran, "parameters", "time of the whole training (1 = an epoch of B)")
    parameters = {row["network"]: int(row["parameters"]) for row in rows("runs.csv")}
    seconds = by_network(rows("runs.csv"), "cpu_seconds_per_epoch")
    epochs = by_network(rows("runs.csv"), "epochs")
    for name, at_parameters, at_time in zip(SIX, left.lines, right.lines, strict=True):
        np.testing.assert_allclose(at_parameters.get_ydata(), accuracies[name])
        np.testing.assert_allclose(at_time.get_ydata(), accuracies[name])
        assert set(at_parameters.get_xdata()) == {parameters[name]}
        whole = epochs[name][0] * sum(seconds[name]) / sum(seconds["B"])
        np.testing.assert_allclose(at_time.get_xdata(), whole)
    for ax in left, right:
        assert [text.get_text() for text in ax.texts] == list(SIX)


@pytest.mark.parametrize(
    ("networks", "column"),
    [
        ("ABCEK", "validation_loss"),
        ("ABCEK", "validation_accuracy"),
        (["C", "C_no_dropout"], "training_accuracy_while_learning"),
        (["C", "C_no_dropout"], "validation_loss"),
    ],
)
def test_the_curves_are_means_and_their_bands_reach_from_lowest_to_highest(ran, networks, column):
    [ax] = [
        ax
        for figure in ran[1]
        for ax in figure.axes
        if ax.get_ylabel() == column.replace("_", " ") and len(ax.collections) == len(networks)
    ]
    curves = defaultdict(lambda: defaultdict(list))
    for row in rows("curves.csv"):
        curves[row["network"]][int(row["epoch"])].append(float(row[column]))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(networks)
    lines = [line for line in ax.lines if len(line.get_xdata())]
    for name, line, band in zip(networks, lines, ax.collections, strict=True):
        assert line.get_xdata().tolist() == list(curves[name])
        means = [statistics.mean(values) for values in curves[name].values()]
        np.testing.assert_allclose(line.get_ydata(), means)
        vertices = band.get_paths()[0].vertices
        for epoch, values in curves[name].items():
            at_epoch = vertices[vertices[:, 0] == epoch, 1]
            assert (at_epoch.min(), at_epoch.max()) == pytest.approx((min(values), max(values)))


def test_the_picture_of_shared_mistakes(ran):
    ax = picture(ran, "is misread by")[0]
    drawn = ax.collections[0].get_array().reshape(6, 6)
    for i, first in enumerate(sorted(SIX)):
        for j, second in enumerate(sorted(SIX)):
            shares = []
            for a in range(5):
                for b in range(5):
                    if (first, a) != (second, b):
                        one, other = ~right(f"{first}_{a}"), ~right(f"{second}_{b}")
                        shares.append(100 * (one & other).sum() / one.sum())
            assert drawn[i, j] == pytest.approx(statistics.mean(shares))
    assert [text.get_text() for text in ax.get_xticklabels()] == sorted(SIX)
    assert [text.get_text() for text in ax.get_yticklabels()] == sorted(SIX)


def test_the_reliability_diagrams(ran):
    for ax in picture(ran, "confidence", "confidence", "confidence"):
        name = f"{ax.get_title()}_0"
        with np.load(STUDY / "runs" / f"{name}.npz") as run:
            answers = np.exp(run["test"].astype(float))
        confidence = (answers / answers.sum(axis=1, keepdims=True)).max(axis=1)
        points = ax.lines[1].get_xydata()
        groups = [g for g in range(1, 11) if (np.ceil(10 * confidence) == g).any()]
        for group, (x, y) in zip(groups, points, strict=True):
            here = np.ceil(10 * confidence) == group
            assert (x, y) == pytest.approx((confidence[here].mean(), right(name)[here].mean()))


def test_the_hardest_images_are_misread_by_all(ran):
    wrong = np.sum([~right(path.stem) for path in (STUDY / "runs").glob("*.npz")], axis=0)
    assert ran[0]["hard"].tolist() == np.flatnonzero(wrong == len(ran[0]["names"])).tolist()


def test_the_answers_of_five_together(ran, monkeypatch):
    monkeypatch.chdir(NOTEBOOKS)
    runs = [np.load(STUDY / "runs" / f"B_{seed}.npz")["test"].astype(float) for seed in range(5)]
    chances = [np.exp(run) / np.exp(run).sum(axis=1, keepdims=True) for run in runs]
    expected = sum(chances).argmax(axis=1)
    assert np.array_equal(ran[0]["together"]([f"B_{seed}" for seed in range(5)]), expected)
