"""Pictures of digits and of answers. Arrays in, `Axes` out; importing it sets one style for all.

Colours are told apart by colour-blind readers (seaborn's "colorblind" palette); images are
grey, and blue to red where numbers below zero occur.
"""

import math

import matplotlib.pyplot as plt
import numpy as np

from helpers import errors
from helpers.dataset import CLASSES
from helpers.errors import FINITE, InputError, as_array, as_axes
from helpers.preprocessing import check_labels

BLUE, ORANGE, GREEN = "#0173b2", "#de8f05", "#029e73"

STYLE = {
    "figure.figsize": (7, 3.2),
    "figure.dpi": 90,
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, "#d55e00", "#cc78bc"]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
    "legend.frameon": False,
}
plt.rcParams.update(STYLE)


def show_images(images, titles=None, columns=10):
    """Show images side by side in rows, all on one scale: grey, or blue to red around zero.

    Parameters
    ----------
    images : array of shape (N, height, width) or (N, height, width, 1), or a list of such images
    titles : N texts, optional

    Blue and red are used for all of them if any value is below zero. Returns the N `Axes`.
    """
    images = errors.as_list(images, "Images")
    if not 1 <= len(images) <= 500:
        raise InputError(f"Show 1 to 500 images at a time, not {len(images):,}: images[:40].")
    images = [_as_picture(image) for image in images]
    titles = [""] * len(images) if titles is None else errors.as_list(titles, "Titles")
    if len(titles) != len(images):
        raise InputError(f"{len(images)} images, but {len(titles)} titles: give one for each.")
    columns = min(errors.as_number(columns, "columns", 1, 100, whole=True), len(images))
    rows = math.ceil(len(images) / columns)
    width = min(9.5 / columns, 1.8)
    height = width + 0.25 * any(map(str, titles))
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), squeeze=False, layout="compressed"
    )
    scale = _color_scale(images)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles):
        ax.imshow(image, **scale)
        ax.set_title(str(title), fontsize=9)
    return axes.flat[: len(images)]


def show_pixels(image, ax=None):
    """Show one grey image of shape (height, width) with the number in every pixel."""
    image = _as_picture(image)
    if image.ndim > 2 or image.size > 10_000:
        raise InputError(f"Up to 10,000 pixels of one grey image, not {image.shape}: image[:50].")
    ax = as_axes(ax, figsize=(0.33 * image.shape[1], 0.3 * image.shape[0]))
    drawn = ax.imshow(image, aspect="auto", **_color_scale([image]))
    colors = np.where(drawn.to_rgba(image)[..., :3].mean(axis=-1) > 0.5, "black", "white")
    for at, value in np.ndenumerate(image):
        ax.text(*at[::-1], f"{value:g}", ha="center", va="center", fontsize=7, color=colors[at])
    ax.set(xlabel="column", ylabel="row")
    return ax


def heat_map(values, label, ax=None):
    """Show an array of shape (height, width) with a colour bar named `label`."""
    values = as_array(values, "Values", shape=("height", "width"), within=FINITE)
    ax = as_axes(ax, figsize=(4.2, 3.4))
    drawn = ax.imshow(values, cmap="viridis")
    ax.figure.colorbar(drawn, ax=ax, label=str(label))
    ax.set(xlabel="column", ylabel="row")
    return ax


def digit_counts(parts, ax=None):
    """Bars with the share of each digit, in percent, for each named array of labels.

    `parts` is a dict such as {"training": y_train, "test": y_test}.
    """
    import pandas as pd
    import seaborn as sns

    if not isinstance(parts, dict) or not 1 <= len(parts) <= 3:
        raise InputError('Give one to three named parts, such as {"training": y_train}.')
    table = pd.concat(
        pd.DataFrame({"digit": check_labels(labels), "part": f"{name} ({len(labels):,})"})
        for name, labels in parts.items()
    )
    ax = as_axes(ax)
    sns.histplot(
        table, x="digit", hue="part", multiple="dodge", stat="percent", common_norm=False,
        discrete=True, shrink=0.8, palette=[BLUE, ORANGE, GREEN][: len(parts)], ax=ax,
    )  # fmt: skip
    ax.set(xlabel="digit", ylabel="share of the part (%)", xticks=range(10))
    sns.move_legend(ax, "lower center", title=None, ncol=len(parts), bbox_to_anchor=(0.5, 1))
    return ax


def probability_bars(probabilities, ax=None):
    """Ten bars: what a network answers to one image. The highest is set off in orange."""
    probabilities = _of_one_image(probabilities)
    ax = as_axes(ax, figsize=(5, 2.2))
    colors = np.where(probabilities == probabilities.max(), ORANGE, BLUE)
    ax.bar(range(len(probabilities)), probabilities, color=colors)
    ax.set(xlabel="digit", ylabel="probability", ylim=(0, 1), xticks=range(len(probabilities)))
    return ax


def answer(picture, image, probabilities, title):
    """A picture, the 28x28 image that a network sees of it, and its ten probabilities.

    `picture` is what `imshow` takes, `image` of shape (28, 28[, 1]) in [0, 1]. Returns 3 `Axes`.
    """
    picture, image = _as_picture(picture), as_array(_as_picture(image), "Images", within=(0, 1))
    probabilities = _of_one_image(probabilities)
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(9, 2.6), width_ratios=[1, 1, 1.6], layout="compressed"
    )
    left.imshow(picture)
    middle.imshow(image, cmap="gray", vmin=0, vmax=1)
    for ax, name in [(left, "your picture"), (middle, "what the network sees")]:
        ax.set_title(name, fontsize=9)
        ax.axis("off")
    probability_bars(probabilities, right).set_title(str(title), fontsize=11)
    return left, middle, right


def learning_curves(history, metric="loss", ax=None):
    """Training (dashed) and validation (solid) values of `metric` after each epoch.

    `history` is what `helpers.training.train` returns.
    """
    if not (isinstance(getattr(history, "history", None), dict) and history.history):
        raise InputError("Give what train(...) returned after one whole epoch or more.")
    names = [name for name in history.history if not name.startswith("val_")]
    errors.one_of(metric, "The metric", names)
    ax = as_axes(ax)
    epochs = np.arange(1, len(history.history[metric]) + 1)
    ax.plot(epochs, history.history[metric], "--", color=BLUE, label="training")
    if f"val_{metric}" in history.history:
        ax.plot(epochs, history.history[f"val_{metric}"], color=BLUE, label="validation")
    ax.set(xlabel="epoch", ylabel=metric)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return ax


def confusion_matrix(matrix, ax=None):
    """Heat map of a (10, 10) confusion matrix, true digits in rows, predicted in columns.

    Whole numbers are written as counts, fractions as percent. Cells with 0 stay empty.
    """
    import seaborn as sns

    matrix = errors.in_order(matrix, range(CLASSES))
    matrix = as_array(matrix, "Counts", shape=(CLASSES, CLASSES), hint="Count labels 0 to 9.")
    if np.issubdtype(matrix.dtype, np.integer):
        as_array(matrix, "Counts", within=(0, np.inf))
        form, label = "{:d}", "images"
    else:
        as_array(matrix, "Shares", within=(0, 1), hint="Counts: .astype(int); percent: / 100.")
        matrix, form, label = 100 * matrix, "{:.1f}", "% of the true digit"
    texts = [[form.format(value) if value else "" for value in row] for row in matrix]
    ax = as_axes(ax, figsize=(6, 5))
    sns.heatmap(
        matrix, annot=np.array(texts), fmt="", cmap="Blues", square=True, ax=ax, linewidths=0.5,
        linecolor="0.9", annot_kws={"fontsize": 8}, cbar_kws={"label": label},
    )  # fmt: skip
    ax.set(xlabel="predicted digit", ylabel="true digit")
    ax.tick_params(axis="y", rotation=0)
    return ax


def _of_one_image(probabilities):
    probabilities = np.squeeze(as_array(probabilities, "Probabilities"))
    hint = "Show those of one image, such as predict(network, image)[0]."
    return errors.as_probabilities(probabilities, "Probabilities", (CLASSES,), hint)


def _as_picture(image):
    image = np.squeeze(as_array(given := image, "Images", within=FINITE))
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[-1] in (3, 4)):
        raise InputError(f"No image has the shape {np.shape(given)}. Show one as a list: [image].")
    if image.ndim == 3:
        as_array(image, "Colours", within=(0, 1 if image.dtype.kind == "f" else 255))
    return image


def _color_scale(images):
    low = min(image.min() for image in images)
    high = max(image.max() for image in images)
    if low < 0:
        limit = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    stored = any(image.dtype == np.uint8 and image.max() > 1 for image in images)
    if stored and any(image.dtype.kind == "f" and 0 < image.max() <= 1 for image in images):
        raise InputError("Images up to 255 beside others up to 1: divide those by 255.")
    if images[0].dtype == np.uint8:
        return {"cmap": "gray", "vmin": 0, "vmax": 255}
    return {"cmap": "gray", "vmin": 0, "vmax": high or 1}
