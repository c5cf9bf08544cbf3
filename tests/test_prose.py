"""Every number in the text that states a result or a size stands in an output, in `results/`,
or beside a source.

A number in Markdown is accepted if an output of the same notebook shows it (also as a percentage
of a share); if a file in `results/` that its text names does; if its sentence cites a source;
or if it is a plain whole number that the code of the same section sets (as in "2,000 images") and
no result. Digits as names ("the 9"), numbers of notebooks and lists, and what stands in `code` are
no results.
"""

import re

import nbformat
import pytest
from project import NOTEBOOKS, ROOT

from tests.notebook_runs import COLOURS, texts
from tools.execute_notebooks import recorded

NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\w.,])\d+(?:\.\d+)?(?![\d])")
RESULT = re.compile(
    r"\s*(%|(percent|percentage )?points?\b|parameters|seconds?\b|minutes?\b|MB|GB|times as)"
)
SOURCE = re.compile(r"\]\(https?://")
COMPARISONS = ["20 cakes"]
TIME_STATED = re.compile(r"^\*\*Time\.\*\*|^\| \[\d\d .* (seconds|minutes) \|$")
VERSION = re.compile(r"\b(Python|JupyterLab)( \d\.\d+( to \d\.\d+)?)")


def sentences(markdown):
    text = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\s*\d+\.\s", "", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*\d\. ", "**", text)
    text = re.sub(r"`[^`]*`", "", text)
    text = re.sub(r"(?i)\bnotebooks? \d\d(, \d\d)*( to \d\d)?", "notebook", text)
    text = VERSION.sub(r"\1", text)
    text = re.sub(r"\]\((?!https?:)[^)]*\)", "]", text)
    text = re.sub(r"\b(\d+)x(\d+)(?:x(\d+))?\b", r"\1 x \2 x \3", text)
    return [s for s in re.split(r"(?<=[.:?!])\s+|\n+", text) if s.strip()]


def numbers_stated(sentence):
    """Pairs of the text of a number and whether it claims a result."""
    plain = re.sub(r"\]\([^)]*\)", "]", sentence)
    plain = re.sub(r"\[[^\]]*\b(19|20)\d\d\]", "", plain)
    for match in NUMBER.finditer(plain):
        is_result = bool(RESULT.match(plain[match.end() :]))
        yield match[0].replace(",", ""), is_result


def shown(text):
    """The numbers in a text, as written, and as percentages where they are shares."""
    found = set()
    for token in re.findall(r"\d[\d,_]*(?:\.\d+)?(?:e-?\d+)?", text):
        token = token.rstrip(",").replace(",", "").replace("_", "")
        found.add(token)
        if "." in token and 0 <= float(token) <= 1:
            found.add(f"{100 * float(token):.{max(len(token.split('.')[1]) - 2, 0)}f}")
    return found | {token.rstrip("0").rstrip(".") for token in found if "." in token}


def output_text(cell):
    return COLOURS.sub("", "\n".join(texts(cell.get("outputs", []))))


def results_named_in(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    paths = (ROOT / "results").glob("**/*.csv")
    return "\n".join(path.read_text("utf-8") for path in paths if path.name in text)


def problems(notebook, name):
    """What is stated and not shown, one text for each number: file, cell, number, sentence."""
    in_outputs = shown(" ".join(output_text(cell) for cell in notebook.cells))
    accepted = in_outputs | shown(results_named_in(notebook))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            in_code = shown(code_of_section(notebook.cells, index))
            yield from unshown(cell.source, accepted, in_code, f"{name}, cell {index}")


def code_of_section(cells, index):
    def begins(cell):
        return cell.cell_type == "markdown" and cell.source.startswith("## ")

    first = max((i for i in range(index + 1) if begins(cells[i])), default=0)
    last = next((i for i in range(index + 1, len(cells)) if begins(cells[i])), len(cells))
    return "\n".join(cell.source for cell in cells[first:last] if cell.cell_type == "code")


def unshown(markdown, accepted, in_code, place):
    for sentence in sentences(markdown):
        if SOURCE.search(sentence) or TIME_STATED.search(sentence):
            continue
        for number, is_result in numbers_stated(sentence):
            is_comparison = any(number in c and c in sentence for c in COMPARISONS)
            is_setting = not is_result and (float(number) <= 10 or number in in_code)
            if number not in accepted and not is_comparison and not is_setting:
                yield f"{place}: {number} is shown nowhere: {sentence}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_in_the_text_is_shown(path):
    fail_with(problems(nbformat.read(path, as_version=4), path.name))


def test_every_number_in_the_readme_is_shown():
    """In an output of the notebook that its paragraph names, or of any if it names none."""
    outputs = {}
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        outputs[path.name[:2]] = shown(" ".join(output_text(cell) for cell in cells))
    most = max(int(cost["megabytes"]) for cost in recorded().values())
    outputs["memory"] = {f"{most / 1000:.1f}"}
    found = []
    for paragraph in (ROOT / "README.md").read_text(encoding="utf-8").split("\n\n"):
        named = re.findall(r"notebook (\d\d)", paragraph) or outputs
        accepted = set.union(*(outputs[number] for number in named))
        found += unshown(paragraph, accepted, set(), "README.md")
    fail_with(found)


def fail_with(found):
    found = list(found)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_the_readme_states_the_times_that_the_notebooks_state():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        opening = nbformat.read(path, as_version=4).cells[0].source
        stated = re.search(r"about (\d+ \w+)", opening)[1]
        assert re.search(rf"{path.name}\).*\| {stated} \|", readme), path.name


@pytest.mark.parametrize(
    ("text", "output", "found"),
    [
        ("It reads 98.79 % right.", "accuracy 0.9879", []),
        ("It reads 99.79 % right.", "accuracy 98.79%", ["99.79"]),
        ("It has 225,034 parameters.", "Total params: 225,034", []),
        ("Of 10,000 images 121 are misread.", "10000 images, 121 mistakes", []),
        ("Of 10,000 images 112 are misread.", "10000 images, 121 mistakes", ["112"]),
        ("It takes 7 seconds.", "", ["7"]),
        ("It says 9, the next one too.", "", []),
        ("See notebook 05, and `x[:500]`.", "", []),
        ("About 500 images.", "", ["500"]),
        ("About 500 images ([Somebody, 1998](https://example.org)).", "", []),
    ],
)
def test_the_check_itself(text, output, found):
    accepted = shown(output)
    assert [p.split(": ")[1].split()[0] for p in unshown(text, accepted, set(), "x")] == found
