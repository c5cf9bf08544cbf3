"""Names for the witnesses of the READMEs."""

import re  # noqa: F401

import numpy as np  # noqa: F401
import pandas as pd
from project import ROOT

from tools.notebook_files import all_notebooks, read_notebook

costs = pd.read_csv(ROOT / "results" / "notebook_costs.csv")
runs = pd.read_csv(ROOT / "results" / "study" / "runs.csv")
curves = pd.read_csv(ROOT / "results" / "study" / "curves.csv")
scheduler = pd.read_csv(ROOT / "results" / "scheduler.csv")
notebooks = {number: read_notebook(path) for number, path in all_notebooks().items()}


def file(path):
    """The text of a file of the project."""
    return (ROOT / path).read_text("utf-8")


def printed(number):
    """All that the saved cells of a notebook print or show as text."""
    outputs = [o for c in notebooks[number].cells if c.cell_type == "code" for o in c.outputs]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def code(number):
    return "\n".join(c.source for c in notebooks[number].cells if c.cell_type == "code")
