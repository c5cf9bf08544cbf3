"""A class on a JupyterHub of this machine: so many users run notebooks at the same time.

One user alone comes first, to compare with; then it is tried what the curious, the greedy and the
unlucky can do. What was started and made is taken down at the end. Run by root, each user is one
of the system; else each has only a folder, which keeps nobody out of another's files.
"""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psutil

from helpers.errors import InputError, as_path
from study.command_line import Parser, answering, one_of, whole_number, writable_folder
from study.files import write_csv
from tools.hub.learner import Learner
from tools.hub.server import KERNEL, SERVER, a_class, processes_of, refuse_if_closed
from tools.notebook_files import ROOT, all_notebooks

RESULT = ROOT / "results" / "hub.csv"
MEASURED = ["server_mb", "kernel_mb", "kernel_cpu_seconds"]


@answering()
def main():
    notebooks = all_notebooks()
    parser = Parser(description=__doc__)
    parser.add_argument("users", metavar="N", type=whole_number(1, 64), help="how many")
    parser.add_argument(
        "numbers", nargs="*", type=one_of(notebooks), help="of notebooks; default: 01 04"
    )
    parser.add_argument(
        "--limit", type=whole_number(100, 10**6), default=2500, help="megabytes for a process"
    )
    parser.add_argument("--port", type=whole_number(1024, 65535), default=0, help="of the Hub")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="for homes, for the run")
    parser.add_argument("--folders", action="store_true", help="no system users, even for root")
    parser.add_argument("--record", action="store_true", help="write results/hub.csv")
    options = parser.parse_args()
    if os.name != "posix":
        parser.error("JupyterHub runs on Linux and macOS")
    options.system_users = os.geteuid() == 0 and not options.folders
    paths = [notebooks[number] for number in options.numbers or ["01", "04"]]
    parent = as_path(options.folder).absolute()
    for place in [parent, ROOT, Path(sys.executable).resolve()] * options.system_users:
        refuse_if_closed(place)
    writable_folder(parent)
    for number in [signal.SIGINT, signal.SIGTERM]:
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-", dir=parent)))
        folder.chmod(0o711)
        pool = stack.enter_context(ThreadPoolExecutor(options.users))
        learners = stack.enter_context(a_class(options, folder))
        rows = list(lessons(learners, paths, pool, folder))
        report(rows)
        if options.record:
            write_csv(RESULT, rows)
        wrong = sum(row["errors"] for row in rows)
        for sentence, holds in trials(learners, f"notebooks/{paths[0].name}", options):
            print(f"{'as it must be' if holds else 'NOT AS IT MUST BE'}: {sentence}", flush=True)
            wrong += not holds
    if wrong:
        sys.exit(f"{wrong} cells or trials did not go as they must: see above.")


def lessons(learners, paths, pool, folder):
    """The first learner alone runs each notebook, then all together do: a row for each run."""
    most, awake = Counter(), 0
    threading.Thread(target=watch, args=[folder, most], daemon=True).start()
    for some in [learners[:1], learners][: len(learners)]:
        list(pool.map(Learner.start_server, some[awake:]))
        awake, load = len(some), os.getloadavg()[0]
        print(f"{awake} at once; {load:.1f} processes wanted {os.cpu_count()} cores", flush=True)
        for path in paths:
            rows = list(run_together(some, path, pool, most))
            print(pd.DataFrame(rows).to_string(index=False), flush=True)
            yield from rows


def run_together(learners, path, pool, most):
    """All learners run a notebook at the same time: a row for each."""
    most.clear()
    rows = list(pool.map(lambda learner: learner.lesson(f"notebooks/{path.name}"), learners))
    for number, (learner, row) in enumerate(zip(learners, rows), start=1):
        row |= {key: most[learner.name, key] for key in MEASURED}
        first = {"users": len(learners), "notebook": path.stem, "user": number}
        yield first | {name: round(value, 1) for name, value in row.items()}


def watch(folder, most):
    """Each second, note the most memory (PSS, else RSS) and the CPU seconds of each user."""
    while folder.exists():
        now = Counter()
        for process, name, kind in processes_of(folder):
            with contextlib.suppress(psutil.Error):
                held = process.memory_full_info()
                now[name, f"{kind}_mb"] += getattr(held, "pss", held.rss) / 1e6
                now[name, f"{kind}_cpu_seconds"] += sum(process.cpu_times()[:2])
        most |= now
        time.sleep(1)


def trials(learners, file, options):
    """What must hold, and whether it does; `file` is a notebook that all have saved."""
    one, others = learners[0], learners[1:]
    saved = (one.home / file).read_bytes()

    def unharmed():
        same = (one.home / file).read_bytes() == saved
        return same and all(learner.says("print(kept)") == "1" for learner in others)

    for learner in learners:
        learner.open(file)
        learner.says("kept = 1")
    for learner, other in zip(learners, others + [one]) if others else []:
        said = learner.says(f"open({str(other.home / file)!r}).read(1)")
        if options.system_users:
            yield f"{learner.name} opens another's file: {said}", said == "PermissionError"
        code = learner.http.get(f"{other.api}/contents", allow_redirects=False).status_code
        yield f"{learner.name} asks another's server: {code}", code in [403, 404]
    said = one.says(f"more = bytearray({options.limit} * 10**6)")
    yield f"{one.name} wants more memory than the limit: {said}", said == "MemoryError"
    yield "the others and what was saved stay as they were", unharmed()
    for command, name in [(KERNEL, "kernel"), (SERVER, "server")]:
        for process, *_ in processes_of(one.home.parent, one.name, command):
            process.kill()
        if command == SERVER:
            one.start_server()
            one.open(file)
        elif "restarting" not in (x.content.get("execution_state") for x in one.messages()):
            raise InputError("A killed kernel was not started again.")
        yield f"{one.name}'s {name} was killed, and answers again", one.says("print(2)") == "2"
        yield f"after that of the {name}, too, the others and what was saved", unharmed()


def report(rows):
    """Print how much slower each notebook was than for one user alone."""
    table = pd.DataFrame(rows)
    for notebook, seconds in table.groupby("notebook")["seconds"]:
        times = seconds[table["users"] == table["users"].max()].median() / seconds.iloc[0]
        print(f"{notebook} takes {times:.1f} times as long as for one user alone (median)")


if __name__ == "__main__":
    main()
