"""Which cells of a notebook share a screen when it is presented, live or as a deck of slides.

A heading begins a slide; a question has a screen of its own; text that leads to code, the code,
what it shows and what is said of it share one as far as there is room. `make notebooks` writes that
into the notebooks.
"""

import base64
import math
import re
import struct
from copy import deepcopy

from nbformat.v4 import new_markdown_cell

from tools.notebook_files import NO_LESSON, tags

CAPTION = re.compile(r"\*[^*\s][^*]*[.?!]\*(?=\s|$)")
# Pixels of JupyterLab's page on a screen of 1280 by 720, enlarged by a quarter.
ROOM, LETTERS, TEXT, CODE, ROW = 576, 125, 24, 18, 28


def set_slide_types(cells, room=ROOM):
    """Set the `slideshow` metadata of cells; one without shares the screen of the cell before."""
    before, left, has_code = None, 0, False
    for cell in cells:
        cell.metadata.pop("slideshow", None)
        if NO_LESSON & tags(cell) or cell.cell_type == "raw":
            cell.metadata["slideshow"] = {"slide_type": "skip"}
            continue
        kind = slide_type(cell, before, left - height(cell), has_code)
        if kind:
            cell.metadata["slideshow"] = {"slide_type": kind}
        if kind in ["slide", "subslide"]:
            left, has_code = room, False
        before, left = cell, left - height(cell)
        has_code |= cell.cell_type == "code"


def slide_type(cell, before, left, has_code):
    is_code = cell.cell_type == "code"
    if not is_code and re.search(r"^#+ ", cell.source, re.MULTILINE):
        return "slide"
    if before is None or "question" in tags(cell) | tags(before) or left < 0:
        return "subslide"
    if has_code and (leads(cell) or is_code and before.cell_type == "markdown"):
        return "subslide"
    return "fragment" if has_code and not is_code and not CAPTION.fullmatch(cell.source) else None


def leads(cell):
    """Whether a text ends as one does that leads to the next cell, and does not begin a caption."""
    ends = cell.source.rstrip("*_) ").endswith((":", "?"))
    return cell.cell_type == "markdown" and ends and not CAPTION.match(cell.source)


def height(cell):
    """About how many pixels of JupyterLab's page a cell takes."""
    rows = sum(max(1, math.ceil(len(line) / LETTERS)) for line in cell.source.splitlines())
    if cell.cell_type == "markdown":
        return TEXT * rows
    return CODE * (rows + 1) + sum(map(height_of_output, cell.outputs))


def height_of_output(output):
    data = output.get("data", {})
    if "image/png" in data:
        return struct.unpack(">I", base64.b64decode(data["image/png"][:32])[20:24])[0] + CODE
    text = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", []))
    return ROW * data.get("text/html", "").count("<tr") or CODE * (1 + text.count("\n"))


def in_parts(cell):
    """A text as several cells: divided before headings, after a caption, before a last lead."""
    if cell.cell_type != "markdown" or "question" in tags(cell):
        return [cell]
    parts = []
    for section in re.split(r"\n+(?=#+ )", cell.source):
        caption = CAPTION.match(section)
        text = section[caption.end() :] if caption else section
        *most, last = text.strip().split("\n\n")
        if not (len(most) > 1 and last.endswith((":", "?"))):
            most, last = [*most, last], ""
        parts += [caption[0] if caption else "", "\n\n".join(most), last]
    return [new_markdown_cell(x, metadata=deepcopy(cell.metadata)) for x in parts if x]
