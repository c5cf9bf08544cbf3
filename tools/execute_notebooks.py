"""Execute the notebooks, save them clean, and write the pictures of `figures/`.

A cell with the tag `figure:NAME` gives `figures/NAME.png`. A notebook is saved only if every
cell ran without an error and without a word on stderr.
"""

import base64
import csv
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers.dataset import has_mnist
from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import Parser, answering
from study.files import write_csv
from tools.notebook_files import NOTEBOOKS, ROOT, read_notebooks, tags
from tools.screens import set_slide_types

COSTS = ROOT / "results" / "notebook_costs.csv"


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", help="numbers or files; default: all")
    parser.add_argument(
        "--record", action="store_true", help=f"note the costs in {COSTS.relative_to(ROOT)}"
    )
    options = parser.parse_args()
    notebooks = read_notebooks(options.notebooks)
    if not has_mnist():
        sys.exit("Saved notebooks show MNIST itself, not the stand-in.")
    costs = {}
    for path, notebook in notebooks.items():
        start = time.monotonic()
        megabytes = execute(notebook, path)
        seconds = round(time.monotonic() - start)
        clean(notebook)
        write_figures(notebook, ROOT / "figures")
        with written_whole(path) as part:
            nbformat.write(notebook, part)
        costs[path.stem] = {"seconds": seconds, "megabytes": megabytes}
        print(f"{path.stem:40} {seconds:4} s {megabytes or '?':>6} MB at most", flush=True)
    if options.record:
        record(costs)


def recorded():
    """Seconds and megabytes of each notebook, by name, as `--record` noted them."""
    with COSTS.open(newline="", encoding="utf-8") as file:
        return {row["notebook"]: row for row in csv.DictReader(file)}


def record(costs):
    """Note these costs beside those of the other notebooks."""
    present = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    rows = {name: cost for name, cost in (recorded() | costs).items() if name in present}
    write_csv(COSTS, [{"notebook": name, **rows[name]} for name in sorted(rows)])


def peak_megabytes(process):
    """The most memory that a process has held so far (its peak resident set), where Linux tells."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) * 1024 / 1e6)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(notebook, path):
    """Execute it in place; returns the megabytes that its kernel held at most."""
    megabytes = []

    def measure(cell, cell_index, execute_reply):
        megabytes.append(peak_megabytes(client.km.provisioner.pid))

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=measure,
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        sys.exit(f"{path.name}, after {len(megabytes)} cells:\n{error}")
    for cell in code_cells(notebook):
        if noise := [o.text for o in cell.outputs if o.get("name") == "stderr"]:
            sys.exit(f"{path.name} writes to stderr:\n{cell.source}\n{''.join(noise)}")
    return megabytes[-1]


def clean(notebook):
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        for output in cell.outputs:
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    set_slide_types(notebook.cells)


def write_figures(notebook, folder):
    for cell in code_cells(notebook):
        for name in (tag.removeprefix("figure:") for tag in tags(cell) if ":" in tag):
            pictures = [
                o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})
            ]
            if not pictures:
                raise InputError(f"The cell tagged figure:{name} shows no picture: draw one in it.")
            with written_whole(folder / f"{name}.png") as part:
                part.write_bytes(base64.b64decode(pictures[0]))


if __name__ == "__main__":
    main()
