"""`make seeds` reaches every kind of seed that a notebook uses."""

import pandas as pd
import pytest
from project import run_python

from helpers.dataset import has_mnist
from tools import seeds

DRAW = """
import numpy as np
from helpers.dataset import train_validation_split
from helpers.quiet import keras

def draw(seed):
    yield np.random.default_rng(seed).random()
    yield np.random.default_rng(seed=seed).random()
    keras.utils.set_random_seed(seed)
    yield float(keras.random.uniform([]))
    yield float(keras.random.uniform([], seed=keras.random.SeedGenerator(seed)))
    labels = np.arange(100) % 10
    part, _ = train_validation_split(np.zeros((100, 28, 28), "uint8"), labels, seed=seed)
    yield tuple(part[1])

before = list(draw(1007))
__import__("tests.other_seeds").other_seeds.install(1000, splits=True)
print([a == b for a, b in zip(before, draw(7))])
"""


def test_every_seed_is_shifted():
    ran = run_python(DRAW)
    assert ran.stdout == "[True, True, True, True, True]\n", ran.stderr


@pytest.mark.skipif(not has_mnist(), reason="needs MNIST")
def test_a_line_holds_always_if_it_holds_with_each_seed(tmp_path, monkeypatch, capsys):
    def run(paths, shift):
        name = paths[0].stem
        yield from [[name, "Cell 1", "held", True], [name, "Cell 2", "half", shift > 1000]]
        if shift > 1000:  # a cell that did not run the first time
            yield [name, "Cell 3", "not asked", True]

    monkeypatch.setattr(seeds, "RESULT", tmp_path / "seeds.csv")
    monkeypatch.setattr(seeds, "run", run)
    monkeypatch.setattr("sys.argv", ["seeds", "2", "03"])
    seeds.main()
    said = ["1 of 2  03 Cell 2: half", "1 of 1  03 Cell 3: not asked", "1 of 3 lines always held"]
    assert capsys.readouterr().out.splitlines() == said
    assert pd.read_csv(tmp_path / "seeds.csv")[["held", "of"]].values.tolist() == [
        [2, 2],
        [1, 2],
        [1, 1],
    ]
