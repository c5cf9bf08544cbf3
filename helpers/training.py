"""Train a network reproducibly, predict with it, save and load it."""

import math
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np

from helpers import errors, networks
from helpers.dataset import CLASSES, IMAGE_SHAPE, SIDE
from helpers.errors import InputError, as_array, as_number, as_path, check_model, explained, shown
from helpers.preprocessing import check_images, check_labels, scale, to_model_input, warn_if_odd
from helpers.quiet import keras, tensorflow
from helpers.whole_files import written_whole

AT_ONCE = 128  # images that are read and not learnt from
SOFTMAX = 'End it with Dense(10, activation="softmax").'
CHECKPOINTS = Path(__file__).parent / "checkpoints"


def set_seed(seed):
    """Seed Python, NumPy and TensorFlow, and make TensorFlow's operations deterministic.

    Two runs then agree to the last bit on one machine with the same number of threads; between
    machines they differ slightly.
    """
    keras.utils.set_random_seed(as_number(seed, "A seed", 0, 2**32 - 1, whole=True))
    tensorflow.config.experimental.enable_op_determinism()


def train(
    model,
    images,
    labels,
    *,
    validation_data=None,
    epochs=1,
    batch_size=128,
    optimizer="adam",
    loss="categorical_crossentropy",
    callbacks=(),
):
    """Compile and fit `model`, showing progress; returns Keras's `History`.

    Parameters
    ----------
    images : stored images, uint8 of shape (N, 28, 28), which become model input batch by batch;
        or model input, float32 of shape (N, 28, 28, 1) in [0, 1]
    labels : one-hot array of shape (N, 10), or integers (N,) with a sparse loss
    validation_data : pair `(images, labels)` of the same form, optional

    Raises
    ------
    InputError
        For what would ruin the training: NaN, wrong range, shape or length, an unknown loss.

    An interruption (Kernel > Interrupt) ends the training early: what was learnt stays in the
    model, and the history holds the epochs that were completed. To keep a file of the last whole
    epoch as well, give `keras.callbacks.ModelCheckpoint` as a callback.
    """
    check_model(model, IMAGE_SHAPE, (CLASSES,))
    epochs = as_number(epochs, "The number of epochs", 1, 10**6, whole=True)
    callbacks = errors.as_list(callbacks, "Callbacks")
    for one in callbacks:
        if not isinstance(one, keras.callbacks.Callback):
            raise InputError(f"Keras has callbacks such as EarlyStopping(), not {shown(one)}.")
    parts = [Batches(images, labels, batch_size)]
    if validation_data is not None:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise InputError("validation_data is a pair of images and labels: (x_val, y_val).")
        parts.append(Batches(*validation_data, AT_ONCE))
        _warn_if_seen(*parts)
    errors.known_by(keras.optimizers.get, optimizer, "The optimizer", ["adam", "sgd", "rmsprop"])
    _check_loss(loss, parts, (model.layers or [None])[-1])
    history = keras.callbacks.History()
    try:
        with explained("This network cannot be trained so"):
            model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
            model.fit(
                parts[0],
                validation_data=parts[1] if parts[1:] else None,
                epochs=epochs,
                shuffle=False,
                callbacks=[history, ProgressLines(), *callbacks],
                verbose=0,
            )
    except KeyboardInterrupt:
        print(f"Interrupted: {len(history.epoch)} of {epochs} epochs were completed.")
    if not np.isfinite(history.history.get("loss", [0])[-1]):
        warnings.warn("The loss is no number any more: lower the learning rate.", stacklevel=2)
    return history


def predict(model, images):
    """Probabilities of shape (N, 10) for stored images or model input (see `to_model_input`).

    Raises `InputError` if what the network answers are none.
    """
    check_model(model, IMAGE_SHAPE)
    images = to_model_input(images)
    batches = np.split(images, range(AT_ONCE, len(images), AT_ONCE))
    with explained("This network cannot read the images"):
        answers = np.concatenate([model.predict_on_batch(batch) for batch in batches])
    form = (len(images), CLASSES)
    return errors.as_probabilities(answers, "This network's answers", form, SOFTMAX)


class Batches(keras.utils.PyDataset):
    """Batches of images and labels in a new order each epoch; stored images become model input."""

    def __init__(self, images, labels, batch_size):
        super().__init__()
        self.images, self.labels = _checked_pair(images, labels)
        self.batch_size = as_number(batch_size, "The batch size", 1, 10**6, whole=True)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = tensorflow.random.shuffle(np.arange(len(self.images))).numpy()

    def __len__(self):
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, index):
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        images, labels = self.images[chosen], self.labels[chosen]
        return (scale(images) if images.dtype == np.uint8 else images), labels


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly to its peak, then falls linearly until the last step.

    L. N. Smith and N. Topin, "Super-convergence", 2017. Here it rises from `start` times the
    peak over the share `rise` of all `steps`, and ends at `end` times the peak.
    """

    def __init__(self, steps, peak=0.1, start=0.04, rise=0.2, end=0.002):
        self.steps = as_number(steps, "The number of steps", 1, 10**9, whole=True)
        self.peak = as_number(peak, "The peak", 1e-9, 1e3)
        self.start, self.end = (as_number(x, "start, like end,", 0, 1) for x in (start, end))
        self.rise = as_number(rise, "The share of the rise", 1e-6, 1 - 1e-6)

    def __call__(self, step):
        share = keras.ops.cast(step, "float32") / max(1, self.steps - 1)
        rising = self.start + (1 - self.start) * share / self.rise
        falling = self.end + (1 - self.end) * (1 - share) / (1 - self.rise)
        return self.peak * keras.ops.maximum(keras.ops.minimum(rising, falling), self.end)

    def get_config(self):
        return dict(vars(self))


class ProgressLines(keras.callbacks.Callback):
    """A line an epoch, and one that moves on within it; at the end, no more than 15 of them."""

    def on_train_begin(self, logs=None):
        from IPython import get_ipython
        from IPython.display import display

        self.lines, self.shown_at = [], 0.0
        shown = {"text/plain": ""}
        self.display = display(shown, raw=True, display_id=True) if get_ipython() else None

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self.shown_at > 0.5:
            self.shown_at = time.monotonic()
            share = (batch + 1) / self.params["steps"]
            self._show([*self.lines, f"epoch {len(self.lines) + 1}: {share:.0%}"])

    def on_epoch_end(self, epoch, logs=None):
        names = [name.replace("val_", "validation ").replace("_", " ") for name in logs]
        values = [f"{name} {value:.3f}" for name, value in zip(names, logs.values())]
        head = f"epoch {epoch + 1:2} of {self.params['epochs']}"
        self.lines.append("   ".join([head, *values]))
        self._show(self.lines)

    def on_train_end(self, logs=None):
        shown = max(1, len(self.lines) // 8)
        self._show(self.lines[::-shown][::-1])

    def _show(self, lines):
        if self.display:
            self.display.update({"text/plain": "\n".join(lines)}, raw=True)


def save_checkpoint(model, path):
    """Save `model` (layers and weights) as a `.keras` file, whole or not at all."""
    check_model(model)
    if not model.built:
        raise InputError("This network has no weights yet: begin it with keras.Input, or train it.")
    path = as_path(path)
    if path.suffix != ".keras":
        raise InputError(f"A checkpoint's name ends in .keras, not {shown(path.name)}.")
    with explained("This network cannot be saved"):
        bare = type(model).from_config(model.get_config())
        bare.set_weights(model.get_weights())
    with written_whole(path) as part:
        bare.save(part)


def load_checkpoint(path):
    """Load a model saved by `save_checkpoint`; refuses files that would run code of their own.

    A model needs the Keras that saved it, or a later one.
    """
    path = _whole_file(path)
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise InputError(f"{path} exists but cannot be loaded: {error}") from error


def load_trained(name):
    """A network of `helpers.networks`, such as "network_b", with the weights shipped here.

    It is built anew and only the weights are read, so that any Keras 3 can.
    """
    shipped = {path.stem: path for path in sorted(CHECKPOINTS.glob("*.keras"))}
    path = _whole_file(shipped[errors.one_of(name, "A shipped network", shipped)])
    network = getattr(networks, name)()
    network.load_weights(path)
    return network


def _whole_file(path):
    path = errors.as_file(path, "`make checkpoints` trains the networks of the series.")
    what = f"{path} exists ({path.stat().st_size:,} bytes) but is damaged or no .keras file"
    with explained(f"{what}. It was left as it is; save the model again under another name"):
        if part := zipfile.ZipFile(path).testzip():
            raise ValueError(part)
    return path


def _checked_pair(images, labels):
    images, labels = as_array(images, "Images"), as_array(labels, "Labels", errors.EVERY_KIND)
    if images.dtype == np.uint8:
        images = images[..., np.newaxis] if images.shape[1:] == (SIDE, SIDE) else images
        hint = "Use to_model_input(images)."
        as_array(images, "Stored images", shape=("N", *IMAGE_SHAPE), within=(0, 255), hint=hint)
    else:
        check_images(images)
    warn_if_odd(images, stacklevel=5)
    if labels.ndim != 2:
        return images, check_labels(labels, images)
    form = (len(images), CLASSES)
    return images, errors.as_probabilities(labels, "One-hot labels", form, "Use one_hot(labels).")


def _warn_if_seen(training, validation):
    def known_by(images):
        stored = images.dtype == np.uint8
        return [hash((x if stored else np.rint(255 * x).astype("u1")).tobytes()) for x in images]

    learnt, held_out = {*known_by(training.images)}, known_by(validation.images)
    if seen := sum(image in learnt for image in held_out):
        what = f"{seen:,} of {len(held_out):,} validation images are also learnt from; it flatters"
        warnings.warn(f"{what}: hold others out with train_validation_split.", stacklevel=3)


def _check_loss(loss, parts, last):
    names = ["categorical_crossentropy", "sparse_categorical_crossentropy"]
    loss = errors.known_by(keras.losses.get, loss, "The loss", names)
    sparse = "sparse" in getattr(loss, "__name__", type(loss).__name__).lower()
    fitting = all((part.labels.ndim == 1) == sparse for part in parts)
    if loss.__module__.startswith("keras.") and not fitting:
        raise InputError(
            f"Losses such as {names[0]} learn from one_hot(labels), {names[1]} from integers of "
            "shape (N,): change the labels, of both parts, or the loss."
        )
    ends_in = getattr(getattr(last, "activation", None), "__name__", "softmax")
    on_logits = getattr(loss, "from_logits", False)
    if "crossentropy" in str(loss).lower() and ends_in != "softmax" and not on_logits:
        raise InputError(f"The network ends in {ends_in}, so it gives no probabilities. {SOFTMAX}")
