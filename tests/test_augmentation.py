"""Distorted digits stay digits in MNIST's form, and the same seed gives the same ones."""

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


@pytest.fixture(scope="module")
def distorted(digits):
    return distort(digits, seed=0)


def test_they_remain_model_input(digits, distorted):
    assert distorted.shape == digits.shape
    assert distorted.dtype == np.float32
    assert 0 <= distorted.min() and distorted.max() <= 1


def test_each_differs_from_its_original_and_from_the_copy_of_another_seed(digits, distorted):
    np.testing.assert_array_equal(distort(digits, seed=0), distorted)
    again = distort(digits, seed=1)
    assert (np.abs(distorted - digits).mean(axis=(1, 2, 3)) > 0.01).all()
    assert (np.abs(distorted - again).mean(axis=(1, 2, 3)) > 0.005).all()


def test_the_center_of_mass_stays_near_the_middle(distorted):
    ink = distorted[..., 0] / distorted.sum(axis=(1, 2, 3))[:, None, None]
    for axis in (1, 2):
        centers = (ink.sum(axis=axis) * np.arange(28)).sum(axis=1)
        assert np.abs(np.median(centers) - 14) < 0.3
        assert np.quantile(np.abs(centers - 14), 0.95) < 2.5


def test_they_are_shifted_in_both_directions_independently(distorted):
    rows, columns = np.mgrid[:28, :28]
    weights = distorted[..., 0] / distorted.sum(axis=(1, 2))[:, None]
    centers = [(weights * places).sum(axis=(1, 2)) for places in (rows, columns)]
    assert min(np.std(centers, axis=1)) > 0.3
    assert abs(np.corrcoef(centers)[0, 1]) < 0.5


def test_strokes_become_thicker_and_thinner(digits, distorted):
    ratio = distorted.sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert np.quantile(ratio, 0.05) < 0.85
    assert np.quantile(ratio, 0.95) > 1.3


def test_a_blank_image_stays_blank():
    assert distort(np.zeros((2, 28, 28, 1), "float32"), seed=0).max() == 0


def test_an_epoch_does_not_wait_long(digits):
    start = time.process_time()
    distort(digits, seed=0)
    assert (time.process_time() - start) / len(digits) * 54_000 < 60
