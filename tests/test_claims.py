"""Every sentence of a text that has witnesses has one, in the form that `tools.claims` asks.

Those of a notebook are evaluated in its kernel, by `tests/claims.py`; others here.
"""

import ast
import io
import re
import runpy
import tokenize
from collections import Counter

import nbformat
import numpy as np
import pytest
from project import ROOT

from tests.claims import disagreement, unsaid
from tests.numbers_said import evaluate, unnamed
from tools.claims import (
    problems_with,
    read_witnesses,
    sentences_in,
    witness_file,
    write_witnesses,
)
from tools.notebook_files import all_notebooks, all_texts, read_notebook

TEXTS = {n: p for n, p in (all_notebooks() | all_texts()).items() if witness_file(p).exists()}


@pytest.mark.parametrize("path", TEXTS.values(), ids=TEXTS)
def test_every_sentence_has_its_witness(path):
    notebook = read_notebook(path)
    witnesses = read_witnesses(witness_file(path))
    sentences = list(sentences_in(notebook))
    found = [
        f"cell {cell}: “{text}” {problem}"
        for text, cell in sentences
        for problem in problems_with(text, witnesses.get(text, []), notebook.cells[cell].source)
    ]
    texts = Counter(text for text, _ in sentences)
    found += [f"“{text}” stands there twice" for text in texts if texts[text] > 1]
    if texts.keys() == witnesses.keys():
        moved = [text for text, other in zip(texts, witnesses) if text != other]
        found += [f"“{text}” stands elsewhere than its witness" for text in moved[:1]]
    gone = witnesses.keys() - {sentence.text for sentence in sentences}
    found += [f"“{text}” stands in the notebook no more" for text in gone]
    assert not found, "\n".join([f"{path.stem}, see make claims:", *found])


@pytest.mark.parametrize("name", all_notebooks())
def test_what_a_picture_says_and_leaves_out_stands_in_its_witnesses(name):
    path = all_notebooks()[name]
    witnesses = witness_file(path).read_text("utf-8")
    code = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]
    drawn = Counter(text.strip() for one in code for text in (*words(one), *limits(one)))
    assert not [text for text in drawn if text not in witnesses]
    shown = [text for text in drawn if text.startswith("get_")]
    assert not [text for text in shown if witnesses.count(text) < drawn[text]]


@pytest.mark.parametrize("name", all_notebooks())
def test_a_number_among_the_words_of_a_cell_is_one_of_its_code(name):
    """Of words printed or in a comment, unless a witness has them: 95 of "95 of 100" is 0.95."""
    path = all_notebooks()[name]
    witnesses = witness_file(path).read_text("utf-8")
    for cell in read_notebook(path).cells:
        for words, code in printed(cell.source) if cell.cell_type == "code" else []:
            assert not any(unnamed(words, code)) or words.strip() in witnesses, words


def printed(source):
    """The words of each print and comment, and the numbers of the code around."""
    tree = ast.parse(source)
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [value for value in constants if isinstance(value, int | float)]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not re.fullmatch(r"# check\(.*\)", token.string):
            yield token.string.split("# ")[-1], numbers
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print":
            formats = [x.format_spec for x in ast.walk(call) if isinstance(x, ast.FormattedValue)]
            forms = {part for form in formats if form for part in ast.walk(form)}
            for text in {*ast.walk(call)} - forms:
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield re.sub(r"\{[^}]*\}", "", text.value), numbers


def words(source):
    """The titles and labels that a cell gives its pictures."""
    for value in settings(source, "xlabel", "ylabel", "title", "label", "suptitle"):
        for text in ast.walk(value):
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


def limits(source):
    """The part of a picture that a cell shows, as a witness has to say it: what lies outside?"""
    for name in ("xlim", "ylim"):
        for value in settings(source, name):
            yield f"get_{name}() == {ast.unparse(value)}"


def settings(source, *names):
    """What calls are given under a name, or as `set_` that name."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            yield from (x.value for x in call.keywords if x.arg in names)
            if getattr(call.func, "attr", "").removeprefix("set_") in names:
                yield call.args[0] if len(call.args) == 1 else ast.Tuple(call.args)


@pytest.fixture(scope="module")
def names():
    return runpy.run_path(str(ROOT / "tests" / "witnesses" / "readmes.py"))


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - all_notebooks().keys()))
def test_the_sentences_of_a_text_hold(name, names):
    def values(expressions):
        return [value(text, names) for text in expressions]

    lost = []
    for sentence, witnesses in read_witnesses(witness_file(TEXTS[name])).items():
        assert not {"finally", "this run"} & dict(witnesses).keys(), sentence
        came_up = set()
        for kind, text in witnesses:
            if kind == "given":
                exec(text, names)  # noqa: S102
            elif kind == "holds":
                holds, numbers = evaluated(text, names)
                came_up.update(numbers)
                if not holds:
                    lost.append(disagreement(sentence, text, values))
        if "holds" in dict(witnesses):
            lost += unsaid(sentence, witnesses, came_up)
    assert not lost, "\n".join([f"{name} and what is so disagree:", *lost])


def evaluated(expression, names):
    try:
        return evaluate(expression, names)
    except Exception:  # noqa: BLE001
        return False, []


def value(expression, names):
    try:
        return repr(eval(expression, names))
    except Exception as error:  # noqa: BLE001
        return repr(error)


@pytest.mark.parametrize(
    ("witnesses", "problem"),
    [
        ([], "has no witness"),
        ([("holds", "?")], "has no witness"),
        ([("given", "_x = 1")], "has no witness"),
        ([("-", "an opinion")], "states something"),
        ([("holds", "1 < 2")], "always holds"),
        ([("source", "https://example.org/paper")], "without its source"),
        ([("test", "tests/test_claims.py::test_nothing")], "has no test"),
        ([("-", "task")], None),
        ([("test", "tests/test_claims.py::test_what_a_witness_must_be")], None),
        ([("holds", "len(x_train) == 60000")], None),
    ],
)
def test_what_a_witness_must_be(witnesses, problem):
    found = list(problems_with("Two of three are right.", witnesses, "Two of three are right."))
    assert [problem in text for text in found] == [True] if problem else found == []


@pytest.mark.parametrize(
    ("sentence", "expression", "missing"),
    [
        ("It reads 98.1 % of 10,000 images.", "round(right / len(images), 3) == 0.981", []),
        ("It reads 98.9 % of 10,000 images.", "right / len(images) > 0.9", ["98.9"]),
        ("It reads 98.9 % of 10,000 images.", "right > 9000", ["98.9", "10,000"]),
        ("It reads about 95 % of them.", "right / len(images) > 0", []),
        ("In [notebook 07](07.ipynb) `x[3]` has a 95 % interval.", "right", []),
        ("The mean of 3 and 5 is 4.", "images[2:5, ] if not right else max([3, 5])", ["4"]),
    ],
)
def test_each_number_of_a_sentence_comes_up(sentence, expression, missing):
    holds, numbers = evaluate(expression, {"right": np.int64(9812), "images": range(10_000)})
    assert holds
    assert [*unnamed(sentence, numbers)] == missing
    assert len([*unsaid(sentence, [("holds", expression)], numbers)]) == bool(missing)
    assert not [*unsaid(sentence, [("holds", expression), ("test", "of it")], numbers)]


def test_files_keep_their_witnesses_when_the_text_changes(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("New. Second.")])
    path = tmp_path / "01.txt"
    path.write_text("First.\n    all(\n        x)\nSecond.\n    given: y = 2\n    y == 2\n")
    assert read_witnesses(path)["First."] == [("holds", "all( x)")]
    write_witnesses(path, sentences_in(notebook))
    assert read_witnesses(path) == {
        "New.": [("holds", "?")],
        "Second.": [("given", "y = 2"), ("holds", "y == 2")],
    }
    assert "# gone: First." in path.read_text()
