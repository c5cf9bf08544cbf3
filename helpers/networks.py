"""The networks of the series, one short builder each, all from (28, 28, 1) to ten probabilities.

A, B, C and E rebuild networks that are taught in many introductions; K is Keras's own example;
S is a small, fast one, and H its wider sister, for handwriting of every kind. Names of several
words are B or C with one thing changed, to see what that thing is good for. The comment beside a
layer is the shape of its output for one image.
None is compiled: `helpers.training.train` does that.
"""

from helpers.dataset import CLASSES, IMAGE_SHAPE
from helpers.quiet import keras

layers = keras.layers


def network_a():
    """A, "64-32": two convolutions one after the other, then pooling; 65,194 parameters."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(64, 3, activation="relu"),  # (26, 26, 64)
            layers.Conv2D(32, 3, activation="relu"),  # (24, 24, 32)
            layers.MaxPooling2D(),  # (12, 12, 32)
            layers.Flatten(),  # (4608,)
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="network_a",
    )


def network_b():
    """B, "32-pool-64-pool": the classic shape of a CNN; 225,034 parameters."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(32, 3, activation="relu"),  # (26, 26, 32)
            layers.MaxPooling2D(),  # (13, 13, 32)
            layers.Conv2D(64, 3, activation="relu"),  # (11, 11, 64)
            layers.MaxPooling2D(),  # (5, 5, 64)
            layers.Flatten(),  # (1600,)
            layers.Dense(128, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="network_b",
    )


def network_c():
    """C, "32-64-dropout": two convolutions, one pooling, dropout twice; 1,199,882 parameters.

    After Keras's own early MNIST example.
    """
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(32, 3, activation="relu"),  # (26, 26, 32)
            layers.Conv2D(64, 3, activation="relu"),  # (24, 24, 64)
            layers.MaxPooling2D(),  # (12, 12, 64)
            layers.Dropout(0.25),
            layers.Flatten(),  # (9216,)
            layers.Dropout(0.5),
            layers.Dense(128, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="network_c",
    )


def network_e():
    """E, "dense": no convolution at all; 101,770 parameters."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Flatten(),  # (784,)
            layers.Dense(128, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="network_e",
    )


def network_k():
    """K, Keras's own example: two convolutions, two poolings, dropout; 34,826 parameters.

    After F. Chollet, "Simple MNIST convnet", keras.io/examples/vision/mnist_convnet.
    """
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(32, 3, activation="relu"),  # (26, 26, 32)
            layers.MaxPooling2D(),  # (13, 13, 32)
            layers.Conv2D(64, 3, activation="relu"),  # (11, 11, 64)
            layers.MaxPooling2D(),  # (5, 5, 64)
            layers.Flatten(),  # (1600,)
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="network_k",
    )


def network_s():
    """S, "small and fast": strides early and normalises each batch; 29,658 parameters."""
    return _early_stride(16, 32, 64, name="network_s")


def network_h():
    """H, "handwriting": S with more filters; 62,506 parameters."""
    return _early_stride(32, 64, 64, name="network_h")


def _early_stride(first, second, third, name):
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            *_normalized_convolution(first, 5, strides=2),  # (12, 12, first)
            *_normalized_convolution(second, 3),  # (10, 10, second)
            layers.MaxPooling2D(),  # (5, 5, second)
            *_normalized_convolution(third, 3),  # (3, 3, third)
            layers.Flatten(),  # (9 * third,)
            layers.Dropout(0.3),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name=name,
    )


def _normalized_convolution(filters, size, strides=1):
    """Convolution without bias, batch normalisation (S. Ioffe and C. Szegedy, 2015), ReLU."""
    return [
        layers.Conv2D(filters, size, strides=strides, use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]


def network_b_narrow():
    """B with half of its filters; 108,618 parameters."""
    return _changed(network_b(), "network_b_narrow", times_filters=0.5)


def network_b_wide():
    """B with twice its filters; 485,514 parameters."""
    return _changed(network_b(), "network_b_wide", times_filters=2)


def network_b_no_pooling():
    """B without its pooling layers; 4,738,826 parameters."""
    return _changed(network_b(), "network_b_no_pooling", without=layers.MaxPooling2D)


def network_c_no_dropout():
    """C without its dropout layers; 1,199,882 parameters."""
    return _changed(network_c(), "network_c_no_dropout", without=layers.Dropout)


def _changed(model, name, without=(), times_filters=1):
    kept = []
    for layer in model.layers:
        config = layer.get_config()
        if "filters" in config:
            config["filters"] = int(config["filters"] * times_filters)
        if not isinstance(layer, without):
            kept.append(type(layer).from_config(config))
    return keras.Sequential([keras.Input(IMAGE_SHAPE), *kept], name=name)
