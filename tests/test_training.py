"""Training repeats exactly, refuses what would ruin it, and leaves whole files only."""

import os
import platform
from types import SimpleNamespace

import numpy as np
import pytest
from project import run_python

from helpers import networks
from helpers.dataset import has_mnist, load_mnist, stand_in, train_validation_split
from helpers.errors import InputError
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import held_back_stderr, keras
from helpers.training import (
    Batches,
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


def same_weights(model, other):
    pairs = zip(model.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(*pair) for pair in pairs)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "réseau" / "de neurones" / "tiny.keras"


# Training


def trained(seed):
    set_seed(seed)
    model = tiny()
    train(model, IMAGES, LABELS, epochs=2, batch_size=8)
    return model


@pytest.fixture(scope="module")
def learnt():
    return trained(seed=1)


def test_one_seed_gives_one_result_to_the_last_bit(learnt):
    assert same_weights(learnt, trained(seed=1))
    assert not same_weights(learnt, trained(seed=2))


def test_stored_images_train_as_their_model_input_does():
    stored, labels = stand_in()[0]
    models, histories = [], []
    for images in [stored, stored[..., np.newaxis], to_model_input(stored)]:
        set_seed(0)
        models.append(networks.network_e())
        parts = [(images[i], one_hot(labels[i])) for i in (slice(1200), slice(1200, None))]
        options = {"validation_data": parts[1], "epochs": 3, "batch_size": 32}
        histories.append(train(models[-1], *parts[0], **options).history)
    assert same_weights(*models[:2]) and same_weights(*models[1:])
    assert histories[0] == histories[1] == histories[2]
    assert set(histories[0]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in histories[0].values()} == {3}
    assert histories[0]["accuracy"][-1] > 0.9, "it learns"


def test_each_epoch_holds_every_image_once_with_its_label_in_a_new_order():
    batches = Batches(IMAGES, np.arange(40) % 10, batch_size=16)
    orders = []
    for _ in range(2):
        images, digits = map(np.concatenate, zip(*(batches[i] for i in range(len(batches)))))
        orders.append([int((IMAGES == image).all(axis=(1, 2, 3)).argmax()) for image in images])
        np.testing.assert_array_equal(np.array(orders[-1]) % 10, digits)
        batches.on_epoch_end()
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(40))
    assert orders[0] != orders[1] and list(range(40)) not in orders


def test_images_unlike_mnist_draw_a_warning_where_they_were_given():
    for images, white in [(1 - IMAGES, 1), ((255 - IMAGES * 255).astype("uint8"), 255)]:
        with (
            pytest.warns(UserWarning, match=f"mean pixel is 0.7.*use {white} - im") as caught,
            pytest.raises(InputError, match="did you mean 'adam'"),
        ):
            train(tiny(), images, LABELS, optimizer="adma")
        assert caught[0].filename == __file__


@pytest.mark.parametrize("form", [np.array, to_model_input])
def test_validation_images_that_are_learnt_from_draw_a_warning(form):
    stored = np.rint(IMAGES * 255).astype("uint8")
    with pytest.warns(UserWarning, match="10 of 20 validation images are also learnt") as caught:
        train(tiny(), stored[:20], LABELS[:20], validation_data=(form(stored[10:30]), LABELS[:20]))
    assert caught[0].filename == __file__


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_draws_a_warning_where_it_was_trained():
    with pytest.warns(UserWarning, match="lower the learning rate") as caught:
        train(filled(0.5), IMAGES, LABELS, batch_size=8, optimizer=keras.optimizers.SGD(1e38))
    assert caught[0].filename == __file__


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
def test_progress_moves_on_and_ends_with_at_most_fifteen_lines_and_the_last_epoch(
    epochs, monkeypatch
):
    shown = []

    def display(bundle, raw, display_id=False):
        """Gives a handle for later updates only to those who ask, as IPython's does."""
        shown.append(bundle["text/plain"])
        update = SimpleNamespace(update=lambda bundle, raw: shown.append(bundle["text/plain"]))
        return update if display_id else None

    monkeypatch.setattr("IPython.get_ipython", object)
    monkeypatch.setattr("IPython.display.display", display)
    progress = ProgressLines()
    progress.set_params({"epochs": epochs, "steps": 4})
    progress.on_train_begin()
    progress.on_train_batch_end(0)
    for epoch in range(epochs):
        progress.on_epoch_end(epoch, {"accuracy": 0.98765, "val_top_k": 0.1})
    progress.on_train_end()
    assert shown[:2] == ["", "epoch 1: 25%"]
    last = shown[-1].splitlines()
    assert last[-1] == f"epoch {epochs:2} of {epochs}   accuracy 0.988   validation top k 0.100"
    assert min(epochs, 8) <= len(last) <= 15


# Saving


def test_a_saved_network_comes_back_with_its_answers_and_without_its_optimizer(file, learnt):
    save_checkpoint(learnt, str(file))
    loaded = load_checkpoint(file)
    np.testing.assert_array_equal(predict(loaded, IMAGES), predict(learnt, IMAGES))
    assert os.listdir(file.parent) == ["tiny.keras"]
    assert not keras.saving.load_model(file).compiled
    assert learnt.compiled, "the one at hand can be trained on"


# Loading


@pytest.mark.parametrize(
    "spoil",
    [lambda whole: whole[:-100], lambda whole: whole[:20000] + b"flipped" + whole[20007:]],
    ids=["truncated", "damaged weights"],
)
def test_a_damaged_checkpoint_is_named_and_left_as_it_is(file, spoil):
    save_checkpoint(filled(1), file)
    damaged = spoil(file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(InputError, match=r"\([\d,]+ bytes\) but is damaged .*left as") as refusal:
        load_checkpoint(file)
    assert str(file) in str(refusal.value)
    assert file.read_bytes() == damaged


def test_a_checkpoint_that_runs_code_of_its_own_is_refused(tmp_path):
    code = keras.layers.Lambda(lambda x: print("code of its own") or x)
    keras.Sequential([keras.Input((2,)), code]).save(tmp_path / "lambda.keras")
    with pytest.raises(InputError, match=r"lambda\.keras exists but cannot be loaded.*Lambda"):
        load_checkpoint(tmp_path / "lambda.keras")


# Predicting


def test_one_network_answers_every_form_in_any_order(learnt):
    images = IMAGES[..., 0]
    answers = learnt.predict(IMAGES, verbose=0)
    for _ in range(2):
        for one in images[0], IMAGES[0], images[:1], IMAGES[:1]:
            np.testing.assert_allclose(predict(learnt, one), answers[:1], atol=1e-6)
        for many in images, IMAGES, list(images):
            np.testing.assert_allclose(predict(learnt, many), answers, atol=1e-6)


# The shipped networks


@pytest.mark.parametrize("name", ["network_b", "network_h"])
def test_a_shipped_network_reads_what_it_was_not_trained_on(name, monkeypatch):
    monkeypatch.setattr(keras.models, "load_model", None)  # which would need today's Keras
    spoilt = load_trained(name)
    spoilt.set_weights([0 * weights for weights in spoilt.get_weights()])
    _, (images, labels) = train_validation_split(*load_mnist()[0])
    answers = predict(load_trained(name), images[:2000]).argmax(axis=1)
    assert np.mean(answers == labels[:2000]) > (0.98 if has_mnist() else 0.9)


# Quiet


def test_building_training_and_predicting_print_nothing_to_stderr(tmp_path):
    code = f"""if True:
        import gc, os, signal, socket
        def state():
            interrupt = signal.getsignal(signal.SIGINT)
            return gc.isenabled(), os.getcwd(), socket.getdefaulttimeout(), interrupt
        before = state()
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
        print(state() == before)
    """
    run = run_python(code, TF_CPP_MIN_LOG_LEVEL=None)
    assert (run.returncode, run.stderr, run.stdout.splitlines()[-1]) == (0, "", "True")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="keeps memory with glibc only")
def test_a_training_keeps_its_memory_from_step_to_step():
    """Half of the work of a training would be to give memory back and to ask for it again."""
    code = """
import resource
import numpy as np
from helpers.networks import network_b
from helpers.preprocessing import one_hot
from helpers.training import train

model, images = network_b(), np.zeros((1280, 28, 28), "uint8")
images[:, 9:19, 9:19] = 255
asked = []
for _ in range(4):
    train(model, images, one_hot(np.arange(1280) % 10))
    asked.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(min(np.diff(asked)))  # a busy machine may take pages away
"""
    # Pages: some 230,000 if none is kept; where the system takes unused ones away, up to 130,000.
    assert int(run_python(code).stdout.split()[-1]) < 170_000


def test_what_was_held_back_is_shown_when_an_import_fails(capfd):
    with held_back_stderr():
        os.write(2, b"chatter\n")
    with pytest.raises(ImportError), held_back_stderr():
        os.write(2, b"the reason\n")
        raise ImportError
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "the reason\nafterwards\n"
