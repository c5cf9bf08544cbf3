"""Finished runs are kept whole, damage is noticed, and nothing of another protocol is mixed in."""

import csv
import io
from types import SimpleNamespace

import numpy as np
import pytest
from distributed import Client

from helpers.errors import InputError
from study.cluster import each_finished, send_parts
from study.files import finished_runs, keep_labels, load_run, save_run, write_tables
from study.progress import Progress
from study.protocol import check_same_protocol, plan_runs, planned
from study.worker import train_on_worker

LABELS = {"validation": np.array([3, 1], "uint8"), "test": np.array([4, 1, 5, 9], "uint8")}


def result(network="E", seed=0, **changed):
    draws = np.random.default_rng(seed)
    row = planned(network, seed, quick=False)
    sizes = {"training_images": 3, "validation_images": 2, "test_images": 4}
    return {
        "row": row | sizes | changed,
        "curve": [{"network": network, "seed": seed, "epoch": epoch} for epoch in [1, 2]],
        "predictions": draws.integers(10, size=4).astype("uint8"),
        "validation": draws.normal(size=(2, 10)).astype("float16"),
        "test": draws.normal(size=(4, 10)).astype("float16"),
    }


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "études"


def test_a_run_comes_back_as_it_was_saved(folder):
    save_run(folder, result())
    (run,) = (folder / "runs").iterdir()
    assert_same(load_run(run), result())
    assert list(finished_runs(folder)) == ["E_0"]
    assert finished_runs(folder / "elsewhere") == {}


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
@pytest.mark.parametrize("name", ["runs/E_0.npz", "labels.npz"])
def test_a_cut_file_is_named_and_left_as_it_is(folder, name, kept):
    save_run(folder, result())
    keep_labels(folder, LABELS)
    cut = (folder / name).read_bytes()[:kept]
    (folder / name).write_bytes(cut)
    said = rf"{name} \([\d,]+ bytes\) is damaged .* delete it"
    with pytest.raises(InputError, match=said):
        finished_runs(folder)
        keep_labels(folder, LABELS)
    assert (folder / name).read_bytes() == cut


def test_a_run_with_fewer_images_than_its_row_says_is_refused(tmp_path):
    row = {"network": "B", "seed": 0, "validation_images": 3, "test_images": 2}
    arrays = {
        "predictions": np.zeros(2),
        "validation": np.zeros((3, 10)),
        "test": np.zeros((2, 10)),
    }
    (tmp_path / "runs").mkdir()
    save_run(tmp_path, {"row": row, "curve": [], **arrays})
    assert [*finished_runs(tmp_path)] == ["B_0"]
    save_run(tmp_path, {"row": row, "curve": [], **arrays, "test": np.zeros((1, 10))})
    with pytest.raises(InputError, match="delete it: test holds 1 images, its row says 2"):
        finished_runs(tmp_path)


@pytest.mark.parametrize(
    ("row", "said"),
    [(row, "is no run of this study, delete it: ") for row in ["{", "{}", "[]"]]
    + [('{"network": "B", "seed": 0}', r"holds the run B_0\. Give it back its name")],
)
def test_a_file_of_another_kind_or_name_is_refused(folder, row, said):
    (folder / "runs").mkdir(parents=True)
    arrays = dict.fromkeys(["predictions", "validation", "test"], 0)
    np.savez(folder / "runs" / "E_0.npz", **arrays, row=row, curve="[]")
    with pytest.raises(InputError, match=rf"E_0\.npz {said}"):
        finished_runs(folder)


def test_the_tables_hold_every_run_and_every_epoch_once(folder):
    for seed in [1, 0, 1]:
        save_run(folder, result(seed=seed))
        write_tables(folder, finished_runs(folder))
    with (folder / "runs.csv").open(newline="") as table:
        assert [row["seed"] for row in csv.DictReader(table)] == ["0", "1"]
    with (folder / "curves.csv").open(newline="") as table:
        rows = [(row["seed"], row["epoch"]) for row in csv.DictReader(table)]
    assert rows == [("0", "1"), ("0", "2"), ("1", "1"), ("1", "2")]


def test_the_labels_are_written_once_and_those_of_other_images_refused(folder):
    keep_labels(folder, LABELS)
    file = folder / "labels.npz"
    with np.load(file) as archive:
        assert_same(dict(archive), LABELS)
    written = file.stat().st_mtime_ns
    keep_labels(folder, LABELS)
    assert file.stat().st_mtime_ns == written
    for part in LABELS:
        with pytest.raises(InputError, match=r"labels\.npz holds the labels of other images"):
            keep_labels(folder, LABELS | {part: LABELS[part][::-1]})


PARTS = {"training": (range(3), None), "validation": (range(2), None), "test": (range(4), None)}


@pytest.mark.parametrize("changed", [{"epochs": 4}, {"optimizer": "sgd"}, {"training_images": 9}])
def test_runs_of_another_protocol_are_refused(changed):
    plan = plan_runs("ES", 2, quick=False)
    check_same_protocol(plan, PARTS, {"E_0": result()})
    (name,) = changed
    with pytest.raises(InputError, match=f"run E_0 has {name} {changed[name]}, this study"):
        check_same_protocol(plan, PARTS, {"E_0": result(**changed)})


def test_a_worker_with_more_threads_than_one_refuses():
    plan = plan_runs("E", 1, quick=True)
    with Client(processes=False, threads_per_worker=2, dashboard_address=":0") as client:
        future = client.submit(train_on_worker, plan["E_0"], {}, "epochs")
        with pytest.raises(InputError, match=r"has 2 threads\. Start it with --nthreads 1"):
            future.result(timeout=60)


@pytest.mark.parametrize("on_epoch", [None, print])
def test_failed_runs_are_named_at_the_end(on_epoch):
    pair = np.zeros((1, 28, 28), "uint8"), np.zeros(1, "uint8")
    parts = {part: pair for part in ["training", "validation", "test"]}
    with (
        Client(processes=False, threads_per_worker=1, dashboard_address=":0") as client,
        pytest.raises(InputError, match=r"1 runs failed: a\. The others are kept"),
    ):
        for name, row, error in each_finished(client, {"a": {}}, parts, "no_such", on_epoch):
            assert (name, row) == ("a", None) and error


def test_each_client_sends_images_of_its_own():
    """A scheduler that serves two gives what it has under the same key."""
    clients = [SimpleNamespace(id=name, submit=lambda *given, key: key) for name in "ab"]
    first, second = (send_parts(client, {}) for client in clients)
    assert first != second


def test_one_seed_of_every_network_comes_before_the_next_seed():
    names = list(plan_runs("CES", 2, quick=False))
    assert names == ["C_0", "E_0", "S_0", "C_1", "E_1", "S_1"]


def test_progress_counts_epochs_by_their_cost_and_goes_back_when_a_run_begins_anew(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    costs = {"B": SimpleNamespace(cost=17), "E": SimpleNamespace(cost=4)}
    monkeypatch.setattr("study.progress.PROTOCOL", costs)
    progress = Progress(
        {"B_0": {"network": "B", "epochs": 3}, "E_0": {"network": "E", "epochs": 1}}
    )
    shares = []
    for event in [("B_0", 0), ("B_0", 2), ("E_0", 1), ("B_0", 0), ("B_0", 3)]:
        progress.epoch((0.0, event))
        shares.append(progress.bar.n / progress.bar.total)
    assert shares == pytest.approx([0, 34 / 55, 38 / 55, 4 / 55, 1])
    assert "0 of 2 runs done; now B_0 epoch 3/3" in screen.getvalue()
    progress.finished("B_0", "B_0: 99 %")
    assert "1 of 2 runs done; now E_0 epoch 1/1" in screen.getvalue()
    progress.close()
