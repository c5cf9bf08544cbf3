"""Faults that really happen: each replaces a piece of text in one file of the project.

A fault names the tests that should notice it. `WHOLE_FILE` stands for deleting the file.
"""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
WHOLE_FILE = None


# The tests of each module of helpers; the modules named here are mutated, too.
TESTS = {
    "dataset": "tests/test_dataset.py",
    "evaluation": "tests/test_evaluation.py",
    "networks": "tests/test_networks.py",
    "plots": "--mpl --mpl-baseline-path=tests/pictures tests/test_plots.py tests/test_pictures.py",
    "preprocessing": "tests/test_preprocessing.py",
    "training": "tests/test_training.py",
}


class Fault(NamedTuple):
    name: str
    file: str
    old: str | None
    new: str
    tests: str


def helper(name, module, old, new):
    return Fault(name, f"helpers/{module}.py", old, new, TESTS[module])


def in_notebook(name, number, old, new, tests="tests/test_notebooks.py"):
    path = next((ROOT / "notebooks").glob(f"{number}_*.ipynb")).relative_to(ROOT).as_posix()
    return Fault(name, path, old, new, path if tests == "run" else tests)


FAULTS = [
    helper("axes of the confusion matrix swapped", "plots",
           'xlabel="predicted digit", ylabel="true digit"',
           'xlabel="true digit", ylabel="predicted digit"'),
    helper("confusion matrix drawn transposed", "plots", "matrix, annot", "matrix.T, annot"),
    helper("titles off by one image", "plots", "titles if titles is not None",
           "titles[1:] if titles is not None"),
    helper("validation curve shows the training values", "plots",
           'history.history[f"val_{metric}"],', "history.history[metric],"),
    helper("colours of negative numbers turned round", "plots", '"RdBu_r"', '"RdBu"'),
    helper("shares taken of all parts together", "plots", "common_norm=False", "common_norm=True"),
    helper("an axis label lost", "plots", 'ax.set(xlabel="epoch", ylabel=metric)',
           'ax.set(xlabel="epoch")'),
    helper("ink drawn dark on white", "plots", '"cmap": "gray"',
           '"cmap": "gray_r"'),
    helper("precision and recall exchanged", "evaluation", '"precision", "recall"',
           '"recall", "precision"'),
    helper("false positives and negatives exchanged", "evaluation", "[3, 1, 2, 0]",
           "[3, 2, 1, 0]"),
    helper("another interval", "evaluation", 'method="wilson"', 'method="exact"'),
    helper("least confident mistakes first", "evaluation", "np.argsort(-confidence",
           "np.argsort(confidence"),
    helper("a column renamed", "evaluation", '"TP", "FP"', '"TP", "false positives"'),
    helper("normalised twice", "preprocessing", "/ np.float32(255)", "/ np.float32(255) / 255"),
    helper("divided by 256", "preprocessing", "np.float32(255)", "np.float32(256)"),
    helper("labels off by one", "preprocessing", "[check_labels(labels)]",
           "[check_labels(labels) - 1]"),
    helper("NaN let through", "preprocessing", "~np.isfinite(images)", "np.isinf(images)"),
    helper("label 10 let through", "preprocessing", "labels >= CLASSES", "labels > CLASSES"),
    helper("lengths not compared", "preprocessing", "len(images) != len(labels)", "False"),
    helper("no warning of inverted images", "preprocessing", "images.mean() > 0.5",
           "images.mean() > 5"),
    helper("an empty batch let through", "preprocessing", "images is None or len(images) == 0",
           "images is None"),
    helper("validation images leak into training", "dataset",
           "return (x_train, y_train), (x_val, y_val)", "return (images, labels), (x_val, y_val)"),
    helper("the split is not stratified", "dataset", "stratify=labels, random_state=seed",
           "random_state=seed"),
    helper("the split ignores its seed", "dataset", "random_state=seed", "random_state=None"),
    helper("np.load may unpickle", "dataset", "allow_pickle=False", "allow_pickle=True"),
    helper("the content is not verified", "dataset",
           "if not same_numbers or hashlib.sha256(plain).hexdigest() != sha256",
           "if not same_numbers"),
    helper("a damaged file is deleted", "dataset", "os.replace(path, aside)", "path.unlink()"),
    helper("the stand-in comes silently", "dataset", "display(Banner(title, text))", "pass"),
    helper("the stand-in is not centred", "dataset",
           "np.roll(canvas, (down, right), axis=(0, 1))", "canvas"),
    helper("a download may hang", "dataset", "asking.join(PATIENCE)", "asking.join()"),
    helper("a download cut short is taken", "dataset", "file_hash=URL_SHA256, ", ""),
    helper("TensorFlow imported for reading a file", "dataset", "import numpy as np",
           "import numpy as np\nimport keras"),
    helper("validation labels of other images", "dataset", "return (x_train, y_train), (x_val, y_val)",
           "return (x_train, y_train), (x_val, y_val[::-1])"),
    helper("the index of a doubtful label off by one", "dataset", "8527", "8528"),
    helper("Keras asked for another file", "dataset", "tf-keras-datasets/mnist.npz",
           "tf-keras-datasets/mnist_v2.npz"),
    helper("softmax dropped, from_logits unset", "networks",
           'layers.Dense(10, activation="softmax"),\n        ],\n        name="network_b"',
           'layers.Dense(10),\n        ],\n        name="network_b"'),
    helper("a pooling layer lost", "networks",
           "layers.MaxPooling2D(),\n            layers.Dropout(0.25)", "layers.Dropout(0.25)"),
    helper("filters changed", "networks", "*_normalized_convolution(64, 3)",
           "*_normalized_convolution(32, 3)"),
    helper("a bias where there was none", "networks", "use_bias=False", "use_bias=True"),
    helper("the seed ignored", "training", "keras.utils.set_random_seed(seed)", "pass"),
    helper("validation data dropped", "training", "validation_data=validation_data,", ""),
    helper("checkpoint written in place", "training", "bare.save(aside)", "bare.save(path)"),
    helper("checkpoints may run code", "training", "safe_mode=True", "safe_mode=False"),
    helper("dropout left on for prediction", "training",
           "model.predict(to_model_input(images), batch_size=512, verbose=0)",
           "np.asarray(model(to_model_input(images), training=True))"),
    helper("images not prepared for prediction", "training", "model.predict(to_model_input(images)",
           "model.predict(images"),
    helper("the optimizer given is ignored", "training", "optimizer=optimizer", 'optimizer="adam"'),
    Fault("TensorFlow's messages under the first cell", "helpers/quiet.py",
          "with held_back_stderr():\n    import keras", "if True:\n    import keras",
          "tests/test_training.py"),
    Fault("the reason of a failed import swallowed", "helpers/quiet.py",
          "os.write(saved, aside.read())", "pass", "tests/test_training.py"),
    in_notebook("accuracy edited in the text", "05", "98.79 % right", "98.97 % right",
                "tests/test_prose.py"),
    in_notebook("parameter count edited in the text", "03", "225,034 for network B",
                "225,043 for network B", "tests/test_prose.py"),
    in_notebook("a stale output", "01", "right: 80.6%", "right: 81.6%", "run"),
    in_notebook("a seed changed", "01", "default_rng(0)", "default_rng(1)", "run"),
    in_notebook("confusion matrix counted transposed", "05", "by_hand[true, pred] += 1",
                "by_hand[pred, true] += 1", "run"),
    in_notebook("an import lost", "05", "import numpy as np\\n", "\\n", "run"),
    in_notebook("the kernel killed", "05", "y_pred = probabilities.argmax(axis=1)",
                "import os; os._exit(9)", "run"),
    in_notebook("a cell saved unexecuted", "02", '"execution_count": 3,',
                '"execution_count": null,'),
    in_notebook("alt text lost", "01", '"alt": ', '"was_alt": '),
    in_notebook("a warning saved", "05", '"name": "stdout"', '"name": "stderr"'),
    in_notebook("a path of the author's machine saved", "03", '"digit 5', '"/home/me/digit 5'),
    in_notebook("validation on the test images", "04", "(x, y), _ = load_mnist()",
                "(x, y), (x_test, y_test) = load_mnist()"),
    in_notebook("training watched on its own images", "04",
                "train(network, x_train, y_train, validation_data=(x_val, y_val), epochs=3)",
                "train(network, x_train, y_train, validation_data=(x_train, y_train), epochs=3)",
                "tests/test_validation.py"),
    in_notebook("input_shape= comes back", "04", "keras.Input((28, 28, 1)),",
                "layers.Flatten(input_shape=(28, 28, 1)),"),
    in_notebook("a broken link", "02", "03_build_a_cnn.ipynb", "03_build_cnn.ipynb"),
    in_notebook("a solution left open", "03", '"source_hidden": true', '"source_hidden": false'),
    in_notebook("the summary lost", "04", "## Summary", "## The end"),
    Fault("a number edited in the README", "README.md", "of 121 among", "of 112 among",
          "tests/test_prose.py"),
    Fault("a broken link in the README", "README.md", "01_explore_the_dataset.ipynb)",
          "01_explore_dataset.ipynb)", "tests/test_notebooks.py"),
    Fault("a figure deleted", "figures/confusion_matrix.png", WHOLE_FILE, "",
          "tests/test_notebooks.py"),
    Fault("measured seconds out of date", "results/notebook_seconds.csv",
          "05_evaluate_with_a_confusion_matrix,", "05_evaluate_with_a_confusion_matrix,9",
          "tests/test_notebooks.py"),
    Fault("a pin loosened", "requirements.txt", "nbval==", "nbval>=", "tests/test_environment.py"),
    Fault("a dependency not pinned", "requirements.txt", "seaborn==", "# seaborn==",
          "tests/test_environment.py"),
    Fault("another Python in environment.yml", "environment.yml", "python=3.11", "python=3.9",
          "tests/test_environment.py"),
    Fault("a checkpoint's content not checked", "helpers/training.py",
          " or zipfile.ZipFile(path).testzip()", "", "tests/test_training.py"),
    Fault("a checkpoint deleted", "helpers/checkpoints/network_b.keras", WHOLE_FILE, "",
          "tests/test_training.py"),
]  # fmt: skip
