"""Where things are in this project, for its tests."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.claims import OPTION

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAMPLES = sorted((ROOT / "notebooks" / "samples").iterdir())
DIGIT_SAMPLES = [path for path in SAMPLES if path.name[0].isdigit()]


def run_python(code, folder=ROOT, **environment):
    """Run code in a Python of its own; variables of the environment that are None are left out."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={k: v for k, v in (os.environ | environment).items() if v is not None},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def code_cells(number):
    """The sources of the code cells of the notebook whose name begins with it, such as "05"."""
    path = next(path for path in NOTEBOOKS if path.name.startswith(number))
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and cell.source]


def minutes_of(text):
    """Of a text, 110 words a minute; of a cell of code, None, half a minute.

    Of a question's options a class opens one or two, while it waits for the cell: they are not
    counted.
    """
    return 1 / 2 if text is None else len(OPTION.sub("", text).split()) / 110


def can_connect_to_itself():
    """Whether processes of this machine can talk to each other over 127.0.0.1."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()
    except OSError:
        return False
    return True


over_loopback = pytest.mark.skipif(
    not can_connect_to_itself(), reason="its processes talk over 127.0.0.1, closed here"
)
