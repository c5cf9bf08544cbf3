"""The study outlives killed processes, keeps every finished run once, and repeats exactly."""

import csv
import os
import signal
import sys
import time

import numpy as np
import psutil
import pytest
from distributed import get_worker
from loopback import can_connect_to_itself
from project import ROOT

from study import cluster

STUDY = [sys.executable, "-m", "study", "--quick", "--workers", "1"]

pytestmark = pytest.mark.skipif(
    not can_connect_to_itself(), reason="Dask's processes talk over 127.0.0.1, closed here"
)


def listen_to_interrupts():
    """A job in the background may have been started deaf to Ctrl-C; this study is not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Study:
    """`python -m study --quick` as a process of its own, with what it has written so far."""

    def __init__(self, folder, *networks, seeds=1):
        self.folder, self.read = folder, 0
        self.output = folder.parent / f"output_{time.monotonic_ns()}.txt"
        arguments = ["--folder", folder, "--networks", *networks, "--seeds", seeds]
        with self.output.open("wb") as file:
            self.process = psutil.Popen(
                [*STUDY, *map(str, arguments)],
                stdout=file,
                stderr=file,
                start_new_session=True,
                preexec_fn=listen_to_interrupts,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def says(self):
        return self.output.read_text("utf-8", errors="replace")

    def wait_until(self, text):
        """Wait until it says `text`, after what was waited for last."""
        deadline = time.monotonic() + 120
        while (found := self.says().find(text, self.read)) < 0:
            assert self.process.poll() is None, self.says()
            assert time.monotonic() < deadline, self.says()
            time.sleep(0.02)
        self.read = found + len(text)

    def worker(self):
        return max(self.process.children(), key=lambda child: child.memory_info().rss)

    def ends(self, with_code=0):
        code = self.process.wait(timeout=120)
        assert code == with_code, self.says()
        return self.says()


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def runs(folder):
    return [f"{row['network']}_{row['seed']}" for row in table(folder / "runs.csv")]


def run_files(folder):
    files = sorted((folder / "runs").iterdir())
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def test_a_worker_that_is_nearly_full_goes_on(monkeypatch):
    def fill():
        missing = 0.88 * limit - psutil.Process().memory_info().rss
        get_worker().kept = np.ones(int(missing), "uint8")

    limit = 500 * 2**20
    monkeypatch.setattr(cluster, "WORKER_MEMORY", limit)
    with cluster.connected(1) as client:
        client.submit(fill).result()
        time.sleep(1)
        assert client.submit(abs, -1).result(timeout=10) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to interrupt")
def test_a_study_goes_on_where_it_was_whether_it_or_its_worker_was_stopped(tmp_path):
    folder = tmp_path / "études"
    study = Study(folder, "E", "B", seeds=2)
    study.wait_until("1 of 4 runs done; now B_0")
    processes = study.process.children(recursive=True)
    study.process.kill()
    assert_all_end(processes)
    assert runs(folder) == ["E_0"]
    killed = run_files(folder)

    study = Study(folder, "E", "B", seeds=2)
    study.wait_until("now B_0 epoch 2/2")
    study.worker().kill()
    study.wait_until("now B_0 epoch 1/2")
    study.wait_until("2 of 3 runs done; now B_1")
    processes = study.process.children(recursive=True)
    os.killpg(study.process.pid, signal.SIGINT)
    says = study.ends(with_code=1)
    assert "Stopped; what was finished is kept." in says
    assert "1 of 4 runs are in" in says
    assert "Traceback" not in says
    assert_all_end(processes)
    assert runs(folder) == ["B_0", "E_0", "E_1"]
    assert run_files(folder).items() > killed.items()
    epochs = [(row["network"], row["seed"], row["epoch"]) for row in table(folder / "curves.csv")]
    assert epochs == [(*run.split("_"), epoch) for run in runs(folder) for epoch in "12"]


def assert_all_end(processes):
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []
