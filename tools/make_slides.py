"""Write each notebook as a deck of slides into `slides/`: one file, which needs no network.

S opens the speaker's view, with the note that TEACHING.md has to each section. The first call
fetches reveal.js by npm.
"""

import base64
import json
import re
import sys
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path

from nbconvert import SlidesExporter
from nbformat.v4 import new_markdown_cell

from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import answering
from tools.notebook_files import ROOT, given, lesson
from tools.npm import npm_install
from tools.screens import in_parts, set_slide_types

REVEAL = "5.2.1"
HERE = ROOT / "tools" / "slides"
NOTE = re.compile(r"^- \*\*(.+?)\*\*, (\d+ minutes?: .*)$", re.MULTILINE)
FONTS = [("normal", 400, "regular"), ("italic", 400, "italic"), ("normal", 600, "semibold")]


@answering()
def main():
    notebooks, folder = given(__doc__, "slides")
    notes, package = speaker_notes(ROOT / "TEACHING.md"), reveal_js()
    for path, notebook in notebooks.items():
        html = deck(notebook, package, notes.get(path.stem[:2], {}))
        with written_whole(folder / f"{path.stem}.html") as part:
            part.write_text(html, "utf-8")
    print(f"{len(notebooks)} decks in {folder}: open one in a browser. S shows the speaker's view.")


def reveal_js():
    """The folder of reveal.js, which npm fetches into that of Python's packages once."""
    home = Path(sys.prefix) / "slides"
    package = home / "node_modules" / "reveal.js"
    about = package / "package.json"
    known = about.is_file() and json.loads(about.read_text("utf-8"))["version"]
    if known != REVEAL and not npm_install(f"reveal.js@{REVEAL}", home):
        raise InputError(f"npm could not fetch reveal.js {REVEAL}, which needs a network once.")
    return package


def speaker_notes(path):
    """What a text has to say to each section: {"03": {"Padding and stride": Markdown}}."""
    _, *parts = re.split(r"^## (\d\d) .*\n", path.read_text("utf-8"), flags=re.MULTILINE)
    return {number: dict(NOTE.findall(part)) for number, part in zip(parts[::2], parts[1::2])}


def deck(notebook, package, notes):
    """A notebook as the HTML of its slides."""
    notebook = linked(notebook, kept=r"https?:|\w+\.html\)")
    parts = [part for cell in notebook.cells for part in in_parts(cell)]
    set_slide_types(parts, room=float("inf"))
    notebook.cells = list(with_notes(parts, notes))
    scripts = [package / "dist" / "reveal.js", package / "plugin" / "notes" / "notes.js"]
    scripts = [as_base64(path) for path in [*scripts, HERE / "deck.js"]]
    left_out = {f"exclude_{x}": True for x in ["anchor_links", "input_prompt", "output_prompt"]}
    folders = [str(HERE.parent)]
    exporter = SlidesExporter(template_name="slides", extra_template_basedirs=folders, **left_out)
    about = {"title": title_of(notebook), "style": style(package), "scripts": scripts}
    return exporter.from_notebook_node(notebook, {"deck": about})[0]


def title_of(notebook):
    """Its first line."""
    lines = (line for cell in lesson(notebook) for line in cell.source.splitlines())
    return next(filter(str.strip, lines)).lstrip("# ")


def linked(notebook, kept="https?:"):
    """A copy that links to each notebook's deck; links to other places than `kept` are text."""
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"(\]\(\w+)\.ipynb\)", r"\1.html)", cell.source)
            cell.source = re.sub(rf"(?<!!)\[([^]]*)\]\((?!{kept})[^)]*\)", r"\1", text)
    return notebook


def with_notes(cells, notes):
    """The cells, each heading followed by the notes of its section."""
    for cell in cells:
        yield cell
        heading = re.match(r"#+ (.*)", cell.source)
        if cell.cell_type == "markdown" and heading and heading[1] in notes:
            metadata = {"slideshow": {"slide_type": "notes"}}
            yield new_markdown_cell(notes[heading[1]], metadata=metadata)


def style(package):
    """The style sheets of reveal.js and of the decks, with their fonts."""
    fonts = package / "dist" / "theme" / "fonts" / "source-sans-pro" / "source-sans-pro-"
    code = Path(find_spec("matplotlib").origin).parent / "mpl-data/fonts/ttf/DejaVuSansMono.ttf"
    files = [("Deck", slant, bold, Path(f"{fonts}{name}.woff")) for slant, bold, name in FONTS]
    faces = [
        f"@font-face {{ font-family: {family}; font-style: {slant}; font-weight: {bold}; "
        f"src: url(data:font/any;base64,{as_base64(path)}) }}"
        for family, slant, bold, path in [*files, ("Deck-Code", "normal", 400, code)]
    ]
    sheets = [package / "dist" / "reveal.css", HERE / "deck.css"]
    return "\n".join([*faces, *(path.read_text("utf-8") for path in sheets)])


def as_base64(path):
    return base64.b64encode(path.read_bytes()).decode()


if __name__ == "__main__":
    main()
