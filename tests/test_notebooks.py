"""What every notebook of the series has in common, checked without running it."""

import ast
import dis
import getpass
import re
import socket
import statistics
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import CodeType

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from project import NOTEBOOKS, ROOT, minutes_of
from project import code_cells as code_cells_of

from tools import execute_notebooks
from tools.claims import OPTION, read_witnesses, witness_file
from tools.execute_notebooks import recorded, write_figures
from tools.notebook_files import lesson, tags
from tools.screens import set_slide_types

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
CELL_METADATA = {
    *("tags", "alt", "slideshow", "jp-MarkdownHeadingCollapsed", "nbval-ignore-output"),
}
TAGS = {"nbval-check-output", "nbval-ignore-output", "question", "solution", "yours"}
MOST_LETTERS = {"stdout": 1000, "text/plain": 2500, "text/html": 5000, "image/png": 300_000}
# Absolute paths of any system, addresses in memory, names of accounts and hosts, times of day.
OF_ONE_MACHINE = re.compile(
    r"(?<![\w.:/<])/[\w.-]+/[\w./-]+|\b[A-Za-z]:\\|\\\\\w|~/|file:/|0x[0-9a-f]{6}|\w@\w+\b(?!\()"
    r"|\b(localhost|127\.0\.0\.1|\d+\.\d+\.\d+\.\d+)\b|\b\d\d:\d\d:\d\d\b|\b20\d\d-\d\d-\d\d\b"
)
CALL = r"\b\w+(?:\(\w+\)|\[[^][]+\])"
STARTER = r"# from helpers\.exercises import check\n(# .*\n)*# check\(\"{}\.{}\", .*"
READS_WITH_A_MODEL = re.compile(
    r"\b(predict|evaluate|fit|train|fit_transform|transform|recall|read_by\w+|network|model)\("
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    notebook = nbformat.read(request.param, as_version=4)
    notebook.path = request.param
    return notebook


def code_cells(notebook):
    """The code cells, without those for a learner's own work."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in code if "yours" not in tags(cell)]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook):
    return [(cell, output) for cell in code_cells(notebook) for output in cell.outputs]


def test_every_cell_was_executed_in_order(notebook):
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_what_is_saved_is_of_a_kind_that_may_be(notebook):
    """An allow-list: other kinds, noise, much text and traces of one machine are refused."""
    assert notebook.path.stat().st_size < 1_000_000
    assert notebook.metadata == METADATA
    for number, cell in enumerate(notebook.cells):
        assert cell.id == f"cell-{number}"
        assert cell.metadata.keys() <= CELL_METADATA, number
        assert {tag for tag in tags(cell) if not tag.startswith("figure:")} <= TAGS, number
        assert "attachments" not in cell
    for cell, output in outputs(notebook):
        assert output.output_type in ["stream", "display_data", "execute_result"], cell.source
        assert output.get("metadata", {}) == {}, cell.source
        for kind, text in output.get("data", {output.get("name"): output.get("text")}).items():
            assert kind in MOST_LETTERS, (kind, cell.source)
            assert len(text) <= MOST_LETTERS[kind], (kind, cell.source)
            if kind != "image/png":
                assert not names_a_machine(text), (names_a_machine(text), cell.source)


def test_what_may_differ_has_a_reason_and_a_cell_that_says_what_must_hold(notebook):
    code = code_cells(notebook)
    for number, cell in enumerate(code):
        tagged = "nbval-ignore-output" in tags(cell)
        assert tagged == ("nbval-ignore-output" in cell.metadata), cell.source
        if tagged:
            note = cell.metadata["nbval-ignore-output"]
            assert note.keys() == {"because", "within"} and len(note["because"]) > 15
            following = code[number + 1 : number + 6]
            held = any(x.outputs and "nbval-ignore-output" not in x.metadata for x in following)
            assert held or "solution" in cell.metadata.tags, cell.source


def names_a_machine(text):
    mine = {getpass.getuser(), socket.gethostname(), str(Path.home())} - {"root", "/root"}
    written = [name for name in mine if re.search(rf"\b{re.escape(name)}\b", text)]
    return OF_ONE_MACHINE.findall(text) + written


def test_traces_of_a_machine_are_found():
    traces = [
        *("/home/ana/x.py", r"C:\Users\ana", "~/digits", "ana@laptop", "<a at 0x7f12ab34cd>"),
        *("file:///a", "/opt/venv/lib", "10.1.2.3", "at 2026-11-20", "12:34:56"),
    ]
    assert all(map(names_a_machine, traces))


def test_the_screens_are_those_that_the_rule_makes(notebook):
    stored = [cell.metadata.get("slideshow") for cell in notebook.cells]
    set_slide_types(notebook.cells)
    assert [cell.metadata.get("slideshow") for cell in notebook.cells] == stored


def test_cells_are_short(notebook):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
    assert statistics.median(lengths) <= 4
    assert max(lengths) <= 15


def test_intervals_are_those_of_95_percent_that_the_texts_name(notebook):
    nodes = [x for cell in code_cells(notebook) for x in ast.walk(ast.parse(cell.source))]
    calls = {"accuracy_interval": 2, "mean_interval": 1}
    for node in nodes:
        if isinstance(node, ast.Call) and (most := calls.get(getattr(node.func, "id", ""))):
            named = {x.arg for x in node.keywords}
            assert len(node.args) <= most and "confidence" not in named, ast.unparse(node)


def test_opening_says_what_to_expect(notebook):
    opening = prose(notebook)[0]
    assert re.match(r"# [A-Z][a-z]+", opening)
    for heading in ["What you will do.", "What you will learn.", "What you need.", "Time."]:
        assert f"**{heading}**" in opening


def test_stated_time_is_the_measured_one(notebook):
    """Rounded up: to ten seconds, and from a minute on to minutes."""
    seconds = int(recorded()[notebook.path.stem]["seconds"])
    stated = f"{-(-seconds // 60)} minutes" if seconds > 60 else f"{-(-seconds // 10) * 10} seconds"
    assert f"All cells together run for about {stated} on two cores" in prose(notebook)[0]


def test_a_new_measurement_takes_the_place_of_the_old(tmp_path, monkeypatch):
    new, path = {"seconds": "1", "megabytes": "2"}, tmp_path / "costs.csv"
    path.write_text(execute_notebooks.COSTS.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(execute_notebooks, "COSTS", path)
    expected = recorded() | {NOTEBOOKS[0].stem: {"notebook": NOTEBOOKS[0].stem, **new}}
    execute_notebooks.record({NOTEBOOKS[0].stem: new})
    assert recorded() == expected


def test_a_lesson_takes_as_long_as_stated_and_at_most_45_minutes(notebook):
    """Stated to the nearest 5 minutes, with 4 minutes for each exercise."""
    parts = [cell.source if cell.cell_type == "markdown" else None for cell in lesson(notebook)]
    minutes = round(sum(map(minutes_of, parts)) + 3 * 4)
    assert f"a lesson takes about {5 * round(minutes / 5)} minutes" in notebook.cells[0].source
    assert minutes <= 45


def test_measured_memory_is_within_bounds(notebook):
    assert 0 < int(recorded()[notebook.path.stem]["megabytes"]) < 1200


def test_it_ends_with_summary_exercises_and_a_link(notebook):
    text = "\n\n".join(prose(notebook))
    _, summary, exercises = re.split("## Summary|## Your turn", text)
    assert 3 <= summary.count("\n- ") <= 5
    headings = re.findall(r"^### (.*)$", exercises, flags=re.MULTILINE)
    assert headings == ["1. Predict", "2. Change", "3. Build"]
    assert re.search(r"^## .*\n\n.*\]\(\S+\)", prose(notebook)[-1])


def test_each_exercise_has_an_empty_cell_and_a_closed_solution_with_an_answer_in_words(notebook):
    """A closed heading hides all that follows until the next heading of its level or above."""
    cells = notebook.cells
    exercises = [i for i, cell in enumerate(cells) if re.match(r"### \d\. ", cell.source)]
    ends = [*exercises[1:], len(cells) - 1]
    for number, (start, end) in enumerate(zip(exercises, ends), 1):
        question, yours, heading, *solution = cells[start:end]
        assert len(question.source.split("\n\n", 1)[1]) > 20
        assert (yours.cell_type, yours.metadata.tags, yours.outputs) == ("code", ["yours"], [])
        assert re.fullmatch(STARTER.format(notebook.path.stem[:2], number), yours.source)
        assert heading.source == f"#### Solution of exercise {number}"
        assert heading.metadata["jp-MarkdownHeadingCollapsed"] is True
        shown = [output.get("text", "") for c in solution for output in c.get("outputs", [])]
        assert sum(text.endswith("Right.\n") for text in shown) == 1
        assert solution[-1].cell_type == "markdown"
        for cell in [heading, *solution]:
            assert "solution" in cell.metadata.tags
            assert cell is heading or not cell.source.startswith("#")
    assert sum("solution" in tags(cell) for cell in cells[: exercises[0]]) == 0


def test_every_picture_has_alt_text_and_a_caption(notebook):
    for index, cell in enumerate(notebook.cells):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            assert len(cell.metadata.get("alt", "")) > 15, cell.source
            following = [c.source for c in notebook.cells[index + 1 : index + 3]]
            captioned = any(source.startswith("*") for source in following)
            assert captioned or "solution" in cell.metadata.tags, cell.source


def test_questions_have_options_of_which_one_is_right_and_stand_before_the_cell(notebook):
    """Each wrong option says what was mistaken. The right one moves about, and rests on a name that
    the cell below the question, and none before it, binds.
    """
    cells, known = notebook.cells, read_witnesses(witness_file(notebook.path))
    pairs = [(c, d) for c, d in pairwise(cells) if "question" in tags(c)]
    assert 4 <= len(pairs) <= 6
    assert sum("**Before you run" in text for text in prose(notebook)) == len(pairs)
    places = []
    for cell, following in pairs:
        question, options = cell.source.split("\n\n", 1)
        assert re.fullmatch(r"\*\*Before you run the (next )?cells?:\*\* .*\?", question), question
        verdicts = [verdict for _, verdict, _ in OPTION.findall(options)]
        assert not any(re.search("[*`_]", option) for option, _, _ in OPTION.findall(options))
        assert OPTION.sub("", options) == "" and 3 <= len(verdicts) <= 4, question
        assert sorted(verdicts)[-2:] == ["No", "Right"], question
        assert following.cell_type == "code", question
        right = next(
            f"Right: {x}." for x, verdict, _ in OPTION.findall(options) if verdict == "Right"
        )
        before = cells[: cells.index(cell)]
        answering = new_in([following]) - new_in([c for c in before if c.cell_type == "code"])
        witness = " ".join(text for _, text in known[right])
        assert answering & {*re.findall(r"\w+", witness), *re.findall(CALL, witness)}, (
            f"{question} What {right} rests on is not in the cell below."
        )
        places.append(verdicts.index("Right"))
    assert len(set(places)) >= 3, places


def new_in(cells):
    """Names that these cells bind, and what they read such as "recall(x)" and "rows[a]"."""
    plain = TransformerManager().transform_cell
    bound = {name for c in cells for name in names(compile(plain(c.source), c.id, "exec"))[1]}
    return bound.union(*(re.findall(CALL, c.source) for c in cells))


def test_links_to_files_resolve(notebook):
    for text in prose(notebook):
        for target in re.findall(r"\]\(([^)#]+)", text):
            if "://" not in target:
                assert (notebook.path.parent / target).exists(), target


@pytest.mark.parametrize("number", ["09", "10"])
def test_what_chooses_by_validation_images_has_no_others(number):
    """Whatever a graph of one's own learns from: the test images are not even bound."""
    calls = re.findall(r"load_mnist\(.{0,4}", "\n".join(code_cells_of(number)))
    assert calls and all(call.startswith("load_mnist()[0]") for call in calls)


@pytest.mark.parametrize("number", ["01", "02", "03", "04"])
def test_test_images_are_not_read_before_notebook_05(number):
    for source in code_cells_of(number):
        assert number == "01" or "x_test" not in source
        for line in source.splitlines():
            assert not ("_test" in line and READS_WITH_A_MODEL.search(line)), line


def names(code):
    """Names that a cell reads before it binds them, and names that it binds."""
    read, bound = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            bound.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            read |= {step.argval} - bound
        elif isinstance(step.argval, CodeType) and step.argval.co_name in COMPREHENSIONS:
            read |= names(step.argval)[0] - bound
    return read, bound


COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"}


def test_a_name_that_another_cell_reads_is_bound_in_one_cell_alone(notebook):
    """So cells may be run again, and back and forth: the way to a cell makes no difference."""
    plain = TransformerManager().transform_cell
    cells = [compile(plain(c.source), c.id, "exec") for c in code_cells(notebook)]
    read, bound = zip(*map(names, cells), strict=True)
    binders = Counter(name for some in bound for name in some)
    shared = set().union(*read)
    assert {name: count for name, count in binders.items() if count > 1 and name in shared} == {}


def test_figures_are_what_the_notebooks_show(tmp_path):
    for path in NOTEBOOKS:
        write_figures(nbformat.read(path, as_version=4), tmp_path)
    shown = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}
    stored = {path.stem: path.read_bytes() for path in (ROOT / "figures").glob("*.png")}
    assert stored.keys() - shown.keys() == {"sketchpad", "sketchpad_dark"}, "screenshots"
    assert stored == stored | shown


def test_readme_shows_a_figure_and_its_links_resolve():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert all((ROOT / target).exists() for target in targets)
    assert any(target.startswith("figures/") for target in targets)
    linked = [ROOT / target for target in targets if target.endswith(".ipynb")]
    assert linked == NOTEBOOKS
