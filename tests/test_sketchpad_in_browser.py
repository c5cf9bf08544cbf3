"""The sketchpad of notebook 06 in Chromium: drawn on with mouse, finger and keys, and read back.

In JupyterLab and in Notebook 7, which listens to keys in another way. SCREENSHOTS names a folder
for pictures of the pad (`make screenshots`).
"""

import contextlib
import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import (
    HEARD,
    KEYS,
    OUTLINE,
    STATE,
    checked_by_axe,
    open_chromium,
    open_notebook_page,
    pixels,
    press,
    run_cell,
    save,
    set_theme,
)
from jupyter_lab import jupyter_lab
from playwright.sync_api import TimeoutError, expect
from project import ROOT, over_loopback

from helpers.handwriting import prepare
from helpers.handwriting.sketchpad import render
from tools import chromium

NOTEBOOK = "notebooks/06_read_your_own_handwriting.ipynb"
SHOWS_PAD, DRAWS_BY_CODE = "pad = Sketchpad()", "pad.strokes = ["
SCREENSHOTS = os.environ.get("SCREENSHOTS")
DRAWINGS = json.loads(Path(__file__).with_name("strokes.json").read_text("utf-8"))
# Each point takes the page a frame or two: every third will do where nobody looks.
EVERY = 1 if SCREENSHOTS else 3
STROKES = {digit: [line[::EVERY] for line in strokes] for digit, strokes in DRAWINGS.items()}
# Every control in the order of Tab, and the keys that use it.
CONTROLS = {
    "Drawing pad": ["Space", "Space", *["ArrowDown"] * 9, "Space", "Space"],
    "Undo": ["Enter"],
    "Clear": ["Space"],
}
CONTROL = ".sketchpad :is(a, button, details, input, select, summary, textarea, [tabindex])"
# What may have the focus, and the keys that move it there after a stroke.
PLACES = {
    "the pad after a stroke": [],
    "the pad by keyboard": ["Tab", "Shift+Tab"],
    "Undo": ["Tab"],
    "Clear": ["Tab", "Tab"],
}
ANSWERED = """(pattern) => {
  const answer = document.querySelector(".sketchpad-answer[aria-busy=false]");
  return answer && RegExp(pattern).test(answer.textContent);
}"""
# The list of what a screen reader says of the pad, from now on.
ANNOUNCED = """() => {
  const said = [];
  for (const region of document.querySelectorAll(".sketchpad :is([role=status], [aria-live])")) {
    const listen = () => {
      const silent = region.ariaBusy === "true" || region.ariaLive === "off";
      if (!silent && region.textContent) said.push(region.textContent);
    };
    const all = { attributes: true, characterData: true, childList: true, subtree: true };
    new MutationObserver(listen).observe(region, all);
  }
  return said;
}"""
# What a page may do to the pad.
PLACEMENTS = {
    "zoomed": ".sketchpad { zoom: 1.3 }",
    "small": ".sketchpad .sketchpad-canvas { width: 120px; height: 90px }",
    "scaled": ".sketchpad { transform: scale(0.6, 0.8) }",
    "scrolled": "html, body { overflow: auto !important; height: 2000px } #main { top: 90px }",
}
TRUST = """() => {
  const { model } = jupyterapp.shell.currentWidget.content;
  for (const cell of model.cells) cell.trusted = true;
}"""
POINTERS = """(pad) => {
  const used = [];
  pad.addEventListener("pointerdown", (event) => used.push(event.pointerType));
  return used;
}"""
pytestmark = over_loopback


@pytest.fixture(scope="module")
def open_notebook(tmp_path_factory):
    """Opens a copy of notebook 06 and runs the cell that shows the pad, as it needs no other."""
    folder = tmp_path_factory.mktemp("lab")
    with open_chromium() as browser, jupyter_lab(folder) as address:

        def open_in(application):
            own = "for-" + application.split("/")[0]
            for name in ["notebooks", "figures"]:
                shutil.copytree(ROOT / name, folder / own / name)
            page = open_notebook_page(
                browser,
                address,
                application,
                f"{own}/{NOTEBOOK}",
                viewport={"width": 1200, "height": 900},
                device_scale_factor=2 if SCREENSHOTS else 1,
            )
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
    return open_notebook("notebooks")


@pytest.fixture
def pad(page):
    """The empty drawing pad; afterwards the page must be without complaints."""
    page.get_by_role("button", name="Clear").click()
    expect_answer(page, "Draw a digit.")
    yield page.get_by_role("application", name="Drawing pad")
    assert page.complaints == []


@pytest.fixture(params=["page", "page_of_notebook_7"])
def either_page(request):
    return request.getfixturevalue(request.param)


def answer(page):
    return page.get_by_role("status").and_(page.locator("[aria-busy=false]"))


def expect_answer(page, text):
    """Expect it as soon as it is there: `expect` alone comes to look but once a second."""
    pattern = text.pattern if isinstance(text, re.Pattern) else f"^{re.escape(text)}$"
    with contextlib.suppress(TimeoutError):
        page.wait_for_function(ANSWERED, arg=pattern, timeout=20_000)
    expect(answer(page)).to_have_text(text, timeout=100)


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


def walk(pad):
    """Go through all controls by Tab; each must show that it has the focus, and it alone."""
    pad.page.evaluate(Axe().axe_script)
    pad.focus()
    for control in pad.page.locator(CONTROL).all():
        expect(control).to_be_focused()
        style, width, contrast = control.evaluate(OUTLINE)
        assert (style, width >= 2, contrast >= 3) == ("solid", True, True), contrast
        yield control
        pad.page.keyboard.press("Tab")
        expect(control).not_to_be_focused()
        assert control.evaluate(OUTLINE)[0] == "none"


def ink(canvas):
    return (pixels(canvas) > 127).mean()


def test_undo_brings_back_what_a_drawing_made_by_code_replaces(page, pad):
    draw(pad, STROKES["7"])
    expect_answer(page, "Read as 7.")
    seven = pixels(pad)
    run_cell(page, DRAWS_BY_CODE)
    expect_answer(page, "Read as 3.")
    three = pixels(pad)
    draw(pad, [[[0.1, 0.9]]])
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(pixels(pad), three)
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(pixels(pad), seven)
    expect_answer(page, "Read as 7.")


def test_the_page_shows_what_the_network_sees(page, pad):
    seen = page.get_by_role("img", name="The picture the network sees")
    assert not pixels(seen).any()
    draw(pad, STROKES["3"])
    expect_answer(page, "Read as 3.")
    expected = prepare(render(STROKES["3"])).image[..., 0]
    assert np.abs(pixels(seen) / 255 - expected).mean() < 0.02
    assert np.argmax(probabilities(page)) == 3
    assert sum(probabilities(page)) == pytest.approx(1, abs=0.01)


def test_undo_goes_back_step_by_step_also_before_clear(page, pad):
    undo, clear = (page.get_by_role("button", name=name) for name in ["Undo", "Clear"])
    first, second = STROKES["4"]
    draw(pad, [first])
    one = ink(pad)
    draw(pad, [second])
    expect_answer(page, "Read as 4.")
    two = ink(pad)
    clear.click()
    expect_answer(page, "Draw a digit.")
    assert (ink(pad), probabilities(page)) == (0, [0] * 10)
    pad.press("Escape")
    undo.click()
    expect_answer(page, "Read as 4.")
    assert ink(pad) == two > one
    pad.press("Control+z")
    assert ink(pad) == one
    pad.press("Meta+z")
    expect_answer(page, "Draw a digit.")
    assert ink(pad) == 0


def test_all_views_of_a_pad_show_the_same_and_undo_the_same(page, pad):
    draw(pad, STROKES["1"])
    expect_answer(page, "Read as 1.")
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
    expect_answer(page, "Draw a digit.")


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
    expect_answer(either_page, "Draw a digit.")
    draw(pad, STROKES["1"])
    expect_answer(either_page, "Read as 1.")
    assert set(heard.json_value()) == {"s", "S"}, "only Ctrl+S goes on, and saves"
    assert either_page.evaluate(STATE) == state


def test_a_click_beside_the_pad_gives_the_keys_back_to_the_notebook(page, pad):
    draw(pad, [[[0.5, 0.5]]])
    cell = page.locator(".jp-CodeCell").filter(has=page.locator(".sketchpad"))
    cell.locator(".jp-InputPrompt").click()
    page.keyboard.press("ArrowUp")
    expect(cell).not_to_have_class(re.compile("jp-mod-active"))
    page.keyboard.press("ArrowDown")
    expect(cell).to_have_class(re.compile("jp-mod-active"))


def test_tab_walks_through_every_control_and_each_has_its_effect(either_page):
    pad = either_page.get_by_role("application", name="Drawing pad")
    pad.press("Escape")
    names = "controls => controls.map((one) => one.ariaLabel ?? one.textContent)"
    assert either_page.locator(CONTROL).evaluate_all(names) == [*CONTROLS]
    a_dot = (render([[[0.5, 0.5]]]) > 127).mean()
    dots = []
    for control, keys in zip(walk(pad), CONTROLS.values(), strict=True):
        dots.append(ink(pad) / a_dot)
        press(control, *keys)
    assert [*dots, ink(pad)] == pytest.approx([0, 2, 1, 0], abs=0.2), "pad, Undo, Clear"
    pad.press("Shift+Tab")
    expect(pad).not_to_be_focused()
    draw(pad, [[[0.5, 0.5]]])
    assert pad.evaluate(OUTLINE)[0] == "solid", "after a stroke with the mouse"


def test_a_drawing_outlives_the_page_and_is_undone_by_strokes(page, pad):
    draw(pad, STROKES["4"])
    expect_answer(page, "Read as 4.")
    two = ink(pad)
    page.evaluate(TRUST)
    save(pad, page)
    page.reload()
    expect_answer(page, "Read as 4.")
    assert ink(pad) == two
    pad.press("Backspace")
    assert 0 < ink(pad) < two


def test_a_seven_drawn_with_the_keys(page, pad):
    pad.focus()
    press(page.keyboard, *["ArrowLeft"] * 5)
    assert 0 < (pixels(pad) > 0).mean() < 0.02, "only the pen shows"
    press(page.keyboard, "Space", *["ArrowRight"] * 9)
    press(page.keyboard, *["ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"] * 5, "Space")
    expect_answer(page, "Read as 7.")
    seven = probabilities(page)
    press(page.keyboard, "Space", *["ArrowRight"] * 5, "Backspace")
    expect_answer(page, "Read as 7.")
    assert probabilities(page) == seven


def touches(places):
    """A finger draws along `places`; beside it another comes, moves and goes."""
    first = [place | {"id": 0} for place in places]
    other = [place | {"id": 1, "x": place["x"] + 90} for place in places]
    steps = [
        ("Start", [first[0]]),
        ("Start", [first[0], other[0]]),
        ("Move", [first[1], other[-1]]),
        ("End", [other[-1]]),
    ]
    for kind, points in [*steps, *(("Move", [point]) for point in first[2:]), ("End", [])]:
        yield "Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points}


def writing(places):
    """A pen draws along `places`, and the hand that holds it comes down beside them."""
    pen = {"pointerType": "pen", "button": "left", "buttons": 1, "clickCount": 1}
    kinds = ["Pressed", *["Moved"] * (len(places) - 2), "Released"]
    for number, (kind, place) in enumerate(zip(kinds, places)):
        yield "Input.dispatchMouseEvent", {"type": f"mouse{kind}", **pen, **place}
        if number == 2:
            hand = [place | {"x": place["x"] + 90}]
            yield "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": hand}
            yield "Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []}


@pytest.mark.parametrize(("pointer", "events"), [("touch", touches), ("pen", writing)])
def test_a_one_drawn_with_finger_and_pen(page, pad, pointer, events):
    used = pad.evaluate_handle(POINTERS)
    pad.hover()
    box = pad.bounding_box()
    device = page.context.new_cdp_session(page)
    for event in events([{"x": box["x"] + 140, "y": box["y"] + y} for y in range(50, 240, 10)]):
        device.send(*event)
    expect_answer(page, "Read as 1.")
    assert used.json_value()[0] == pointer
    line = [[140 / box["width"], y / box["height"]] for y in (50, 230)]
    assert np.abs(pixels(pad) / 255 - render([line]) / 255).mean() < 0.01, "one line, no more"
    assert pad.bounding_box() == box, "the page scrolled"


def test_strokes_are_sharp_on_a_fine_screen(page, pad):
    device = page.context.new_cdp_session(page)
    screen = {"width": 1200, "height": 900, "mobile": False}
    try:
        for scale in (2, 1):
            device.send("Emulation.setDeviceMetricsOverride", screen | {"deviceScaleFactor": scale})
            draw(pad, STROKES["4"][:1])
            width = pad.evaluate("(pad) => pad.width / pad.getBoundingClientRect().width")
            assert width == pytest.approx(scale, abs=0.01)
    finally:
        device.send("Emulation.clearDeviceMetricsOverride")


def test_the_right_button_does_not_draw(page, pad):
    pad.click(button="right")
    assert not pixels(pad).any()
    page.keyboard.press("Escape")  # the menu of the button


def test_a_stroke_leaves_the_pad_and_comes_back(page, pad):
    left, back = [[0.5, 0.6], [-0.2, 0.6], [-0.2, 0.3], [0.5, 0.3]], [[0.7, 0.3], [0.7, 1.2]]
    draw(pad, [left, back])
    pad.hover()
    on_the_pad = np.clip(left, 0, 1).tolist(), np.clip(back, 0, 1).tolist()
    assert np.abs(pixels(pad) / 255 - render(on_the_pad) / 255).mean() < 0.01
    page.get_by_role("button", name="Undo").click()
    assert np.abs(pixels(pad) / 255 - render(on_the_pad[:1]) / 255).mean() < 0.01


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_pen_is_where_the_mouse_points(page, pad, placement):
    tag = page.add_style_tag(content=PLACEMENTS[placement])
    scrolled = 60 if placement == "scrolled" else 0
    page.evaluate(f"scrollTo(0, {scrolled})")
    try:
        draw(pad, [[[0.25, 0.7]]])
        assert page.evaluate("scrollY") == scrolled
        middle = np.argwhere(pixels(pad) > 127).mean(axis=0) / pixels(pad).shape
        assert middle.tolist() == pytest.approx([0.7, 0.25], abs=0.01)
    finally:
        tag.evaluate("tag => tag.remove()")
        page.evaluate("scrollTo(0, 0)")


def test_every_stroke_is_answered_aloud(page, pad):
    said = page.evaluate_handle(ANNOUNCED)
    answers = []
    for stroke in [*STROKES["4"], [[0.9, 0.1], [0.9, 0.6]]]:
        heard = len(said.json_value())
        draw(pad, [stroke])
        expect_answer(page, re.compile("Read as|Not sure"))
        assert len(said.json_value()) > heard
        answers.append(answer(page).text_content())
        assert answers[-1] in said.json_value()[heard:]
    assert answers[1] == "Read as 4." != answers[0]
    meters = page.get_by_role("meter").all()
    percent = [float(meter.get_attribute("aria-valuenow")) for meter in meters]
    assert sum(percent) == pytest.approx(100, abs=1)
    assert {meter.get_attribute("aria-valuemax") for meter in meters} == {"100"}
    assert any("2 marks" in text for text in said.json_value())
    warnings = page.get_by_role("list", name="Warnings")
    expect(warnings).to_contain_text("2 marks")
    pad.press("Backspace")
    expect(warnings).not_to_contain_text("2 marks")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_both_themes(page, pad, scheme):
    set_theme(page, scheme)
    draw(pad, STROKES["3"])
    expect_answer(page, "Read as 3.")
    checked = checked_by_axe(page, ".sketchpad")
    assert {"color-contrast", "aria-meter-name", "button-name", "role-img-alt"} <= checked
    assert len([*walk(pad)]) == len(CONTROLS)
    if SCREENSHOTS:
        name = "sketchpad.png" if scheme == "light" else "sketchpad_dark.png"
        page.locator(".sketchpad").screenshot(path=Path(SCREENSHOTS) / name)


def test_a_dead_kernel_is_told(page):
    pad = page.get_by_role("application", name="Drawing pad")
    pad.press("Escape")
    draw(pad, STROKES["7"])
    expect_answer(page, "Read as 7.")
    page.clock.install()
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Shut Down Kernel", exact=True).click()
    expect(page.get_by_text("No Kernel | ")).to_be_visible()
    draw(pad, STROKES["3"])
    no_answer = page.get_by_role("status").filter(has_text="No answer yet")
    assert not no_answer.count()
    page.clock.fast_forward(4000)
    expect(no_answer).to_be_visible()
    assert not any(probabilities(page)), "those of the drawing before"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Node.js is a shell script")
def test_without_browser_or_library_the_package_to_install_is_named(tmp_path, monkeypatch):
    node = tmp_path / "node"
    node.write_text(
        "#!/bin/sh\necho while loading shared libraries: libatomic.so.1: none >&2; $END"
    )
    node.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    nowhere = SimpleNamespace(chromium=SimpleNamespace(executable_path="nowhere"))
    monkeypatch.setattr(chromium, "sync_playwright", lambda: contextlib.nullcontext(nowhere))
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    for end, package in [("exit 127", "libatomic1"), ("exit 0", "chromium")]:
        monkeypatch.setenv("END", end)
        with pytest.raises(pytest.skip.Exception, match=f"apt install {package}`"):
            open_chromium().__enter__()
