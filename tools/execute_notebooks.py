"""Execute the notebooks, save them clean, and write the pictures of `figures/`.

A cell with the tag `figure:NAME` gives `figures/NAME.png`. A notebook is saved only if every
cell ran without an error and without a word on stderr.
"""

import argparse
import base64
import csv
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from tqdm import tqdm

from helpers.dataset import has_mnist

ROOT = Path(__file__).parent.parent
DURATIONS = ROOT / "results" / "notebook_seconds.csv"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of them")
    parser.add_argument(
        "--record-seconds", action="store_true", help=f"write {DURATIONS.relative_to(ROOT)}"
    )
    options = parser.parse_args()
    if not has_mnist():
        sys.exit("Saved notebooks show MNIST itself, not the stand-in.")
    paths = options.notebooks or sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    seconds = {}
    with tqdm(total=sum(len(code_cells(nb)) for nb in notebooks.values()), unit="cell") as bar:
        for path, notebook in notebooks.items():
            start = time.monotonic()
            execute(notebook, path, bar)
            seconds[path.stem] = round(time.monotonic() - start)
            clean(notebook)
            write_figures(notebook)
            nbformat.write(notebook, path)
    if options.record_seconds:
        DURATIONS.parent.mkdir(exist_ok=True)
        with DURATIONS.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [("notebook", "seconds"), *seconds.items()]
            )
    print("\n".join(f"{name:40} {value:4} s" for name, value in seconds.items()))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(notebook, path, bar):
    def name_cell(cell, cell_index):
        bar.set_description(f"{path.stem} cell {cell_index}")

    def count_cell(cell, cell_index, execute_reply):
        bar.update()
        noise = [o.text for o in cell.outputs if o.get("name") == "stderr"]
        if noise:
            sys.exit(f"\n{path.name}, cell {cell_index} writes to stderr:\n{''.join(noise)}")

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=name_cell,
        on_cell_executed=count_cell,
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        sys.exit(f"\n{path.name}, after {bar.desc}:\n{error}")


def clean(notebook):
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def write_figures(notebook):
    for cell in code_cells(notebook):
        for name in (t.removeprefix("figure:") for t in cell.metadata.get("tags", []) if ":" in t):
            picture = next(
                o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})
            )
            (ROOT / "figures" / f"{name}.png").write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    main()
