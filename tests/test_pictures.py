"""Each public plot function against a stored picture; `make pictures` draws them anew.

The tolerance (root mean square over 0 to 255) leaves room for other machines, not for an
exchanged axis or a missing label. Matplotlib 3.11 draws text differently from those before it.
"""

from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest

from helpers import dataset, plots

pytestmark = pytest.mark.skipif(
    not matplotlib.__version__.startswith("3.11."), reason="drawn with Matplotlib 3.11"
)
compare = pytest.mark.mpl_image_compare(
    tolerance=3,
    style=["default", plots.STYLE],
    savefig_kwargs={"dpi": 60},
)


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = dataset.stand_in()
    return images, labels


def history(**curves):
    return SimpleNamespace(history=curves)


@compare
def test_images_with_titles(digits):
    images, labels = digits
    return plots.show_images(images[:12], titles=labels[:12], columns=6)[0].figure


@compare
def test_images_with_values_below_zero(digits):
    edges = np.diff(digits[0][:4].astype(float), axis=2)
    return plots.show_images(edges)[0].figure


@compare
def test_pixels(digits):
    return plots.show_pixels(digits[0][0, 4:16, 6:22]).figure


@compare
def test_heat_map(digits):
    return plots.heat_map(digits[0].mean(axis=0), label="mean pixel (0 to 255)").figure


@compare
def test_digit_counts():
    counts = np.arange(10) + 5
    parts = {"training": np.repeat(np.arange(10), counts), "test": np.arange(10)}
    return plots.digit_counts(parts).figure


@compare
def test_probability_bars():
    return plots.probability_bars(np.array([1, 2, 3, 4, 60, 5, 9, 8, 7, 1]) / 100).figure


@compare
def test_learning_curves():
    falling, turning = [1.2, 0.5, 0.3, 0.2], [0.9, 0.6, 0.5, 0.55]
    return plots.learning_curves(history(loss=falling, val_loss=turning)).figure


@compare
def test_confusion_matrix_of_counts():
    matrix = np.diag(np.arange(90, 100))
    matrix[2, 7], matrix[9, 4] = 70, 3
    return plots.confusion_matrix(matrix).figure


@compare
def test_confusion_matrix_of_shares():
    matrix = np.diag(np.full(10, 0.3))
    matrix[2, 7], matrix[9, 4] = 0.7, 0.05
    return plots.confusion_matrix(matrix).figure
