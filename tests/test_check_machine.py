"""`make check`, which every participant runs before a lesson."""

import re
import sys
from importlib import metadata

import pytest

from tools import check_machine


@pytest.fixture(autouse=True)
def on_the_stand_in(monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", "stand-in")
    monkeypatch.setattr(sys, "argv", ["check_machine"])


def test_a_good_machine_is_ready(capsys):
    check_machine.main()
    printed = capsys.readouterr().out
    verdicts = re.findall(r"^(ok|but|NO) +(\w+) ", printed, flags=re.MULTILINE)
    assert [name for _, name in verdicts] == ["packages", "data", "memory", "training"]
    assert "NO" not in dict(verdicts) and printed.endswith("\nReady.\n")
    assert re.search(r"loaded in \d+ s, an epoch of 5,000 images in \d+\.\d s", printed)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MEM_LIMIT", "900000000", "NO   memory    0.9 GB free, 1.3 needed: close"),
        ("MNIST_NPZ", __file__, "NO   data .*damaged or not an .npz"),
        ("MNIST_NPZ", "nowhere.npz", "NO   data .*There is no file nowhere.npz"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_tried(name, value, said, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="Not ready yet"):
        check_machine.main()
    printed = capsys.readouterr().out
    assert re.search(said, printed) and "  training" in printed


def test_what_does_not_load_is_said_in_a_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "helpers.networks", None)
    with pytest.raises(SystemExit, match="Not ready yet"):
        check_machine.main()
    *_, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"NO   training  ModuleNotFoundError: .*helpers.networks.*again\.", last)


def test_packages_that_are_missing_or_too_old_are_named(monkeypatch):
    found = {"numpy": "1.26.4", "tensorflow": None}
    real = metadata.version

    def version(name):
        if name in found and found[name] is None:
            raise metadata.PackageNotFoundError(name)
        return found.get(name) or real(name)

    monkeypatch.setattr(check_machine, "version", version)
    verdict, text = check_machine.packages()
    assert verdict == check_machine.NO
    assert re.search(r"numpy>=2.0 is needed, here it is 1.26.4; tensorflow\S+ .* missing", text)
