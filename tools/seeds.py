"""Run the notebooks with other seeds, and see which sentences and lines still hold.

Every seed of trainings, splits and drawings is shifted, but not the split of a notebook that reads
stored networks or runs, which were made with it. What is held against each run: the witnesses of
the sentences (see `tools/claims.py`; `this run:` is left out) and the lines of output that say
`True`. `results/seeds.csv` keeps what was found last of each notebook.
"""

import collections
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.dataset import has_mnist
from study.command_line import Parser, answering, one_of, whole_number
from study.files import write_csv
from tools.notebook_files import ROOT, all_notebooks

RESULT = ROOT / "results" / "seeds.csv"


@answering()
def main():
    notebooks = all_notebooks()
    parser = Parser(description=__doc__)
    parser.add_argument("seeds", type=whole_number(1, 100), help="how many other seeds")
    parser.add_argument("numbers", nargs="*", type=one_of(notebooks), help="default: all")
    options = parser.parse_args()
    if not has_mnist():
        sys.exit("This asks what holds for MNIST itself, not for the stand-in.")
    numbers = options.numbers or list(notebooks)
    held = collections.defaultdict(list)
    for shift in range(1, options.seeds + 1):
        for notebook, cell, line, holds in run([notebooks[n] for n in numbers], shift):
            held[notebook, cell, line].append(holds)
    rows = [
        {"notebook": notebook, "cell": cell, "line": line, "held": sum(holds), "of": len(holds)}
        for (notebook, cell, line), holds in held.items()
    ]
    for row in sorted(rows, key=lambda row: row["held"]):
        if row["held"] < options.seeds:
            print("{held} of {of}  {notebook:.2} {cell}: {line}".format(**row))
    print(f"{sum(row['held'] == options.seeds for row in rows)} of {len(rows)} lines always held")
    here = {row["notebook"] for row in rows}
    write_csv(RESULT, [row for row in recorded() if row["notebook"] not in here] + rows)


def recorded():
    """The rows of `results/seeds.csv`, if it is there."""
    if not RESULT.exists():
        return []
    with RESULT.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(paths, shift):
    """What held, `[notebook, cell, line, bool]`, with every seed shifted."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.json"
        environment = {"SHIFT_SEEDS": str(1000 * shift), "HELD_UNDER_SEEDS": str(held)}
        with open(os.devnull, "w") as nowhere:
            subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "tests.other_seeds", *map(str, paths)],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=nowhere,
                check=False,
            )
        print(f"seeds shifted by {1000 * shift}", flush=True)
        return json.loads(held.read_text("utf-8"))


if __name__ == "__main__":
    main()
