"""Whatever a public function or a command is given: an answer, or what is wrong in a sentence."""

import contextlib
import importlib
import inspect
import io
import pkgutil
import re
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image
from project import DIGIT_SAMPLES, NOTEBOOKS, ROOT, code_cells, run_python

import helpers
from helpers.errors import InputError, shown
from helpers.handwriting.reading import read_digit
from helpers.networks import network_b, network_e
from helpers.quiet import keras
from helpers.training import CHECKPOINTS, save_checkpoint
from study.command_line import answering
from study.files import save_run, write_csv
from tools import execute_notebooks
from tools.claims import write_witnesses


class Kind(NamedTuple):
    """A kind of parameter: one that is right, what is wrong and looks right, and what is fine."""

    valid: object
    wrong: tuple = ()  # pairs (value, pattern of what is said)
    fine: frozenset = frozenset()  # names of NONSENSE


def kind(valid, *wrong, fine=""):
    return Kind(valid, wrong, frozenset(filter(None, fine.split(", "))))


NONSENSE = {
    "None": None, "a word": "three", "a number in words": "5", "bytes": b"x.png",
    "an object": object(), "a function": print, "a class": dict, "yes": True, "a dict": {},
    "a set": {1, 2}, "an empty list": [], "ragged rows": [[1], [2, 3]], "words": ["a", "b"],
    "files": [Path("x.png"), Path("y.png")], "negative": -1, "zero": 0, "a fraction": 2.5,
    "huge": 10**400, "too long to print": 10**5000, "NaN": float("nan"), "infinity": float("inf"),
    "complex": np.ones((40, 28, 28), complex), "dates": np.zeros(40, "M8[D]"),
    "masked": np.ma.masked_equal(np.arange(40) % 10, 5),
    "NaNs": np.full((40, 28, 28, 1), np.nan, "float32"),
    "none of them": np.zeros((0, 28, 28)), "five axes": np.zeros((2, 2, 2, 2, 2)),
    "too few": np.arange(3), "a long name": "a" * 5000, "a zero byte": "a\0b",
    "somebody's home": "~nobody-of-that-name/x", "an open file": io.BytesIO(b"P5 1 1 255 0"),
}  # fmt: skip
ANYTHING = ", ".join(NONSENSE)
STORED = np.tile(np.arange(28, dtype="uint8") * 9, (40, 28, 1))
IMAGES = STORED[..., np.newaxis].astype("float32") / 255
WITH_NAN = STORED / 255
WITH_NAN[1, 2, 3] = np.nan
LABELS = np.arange(40) % 10
ROWS = np.eye(10, dtype="float32")[LABELS] * 0.9 + 0.01


def network(reads, gives, *last):
    first = [keras.Input(reads)] if reads else []
    return keras.Sequential([*first, keras.layers.Flatten(), keras.layers.Dense(gives), *last])


def convolution(*more):
    steps = [keras.layers.Conv2D(2, 3), *more, keras.layers.Flatten(), keras.layers.Dense(10)]
    return keras.Sequential([keras.Input((28, 28, 1)), *steps])


def branched(join):
    """Two convolutions of one image, joined; with `None` both are what the network gives."""
    image = keras.Input((28, 28, 1))
    one, other = (keras.layers.Conv2D(2, 3)(image) for _ in range(2))
    return keras.Model(image, join([one, other]) if join else [one, other])


def two_inputs():
    images = [keras.Input((28, 28, 1)), keras.Input((28, 28, 1))]
    return keras.Model(images, keras.layers.Conv2D(2, 3)(keras.layers.Add()(images)))


def used_twice():
    image, layer = keras.Input((28, 28, 1)), keras.layers.Conv2D(1, 3)
    return keras.Model(image, layer(layer(image)))


def diverged():
    model = convolution()
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    return model


labels = kind(
    LABELS,
    (LABELS + 1, r"Label 10 at index 9 is not a digit 0 to 9 \(4 such labels\)"),
    (LABELS - 1, r"Label -1 at index 0 .*\(4 such labels\)"),
    (LABELS.astype(str), r"whole numbers 0 to 9 .* got <U21 of shape \(40,\).*labels\.astype"),
    (LABELS / 1, "whole numbers 0 to 9 .* got float64"),
    (ROWS, r"got float32 of shape \(40, 10\).*labels\.argmax\(-1\)"),
    (np.array([], int), "No labels"),
)
pairs = kind(LABELS, *labels.wrong, (LABELS[:-1], "images, but (39|40) labels: give one|39, 10"))
NOT_ONE_HOT = [
    (ROWS[:, :9], r"expected shape \(40, 10\), got \(40, 9\)\. Use one_hot"),
    (ROWS * np.nan, "NaN or infinity, first at index .0, 0. .400 such"),
    (ROWS * 0, "add up to 1, these to 0. Use one_hot"),
    (LABELS + 1, "Label 10 at index 9"),
]
INTEGERS = (LABELS, "learn from one_hot.labels.")
probabilities = kind(
    ROWS,
    (ROWS * 100, "go from 1 to 91, expected numbers from 0 to 1. Apply softmax to logits first"),
    (ROWS / 2, "add up to 1, these to 0.5"),
    (ROWS[:, :9], r"expected shape \(40, 10\), got \(40, 9\)"),
    (ROWS[:-1], r"expected shape \(40, 10\), got \(39, 10\)\.$"),
)
of_one = kind(
    ROWS[0],
    (ROWS, r"shape \(10,\), got \(40, 10\)\. Show those of one image"),
    (ROWS[0] * 100, "from 0 to 1"),
)
NO_BATCH = [
    (np.zeros((40, 32, 32)), r"got (shape )?\(40, 32, 32(, 1)?\)"),
    (LABELS, r"\(40,\)"),
    (np.nan_to_num(WITH_NAN, nan=np.inf), "NaN or infinity|got"),
    (WITH_NAN, r"NaN or infinity, first at index \(1, 2, 3(, 0)?\) \(1 such|got"),
]
to_learn = kind(
    STORED,
    (IMAGES[..., 0], r"expected shape \(N, 28, 28, 1\), got \(40, 28, 28\).*to_model_input\(im"),
    (IMAGES * 255, "go from 0 to 243, expected numbers from 0 to 1. Use to_model_input.images."),
    (STORED[1:], "39"),
    *NO_BATCH,
)
model_input = kind(
    IMAGES,
    (STORED, r"shape \(N, 28, 28, 1\), got \(40, 28, 28\)"),
    (IMAGES[:0], "empty"),
    (IMAGES * 255, "from 0 to 1. Use to_model_input"),
    *NO_BATCH,
)
temperature = kind(2.0, fine="a fraction")
builders = [(network_b, r"call it, network_b\(\)"), (keras.Sequential, "call it, Sequential")]
a_model = kind(
    network_e(),
    *builders,
    (network((784,), 10), r"reads \(None, 784\).*\(N, 28, 28, 1\).*keras\.Input"),
    (network((32, 32, 1), 10), r"reads \(None, 32, 32, 1\)"),
    (network((28, 28, 1), 10), r"End it with Dense\(10, activation"),
)
npz = kind(
    "stand-in",
    ("x.npz", r"no file x\.npz\. Set MNIST_NPZ .*download.*or unset"),
    (".", r"\. is a folder: give"),
    ("https://a.org/x.npz", "is an address: download"),
    ("text.png", r"text\.png \(\d+ bytes\) is damaged or not an \.npz file"),
)
picture_file = kind(
    DIGIT_SAMPLES[0],
    ("x.png", r"There is no file x\.png"),
    ("~/nowhere/x.png", r"There is no file .*nowhere"),
    ("empty", "is a folder: give the path of one file in it"),
    ("https://a.org/x.png", "is an address: download"),
    ("empty.png", r"empty\.png is empty \(0 bytes\)"),
    ("text.png", r"text\.png is a text file"),
    ("photo.heic", "HEIC .* Export it as JPEG"),
    ("photo.jpg", "HEIC .* Export it as JPEG"),
    ("scan.png", r"scan\.png is a PDF, no picture.*PNG or JPEG"),
    ("half.jpg", r"half\.jpg .* could not be read: .*again"),
    ("bomb.png", "10000 x 10000 pixels, 100 megapixels; at most 64"),
    ("random.jpg", "no picture that Pillow knows"),
    ("pages.tiff", "holds 2 pages or frames: save the one to read"),
)
picture = kind(
    DIGIT_SAMPLES[0],
    *picture_file.wrong,
    (STORED[..., np.newaxis], r"Expected one picture, .* got shape \(40, 28, 28, 1\)"),
    (memoryview(b"JFIF"), r"got shape \(4,\)\. Give one picture at a time; of bytes, make Image"),
    (STORED[0] * np.nan, "NaN or infinity"),
    (STORED[0] - 1.0, "go from -1 to 242; expected 0 to 1, or 0 to 255"),
    (STORED[0] / 150, r"go from 0 to 1\.62; expected"),
    (Image.new("1", (20_000, 20_000)), "The picture holds 20000 x 20000 pixels"),
    (Image.new("L", (0, 5)), "empty"),
    fine="zero",
)
LINE = [[0.5, 0.2], [0.5, 0.8]]
# By the name of the parameter, and, where one function differs, of function and parameter.
KINDS = {
    **dict.fromkeys(["batch_size", "bins", "columns", "epochs"], kind(3)),
    **dict.fromkeys(["label", "title"], kind("a word", fine=ANYTHING)),
    **dict.fromkeys(["y_true", "y_pred", "first", "second", "labels"], pairs),
    "callbacks": kind(
        (),
        (keras.callbacks.TerminateOnNaN(), "in a list"),
        ([keras.callbacks.TerminateOnNaN], "such as EarlyStopping"),
        fine="an empty list, none of them",
    ),
    "confidence": kind(0.95, (95, "such as 0.95, is a number .* not 95"), (1, "not 1")),
    "correct": kind(
        9, (11, "0 to 10, not 11"), *((x, f"not {x}") for x in (0.98, 1.0)), fine="zero"
    ),
    "count": kind(3, fine="zero"),
    "end": kind(0.002, fine="zero"),
    "history": kind(
        SimpleNamespace(history={"loss": [1.0]}),
        ({"loss": [1.0]}, r"train\(...\) returned"),
        (SimpleNamespace(history={}), "after one whole epoch or more"),
    ),
    "image": kind(STORED[0], (STORED, "shape"), (np.zeros((999, 999)), "10,000 pixels")),
    "check.answer": kind([], fine=ANYTHING),
    "check.exercise": kind("03.1", ("3.1", "did you mean '03.1'"), (3.1, "did you mean '03.1'")),
    "answer.image": kind(IMAGES[0], (STORED[0], "from 0 to 1"), (IMAGES, "shape")),
    "images": kind(
        STORED,
        (STORED[:, :20], r"Expected 28x28 images, .* got shape \(40, 20, 28\)"),
        ([STORED[0], STORED[0, :20]], "differ in size. Bring each to 28x28"),
        (np.zeros((28, 28, 3)), r"colour images.*images\[\.\.\., :3\]\.mean\(axis=-1\)"),
        (np.zeros((2, 28, 28, 4)), "colour images"),
        (STORED.reshape(40, 784), r"Rows of 784 .*images\.reshape\(-1, 28, 28\)"),
        (np.zeros((40, 785)), "784 pixels, and no more"),
        ([], "No images given"),
        (STORED / 255 - 0.5, r"go from -0\.5 to .* from 0 to 1. Use to_model_input"),
        (STORED + 100.0, "go from 100 to 343, expected numbers from 0 to 255"),
        (STORED / 255 * 1.07, r"np\.clip\(images, 0, 1\)"),
        (["a.png"], "numbers, got dtype <U5.*read each with load_picture"),
        *NO_BATCH,
    ),
    "scale.images": kind(
        STORED,
        (STORED / 255, r"scaled already: float64 up to 0\.95.* once only"),
        (STORED / 255 / 255, "scaled already: float64 up to 0.0037"),
        (STORED / 255 * 1.07, r"up to 1\.02\. .*overshot 1: np\.clip\(images, 0, 1\)"),
        (STORED - 1.0, "go from -1 to 242, expected numbers from 0 to 255.*as they were stored"),
        (STORED + 100.0, "go from 100 to 343"),
        (LABELS, "rows and columns"),
        NO_BATCH[-1],
        fine="five axes",
    ),
    "check_images.images": model_input,
    "check_labels.images": kind(STORED, (STORED[1:], "39 images"), fine="NaNs"),
    "distort.images": model_input,
    "show_images.images": kind(
        STORED[:2],
        (STORED[0], r"Show one as a list: \[image\]"),
        (np.zeros((501, 2, 2)), "1 to 500 images at a time, not 501"),
        (STORED[..., np.newaxis, np.newaxis] * np.ones(5), "No image has the shape"),
        ([np.full((9, 9, 3), 200.0)], "Colours go from 200 to 200, expected numbers from 0 to 1"),
    ),
    "train.images": to_learn,
    "Batches.images": to_learn,
    "train_validation_split.images": kind(
        STORED, (STORED[1:], r"\(39, 28, 28\) and labels \(40,\): give"), fine="NaNs"
    ),
    "one_hot.labels": labels._replace(fine={"too few"}),
    "train.labels": kind(ROWS.round(), *NOT_ONE_HOT, INTEGERS),
    "Batches.labels": kind(ROWS, *NOT_ONE_HOT),
    "train_validation_split.labels": kind(
        LABELS,
        (LABELS[1:], "give one"),
        (STORED, r"expected shape \(N,\)"),
        (LABELS / 1, "are arrays of whole numbers, got dtype float64"),
        (LABELS + 42, r"from 42 to 51, expected numbers from 0 to 9"),
    ),
    "log_probabilities": kind(
        np.log(ROWS),
        (ROWS, r"probabilities; give their logarithms, np\.log\(probabilities\)"),
        (100 * ROWS, "These are probabilities"),
        (np.eye(10) * 99, "These are probabilities"),
        (np.log(ROWS[:, :9]), r"expected shape \(N, 10\), got \(40, 9\)"),
        (np.full((40, 10), -np.inf), "NaN or infinity"),
    ),
    "loss": kind(
        "categorical_crossentropy",
        ("crossentropy", "did you mean 'categorical_crossentropy'"),
        ("sparse_categorical_crossentropy", r"from one_hot\(labels\), sparse_.* integers"),
        (keras.losses.SparseCategoricalCrossentropy(), "integers"),
    ),
    "matrix": kind(
        np.eye(10, dtype=int),
        (LABELS, r"shape \(10, 10\), got \(40,\)\. Count labels 0 to 9"),
        (np.eye(10) * 95, r"from 0 to 1. Counts: .astype\(int\); percent: / 100"),
        (np.eye(10) * np.nan, "NaN"),
    ),
    "metric": kind("loss", ("lose", "did you mean 'loss'"), ("speed", "choose of loss")),
    "train.model": kind(
        network_e(),
        *a_model.wrong,
        (network((28, 28, 1), 9), r"gives \(None, 9\).*Dense\(10, activation"),
    ),
    "predict.model": a_model,
    "save_checkpoint.model": kind(
        network_e(), *builders, (network(None, 10), "no weights yet: begin it with")
    ),
    "model": kind(
        lambda images, training: np.full((len(images), 10), 0.1),
        (network_b, "does not take .N, 28, 28, 1. to probabilities .*: network_b"),
        (lambda images, training: np.full((len(images), 10), 5.0), "Apply softmax"),
        (lambda images, training: np.full((1, 10), 0.1), r"shape \(17, 10\)"),
    ),
    "Microscope.model": kind(
        convolution(),
        *builders,
        (network_e(), "network_e has no convolution.*Conv2D"),
        (network((32, 32, 1), 10), r"reads \(None, 32, 32, 1\)"),
        (two_inputs(), r"reads \[\(None, 28, 28, 1\), .*\(N, 28, 28, 1\)"),
        (keras.Sequential([keras.layers.Conv2D(2, 3)]), "no weights yet: begin it with"),
        (branched(keras.layers.Add()), r"'add\w*' \(Add\) cannot be shown.*shows Conv2D, Max.* ch"),
        (branched(None), "no plain chain: branches, several outputs"),
        (used_twice(), "no plain chain: .* used twice"),
        (convolution(keras.layers.Conv2D(2, 3, dilation_rate=2)), r"with dilation_rate=\(2, 2\)"),
        (convolution(keras.layers.ReLU(6)), r"ReLU with max_value=6"),
        (convolution(keras.layers.Activation("gelu")), "with activation='gelu'. .*relu, sigmoid"),
        (diverged(), "'conv2d\\w*' gives numbers that are not finite.*smaller learning rate"),
        (convolution(keras.layers.Dense(2)), r"'dense\w*' .* needs a Flatten"),
        (convolution(keras.layers.BatchNormalization(axis=1)), "along rows or columns"),
    ),
    "Microscope.image": kind(
        STORED[0],
        (STORED, "One image is shown, these are 40"),
        (STORED[0, :20], "Expected 28x28 images"),
        (np.zeros((28, 28, 3)), "colour"),
        (WITH_NAN[1], "NaN or infinity"),
        (STORED[0] - 1.0, "go from -1 to 242"),
        (STORED[0] + 100.0, "go from 100 to 343"),
    ),
    "place": kind(
        (1, 0, 12, 12),
        ((1, 0, 12), r"such as \(1, 0, 12, 12\), not \[1, 0, 12\]"),
        ((4, 0, 0, 0), "The layer of a place is a whole number from 0 to 3, not 4"),
        ((1, 2, 12, 12), "The map of a place in layer 1 is a whole number from 0 to 1, not 2"),
        ((1, 0, -1, 12), "The row .* from 0 to 25, not -1"),
        ((1, 0, 12, 26), "The column .* not 26"),
        ((1, 0, 12.0, 12), "The row .* not 12.0"),
        ((1, 0, True, 12), "The row .* not True"),
    ),
    "name": kind(
        "network_b",
        ("networkb", "did you mean 'network_b'"),
        ("network_a", "choose of network_b, network_h"),
    ),
    "optimizer": kind(
        "adam",
        ("adma", "did you mean 'adam'"),
        (keras.losses.CTC(), "adam"),
        (keras.optimizers.Adam, r"Call it, Adam\(\)"),
    ),
    "parts": kind(
        {"training": LABELS},
        ({"training": LABELS + 1}, "Label 10"),
        ({"training": STORED}, "whole numbers 0 to 9"),
        ({name: LABELS for name in "abcd"}, "one to three named parts"),
        (LABELS, "such as {"),
    ),
    "load_mnist.path": npz,
    "read_npz.path": npz,
    "load_checkpoint.path": kind(
        CHECKPOINTS / "network_b.keras",
        ("x.keras", r"no file x\.keras.*`make checkpoints`"),
        ("empty", "is a folder"),
        ("text.png", r"\(\d+ bytes\) but is damaged or no \.keras file"),
    ),
    "save_checkpoint.path": kind(
        "x.keras", ("x.h5", "ends in .keras"), ("file/x.keras", "could not be written")
    ),
    "path": picture_file,
    "peak": temperature,
    "picture": picture,
    "answer.picture": kind(STORED[0], (STORED, "shape")),
    "probabilities": probabilities,
    "answer.probabilities": of_one,
    "probability_bars.probabilities": of_one,
    "read": kind(
        read_digit, (convolution(), "a function of a picture"), fine="a function, a class"
    ),
    "rise": kind(0.5, (95, "not 95")),
    "seed": kind(0, (2**70, "A seed is a whole number from 0"), fine="zero"),
    "start": kind(0.04, fine="zero"),
    "steps": kind(469, ("469", "not '469'")),
    "strength": kind(1.0, (11, "0 to 10"), fine="zero, a fraction"),
    "strokes": kind(
        [LINE],
        ([LINE, [[0.1, 0.1], [0.2, float("nan")]]], "Point 1 of stroke 1 is .*nan.* 0..1"),
        ([[[280, 140]]], "Point 0 of stroke 0 is .*280.* Divide by the width"),
        ([[[0.5, -0.1]]], "Point 0 of stroke 0"),
        (LINE, r"Stroke 0 has shape \(2,\), expected \(N, 2\)"),
        ([[[0.1, 0.2, 0.3]]], r"Stroke 0 has shape \(1, 3\)"),
        ([LINE, [[0.1, 0.2], [0.3]]], "Stroke 1 is not a list of points"),
        fine="an empty list, none of them",
    ),
    "temperature": temperature,
    "titles": kind(
        ["a", "b"],
        ("ab", "in a list"),
        (["a"], "2 images, but 1 titles: give one"),
        fine="words, files, ragged rows, five axes",
    ),
    "total": kind(10, (8, "from 0 to 8, not 9")),
    "validation": kind(0.5, (95, "not 95"), (0.1, "A share of 0.1 cannot be held out of 4")),
    "validation_data": kind(
        (STORED, ROWS),
        (STORED, "a pair of images and labels"),
        ((STORED,), "a pair"),
        ((ROWS, STORED), r"shape \(N, 28, 28, 1\), got \(40, 10\)"),
        *(((wrong, ROWS), pattern) for wrong, pattern in to_learn.wrong),
        *(((STORED, wrong), pattern) for wrong, pattern in [*NOT_ONE_HOT, INTEGERS]),
    ),
    "heat_map.values": kind(
        STORED[0], (STORED, "shape .height, width., got"), (STORED[0] * np.nan, "NaN")
    ),
    "values": kind([1.0, 2.0], ([0.9], "two measurements"), ([1, np.nan], "NaN"), fine="too few"),
}
# What checks and writes for the others, and is tried with them.
TOOLS = {"helpers.errors", "helpers.quiet", "helpers.whole_files", "warn_if_odd"}
IMPORTS = re.compile(r"^from helpers[\w.]* import ([\w, ]+)", flags=re.MULTILINE)


def parameters(thing):
    """Names and defaults, without `ax`: what it is not, Matplotlib says when it is drawn in.

    Without `*more`, too, which is there to be refused.
    """
    found = inspect.signature(thing).parameters.values()
    found = [p for p in found if p.name != "ax" and p.kind is not p.VAR_POSITIONAL]
    return {"strokes" if p.kind is p.VAR_KEYWORD else p.name: p.default for p in found}


def public():
    """Every function and class of `helpers` that takes something.

    Of `handwriting` what a notebook imports, and `render`: these check what the rest is given.
    """
    code = "\n".join(cell for path in NOTEBOOKS for cell in code_cells(path.name[:2]))
    names = {name.strip() for names in IMPORTS.findall(code) for name in names.split(",")}
    for found in pkgutil.walk_packages(helpers.__path__, "helpers."):
        for name, thing in vars(importlib.import_module(found.name)).items():
            is_step = "handwriting" in found.name and name not in names | {"render"}
            here = callable(thing) and getattr(thing, "__module__", "") == found.name
            if here and not is_step and not {found.name, name} & TOOLS and name[0] != "_":
                yield from [thing] * bool(parameters(thing))


@pytest.mark.parametrize("function", list(public()), ids=lambda function: function.__qualname__)
@pytest.mark.filterwarnings("ignore")
def test_whatever_is_given_a_sentence_says_what_is_wrong(function, place):
    of = {name: f"{function.__name__}.{name}" for name in parameters(function)}
    kinds = {name: KINDS.get(of[name], KINDS.get(name)) for name in of}
    assert all(kinds.values()), f"KINDS says not what {of.values()} must be"
    valid = {name: kind.valid for name, kind in kinds.items()}
    if len(valid) > 1:
        function(**valid)
    plt.close("all")
    before, unsaid = files_in(place), []
    for name, kind in kinds.items():
        nonsense = [(NONSENSE[word], "") for word in NONSENSE if word not in kind.fine]
        for wrong, pattern in [*nonsense, *kind.wrong]:
            if wrong is parameters(function).get(name):
                continue
            start = time.process_time()
            said = what_is_said(function, valid | {name: wrong})
            at_once = time.process_time() - start < 2
            if not (at_once and re.search(pattern, said) and re.fullmatch(".{15,500}", said)):
                unsaid.append(f"{name}={shown(wrong)} ({pattern}): {said}")
                break
    if unsaid:
        pytest.fail("\n".join(unsaid), pytrace=False)
    assert files_in(place) == before
    assert not plt.get_fignums(), "nothing is half drawn"


def what_is_said(function, arguments):
    try:
        return f"\nanswers {shown(function(**arguments))}"
    except InputError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001, what it is stands in the report
        return f"\nraises {shown(repr(error))}"


THREE = next(path for path in DIGIT_SAMPLES if path.name[0] == "3")
TO_HAND_OUT = [
    "nowhere.ipynb", "empty", "cut.ipynb", "-x", "99", "of_text.ipynb", "file", "--to file",
    "--to ", "--to other 01_explore_the_dataset.ipynb", "01 --to ROOT/notebooks/samples",
    "--to ROOT/notebooks other/01_explore_the_dataset.ipynb", "--to other/in other/none.ipynb",
    "other/01_explore_the_dataset.ipynb 01", "other/nothing.ipynb", "other/no_lesson.ipynb",
]  # fmt: skip
COMMANDS = {
    "study": [
        "--seeds 0", "--seeds -1", "--seeds x", f"--seeds {10**20}", "--seed 3", "--workers 0",
        "--workers 99999", "--networks Z", "--networks", "--epochs 3", "more", "--folder",
        "--folder file", "--folder file/in", "--folder " + "a" * 300,
    ],
    "study.ledger": [
        "--seeds 0", "--seeds x", "--workers 0", "--rows Z", "--rows", "more", "--table file",
        "--table empty", "--table file/t.csv", "--table of_no_table/manifest.csv",
    ],
    "study.measure_scheduler": ["more"],
    "tools.claims": ["99", "x", "01 99", "--add 0"],
    "tools.execute_notebooks": [
        "nowhere.ipynb", "file", "empty", "of_text.ipynb", "cut.ipynb", "of_json.ipynb", "-x",
        "text.png", "other/01_explore_the_dataset.ipynb 01", "９",
    ],
    "tools.faults.plant": ["--only nothing", "--sample 0", "--sample -1", "--sample x"],
    "tools.handwriting.ablation": [
        "--seeds 0", "--seeds x", "--images 99", "--images 512", "--each 0",
        "--table file", "--table empty", "--table file/t.csv",
    ],
    "tools.handwriting.make_samples": ["more", "--folder file"],
    "tools.handwriting.read_handwriting": [
        "", "nowhere", "file", "empty", "~nobody-of-that-name/x", "a" * 300, "of_no_table",
        "mine --sheet empty", "mine --sheet file/s.png", "mine --table mine/3/3.jpg",
        "mine --table of_no_table/3/3.jpg", "mine --table mine/t.csv", "mine --table file/t.csv",
    ],
    "tools.hub.run": [
        "0", "65", "-1", "x", "2 99", "2 --port 80", "2 --port x", "2 --limit 1", "2 --limit x",
        "2 --folder file", "2 --folder file/in", "2 --folder ", "２", "--folder N",
    ],
    "tools.check_machine": ["more"],
    "tools.race": [
        "0", "101", "-1", "x", "2 more", "2 --table file", "2 --table empty",
        "2 --table file/t.csv", "2 --table of_no_table/manifest.csv",
    ],
    "tools.make_handouts": TO_HAND_OUT,
    "tools.make_slides": TO_HAND_OUT,
    "tools.seeds": ["0", "101", "x", "1 99", "1 x", "１", "-- "],
    "tools.train_checkpoints": [
        "network_z", "--images 0", "--images x", "--images 60000", "--images 512",
        "--folder file",
    ],
}  # fmt: skip


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


STORED_IMAGE = Image.fromarray(STORED[0])
PICTURES = {
    "photo.heic": b"\0\0\0\x18ftypheic" + bytes(99),
    "photo.jpg": b"\0\0\0\x18ftypmif1" + bytes(99),
    "scan.png": b"%PDF-1.7\n",
    "half.jpg": THREE.read_bytes()[:3000],
    "bomb.png": saved(Image.new("1", (10_000, 10_000)), "png"),
    "random.jpg": bytes(256),
    "pages.tiff": saved(STORED_IMAGE, "tiff", save_all=True, append_images=[STORED_IMAGE]),
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder that a command is called in, with files that it cannot use."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCHEDULER", raising=False)
    whole, solved = NOTEBOOKS[0].read_text("utf-8"), {"tags": ["solution"]}
    only_solved = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", metadata=solved)])
    files = {
        "file": "text",
        "of_text.ipynb": "text",
        "cut.ipynb": whole[: len(whole) // 2],
        "of_json.ipynb": "{}",
        "of_no_table/manifest.csv": "kind\nphoto\n",
        "text.png": "seven\n" * 99,
        "other/01_explore_the_dataset.ipynb": whole,
        "other/nothing.ipynb": nbformat.writes(nbformat.v4.new_notebook()),
        "other/no_lesson.ipynb": nbformat.writes(only_solved),
        "empty.png": "",
    }
    for folder in ["empty", "mine/3", "of_no_table/3", "other"]:
        (tmp_path / folder).mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name, content in PICTURES.items():
        (tmp_path / name).write_bytes(content)
    for folder in ["mine", "of_no_table"]:
        (tmp_path / folder / "3" / "3.jpg").write_bytes(THREE.read_bytes())
    return tmp_path


def run(module, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [module, *map(str, arguments)])
        importlib.import_module("study.__main__" if module == "study" else module).main()


def files_in(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(("module", "text"), [(m, text) for m in COMMANDS for text in COMMANDS[m]])
def test_a_command_says_in_a_sentence_what_it_cannot_use(module, text, place, capsys):
    before, start = files_in(place), time.process_time()
    with pytest.raises(SystemExit) as end:
        run(module, *(part.replace("ROOT", str(ROOT)) for part in text.split(" ")))
    assert time.process_time() - start < 5
    said = capsys.readouterr()
    sentence = end.value.code if isinstance(end.value.code, str) else said.err.strip()
    assert end.value.code != 0
    assert 15 < len(sentence) < 500
    assert "\n" not in sentence
    assert "," not in sentence.partition("are required: ")[2]
    last = [part[:40] for part in text.split(" ")[-1].split("/") if part]
    assert not last or any(part in sentence for part in last)
    assert said.out == ""
    assert files_in(place) == before


def test_every_command_is_tried_and_answers_before_tensorflow_is_there():
    files = [*ROOT.glob("study/*.py"), *ROOT.glob("tools/**/*.py")]
    called = [path for path in files if "\nif __name__ ==" in path.read_text("utf-8")]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in called}
    assert {name.replace(".__main__", "") for name in names} == COMMANDS.keys() | {"tools.set_up"}
    imports = ", ".join({*names} - {"tools.set_up"})
    code = f"import sys, {imports}; print({{'tensorflow', 'matplotlib'}} & {{*sys.modules}})"
    assert run_python(code).stdout == "set()\n"


@pytest.mark.parametrize("module", COMMANDS)
def test_every_option_that_takes_a_value_is_tried(module, capsys):
    with pytest.raises(SystemExit):
        run(module, "--help")
    options = re.findall(r"^  (--\w+) (?=[A-Z{])", capsys.readouterr().out, flags=re.MULTILINE)
    for option in {*options} - {"--seed"}:  # of which any text is one
        assert any(option in text for text in COMMANDS[module]), option


ROW = {"network": "E", "seed": 0}
RUN = {"row": ROW, "curve": [ROW], "predictions": LABELS, "validation": ROWS, "test": ROWS}
NOTEBOOK = nbformat.read(NOTEBOOKS[0], as_version=4)
DRAW, READ = "tools.handwriting.make_samples", "tools.handwriting.read_handwriting"
# What writes, and the file that must be as it was if there is no room for it.
WRITERS = {
    "runs/E_0.npz": lambda folder: save_run(folder, RUN),
    "runs.csv": lambda folder: write_csv(folder / "runs.csv", [ROW] * 99),
    "a.ipynb": lambda folder: run("tools.execute_notebooks", folder / "a.ipynb"),
    "costs.csv": lambda folder: execute_notebooks.record({}),
    "first_digits.png": lambda folder: execute_notebooks.write_figures(NOTEBOOK, folder),
    "a.txt": lambda folder: write_witnesses(folder / "a.txt", []),
    "network_e.keras": lambda folder: save_checkpoint(network_e(), folder / "network_e.keras"),
    "0_pencil_on_cream.jpg": lambda folder: run(DRAW, "--folder", folder),
    "s.png": lambda folder: run(READ, folder / "mine", "--sheet", folder / "s.png"),
    "t.csv": lambda folder: run(READ, folder / "mine", "--table", folder / "t.csv"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_and_leaves_what_was_there(name, place, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # Python would keep what it cut short
    monkeypatch.setattr(tempfile, "tempdir", "on another disk, and full")
    resource = pytest.importorskip("resource", reason="Windows sets no limit to files")
    instead = {"execute": lambda *_: 1, "has_mnist": lambda: True}
    for there, value in {"ROOT": place, "COSTS": place / "costs.csv", **instead}.items():
        monkeypatch.setattr(execute_notebooks, there, value)
    content = {
        "a.ipynb": nbformat.writes(nbformat.v4.new_notebook()).encode() + b" " * 99,
        "costs.csv": (ROOT / "results" / "notebook_costs.csv").read_bytes(),
    }
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_bytes(content.get(name, b"# what was there, and is longer\n" * 9))
    (place / "mine" / "3" / "no.png").write_bytes(b"")
    before = files_in(place)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    quiet = io.StringIO()
    with (
        pytest.raises(SystemExit, match=f"{name} could not be .* the room on the disk"),
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),
        answering(),
    ):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
            WRITERS[name](place)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_in(place) == before
