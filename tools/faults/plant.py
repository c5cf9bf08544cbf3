"""Plant the faults of the catalogue one at a time, and see which test notices.

Each is planted in a copy of the project, and the tests that should notice it are run there, after
it was made sure that they pass without it. Ends with exit code 1 if a fault went unnoticed.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from tools.faults import forked_tests
from tools.faults.catalogue import FAULTS, ROOT, WHOLE_FILE

UNIT_TESTS = "-o addopts= -p no:nbval -p no:xdist --assert=plain"
NOTEBOOKS = "-n 0"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the file or name of a fault")
    parser.add_argument(
        "--sample",
        type=int,
        help="plant so many only, drawn at random, none that needs a whole notebook",
    )
    parser.add_argument("--seed", default="0", help="for the sample")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if options.only in fault.file + fault.name]
    if options.sample:
        quick = [fault for fault in faults if not fault.tests.endswith(".ipynb")]
        faults = random.Random(options.seed).sample(quick, min(options.sample, len(quick)))
    print(f"{len(faults)} faults" + f" (seed {options.seed})" * bool(options.sample))
    missed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        forked_tests.prepare()
        check_that_tests_pass(pool, sorted({fault.tests for fault in faults}))
        results = tqdm(pool.map(plant, faults), total=len(faults), unit="fault")
        for fault, (test, seconds) in zip(faults, results):
            line = f"{seconds:5.1f} s  {test or 'NOT CAUGHT'}  <-  {fault.name}"
            tqdm.write(line, file=sys.stdout)
            missed += [] if test else [fault.name]
    print(f"{len(faults) - len(missed)} of {len(faults)} faults were caught")
    if missed:
        sys.exit("NOT CAUGHT:\n- " + "\n- ".join(missed))


def check_that_tests_pass(pool, selections):
    for tests, (failed, _) in zip(selections, pool.map(run_tests_in_a_copy, selections)):
        if failed:
            sys.exit(f"{tests}: {failed} fails without any fault, mend that first")


def plant(fault):
    return run_tests_in_a_copy(fault.tests, lambda copy: spoil(copy / fault.file, fault))


def run_tests_in_a_copy(tests, change=lambda copy: None):
    """Returns the first test that failed ("" if none did), and the seconds it took."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        copy = Path(folder) / "project"
        copy_project(copy)
        change(copy)
        options = NOTEBOOKS if ".ipynb" in tests else UNIT_TESTS
        options = f"{options} -p no:cacheprovider -x -q --tb=no -rfE {tests}"
        code, output = forked_tests.run_pytest(copy, options.split())
    failed = re.search(r"^(?:FAILED|ERROR) (\S+(?:::Cell \d+)?)", output, flags=re.MULTILINE)
    broke = f"pytest's exit code {code}" if code != 0 else ""
    return (failed[1] if failed else broke), time.monotonic() - start


def copy_project(target):
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def spoil(path, fault):
    if fault.old is WHOLE_FILE:
        path.unlink()
        return
    text = path.read_text(encoding="utf-8")
    if fault.old not in text:
        sys.exit(f"'{fault.name}' cannot be planted: {fault.file} has no {fault.old!r}")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


if __name__ == "__main__":
    main()
