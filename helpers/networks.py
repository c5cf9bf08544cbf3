"""The networks of the series, one short builder each, all from (28, 28, 1) to ten probabilities.

A, B, C and E rebuild networks that are taught in many introductions; K is Keras's own example;
S is a small, fast one, and H its wider sister, for handwriting of every kind. The others are B
or C with one thing changed, to see what that thing is good for.
None is compiled: `helpers.training.train` does that.
"""

from helpers.quiet import keras

layers = keras.layers


def network_a():
    """A, "64-32": two convolutions one after the other, then pooling; 65,194 parameters.

    Conv 64 3x3 (26, 26, 64), Conv 32 3x3 (24, 24, 32), max-pool (12, 12, 32), flatten (4608),
    dense 10. Without its pooling layer it would have 203,434 parameters.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ],
        name="network_a",
    )


def network_b():
    """B, "32-pool-64-pool": the classic shape of a CNN; 225,034 parameters.

    Conv 32 3x3 (26, 26, 32), max-pool (13, 13, 32), Conv 64 3x3 (11, 11, 64),
    max-pool (5, 5, 64), flatten (1600), dense 128, dense 10.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="network_b",
    )


def network_c():
    """C, "32-64-dropout": two convolutions, one pooling, dropout twice; 1,199,882 parameters.

    Conv 32 3x3 (26, 26, 32), Conv 64 3x3 (24, 24, 64), max-pool (12, 12, 64), dropout 0.25,
    flatten (9216), dropout 0.5, dense 128, dense 10. After Keras's own early MNIST example.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="network_c",
    )


def network_e():
    """E, "dense": no convolution at all; 101,770 parameters.

    Flatten (784), dense 128, dense 10.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="network_e",
    )


def network_k():
    """K, Keras's own example: two convolutions, two poolings, dropout; 34,826 parameters.

    Conv 32 3x3 (26, 26, 32), max-pool (13, 13, 32), Conv 64 3x3 (11, 11, 64),
    max-pool (5, 5, 64), flatten (1600), dropout 0.5, dense 10. After F. Chollet, "Simple MNIST
    convnet", keras.io/examples/vision/mnist_convnet.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="network_k",
    )


def network_s():
    """S, "small and fast": strides early and normalises each batch; 29,658 parameters.

    Conv 16 5x5 stride 2 (12, 12, 16), Conv 32 3x3 (10, 10, 32), max-pool (5, 5, 32),
    Conv 64 3x3 (3, 3, 64), flatten (576), dropout 0.3, dense 10. Each convolution is without
    bias, then batch normalisation (S. Ioffe and C. Szegedy, 2015) and ReLU.
    """
    return _early_stride(16, 32, 64, name="network_s")


def network_h():
    """H, "handwriting": S with more filters; 62,506 parameters.

    Conv 32 5x5 stride 2 (12, 12, 32), Conv 64 3x3 (10, 10, 64), max-pool (5, 5, 64),
    Conv 64 3x3 (3, 3, 64), flatten (576), dropout 0.3, dense 10. Batches are normalised as in S.
    """
    return _early_stride(32, 64, 64, name="network_h")


def network_b_narrow():
    """B with half of its filters; 108,618 parameters.

    Conv 16 3x3 (26, 26, 16), max-pool (13, 13, 16), Conv 32 3x3 (11, 11, 32),
    max-pool (5, 5, 32), flatten (800), dense 128, dense 10.
    """
    return _changed(network_b(), "network_b_narrow", times_filters=0.5)


def network_b_wide():
    """B with twice its filters; 485,514 parameters.

    Conv 64 3x3 (26, 26, 64), max-pool (13, 13, 64), Conv 128 3x3 (11, 11, 128),
    max-pool (5, 5, 128), flatten (3200), dense 128, dense 10.
    """
    return _changed(network_b(), "network_b_wide", times_filters=2)


def network_b_no_pooling():
    """B without its pooling layers; 4,738,826 parameters.

    Conv 32 3x3 (26, 26, 32), Conv 64 3x3 (24, 24, 64), flatten (36864), dense 128, dense 10.
    """
    return _changed(network_b(), "network_b_no_pooling", without=layers.MaxPooling2D)


def network_c_no_dropout():
    """C without its dropout layers; 1,199,882 parameters.

    Conv 32 3x3 (26, 26, 32), Conv 64 3x3 (24, 24, 64), max-pool (12, 12, 64), flatten (9216),
    dense 128, dense 10.
    """
    return _changed(network_c(), "network_c_no_dropout", without=layers.Dropout)


def _changed(model, name, without=(), times_filters=1):
    kept = []
    for layer in model.layers:
        config = layer.get_config()
        if "filters" in config:
            config["filters"] = int(config["filters"] * times_filters)
        if not isinstance(layer, without):
            kept.append(type(layer).from_config(config))
    return keras.Sequential([keras.Input((28, 28, 1)), *kept], name=name)


def _early_stride(first, second, third, name):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *_normalized_convolution(first, 5, strides=2),
            *_normalized_convolution(second, 3),
            layers.MaxPooling2D(),
            *_normalized_convolution(third, 3),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ],
        name=name,
    )


def _normalized_convolution(filters, size, strides=1):
    return [
        layers.Conv2D(filters, size, strides=strides, use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]
