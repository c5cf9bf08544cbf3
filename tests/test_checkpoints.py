"""How the shipped networks are made, in small and watched, and what they are."""

import sys

import numpy as np
import pytest

from helpers.dataset import has_mnist, load_mnist, train_validation_split
from helpers.training import CHECKPOINTS, load_checkpoint, load_trained, predict
from tools import train_checkpoints

NAMES = sorted(path.stem for path in CHECKPOINTS.glob("*.keras"))

pytestmark = pytest.mark.skipif(not has_mnist(), reason="needs MNIST")


@pytest.mark.parametrize("name", NAMES)
def test_the_command_learns_from_training_images_alone(name, watched, tmp_path, monkeypatch, capfd):
    arguments = ["train_checkpoints", name, "--images", "512", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    train_checkpoints.main()
    assert watched["fits"] == 1
    assert f"{name}.keras: 1 epochs, validation accuracy" in capfd.readouterr().out
    made, shipped = load_checkpoint(tmp_path / f"{name}.keras"), load_trained(name)
    shapes = [[weight.shape for weight in network.weights] for network in (made, shipped)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", NAMES)
def test_each_reads_images_that_it_has_not_seen(name):
    _, (images, labels) = train_validation_split(*load_mnist()[0])
    answers = predict(load_trained(name), images[:2000]).argmax(axis=1)
    assert np.mean(answers == labels[:2000]) > 0.98
