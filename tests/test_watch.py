"""The watch itself: each kind of leak is refused, what is clean goes through."""

import functools

import numpy as np
import pytest
import watch

from helpers.dataset import load_mnist
from helpers.networks import network_e
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras, tensorflow
from helpers.training import predict, train

mnist = functools.cache(load_mnist)


def pair(part, start, end):
    images, labels = mnist()[part]
    return images[start:end], one_hot(labels[start:end])


def keep_the_best_on(part):
    """After each epoch, what it reads right in `part` is looked at; the best weights come back."""
    network, scores, weights = network_e(), [], []
    images, labels = pair(part, 200, 300)

    def look(epoch, logs):
        scores.append((predict(network, images).argmax(axis=1) == labels.argmax(axis=1)).mean())
        weights.append(network.get_weights())

    look = keras.callbacks.LambdaCallback(on_epoch_end=look)
    train(network, *pair(0, 0, 128), epochs=2, callbacks=[look])
    network.set_weights(weights[np.argmax(scores)])


def evaluate_after_training(start, end):
    network = network_e()
    train(network, *pair(0, 0, 128))
    images, labels = pair(0, start, end)
    network.evaluate(to_model_input(images), labels, verbose=0)


def learn(images, validation=None):
    train(network_e(), *pair(*images), validation_data=validation and pair(*validation))


def learn_in_one_graph(part, start=0, end=64, evaluated=(100, 150)):
    from study.learning import learnt
    from study.ledger import Recipe

    images, labels = pair(part, start, end)
    recipe = Recipe(network="4x5/2 relu", fit=False, batch_size=32)
    network = learnt(recipe, images, labels.argmax(axis=1), 0)
    network.compile(loss="categorical_crossentropy")
    images, labels = pair(0, *evaluated)
    network.evaluate(to_model_input(images), labels, verbose=0)


def learn_step_by_step(part):
    images, labels = pair(part, 0, 64)
    network = network_e()
    network.compile(loss="categorical_crossentropy")
    for batch in np.arange(64).reshape(2, 32):
        network.train_on_batch(to_model_input(images[batch]), labels[batch])


def learn_in_a_loop(part, by_graph=False, from_dataset=False, clean=(0, 0, 32)):
    """By slopes alone: no `training=True`, no optimizer; first from clean images, as traced."""
    network = network_e()

    def step(images, labels):
        with tensorflow.GradientTape() as tape:
            loss = keras.losses.categorical_crossentropy(labels, network(images))
        weights = network.trainable_variables
        for weight, slope in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(0.1 * slope)

    step = tensorflow.function(step) if by_graph else step
    images, labels = pair(part, 0, 32)
    if from_dataset:
        for batch in tensorflow.data.Dataset.from_tensor_slices((images, labels)).batch(8):
            step(*batch)
    for some, theirs in [pair(*clean), (images, labels)]:
        step(tensorflow.constant(to_model_input(some)), tensorflow.constant(theirs))


def learn_moved(part):
    """By a row and a column; the ink of one of them goes over the edge."""
    images, labels = pair(part, 0, 30)
    network_e().fit(np.roll(to_model_input(images), (1, 1), axis=(1, 2)), labels)


def choose_by(read, part):
    network, images = network_e(), to_model_input(pair(part, 0, 32)[0])
    read(network, images)
    network.set_weights(network.get_weights())


LEAKS = {
    "64 of MNIST's test images would be learnt": lambda: learn((1, 0, 64)),
    "32 of MNIST's test images would be validation data": lambda: learn((0, 0, 64), (1, 0, 32)),
    "4 of the validation images would be learnt from": lambda: learn((0, 0, 64), (0, 60, 90)),
    "28 of the images to evaluate on were learnt": lambda: evaluate_after_training(100, 150),
    "64 of MNIST's test images would be learnt from": lambda: learn_in_one_graph(1),
    "44 of the images to evaluate on were learnt": lambda: learn_in_one_graph(0, 0, 144),
    "32 of MNIST's test images would be learnt": lambda: learn_step_by_step(1),
    "^32 of MNIST's test images would be learnt": lambda: learn_in_a_loop(1),
    "32 of MNIST's test images would be learnt f": lambda: learn_in_a_loop(1, by_graph=True),
    "32 of MNIST's test images would be in a Data": lambda: learn_in_a_loop(1, from_dataset=True),
    "test images, and is given other weights": lambda: choose_by(lambda e, x: e(x), 1),
    "read MNIST's test images, and is given": lambda: choose_by(
        lambda e, x: e.compile(loss="mse") or e.test_on_batch(x, np.zeros((32, 10))), 1
    ),
    "^29 of MNIST's test images would be learnt from": lambda: learn_moved(1),
    "cannot be watched": lambda: network_e().fit(iter([])),
    "has read MNIST's test images, and is given other weights": lambda: keep_the_best_on(1),
}


@pytest.mark.parametrize("message", LEAKS)
def test_a_leak_is_refused(message, watched):
    with pytest.raises(AssertionError, match=message):
        LEAKS[message]()


def test_what_is_clean_goes_through(watched):
    learn((0, 0, 64), (0, 64, 90))
    evaluate_after_training(128, 150)
    keep_the_best_on(0)
    learn_in_one_graph(0)
    learn_step_by_step(0)
    for form in [{}, {"by_graph": True}, {"from_dataset": True}]:
        learn_in_a_loop(0, **form)
    choose_by(lambda e, x: e(tensorflow.Variable(x)), 0)
    assert watched == {"fits": 3, "evaluations": 3}  # Keras evaluates on validation_data, too


def test_an_image_is_known_however_it_is_scaled_and_shaped():
    images = pair(0, 0, 20)[0]
    forms = [images, to_model_input(images), 1 + images / 7, images.reshape(20, 784), list(images)]
    assert len({frozenset(watch.fingerprints(form)) for form in forms}) == 1
    assert not watch.fingerprints(images) & watch.fingerprints(255 - np.asarray(images))
