"""The sketchpad in JupyterLab, in Chromium: drawn on with mouse, finger and keys, and read back.

SCREENSHOTS names a folder for pictures of it (`make screenshots`).
"""

import base64
import io
import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyter_lab import jupyter_lab
from loopback import can_connect_to_itself
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from project import ROOT

from helpers.handwriting import prepare
from helpers.handwriting.sketchpad import render

NOTEBOOK = "notebooks/06_read_your_own_handwriting.ipynb"
STROKES = json.loads(Path(__file__).with_name("strokes.json").read_text("utf-8"))
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(
    not can_connect_to_itself(), reason="JupyterLab's page comes over 127.0.0.1, closed here"
)
SCREENSHOTS = os.environ.get("SCREENSHOTS")
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Notebook 06, run to its end in JupyterLab, and then a cell that draws a 5."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ["notebooks", "results", "figures"]:
        shutil.copytree(ROOT / name, folder / name)
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"pad.strokes = {STROKES['5']}"))
    nbformat.write(notebook, folder / NOTEBOOK)
    with (
        sync_playwright() as playwright,
        open_chromium(playwright) as browser,
        jupyter_lab(folder) as address,
    ):
        page = browser.new_page(
            viewport={"width": 1200, "height": 900}, device_scale_factor=2 if SCREENSHOTS else 1
        )
        page.complaints = []
        page.on("console", lambda line: complain(page, line.type == "error", line.text))
        page.on("pageerror", lambda error: complain(page, True, str(error)))
        page.on("request", lambda request: complain(page, foreign(request.url), request.url))
        page.goto(address.format(NOTEBOOK))
        expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(answer(page)).to_have_text("Read as 5.", timeout=400_000)
        yield page


def open_chromium(playwright):
    path = shutil.which("chromium") or playwright.chromium.executable_path
    if not Path(path).exists():
        pytest.skip(
            "Chromium is not there, so the sketchpad was not tried in a browser: install it with "
            "`python -m playwright install chromium`"
        )
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture
def pad(page):
    """The empty drawing pad; afterwards the page must be without complaints."""
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_text("Draw a digit.")
    yield page.get_by_role("application", name="Drawing pad")
    assert page.complaints == []


def complain(page, when, text):
    if when:
        page.complaints.append(text)


def foreign(url):
    return not re.match("(http|ws)://127.0.0.1:|data:|blob:", url)


def answer(page):
    return page.get_by_role("status").and_(page.locator("[aria-busy=false]"))


def probabilities(page):
    bars = page.get_by_role("group", name="Probability of each digit").get_by_role("meter")
    return [float(bar.get_attribute("aria-valuenow")) / 100 for bar in bars.all()]


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


def pixels(canvas):
    """What a canvas shows, as a uint8 array of shape (height, width)."""
    url = canvas.evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))[..., 0]


def ink(canvas):
    return (pixels(canvas) > 127).mean()


def test_the_notebook_draws_on_the_pad(page):
    pad = page.get_by_role("application", name="Drawing pad")
    difference = pixels(pad) / 255 - render(STROKES["5"]) / 255
    assert np.abs(difference).mean() < 0.01


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


@pytest.mark.parametrize("way", ["button", "key"])
def test_undo_and_clear(page, pad, way):
    def ask(name, key):
        if way == "key":
            pad.press(key)
        else:
            page.get_by_role("button", name=name).click()

    first, second = STROKES["4"]
    draw(pad, [first])
    one = ink(pad)
    draw(pad, [second])
    assert ink(pad) > one
    ask("Undo", "Control+z")
    assert ink(pad) == one
    draw(pad, [second])
    expect(answer(page)).to_have_text("Read as 4.")
    ask("Clear", "Escape")
    assert ink(pad) == 0
    expect(answer(page)).to_have_text("Draw a digit.")
    assert probabilities(page) == [0] * 10


def test_a_seven_drawn_with_the_keys(page, pad):
    place = page.get_by_text(re.compile(r"^Cell \d+/\d+$"))
    cell = place.inner_text()
    pad.focus()
    press(pad, "ArrowLeft", 5)
    assert 0 < (pixels(pad) > 0).mean() < 0.02, "only the pen shows"
    pad.press("Space")
    press(pad, "ArrowRight", 9)
    for _ in range(5):
        press(pad, "ArrowDown", 3)
        press(pad, "ArrowLeft", 1)
    pad.press("Space")
    expect(answer(page)).to_have_text("Read as 7.")
    seven = probabilities(page)
    pad.press("Space")
    press(pad, "ArrowRight", 5)
    pad.press("Backspace")
    expect(answer(page)).to_have_text("Read as 7.")
    assert probabilities(page) == seven
    assert place.inner_text() == cell, "JupyterLab took the keys, too"


def press(pad, key, times):
    for _ in range(times):
        pad.press(key)


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
