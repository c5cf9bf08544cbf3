"""The race stops at its mark, keeps each row that was finished, and says what both took."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.dataset import stand_in
from helpers.errors import InputError
from helpers.quiet import keras
from tools import race

DIGITS = [tuple(array[:300] for array in part) for part in stand_in()]


def test_each_learns_to_the_mark_or_to_its_end(tmp_path, capsys, monkeypatch):
    """And K learns as its source says, when TensorFlow has started."""
    fits, learnt, fit = [], [], keras.Model.fit

    def noted(self, x, *args, batch_size, epochs, **more):
        fits.append((len(x), batch_size, epochs))
        learnt.append(np.asarray(x[-1:]))
        return fit(self, x, *args, batch_size=batch_size, epochs=epochs, **more)

    monkeypatch.setattr(keras.Model, "fit", noted)
    race.race(1, *DIGITS, 0.5, tmp_path / "race.csv")
    assert fits == [(2, 128, 1), (270, 128, 15)]
    last = DIGITS[0][0][269] / 255
    np.testing.assert_allclose(learnt[1].squeeze(), last, atol=1e-6)  # the last tenth is held out
    k, r = pd.read_csv(tmp_path / "race.csv")[race.COLUMNS].itertuples()
    assert (k.network, r.network) == ("K", "R")
    assert 1 < k.epochs < 15 and k.reached and k.test_accuracy >= 0.5
    assert r.epochs == 1.5 and not r.reached and r.test_accuracy < 0.5
    assert k.training_images == r.training_images == 270
    said = capsys.readouterr().out
    assert said.count("  epoch ") == k.epochs + 1
    assert f"{k.test_accuracy:.2%} after {k.seconds:.1f} s, {k.cpu_seconds:.1f} CPU s" in said
    assert "K: 1 of 1 reached the mark" in said
    assert "R: 0 of 1 reached the mark" in said


def test_the_clock_stands_still_while_images_are_read(monkeypatch):
    clock = [0.0]

    def slowly(model, images):
        clock[0] += 100
        return np.eye(10)[DIGITS[1][1]]

    monkeypatch.setattr("helpers.training.predict", slowly)
    now = SimpleNamespace(perf_counter=lambda: clock[0], process_time=lambda: clock[0])
    monkeypatch.setattr(race, "time", now)
    watch = race.stop_clock(2, *DIGITS[1])
    watch.set_model(SimpleNamespace())
    for epoch in range(3):
        clock[0] += 7
        watch.on_epoch_end(epoch)
    assert watch.taken == {
        "epochs": 3, "seconds": 21, "cpu_seconds": 21, "test_accuracy": 1, "reached": 0
    }  # fmt: skip


@pytest.mark.parametrize("odd", ["began", "began,network\n", "ä".encode("latin-1") * 3])
def test_what_is_no_table_of_races_or_cut_is_refused(tmp_path, odd):
    table = tmp_path / "race.csv"
    race.add_rows(table, [])
    whole = table.read_bytes()
    for spoiled in [odd if isinstance(odd, bytes) else odd.encode(), whole[:-1], whole + b"2026,K"]:
        table.write_bytes(spoiled)
        with pytest.raises(InputError, match="no table of races, or cut"):
            race.add_rows(table, [])
        assert table.read_bytes() == spoiled


def test_what_cannot_be_written_leaves_the_table_as_it_was(tmp_path, monkeypatch):
    race.add_rows(tmp_path / "race.csv", [{"network": "K"}])
    before = (tmp_path / "race.csv").read_bytes()

    def full(self, rows):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("csv.DictWriter.writerows", full)
    with pytest.raises(InputError, match="No space left on device. What was there is as it was"):
        race.add_rows(tmp_path / "race.csv", [{"network": "R"}])
    assert (tmp_path / "race.csv").read_bytes() == before


def test_an_interrupted_race_keeps_and_prints_what_was_finished(tmp_path, capsys, monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setitem(race.LEARN, "R", interrupted)
    for races in [1, 2]:
        with pytest.raises(KeyboardInterrupt):
            race.race(2, *DIGITS, 0.05, tmp_path / "race.csv")
        assert pd.read_csv(tmp_path / "race.csv")["network"].tolist() == ["K"] * races
        said = capsys.readouterr().out
        assert "K: 1 of 1 reached the mark\n  epochs        1.0 (1.0, 1.0)\n" in said
        assert said.endswith("R: 0 of 0 reached the mark\n")


def test_ratios_are_those_of_races_that_both_ended_at_the_mark():
    def row(network, reached, seconds, cpu_seconds):
        values = (8, seconds, cpu_seconds, 0.9905)
        return {"network": network, "reached": reached, **dict(zip(race.FIGURES, values))}

    k = [row("K", 1, 60, 90), row("K", 1, 100, 110), row("K", 1, 50, 60)]
    r = [row("R", 1, 6, 6), row("R", 1, 4, 4), row("R", 0, 5, 5)]
    said = list(race.summary([*k, *r]))
    assert "R: 2 of 3 reached the mark" in said
    assert "  seconds       5.0 (4.0, 6.0)" in said
    assert "  test_accuracy 99.05% (99.05%, 99.05%)" in said
    assert said[-2:] == [
        "K / R, seconds, where both did: 16.0 (10.0, 25.0)",
        "K / R, cpu_seconds, where both did: 20.0 (15.0, 27.5)",
    ]
