"""The commands behind `make samples` and `make handwriting`."""

import importlib
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from project import DIGIT_SAMPLES, ROOT, SAMPLES

from helpers.evaluation import accuracy_interval


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
    folder = tmp_path / "mine"
    for path in DIGIT_SAMPLES:
        (folder / path.name[0]).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.name[0])
    (folder / "8" / "torn.png").write_bytes(b"")
    shutil.copy(DIGIT_SAMPLES[0], folder / "1" / "in fact a 0.png")
    jpegs = [path.relative_to(folder).as_posix() for path in folder.glob("*/*.jpg")]
    (folder / "manifest.csv").write_text("\n".join(["file,kind", *(f"{x},photo" for x in jpegs)]))
    return folder


def test_a_folder_is_read_and_what_cannot_be_is_counted(folder, tmp_path, monkeypatch, capsys):
    table = tmp_path / "table.csv"
    sheet = ["--sheet", tmp_path / "sheet.png"]
    run_tool("read_handwriting", monkeypatch, folder, *sheet, "--table", table)
    assert_agrees_with_itself(pd.read_csv(table))
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
    rows = {tuple(words[:2]): words[2:] for words in map(str.split, rest)}
    assert (rows["digit", "8"][0], rows["digit", "8"][3]) == ("3", "0.667")
    assert rows["kind", "photo"][0] == str(len(list(folder.glob("*/*.jpg"))))


def assert_agrees_with_itself(table):
    right = table[["naive", "prepared", "careful"]].mul(table["pictures"], axis=0)
    assert (right - right.round()).abs().max(axis=None) < 0.1
    for (_, row), correct in zip(table.iterrows(), right["careful"].round().astype(int)):
        interval = accuracy_interval(correct, row["pictures"])
        assert (row["low"], row["high"]) == pytest.approx(interval, abs=0.0006), row["group"]
    sums = right.round().assign(pictures=table["pictures"]).groupby(table["by"]).sum()
    assert (sums == sums.loc["all"]).all(axis=None), f"by kind, digit and in all:\n{sums}"


def test_the_stored_rates_agree_with_themselves():
    assert_agrees_with_itself(pd.read_csv(ROOT / "results" / "handwriting.csv"))
