"""Find and read notebooks and other texts, or say plainly why that cannot be."""

import ast
import re
from collections import Counter
from pathlib import Path

import nbformat

from helpers.errors import InputError, as_path
from study.command_line import Parser, writable_folder

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
NO_LESSON = {"solution", "yours"}  # tags of cells that nobody shows to a class


def all_notebooks():
    """The paths of the notebooks of the series by number, such as "05"."""
    return {path.stem[:2]: path for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))}


def all_texts():
    """The paths of the texts beside the notebooks by name: `README.md` and the like, `helpers`."""
    paths = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("[a-z]*/README.md")), ROOT / "helpers"]
    return {path.relative_to(ROOT).as_posix(): path for path in paths}


def read_notebooks(given):
    """Notebooks by their paths: of numbers and paths, all of the series if none is given."""
    series = all_notebooks()
    found = [series.get(str(x).zfill(2)) or Path(x) for x in given]
    paths = list(dict.fromkeys(found)) or series.values()
    for path in paths:
        if path.suffix != ".ipynb":
            raise InputError(f"{path} is no notebook: give a number, as 03, or a file *.ipynb.")
    name, count = Counter(path.stem for path in paths).most_common(1)[0]
    if count > 1:
        raise InputError(f"{count} notebooks are called {name}: give one of them at a time.")
    return {path: read_notebook(path) for path in paths}


def given(description, name):
    """What the options of a command ask for: notebooks by their paths, and the folder to fill."""
    parser = Parser(description=description)
    parser.add_argument("notebooks", nargs="*", help="numbers or files; default: all")
    parser.add_argument("--to", metavar="FOLDER", default=str(ROOT / name), help=f"default: {name}")
    options = parser.parse_args()
    notebooks, folder = read_notebooks(options.notebooks), as_path(options.to).resolve()
    for path, notebook in notebooks.items():
        if {NOTEBOOKS, path.resolve().parent} & {folder, *folder.parents}:
            raise InputError(f"{options.to} is, or lies in, a folder of notebooks: give another.")
        if not any(cell.source.strip() for cell in lesson(notebook)):
            raise InputError(f"{path} has nothing to show.")
    return notebooks, writable_folder(folder)


def tags(cell):
    return set(cell.metadata.get("tags", []))


def lesson(notebook):
    """The cells of a notebook without exercises' solutions and places to work in."""
    return [cell for cell in notebook.cells if not NO_LESSON & tags(cell)]


def docstrings(folder):
    """Those of modules and of what is public in them, each as a cell of Markdown."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            has_docstring = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            if has_docstring and not getattr(node, "name", "").startswith("_"):
                text = re.sub(r"^\w+\n-+$", "", ast.get_docstring(node) or "", flags=re.MULTILINE)
                points = re.sub(r"^(\w+(, \w+)*) : ", r"- \1 : ", text, flags=re.MULTILINE)
                yield nbformat.v4.new_markdown_cell(points)


def read_notebook(path):
    """The notebook in a file, of one cell if that is a text, of the docstrings of a package.

    Raises `InputError` for what is none of these.
    """
    path = as_path(path)
    if path == ROOT / "helpers":
        return nbformat.v4.new_notebook(cells=list(docstrings(path)))
    if not path.is_file():
        raise InputError(f"There is no notebook {path}. `ls notebooks` shows those of the series.")
    if path.suffix == ".md":
        cell = nbformat.v4.new_markdown_cell(path.read_text("utf-8"))
        return nbformat.v4.new_notebook(cells=[cell])
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except OSError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) is no notebook, or a damaged one: {reason}. "
            "It was left as it is; `git checkout` brings back a notebook of the series."
        ) from error
    return notebook
