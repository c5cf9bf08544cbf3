"""One run of the study: a network trained under the common protocol, and what is measured.

`python -m study` sends many of them to a cluster.
"""

import math
import platform
import time
import zlib

import numpy as np

from helpers import networks
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras, tensorflow
from helpers.training import AT_ONCE, OneCycle, predict, set_seed, train


def limit_threads(threads):
    """Let TensorFlow compute with so many threads; only before its first operation."""
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)


def train_and_measure(parts, network, seed, epochs, batch_size, optimizer, after_epoch=None):
    """Train `network` (such as "B_wide", for `helpers.networks.network_b_wide`) and measure it.

    Parameters
    ----------
    parts : {"training", "validation", "test"} to pairs of uint8 images (N, 28, 28) and labels (N,)
    optimizer : "adam", or "one-cycle" for SGD with Nesterov momentum and `OneCycle`
    after_epoch : called with the number of epochs done, first with 0

    Returns
    -------
    dict with "row" (what was run, and its figures), "curve" (a dict for each epoch),
    "predictions" (digits of the test images, uint8), and "validation" and "test" (logarithms of
    the probabilities, float16 of shape (N, 10), none of them clipped)
    """
    # Stored images, which all runs share: Keras keeps what it learnt from as long as the process.
    images = {part: pixels for part, (pixels, _) in parts.items()}
    labels = {part: digits for part, (_, digits) in parts.items()}
    own = own_seed(network, seed)
    set_seed(own)
    model = seeded(getattr(networks, f"network_{network.lower()}")(), own)
    meter = Meter(
        to_model_input(images["test"]), labels["test"], after_epoch or (lambda epochs_done: None)
    )
    history = train(
        model,
        images["training"],
        one_hot(labels["training"]),
        validation_data=(images["validation"], one_hot(labels["validation"])),
        epochs=epochs,
        batch_size=batch_size,
        optimizer=_optimizer(optimizer, math.ceil(len(images["training"]) / batch_size) * epochs),
        callbacks=[meter],
    )
    logarithms = {part: log_probabilities(model, to_model_input(images[part])) for part in images}
    row = {
        "network": network,
        "parameters": int(model.count_params()),
        "seed": seed,
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        **{f"{part}_images": len(images[part]) for part in images},
        "threads": tensorflow.config.threading.get_intra_op_parallelism_threads(),
        "seconds_per_epoch": round(float(np.mean(meter.seconds)), 3),
        "cpu_seconds_per_epoch": round(float(np.mean(meter.cpu_seconds)), 3),
        **{
            f"{part}_{name}": value
            for part in images
            for name, value in scores_of(np.exp(logarithms[part]), labels[part]).items()
        },
        **versions(),
    }
    return {
        "row": row,
        "curve": _curve(network, seed, history.history, meter),
        "predictions": logarithms["test"].argmax(axis=1).astype("uint8"),
        "validation": logarithms["validation"].astype("float16"),
        "test": logarithms["test"].astype("float16"),
    }


def own_seed(network, seed):
    """Seed 0 of one network draws other numbers than seed 0 of the next."""
    return zlib.crc32(f"{network}_{seed}".encode())


def seeded(model, seed):
    """`model` built anew, every layer with a seed of its own drawn from `seed`.

    Keras takes what starts a layer from Python's one generator, and on a Dask worker another
    thread draws from that too (`dask.sizeof` samples), so `set_seed` alone would not repeat.
    """
    config = model.get_config()
    draws = np.random.default_rng(seed)
    for layer in config["layers"]:
        own = layer["config"]
        for place in [own, own.get("kernel_initializer", {}).get("config", {})]:
            if "seed" in place:
                place["seed"] = int(draws.integers(2**31))
    return type(model).from_config(config)


def log_probabilities(model, images):
    """Logarithms of what `model` answers, (N, 10): from what its softmax reads, so none is -inf."""
    from scipy.special import log_softmax

    bare = type(model).from_config(model.get_config())
    bare.layers[-1].activation = keras.activations.linear
    bare.set_weights(model.get_weights())
    batches = np.split(images, range(AT_ONCE, len(images), AT_ONCE))
    logits = np.concatenate([bare.predict_on_batch(batch) for batch in batches])
    return log_softmax(logits.astype("float64"), axis=1)


class Meter(keras.callbacks.Callback):
    """What each epoch's training took, validation left out, and the test accuracy after it."""

    def __init__(self, images, labels, after_epoch):
        super().__init__()
        self.images, self.labels, self.after_epoch = images, labels, after_epoch
        self.seconds, self.cpu_seconds, self.test_accuracy = [], [], []

    def on_train_begin(self, logs=None):
        self.after_epoch(0)

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter(), time.process_time()

    def on_test_begin(self, logs=None):
        self.seconds.append(time.perf_counter() - self.began[0])
        self.cpu_seconds.append(time.process_time() - self.began[1])

    def on_epoch_end(self, epoch, logs=None):
        scores = scores_of(predict(self.model, self.images), self.labels)
        self.test_accuracy.append(scores["accuracy"])
        self.after_epoch(epoch + 1)


def versions():
    """The versions of Python, Keras, TensorFlow and NumPy that a run depends on."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "numpy": np.__version__,
    }


def _optimizer(name, steps):
    if name == "one-cycle":
        return keras.optimizers.SGD(OneCycle(steps), momentum=0.9, nesterov=True)
    return name


def scores_of(probabilities, labels):
    from sklearn.metrics import log_loss

    loss = float(log_loss(labels, probabilities, labels=range(10)))
    correct = int((probabilities.argmax(axis=1) == labels).sum())
    return {"loss": round(loss, 6), "accuracy": round(correct / len(labels), 6)}


def _curve(network, seed, history, meter):
    return [
        {
            "network": network,
            "seed": seed,
            "epoch": epoch,
            "seconds": round(meter.seconds[epoch - 1], 3),
            "cpu_seconds": round(meter.cpu_seconds[epoch - 1], 3),
            "training_loss_while_learning": round(history["loss"][epoch - 1], 6),
            "training_accuracy_while_learning": round(history["accuracy"][epoch - 1], 6),
            "validation_loss": round(history["val_loss"][epoch - 1], 6),
            "validation_accuracy": round(history["val_accuracy"][epoch - 1], 6),
            "test_accuracy_logged_only": meter.test_accuracy[epoch - 1],
        }
        for epoch in range(1, len(history["loss"]) + 1)
    ]
