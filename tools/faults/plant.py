"""Plant the faults of the catalogue one at a time, and see which test notices.

Each is planted in a copy of the project, and the tests that should notice it are run there, after
it was made sure that they pass without it. Ends with exit code 1 if a fault went unnoticed.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.errors import InputError
from study.command_line import Parser, answering, whole_number
from tools.faults.catalogue import FAULTS, ROOT, WHOLE_FILE


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the file or name of a fault")
    parser.add_argument(
        "--sample",
        type=whole_number(1, len(FAULTS)),
        help="plant so many only, drawn at random, none that needs a whole notebook",
    )
    parser.add_argument("--seed", default="0", help="for the sample")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if options.only in fault.file + fault.name]
    if not faults:
        parser.error(f"no fault has {options.only!r} in its file or name")
    if options.sample:
        quick = [fault for fault in faults if not fault.tests.endswith(".ipynb")]
        faults = random.Random(options.seed).sample(quick, min(options.sample, len(quick)))
    print(f"{len(faults)} faults" + f" (seed {options.seed})" * bool(options.sample))
    missed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        selections = sorted({fault.tests for fault in faults})
        for tests, failed in zip(selections, pool.map(run_tests_in_a_copy, selections)):
            if failed:
                sys.exit(f"{tests}: {failed} fails without any fault, mend that first")
        noticing = pool.map(run_tests_in_a_copy, (fault.tests for fault in faults), faults)
        for fault, test in zip(faults, noticing):
            print(f"{test or 'NOT CAUGHT'}  <-  {fault.name}", flush=True)
            missed += [] if test else [fault.name]
    print(f"{len(faults) - len(missed)} of {len(faults)} faults were caught")
    if missed:
        sys.exit("NOT CAUGHT:\n- " + "\n- ".join(missed))


def run_tests_in_a_copy(tests, fault=None):
    """Returns the first test that failed, "" if none did."""
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        copy = Path(folder) / "project"
        copy_project(copy)
        if fault:
            spoil(copy / fault.file, fault)
        unit_tests = "-o addopts= -p no:nbval -p no:xdist --assert=plain"
        options = "-n 0" if ".ipynb" in tests else unit_tests
        options = f"{options} -p no:cacheprovider -x -q --tb=no -rfE {tests}"
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *options.split()],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    failed = re.search(r"^(?:FAILED|ERROR) (\S+(?:::Cell \d+)?)", run.stdout, flags=re.MULTILINE)
    broke = f"pytest's exit code {run.returncode}" if run.returncode else ""
    return failed[1] if failed else broke


def spoil(path, fault):
    if fault.old is WHOLE_FILE:
        path.unlink()
        return
    text = path.read_text(encoding="utf-8")
    if fault.old not in text:
        sys.exit(f"'{fault.name}' cannot be planted: {fault.file} has no {fault.old!r}")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def copy_project(target):
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise InputError(f"What belongs to the project git alone knows, and {ROOT} is no clone.")
    for name in listed.stdout.split("\0"):
        if (ROOT / name).is_file():  # neither the end of the list nor what is deleted but known
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


if __name__ == "__main__":
    main()
