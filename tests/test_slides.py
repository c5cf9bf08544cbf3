"""The slides in Chromium, without a network: all is on the screen, and large enough to read."""

import re

import pytest
from browser import check_playwright, open_chromium
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import sync_playwright
from project import NOTEBOOKS

from helpers.errors import InputError
from tools.make_slides import deck, reveal_js, speaker_notes
from tools.notebook_files import read_notebook

OPTION = "<details><summary>{}</summary>\n\n" + 30 * "This is why. " + "\n\n</details>\n\n"
QUESTION = "**Before you run the cell:** how many?\n\n" + "".join(map(OPTION.format, "abcd"))
MEASURED = """() => Reveal.getSlides().flatMap((section) => {
  const { h, v } = Reveal.getIndices(section);
  Reveal.slide(h, v ?? 0, 99);
  const style = (part) => getComputedStyle(part);
  return [null, ...section.querySelectorAll("details")].map((answer) => {
    if (answer) answer.open = true;
    const parts = [...section.querySelectorAll(".screen *")].filter((x) => x.checkVisibility());
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const cut = parts.filter((x) => style(x).display !== "inline" && x.scrollWidth > x.clientWidth);
    return {
      text: section.textContent.trim().slice(0, 60),
      right: Math.max(...boxes.map((box) => box.right)),
      bottom: Math.max(...boxes.map((box) => box.bottom)),
      font: Math.min(...parts.map((part) => parseFloat(style(part).fontSize))),
      cut: cut.map((part) => part.outerHTML.slice(0, 60)),
    };
  });
})"""
LEFT_OUT = {"solution", "yours"}


@pytest.fixture(scope="module")
def open_deck(tmp_path_factory):
    """Opens the deck of a notebook in a browser without a network."""
    try:
        package = reveal_js()
    except InputError as error:
        pytest.skip(f"{error} So the slides were not tried.")
    check_playwright()
    with sync_playwright() as playwright, open_chromium(playwright) as browser:

        def open_in(notebook, notes):
            path = tmp_path_factory.mktemp("deck") / "deck.html"
            path.write_text(deck(notebook, package, notes), "utf-8")
            size = {"width": 1280, "height": 720}
            page = browser.new_context(viewport=size, offline=True).new_page()
            page.asked, page.errors = [], []
            page.on("request", lambda asked: page.asked.append(asked.url.split(":")[0]))
            page.on("pageerror", lambda error: page.errors.append(str(error)))
            page.goto(path.as_uri())
            page.wait_for_function("window.Reveal && Reveal.isReady()", timeout=60_000)
            return page

        yield open_in


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_slide_fits_and_can_be_read_and_nothing_is_missing(path, open_deck):
    notebook = read_notebook(path)
    question = new_markdown_cell(QUESTION, metadata={"tags": ["question"]})
    notebook.cells.insert(2, question)
    shown = [cell for cell in notebook.cells if not LEFT_OUT & {*cell.metadata.get("tags", [])}]
    texts = "\n".join(cell.source for cell in shown if cell.cell_type == "markdown")
    code = {x for cell in shown if cell.cell_type == "code" for x in cell.source.split("\n")}
    hidden = {x for cell in notebook.cells if cell not in shown for x in cell.source.split("\n")}
    headings = [text.replace("`", "") for text in re.findall(r"^#+ (.*)", texts, re.MULTILINE)]
    pictures = sum("image/png" in o.get("data", {}) for x in shown for o in x.get("outputs", []))
    page = open_deck(notebook, {headings[1]: "Mind the *gap*."})
    for slide in page.evaluate(MEASURED):
        assert slide["right"] <= 1280 and slide["bottom"] <= 684 and not slide["cut"], slide
        assert slide["font"] >= 14, slide
    assert (page.asked, page.errors) == (["file"], [])
    assert page.locator(".screen :is(h1, h2, h3)").all_text_contents() == headings
    alts = page.locator(".screen img").evaluate_all("all => all.map((picture) => picture.alt)")
    assert len(alts) == pictures and all(len(alt) > 15 for alt in alts)
    assert code <= {*"\n".join(page.locator(".code pre").all_text_contents()).split("\n")}
    text = page.locator(".slides").text_content()
    assert [line for line in hidden - code if len(line) > 15 and line in text] == []
    assert page.locator("section:has(> .notes) h2").all_text_contents() == [headings[1]]
    of_section = page.locator(f'section[data-title="{headings[1]}"]').all()
    notes = page.locator(".notes").all_text_contents()
    assert [note.strip() for note in notes] == ["Mind the gap."] * len(of_section)
    assert all(section.locator("> .notes").count() == 1 for section in of_section)


def test_notes_are_found_by_number_and_heading(tmp_path):
    path = tmp_path / "TEACHING.md"
    notes = "\n## 03 A\n\n- **B: c?**, 1 minute: do\n- **D**, 2 minutes: so\n\n## 04 E\n"
    path.write_text(f"# A\n- **B**, 1 minute: no{notes}", "utf-8")
    assert speaker_notes(path) == {"03": {"B: c?": "1 minute: do", "D": "2 minutes: so"}, "04": {}}
