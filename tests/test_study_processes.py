"""The study outlives killed processes, keeps every finished run once, and repeats exactly."""

import os
import shlex
import signal
import sys
import time

import numpy as np
import pandas as pd
import psutil
import pytest
from distributed import get_worker
from project import ROOT, over_loopback

from study import cluster

pytestmark = over_loopback


def listen_to_interrupts():
    """A job in the background may have been started deaf to Ctrl-C; this study is not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Study:
    """`python -m study --quick` as a process of its own, with what it has written so far."""

    def __init__(self, folder, output):
        self.output, self.read = output, 0
        options = shlex.split("--quick --workers 1 --networks B --seeds 3 --folder")
        with output.open("wb") as file:
            self.process = psutil.Popen(
                [sys.executable, "-m", "study", *options, str(folder)],
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

    def processes(self):
        return [self.process, *self.process.children(recursive=True)]


def assert_all_end(processes):
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert alive == []


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
    study = Study(folder, tmp_path / "killed.txt")
    study.wait_until("now B_0 epoch 2/2")
    worker = max(study.process.children(), key=lambda child: child.memory_info().rss)
    worker.kill()
    study.wait_until("now B_0 epoch 1/2")
    study.wait_until("1 of 3 runs done; now B_1")
    processes = study.processes()
    study.process.kill()
    assert_all_end(processes)
    killed = run_files(folder)
    assert list(killed) == ["B_0.npz"]

    study = Study(folder, tmp_path / "interrupted.txt")
    study.wait_until("1 of 3 runs are in")
    study.wait_until("1 of 2 runs done; now B_2")
    processes = study.processes()
    os.killpg(study.process.pid, signal.SIGINT)
    assert_all_end(processes)
    assert study.process.returncode == 1, study.says()
    assert "Stopped; what was finished is kept." in study.says()
    assert "Traceback" not in study.says()
    assert list(run_files(folder)) == ["B_0.npz", "B_1.npz"]
    assert run_files(folder).items() > killed.items()
    assert pd.read_csv(folder / "runs.csv")["seed"].tolist() == [0, 1]
    epochs = pd.read_csv(folder / "curves.csv")[["seed", "epoch"]]
    assert epochs.values.tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
