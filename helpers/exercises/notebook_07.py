"""What is right in the exercises of notebook 07."""

from math import ceil

from helpers.exercises.checking import RIGHT


def _exercise_1():
    """two layers as the table calls them, such as ["conv 32", "dense 10"]."""
    times = "Not yet: the first is right. How often is each weight of the second used?"
    channels = "Not yet: the first is right. The second has many positions, but few channels in."
    flat = "Not yet: the second is right. How many numbers reach the layer after flattening?"
    return [
        (RIGHT, ["dense 128", "conv 64"]),
        ("Not yet: these two, the other way round.", ["conv 64", "dense 128"]),
        (times, ["dense 128", "dense 128"]),
        (channels, ["dense 128", "conv 32"]),
        (flat, ["conv 64", "conv 64"]),
    ]


def _exercise_2(answer, yours, x_train, x_val, y_val, predict):
    """your network and its validation accuracy, such as [network, 0.5]."""
    network, accuracy = answer
    if network is yours:
        return "Not yet: that is the S which learnt from all images. Give the other one."
    if network.name != yours.name:
        return f"Not yet: that is {network.name}, S was asked."
    if not getattr(network, "optimizer", None):
        return "Not yet: this network has not learnt yet."
    steps = ceil(len(x_train) // 2 / 128)
    if network.optimizer.iterations != steps:
        return "Not yet: one epoch of half the images has another number of steps."
    if network.optimizer._learning_rate.steps != steps:
        return "Not yet: its learning rate never came down. How many steps was OneCycle told of?"
    right = (predict(network, x_val).argmax(axis=1) == y_val).mean()
    if abs(accuracy - right) < 0.0006:
        return RIGHT
    return "Not yet: the network does, but that is not its share of right answers to `x_val`."


def _exercise_3(answer, table):
    """names in any order, such as ["A", "B", "C"]."""
    right, best = set(), 0
    for name, row in table.sort_values("million_multiply_adds").iterrows():
        if row["accuracy"] > best:
            right, best = right | {name}, row["accuracy"]
    found = set(answer)
    if not found or not found <= set(table.index):
        return None
    if found == {table["accuracy"].idxmax()}:
        return "Not yet: that one reads best. But is any cheaper one beaten by it?"
    if beaten := found - right:
        return f"Not yet: another reads better than {min(beaten)}, for fewer multiplications."
    return RIGHT if found == right else "Not yet: all of them are, but they are not all."
