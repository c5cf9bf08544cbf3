"""From a photo, scan or drawing of a digit to its answer.

`picture_files` opens a picture, `ink` tells ink from paper, `mnist_form` puts the digit where MNIST
has it, `reading` has a network read it, `sketchpad` lets you draw it, and `augmentation` distorts
digits to learn from.
"""

from helpers.handwriting.mnist_form import Prepared, prepare
from helpers.handwriting.picture_files import load_picture

__all__ = ["Prepared", "load_picture", "prepare"]
