"""What a maintainer sees when a notebook breaks: small notebooks, broken on purpose, really run."""

import base64
import contextlib
import io
import os
import subprocess
import sys
from itertools import count

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from project import ROOT

from helpers.dataset import STAND_IN
from tests.comparing import OtherOutputError, apart, compare_loosely

OURS = [f"tests.{name}" for name in ["without_grammar", "notebook_runs", "claims", "comparing"]]
PLUGINS = [*OURS, "no:cacheprovider"]
FOREVER = "import time\nwhile True:\n    time.sleep(0.1)"
BLACK = "from PIL import Image\nImage.new('RGB', (99, 99))"
WHITE = {
    "text/plain": "<PIL.Image.Image image mode=RGB size=99x99>",
    "image/png": base64.b64encode(Image.new("RGB", (99, 99), "white")._repr_png_()).decode(),
}
TEXT = "Its value is 4. It is positive."
WITNESSES = """Its value is 4.
    x == 4 and all(y == 3 for y in [x])
It is positive.
    finally: x > 0
"""
BROKEN = {
    "dead": [("print(1)", "1\n"), ("import os; os._exit(9)", ""), ("print(3)", "3\n")],
    "hangs": [(FOREVER, ""), ("print(2)", "2\n")],
    "error": [("import nothing_of_that_name", ""), ("nothing_of_that_name.x", "")],
    "differs": [("print('it is 41')", "it is 42\n"), ("x = 3; 1 + 1;", ""), TEXT, (BLACK, WHITE)],
}
with_mnist = pytest.mark.skipif(
    os.environ.get("MNIST_NPZ") == STAND_IN, reason="compares only with MNIST"
)


def run(folder, names, *options, **environment):
    """What pytest says of these notebooks of `BROKEN`."""
    for part in ["notebooks", "tests/witnesses"]:
        (folder / part).mkdir(parents=True)
    (folder / "tests" / "witnesses" / "differs.txt").write_text(WITNESSES)
    for name in names:
        notebook = new_notebook(cells=[*map(new_cell, count(1), BROKEN[name])])
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
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


def new_cell(number, content):
    """A text, or source and output of a code cell."""
    if content is TEXT:
        return new_markdown_cell(TEXT)
    source, stored = content
    if stored is WHITE:
        outputs = [new_output("execute_result", WHITE, execution_count=number)]
    else:
        outputs = [new_output("stream", name="stdout", text=stored)] if stored else []
    return new_code_cell(source, execution_count=number, outputs=outputs)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return run(tmp_path_factory.mktemp("broken"), BROKEN, "--nbval-cell-timeout=4")


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
    # passed: 1 of dead, the last sentence, and 1 + 1;, which shows as little as in Jupyter
    assert "6 failed, 3 passed, 3 skipped" in report


@with_mnist
def test_a_sentence_and_a_picture_that_are_no_longer_right(report):
    assert "A sentence and its witness disagree\nin differs.ipynb, Claims of cell 2" in report
    witness = "x == 4 and all(y == 3 for y in [x])"
    assert f"“Its value is 4.”\n    rests on: {witness}\n    now: x = 3\n" in report
    assert "the picture is not the saved one" in report


def test_stand_in_compares_no_outputs_and_says_so(tmp_path):
    report = run(tmp_path, ["differs"], MNIST_NPZ=STAND_IN)
    assert "3 passed" in report
    assert "3 cells executed, not compared" in report
    assert "MNIST was not there" in report


def drawn(heights=(0.9, 0.5), colors=("C0", "C1"), labels=("recall", "precision"), size=None):
    figure, axes = plt.subplots(figsize=(5, 3))
    for height, color in zip(heights, colors):
        axes.plot(1 - height / np.arange(2, 30), color=color)
    axes.set(xlabel=labels[0], ylabel=labels[1])
    file = io.BytesIO()
    figure.savefig(file)
    picture = Image.open(file)
    return picture.resize(size) if size else picture


@pytest.mark.parametrize(
    ("changed", "may_differ", "differs"),
    [
        ({}, False, False),
        ({"labels": ("precision", "recall")}, False, True),
        ({"heights": (0.9, 0.6)}, False, True),
        ({"colors": ("C0", "C2")}, False, True),
        ({"size": (400, 300)}, False, True),
        ({"heights": (0.88, 0.5)}, True, False),
        ({"colors": ("C1", "C0")}, True, True),
    ],
)
def test_a_picture_is_another_if_labels_colours_or_data_change(changed, may_differ, differs):
    found, most = apart(drawn(), drawn(**changed), may_differ)
    assert (found > most) == differs


LINES = ["epoch  1 of 2   accuracy 0.912", "lowest 0.151, last 0.201"]


def times(of_8, of_64):
    return [f"batches of  8: {of_8} s", f"batches of 64: {of_64} s"]


@pytest.mark.parametrize(
    ("saved", "new", "within", "differs"),
    [
        (LINES, LINES, 0.01, False),
        (LINES, ["epoch  1 of 2   accuracy 0.920", LINES[1]], 0.01, False),
        (LINES, ["epoch  1 of 2   accuracy 0.931", LINES[1]], 0.01, True),
        (LINES, ["epoch  1 of 2   accuracy 0.500", LINES[1]], None, False),
        (LINES, ["epoch  1 of 2   loss 0.912", LINES[1]], None, True),
        (LINES, LINES[:1], None, True),
        (LINES, [LINES[0], LINES[0], LINES[1]], 0.01, False),
        (times(1.6, 0.2), times(3.2, 0.9), None, False),
        (times(1.6, 0.2), times(0.2, 0.2), None, False),
        (times(1.6, 0.2), times(0.2, 1.6), None, True),
        (times(0.6, 0.1), times(0.7, 1.1), None, False),
        (times(1.6, 0.2), times(0.9, 0.8), 1, False),
        (times(1.6, 0.2), times(0.8, 0.9), 1, True),
    ],
)
def test_an_output_that_may_differ_is_still_like_the_saved_one(saved, new, within, differs):
    with pytest.raises(OtherOutputError) if differs else contextlib.nullcontext():
        compare_loosely(saved, new, within)
