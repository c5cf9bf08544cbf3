"""Names for the witnesses of the READMEs."""

# ruff: noqa: F401

import json
import re
import sys
from collections import Counter
from importlib.metadata import distributions
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

import distributed
import numpy as np
import pandas as pd
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from project import DIGIT_SAMPLES, ROOT, SAMPLES

from helpers.dataset import ARRAYS, stand_in
from helpers.errors import InputError
from helpers.evaluation import accuracy_interval
from study import protocol
from study.cluster import WORKER_MEMORY
from study.ledger import FINAL, LEDGER, RACER, Recipe
from tools.faults.catalogue import FAULTS
from tools.notebook_files import all_notebooks, all_texts, read_notebook

costs = pd.read_csv(ROOT / "results" / "notebook_costs.csv")
runs = pd.read_csv(ROOT / "results" / "study" / "runs.csv")
scheduler = pd.read_csv(ROOT / "results" / "scheduler.csv")
ledger = pd.read_csv(ROOT / "results" / "ledger.csv")
hub = pd.read_csv(ROOT / "results" / "hub.csv")
handwriting = pd.read_csv(ROOT / "results" / "handwriting.csv")
cpu_hours = runs.epochs * runs.cpu_seconds_per_epoch / 3600
notebooks = {number: read_notebook(path) for number, path in all_notebooks().items()}
cells = [(number, cell) for number, notebook in notebooks.items() for cell in notebook.cells]
tags = Counter(t.split(":")[0] for _, cell in cells for t in cell.metadata.get("tags", []))


def file(path):
    """The text of a file of the project."""
    return (ROOT / path).read_text("utf-8")


def has(path, *texts):
    """Whether a file holds all of these texts."""
    return all(text in file(path) for text in texts)


def files(pattern):
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern))


def pictures(folder):
    """The pictures in a folder of the project."""
    kinds = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".npy"}
    return [path for path in (ROOT / folder).rglob("*") if path.suffix.lower() in kinds]


def printed(number):
    """All that the saved cells of a notebook print or show as text."""
    outputs = [o for c in notebooks[number].cells if c.cell_type == "code" for o in c.outputs]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def found(number, pattern):
    """The number that a notebook prints there, nan if it prints none."""
    match = re.search(pattern, printed(number))
    return int(match[1].replace(",", "")) if match else np.nan


def code(number):
    return "\n".join(c.source for c in notebooks[number].cells if c.cell_type == "code")


def prose(number):
    return "\n\n".join(c.source for c in notebooks[number].cells if c.cell_type == "markdown")


def figure(name):
    """The number of the notebook that draws a figure, the cell, and how many axes it has."""
    ((number, cell),) = [x for x in cells if f"figure:{name}" in x[1].metadata.get("tags", [])]
    shown = "".join(o.get("data", {}).get("text/plain", "") for o in cell.outputs)
    return number, cell.source, int(re.search(r"with (\d+) Axes", shown)[1])


def listed(number, *words):
    """Whether the README's row of a notebook has its name, time and address, and it its words."""
    path = all_notebooks()[number]
    name = path.stem.replace("_", " ").lower()
    stated = re.search(r"about (\d+ \w+)", prose(number))[1]
    (row,) = re.findall(rf"^\| \[{number} .*", file("README.md"), flags=re.MULTILINE)
    opening = (notebooks[number].cells[0].source + prose(number)).lower()
    return (
        row.lower().startswith(f"| [{name}](notebooks/{path.name.lower()}) |")
        and row.endswith(f"| {stated} |")
        and all(word in row and word.lower() in opening for word in words)
    )


def recipe(target):
    """What make runs for a target, with the targets that it needs."""
    return re.search(rf"^{target}:.*\n(?:\t.*\n)*", file("Makefile"), flags=re.MULTILINE)[0]


def imports(source):
    """What code imports, wherever in it: modules, and names in them."""
    yield from re.findall(r"^ *import ([\w.]+)", source, flags=re.MULTILINE)
    for module, names in re.findall(r"^ *from ([\w.]+) import ([\w, ]+)", source, re.MULTILINE):
        yield from [module, *(f"{module}.{name.strip()}" for name in names.split(","))]


def layer(module):
    """The place of a module in the order in which modules may import each other."""
    first = ["helpers.errors", "helpers.dataset", "helpers.preprocessing", "helpers", "study"]
    module = module.replace("quiet", "errors")
    return [module.startswith(name) for name in [*first, "tools"]].index(True)


paths = [path for folder in ["helpers", "study", "tools"] for path in files(f"{folder}/**/*.py")]
modules = {path[:-3].replace("/", ".").removesuffix(".__init__"): path for path in paths}
imported = {name: modules.keys() & {*imports(file(path))} for name, path in modules.items()}
library = [path for path in paths if not path.startswith("tools")]
keras_at_the_head = [
    name
    for name, path in modules.items()
    if re.search(r"^(import keras|from (keras|helpers\.quiet) import)", file(path), re.MULTILINE)
]
in_notebooks = modules.keys() & {x for number in notebooks for x in imports(code(number))}
shipped = [path.split("/")[-1].removesuffix(".keras") for path in files("helpers/checkpoints/*")]
texts = [file(name) for name in all_texts() if name.endswith(".md")]
pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", file("requirements.txt"), flags=re.MULTILINE))
ci = yaml.safe_load(file(".github/workflows/test.yml"))
matrix = ci["jobs"]["test"]["strategy"]["matrix"]
licence = " ".join(file("LICENSE").split())


def says(thing, *texts):
    """Whether the docstring of a function, class or module holds all of these texts."""
    return all(text in " ".join(thing.__doc__.split()) for text in texts)


def refusal(function, *arguments, **options):
    """What `InputError` says of these arguments; empty if they will do."""
    try:
        function(*arguments, **options)
    except InputError as error:
        return str(error)
    return ""


def oldest(package):
    """The oldest version that `pyproject.toml` allows."""
    return Version(re.search(rf'"{package}>=([\d.]+)"', file("pyproject.toml"))[1])


def of_package(name, path):
    """The text of a file of an installed package, without importing it."""
    return (Path(find_spec(name).origin).parent / path).read_text("utf-8")


def menu(schema):
    """JupyterLab's own settings, which say what stands in its menus."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas" / "@jupyterlab"
    return (folder / schema).read_text("utf-8")
