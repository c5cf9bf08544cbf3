"""Training repeats exactly, refuses what would ruin it, and leaves whole files only."""

import errno
import os
import re
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from helpers import networks
from helpers.dataset import load_mnist, stand_in, train_validation_split
from helpers.errors import InputError
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import held_back_stderr, keras
from helpers.training import (
    CHECKPOINTS,
    ProgressLines,
    load_checkpoint,
    load_trained,
    predict,
    save_checkpoint,
    set_seed,
    train,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((40, 28, 28, 1), dtype="float32") / 2
LABELS = one_hot(np.arange(40) % 10)


def tiny():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def filled(value):
    """A tiny network, every weight of which is `value`."""
    model = tiny()
    model.set_weights([np.full_like(weights, value) for weights in model.get_weights()])
    return model


def assert_same_weights(model, other):
    for weights, others in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, others)


def changed(array, at, value):
    array = array.copy()
    array[at] = value
    return array


@pytest.fixture
def file(tmp_path):
    return tmp_path / "réseau" / "de neurones" / "tiny.keras"


# Training


def trained(seed):
    set_seed(seed)
    model = tiny()
    train(model, IMAGES, LABELS, epochs=2, batch_size=8)
    return model


def test_one_seed_gives_one_result_to_the_last_bit():
    first = trained(seed=1)
    assert_same_weights(first, trained(seed=1))
    with pytest.raises(AssertionError):
        assert_same_weights(first, trained(seed=2))


@pytest.mark.parametrize("form", [lambda stored: stored, lambda stored: stored[..., 0]])
def test_stored_images_train_as_their_model_input_does(form):
    stored = (IMAGES * 255).astype("uint8")
    models = []
    for images in [form(stored), to_model_input(stored)]:
        set_seed(1)
        models.append(tiny())
        train(models[-1], images, LABELS, batch_size=8, validation_data=(images, LABELS))
    assert_same_weights(*models)


def test_the_history_holds_every_epoch_of_both_parts():
    history = train(tiny(), IMAGES, LABELS, validation_data=(IMAGES, LABELS), epochs=2)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.history.values()} == {2}


def test_no_progress_bar_of_keras_is_shown(capsys):
    model = tiny()
    train(model, IMAGES, LABELS)
    predict(model, IMAGES)
    assert "step" not in capsys.readouterr().out


def test_the_optimizer_given_is_used():
    model = filled(0.5)
    train(model, IMAGES, LABELS, optimizer=keras.optimizers.SGD(0.0))
    assert_same_weights(model, filled(0.5))


def test_training_learns():
    (images, labels), _ = stand_in()
    set_seed(0)
    model = keras.Sequential(networks.network_e().layers)
    images = images[..., np.newaxis] / np.float32(255)
    history = train(model, images, one_hot(labels), epochs=3, batch_size=32)
    assert history.history["accuracy"][-1] > 0.9


SPARSE = LABELS.argmax(axis=1)


@pytest.mark.parametrize("part", ["training", "validation"])
@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (changed(IMAGES, (7, 1, 2), np.nan), LABELS, r"Image 7 holds NaN .*\(1, 2, 0\)"),
        (IMAGES * 255, LABELS, r"lies in \[0, 1\].*Use to_model_input\(images\)"),
        (np.zeros((40, 32, 32), "uint8"), LABELS, r"stored images of shape \(N, 28, 28\), got"),
        (IMAGES[..., 0], LABELS, r"Expected images of shape \(N, 28, 28, 1\)"),
        (IMAGES[:0], LABELS[:0], "batch is empty"),
        (IMAGES, LABELS[:-1], "40 images, but 39 labels"),
        (IMAGES, changed(SPARSE, 3, 10), "Label 10 at index 3"),
        (IMAGES, changed(SPARSE, 3, -1), "Label -1 at index 3"),
        (IMAGES, SPARSE.astype(str), "got dtype <U"),
        (IMAGES, changed(LABELS, 3, np.nan), r"one-hot labels of shape \(N, 10\) without NaN"),
        (IMAGES, LABELS[:, :5], r"one-hot labels.*got \(40, 5\). Use one_hot"),
        (IMAGES, SPARSE[:, np.newaxis], r"one-hot labels.*got \(40, 1\)"),
    ],
)
def test_what_would_ruin_a_training_is_refused_before_it_begins(images, labels, message, part):
    model = filled(0.5)
    validation_data = None
    if part == "validation":
        (images, labels), validation_data = (IMAGES, LABELS), (images, labels)
    with pytest.raises(InputError, match=message):
        train(model, images, labels, validation_data=validation_data)
    assert_same_weights(model, filled(0.5))
    assert not model.compiled


@pytest.mark.parametrize("forgotten", [IMAGES, (IMAGES,), (IMAGES, LABELS, LABELS), "test"])
def test_validation_data_without_labels_is_refused(forgotten):
    with pytest.raises(InputError, match=r"a pair of images and labels: \(x_val, y_val\)"):
        train(tiny(), IMAGES, LABELS, validation_data=forgotten)


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.weights = self.model.get_weights()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 7:
            raise KeyboardInterrupt


def test_an_interruption_keeps_what_was_learnt_and_the_whole_epochs(capsys):
    model = tiny()
    interrupt = Interrupt()
    history = train(model, IMAGES, LABELS, epochs=3, batch_size=8, callbacks=[interrupt])
    assert history.epoch == [0]
    assert len(history.history["loss"]) == 1
    assert capsys.readouterr().out.endswith("Interrupted: 1 of 3 epochs were completed.\n")
    assert not np.array_equal(model.get_weights()[0], interrupt.weights[0]), "two batches more"
    assert len(train(model, IMAGES, LABELS, epochs=2).epoch) == 2


@pytest.mark.parametrize("epochs", [1, 3, 15, 16, 24, 100])
def test_progress_ends_with_at_most_fifteen_lines_and_the_last_epoch(epochs, monkeypatch):
    shown = []
    monkeypatch.setattr(ProgressLines, "_show", lambda self, lines: shown.append(list(lines)))
    progress = ProgressLines()
    progress.set_params({"epochs": epochs, "steps": 4})
    progress.on_train_begin()
    progress.on_train_batch_end(0)
    for epoch in range(epochs):
        progress.on_epoch_end(epoch, {"accuracy": 0.98765, "val_top_k": 0.1})
    progress.on_train_end()
    assert shown[0] == ["epoch 1: 25%"]
    last = f"epoch {epochs:2} of {epochs}   accuracy 0.988   validation top k 0.100"
    assert shown[-1][-1] == last
    assert min(epochs, 8) <= len(shown[-1]) <= 15


def test_progress_is_shown_in_one_place_and_moves_on(monkeypatch):
    shown = []

    def display(bundle, raw, display_id=False):
        """Gives a handle for later updates only to those who ask, as IPython's does."""
        shown.append(bundle["text/plain"])
        update = SimpleNamespace(update=lambda bundle, raw: shown.append(bundle["text/plain"]))
        return update if display_id else None

    monkeypatch.setattr("IPython.get_ipython", object)
    monkeypatch.setattr("IPython.display.display", display)
    train(tiny(), IMAGES, LABELS, epochs=2, batch_size=10)
    assert shown[:2] == ["", "epoch 1: 25%"]
    assert re.fullmatch(
        r"epoch  1 of 2   accuracy \d\.\d{3}   loss \d\.\d{3}\nepoch  2 of 2 .*", shown[-1]
    )


# Saving


@pytest.mark.parametrize("form", [Path, str])
def test_a_saved_network_comes_back_with_its_answers(file, form):
    model = trained(seed=1)
    save_checkpoint(model, form(file))
    loaded = load_checkpoint(form(file))
    np.testing.assert_array_equal(predict(loaded, IMAGES), predict(model, IMAGES))
    assert os.listdir(file.parent) == ["tiny.keras"]


def test_a_checkpoint_holds_no_optimizer(file):
    model = trained(seed=1)
    save_checkpoint(model, file)
    assert not keras.saving.load_model(file).compiled
    with zipfile.ZipFile(file) as archive:
        assert b"optimizer" not in archive.read("model.weights.h5")
    assert model.compiled, "and the one at hand can be trained on"


def no_room(self, path):
    Path(path).write_bytes(b"half a file")
    raise OSError(errno.ENOSPC, "No space left on device")


def no_replacing(source, target):
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    ("place", "name", "broken"), [(keras.Model, "save", no_room), (os, "replace", no_replacing)]
)
def test_a_save_that_fails_leaves_the_old_file_and_no_other(
    file, monkeypatch, place, name, broken, exists
):
    if exists:
        save_checkpoint(filled(1), file)
        before = file.read_bytes()
    monkeypatch.setattr(place, name, broken)
    with pytest.raises(OSError, match="No space left|Permission denied"):
        save_checkpoint(filled(2), file)
    assert os.listdir(file.parent) == (["tiny.keras"] if exists else [])
    assert not exists or file.read_bytes() == before


def test_a_checkpoint_has_a_keras_name(tmp_path):
    with pytest.raises(InputError, match=r"ends in \.keras, not 'tiny\.h5'"):
        save_checkpoint(tiny(), tmp_path / "tiny.h5")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows replaces no file that is being read")
def test_two_writers_never_show_a_reader_half_a_file(file):
    save_checkpoint(filled(0), file)
    end = time.monotonic() + 2

    def write(value):
        model = filled(value)
        while time.monotonic() < end:
            save_checkpoint(model, file)

    def read():
        while time.monotonic() < end:
            values = np.unique(
                np.concatenate([w.ravel() for w in load_checkpoint(file).get_weights()])
            )
            assert values.tolist() in [[0], [1], [2]]

    with ThreadPoolExecutor() as pool:
        for work in [pool.submit(write, 1), pool.submit(write, 2), pool.submit(read)]:
            work.result()
    assert os.listdir(file.parent) == ["tiny.keras"]


# Loading


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "tiny.keras"
    save_checkpoint(filled(1), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda whole: b"", r"exists \(0 bytes\) but is damaged"),
        (
            lambda whole: b"five",
            r"exists \(4 bytes\) but is damaged or no \.keras file.*left as it",
        ),
        (lambda whole: whole[:-100], r"exists \([\d,]+ bytes\) but is damaged"),
        (lambda whole: whole[: len(whole) // 2], "but is damaged"),
        (lambda whole: whole[:20000] + b"flipped" + whole[20007:], "but is damaged"),
        (lambda whole: whole.replace(b"Dropout", b"Dropin!"), "but is damaged"),
    ],
    ids=["empty", "text", "truncated", "half", "damaged weights", "damaged configuration"],
)
def test_a_damaged_checkpoint_is_named_and_left_as_it_is(tmp_path, whole, spoil, message):
    file = tmp_path / "tiny.keras"
    file.write_bytes(spoil(whole))
    with pytest.raises(InputError, match=message) as refusal:
        load_checkpoint(file)
    assert str(file) in str(refusal.value)
    assert file.read_bytes() == spoil(whole)


@pytest.mark.parametrize("name", ["missing.keras", "."])
def test_a_missing_checkpoint_is_named_with_the_command_that_makes_it(tmp_path, name):
    with pytest.raises(InputError, match="no checkpoint .*`make checkpoints`") as refusal:
        load_checkpoint(tmp_path / name)
    assert str(tmp_path / name) in str(refusal.value)


def test_a_checkpoint_that_runs_code_of_its_own_is_refused(tmp_path):
    code = keras.layers.Lambda(lambda x: print("code of its own") or x)
    keras.Sequential([keras.Input((2,)), code]).save(tmp_path / "lambda.keras")
    with pytest.raises(InputError, match=r"lambda\.keras exists but cannot be loaded.*Lambda"):
        load_checkpoint(tmp_path / "lambda.keras")


def test_a_network_that_was_saved_with_its_optimizer_comes_without(tmp_path):
    trained(seed=1).save(tmp_path / "whole.keras")
    assert not load_checkpoint(tmp_path / "whole.keras").compiled


# Predicting


def test_one_network_answers_every_form_in_any_order():
    model = trained(seed=1)
    images = IMAGES[..., 0]
    answers = model.predict(IMAGES, verbose=0)
    for _ in range(2):
        for one in images[0], IMAGES[0], images[:1], IMAGES[:1]:
            np.testing.assert_allclose(predict(model, one), answers[:1], atol=1e-6)
        for many in images, IMAGES, list(images):
            np.testing.assert_allclose(predict(model, many), answers, atol=1e-6)


def test_stored_images_get_the_answers_of_their_model_input():
    (images, _), _ = stand_in()
    model = trained(seed=1)
    scaled = images[:20, ..., np.newaxis] / np.float32(255)
    np.testing.assert_array_equal(predict(model, images[:20]), predict(model, scaled))


@pytest.mark.parametrize("images", [changed(IMAGES, 3, np.nan), None, [], np.zeros((2, 32, 32))])
def test_what_is_no_image_gets_no_answer(images):
    with pytest.raises(InputError):
        predict(tiny(), images)


# The shipped networks


def accuracy(model, images, labels):
    return (predict(model, images).argmax(axis=1) == labels).mean()


@pytest.fixture(scope="module")
def network_b():
    return load_trained("network_b")


@pytest.mark.parametrize("path", sorted(CHECKPOINTS.glob("*.keras")), ids=lambda path: path.stem)
def test_a_shipped_network_has_the_weights_of_its_file(path):
    shipped = load_trained(path.stem)
    with zipfile.ZipFile(path) as archive, h5py.File(archive.open("model.weights.h5")) as file:
        stored = []
        file.visititems(
            lambda name, item: stored.append(item[()]) if hasattr(item, "shape") else None
        )
    assert sum(array.size for array in stored) == shipped.count_params()
    total = sum(float(np.abs(weights).sum()) for weights in shipped.get_weights())
    assert total == pytest.approx(sum(float(np.abs(array).sum()) for array in stored))


def test_network_b_reads_the_stand_in(network_b):
    images, labels = (np.concatenate(parts) for parts in zip(*stand_in()))
    assert len(images) == 1797
    assert accuracy(network_b, images, labels) > 0.9


def test_network_b_reads_mnists_validation_part(network_b):
    training, _ = load_mnist()
    if len(training[0]) != 60000:
        pytest.skip("MNIST itself is not on this machine: set MNIST_NPZ to its path")
    _, validation = train_validation_split(*training)
    assert accuracy(network_b, *validation) >= 0.98


# Quiet


def test_building_training_and_predicting_print_nothing_to_stderr(tmp_path):
    code = f"""if True:
        import numpy as np
        from helpers import networks, training
        from helpers.preprocessing import one_hot, to_model_input
        training.set_seed(0)
        model = networks.network_e()
        images = np.random.default_rng(0).random((4, 28, 28, 1), dtype="float32") / 2
        training.train(model, images, one_hot([1, 2, 3, 4]))
        training.predict(model, images)
        training.save_checkpoint(model, {str(tmp_path / "e.keras")!r})
        training.load_checkpoint({str(tmp_path / "e.keras")!r})
    """
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        env={k: v for k, v in os.environ.items() if k not in ["TF_CPP_MIN_LOG_LEVEL"]},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_what_was_held_back_is_shown_when_an_import_fails(capfd):
    with held_back_stderr():
        os.write(2, b"chatter\n")
    with pytest.raises(ImportError), held_back_stderr():
        os.write(2, b"the reason\n")
        raise ImportError
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "the reason\nafterwards\n"
