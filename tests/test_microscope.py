"""The microscope without a browser: what is sent to the page, and what can be set from code."""

import numpy as np
import pytest

from helpers import networks
from helpers.errors import InputError
from helpers.handwriting.sketchpad import Sketchpad
from helpers.microscope import Microscope
from helpers.quiet import keras

layers = keras.layers
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 28, 28), dtype="uint8")


def odd():
    """A chain with all that the networks of the series do without, and random weights."""
    random = np.random.default_rng(0)
    steps = [
        layers.Conv2D(3, (5, 2), strides=(3, 2), padding="same", activation="tanh"),
        layers.Dropout(0.5),
        layers.BatchNormalization(scale=False),
        layers.MaxPooling2D((3, 2), strides=2, padding="same"),
        layers.Conv2D(4, (2, 3), padding="same", use_bias=False),
        layers.Activation("sigmoid"),
        layers.Flatten(),
        layers.Dense(12, activation="relu"),
        layers.Dense(10, use_bias=False),
        layers.Softmax(),
    ]
    model = keras.Sequential([keras.Input((28, 28, 1)), *steps], name="odd")
    model.set_weights([random.uniform(0.1, 0.5, weight.shape) for weight in model.get_weights()])
    return model


def sent(microscope):
    """For each layer what the page knows: its settings, its weights and what it gives."""
    for told, output in zip(microscope.layers, microscope.outputs):
        weights = [np.frombuffer(weight, "<f4") for weight in told["weights"]]
        yield told | {"weights": weights}, np.frombuffer(output, "<f4").reshape(told["shape"])


def patches(told, below, fill):
    """What each window covers, as an array (rows, columns, height, width, maps below)."""
    (rows, columns, _), (height, width) = told["shape"], told["size"]
    wide = np.pad(below, [(9, 9), (9, 9), (0, 0)], constant_values=fill)
    (top, left), (down, right) = told["before"], told["strides"]
    windows = np.lib.stride_tricks.sliding_window_view(wide, (height, width), axis=(0, 1))
    windows = windows[9 - top :: down, 9 - left :: right][:rows, :columns]
    return np.moveaxis(windows, 2, -1)


def computed(told, below):
    """What a layer gives before its activation, by NumPy, from what was sent alone."""
    if told["kind"] == "convolution":
        (*_, maps), (height, width) = told["shape"], told["size"]
        kernel = told["weights"][0].reshape(height, width, below.shape[-1], maps)
        return np.tensordot(patches(told, below, 0), kernel, axes=3) + sum(told["weights"][1:])
    if told["kind"] == "pooling":
        return patches(told, below, -np.inf).max(axis=(2, 3))
    if told["kind"] == "normalization":
        mean, variance, scale, shift = told["weights"]
        return (below - mean) / np.sqrt(variance + told["epsilon"]) * scale + shift
    if told["kind"] == "dense":
        return below @ told["weights"][0].reshape(below.size, -1) + sum(told["weights"][1:])
    return below.reshape(told["shape"])


FUNCTIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(0, x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
}


@pytest.mark.parametrize("build", [odd, *(getattr(networks, f"network_{n}") for n in "abcksh")])
def test_what_the_page_is_sent_gives_what_the_network_gives(build):
    model = build()
    microscope = Microscope(model, IMAGES[0])
    (image, read), *rest = sent(microscope)
    np.testing.assert_array_equal(read[..., 0], IMAGES[0] / np.float32(255))
    effective = [x.name for x in model.layers if not isinstance(x, layers.Dropout)]
    assert [told["name"] for told, _ in rest] == effective
    for told, gives in rest:
        expected = FUNCTIONS[told["function"]](computed(told, read))
        np.testing.assert_allclose(gives, expected, rtol=1e-4, atol=1e-5, err_msg=told["name"])
        read = gives
    answer = model.predict_on_batch(IMAGES[:1, ..., np.newaxis] / np.float32(255))
    np.testing.assert_allclose(read[0, 0], answer[0], rtol=1e-4, atol=1e-6)
    assert repr(microscope) == f"Microscope: {model.name}, {len(effective)} layers"


def test_place_and_image_can_be_set_and_stay_when_what_is_set_is_wrong():
    microscope = Microscope(odd(), IMAGES[0])
    layer, number, row, column = microscope.place
    assert layer == 1
    first = next(gives for told, gives in sent(microscope) if told["kind"] == "convolution")
    assert first[row, column, number] == first.max()
    microscope.place = [2, 1, np.int64(9), 13]
    before = microscope.outputs
    for form in [IMAGES[1], IMAGES[1][..., np.newaxis], IMAGES[1] / 255, [IMAGES[1]]]:
        microscope.image = IMAGES[0]
        microscope.image = form
        np.testing.assert_allclose(microscope.image[..., 0], IMAGES[1] / 255, atol=1e-7)
        assert microscope.outputs != before, "another image, the same place"
    learning = microscope.model.layers[0]
    learning.set_weights([0 * weights for weights in learning.get_weights()])
    microscope.image = IMAGES[1]
    assert not next(told for told, _ in sent(microscope) if told["weights"])["weights"][0].any()
    with pytest.raises(AttributeError):
        microscope.model = odd()
    before = microscope.outputs
    for name, wrong in [("image", IMAGES), ("place", (2, 1, 10, 13)), ("place", (2, 1, 9))]:
        with pytest.raises(InputError):
            setattr(microscope, name, wrong)
    assert (microscope.place, microscope.outputs) == ((2, 1, 9, 13), before)


def test_a_drawing_is_shown_as_the_pad_prepared_it():
    drawn = Sketchpad(strokes=[[[0.5, 0.2], [0.5, 0.8]]]).reading.prepared.image
    (_, image), *_ = sent(Microscope(odd(), drawn))
    np.testing.assert_array_equal(image, drawn.reshape(28, 28, 1))
    assert image.max() > 0.9 and image[:, :5].max() == 0, "a stroke in the middle"


def test_a_chain_made_by_calls_is_shown_like_a_sequential_one():
    image = keras.Input((28, 28, 1))
    maps = layers.ReLU()(layers.Conv2D(2, 3, name="first")(image))
    shown = Microscope(keras.Model(image, maps, name="maps"), IMAGES[0])
    assert repr(shown) == "Microscope: maps, 2 layers"
    assert [told["shape"] for told in shown.layers] == [[28, 28, 1], [26, 26, 2], [26, 26, 2]]
