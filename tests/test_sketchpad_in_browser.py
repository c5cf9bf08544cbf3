"""The sketchpad of notebook 06 in Chromium: drawn on with mouse, finger and keys, and read back.

In JupyterLab, and, where it is installed (`pip install notebook`), in Notebook 7, which listens to
keys in another way. SCREENSHOTS names a folder for pictures of the pad (`make screenshots`).
"""

import ast
import base64
import io
import json
import os
import re
import shutil
import string
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyter_lab import jupyter_lab
from loopback import can_connect_to_itself
from PIL import Image
from playwright.sync_api import Error, expect, sync_playwright
from project import ROOT

from helpers.handwriting import prepare
from helpers.handwriting.sketchpad import render

NOTEBOOK = "notebooks/06_read_your_own_handwriting.ipynb"
SHOWS_PAD, DRAWS_BY_CODE = "pad = Sketchpad()", "pad.strokes = ["
SCREENSHOTS = os.environ.get("SCREENSHOTS")
# Each point takes the page a frame or two: every third will do where nobody looks.
STROKES = {
    digit: [stroke[:: 1 if SCREENSHOTS else 3] for stroke in strokes]
    for digit, strokes in json.loads(
        Path(__file__).with_name("strokes.json").read_text("utf-8")
    ).items()
}
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMED_KEYS = [
    *("Enter", "Escape", "Space", "Backspace", "Delete", "Home", "End", "PageUp", "PageDown"),
    *("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"),
]
KEYS = [
    *(key for key in string.ascii_lowercase + string.digits for _ in "dd"),
    *(held + key for held in ["", "Shift+", "Control+"] for key in NAMED_KEYS),
    *(f"Shift+{key}" for key in "JKLMOVXZ"),
    *(f"Control+{key}" for key in "abcfsvxyz"),
]
LIBRARY = r"while loading shared libraries: (\S+):"
# What may have the focus, and the keys that move it there after a stroke.
PLACES = {
    "the pad after a stroke": [],
    "the pad by keyboard": ["Tab", "Shift+Tab"],
    "Undo": ["Tab"],
    "Clear": ["Tab", "Tab"],
}
KERNEL_IS_IDLE = '.jp-Toolbar:has([aria-label^="Python 3"]) [data-status=idle]'
# The list of keys that get as far as the document, from now on.
HEARD = """() => {
  const heard = [];
  document.addEventListener("keydown", (event) => heard.push(event.key), true);
  return heard;
}"""
TRUST = """() => {
  const { model } = jupyterapp.shell.currentWidget.content;
  for (const cell of model.cells) cell.trusted = true;
}"""
UNSAVED = "jupyterapp.shell.currentWidget.content.model.dirty"
STATE = """() => {
  const { mode, activeCellIndex, selectedCells, model } = jupyterapp.shell.currentWidget.content;
  const cells = Array.from(model.cells, (cell) => [cell.type, cell.sharedModel.source, cell.id]);
  return [mode, activeCellIndex, selectedCells.map((cell) => cell.model.id), cells];
}"""
pytestmark = pytest.mark.skipif(
    not can_connect_to_itself(), reason="JupyterLab's page comes over 127.0.0.1, closed here"
)
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def open_notebook(tmp_path_factory):
    """Opens a copy of notebook 06 and runs the cell that shows the pad, as it needs no other."""
    folder = tmp_path_factory.mktemp("lab")
    check_playwright()
    with (
        sync_playwright() as playwright,
        open_chromium(playwright) as browser,
        jupyter_lab(folder) as address,
    ):

        def open_in(application):
            own = "for-" + application.split("/")[0]
            for name in ["notebooks", "figures"]:
                shutil.copytree(ROOT / name, folder / own / name)
            page = browser.new_page(
                viewport={"width": 1200, "height": 900}, device_scale_factor=2 if SCREENSHOTS else 1
            )
            page.complaints = []
            page.on("console", lambda line: complain(page, line.type == "error", line.text))
            page.on("pageerror", lambda error: complain(page, True, str(error)))
            page.on("request", lambda request: complain(page, foreign(request.url), request.url))
            page.goto(address.format(f"{application}/{own}/{NOTEBOOK}"))
            expect(page.locator(KERNEL_IS_IDLE).first).to_be_attached(timeout=60_000)
            run_cell(page, SHOWS_PAD)
            expect(answer(page)).to_have_text("Draw a digit.", timeout=60_000)
            return page

        yield open_in


@pytest.fixture(scope="module")
def page(open_notebook):
    """Notebook 06 with its pad in JupyterLab."""
    return open_notebook("lab/tree")


@pytest.fixture(scope="module")
def page_of_notebook_7(open_notebook):
    if not find_spec("notebook"):
        pytest.skip("Notebook 7 is not there to try the pad in: `pip install notebook`")
    return open_notebook("notebooks")


def check_playwright():
    """Skip where Playwright's own program, a Node.js, lacks a library of the system."""
    command = [sys.executable, "-m", "playwright", "--version"]
    program = subprocess.run(command, check=False, capture_output=True, text=True)
    if missing := re.search(LIBRARY, program.stderr):
        package = re.sub(r"\.so\.?", "", missing[1]).replace("_", "-").lower()
        skip(f"Playwright lacks {missing[1]}", package)


def open_chromium(playwright):
    path = shutil.which("chromium") or playwright.chromium.executable_path
    if not Path(path).exists():
        skip("Chromium is not there", "chromium")
    try:
        return playwright.chromium.launch(executable_path=path, args=FLAGS)
    except Error as error:
        if missing := re.search(LIBRARY, error.message):
            skip(f"Chromium lacks {missing[1]}", "chromium")
        raise


def skip(reason, package):
    pytest.skip(f"{reason}, so the sketchpad was not tried in a browser: `apt install {package}`")


@pytest.fixture
def pad(page):
    """The empty drawing pad; afterwards the page must be without complaints."""
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_text("Draw a digit.")
    yield page.get_by_role("application", name="Drawing pad")
    assert page.complaints == []


@pytest.fixture(params=["page", "page_of_notebook_7"])
def either_page(request):
    return request.getfixturevalue(request.param)


def run_cell(page, text):
    page.locator(".jp-CodeCell .cm-content").filter(has_text=text).click()
    page.keyboard.press("Shift+Enter")


def complain(page, when, text):
    if when:
        page.complaints.append(text)


def foreign(url):
    return not re.match("(http|ws)://127.0.0.1:|data:|blob:", url)


def answer(page):
    return page.get_by_role("status").and_(page.locator("[aria-busy=false]"))


def probabilities(page):
    bars = page.get_by_role("group", name="Probability of each digit").get_by_role("meter")
    return bars.evaluate_all("bars => bars.map((bar) => bar.ariaValueNow / 100)")


def draw(pad, strokes):
    pad.hover()
    box, mouse = pad.bounding_box(), pad.page.mouse
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place)
        mouse.up()


def press(target, *keys):
    for key in keys:
        target.press(key)


def save(part, page):
    page.evaluate(f"{UNSAVED} = true")
    part.press("Control+s")
    page.wait_for_function(f"!{UNSAVED}")


def pixels(canvas):
    """What a canvas shows, as a uint8 array of shape (height, width)."""
    url = canvas.evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))[..., 0]


def ink(canvas):
    return (pixels(canvas) > 127).mean()


def test_undo_brings_back_what_a_drawing_made_by_code_replaces(page, pad):
    draw(pad, STROKES["7"])
    expect(answer(page)).to_have_text("Read as 7.")
    seven = pixels(pad)
    run_cell(page, DRAWS_BY_CODE)
    expect(answer(page)).to_have_text("Read as 3.")
    three = pixels(pad)
    cells = nbformat.read(ROOT / NOTEBOOK, as_version=4).cells
    source = next(cell.source for cell in cells if cell.source.startswith(DRAWS_BY_CODE))
    by_code = ast.literal_eval(ast.parse(source).body[0].value)
    assert np.abs(three / 255 - render(by_code) / 255).mean() < 0.01
    draw(pad, [[[0.1, 0.9]]])
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(pixels(pad), three)
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(pixels(pad), seven)
    expect(answer(page)).to_have_text("Read as 7.")


def test_ten_digits_drawn_with_the_mouse(page, pad):
    read = {}
    for digit, strokes in STROKES.items():
        draw(pad, strokes)
        expect(answer(page)).to_have_text(re.compile("Read as|Not sure"))
        assert sum(probabilities(page)) == pytest.approx(1, abs=0.01)
        read[digit] = str(np.argmax(probabilities(page)))
        page.get_by_role("button", name="Clear").click()
        expect(answer(page)).to_have_text("Draw a digit.")
    assert sum(digit == answer for digit, answer in read.items()) >= 9, read


def test_the_page_shows_what_the_network_sees(page, pad):
    seen = page.get_by_role("img", name="The picture the network sees")
    assert not pixels(seen).any()
    draw(pad, STROKES["3"])
    expect(answer(page)).to_have_text("Read as 3.")
    expected = prepare(render(STROKES["3"])).image[..., 0]
    assert np.abs(pixels(seen) / 255 - expected).mean() < 0.02


def test_a_warning_is_shown(page, pad):
    draw(pad, [[[0.3, 0.2], [0.3, 0.8]], [[0.7, 0.2], [0.7, 0.8]]])
    expect(answer(page)).to_have_text(re.compile(r"Not sure: \d.*\?"))
    expect(page.get_by_role("list", name="Warnings")).to_contain_text("2 marks")
    draw(pad, [[[0.3, 0.5], [0.7, 0.5]]])
    expect(page.get_by_role("list", name="Warnings")).not_to_contain_text("2 marks")


@pytest.mark.parametrize(
    ("undo", "clear"),
    [
        (("Undo", "click"), ("Clear", "click")),
        (("Undo", "Enter"), ("Clear", "Space")),
        (("Drawing pad", "Control+z"), ("Drawing pad", "Escape")),
    ],
    ids=["by mouse", "with the focus on the button", "with the focus on the pad"],
)
def test_undo_goes_back_step_by_step_also_before_clear(page, pad, undo, clear):
    def ask(control, key):
        control = page.get_by_label(control).or_(page.get_by_role("button", name=control))
        control.click() if key == "click" else control.press(key)

    first, second = STROKES["4"]
    draw(pad, [first])
    one = ink(pad)
    draw(pad, [second])
    expect(answer(page)).to_have_text("Read as 4.")
    two = ink(pad)
    ask(*clear)
    expect(answer(page)).to_have_text("Draw a digit.")
    assert (ink(pad), probabilities(page)) == (0, [0] * 10)
    ask(*clear)
    ask(*undo)
    expect(answer(page)).to_have_text("Read as 4.")
    assert ink(pad) == two > one
    ask(*undo)
    assert ink(pad) == one
    ask(*undo)
    expect(answer(page)).to_have_text("Draw a digit.")
    assert ink(pad) == 0


def test_all_views_of_a_pad_show_the_same_and_undo_the_same(page, pad):
    draw(pad, STROKES["1"])
    expect(answer(page)).to_have_text("Read as 1.")
    one = pixels(pad)
    page.get_by_text("What the network sees: 28 by 28").click(button="right")
    page.get_by_role("menuitem", name="Create New View for Cell Output").click()
    expect(pad).to_have_count(2)
    np.testing.assert_array_equal(pixels(pad.last), one)
    draw(pad.last, [STROKES["7"][0]])
    assert ink(pad.first) == ink(pad.last)
    page.get_by_role("button", name="Undo").first.click()
    np.testing.assert_array_equal(pixels(pad.last), one)
    page.get_by_role("button", name="Undo").last.click()
    page.locator(".lm-TabBar-tab").filter(has_text="Output View").locator(
        ".lm-TabBar-tabCloseIcon"
    ).click()
    assert ink(pad) == 0
    expect(answer(page)).to_have_text("Draw a digit.")


@pytest.mark.parametrize("place", PLACES)
def test_no_key_pressed_on_the_pad_changes_the_notebook(either_page, place):
    pad = either_page.get_by_role("application", name="Drawing pad")
    draw(pad, [[[0.5, 0.5]]])
    press(either_page.keyboard, *PLACES[place])
    focused = either_page.evaluate_handle("document.activeElement")
    heard, state = either_page.evaluate_handle(HEARD), either_page.evaluate(STATE)
    press(either_page.keyboard, *KEYS)
    assert focused.evaluate("element => element === document.activeElement")
    save(focused, either_page)
    pad.press("Escape")
    expect(answer(either_page)).to_have_text("Draw a digit.")
    draw(pad, STROKES["1"])
    expect(answer(either_page)).to_have_text("Read as 1.")
    assert heard.json_value() == ["s", "s"], "only Ctrl+S goes on, and saves"
    assert either_page.evaluate(STATE) == state


def test_tab_walks_through_the_pad_and_shows_where_it_is(either_page):
    outline = """() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return [outlineStyle, parseFloat(outlineWidth) >= 2];
    }"""
    parts = [
        either_page.get_by_role("application", name="Drawing pad"),
        either_page.get_by_role("button", name="Undo"),
        either_page.get_by_role("button", name="Clear"),
    ]
    parts[0].focus()
    for part in parts:
        expect(part).to_be_focused()
        assert either_page.evaluate(outline) == ["solid", True]
        either_page.keyboard.press("Tab")
    expect(parts[-1]).not_to_be_focused()
    parts[0].press("Shift+Tab")
    expect(parts[0]).not_to_be_focused()
    draw(parts[0], [[[0.5, 0.5]]])
    assert either_page.evaluate(outline) == ["solid", True], "after a stroke with the mouse"


def test_a_drawing_outlives_the_page_and_is_undone_by_strokes(page, pad):
    draw(pad, STROKES["4"])
    expect(answer(page)).to_have_text("Read as 4.")
    two = ink(pad)
    page.evaluate(TRUST)
    save(pad, page)
    page.reload()
    expect(answer(page)).to_have_text("Read as 4.")
    assert ink(pad) == two
    pad.press("Backspace")
    assert 0 < ink(pad) < two


def test_a_seven_drawn_with_the_keys(page, pad):
    pad.focus()
    press(page.keyboard, *["ArrowLeft"] * 5)
    assert 0 < (pixels(pad) > 0).mean() < 0.02, "only the pen shows"
    press(page.keyboard, "Space", *["ArrowRight"] * 9)
    press(page.keyboard, *["ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"] * 5, "Space")
    expect(answer(page)).to_have_text("Read as 7.")
    seven = probabilities(page)
    press(page.keyboard, "Space", *["ArrowRight"] * 5, "Backspace")
    expect(answer(page)).to_have_text("Read as 7.")
    assert probabilities(page) == seven


def test_a_one_drawn_with_the_finger(page, pad):
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    pad.hover()
    box = pad.bounding_box()
    places = [{"x": box["x"] + 140, "y": box["y"] + y} for y in range(50, 240, 10)]
    touch("touchStart", places[0])
    for place in places[1:]:
        touch("touchMove", place)
    touch("touchEnd")
    expect(answer(page)).to_have_text("Read as 1.")
    assert pad.bounding_box() == box, "the page scrolled"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_both_themes(page, pad, scheme):
    page.emulate_media(color_scheme=scheme)
    light = str(scheme == "light").lower()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    draw(pad, STROKES["3"])
    expect(answer(page)).to_have_text("Read as 3.")
    # JupyterLab's body has no height, and axe takes all text in it for clipped.
    page.add_style_tag(content="body { overflow: visible !important }")
    found = Axe().run(page, context=".sketchpad")
    assert not found.violations_count, found.generate_report()
    checked = {rule["id"] for rule in found.response["passes"]}
    assert {"color-contrast", "aria-meter-name", "button-name", "role-img-alt"} <= checked
    if SCREENSHOTS:
        name = "sketchpad.png" if scheme == "light" else "sketchpad_dark.png"
        page.locator(".sketchpad").screenshot(path=Path(SCREENSHOTS) / name)


def test_a_dead_kernel_is_told(page):
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    expect(page.get_by_text("No Kernel | ")).to_be_visible()
    draw(page.get_by_role("application", name="Drawing pad"), STROKES["3"])
    expect(page.get_by_role("status").filter(has_text="No answer yet")).to_be_visible()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Node.js is a shell script")
def test_without_browser_or_library_the_package_to_install_is_named(tmp_path, monkeypatch):
    node = tmp_path / "node"
    node.write_text(
        "#!/bin/sh\n"
        "echo node: error while loading shared libraries: libatomic.so.1: cannot open >&2\n"
        "exit 127\n"
    )
    node.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    with pytest.raises(pytest.skip.Exception, match="apt install libatomic1"):
        check_playwright()
    monkeypatch.setenv("PATH", "")
    nowhere = SimpleNamespace(chromium=SimpleNamespace(executable_path="nowhere"))
    with pytest.raises(pytest.skip.Exception, match="apt install chromium"):
        open_chromium(nowhere)
