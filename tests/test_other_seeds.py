"""`make seeds` reaches every kind of seed that a notebook uses."""

from project import run_python

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
