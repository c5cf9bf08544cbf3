"""Run the tests again and again, varying what machines vary, and see that none ever fails.

Each run works on a copy of the project, with or without: a second core, oneDNN, a network, a right
to write to `notebooks/`. Hash seed and home are new each time; the copy's folder has spaces and
an å in its name.
"""

import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from study.command_line import Parser, answering, whole_number
from tools.faults.plant import copy_project

NO_NETWORK = "unshare --map-root-user --net "
OWN_MOUNTS = "unshare --mount "


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument("runs", type=whole_number(1, 1000), nargs="?", default=10)
    seed = whole_number(0, 2**32)
    parser.add_argument("--seed", type=seed, default=0, help="draws the variations")
    options = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        parser.error("the soak makes machines of many kinds with means that only Linux has")
    failed = sum(not soak(*run) for run in variations(options.runs, options.seed))
    print(f"{options.runs - failed} of {options.runs} runs without a failure")
    sys.exit(bool(failed))


def variations(runs, seed):
    """Yields (number, cores, one_dnn, network, writable, hash_seed); a switch is on in half."""
    rng = random.Random(seed)
    halves = [rng.sample([k % 2 for k in range(runs)], runs) for _ in range(4)]
    for number, (core, *switches) in enumerate(zip(*halves), start=1):
        yield number, core + 1, *switches, rng.randrange(2**32)


def soak(number, cores, one_dnn, network, writable, hash_seed):
    """One run of all tests on such a machine; prints a line, returns whether it was green."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        project, home = Path(folder) / "an odd plåce", Path(folder) / "home"
        copy_project(project)
        home.mkdir()
        environment = {
            "HOME": str(home),
            "PYTHONHASHSEED": str(hash_seed),
            "PYTHONPATH": str(project),
            "TF_ENABLE_ONEDNN_OPTS": str(one_dnn),
        }
        command = shlex.join([sys.executable, "-m", "pytest", "-p", "no:cacheprovider"])
        if not writable:
            command = read_only(project / "notebooks", command)
        if not network:
            command = f"{NO_NETWORK}sh -c {shlex.quote(command)}"
        run = subprocess.run(
            ["sh", "-c", command],
            cwd=project,
            env=os.environ | environment,
            preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores]),
            capture_output=True,
            text=True,
            check=False,
        )
    machine = f"cores {cores}, oneDNN {one_dnn}, network {network}, notebooks writable {writable}"
    summary = re.findall(r"=+ (.*(?:passed|failed|error).*?) =+", run.stdout) or ["no result"]
    print(f"{number}: {machine}, hash seed {hash_seed}: {summary[-1]}", flush=True)
    if run.returncode:
        log = Path(f"soak-{number}.log")
        log.write_text(run.stdout + run.stderr, encoding="utf-8")
        print(f"failed: see {log}", flush=True)
    return run.returncode == 0


def read_only(folder, command):
    """`command` with `folder` read-only; for root, whom no permission stops, by a mount."""
    folder.chmod(0o555)
    if os.geteuid() != 0:
        return command
    quoted = shlex.quote(str(folder))
    mount = f"mount --bind {quoted} {quoted} && mount -o remount,ro,bind {quoted}"
    return f"{OWN_MOUNTS}sh -c {shlex.quote(f'{mount} && {command}')}"


if __name__ == "__main__":
    main()
