"""The slides in Chromium, without a network: all is on the screen, and large enough to read."""

import re

import pytest
from browser import open_chromium
from nbformat.v4 import new_markdown_cell
from outlines import every_kind_of_cell, outline, outline_of
from project import NOTEBOOKS, ROOT

from helpers.errors import InputError
from tools import make_slides
from tools.make_slides import deck, reveal_js, speaker_notes
from tools.notebook_files import lesson, read_notebook
from tools.screens import in_parts, set_slide_types

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
SCREENS = "() => [...document.querySelectorAll('.screen')].map((x) => x.innerHTML).join('')"
# The first words of each block that is on the screen, after each press of a key.
PRESSED = """() => {
  const steps = [];
  const show = (block) => block.querySelector("img, svg") ? "[picture]" : block.textContent.trim();
  Reveal.slide(0, 0);
  do {
    const blocks = [...Reveal.getCurrentSlide().querySelectorAll(".screen > *")];
    const there = blocks.filter((block) => !block.matches(".fragment:not(.visible)"));
    steps.push(there.map((block) => show(block).replace(/\\s+/g, " ").slice(0, 12)).join(" | "));
  } while (!(Reveal.isLastSlide() && !Reveal.availableFragments().next) && (Reveal.next(), true));
  return steps;
}"""


@pytest.fixture(scope="module")
def open_deck(tmp_path_factory):
    """Opens the deck of a notebook in a browser without a network."""
    try:
        package = reveal_js()
    except InputError as error:
        pytest.skip(f"{error} So the slides were not tried.")
    with open_chromium() as browser:

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


@pytest.mark.parametrize("path", [*NOTEBOOKS, None], ids=lambda path: path and path.stem)
def test_every_slide_fits_and_can_be_read_and_nothing_is_missing(path, open_deck):
    notebook = read_notebook(path) if path else every_kind_of_cell()
    question = new_markdown_cell(QUESTION, metadata={"tags": ["question"]})
    notebook.cells.insert(2, question)
    texts = "\n".join(cell.source for cell in lesson(notebook) if cell.cell_type == "markdown")
    headings = [text.replace("`", "") for text in re.findall(r"^#+ (.*)", texts, re.MULTILINE)]
    page = open_deck(notebook, {headings[1]: "Mind the *gap*."})
    for slide in page.evaluate(MEASURED):
        assert slide["right"] <= 1280 and slide["bottom"] <= 684 and not slide["cut"], slide
        assert slide["font"] >= 14, slide
    assert (page.asked, page.errors) == (["file"], [])
    assert page.title() == headings[0]
    assert outline(page.evaluate(SCREENS)) == outline_of(lesson(notebook), ".html")
    assert page.locator("section:has(> .notes) h2").all_text_contents() == [headings[1]]
    of_section = page.locator(f'section[data-title="{headings[1]}"]').all()
    notes = page.locator(".notes").all_text_contents()
    assert [note.strip() for note in notes] == ["Mind the gap."] * len(of_section)
    assert all(section.locator("> .notes").count() == 1 for section in of_section)


def test_what_is_said_of_an_output_comes_at_a_click(open_deck):
    page = open_deck(every_kind_of_cell(), {})
    assert page.evaluate(PRESSED) == [
        "First | To two, here",
        (
            printed
            := "Kinds & more | One code. | Two. | What does it | print(1 < 2) | 1 < 2 | It is so."
        ),
        f"{printed} | Said of it. | More of it.",
        "plot() | [picture] | A caption.",
        (others := "Below are ot | table() fail | 7 | [picture] | E: no <way>"),
        f"{others} | a b",
        "Before you r | this Right.  | that No. So:",
        "answer()",
        "answer() | It answers.",
        "Turn",
        "1. Do | Do it.",
        "Next | End.",
    ]
    first, second = page.locator("details").all()
    for answer in [first, second]:
        answer.evaluate("(answer) => { answer.open = true; }")
    assert [x.get_attribute("open") for x in [first, second]] == [None, ""], "one at a time"


def test_in_jupyterlab_the_same_cells_share_a_screen():
    cells = every_kind_of_cell().cells
    parts = [len(in_parts(cell)) for cell in cells]
    set_slide_types(cells)
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells]
    assert parts == [0, 1, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1]
    assert kinds == [
        *("subslide", "slide", "skip", "slide", None, "fragment", "subslide", None, "subslide"),
        *(None, "fragment", "subslide", "subslide", "slide", "skip", "skip", "skip", "slide"),
    ]


def test_the_command_writes_decks_with_the_notes_of_their_lessons(open_deck, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_slides", "3", str(NOTEBOOKS[7]), "--to", str(tmp_path)])
    make_slides.main()
    texts = {path.stem: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert texts.keys() == {NOTEBOOKS[2].stem, NOTEBOOKS[7].stem}
    notes = speaker_notes(ROOT / "TEACHING.md")
    for name, text in texts.items():
        assert text.count('<aside class="notes">') == len(notes[name[:2]]), name


def test_notes_are_found_by_number_and_heading(tmp_path):
    path = tmp_path / "TEACHING.md"
    notes = "\n## 03 A\n\n- **B: c?**, 1 minute: do\n- **D**, 2 minutes: so\n\n## 04 E\n"
    path.write_text(f"# A\n- **B**, 1 minute: no{notes}", "utf-8")
    assert speaker_notes(path) == {"03": {"B: c?": "1 minute: do", "D": "2 minutes: so"}, "04": {}}
