"""`make check`, which every participant runs before a lesson: what it says of each machine."""

import csv
import re
import sys
from importlib import metadata
from types import SimpleNamespace

import pytest
from project import ROOT

from helpers.errors import InputError
from tools import check_machine

LINES = ["packages", "data", "memory", "training"]
fits = []
network = SimpleNamespace(compile=lambda *x: 0)
network.fit = lambda x, y, **options: fits.append((x.shape, y.shape))


def be_like(patch, versions=(), mnist=True, free=8e9, limit="", seconds=(59, 9.9), loads=True):
    """Makes this machine another one, which is fine if nothing else is said."""

    def version(name):
        found = dict(versions).get(name) or metadata.version(name)
        if found == "none":
            raise metadata.PackageNotFoundError(name)
        return found

    def has_mnist():
        if isinstance(mnist, str):
            raise InputError(mnist)
        return mnist

    ticks = iter([100, 100 + seconds[0], 300, 300 + seconds[1]])
    available = SimpleNamespace(available=free)
    networks = SimpleNamespace(network_b=lambda: network) if loads else None
    patch.setattr(check_machine, "version", version)
    patch.setattr(check_machine, "has_mnist", has_mnist)
    patch.setattr(check_machine.psutil, "virtual_memory", lambda: available)
    patch.setattr(check_machine, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    patch.setitem(sys.modules, "helpers.networks", networks)
    patch.setenv("MEM_LIMIT", limit)
    patch.setattr(sys, "argv", ["check_machine"])


# (line, verdict, what is unlike a machine that is fine, what is said)
STATES = [
    ("packages", "ok", {}, r"Python 3\.\d+\.\d+, TensorFlow 2\S+, Keras 3\S+"),
    ("packages", "NO", {"versions": {"numpy": "1.26.4", "keras": "none"}},
     r"(?=.*numpy>=2.0 is needed, here it is 1.26)(?=.*keras\S+ .*missing).*: set it up again,.*"),
    ("data", "ok", {}, "MNIST"),
    ("data", "but", {"mnist": False}, "no MNIST: small digits .* MNIST_NPZ name the file.*"),
    ("data", "NO", {"mnist": "It is damaged."}, "It is damaged."),
    ("memory", "ok", {"free": 1.31e9}, "1.31 GB free, 1.3 needed"),
    ("memory", "NO", {"free": 1.29e9}, "1.29 GB free, 1.3 needed: close other programs."),
    ("memory", "ok", {"limit": "1310000000"}, "1.31 GB free, 1.3 needed"),
    ("memory", "NO", {"limit": "1290000000"}, "1.29 GB free, .* ask who runs the Hub."),
    ("memory", "ok", {"limit": "1.5G"}, "1.61 GB free, 1.3 needed"),
    ("memory", "NO", {"limit": "900M"}, "0.94 GB free, .* ask who runs the Hub."),
    ("memory", "ok", {}, "8.00 GB free, 1.3 needed"),
    ("memory", "NO", {"limit": "lots"}, "MEM_LIMIT is 'lots', .*: unset it."),
    ("training", "ok", {"seconds": (60, 10)}, "Keras loaded in 60 s, .* 5,000 images in 10.0 s"),
    ("training", "but", {"seconds": (60.1, 1)}, ".* 60 s, .* 1.0 s: slow, so run cells before .*"),
    ("training", "but", {"seconds": (1, 10.1)}, ".* 1 s, .* 10.1 s: slow, so run cells before .*"),
    ("training", "NO", {"loads": False}, r"ModuleNotFoundError: .*helpers.networks.*again\."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "verdict", "state", "said"), STATES)
def test_each_line_is_what_the_machine_is_like(line, verdict, state, said, monkeypatch, capsys):
    be_like(monkeypatch, **state)
    fits.clear()
    code = None
    try:
        check_machine.main()
    except SystemExit as end:
        code = end.code
    *lines, last = capsys.readouterr().out.splitlines() + ([code] if code else [])
    others = dict.fromkeys(LINES, "ok") | {line: verdict}
    assert [text.split()[:2] for text in lines] == [[v, name] for name, v in others.items()]
    assert re.fullmatch(f"{verdict:3}  {line:9} {said}", lines[LINES.index(line)])
    assert last.startswith("Not ready yet: mend" if verdict == "NO" else "Ready.")
    assert "loads" in state or fits[-1] == ((5000, 28, 28, 1), (5000, 10))


def test_the_table_for_instructors_has_a_cell_for_each_bad_state():
    text = (ROOT / "TEACHING.md").read_text("utf-8")
    rows = {
        row[0]: row[1:]
        for row in re.findall(r"^\| `(\w+)` \| (.*?) \| ?(.*?) ?\|$", text, re.MULTILINE)
    }
    stated = {(name, v) for name in rows for v, said in zip(["NO", "but"], rows[name]) if said}
    assert stated == {(line, verdict) for line, verdict, *_ in STATES if verdict != "ok"}


def test_a_machine_that_is_ready_has_room_for_each_notebook():
    with (ROOT / "results" / "notebook_costs.csv").open(encoding="utf-8") as file:
        most = max(int(row["megabytes"]) for row in csv.DictReader(file))
    assert most < 1000 * check_machine.GIGABYTES < 1.3 * most


def test_a_real_network_learns(monkeypatch):
    verdict, text = check_machine.training()
    assert verdict in ["ok ", "but"]
    assert re.match(r"Keras loaded in \d+ s, an epoch of 5,000 images in \d+\.\d s", text)
