"""What is right in the exercises of notebook 06."""

import numpy as np

from helpers.exercises.checking import NOT_THESE, RIGHT, _digits


def _exercise_1(network_b, predict, x_some, y_some):
    """two digits in a list: what it answers most often to the ten 6s, and to the ten 9s."""
    tens = np.concatenate([x_some[y_some == digit][:10] for digit in (6, 9)])
    mirror = "Not yet: that is a mirror image. A turn by 180 degrees reverses rows and columns."
    ways = [
        (RIGHT, tens[:, ::-1, ::-1]),
        ("Not yet: so it reads them upright. Or is it the wrong way round?", tens),
        (mirror, tens[:, ::-1]),
        (mirror, tens[:, :, ::-1]),
    ]
    said = predict(network_b, np.concatenate([images for _, images in ways])).argmax(axis=1)
    parts = said.reshape(len(ways), 2, 10)
    most_often = [[np.bincount(answers).argmax() for answers in part] for part in parts]
    return [(word, digits) for (word, _), digits in zip(ways, most_often)]


def _exercise_2(answer, grey):
    """the ink with the narrow window: an array like `grey`, of numbers from 0 to 1."""
    from scipy.ndimage import grey_closing

    if np.shape(answer) != grey.shape:
        return None
    wide, narrow = (1 - grey / grey_closing(grey, size=max(grey.shape) // n) for n in (3, 50))
    level = np.percentile(wide, 99)  # as in the notebook, whatever `level` is by now
    ways = [
        (RIGHT, narrow, level),
        ("Not yet: that window is still a third of the picture.", wide, level),
        ("Not yet: keep the `level` of before.", narrow, np.percentile(narrow, 99)),
    ]
    for word, darkness, full in ways:
        if np.allclose(answer, np.clip((darkness / full - 0.25) / 0.5, 0, 1), atol=0.01):
            return word
    if np.allclose(answer, narrow, atol=0.01):
        return "Not yet: that is the darkness. Make ink of it, as above."
    return NOT_THESE


def _exercise_3(answer, network_b, predict, x_some, turned, distort):
    """the digits that six looks read, one for each of the images: with seeds 0 to 4."""
    if np.shape(answer) == (len(x_some), 10):
        return "Not yet: those are probabilities. Which digit has the highest?"
    answer = _digits(answer, (len(x_some),))
    aslant = turned(x_some, 30)
    by_each = [predict(network_b, aslant)]
    if np.array_equal(answer, by_each[0].argmax(axis=1)):
        return "Not yet: that is one look, at the images as they are."
    by_each += [predict(network_b, distort(aslant, seed, strength=0.5)) for seed in range(5)]
    if np.mean(answer == np.mean(by_each, axis=0).argmax(axis=1)) > 0.995:
        return RIGHT
    if np.mean(answer == predict(network_b, x_some).argmax(axis=1)) > 0.93:
        return "Not yet: turn the images first, by 30 degrees."
    return "Not yet. Are the seeds 0 to 4, the strength 0.5, and the probabilities averaged?"
