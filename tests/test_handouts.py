"""Hand-outs: the learner's copy of a notebook, and the pages to print."""

import pytest
from browser import open_chromium
from outlines import every_kind_of_cell, outline, outline_of
from project import NOTEBOOKS, run_python

from tools import chromium, make_handouts
from tools.make_handouts import PAPER, for_print, learners_copy, page_of
from tools.notebook_files import read_notebook, tags

WIDTH = 680  # pixels between the margins of A4
TOO_WIDE = f"""() => [...document.querySelectorAll("body *")].filter((part) =>
  part.checkVisibility() && part.getBoundingClientRect().right > {WIDTH})
  .map((part) => part.outerHTML.slice(0, 80))"""
VISIBLE = """() => {
  const parts = [...document.querySelectorAll("main *")];
  parts.filter((part) => !part.checkVisibility()).forEach((part) => part.remove());
  return document.querySelector("main").innerHTML;
}"""
ALL = pytest.mark.parametrize("path", [*NOTEBOOKS, None], ids=lambda path: path and path.stem)


@ALL
def test_a_learners_copy_is_the_notebook_without_outputs_and_solutions(path):
    whole = read_notebook(path) if path else every_kind_of_cell()
    copy, before = learners_copy(whole), path and path.read_bytes()
    kept = [cell.copy() for cell in whole.cells if "solution" not in tags(cell)]
    for cell in kept:
        if cell.cell_type == "code":
            cell |= {"outputs": [], "execution_count": None}
    assert copy == {**whole, "cells": kept}
    assert not path or path.read_bytes() == before


def test_without_chromium_the_copies_are_made_and_a_sentence_says_what_to_install(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("sys.argv", ["make_handouts", "01", "--to", str(tmp_path)])
    monkeypatch.setattr(chromium.shutil, "which", lambda name: str(tmp_path / "nowhere"))
    starts = run_python("import runpy; runpy.run_module('playwright', run_name='__main__')")
    lacking = "lib" if "shared libraries" in starts.stderr else "chromium"
    with pytest.raises(SystemExit, match=f"apt install {lacking}"):
        make_handouts.main()
    assert (tmp_path / NOTEBOOKS[0].name).is_file() and not list(tmp_path.glob("*.pdf"))
    there = [
        sorted(x.name for x in (y / "samples").iterdir()) for y in [tmp_path, NOTEBOOKS[0].parent]
    ]
    assert there[0] == there[1]


@pytest.fixture(scope="module")
def page():
    with open_chromium() as browser:
        size = {"width": WIDTH, "height": 1000}
        page = browser.new_context(offline=True, viewport=size).new_page()
        page.emulate_media(media="print")
        yield page


@ALL
def test_all_is_on_paper_and_nothing_cut_off(path, page):
    notebook = read_notebook(path) if path else every_kind_of_cell()
    for_print(page, page_of(notebook))
    assert page.evaluate(TOO_WIDE) == []
    assert (
        page.title() == notebook.cells[0].source.splitlines()[0].lstrip("# ") if path else "*First*"
    )
    assert outline(page.evaluate(VISIBLE)) == outline_of(notebook.cells)


def test_a_pdf_is_on_a4_with_an_outline_and_can_be_read_aloud(page):
    for_print(page, page_of(every_kind_of_cell()))
    pdf = page.pdf(**PAPER)
    assert all(x in pdf for x in [b"/MediaBox [0 0 59", b"/Outlines", b"/StructTreeRoot", b"/Lang"])
    assert len(pdf) > len(page.pdf(**PAPER | {"display_header_footer": False})), (
        "pages have numbers"
    )
