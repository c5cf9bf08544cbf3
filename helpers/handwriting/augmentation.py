"""Distort digits as pens and hands do, and bring them back into MNIST's form.

P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied
to visual document analysis", 2003, distort MNIST the same way, waves included.
"""

import numpy as np

from helpers.dataset import BOX, MIDDLE, SIDE
from helpers.errors import as_number
from helpers.preprocessing import check_images


def distort(images, seed, strength=1.0):
    """Turned, slanted, squeezed, wavy, thicker or thinner copies, one of each image.

    Each is then brought to 20 pixels on its longer side, give or take two, with its centre of mass
    in the middle, give or take one, as MNIST's were.

    Parameters
    ----------
    images : float32 array of shape (N, 28, 28, 1) in [0, 1]
    seed : whole number, or a NumPy `Generator`
    strength : 0 leaves the shapes as they are, 1 is a wide variety of hands

    Returns float32 of the same shape, in [0, 1].
    """
    check_images(images)
    images = np.asarray(images)
    as_number(strength, "The strength", 0, 10)
    if not isinstance(seed, np.random.Generator):
        seed = as_number(seed, "A seed", 0, 2**64, whole=True)
    rng = np.random.default_rng(seed)
    images = change_thickness(images[..., 0], rng, strength)
    matrices = random_matrices(len(images), rng, strength)
    places = source_places(images, matrices, rng, strength)
    places += waves(len(images), rng, strength)
    return sample(images, places)[..., np.newaxis]


def change_thickness(images, rng, strength):
    """Mix each image with a bolder or a finer copy of itself."""
    from scipy.ndimage import grey_dilation, grey_erosion

    bold = grey_dilation(images, size=(1, 3, 3))
    fine = grey_erosion(images, size=(1, 2, 2))
    amount = strength * rng.uniform(-0.5, 1, (len(images), 1, 1)).astype("float32")
    return images + np.where(amount > 0, amount * (bold - images), amount * (images - fine))


def random_matrices(count, rng, strength):
    """Matrices (N, 2, 2) on (row, column): turn by up to 15 degrees, slant, squeeze."""
    angle, slant, squeeze = strength * rng.uniform(-1, 1, (3, count)) * [[0.26], [0.35], [0.25]]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    zero = np.zeros(count)
    lean = np.array([[np.exp(squeeze), zero], [slant, np.exp(-squeeze)]])
    return np.einsum("ijn,jkn->nik", turn, lean).astype("float32")


def source_places(images, matrices, rng, strength):
    """Where in `images` each pixel of the result comes from: (N, 28, 28, 2).

    The ink after distortion tells by its box the size, by its centre of mass the place that bring
    it into MNIST's form.
    """
    grid = np.stack(np.mgrid[:SIDE, :SIDE], -1).reshape(-1, 2).astype("float32")
    ink = images.reshape(len(images), -1)
    moved = grid @ matrices.transpose(0, 2, 1)
    hidden = (ink < 0.3)[..., np.newaxis]
    low = np.where(hidden, np.inf, moved).min(axis=1)
    high = np.where(hidden, -np.inf, moved).max(axis=1)
    blank = hidden.all(axis=(1, 2))
    longer = np.where(blank, BOX, (high - low).max(axis=1) + 1)
    weights = ink / np.maximum(ink.sum(axis=1, keepdims=True), 1e-6)
    center = (weights[:, np.newaxis] @ moved)[:, 0]
    size = BOX * np.exp(strength * rng.uniform(-0.1, 0.1, len(images))).astype("float32")
    shift = strength * rng.uniform(-1, 1, (len(images), 1, 2)).astype("float32")
    wanted = (grid - MIDDLE + shift) * (longer / size)[:, np.newaxis, np.newaxis]
    back = np.linalg.inv(matrices).transpose(0, 2, 1)
    return ((wanted + center[:, np.newaxis]) @ back).reshape(-1, SIDE, SIDE, 2)


def waves(count, rng, strength, height=0.7):
    """Smooth random shifts in pixels, (N, 28, 28, 2): coarse noise on 5x5 points, enlarged."""
    from scipy.ndimage import zoom

    coarse = rng.normal(0, strength * height, (count, 2, 5, 5)).astype("float32")
    spread = zoom(np.eye(5, dtype="float32"), (SIDE / 5, 1), order=2)
    return np.moveaxis(spread @ coarse @ spread.T, 1, -1)


def sample(images, places):
    """The values of images (N, 28, 28) at places (N, 28, 28, 2), between pixels linearly."""
    from scipy.ndimage import map_coordinates

    number = np.broadcast_to(np.arange(len(images))[:, None, None], places.shape[:-1])
    where = np.stack([number, places[..., 0], places[..., 1]])
    return np.clip(map_coordinates(images, where, order=1), 0, 1).astype("float32")
