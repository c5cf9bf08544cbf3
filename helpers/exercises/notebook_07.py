"""What is right in the exercises of notebook 07."""

from math import ceil

import numpy as np

from helpers.dataset import load_mnist, train_validation_split
from helpers.errors import as_list
from helpers.exercises.checking import RIGHT, _is_number


def _exercise_1():
    """two layers as the table calls them, such as ["conv 32", "dense 10"]."""
    times = "Not yet: the first is right. How often is each weight of the second used?"
    channels = "Not yet: the first is right. The second has many positions, but few channels in."
    flat = "Not yet: the second is right. Which layer joins every number to every next one?"
    return [
        (RIGHT, ["dense 128", "conv 64"]),
        ("Not yet: these two, the other way round.", ["conv 64", "dense 128"]),
        (times, ["dense 128", "dense 128"]),
        (channels, ["dense 128", "conv 32"]),
        (flat, ["conv 64", "conv 64"]),
    ]


def _exercise_2(answer, predict):
    """your network, the images it learnt from, its validation accuracy: [network, images, 0.5]."""
    network, images, accuracy = answer
    if not _is_number(accuracy, 0.5):
        return None
    if network.name != "network_s":
        return f"Not yet: that is {network.name}, S was asked."
    if not getattr(network, "optimizer", None):
        return "Not yet: this network has not learnt yet."
    (x_train, _), (x_val, y_val) = train_validation_split(*load_mnist()[0])  # whatever is there now
    half = len(x_train) // 2
    images = np.reshape(images, (-1, *x_train.shape[1:]))
    images = images if images.dtype == "u1" else np.rint(255 * images).astype("u1")  # model input
    if not np.array_equal(images, x_train[:half]):
        known = {image.tobytes() for image in x_val}
        if any(image.tobytes() in known for image in images):
            return "Not yet: some of these are validation images. Take half of `x_train`."
        return f"Not yet: the first half are the first {half:,} of `x_train`, and no others."
    steps, done = ceil(half / 128), int(network.optimizer.iterations)
    if (name := network.optimizer.name.partition("_")[0].lower()) != "sgd":
        return f"Not yet: S learns by SGD, as in `train_s`, not by {name}."
    if done != steps:
        return f"Not yet: it took {done} steps, and one epoch of half the images has {steps}."
    if network.optimizer.learning_rate > 0.001:  # OneCycle ends at 0.0002
        return "Not yet: its learning rate never came down. How many steps was OneCycle told of?"
    right = (predict(network, x_val).argmax(axis=1) == y_val).mean()
    if abs(accuracy - right) < 0.0006:
        return RIGHT
    if abs(accuracy - 100 * right) < 0.06:
        return "Not yet: as a share, please, such as 0.5 for 50 %."
    return "Not yet: the network does, but that is not its share of right answers to `x_val`."


def _exercise_3(answer, table):
    """names in any order, such as ["A", "B", "C"]."""
    right, best = set(), 0
    for name, row in table.sort_values("million_multiply_adds").iterrows():
        if row["accuracy"] > best:
            right, best = right | {name}, row["accuracy"]
    found = answer if isinstance(answer, (set, frozenset)) else set(as_list(answer, "Names"))
    if not found or not found <= set(table.index):
        return None
    if found == {table["accuracy"].idxmax()}:
        return "Not yet: that one reads best of all. Which reads best for fewer multiplications?"
    if beaten := found - right:
        return f"Not yet: another reads better than {min(beaten)}, for fewer multiplications."
    return RIGHT if found == right else "Not yet: none of these is wrong, but not all are there."
