"""What a maintainer sees when a notebook breaks: small notebooks, broken on purpose, really run."""

import os
import subprocess
import sys
import time

import nbformat
import pytest
from project import ROOT

from helpers.dataset import STAND_IN

NBVAL = ["-p", "tests.notebook_runs", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]


@pytest.fixture
def run(tmp_path):
    def run(*cells, options=(), **environment):
        notebook = nbformat.v4.new_notebook()
        for number, (source, stored) in enumerate(cells, start=1):
            output = (
                [nbformat.v4.new_output("stream", name="stdout", text=stored)] if stored else []
            )
            cell = nbformat.v4.new_code_cell(source, execution_count=number, outputs=output)
            notebook.cells.append(cell)
        nbformat.write(notebook, tmp_path / "09_broken.ipynb")
        command = [sys.executable, "-m", "pytest", "-o", "addopts=", *NBVAL, *options, tmp_path]
        return subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        ).stdout

    return run


def test_dead_kernel_is_reported_within_seconds_with_notebook_and_cell(run):
    start = time.monotonic()
    report = run(("print(1)", "1\n"), ("import os; os._exit(9)", ""), ("print(3)", "3\n"))
    assert time.monotonic() - start < 100  # the time limit of a cell is 2000 s
    assert "the kernel died while this cell ran\nin 09_broken.ipynb, [2] (Cell 1)\n" in report
    assert "1 failed, 1 passed, 1 skipped" in report


def test_a_cell_that_hangs_is_stopped_and_named(run):
    forever = "import time\nwhile True:\n    time.sleep(0.1)"
    report = run((forever, ""), ("print(2)", "2\n"), options=["--nbval-cell-timeout=2"])
    assert "Timeout of 2 seconds exceeded" in report
    assert f"in 09_broken.ipynb, [1] (Cell 0)\n\n{forever}" in report
    assert "1 failed, 1 skipped" in report


def test_cells_after_a_broken_one_are_skipped(run):
    report = run(("import nothing_of_that_name", ""), ("nothing_of_that_name.x", ""))
    cause = "ModuleNotFoundError: No module named 'nothing_of_that_name'"
    assert f"{cause}\nin 09_broken.ipynb, [1] (Cell 0)\n\nimport nothing" in report
    assert "NameError" not in report
    assert "1 failed, 1 skipped" in report


@pytest.mark.skipif(os.environ.get("MNIST_NPZ") == STAND_IN, reason="compares only with MNIST")
def test_another_output_fails_and_shows_both_and_the_next_cell_still_runs(run):
    report = run(("print('it is 41')", "it is 42\n"), ("print(2)", "2\n"))
    assert "the output is not the saved one\nin 09_broken.ipynb, [1] (Cell 0)\n" in report
    assert "-it is 42\n+it is 41\n" in report
    assert "1 failed, 1 passed" in report


def test_a_semicolon_hides_the_value_as_in_jupyter(run):
    assert "1 passed" in run(("1 + 1;", ""))


def test_stand_in_compares_no_outputs_and_says_so(run):
    report = run(("print('it is 41')", "it is 42\n"), MNIST_NPZ=STAND_IN)
    assert "1 passed" in report
    assert "1 cells executed, outputs not compared" in report
    assert "MNIST was not there" in report
