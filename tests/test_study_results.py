"""`results/study/` is whole, and its tables say what its runs hold."""

import numpy as np
import pandas as pd
import pytest

from helpers import networks
from helpers.dataset import has_mnist
from study.files import RESULTS, finished_runs, keep_labels, write_tables
from study.protocol import PROTOCOL, SEEDS, check_same_protocol, load_parts, plan_runs

FOLDER = RESULTS / "study"


@pytest.fixture(scope="module")
def results():
    return finished_runs(FOLDER)


def test_every_network_was_trained_with_every_seed_and_the_same_versions(results):
    assert results.keys() == plan_runs(PROTOCOL, SEEDS, quick=False).keys()
    rows = pd.DataFrame([result["row"] for result in results.values()])
    assert (rows[["keras", "tensorflow", "numpy", "threads"]].nunique() == 1).all()
    for name, parameters in rows.groupby("network")["parameters"].first().items():
        assert getattr(networks, f"network_{name.lower()}")().count_params() == parameters


def test_the_tables_are_drawn_from_the_runs(results, tmp_path):
    write_tables(tmp_path, results)
    for name in ["runs.csv", "curves.csv"]:
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text()


@pytest.mark.skipif(not has_mnist(), reason="the study read MNIST, and the stand-in is here")
def test_all_was_read_from_mnist_under_the_protocol_of_today(results):
    parts = load_parts(quick=False)
    plan = plan_runs(PROTOCOL, SEEDS, quick=False)
    check_same_protocol(plan, parts, results)
    keep_labels(FOLDER, {part: parts[part][1] for part in ["validation", "test"]})


def test_each_accuracy_and_loss_is_that_of_the_predictions_and_probabilities(results):
    labels = dict(np.load(FOLDER / "labels.npz"))
    for result in results.values():
        right = np.mean(result["predictions"] == labels["test"])
        assert result["row"]["test_accuracy"] == pytest.approx(right, abs=1e-9)
        assert result["curve"][-1]["test_accuracy_logged_only"] == pytest.approx(right, abs=1e-9)
        validated = result["curve"][-1]["validation_accuracy"]
        assert validated == pytest.approx(result["row"]["validation_accuracy"], abs=1e-6)
        for part in ["validation", "test"]:
            logarithms = result[part].astype("float64")
            loss = -logarithms[np.arange(len(logarithms)), labels[part]].mean()
            assert result["row"][f"{part}_loss"] == pytest.approx(loss, abs=5e-4)
            right = np.mean(logarithms.argmax(axis=1) == labels[part])
            assert result["row"][f"{part}_accuracy"] == pytest.approx(right, abs=2e-4)
        read = result["test"][np.arange(len(result["test"])), result["predictions"]]
        assert np.array_equal(read, result["test"].max(axis=1))
