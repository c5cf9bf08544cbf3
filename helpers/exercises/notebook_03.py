"""What is right in the exercises of notebook 03."""

from helpers.exercises.checking import RIGHT


def _exercise_1():
    """two in a list: "blurs", "sharpens", "moves left", "moves right", "moves up", "moves down"."""
    mean = "Not yet: a ninth of each of nine pixels makes their mean. What becomes of an edge?"
    side = "Not yet: each place answers with its neighbour. So where does that neighbour turn up?"
    ways = [
        (RIGHT, ["blurs", "moves left"]),
        (mean, ["sharpens", "moves left"]),
        (mean, ["sharpens", "moves right"]),
        (side, ["blurs", "moves right"]),
        ("Not yet: in which row of the second filter is the 1?", ["blurs", "moves up"]),
        ("Not yet: the 1 of the second filter is in its middle row.", ["blurs", "moves down"]),
        ("Not yet: `np.ones((3, 3)) / 9` was the first of the two.", ["moves left", "blurs"]),
    ]
    return ways + [(word, [text.removeprefix("moves ") for text in two]) for word, two in ways]


def _exercise_2():
    """two whole numbers in a list: without padding, and with."""
    without, padded = _together(12), _together(14)
    pools = "Not yet: B pools twice, C once. How many numbers are flattened?"
    return [
        (RIGHT, [without, padded]),
        ("Not yet: the number without padding comes first.", [padded, without]),
        ("Not yet: there is a bias for each filter, too.", [_together(12, 0), _together(14, 0)]),
        ("Not yet: max-pooling halves rows and columns.", [_together(24), _together(28)]),
        ("Not yet: both convolutions are padded, not one.", [without, _together(13)]),
        (
            "Not yet: how many channels come into the second convolution?",
            [_together(side, channels=1) for side in (12, 14)],
        ),
        ("Not yet: padding changes what is flattened.", [without, without]),
        (pools, [_together(5), _together(7)]),
        (pools, [_together(6), _together(7)]),
    ]


def _together(side, bias=1, channels=32):
    """The parameters of network C, if its maps have so many rows and columns in the end."""
    flat = side * side * 64
    convolutions = (9 + bias) * 32 + (9 * channels + bias) * 64
    return convolutions + (flat + bias) * 128 + (128 + bias) * 10


def _exercise_3(answer):
    """the network itself, a Keras model."""
    kinds = [type(layer).__name__ for layer in _layers_of(answer)]
    if not answer.built:
        return "Not yet: it knows no shapes. Let it begin with `keras.Input`."
    if (answer.input_shape[1:], answer.output_shape[1:]) != ((28, 28, 1), (10,)):
        return "Not yet: it should read (28, 28, 1), and answer with ten numbers."
    if (convolutions := sum("Conv" in kind for kind in kinds)) != 2:
        return f"Not yet: two convolutions were asked. Here I count {convolutions}."
    if (parameters := answer.count_params()) >= 10_000:
        return f"Not yet: {parameters:,} parameters. Which layer has most of them, and why?"
    return RIGHT


def _layers_of(network):
    """Its layers, those of networks within it, too."""
    for layer in network.layers:
        yield from _layers_of(layer) if hasattr(layer, "layers") else [layer]
