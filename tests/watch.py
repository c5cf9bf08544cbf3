"""Nothing learns from what judges it: watched where images meet Keras, whatever they are called.

In the kernel of each notebook, and in the tests of the tools and the study, `fit`, `evaluate` and
the like, and a call with `training=True` in a loop or graph of one's own, refuse to go on if

- a network learns from, or is chosen by, MNIST's test images,
- the images of `validation_data` are among those that it learns from,
- it is evaluated on images that it has learnt from, or
- it is given weights (earlier ones, say) after it has read test images.

Images are told by their pixels from dark to bright, so that scaled ones are the same ones.
"""

import contextlib
import functools
import io
import sys
import weakref

import numpy as np

learnt = weakref.WeakKeyDictionary()
has_read = weakref.WeakKeyDictionary()
judged = weakref.WeakSet()
seen = {"fits": 0, "evaluations": 0}


def install():
    """Watch Keras from now on, if it is loaded and not watched yet."""
    model = getattr(sys.modules.get("keras"), "Model", None)
    if model and not hasattr(model, "unwatched"):
        model.unwatched = {name: getattr(model, name) for name in WATCHED}
        for name, watching in WATCHED.items():
            setattr(model, name, watching)


def remove():
    model = sys.modules["keras"].Model
    for name, method in model.unwatched.items():
        setattr(model, name, method)
    del model.unwatched


def fit(self, x=None, y=None, *args, validation_data=None, **more):
    images = fingerprints(x)
    is_pair = isinstance(validation_data, (tuple, list))
    judges = fingerprints(validation_data[0] if is_pair else validation_data)
    refuse(judges & test_images(), "MNIST's test images would be validation data")
    refuse(images & judges, "the validation images would be learnt from, too")
    learns_from(self, images)
    seen["fits"] += 1
    return self.unwatched["fit"](self, x, y, *args, validation_data=validation_data, **more)


def train_on_batch(self, x, *args, **more):
    learns_from(self, fingerprints(x))
    return self.unwatched["train_on_batch"](self, x, *args, **more)


def learns_from(model, images):
    refuse(images & test_images(), "MNIST's test images would be learnt from")
    learnt.setdefault(model, set()).update(images)


def call(self, x, *args, training=None, **more):
    """Called to learn, outside of `fit` as well: what a graph holds fixed are its images."""
    if training:
        for images in given(x):
            learns_from(self, fingerprints(images))
    return self.unwatched["__call__"](self, x, *args, training=training, **more)


def given(x):
    """An array or tensor itself; of one in a graph, the images that the graph was given."""
    if not hasattr(x, "graph"):
        return [x]
    graph, found = x.graph, []
    while graph is not None:
        found += [outside for outside, _ in getattr(graph, "captures", ())]
        graph = getattr(graph, "outer_graph", None)
    return [x for x in found if hasattr(x, "numpy") and np.prod(x.shape[1:]) == 784]


def evaluate(self, x=None, *args, **more):
    known = learnt.get(self, set())
    refuse(fingerprints(x) & known, "the images to evaluate on were learnt from")
    seen["evaluations"] += 1
    return self.unwatched["evaluate"](self, x, *args, **more)


def reading(name):
    """`predict` or `predict_on_batch`: who reads test images with it is known as judged."""

    def read(self, x, *args, **more):
        has_read.setdefault(self, set()).update(images := fingerprints(x))
        if images & test_images():
            judged.add(self)
        return self.unwatched[name](self, x, *args, **more)

    return read


def set_weights(self, weights):
    if self in judged:
        raise AssertionError("The network has read MNIST's test images, and is given other weights")
    return self.unwatched["set_weights"](self, weights)


def load_weights(self, *given, **more):
    if self in judged:
        raise AssertionError("The network has read MNIST's test images, and loads other weights")
    return self.unwatched["load_weights"](self, *given, **more)


WATCHED = {"__call__": call, "fit": fit, "train_on_batch": train_on_batch}
WATCHED |= {"evaluate": evaluate, "set_weights": set_weights, "load_weights": load_weights}
WATCHED |= {name: reading(name) for name in ["predict", "predict_on_batch"]}


def refuse(images, what):
    if images:
        raise AssertionError(f"{len(images):,} of {what}")


def fingerprints(data):
    """What each image of an array, or of a dataset that holds its `images`, is known by."""
    if data is None:
        return set()
    images = np.asarray(getattr(data, "images", data))
    if images.ndim < 2 or images.dtype == object:
        raise AssertionError(f"Images that come as {type(data).__name__} cannot be watched")
    found = set()
    for start in range(0, len(images), 2000):
        part = images[start : start + 2000]
        part = part.reshape(len(part), -1).astype("float32")
        low, high = part.min(axis=1, keepdims=True), part.max(axis=1, keepdims=True)
        shown = (high > low)[:, 0]
        pixels = np.rint(255 * (part - low) / np.maximum(high - low, 1e-9)).astype("uint8")
        found.update(hash(row.tobytes()) for row in pixels[shown])
    return found


@functools.cache
def test_images():
    from helpers.dataset import load_mnist

    with contextlib.redirect_stdout(io.StringIO()):
        return fingerprints(load_mnist()[1][0])
