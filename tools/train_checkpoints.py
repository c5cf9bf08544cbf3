"""Train the networks that the notebooks load, and save them in `helpers/checkpoints/`.

Each is trained on 54,000 of MNIST's training images; the test images are not touched. H also
sees the digits of `tools/handwriting/strokes.py`, scikit-learn's, and what is no digit, all
distorted anew in each epoch, so that it reads hands of other times and countries than MNIST's.
"""

import sys
from pathlib import Path

import numpy as np

from helpers.dataset import CLASSES, has_mnist, load_mnist, stand_in, train_validation_split
from helpers.preprocessing import one_hot, to_model_input
from study.command_line import Parser, answering, one_of, whole_number, writable_folder

CHECKPOINTS = Path(__file__).parents[1] / "helpers" / "checkpoints"
IMAGES, WRITTEN, UNLIKE = 54_000, 6000, 3000
BATCH = 128


@answering()
def main():
    trainers = {"network_b": train_b, "network_h": train_h}
    parser = Parser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", type=one_of(trainers), help=f"of {list(trainers)}; default: all"
    )
    parser.add_argument(
        "--images",
        type=whole_number(BATCH, IMAGES),
        help="to try it, with --folder: learn from so many only, one epoch",
    )
    parser.add_argument("--folder", type=Path, default=CHECKPOINTS, help="where to save")
    options = parser.parse_args()
    if options.images and options.folder == CHECKPOINTS:
        parser.error(f"a trial with --images {options.images} is not to be shipped: add --folder")
    folder = writable_folder(options.folder)
    if not has_mnist():
        sys.exit("Checkpoints are trained on MNIST itself: set MNIST_NPZ to its file.")
    from helpers import networks
    from helpers.training import save_checkpoint, set_seed

    (x_train, y_train), _ = load_mnist()
    (x_train, y_train), (x_val, y_val) = train_validation_split(x_train, y_train)
    validation_data = to_model_input(x_val), one_hot(y_val)
    x_train, y_train = x_train[: options.images], y_train[: options.images]
    for name in options.names or trainers:
        set_seed(0)
        network = getattr(networks, name)()
        once = {"epochs": 1} if options.images else {}
        history = trainers[name](network, x_train, y_train, validation_data, **once)
        path = folder / f"{name}.keras"
        save_checkpoint(network, path)
        accuracy = history.history["val_accuracy"]
        print(f"{path.name}: {len(accuracy)} epochs, validation accuracy {accuracy[-1]:.4f}")


def train_b(network, images, labels, validation_data, epochs=3):
    data = {"x": to_model_input(images), "y": one_hot(labels), "batch_size": BATCH}
    return fit(network, "adam", **data, validation_data=validation_data, epochs=epochs)


def train_h(network, images, labels, validation_data, epochs=6):
    lessons = lessons_of_h(images, labels, stand_in())
    return learn_as_h(network, lessons, validation_data=validation_data, epochs=epochs)


def lessons_of_h(images, labels, of_scikit_learn, seed=0):
    """What H learns from: images and targets of each kind, by its name."""
    from tools.handwriting.strokes import written_digits
    from tools.handwriting.unlike_digits import unlike_digits

    written, unlike = min(WRITTEN, len(images)), min(UNLIKE, len(images))
    digits = {
        "mnist": [(images, labels)],
        "drawn": [written_digits(written, seed)],
        "scikit": [*of_scikit_learn, *of_scikit_learn],
    }
    lessons = {name: [np.concatenate(arrays) for arrays in zip(*d)] for name, d in digits.items()}
    lessons = {name: (x, one_hot(y)) for name, (x, y) in lessons.items()}
    undecided = np.full((unlike, CLASSES), 1 / CLASSES, dtype="float32")
    return lessons | {"no digit": (unlike_digits(images, unlike, seed + 1), undecided)}


def learn_as_h(network, lessons, *, epochs, seed=0, distorted=True, **data):
    from helpers.quiet import keras
    from tools.handwriting.distorted_batches import DistortedBatches

    images, targets = (np.concatenate(arrays) for arrays in zip(*lessons.values()))
    batches = DistortedBatches(images, targets, BATCH, seed, distorted)
    steps = epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps, alpha=1e-3, warmup_target=5e-3, warmup_steps=steps // 5
    )
    return fit(network, keras.optimizers.Adam(rate), x=batches, epochs=epochs, **data)


def fit(network, optimizer, **data):
    from helpers.training import ProgressLines

    network.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return network.fit(**data, callbacks=[ProgressLines()], verbose=0)


if __name__ == "__main__":
    main()
