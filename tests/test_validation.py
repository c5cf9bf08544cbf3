"""No training in the notebooks is watched on the images that it learns from."""

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def watched_trainings(code):
    """The names learnt from, and those watched, for each call with `validation_data`."""
    for call in ast.walk(ast.parse(code)):
        if isinstance(call, ast.Call):
            watched = [word.value for word in call.keywords if word.arg == "validation_data"]
            if watched:
                yield names(call.args[1:]), names(watched)


def names(expressions):
    nodes = [node for expression in expressions for node in ast.walk(expression)]
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def all_trainings():
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "validation_data=" in cell.source:
                for learnt, watched in watched_trainings(cell.source):
                    yield pytest.param(learnt, watched, id=f"{path.stem}-{cell.execution_count}")


@pytest.mark.parametrize(("learnt", "watched"), list(all_trainings()))
def test_no_training_is_watched_on_what_it_learns(learnt, watched):
    assert learnt and watched
    assert not learnt & watched
