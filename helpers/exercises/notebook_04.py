"""What is right in the exercises of notebook 04."""

import numpy as np

from helpers.exercises.checking import NOT_THESE, RIGHT


def _exercise_1():
    """the number of corrections, and whether the epoch is faster or slower: [..., "..."]."""
    wrong = {
        422: "Not yet: so many there are with batches of 128.",
        54_000: "Not yet: so many images there are. A batch of them makes one correction.",
        54_000 * 8: "Not yet: smaller batches are more batches, but not more than images.",
        54_000 // 8 + 1: "Not yet: 54,000 is a multiple of 8. No images are left over.",
        16: "Not yet: so many times as many as with 128. How many is that?",
    }
    return [
        (RIGHT, [54_000 // 8, "slower"]),
        ("Not yet: the number is right. What does one correction cost?", [54_000 // 8, "faster"]),
        *[(wrong[n], [n, speed]) for n in wrong for speed in ("faster", "slower")],
    ]


def _exercise_2(answer, starts, y_part, slopes, learn, scores, watch):
    """lists of three validation accuracies: cross-entropy (0.3, 0.1), squared error (10, 10/3)."""
    table = np.asarray(answer, dtype=float)
    if table.shape == (4,):
        return "Not yet: one training of each. Three starts were asked, so four lists of three."
    if table.shape == (3, 4):
        return "Not yet: turn the table round, with a row for each loss and rate."
    if table.shape != (4, 3) or not (table.min() >= 0 and table.max() <= 100):
        return None
    if table.max() > 1:
        return "Not yet: give shares, from 0 to 1."
    lowest, highest = table.min(axis=1), table.max(axis=1)
    if highest.max() < 0.2:
        return "Not yet: those all read what they learnt first. Teach them right for two epochs."
    cross, squared = slopes.values()
    astray = learn(starts[0], np.roll(y_part, 1, axis=1), 0.3, cross, 5)[-1]
    ways = [(0.3, cross), (0.1, cross), (10, squared), (10 / 3, squared)]
    again = [scores(learn(astray, y_part, *way)[-1], *watch)[1] for way in ways]
    if _near(sorted(table[:, 0]), sorted(again)) and not _near(table[:, 0], again):
        return "Not yet: first both of cross-entropy, the larger rate first; then squared error."
    if lowest[:2].min() < 0.8:
        return "Not yet: cross-entropy reads better. At which rates, and with which labels?"
    if lowest[2] < 0.75:
        return "Not yet: at 10, squared error reads better. Was it given its own slope?"
    if lowest[3] > 0.75:
        return "Not yet: there was nothing to forget. Begin with those that were taught wrong."
    if highest[3] < 0.25:
        return "Not yet: at 10 / 3, squared error reads better. Was it given two epochs?"
    return RIGHT if highest[3] < 0.7 else NOT_THESE


def _near(some, others):
    return np.allclose(some, others, rtol=0, atol=0.004)


def _exercise_3(answer):
    """what `train` returns."""
    if isinstance(answer, dict):
        return "Not yet: that is its `history`. Give all that `train` returns."
    steps, watched = answer.params["steps"], answer.history.get("val_loss")
    if answer.model.name != "network_b":
        return f"Not yet: that is {answer.model.name}, network B was asked."
    if steps != 32:
        return f"Not yet: {steps} steps an epoch. How many do 1,000 images make in batches of 32?"
    if watched is None:
        return "Not yet: nothing was watched. Give it validation data."
    last = int(np.argmin(watched)) + 1 + 3
    if len(watched) > last:
        return "Not yet: it went on for longer than three epochs after the lowest validation loss."
    if len(watched) < min(last, answer.params["epochs"]):
        return "Not yet: it stopped before its patience of three epochs was at an end."
    return RIGHT if answer.params["epochs"] == 20 else "Not yet: let it have up to 20 epochs."
