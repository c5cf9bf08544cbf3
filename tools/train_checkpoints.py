"""Train the networks that the notebooks load, and save them in `helpers/checkpoints/`.

Each is trained on 54,000 of MNIST's training images; the test images are not touched.
"""

import sys

from helpers import networks
from helpers.dataset import has_mnist, load_mnist, train_validation_split
from helpers.preprocessing import one_hot, to_model_input
from helpers.training import CHECKPOINTS, save_checkpoint, set_seed, train

EPOCHS = {"network_b": 3}


def main():
    if not has_mnist():
        sys.exit("Checkpoints are trained on MNIST itself, not on the stand-in.")
    (x_train, y_train), _ = load_mnist()
    (x_train, y_train), (x_val, y_val) = train_validation_split(x_train, y_train)
    validation_data = to_model_input(x_val), one_hot(y_val)
    for name, epochs in EPOCHS.items():
        set_seed(0)
        network = getattr(networks, name)()
        history = train(
            network,
            to_model_input(x_train),
            one_hot(y_train),
            validation_data=validation_data,
            epochs=epochs,
        )
        path = CHECKPOINTS / f"{name}.keras"
        save_checkpoint(network, path)
        accuracy = history.history["val_accuracy"][-1]
        print(f"{path.name}: {epochs} epochs, validation accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
