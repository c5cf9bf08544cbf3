"""The commands behind `make samples` and `make handwriting`."""

import importlib
import shutil
import sys

import numpy as np
import pytest
from PIL import Image
from project import DIGIT_SAMPLES, SAMPLES


def run_tool(name, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    importlib.import_module(f"tools.handwriting.{name}").main()


def test_the_samples_are_those_that_the_command_draws(monkeypatch, tmp_path):
    run_tool("make_samples", monkeypatch, "--folder", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in SAMPLES]
    for path in SAMPLES:
        fresh, saved = (
            np.asarray(Image.open(p).convert("RGBA"), dtype=float)
            for p in (tmp_path / path.name, path)
        )
        assert np.abs(fresh - saved).mean() < 3, path.name


@pytest.fixture
def folder(tmp_path):
    for path in DIGIT_SAMPLES:
        (tmp_path / "mine" / path.name[0]).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "mine" / path.name[0])
    (tmp_path / "mine" / "8" / "torn.png").write_bytes(b"")
    (tmp_path / "mine" / "1" / "in fact a 0.png").write_bytes(
        next(path for path in SAMPLES if path.name.startswith("0")).read_bytes()
    )
    return tmp_path / "mine"


def test_a_folder_is_read_and_what_cannot_be_is_counted(folder, tmp_path, monkeypatch, capsys):
    run_tool("read_handwriting", monkeypatch, folder, "--sheet", tmp_path / "sheet.png")
    printed = capsys.readouterr()
    total = len(DIGIT_SAMPLES) + 2
    *rest, last = printed.out.splitlines()
    words = last.split()
    assert (words[0], words[2], words[4:]) == ("careful", "naive", ["n", str(total)])
    assert float(words[1]) == pytest.approx((total - 2) / total, abs=5e-4)
    assert float(words[3]) < float(words[1])
    assert rest[-1] == f"2 misread or not read: {tmp_path / 'sheet.png'}"
    assert "torn.png is empty (0 bytes)" in printed.err
    assert Image.open(tmp_path / "sheet.png").size[0] > 100
    eights = next(words for words in map(str.split, rest) if words[:2] == ["digit", "8"])
    assert (eights[2], eights[5]) == ("3", "0.667")


def test_kinds_come_from_the_manifest(folder, tmp_path, monkeypatch, capsys):
    names = [path for path in sorted(folder.glob("[0-9]/*")) if path.suffix == ".jpg"]
    rows = ["file,kind", *(f"{path.relative_to(folder).as_posix()},photo" for path in names)]
    (folder / "manifest.csv").write_text("\n".join(rows))
    run_tool("read_handwriting", monkeypatch, folder, "--sheet", tmp_path / "sheet.png")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["kind", "photo", str(len(names))] in [words[:3] for words in lines]


def test_nothing_is_written_among_the_pictures(folder, monkeypatch):
    with pytest.raises(SystemExit, match="choose another place with --sheet"):
        run_tool("read_handwriting", monkeypatch, folder, "--sheet", folder / "1" / "sheet.png")


def test_a_folder_without_digits_is_said(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match="has no sub-folders 0 to 9"):
        run_tool("read_handwriting", monkeypatch, tmp_path)
