"""Train the networks that the notebooks load, and save them in `helpers/checkpoints/`.

Each is trained on 54,000 of MNIST's training images; the test images are not touched. H also
sees the digits of `tools/handwriting/strokes.py`, scikit-learn's, and what is no digit, all
distorted anew in each epoch, so that it reads hands of other times and countries than MNIST's.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from helpers import networks
from helpers.dataset import CLASSES, has_mnist, load_mnist, stand_in, train_validation_split
from helpers.handwriting.augmentation import distort
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras
from helpers.training import CHECKPOINTS, ProgressLines, save_checkpoint, set_seed
from tools.handwriting.strokes import written_digits
from tools.handwriting.unlike_digits import unlike_digits

WRITTEN, UNLIKE = 6000, 3000
BATCH = 128


def main():
    trainers = {"network_b": train_b, "network_h": train_h}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {list(trainers)}; default: all")
    parser.add_argument("--images", type=int, help="to try it: learn from so many only, one epoch")
    parser.add_argument("--folder", type=Path, default=CHECKPOINTS, help="where to save")
    options = parser.parse_args()
    names = options.names or list(trainers)
    if unknown := set(names) - set(trainers):
        sys.exit(f"There is no {', '.join(sorted(unknown))}: choose of {', '.join(trainers)}.")
    if options.images is not None and options.images < BATCH:
        sys.exit(f"--images is {options.images}, but a batch has {BATCH} of them.")
    if not has_mnist():
        sys.exit("Checkpoints are trained on MNIST itself, not on the stand-in.")
    (x_train, y_train), _ = load_mnist()
    (x_train, y_train), (x_val, y_val) = train_validation_split(x_train, y_train)
    validation_data = to_model_input(x_val), one_hot(y_val)
    x_train, y_train = x_train[: options.images], y_train[: options.images]
    for name in names:
        set_seed(0)
        network = getattr(networks, name)()
        once = {"epochs": 1} if options.images else {}
        history = trainers[name](network, x_train, y_train, validation_data, **once)
        path = options.folder / f"{name}.keras"
        save_checkpoint(network, path)
        accuracy = history.history["val_accuracy"]
        print(f"{path.name}: {len(accuracy)} epochs, validation accuracy {accuracy[-1]:.4f}")


def train_b(network, images, labels, validation_data, epochs=3):
    network.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return network.fit(
        to_model_input(images),
        one_hot(labels),
        batch_size=BATCH,
        validation_data=validation_data,
        epochs=epochs,
        callbacks=[ProgressLines()],
        verbose=0,
    )


def train_h(network, images, labels, validation_data, epochs=6):
    written, unlike = min(WRITTEN, len(images)), min(UNLIKE, len(images))
    parts = [(images, labels), written_digits(written, seed=0), *stand_in(), *stand_in()]
    digits, answers = (np.concatenate(arrays) for arrays in zip(*parts))
    others = unlike_digits(images, unlike, seed=1)
    undecided = np.full((unlike, CLASSES), 1 / CLASSES, dtype="float32")
    batches = DistortedBatches(
        np.concatenate([digits, others]), np.concatenate([one_hot(answers), undecided])
    )
    steps = epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, alpha=1e-3, warmup_target=5e-3, warmup_steps=steps // 5
    )
    optimizer = keras.optimizers.Adam(rate)
    network.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return network.fit(
        batches,
        validation_data=validation_data,
        epochs=epochs,
        callbacks=[ProgressLines()],
        verbose=0,
    )


class DistortedBatches(keras.utils.PyDataset):
    """Batches in a new order, and newly distorted, in every epoch."""

    def __init__(self, images, targets, seed=0):
        super().__init__()
        self.images, self.targets = images, targets
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.images))

    def __len__(self):
        return len(self.images) // BATCH

    def __getitem__(self, index):
        chosen = self.order[index * BATCH : (index + 1) * BATCH]
        images = to_model_input(self.images[chosen])
        return distort(images, self.rng), self.targets[chosen]


if __name__ == "__main__":
    main()
