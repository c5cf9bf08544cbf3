"""What a maintainer sees when a notebook breaks: small notebooks, broken on purpose, really run."""

import base64
import contextlib
import io
import os
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from project import ROOT

from helpers.dataset import STAND_IN
from tests.comparing import MOST, OtherOutputError, apart, compare_loosely, difference

PLUGINS = ["tests.notebook_runs", "tests.claims", "tests.comparing", "no:cacheprovider"]
FOREVER = "import time\nwhile True:\n    time.sleep(0.1)"
DRAW = "import matplotlib.pyplot as plt\nplt.plot([0, 9]);"
BROKEN = {
    "dead": [("print(1)", "1\n"), ("import os; os._exit(9)", ""), ("print(3)", "3\n")],
    "hangs": [(FOREVER, ""), ("print(2)", "2\n")],
    "error": [("import nothing_of_that_name", ""), ("nothing_of_that_name.x", "")],
    "differs": [("print('it is 41')", "it is 42\n"), ("print(2)", "2\n")],
    "semicolon": [("1 + 1;", "")],
}
with_mnist = pytest.mark.skipif(
    os.environ.get("MNIST_NPZ") == STAND_IN, reason="compares only with MNIST"
)


def write(folder, name, cells):
    notebook = new_notebook()
    for number, (source, stored) in enumerate(cells, start=1):
        outputs = [new_output("stream", name="stdout", text=stored)] if stored else []
        notebook.cells.append(new_code_cell(source, execution_count=number, outputs=outputs))
    (folder / "notebooks").mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")


def run(folder, *options, **environment):
    plugins = [option for plugin in PLUGINS for option in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", "-o", "addopts=", *plugins, "--nbval"]
    return subprocess.run(
        [*command, "--nbval-current-env", *options, folder],
        cwd=ROOT,
        check=False,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    for name, cells in BROKEN.items():
        write(folder, name, cells)
    return run(folder, "--nbval-cell-timeout=4")


def test_a_dead_kernel_is_reported_with_notebook_and_cell(report):
    assert "the kernel died while this cell ran\nin dead.ipynb, [2] (Cell 1)\n" in report


def test_a_cell_that_hangs_is_stopped_and_named(report):
    assert "Timeout of 4 seconds exceeded" in report
    assert f"in hangs.ipynb, [1] (Cell 0)\n\n{FOREVER}" in report


def test_cells_after_a_broken_one_are_skipped(report):
    cause = "ModuleNotFoundError: No module named 'nothing_of_that_name'"
    assert f"{cause}\nin error.ipynb, [1] (Cell 0)\n\nimport nothing" in report
    assert "NameError" not in report


@with_mnist
def test_another_output_fails_and_shows_both_and_the_next_cell_still_runs(report):
    assert "the output is not the saved one\nin differs.ipynb, [1] (Cell 0)\n" in report
    assert "-it is 42\n+it is 41\n" in report
    # passed: 1 of dead, 1 of differs, and the semicolon, whose value shows as little as in Jupyter
    assert "4 failed, 3 passed, 3 skipped" in report


def test_stand_in_compares_no_outputs_and_says_so(tmp_path):
    write(tmp_path, "differs", BROKEN["differs"][:1])
    report = run(tmp_path, MNIST_NPZ=STAND_IN)
    assert "1 passed" in report
    assert "1 cells executed, not compared" in report
    assert "MNIST was not there" in report


@with_mnist
def test_a_sentence_and_a_picture_that_are_no_longer_right(tmp_path):
    write(tmp_path, "stale", [("x = 3", ""), (DRAW, "")])
    path = tmp_path / "notebooks" / "stale.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(1, new_markdown_cell("Its value is 4. It is positive."))
    data = {"text/plain": "<Figure size 640x480 with 1 Axes>", "image/png": png(drawn("x", "y"))}
    notebook.cells[2].outputs = [new_output("display_data", data)]
    nbformat.write(notebook, path)
    (tmp_path / "tests" / "witnesses").mkdir(parents=True)
    witnesses = "Its value is 4.\n    x == 4\nIt is positive.\n    finally: x > 0\n"
    (tmp_path / "tests" / "witnesses" / "stale.txt").write_text(witnesses)
    report = run(tmp_path)
    assert "A sentence and its witness disagree\nin stale.ipynb, Claims of cell 1" in report
    assert "“Its value is 4.”\n    rests on: x == 4\n    now: x = 3" in report
    assert "the picture is not the saved one" in report
    assert "2 failed, 2 passed" in report


def drawn(xlabel, ylabel, values=(0, 9, 3), **style):
    figure, axes = plt.subplots()
    axes.plot(values, **style)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    file = io.BytesIO()
    figure.savefig(file)
    return Image.open(file).convert("RGB")


def png(picture):
    file = io.BytesIO()
    picture.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def test_pictures_differ_if_labels_are_exchanged_or_data_change():
    saved = drawn("recall", "precision")
    assert difference(saved, drawn("recall", "precision")).max() == 0
    for other in [
        drawn("precision", "recall"),
        drawn("recall", "precision", values=(0, 9, 3.5)),
        drawn("recall", "precision", color="C1"),
        saved.resize((500, 480)),
    ]:
        assert difference(saved, other).max() > MOST


def test_curves_may_move_a_little_but_not_exchange_their_colours():
    found, most = apart(*(two_curves(x, "C0", "C1") for x in (0.9, 0.88)), may_differ=True)
    assert found < most
    found, most = apart(*(two_curves(0.9, *x) for x in (["C0", "C1"], ["C1", "C0"])), True)
    assert found > most


def two_curves(height, *colors):
    figure, axes = plt.subplots(figsize=(5, 3))
    for curve, color in zip([height, 0.5], colors):
        axes.plot(1 - curve / np.arange(2, 30), color=color)
    file = io.BytesIO()
    figure.savefig(file)
    return Image.open(file)


LINES = ["epoch  1 of 2   accuracy 0.912", "lowest 0.151, last 0.201"]
TIMES = ["batches of  8: 1.6 s", "batches of 64: 0.2 s"]


@pytest.mark.parametrize(
    ("new", "within", "differs"),
    [
        (LINES, 0.01, False),
        (["epoch  1 of 2   accuracy 0.920", LINES[1]], 0.01, False),
        (["epoch  1 of 2   accuracy 0.931", LINES[1]], 0.01, True),
        (["epoch  1 of 2   accuracy 0.500", LINES[1]], None, False),
        (["epoch  1 of 2   loss 0.912", LINES[1]], None, True),
        (LINES[:1], None, True),
        ([LINES[0], LINES[0], LINES[1]], 0.01, False),
    ],
)
def test_an_output_that_may_differ_is_still_like_the_saved_one(new, within, differs):
    if differs:
        with pytest.raises(OtherOutputError):
            compare_loosely(LINES, new, within)
    else:
        compare_loosely(LINES, new, within)


@pytest.mark.parametrize(
    ("seconds", "within", "differs"),
    [
        ([3.2, 0.9], None, False),
        ([0.2, 0.2], None, False),
        ([0.2, 1.6], None, True),
        ([0.9, 0.8], 1, False),
        ([0.8, 0.9], 1, True),
    ],
)
def test_what_is_far_more_is_not_saved_as_less(seconds, within, differs):
    new = [re.sub(r"\d\.\d", str(one), line) for one, line in zip(seconds, TIMES)]
    with pytest.raises(OtherOutputError) if differs else contextlib.nullcontext():
        compare_loosely(TIMES, new, within)
