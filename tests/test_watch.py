"""The watch itself: each kind of leak is refused, what is clean goes through."""

import numpy as np
import pytest
import watch

from helpers.dataset import load_mnist
from helpers.networks import network_e
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras
from helpers.training import predict, train


def pair(part, start, end):
    images, labels = load_mnist()[part]
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


@pytest.mark.parametrize(
    ("leak", "message"),
    [
        (lambda: train(network_e(), *pair(1, 0, 64)), "64 of MNIST's test images would be learnt"),
        (
            lambda: train(network_e(), *pair(0, 0, 64), validation_data=pair(1, 0, 32)),
            "32 of MNIST's test images would be validation data",
        ),
        (
            lambda: train(network_e(), *pair(0, 0, 64), validation_data=pair(0, 60, 90)),
            "4 of the validation images would be learnt from",
        ),
        (lambda: evaluate_after_training(100, 150), "28 of the images to evaluate on were learnt"),
        (lambda: network_e().fit(iter([])), "cannot be watched"),
        (lambda: keep_the_best_on(1), "has read MNIST's test images, and is given other weights"),
    ],
)
def test_a_leak_is_refused(leak, message, watched):
    with pytest.raises(watch.LeakError, match=message):
        leak()


def test_what_is_clean_goes_through(watched):
    train(network_e(), *pair(0, 0, 64), validation_data=pair(0, 64, 90))
    evaluate_after_training(128, 150)
    keep_the_best_on(0)
    assert watched == {"fits": 3, "evaluations": 2}  # Keras evaluates on validation_data, too


def test_an_image_is_known_however_it_is_scaled_and_shaped():
    images = pair(0, 0, 20)[0]
    forms = [images, to_model_input(images), 1 + images / 7, images.reshape(20, 784), list(images)]
    assert len({frozenset(watch.fingerprints(form)) for form in forms}) == 1
    assert not watch.fingerprints(images) & watch.fingerprints(255 - np.asarray(images))
