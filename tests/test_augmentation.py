"""What `distort` does besides what its docstrings say: each image its own way, and soon enough."""

import time

import numpy as np
import pytest

from helpers.dataset import load_mnist
from helpers.handwriting.augmentation import distort
from helpers.preprocessing import to_model_input


@pytest.fixture(scope="module")
def digits():
    (images, _), _ = load_mnist()
    return to_model_input(images[:300])


def test_another_seed_gives_other_copies_which_are_shifted_both_ways_independently(digits):
    distorted, again = distort(digits, seed=0), distort(digits, seed=1)
    assert (np.abs(distorted - again).mean(axis=(1, 2, 3)) > 0.005).all()
    weights = distorted[..., 0] / distorted.sum(axis=(1, 2))[:, None]
    centers = [(weights * places).sum(axis=(1, 2)) for places in np.mgrid[:28, :28]]
    assert min(np.std(centers, axis=1)) > 0.3
    assert abs(np.corrcoef(centers)[0, 1]) < 0.5


def test_strokes_become_thicker_and_thinner(digits):
    ratio = distort(digits, seed=0).sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert np.quantile(ratio, 0.05) < 0.85
    assert np.quantile(ratio, 0.95) > 1.3


def test_a_blank_image_stays_blank():
    assert distort(np.zeros((2, 28, 28, 1), "float32"), seed=0).max() == 0


def test_an_epoch_does_not_wait_long(digits):
    start = time.process_time()
    distort(digits, seed=0)
    assert (time.process_time() - start) / len(digits) * 54_000 < 60
