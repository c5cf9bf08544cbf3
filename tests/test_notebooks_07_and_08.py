"""What notebooks 07 and 08 calculate from `results/study/`, calculated anew in another way."""

import csv
import re
import statistics
from collections import defaultdict
from operator import itemgetter

import matplotlib as mpl
import numpy as np
import pytest
from project import ROOT, code_cells
from scipy import stats

mpl.use("Agg")

STUDY = ROOT / "results" / "study"
SIX = "ABCEKS"


@pytest.fixture(scope="module")
def notebook():
    """The names of both notebooks, run without the training of its reader."""
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "notebooks")
        for source in [*code_cells("07"), *code_cells("08")]:
            if not re.search(r"\btrain(_s|_validation_split)?\(|your", source):
                exec(source, names)  # noqa: S102
    return names


def by_network(table, *columns):
    """The rows of a table of the study as numbers, for each network and each seed."""
    grouped = defaultdict(lambda: defaultdict(list))
    with (STUDY / table).open(newline="") as file:
        for row in csv.DictReader(file):
            values = [float(row[column]) for column in columns]
            grouped[row["network"]][row["seed"]].append(values)
    return {name: list(seeds.values()) for name, seeds in grouped.items()}


@pytest.fixture(scope="module")
def accuracies():
    runs = by_network("runs.csv", "test_accuracy")
    return {name: [100 * accuracy for [[accuracy]] in values] for name, values in runs.items()}


def test_the_table(notebook, accuracies):
    for name, values in accuracies.items():
        row, mean = notebook["table"].loc[name], statistics.mean(values)
        half = 2.776445 * statistics.stdev(values) / 5**0.5
        assert row["accuracy"] == pytest.approx(mean)
        assert row["spread"] == pytest.approx(statistics.stdev(values))
        assert (row["low"], row["high"]) == pytest.approx((mean - half, mean + half), abs=1e-5)


def test_the_effects(notebook, accuracies):
    for name in ["E", "B_narrow", "B_wide", "B_no_pooling"]:
        one, other = accuracies[name], accuracies["B"]
        a, b = (statistics.variance(values) / 5 for values in (one, other))
        half = stats.t.ppf(0.975, (a + b) ** 2 / (a**2 / 4 + b**2 / 4)) * (a + b) ** 0.5
        difference = statistics.mean(one) - statistics.mean(other)
        expected = [difference, difference - half, difference + half]
        assert notebook["difference"](name, "B") == pytest.approx(expected)


def test_how_much_choosing_flatters(notebook):
    curves = by_network("curves.csv", "validation_accuracy", "test_accuracy_logged_only")
    for name in curves:
        last = statistics.mean(run[-1][1] for run in curves[name])
        by_validation = statistics.mean(max(run, key=itemgetter(0))[1] for run in curves[name])
        best = [max(accuracy for _, accuracy in run) for run in curves[name]]
        gains = [by_validation - last, statistics.mean(best) - last, max(best) - last]
        expected = [100 * value for value in [last, *gains]]
        assert notebook["flattery"].loc[name].tolist() == pytest.approx(expected, abs=1e-9)


def test_the_shared_mistakes(notebook):
    with np.load(STUDY / "labels.npz") as labels:
        wrong = {
            path.stem: np.load(path)["predictions"] != labels["test"]
            for path in (STUDY / "runs").glob("*.npz")
        }
    for first in SIX:
        for second in SIX:
            pairs = [(f"{first}_{i}", f"{second}_{j}") for i in range(5) for j in range(5)]
            shares = [
                100 * (wrong[a] & wrong[b]).sum() / wrong[a].sum() for a, b in pairs if a != b
            ]
            expected = statistics.mean(shares)
            assert notebook["overlap"].loc[first, second] == pytest.approx(expected)
    everywhere = np.flatnonzero(np.all(list(wrong.values()), axis=0))
    assert notebook["hard"].tolist() == everywhere.tolist()
