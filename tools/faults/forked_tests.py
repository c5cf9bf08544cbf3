"""Run pytest in a fork of one process that has imported the slow libraries, but not `helpers`."""

import multiprocessing
import os
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path

PATIENCE = 900
SLOW_IMPORTS = [
    "hypothesis.extra.numpy",
    "IPython.display",
    "keras",
    "matplotlib.pyplot",
    "pandas",
    "pytest",
    "scipy.ndimage",
    "scipy.stats",
    "seaborn",
    "sklearn.datasets",
    "sklearn.metrics",
    "sklearn.model_selection",
    "tensorflow",
]


def prepare():
    """Start the process to fork from, without TensorFlow's messages."""
    multiprocessing.set_forkserver_preload(SLOW_IMPORTS)
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        forkserver.ensure_running()
        os.dup2(stderr, 2)
    os.close(stderr)


def run_pytest(folder, arguments):
    """Returns pytest's exit code (None if it came to no end) and what it printed."""
    with tempfile.NamedTemporaryFile() as output:
        process = multiprocessing.get_context("forkserver").Process(
            target=_run_here, args=(str(folder), arguments, output.name)
        )
        process.start()
        process.join(PATIENCE)
        code = process.exitcode
        if code is None:
            process.kill()
        return code, Path(output.name).read_text(encoding="utf-8", errors="replace")


def _run_here(folder, arguments, output):
    import pytest

    os.chdir(folder)
    os.environ["PYTHONPATH"] = folder
    sys.path.insert(0, folder)
    with open(output, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(int(pytest.main(arguments)))
