"""How nbval runs the notebooks here; loaded by pytest's `addopts`.

Runs cells as Jupyter does, notices a dead kernel within seconds, skips what follows a cell that
broke, and compares no outputs when only the stand-in for MNIST is there. Ends with the seconds
and the memory that each notebook took; with too much of it the run fails.
"""

import collections
import difflib
import os
import re
import tempfile
import time
import uuid
from pathlib import Path
from queue import Empty

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from helpers.dataset import STAND_IN, has_mnist
from tools.claims import AT_ITS_CELL, AT_THE_END, read_witnesses, witness_file
from tools.execute_notebooks import peak_megabytes, recorded
from tools.notebook_files import all_notebooks, read_notebook

MOST_MEGABYTES = 1300
LONG = {  # seconds
    "test_sketchpad_in_browser": 110,
    "test_study_processes": 70,
    "test_microscope_in_browser": 60,
    "test_slides": 60,
}
WATCH = f"""
__import__("sys").path += {[str(path) for path in Path(__file__).parents[:2]]!r}
__import__("watch").install()
"""
COMPARED, EXECUTED = "cells compared with their saved outputs", "cells executed, not compared"
CLAIMED = "sentences held against their witnesses"
DRAWN = "pictures compared with the saved ones"
KINDS_COUNTED = {COMPARED, EXECUTED, CLAIMED, DRAWN}
COLOURS = re.compile(r"\x1b\[[\d;]*m")
broken = {}
seconds = collections.Counter()
counts = collections.Counter()
megabytes = collections.Counter()


class SocketFileKernelManager(KernelManager):
    """Talks to its kernel through files, not ports: works without any network, even loopback."""

    folder = tempfile.TemporaryDirectory(prefix="kernels-")

    def __init__(self, **settings):
        address = f"{self.folder.name}/{uuid.uuid4().hex[:8]}"
        super().__init__(transport="ipc", ip=address, **settings)


class DeadKernelError(RuntimeError):
    """The kernel's process ended while a cell ran."""


def pytest_configure(config):
    patch_kernel()
    if hasattr(config, "workerinput"):
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # a core for each worker
    if not config.option.nbval:
        return
    if not hasattr(config, "workerinput") and not has_mnist():
        os.environ["MNIST_NPZ"] = STAND_IN
    if os.environ.get("MNIST_NPZ") == STAND_IN:
        config.option.nbval, config.option.nbval_lax = False, True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes longest first, notebooks and files of tests, so that two workers end together."""
    seconds = {name: int(row["seconds"]) for name, row in recorded().items()} | LONG
    items.sort(key=lambda item: -seconds.get(item.path.stem, 0))


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item):
    if item.parent in broken:
        pytest.skip(f"{broken[item.parent]} of this notebook broke")
    if isinstance(item.parent, IPyNbFile) and item.parent.kernel.is_alive():
        item.parent.kernel.kc.execute(WATCH, silent=True, reply=True, timeout=60)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if isinstance(item, IPyNbCell):
        report.user_properties.append((COMPARED if item.options["check"] else EXECUTED, 1))
        error = call.excinfo and call.excinfo.value
        if call.when == "call" and item.parent not in broken:
            peak = peak_megabytes(item.parent.kernel.km.provisioner.pid) or 0
            report.user_properties.append(("megabytes", peak))
        if error and not isinstance(error, pytest.skip.Exception):
            differs = type(error).__name__ == "OtherOutputError" or (
                isinstance(error, NbCellError) and "differ" in str(error)
            )
            if not differs:
                broken.setdefault(item.parent, item.name)
            report.longrepr = explain(item, error, differs, report.longreprtext)


def explain(item, error, differs, details):
    """First the cause, then where: notebook and cell; then the cell, what was saved, what came."""
    details = COLOURS.sub("", details)
    trace = COLOURS.sub("", getattr(error, "inner_traceback", "") or "").strip()
    if differs and not trace:
        cause, details = str(error), ""
    elif differs:
        cause = "the output is not the saved one"
        saved, new = texts(item.cell.outputs), texts(item.test_outputs)
        details = "\n".join(difflib.unified_diff(saved, new, "saved", "now", n=1, lineterm=""))
        details = details or trace
    elif "Timeout" in str(error) or not trace:
        cause = str(error).strip().splitlines()[0]
    else:
        cause, details = trace.splitlines()[-1], trace
    where = f"in {item.path.name}, [{item.cell.execution_count}] ({item.name})"
    return "\n\n".join([f"{cause}\n{where}", item.cell.source.strip(), details])


def texts(outputs):
    """The lines that a reader sees below a cell."""
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]
    return [line for text in texts for line in text.splitlines()]


def pytest_runtest_logreport(report):
    name = report.nodeid.split("::")[0]
    if name.endswith(".ipynb"):
        seconds[name] += report.duration
        if report.when == "call":
            properties = dict(report.user_properties)
            megabytes[name] = max(megabytes[name], properties.pop("megabytes", 0))
            counts.update({kind: properties[kind] for kind in KINDS_COUNTED & properties.keys()})


def pytest_sessionfinish(session):
    config = session.config
    if max(megabytes.values(), default=0) > MOST_MEGABYTES or missing(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def missing(config):
    """In a run of everything: what the repository holds and the run left out, as sentences."""
    if hasattr(config, "workerinput") or config.invocation_params.args:
        return []
    ran = {COMPARED: counts[COMPARED] + counts[EXECUTED]} if config.option.nbval_lax else counts
    return [
        f"{ran[kind]} {kind}, but there are {number}"
        for kind, number in held(stand_in=config.option.nbval_lax).items()
        if ran[kind] != number
    ]


def held(stand_in):
    """How many cells, pictures and sentences with witnesses all notebooks hold."""
    found = collections.Counter()
    for path in all_notebooks().values():
        cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
        if stand_in:
            found[COMPARED] += len(cells)
            continue
        loose = sum("nbval-ignore-output" in cell.metadata for cell in cells)
        found[EXECUTED] += loose
        found[COMPARED] += len(cells) - loose
        found[DRAWN] += sum("image/png" in o.get("data", {}) for c in cells for o in c.outputs)
        for witnesses in read_witnesses(witness_file(path)).values():
            kinds = {kind for kind, _ in witnesses}
            found[CLAIMED] += bool(kinds & AT_ITS_CELL) + bool(kinds & AT_THE_END)
    return found


def pytest_terminal_summary(terminalreporter, config):
    if hasattr(config, "workerinput") or not seconds:
        return
    terminalreporter.section("notebooks")
    for name, value in sorted(seconds.items()):
        terminalreporter.write_line(f"{value:5.0f} s {megabytes[name]:5} MB  {name}")
        if megabytes[name] > MOST_MEGABYTES:
            terminalreporter.write_line(f"TOO MUCH MEMORY: at most {MOST_MEGABYTES} MB are allowed")
    for kind, number in counts.items():
        terminalreporter.write_line(f"{number} {kind}")
    for sentence in missing(config):
        terminalreporter.write_line(f"NOT ALL WAS TRIED: {sentence}")
    if config.option.nbval_lax:
        terminalreporter.write_line(
            "MNIST was not there: the notebooks ran on the stand-in, and only cells that do not "
            "depend on the data were compared."
        )


def patch_kernel():
    await_reply = RunningKernel.await_reply

    def await_reply_or_death(self, msg_id, timeout=None):
        deadline = time.monotonic() + (timeout or float("inf"))
        while True:
            try:
                return await_reply(self, msg_id, timeout=1)
            except Empty:
                if not self.is_alive():
                    raise DeadKernelError("the kernel died while this cell ran") from None
                if time.monotonic() > deadline:
                    raise

    def execute_as_jupyter_does(self, cell_input, allow_stdin=None):
        return self.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)

    if os.name == "posix":
        nbval.kernel.KernelManager = SocketFileKernelManager
    RunningKernel.await_reply = await_reply_or_death
    RunningKernel.execute_cell_input = execute_as_jupyter_does
