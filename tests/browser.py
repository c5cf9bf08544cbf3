"""Chromium for a test, or the reason why it is skipped; what tests do with a notebook in it."""

import base64
import contextlib
import io
import re
import string

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import TimeoutError, expect

from helpers.errors import InputError
from tools.chromium import chromium

OWN = "(http|ws)://127.0.0.1:|data:|blob:"
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
KERNEL_IS_IDLE = '.jp-Toolbar:has([aria-label^="Python 3"]) [data-status=idle]'
# The list of keys that get as far as the document, from now on.
HEARD = """() => {
  const heard = [];
  document.addEventListener("keydown", (event) => heard.push(event.key), true);
  return heard;
}"""
# Style and width of a control's outline, and the contrast (of WCAG 2) with the colour around it.
OUTLINE = """(control) => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(control);
  const ground = (part) => getComputedStyle(part).backgroundColor;
  let around = control.parentElement;
  while (ground(around) === "rgba(0, 0, 0, 0)") around = around.parentElement;
  const { Color, getContrast } = axe.commons.color;
  const colors = [ground(around), outlineColor].map((text) => {
    const color = new Color();
    color.parseString(text);
    return color;
  });
  return [outlineStyle, parseFloat(outlineWidth), getContrast(...colors)];
}"""
UNSAVED = "jupyterapp.shell.currentWidget.content.model.dirty"
STATE = """() => {
  const { mode, activeCellIndex, selectedCells, model } = jupyterapp.shell.currentWidget.content;
  const cells = Array.from(model.cells, (cell) => [cell.type, cell.sharedModel.source, cell.id]);
  return [mode, activeCellIndex, selectedCells.map((cell) => cell.model.id), cells];
}"""
expect.set_options(timeout=20_000)


@contextlib.contextmanager
def open_chromium():
    with contextlib.ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium())
        except InputError as error:
            if "apt install" not in str(error):  # there, but it does not start
                raise
            pytest.skip(f"{error} So this was not tried in a browser.")
        yield browser


def open_notebook_page(browser, address, application, notebook, **options):
    """A page with a notebook whose kernel is ready; `page.complaints` are its errors."""
    page = browser.new_page(**options)
    page.complaints = []
    complain = page.complaints.append
    page.on("console", lambda line: line.type == "error" and complain(line.text))
    page.on("pageerror", lambda error: complain(str(error)))
    page.on("request", lambda request: re.match(OWN, request.url) or complain(request.url))
    # The kernel begins while the page is loaded, which takes as long.
    session = {"path": notebook, "type": "notebook", "name": notebook}
    session["kernel"] = {"name": "python3"}
    page.request.post(address.format("api/sessions"), data=session)
    page.goto(address.format(f"{application}/{notebook}"))
    expect(page.locator(KERNEL_IS_IDLE).first).to_be_attached(timeout=60_000)
    return page


def run_cell(page, text):
    page.locator(".jp-CodeCell .cm-content").filter(has_text=text).click()
    page.keyboard.press("Shift+Enter")


def press(target, *keys):
    for key in keys:
        target.press(key)


def save(part, page):
    for key in "sS":  # S: with Caps Lock
        page.evaluate(f"{UNSAVED} = true")
        for _ in range(30):  # JupyterLab passes a press over while it is saving
            part.press(f"Control+{key}")
            with contextlib.suppress(TimeoutError):
                page.wait_for_function(f"!{UNSAVED}", timeout=1_000)
                break
        assert not page.evaluate(UNSAVED), f"Control+{key} does not save."


def pixels(canvas):
    """What a canvas shows in red, as a uint8 array of shape (height, width)."""
    return colors(canvas)[..., 0]


def colors(canvas):
    """What a canvas shows, as a uint8 array of shape (height, width, 4)."""
    url = canvas.evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def set_theme(page, scheme):
    """JupyterLab's theme "light" or "dark"."""
    page.emulate_media(color_scheme=scheme)
    light = str(scheme == "light").lower()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)


def checked_by_axe(page, part):
    """The rules that axe finds fulfilled in a part of the page; none may be violated."""
    # JupyterLab's body has no height, and axe takes all text in it for clipped.
    page.add_style_tag(content="body { overflow: visible !important }")
    found = Axe().run(page, context=part)
    assert not found.violations_count, found.generate_report()
    return {rule["id"] for rule in found.response["passes"]}
