"""Run the notebooks with other seeds, and see which sentences and lines still hold.

Every seed of trainings, splits and drawings is shifted, but not the split of a notebook that reads
stored networks or runs, which were made with it. What is held against each run: the witnesses of
the sentences (see `tools/claims.py`; `this run:` is left out) and the lines of output that say
`True`. `results/seeds.csv` keeps what was found last of each notebook.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from helpers.dataset import has_mnist
from study.command_line import Parser, answering, one_of, whole_number
from study.files import write_csv
from tools.notebook_files import ROOT, all_notebooks

RESULT = ROOT / "results" / "seeds.csv"


@answering()
def main():
    notebooks = all_notebooks()
    parser = Parser(description=__doc__)
    parser.add_argument(
        "seeds", metavar="N", type=whole_number(1, 100), help="how many other seeds"
    )
    parser.add_argument("numbers", nargs="*", type=one_of(notebooks), help="default: all")
    options = parser.parse_args()
    if not has_mnist():
        sys.exit("This asks what holds for MNIST itself, not for the stand-in.")
    paths = [notebooks[number] for number in options.numbers or notebooks]
    found = [line for shift in range(1, options.seeds + 1) for line in run(paths, 1000 * shift)]
    lines = pd.DataFrame(found, columns=["notebook", "cell", "line", "holds"])
    rows = lines.groupby(["notebook", "cell", "line"], sort=False)["holds"].agg(["sum", "count"])
    rows = rows.set_axis(["held", "of"], axis=1).reset_index()
    always = rows["held"] == options.seeds
    for row in rows[~always].sort_values("held").itertuples():
        print(f"{row.held} of {row.of}  {row.notebook:.2} {row.cell}: {row.line}")
    print(f"{always.sum()} of {len(rows)} lines always held")
    if RESULT.exists():
        before = pd.read_csv(RESULT)
        rows = pd.concat([before[~before["notebook"].isin(rows["notebook"])], rows])
    write_csv(RESULT, rows.to_dict("records"))


def run(paths, shift):
    """What held, `[notebook, cell, line, bool]`, with every seed shifted."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.json"
        environment = {"SHIFT_SEEDS": str(shift), "HELD_UNDER_SEEDS": str(held)}
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "tests.other_seeds", *map(str, paths)],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        print(f"seeds shifted by {shift}", flush=True)
        return json.loads(held.read_text("utf-8"))


if __name__ == "__main__":
    main()
