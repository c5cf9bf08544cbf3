"""Every picture shows the data given, in the axes given, with its labels."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

from helpers import plots
from helpers.errors import InputError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (12, 5, 4), dtype="uint8")
ASYMMETRIC = np.arange(100).reshape(10, 10)
HISTORY = SimpleNamespace(
    history={"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7], "accuracy": [0.1, 0.2, 0.3]}
)


def texts(artists):
    return [artist.get_text() for artist in artists]


def drawn_image(ax):
    (image,) = ax.images
    return image.get_array()


def color_bar(ax):
    (other,) = [other for other in ax.figure.axes if other is not ax]
    return other


# What all of them do: arguments, and the labels of the axes

DRAW = {
    "show_pixels": ([IMAGES[0]], "column", "row"),
    "heat_map": ([IMAGES[0], "ink"], "column", "row"),
    "digit_counts": ([{"training": [0, 1]}], "digit", "share of the part (%)"),
    "probability_bars": ([np.full(10, 0.1)], "digit", "probability"),
    "learning_curves": ([HISTORY], "epoch", "loss"),
    "confusion_matrix": ([ASYMMETRIC], "predicted digit", "true digit"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DRAW)
def test_a_picture_is_drawn_in_the_axes_given_or_in_a_figure_of_its_own(name):
    draw, (arguments, *labels) = getattr(plots, name), DRAW[name]
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(*arguments, ax=left) is left
    assert left.has_data() and not right.has_data()
    assert len(plt.get_fignums()) == 1
    figure.canvas.draw()
    assert draw(*arguments).figure is not figure
    for wrong in [3, figure, np.array([left, right])]:
        with pytest.raises(InputError, match="ax is one of Matplotlib's axes"):
            draw(*arguments, ax=wrong)
    assert not right.has_data()
    assert [left.get_xlabel(), left.get_ylabel()] == labels
    for label, ticks in zip(labels, [left.get_xticklabels(), left.get_yticklabels()]):
        if label.endswith("digit"):
            assert texts(ticks) == [str(digit) for digit in range(10)]
            assert {tick.get_rotation() for tick in ticks} == {0}


def test_every_public_function_is_tested_here():
    public = {
        name
        for name, thing in vars(plots).items()
        if getattr(thing, "__module__", None) == plots.__name__ and not name.startswith("_")
    }
    assert public == {"answer", "show_images", *DRAW}  # `answer` in test_reading


# show_images


@pytest.mark.parametrize("form", [lambda images: images[..., np.newaxis], list])
def test_the_images_are_shown_in_order_in_rows_from_the_left_with_their_titles(form):
    axes = plots.show_images(form(IMAGES), titles=np.arange(12))
    np.testing.assert_array_equal([drawn_image(ax) for ax in axes], IMAGES)
    assert texts(ax.title for ax in axes) == [str(number) for number in range(12)]
    grid = axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (2, 10)
    assert [ax.get_subplotspec().num1 for ax in axes] == list(range(12))
    assert not any(ax.axison for ax in axes[0].figure.axes)


@pytest.mark.parametrize(
    ("images", "scale"),
    [
        ([np.eye(3) * 2, np.eye(3)], ("gray", 0, 2)),
        ([np.eye(3) * 2, np.eye(3) * -3], ("RdBu_r", -3, 3)),
        ([np.eye(3) * 4, np.eye(3) * -3], ("RdBu_r", -4, 4)),
        (IMAGES[:2] // 9, ("gray", 0, 255)),
        (np.zeros((2, 3, 3)), ("gray", 0, 1)),
    ],
)
def test_all_images_share_one_scale(images, scale):
    for ax in plots.show_images(images):
        assert (ax.images[0].get_cmap().name, *ax.images[0].get_clim()) == scale


# One image


def test_every_pixel_bears_its_number():
    image = IMAGES[0]
    ax = plots.show_pixels(image[..., np.newaxis])
    np.testing.assert_array_equal(drawn_image(ax), image)
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(x, y): str(value) for (y, x), value in np.ndenumerate(image)}
    for text, pixel in zip(ax.texts, image.flat):
        assert text.get_color() == ("black" if pixel > 127 else "white"), "stands out"
    colors = [text.get_color() for text in plots.show_pixels([[-9, -1], [1, 9]]).texts]
    assert colors == ["white", "black", "black", "white"], "on blue, white and red"
    assert texts(plots.show_pixels([[0.25, -3], [0, 1]]).texts) == ["0.25", "-3", "0", "1"]


def test_a_heat_map_shows_the_values_and_names_them():
    values = RANDOM.normal(size=(4, 6))
    ax = plots.heat_map(values, label="mean ink")
    np.testing.assert_array_equal(drawn_image(ax), values)
    assert color_bar(ax).get_ylabel() == "mean ink"
    assert color_bar(ax).get_ylim() == (values.min(), values.max())


# Bars


def test_the_bars_are_each_parts_shares_in_percent():
    parts = {"training": [0, 0, 0, 9] * 300, "test": [0, 5]}
    ax = plots.digit_counts(parts)
    legend = ax.get_legend()
    assert texts(legend.get_texts()) == ["training (1,200)", "test (2)"]
    drawn = [{}, {}]
    for bar in ax.patches:
        colors = [to_rgb(handle.get_facecolor()) for handle in legend.get_patches()]
        of_part = drawn[colors.index(to_rgb(bar.get_facecolor()))]
        of_part[round(bar.get_x() + bar.get_width() / 2)] = bar.get_height()
    for heights, shares in zip(drawn, [{0: 75, 9: 25}, {0: 50, 5: 50}]):
        assert heights == dict.fromkeys(range(10), 0) | shares


def test_the_bars_are_the_probabilities_and_the_highest_is_orange():
    probabilities = np.array([0, 0.1, 0, 0.6, 0, 0, 0, 0.2, 0.1, 0])
    ax = plots.probability_bars([probabilities])
    assert [bar.get_height() for bar in ax.patches] == probabilities.tolist()
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == list(range(10))
    colors = [bar.get_facecolor()[:3] for bar in ax.patches]
    assert colors == [to_rgb(plots.ORANGE if digit == 3 else plots.BLUE) for digit in range(10)]
    assert ax.get_ylim() == (0, 1)


def test_a_faint_image_is_faint_beside_its_answer():
    _, middle, _ = plots.answer(np.zeros((9, 9, 3)), np.full((28, 28), 0.3), np.full(10, 0.1), "")
    assert middle.images[0].get_clim() == (0, 1)


# Curves


def test_the_curves_are_the_histories_by_epoch():
    ax = plots.learning_curves(HISTORY)
    training, validation = ax.lines
    for line, values in (training, [0.9, 0.5, 0.3]), (validation, [0.8, 0.6, 0.7]):
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert list(line.get_ydata()) == values
    assert (training.get_linestyle(), validation.get_linestyle()) == ("--", "-")
    assert training.get_color() == validation.get_color() == plots.BLUE
    assert texts(ax.get_legend().get_texts()) == ["training", "validation"]
    assert all(tick == round(tick) for tick in ax.get_xticks())
    without_validation = plots.learning_curves(HISTORY, metric="accuracy")
    assert [list(line.get_ydata()) for line in without_validation.lines] == [[0.1, 0.2, 0.3]]
    assert without_validation.get_ylabel() == "accuracy"
    both = SimpleNamespace(history=HISTORY.history | {"val_accuracy": [0.2, 0.3, 0.5]})
    lines = plots.learning_curves(both, metric="accuracy").lines
    assert [list(line.get_ydata()) for line in lines] == [[0.1, 0.2, 0.3], [0.2, 0.3, 0.5]]


# The confusion matrix


@pytest.mark.parametrize(
    ("matrix", "shown", "form", "label"),
    [
        (ASYMMETRIC, ASYMMETRIC, "{}", "images"),
        (ASYMMETRIC / 1000, ASYMMETRIC / 10, "{:.1f}", "% of the true digit"),
        (pd.DataFrame(ASYMMETRIC).iloc[::-1, [1, 0, *range(2, 10)]], ASYMMETRIC, "{}", "images"),
        (pd.DataFrame(ASYMMETRIC, index=list("zyxwvutsrq")), ASYMMETRIC, "{}", "images"),
    ],
    ids=["counts", "shares", "a table in another order", "a table with words"],
)
def test_true_digits_are_rows_from_the_top_and_predictions_columns_from_the_left(
    matrix, shown, form, label
):
    ax = plots.confusion_matrix(matrix)
    assert ax.yaxis_inverted() and not ax.xaxis_inverted()
    written = {tuple(map(int, text.get_position()[::-1])): text.get_text() for text in ax.texts}
    assert written == {at: form.format(x) for at, x in np.ndenumerate(shown)} | {(0, 0): ""}
    np.testing.assert_allclose(ax.collections[0].get_array().reshape(10, 10), shown)
    assert color_bar(ax).get_ylabel() == label
