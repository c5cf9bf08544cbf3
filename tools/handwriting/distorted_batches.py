"""Batches in a new order, and newly distorted if wanted, in every epoch."""

import numpy as np

from helpers.handwriting.augmentation import distort
from helpers.preprocessing import to_model_input
from helpers.quiet import keras


class DistortedBatches(keras.utils.PyDataset):
    """Stored images and targets for Keras to fit, in whole batches."""

    def __init__(self, images, targets, size, seed=0, distorted=True):
        super().__init__()
        self.images, self.targets, self.size = images, targets, size
        self.distorted = distorted
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.images))

    def __len__(self):
        return len(self.images) // self.size

    def __getitem__(self, index):
        chosen = self.order[index * self.size : (index + 1) * self.size]
        images = to_model_input(self.images[chosen])
        return (distort(images, self.rng) if self.distorted else images), self.targets[chosen]
