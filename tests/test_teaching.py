"""TEACHING.md: the minutes of each section, and the plans of lessons."""

import re

import pytest
from project import ROOT, minutes_of

from tools.make_slides import speaker_notes
from tools.notebook_files import all_notebooks, lesson, read_notebook

TEXT = (ROOT / "TEACHING.md").read_text("utf-8")
STATED = {
    number: {heading: int(note.split()[0]) for heading, note in notes.items()}
    for number, notes in speaker_notes(ROOT / "TEACHING.md").items()
}
NO_LESSON = {"Summary", "Your turn", "Next", "Back to the start"}


def minutes(notebook):
    """Of each section, at least one."""
    found, heading = {}, None
    for cell in lesson(notebook):
        for part in [None] if cell.cell_type == "code" else re.split(r"(?m)^(?=## )", cell.source):
            heading = part.splitlines()[0][3:] if part and part.startswith("## ") else heading
            found[heading] = found.get(heading, 0) + minutes_of(part)
    return {h: max(1, round(m)) for h, m in found.items() if h and h not in NO_LESSON}


@pytest.mark.parametrize("number", all_notebooks())
def test_the_minutes_are_those_of_the_notebooks_sections(number):
    assert STATED[number] == minutes(read_notebook(all_notebooks()[number]))


def test_the_plans_fit_into_lessons():
    """The minutes of a row are those of its sections; with ten more, it is a lesson of 45."""
    rows = re.findall(r"^\|[^|]*\|[^|]*\| (\d\d: .*) \| (\d+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    for plan, stated in rows:
        sections = [part.split(": ", 1) for part in plan.split(" · ")]
        each = [
            STATED[number][heading] for number, list_ in sections for heading in list_.split("; ")
        ]
        assert sum(each) == int(stated) <= 35, plan
