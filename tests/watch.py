"""Nothing learns from what judges it: watched where images meet Keras, whatever they are called.

In the kernel of each notebook, and in the tests of the tools and the study, `fit`, `evaluate` and
the like, and loops and graphs of one's own (whatever a network reads while slopes of its weights
are noted, or with `training=True`) refuse to go on if

- a network learns from, or is chosen by, MNIST's test images,
- the images of `validation_data` are among those that it learns from,
- it is evaluated on images that it has learnt from, or
- it is given weights (earlier ones, say) after it has read test images.

Images are told by their pixels from dark to bright, without the dark ones around, so that scaled
and moved ones are the same ones; turned ones are not, nor is it seen that single weights are
assigned.
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
recorded = weakref.WeakKeyDictionary()  # what each network has read since a tape began
learners = weakref.WeakKeyDictionary()  # the networks that learn in a function of TensorFlow
inside, tapes = [], []  # such functions and tapes, while they are open


def install():
    """Watch Keras and TensorFlow from now on, if they are loaded and not watched yet."""
    for owner, methods in classes():
        if "unwatched" not in vars(owner):
            owner.unwatched = {name: getattr(owner, name) for name in methods}
            for name, watching in methods.items():
                setattr(owner, name, watching)


def remove():
    for owner, methods in classes():
        for name in methods:
            method = owner.unwatched[name]
            setattr(owner, name, staticmethod(method) if name in STATIC else method)
        del owner.unwatched


STATIC = ["from_tensor_slices"]


def classes():
    """Each class that is watched, and what takes the places of its methods."""
    if not hasattr(sys.modules.get("keras"), "Model"):
        return []
    import tensorflow

    data = tensorflow.data.Dataset
    slices = staticmethod(functools.partial(dataset_of, data.from_tensor_slices))
    return [
        (sys.modules["keras"].Model, WATCHED),
        (type(tensorflow.function(lambda: None)), {"__call__": called}),
        (tensorflow.GradientTape, {"__enter__": enter, "__exit__": leave, "gradient": gradient}),
        (data, {"from_tensor_slices": slices}),
    ]


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
    """What it is called with: learnt from at once or with the tape's slopes, or read."""
    images = set().union(*map(fingerprints, given(x)))
    if training:
        learns_from(self, images)
    if tapes:
        recorded.setdefault(self, set()).update(images)
    elif not hasattr(x, "graph"):
        is_read(self, images)
    return self.unwatched["__call__"](self, x, *args, training=training, **more)


def given(x):
    """The images themselves; of a tensor in a graph, those that the graph holds fixed."""
    graph, found = getattr(x, "graph", None), [x]
    while graph is not None:
        found += [outside for outside, _ in getattr(graph, "captures", ())]
        graph = getattr(graph, "outer_graph", None)
    return [x for x in found if are_images(x)]


def are_images(x):
    is_there = isinstance(x, np.ndarray) or hasattr(x, "numpy") and not hasattr(x, "graph")
    return is_there and len(x.shape) > 1 and np.prod(x.shape[1:]) == 784


def called(self, *args, **more):
    """A function of TensorFlow: what learns in it learns from the images that it is given."""
    inside.append(self)
    try:
        result = self.unwatched["__call__"](self, *args, **more)
    finally:
        inside.pop()
    if self in learners:
        images = [fingerprints(x) for x in [*args, *more.values()] if are_images(x)]
        for model in learners[self]:
            learns_from(model, set().union(*images))
    return result


def enter(self):
    if not tapes:
        recorded.clear()
    tapes.append(self)
    return self.unwatched["__enter__"](self)


def leave(self, *error):
    tapes.remove(self)
    return self.unwatched["__exit__"](self, *error)


def gradient(self, target, sources, *args, **more):
    import tensorflow

    asked = {id(source) for source in tensorflow.nest.flatten(sources)}
    for model, images in recorded.items():
        if asked & {id(x) for own in model.trainable_variables for x in (own, own.value)}:
            learns_from(model, images)
            for function in inside:
                learners.setdefault(function, weakref.WeakSet()).add(model)
    return self.unwatched["gradient"](self, target, sources, *args, **more)


def dataset_of(unwatched, tensors, *args, **more):
    import tensorflow

    for images in filter(are_images, tensorflow.nest.flatten(tensors)):
        refuse(fingerprints(images) & test_images(), "MNIST's test images would be in a Dataset")
    return unwatched(tensors, *args, **more)


def evaluate(self, x=None, *args, **more):
    known = learnt.get(self, set())
    refuse(fingerprints(x) & known, "the images to evaluate on were learnt from")
    seen["evaluations"] += 1
    return self.unwatched["evaluate"](self, x, *args, **more)


def is_read(model, images):
    """Who reads test images is known as judged."""
    has_read.setdefault(model, set()).update(images)
    if images & test_images():
        judged.add(model)


def reading(name):
    def read(self, x, *args, **more):
        is_read(self, fingerprints(x))
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
WATCHED |= {name: reading(name) for name in ["predict", "predict_on_batch", "test_on_batch"]}


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
        found.update(hash(row.tobytes().strip(b"\0")) for row in pixels[shown])
    return found


@functools.cache
def test_images():
    from helpers.dataset import load_mnist

    with contextlib.redirect_stdout(io.StringIO()):
        return fingerprints(load_mnist()[1][0])
