"""Find, verify and load MNIST; without a network, a stand-in that says so.

MNIST: Y. LeCun, C. Cortes and C. J. C. Burges, 70,000 handwritten digits remixed from NIST's
Special Databases 1 and 3.
"""

import functools
import hashlib
import os
import socket
import tempfile
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from helpers.errors import InputError, as_array, as_file, as_number, as_path

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
URL_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
ARRAYS = {
    "x_train": (
        (60000, 28, 28),
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": ((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
# MNIST's form: each digit fits a box, its centre of mass lies in the middle of the image.
SIDE, BOX, MIDDLE = 28, 20, 14  # pixels; MIDDLE is the number of a pixel, counted from 0
IMAGE_SHAPE = (SIDE, SIDE, 1)  # rows, columns, channels: one image as a network reads it
CLASSES = 10

STAND_IN = "stand-in"
PATIENCE = 5.0  # seconds

# Test images whose label fewer than three of five reviewers confirmed (cleanlab's label-errors).
DOUBTFUL_TEST_LABELS = np.array(
    [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
)


def load_mnist(path=None):
    """Load the digits as `((x_train, y_train), (x_test, y_test))`, as Keras does.

    Looks for them in this order: `path`, or else the environment variable `MNIST_NPZ`; Keras's
    own cache; Keras's download. With no network it gives the stand-in and shows a banner. The
    path may be the word `stand-in` to ask for that at once.

    Returns
    -------
    images : uint8 arrays of shape (60000, 28, 28) and (10000, 28, 28), 0 paper to 255 ink
    labels : uint8 arrays of shape (60000,) and (10000,), 0 to 9

    Raises
    ------
    InputError
        If a file is missing or damaged, or does not hold MNIST. No file is changed.
    """
    path = os.environ.get("MNIST_NPZ", "").strip(" '\"") or None if path is None else path
    if isinstance(path, str) and path.strip(" '\"").lower() == STAND_IN:
        return _announced_stand_in("You asked for the stand-in (MNIST_NPZ=stand-in).")
    if path is not None:
        return read_npz(path)
    problem = ""
    if cache_file().exists():
        try:
            return read_npz(cache_file())
        except InputError as error:
            problem = f" {error}"
    if _download():
        return read_npz(cache_file())
    return _announced_stand_in("MNIST is not on this machine and cannot be downloaded." + problem)


def has_mnist():
    """Whether `load_mnist` gives MNIST itself (True) or the stand-in (False)."""
    return load_mnist()[0][0].shape == ARRAYS["x_train"][0]


def train_validation_split(images, labels, validation=0.1, seed=0):
    """Hold out part of the training images, the same share of every digit (stratified).

    Returns `(x_train, y_train), (x_val, y_val)`: for MNIST 54,000 and 6,000 images, shuffled.
    `InputError` unless there is a label from 0 to 9 for each image, and enough of each to split.
    """
    from sklearn.model_selection import train_test_split

    images = as_array(images, "Images")
    labels = as_array(labels, "Labels", "ui", shape=("N",), within=(0, CLASSES - 1))
    if images.shape[:1] != labels.shape:
        raise InputError(f"Images {images.shape} and labels {labels.shape}: give one for each.")
    smallest = min(np.unique(labels, return_counts=True)[1])
    as_number(validation, "The share to hold out", 0, 1)
    seed = as_number(seed, "A seed", 0, 2**32 - 1, whole=True)
    if not 1 <= validation * smallest <= smallest - 1:
        raise InputError(
            f"A share of {validation} cannot be held out of {smallest} images, the rarest digit's."
        )
    x_train, x_val, y_train, y_val = train_test_split(
        images, labels, test_size=validation, stratify=labels, random_state=seed
    )
    return (x_train, y_train), (x_val, y_val)


def cache_file():
    """Where Keras keeps its copy of MNIST."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    return as_path(Path(home) / "datasets" / "mnist.npz")


def read_npz(path):
    """Read and verify a `.npz` file with MNIST's four arrays, without ever unpickling.

    Other shapes and number types are brought to uint8 (N, 28, 28); then each array's SHA-256 must
    be that of MNIST.
    """
    hint = f"Set MNIST_NPZ to the path of mnist.npz (download it from {URL}), or unset it to let "
    path = as_file(path, hint + "Keras fetch the file.")
    try:
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in archive.files}
    except Exception as error:
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or not an .npz file of plain "
            f"arrays: {error}. It was left as it is. Fetch mnist.npz again from {URL}, "
            "or point MNIST_NPZ to a good copy."
        ) from error
    verified = {name: _verified(path, arrays, name) for name in ARRAYS}
    return (verified["x_train"], verified["y_train"]), (verified["x_test"], verified["y_test"])


def _verified(path, arrays, name):
    shape, sha256 = ARRAYS[name]
    if name not in arrays:
        raise InputError(f"{path} holds no array '{name}', but {sorted(arrays)}: fetch it anew.")
    array = arrays[name]
    if array.size != np.prod(shape) or array.dtype.kind not in "uif":
        raise InputError(
            f"'{name}' in {path} has shape {array.shape} and dtype {array.dtype}; "
            f"expected {shape} and uint8."
        )
    with np.errstate(invalid="ignore"):
        plain = np.ascontiguousarray(array.astype("uint8").reshape(shape))
    same_numbers = np.array_equal(plain.ravel(), array.ravel())
    if not same_numbers or hashlib.sha256(plain).hexdigest() != sha256:
        raise InputError(
            f"'{name}' in {path} has the right size, but its content is not MNIST's "
            f"(SHA-256 differs from {sha256[:12]}...). Fetch mnist.npz again from {URL}."
        )
    return plain


@functools.cache
def _download():
    """Fetch MNIST into Keras's cache; False if there is no network. Tried once per run."""
    if not _answers(URL):
        return False
    from helpers.quiet import keras

    target = cache_file()
    patience_before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            fresh = keras.utils.get_file(
                "mnist.npz", URL, file_hash=URL_SHA256, cache_dir=folder, cache_subdir="."
            )
            _keep_aside(target)
            os.replace(fresh, target)
    except Exception as error:
        raise InputError(
            f"{URL} could not be saved as {target}: {error}. Run the cell again, or set MNIST_NPZ "
            "to a copy of mnist.npz, or KERAS_HOME to a folder you may write in."
        ) from error
    finally:
        socket.setdefaulttimeout(patience_before)
    return True


def _answers(url):
    """Whether `url` answers within PATIENCE seconds, name look-up included."""
    reached = []

    def ask():
        with suppress(Exception), urllib.request.urlopen(url, timeout=PATIENCE):
            reached.append(True)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return bool(reached)


def _keep_aside(path):
    if path.exists():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        aside = path.replace(path.with_name(f"{path.name}.damaged-{digest}"))
        print(f"The damaged {path} was kept as {aside.name}; a fresh copy takes its place.")


@functools.cache
def stand_in():
    """The 1,797 handwritten digits that scikit-learn ships, brought to MNIST's form.

    8x8 images go bicubically to 20x20, their contrast is doubled, and they are centred by mass.
    Returned like MNIST: 1,437 training and 360 test images.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    small, labels = load_digits(return_X_y=True)
    images = np.stack([_enlarge(image) for image in small.reshape(-1, 8, 8)])
    x_train, x_test, y_train, y_test = train_test_split(
        images, labels.astype("uint8"), test_size=360, stratify=labels, random_state=0
    )
    return (x_train, y_train), (x_test, y_test)


def _enlarge(image):
    from PIL import Image
    from scipy.ndimage import center_of_mass

    picture = Image.fromarray((image * 255 / 16).astype("uint8"))
    large = np.asarray(picture.resize((BOX, BOX), Image.Resampling.BICUBIC), dtype=float)
    canvas = np.zeros((SIDE, SIDE), dtype="uint8")
    canvas[:BOX, :BOX] = np.clip(2 * (large - 128) + 128, 0, 255)
    down, right = (round(MIDDLE - center) for center in center_of_mass(canvas))
    return np.roll(canvas, (down, right), axis=(0, 1))


def _announced_stand_in(reason):
    """Show a banner that cannot be missed, a red box in Jupyter, and return the stand-in."""
    from IPython import get_ipython
    from IPython.display import display

    title = "THESE ARE NOT MNIST: 1,797 small digits from scikit-learn stand in for it."
    text = (
        f"{reason} Everything runs, but what comes from the images differs from text and pictures. "
        f"For the real digits, bring {URL} to this machine as {cache_file()}, or set MNIST_NPZ."
    )
    plain = "\n".join(["=" * 78, title, text, "=" * 78])
    style = "border:3px solid #b33;background:#fff3f0;color:#300;padding:1em"
    box = f'<div style="{style}"><strong>{title}</strong><br>{text}</div>'
    if get_ipython():
        display({"text/plain": plain, "text/html": box}, raw=True)
    else:
        print(plain)
    return stand_in()
