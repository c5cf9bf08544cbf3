"""A microscope for networks: point at any pixel of any layer, and see how its number comes about.

Python computes what the layers give for an image; the page (`microscope.js`) shows it, and does the
arithmetic of the pixel pointed at. Like the sketchpad it is made with anywidget.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from helpers.dataset import IMAGE_SHAPE
from helpers.errors import InputError, as_list, as_number, check_model, shown
from helpers.preprocessing import to_model_input

KINDS = {
    "Conv2D": "convolution",
    "MaxPooling2D": "pooling",
    "BatchNormalization": "normalization",
    "ReLU": "activation",
    "Softmax": "activation",
    "Activation": "activation",
    "Dropout": "",  # does nothing when reading
    "Flatten": "flatten",
    "Dense": "dense",
}
FUNCTIONS = ["linear", "relu", "sigmoid", "tanh", "softmax"]
# What settings of a layer must be, where it has them.
PLAIN = {
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "groups": 1,
    "max_value": None,
    "negative_slope": 0,
    "threshold": 0,
}
CAN_SHOW = f"The microscope shows {', '.join(KINDS)}, with the activations {', '.join(FUNCTIONS)}"


class _Place(traitlets.TraitType):
    def validate(self, microscope, place):
        return _check_place(place, microscope.layers)


class Microscope(anywidget.AnyWidget):
    """The layers of a network as they read one image; show it by the last line of a cell.

    Parameters
    ----------
    model : one of Keras's models that reads (N, 28, 28, 1), a plain chain of layers, one of them a
        convolution
    image : uint8 of shape (28, 28) or (28, 28, 1), or float of these shapes in [0, 1]; of a photo,
        `prepare(path).image`; of a drawing, `pad.reading.prepared.image`
    place : where to look first, whole numbers (layer, map, row, column); by default at the
        highest number of the first layer

    Layer 0 is the image; those without effect on a reading, such as dropout, are left out. Of a
    layer without rows and columns each number is a map of one pixel.

    `microscope.image` and `microscope.place` can be set later; `place` also follows the page.
    Raises `InputError` for what cannot be shown.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")

    layers = traitlets.List().tag(sync=True)
    outputs = traitlets.List().tag(sync=True)
    place = _Place().tag(sync=True)

    def __init__(self, model, image, place=None):
        self._chain = _chain(model)
        self._model, self._image = model, _one_image(image)
        layers, outputs = self._read(self._image)
        place = _highest(outputs[1]) if place is None else place
        super().__init__(layers=layers, outputs=[_as_bytes(x) for x in outputs], place=place)

    def __repr__(self):
        count = len(self.layers) - 1
        return f"Microscope: {self.model.name}, {count} layer{'s' if count > 1 else ''}"

    @property
    def model(self):
        return self._model

    @property
    def image(self):
        return self._image

    @image.setter
    def image(self, image):
        image = _one_image(image)
        layers, outputs = self._read(image)
        with self.hold_sync():
            self.layers, self.outputs = layers, [_as_bytes(x) for x in outputs]
        self._image = image

    def _read(self, image):
        """What the page is told of the layers, with the weights of now, and what they give."""
        outputs = _outputs(self._model, self._chain, image)
        return _described(self._chain, outputs), outputs


def _one_image(image):
    images = to_model_input(image)
    if len(images) != 1:
        raise InputError(f"One image is shown, these are {len(images)}: give images[0].")
    return images[0]


def _chain(model):
    """The layers that are shown, or `InputError` for what cannot be."""
    check_model(model, IMAGE_SHAPE)
    if not model.built:
        raise InputError("This network has no weights yet: begin it with keras.Input((28, 28, 1)).")
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    for layer in layers:
        odd = [x for x in PLAIN if getattr(layer, x, PLAIN[x]) != PLAIN[x]]
        if type(layer).__name__ not in KINDS:
            odd = [""]
        elif _function(layer) not in FUNCTIONS:
            odd = ["activation"]
        if odd:
            value = getattr(layer, odd[0], None)
            value = shown(getattr(value, "__name__", value))
            setting = f" with {odd[0]}={value}" if odd[0] else ""
            name = f"{layer.name!r} ({type(layer).__name__}{setting})"
            raise InputError(f"The layer {name} cannot be shown. {CAN_SHOW}, in a plain chain.")
    layers = [layer for layer in layers if KINDS[type(layer).__name__]]
    if not any(type(layer).__name__ == "Conv2D" for layer in layers):
        raise InputError(
            f"{model.name} has no convolution, so no pixel has a patch to look at: give one with "
            "Conv2D, such as networks.network_b()."
        )
    return layers


def _function(layer):
    if type(layer).__name__ in ["ReLU", "Softmax"]:
        return type(layer).__name__.lower()
    return getattr(getattr(layer, "activation", None), "__name__", "linear")


def _outputs(model, chain, image):
    """The image and what each layer gives for it, each a batch of one."""
    outputs = [image[np.newaxis]]
    try:
        for layer in chain:
            outputs.append(np.asarray(layer(outputs[-1]), "float32"))
        answer = np.asarray(model(outputs[0], training=False))
        is_chain = np.allclose(outputs[-1], answer, atol=1e-5, equal_nan=True)
    except Exception:  # noqa: BLE001, whatever Keras says of layers that do not fit
        is_chain = False
    if not is_chain:
        raise InputError(
            f"The layers of {model.name} are no plain chain: branches, several outputs, layers "
            "used twice and steps between layers cannot be shown."
        )
    for layer, output in zip(chain, outputs[1:]):
        if not np.isfinite(output).all():
            raise InputError(
                f"The layer {layer.name!r} gives numbers that are not finite, which cannot be "
                "shown. Did the loss become nan? Train anew, with a smaller learning rate."
            )
    return outputs


def _shape(output):
    """Rows, columns and maps; (1, 1, N) of N numbers without rows and columns."""
    return [1, 1, *output.shape[1:]][-3:]


def _highest(output):
    row, column, number = np.unravel_index(output.argmax(), _shape(output))
    return (1, int(number), int(row), int(column))


def _described(chain, outputs):
    """What the page is told of the image and of each layer."""
    image = {"name": "image", "kind": "image", "shape": _shape(outputs[0]), "weights": []}
    pairs = zip(chain, outputs, outputs[1:])
    return [image, *(_describe(layer, before, after) for layer, before, after in pairs)]


def _describe(layer, before, after):
    kind, function = KINDS[type(layer).__name__], _function(layer)
    needs_numbers = kind == "dense" or function == "softmax"
    is_odd = getattr(layer, "axis", -1) not in (-1, after.ndim - 1)
    if is_odd or (needs_numbers and after.ndim > 2):
        raise InputError(
            f"The layer {layer.name!r} cannot be shown: it works along rows or columns, or needs "
            "a Flatten() before it."
        )
    told = {"name": layer.name, "kind": kind, "shape": _shape(after), "function": function}
    weights = []
    if kind in ["convolution", "dense"]:
        weights = [layer.kernel, *([] if layer.bias is None else [layer.bias])]
    elif kind == "normalization":
        scale = np.ones(after.shape[-1]) if layer.gamma is None else layer.gamma
        shift = np.zeros(after.shape[-1]) if layer.beta is None else layer.beta
        weights = [layer.moving_mean, layer.moving_variance, scale, shift]
        told["epsilon"] = layer.epsilon
    if kind in ["convolution", "pooling"]:
        size = layer.kernel_size if kind == "convolution" else layer.pool_size
        told |= {"size": list(size), "strides": list(layer.strides)}
        told["before"] = _padding(layer, size, before.shape[1:3], after.shape[1:3])
    return told | {"weights": [_as_bytes(weight) for weight in weights]}


def _padding(layer, sizes, inputs, outputs):
    """How many rows and columns of padding lie before the first."""
    if layer.padding == "valid":
        return [0, 0]
    reach = [(n - 1) * stride for n, stride in zip(outputs, layer.strides)]
    return [max(0, a + size - n) // 2 for a, size, n in zip(reach, sizes, inputs)]


def _as_bytes(numbers):
    return np.asarray(numbers, "<f4").tobytes()


def _check_place(place, layers):
    place = as_list(place, "Layer, map, row and column")
    if len(place) != 4:
        raise InputError(
            f"A place is (layer, map, row, column), such as (1, 0, 12, 12), not {shown(place)}."
        )
    layer = as_number(place[0], "The layer of a place", 0, len(layers) - 1, whole=True)
    rows, columns, maps = layers[layer]["shape"]
    most = {"map": maps, "row": rows, "column": columns}
    inside = [
        as_number(value, f"The {name} of a place in layer {layer}", 0, count - 1, whole=True)
        for value, (name, count) in zip(place[1:], most.items())
    ]
    return (layer, *inside)
