"""Hand-outs: the learner's copy of a notebook, and the pages to print."""

import re

import pytest
from browser import check_playwright, open_chromium
from playwright.sync_api import sync_playwright
from project import NOTEBOOKS

from tools import make_handouts
from tools.make_handouts import for_print, learners_copy, page_of
from tools.notebook_files import read_notebook

WIDTH = 680  # pixels between the margins of A4
TOO_WIDE = f"""() => [...document.querySelectorAll("body *")].filter((part) =>
  part.checkVisibility() && part.getBoundingClientRect().right > {WIDTH})
  .map((part) => part.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_learners_copy_is_the_notebook_without_outputs_and_solutions(path):
    before = path.read_bytes()
    whole, copy = read_notebook(path), learners_copy(read_notebook(path))
    kept = [x.source for x in whole.cells if "solution" not in x.metadata.get("tags", [])]
    assert [cell.source for cell in copy.cells] == kept
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert path.read_bytes() == before


def test_the_notebooks_are_not_written_over(monkeypatch):
    before = NOTEBOOKS[0].read_bytes()
    folder = str(NOTEBOOKS[0].parent)
    monkeypatch.setattr("sys.argv", ["make_handouts", str(NOTEBOOKS[0]), "--to", folder])
    with pytest.raises(SystemExit, match="which is to be filled"):
        make_handouts.main()
    assert NOTEBOOKS[0].read_bytes() == before


def test_without_chromium_the_copies_are_made_and_a_sentence_says_what_to_install(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("sys.argv", ["make_handouts", str(NOTEBOOKS[0]), "--to", str(tmp_path)])
    monkeypatch.setattr(make_handouts, "chromium_of", lambda playwright: tmp_path / "nowhere")
    with pytest.raises(SystemExit, match="apt install chromium"):
        make_handouts.main()
    assert (tmp_path / NOTEBOOKS[0].name).is_file() and not list(tmp_path.glob("*.pdf"))


@pytest.fixture(scope="module")
def page():
    check_playwright()
    with sync_playwright() as playwright, open_chromium(playwright) as browser:
        size = {"width": WIDTH, "height": 1000}
        page = browser.new_context(offline=True, viewport=size).new_page()
        page.emulate_media(media="print")
        yield page


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_cut_off_on_paper(path, page):
    for_print(page, page_of(read_notebook(path)))
    assert page.evaluate(TOO_WIDE) == []
    links = page.locator("a[href]").evaluate_all("all => all.map((link) => link.href)")
    assert all(re.match("https?://|about:blank#", link) for link in links), links
    cells = read_notebook(path).cells
    assert page.locator(".jp-Cell").count() == len(cells)
