"""Each network is what its docstring says."""

import re

import numpy as np
import pytest

from helpers import networks
from helpers.quiet import keras

layers = keras.layers
NAMES = sorted(name for name in vars(networks) if name.startswith("network_"))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def network(name):
    return getattr(networks, name)()


@pytest.fixture
def described(name):
    return " ".join(getattr(networks, name).__doc__.split())


def in_words(layer):
    """`layer` as the docstrings name it; None for those that they sum up in a sentence."""
    shape = layer.output.shape[1:]
    match layer:
        case layers.Conv2D(kernel_size=(height, width), strides=(down, _)):
            stride = f" stride {down}" if down > 1 else ""
            return f"conv {layer.filters} {height}x{width}{stride} {shape}"
        case layers.MaxPooling2D():
            return f"max-pool {shape}"
        case layers.Flatten():
            return f"flatten ({shape[0]})"
        case layers.Dropout():
            return f"dropout {layer.rate}"
        case layers.Dense():
            return f"dense {layer.units}"


def test_all_are_here():
    changed = ["b_narrow", "b_no_pooling", "b_wide", "c_no_dropout"]
    assert NAMES == sorted(f"network_{name}" for name in [*"abcehks", *changed])


def test_the_parameters_are_as_many_as_the_docstring_says(network, described):
    (stated,) = re.findall(r"; ([\d,]+) parameters\.", described)
    assert f"{network.count_params():,}" == stated


def test_the_layers_and_their_shapes_are_those_of_the_docstring(network, described):
    assert ", ".join(filter(None, map(in_words, network.layers))) + "." in described.lower()


def test_the_network_reads_grey_images_and_bears_its_name(network, name):
    assert network.input_shape == (None, 28, 28, 1)
    assert network.name == name
    assert not network.compiled


def test_the_answers_are_probabilities(network):
    images = np.random.default_rng(0).random((3, 28, 28, 1), dtype="float32")
    answers = network.predict(images, verbose=0)
    assert answers.shape == (3, 10)
    assert answers.min() > 0
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_every_hidden_layer_ends_in_relu_and_the_last_in_softmax(network):
    *hidden, last = [x for x in network.layers if isinstance(x, (layers.Conv2D, layers.Dense))]
    normalized = network.name in ("network_h", "network_s")
    assert {layer.activation.__name__ for layer in hidden} <= {"linear" if normalized else "relu"}
    assert last.activation.__name__ == "softmax"


def test_without_its_pooling_a_has_the_parameters_that_its_docstring_names():
    stated = re.search(r"Without its pooling .* ([\d,]+)\s+param", networks.network_a.__doc__)[1]
    kept = [x for x in networks.network_a().layers if not isinstance(x, layers.MaxPooling2D)]
    fresh = [type(layer).from_config(layer.get_config()) for layer in kept]
    unpooled = keras.Sequential([keras.Input((28, 28, 1)), *fresh])
    assert f"{unpooled.count_params():,}" == stated


@pytest.mark.parametrize("build", [networks.network_h, networks.network_s])
def test_each_convolution_is_without_bias_then_normalized_then_relu(build):
    all_layers = build().layers
    starts = [i for i, layer in enumerate(all_layers) if isinstance(layer, layers.Conv2D)]
    assert len(starts) == 3
    for i in starts:
        convolution, normalization, relu = all_layers[i : i + 3]
        assert not convolution.use_bias
        assert isinstance(normalization, layers.BatchNormalization)
        assert normalization.momentum == 0.9
        assert isinstance(relu, layers.ReLU)
