"""Each network is what its docstring says."""

import re
from inspect import getsource, getsourcelines

import pytest

from helpers import networks
from helpers.quiet import keras

layers = keras.layers
NAMES = sorted(name for name in vars(networks) if name.startswith("network_"))


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def network(name):
    return getattr(networks, name)()


def test_the_parameters_are_as_many_as_the_docstring_says(network, name):
    (stated,) = re.findall(r"; ([\d,]+) parameters\.", getattr(networks, name).__doc__)
    assert f"{network.count_params():,}" == stated


def test_the_shapes_beside_the_layers_are_those_of_their_outputs(name):
    if re.search("_changed|_early_stride", getsource(getattr(networks, name))):
        return  # has no layers of its own
    code = [line for line in getsourcelines(getattr(networks, name))[0] if "layers." in line]
    for layer, line in zip(getattr(networks, name)().layers, code, strict=True):
        assert type(layer).__name__ in line
        if "#" in line:
            assert str(layer.output.shape[1:]) == line.split("# ")[1].strip()


def test_the_shapes_beside_the_layers_of_s_are_those_of_their_outputs():
    code = " ".join(getsourcelines(networks._early_stride)[0])
    shapes = [str(x.output.shape[1:]) for x in networks._early_stride(7, 11, 13, "x").layers]
    for stated in re.findall(r"# (\(.*\))", code):
        values = {"first": 7, "second": 11, "third": 13}
        assert str(eval(stated, values)) in shapes


def test_the_network_reads_grey_images_and_bears_its_name(network, name):
    assert network.input_shape == (None, 28, 28, 1)
    assert network.name == name
    assert not network.compiled


def test_every_hidden_layer_ends_in_relu_and_the_last_in_softmax(network):
    *hidden, last = [x for x in network.layers if isinstance(x, (layers.Conv2D, layers.Dense))]
    normalized = network.name in ("network_h", "network_s")
    assert {layer.activation.__name__ for layer in hidden} <= {"linear" if normalized else "relu"}
    assert last.activation.__name__ == "softmax"


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
