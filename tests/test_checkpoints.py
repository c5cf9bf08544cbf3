"""How the shipped networks are made, in small and watched."""

import sys

import pandas as pd
import pytest
import watch

from helpers.dataset import has_mnist, load_mnist, stand_in, train_validation_split
from helpers.training import load_checkpoint, load_trained
from tools import train_checkpoints
from tools.handwriting import ablation, pictures_by_program

pytestmark = pytest.mark.skipif(not has_mnist(), reason="needs MNIST")


def few():
    return [(images[:100], labels[:100]) for images, labels in stand_in()]


@pytest.mark.parametrize("name", ["network_b", "network_h"])
def test_the_command_learns_from_training_images_alone(name, watched, tmp_path, monkeypatch, capfd):
    arguments = ["train_checkpoints", name, "--images", "128", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr(train_checkpoints, "stand_in", few)
    train_checkpoints.main()
    assert watched["fits"] == 1
    _, (held_out, _) = train_validation_split(*load_mnist()[0])
    known = set.union(*watch.learnt.values()) & watch.fingerprints(held_out)
    watch.refuse(known, "the notebooks' validation images were learnt from")
    assert f"{name}.keras: 1 epochs, validation accuracy" in capfd.readouterr().out
    made, shipped = load_checkpoint(tmp_path / f"{name}.keras"), load_trained(name)
    shapes = [[weight.shape for weight in network.weights] for network in (made, shipped)]
    assert shapes[0] == shapes[1]


def test_the_ablation_reads_nothing_that_it_learnt_from(watched, tmp_path, monkeypatch):
    def add(table, part, seed, network, prepared, photos):
        known = watch.fingerprints(prepared) & watch.learnt[network]
        watch.refuse(known, "the images to read were learnt from")
        add_trained(table, part, seed, network, prepared, photos)

    add_trained = ablation.add_trained
    parts = {name: ablation.PARTS[name] for name in ["whole", "drawn"]}
    monkeypatch.setattr(pictures_by_program, "stand_in", few)
    for name, value in {"PARTS": parts, "stand_in": few, "add_trained": add}.items():
        monkeypatch.setattr(ablation, name, value)
    table = tmp_path / "table.csv"
    options = ["--seeds", "1", "--images", "128", "--each", "1", "--table", str(table)]
    monkeypatch.setattr(sys, "argv", ["ablation", *options])
    ablation.main()
    assert watched["fits"] == 2
    fresh, stored = pd.read_csv(table), pd.read_csv(ablation.TABLE)
    assert set(fresh) < set(stored)
    assert set(fresh["kind"]) == set(stored["kind"])
    assert fresh["drawn 0"].between(0, 9).all()
