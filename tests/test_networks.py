"""Each network is what its docstring says."""

import re
from inspect import getsource, getsourcelines

import pytest

from helpers import networks
from helpers.quiet import keras

BatchNormalization, ReLU = keras.layers.BatchNormalization, keras.layers.ReLU
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
    assert (network.input_shape, network.name) == ((None, 28, 28, 1), name)
    assert not network.compiled


def test_the_shapes_beside_the_layers_are_those_of_their_outputs(network, name):
    if re.search("_changed|_early_stride", getsource(getattr(networks, name))):
        return  # has no layers of its own
    code = [line for line in getsourcelines(getattr(networks, name))[0] if "layers." in line]
    for layer, line in zip(network.layers, code, strict=True):
        assert type(layer).__name__ in line
        if "#" in line:
            assert str(layer.output.shape[1:]) == line.split("# ")[1].strip()


def test_every_hidden_layer_ends_in_relu_and_the_last_in_softmax(network):
    *hidden, last = [layer for layer in network.layers if hasattr(layer, "kernel")]
    assert last.activation.__name__ == "softmax"
    for layer in hidden:
        if network.name not in ("network_h", "network_s"):
            assert layer.activation.__name__ == "relu"
            continue
        normalization, relu = network.layers[network.layers.index(layer) + 1 :][:2]
        assert layer.activation.__name__ == "linear" and not layer.use_bias
        assert type(normalization) is BatchNormalization and normalization.momentum == 0.9
        assert type(relu) is ReLU
