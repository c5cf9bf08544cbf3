"""The commands behind `make samples` and `make handwriting`."""

import importlib
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from project import DIGIT_SAMPLES, SAMPLES

from helpers.evaluation import accuracy_interval


@pytest.fixture
def run_tool(monkeypatch):
    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        importlib.import_module(f"tools.handwriting.{name}").main()

    return run


def test_the_samples_are_those_that_the_command_draws(run_tool, tmp_path):
    run_tool("make_samples", "--folder", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in SAMPLES]
    for path in SAMPLES:
        files = tmp_path / path.name, path
        fresh, saved = (np.asarray(Image.open(p).convert("RGBA"), dtype=float) for p in files)
        assert np.abs(fresh - saved).mean() < 3, path.name


def test_a_folder_is_read_and_what_cannot_be_is_counted(run_tool, tmp_path, capsys):
    folder, sheet = tmp_path / "mine", tmp_path / "sheet.png"
    for path in DIGIT_SAMPLES:
        (folder / path.name[0]).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.name[0])
    (folder / "8" / "torn.png").write_bytes(b"")
    (folder / "ten").mkdir()
    (folder / "3" / "more").mkdir()
    shutil.copy(DIGIT_SAMPLES[0], folder / "1" / "in fact a 0.png")
    jpegs = [str(path.relative_to(folder)).replace("/", "\\") for path in folder.glob("*/*.jpg")]
    (folder / "manifest.csv").write_text("\n".join(["file,kind", *(f"{x},photo" for x in jpegs)]))
    run_tool("read_handwriting", folder, "--sheet", sheet, "--table", tmp_path / "table.csv")
    printed, table = capsys.readouterr(), pd.read_csv(tmp_path / "table.csv")
    total = len(DIGIT_SAMPLES) + 2
    rows = table.set_index(["by", "group"])
    assert rows.loc[("digit", "8"), ["pictures", "careful"]].tolist() == [3, 0.667]
    assert rows.loc[("kind", "photo"), "pictures"] == len(jpegs)
    careful, naive = rows.loc[("all", "all"), ["careful", "naive"]]
    assert naive < careful == round((total - 2) / total, 3)
    first, *_, misread, last = printed.out.splitlines()
    assert first == "Left out, for only what lies in 0 to 9 itself is read: 3/more, ten."
    assert misread == f"2 misread or not read: {sheet}"
    assert last == f"careful {careful:.3f} naive {naive:.3f} n {total}"
    assert "torn.png is empty (0 bytes)" in printed.err
    assert Image.open(sheet).size[0] > 100
    right = table[["naive", "prepared", "careful"]].mul(table["pictures"], axis=0).round()
    for (_, row), correct in zip(table.iterrows(), right["careful"].astype(int)):
        interval = accuracy_interval(correct, row["pictures"])
        assert (row["low"], row["high"]) == pytest.approx(interval, abs=0.0006), row["group"]
    sums = right.assign(pictures=table["pictures"]).groupby(table["by"]).sum()
    assert (sums == sums.loc["all"]).all(axis=None), f"by kind, digit and in all:\n{sums}"
