"""Whatever a public function is given: an answer, or an `InputError` in a sentence or two."""

import numpy as np
import pytest

from helpers import dataset, evaluation, preprocessing, training
from helpers.errors import InputError
from helpers.handwriting import augmentation, load_picture, mnist_form, reading
from helpers.networks import network_e

STORED = np.tile(np.arange(28, dtype="uint8") * 9, (40, 28, 1))
IMAGES = STORED[..., np.newaxis].astype("float32") / 255
LABELS = np.arange(40) % 10
ROWS = np.eye(10, dtype="float32")[LABELS] * 0.9 + 0.01
CALLS = {
    dataset.load_mnist: {"path": "stand-in"},
    dataset.read_npz: {"path": "x.npz"},
    dataset.train_validation_split: {"images": STORED, "labels": LABELS, "validation": 0.5},
    preprocessing.scale: {"images": STORED},
    preprocessing.to_model_input: {"images": STORED},
    preprocessing.one_hot: {"labels": LABELS},
    preprocessing.check_images: {"images": IMAGES},
    preprocessing.check_labels: {"labels": LABELS, "images": IMAGES},
    evaluation.accuracy_interval: {"correct": 9, "total": 10, "confidence": 0.95},
    evaluation.mean_interval: {"values": [1.0, 2.0], "confidence": 0.95},
    evaluation.paired_test: {"y_true": LABELS, "first": LABELS, "second": LABELS},
    evaluation.one_vs_rest: {"y_true": LABELS, "y_pred": LABELS},
    evaluation.digit_table: {"y_true": LABELS, "y_pred": LABELS},
    evaluation.most_confident_mistakes: {"y_true": LABELS, "probabilities": ROWS, "count": 3},
    evaluation.calibration_table: {"y_true": LABELS, "probabilities": ROWS, "bins": 5},
    evaluation.calibration_error: {"y_true": LABELS, "probabilities": ROWS, "bins": 5},
    evaluation.with_temperature: {"log_probabilities": np.log(ROWS), "temperature": 2.0},
    evaluation.fit_temperature: {"y_true": LABELS, "log_probabilities": np.log(ROWS)},
    training.train: {"images": STORED, "labels": ROWS.round(), "validation_data": (STORED, ROWS)},
    training.predict: {"images": STORED},
    training.set_seed: {"seed": 0},
    training.load_trained: {"name": "network_b"},
    training.load_checkpoint: {"path": "x.keras"},
    training.save_checkpoint: {"path": "x.keras"},
    load_picture: {"path": "x.png"},
    mnist_form.prepare: {"picture": STORED[0]},
    reading.read_digit: {"picture": STORED[0]},
    reading.predict_photo: {"path": "x.png"},
    augmentation.distort: {"images": IMAGES, "seed": 0},
}
BAD = {
    "None": None,
    "a word": "three",
    "an object": object(),
    "a dict": {},
    "an empty list": [],
    "ragged rows": [[1], [2, 3]],
    "words": ["a", "b"],
    "negative": -1,
    "zero": 0,
    "huge": 10**400,
    "NaN": float("nan"),
    "complex": np.ones((40, 28, 28), complex),
    "dates": np.zeros(40, "M8[D]"),
    "NaNs": np.full((40, 28, 28, 1), np.nan, "float32"),
    "none of them": np.zeros((0, 28, 28)),
    "five axes": np.zeros((2, 2, 2, 2, 2)),
    "too few": np.arange(3),
    "a long name": "a" * 5000,
    "a zero byte": "a\0b",
    "somebody's home": "~nobody-of-that-name/x",
}
HAS_MODEL = {training.train, training.predict, training.save_checkpoint}
# They take nothing, or are the steps of functions above.
STEPS = {"has_mnist", "cache_file", "stand_in", "shipped_network", "averaged"}
STEPS |= {"change_thickness", "random_matrices", "source_places", "waves", "sample"}
STEPS |= {"is_mnist_like", "bright_ink", "thicken", "stroke_width", "disk", "shrink", "center"}
CASES = [(f, name, bad) for f, valid in CALLS.items() for name in valid for bad in BAD]


@pytest.mark.parametrize(
    ("function", "name", "bad"), CASES, ids=[f"{f.__name__}-{n}-{b}" for f, n, b in CASES]
)
@pytest.mark.filterwarnings("ignore")
def test_bad_input_is_answered_in_a_sentence(function, name, bad, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = CALLS[function] | {name: BAD[bad]}
    if function in HAS_MODEL:
        arguments["model"] = network_e()
    try:
        answer = function(**arguments)
    except InputError as error:
        assert 15 < len(str(error)) < 500
        assert "\n" not in str(error).strip()
    else:
        numbers = (
            [x for x in np.atleast_1d(answer) if isinstance(x, float)] if is_flat(answer) else []
        )
        assert np.isfinite(numbers).all(), f"answers {answer}"


def is_flat(answer):
    return isinstance(answer, float) or (
        isinstance(answer, tuple) and all(isinstance(x, float) for x in answer)
    )


def test_every_public_function_is_tried():
    modules = [dataset, preprocessing, evaluation, training, augmentation, mnist_form, reading]
    for module in modules:
        for name, value in vars(module).items():
            public = callable(value) and not name.startswith("_") and not isinstance(value, type)
            if public and getattr(value, "__module__", "") == module.__name__:
                assert value in CALLS or name in STEPS, f"{module.__name__}.{name}"
