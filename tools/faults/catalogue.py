"""Faults that really happen: each replaces a piece of text in one file of the project.

A fault names the tests that should notice it. `WHOLE_FILE` stands for deleting the file.
"""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WHOLE_FILE = None


class Fault(NamedTuple):
    name: str
    file: str
    old: str | None
    new: str
    tests: str


def helper(name, module, old, new):
    return Fault(name, f"helpers/{module}.py", old, new, f"tests/test_{module}.py")


def refused(name, module, old, new):
    return Fault(name, f"helpers/{module}.py", old, new, "tests/test_bad_input.py")


def in_notebook(name, number, old, new, tests="tests/test_notebooks.py"):
    path = next((ROOT / "notebooks").glob(f"{number}_*.ipynb")).relative_to(ROOT).as_posix()
    return Fault(name, path, old, new, path if tests == "run" else tests)


def in_pad(name, old, new):
    return Fault(name, "helpers/handwriting/sketchpad.py", old, new, "tests/test_sketchpad.py")


def in_photos(name, module, old, new):
    return Fault(name, f"helpers/handwriting/{module}.py", old, new, "tests/test_handwriting.py")


def in_study(name, module, old, new, tests):
    return Fault(name, f"study/{module}.py", old, new, f"tests/test_{tests}.py")


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
    helper("McNemar's test over all images", "evaluation",
           "binomtest(only_first, only_first + only_second)", "binomtest(only_first, len(y_true))"),
    helper("the normal's factor for a mean of five", "evaluation",
           "t.ppf((1 + confidence) / 2, len(values) - 1)", "1.96"),
    helper("temperature multiplies", "evaluation", "logits / temperature",
           "logits * temperature"),
    helper("bins of confidence not weighted", "evaluation", ', weights=table["images"]', ""),
    helper("normalised twice", "preprocessing", "scaled /= 255", "scaled /= 255 * 255"),
    helper("divided by 256", "preprocessing", "scaled /= 255", "scaled /= 256"),
    helper("labels off by one", "preprocessing", "[check_labels(labels)]",
           "[check_labels(labels) - 1]"),
    refused("NaN let through", "errors", "within[0] <= values.min() and values.max()",
            "not values.min() < within[0] and not values.max()"),
    refused("label 10 let through", "preprocessing", "labels >= CLASSES", "labels > CLASSES"),
    refused("lengths not compared", "preprocessing", "if count != len(labels):", "if False:"),
    helper("no warning of inverted images", "preprocessing", "images.mean() > 0.5",
           "images.mean() > 5"),
    refused("an empty batch let through", "preprocessing", "if images.size == 0:",
           "if images is None:"),
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
    helper("the stand-in comes silently", "dataset", "print(plain)", "pass"),
    helper("the stand-in is not centred", "dataset",
           "np.roll(canvas, (down, right), axis=(0, 1))", "canvas"),
    helper("a download may hang", "dataset", "asking.join(PATIENCE)", "asking.join()"),
    helper("a download cut short is taken", "dataset", "file_hash=URL_SHA256, ", ""),
    helper("TensorFlow imported for reading a file", "dataset", "import numpy as np",
           "import numpy as np\nimport keras"),
    helper("validation labels of other images", "dataset",
           "return (x_train, y_train), (x_val, y_val)",
           "return (x_train, y_train), (x_val, y_val[::-1])"),
    helper("the index of a doubtful label off by one", "dataset", "8527", "8528"),
    helper("Keras asked for another file", "dataset", "tf-keras-datasets/mnist.npz",
           "tf-keras-datasets/mnist_v2.npz"),
    helper("softmax dropped, from_logits unset", "networks",
           'layers.Dense(CLASSES, activation="softmax"),\n        ],\n        name="network_b"',
           'layers.Dense(CLASSES),\n        ],\n        name="network_b"'),
    helper("a pooling layer lost", "networks",
           "layers.MaxPooling2D(),  # (12, 12, 64)", ""),
    helper("filters changed", "networks", "_early_stride(16, 32, 64",
           "_early_stride(16, 32, 32"),
    helper("a bias where there was none", "networks", "use_bias=False", "use_bias=True"),
    helper("the seed ignored", "training", "keras.utils.set_random_seed(",
           "print(end='' and "),
    helper("validation data dropped", "training",
           "validation_data=parts[1] if parts[1:] else None,", ""),
    refused("checkpoint written in place", "training", "bare.save(part)", "bare.save(path)"),
    helper("checkpoints may run code", "training", "safe_mode=True", "safe_mode=False"),
    helper("dropout left on for prediction", "training",
           "model.predict_on_batch(batch)", "np.asarray(model(batch, training=True))"),
    helper("images not prepared for prediction", "training",
           "    images = to_model_input(images)\n", ""),
    helper("the optimizer given is ignored", "training", "optimizer=optimizer", 'optimizer="adam"'),
    Fault("TensorFlow's messages under the first cell", "helpers/quiet.py",
          "with held_back_stderr():\n    import keras", "if True:\n    import keras",
          "tests/test_training.py"),
    Fault("the reason of a failed import swallowed", "helpers/quiet.py",
          "os.write(saved, aside.read())", "pass", "tests/test_training.py"),
    in_notebook("accuracy edited in the text", "05", "98.79 % right", "98.97 % right",
                "tests/test_claims.py"),
    in_notebook("parameter count edited in the text", "03", "225,034 for network B",
                "225,043 for network B", "tests/test_claims.py"),
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
    in_notebook("validation on the test images", "04", "training, _ = load_mnist()",
                "training, (x_test, y_test) = load_mnist()"),
    in_notebook("training watched on its own images", "04",
                "train(network, x_train, y_train, validation_data=(x_val, y_val), epochs=3)",
                "train(network, x_train, y_train, validation_data=(x_train, y_train), epochs=3)",
                "run"),
    in_notebook("input_shape= comes back", "03", "keras.Input((28, 28, 1)),",
                "layers.Flatten(input_shape=(28, 28, 1)),"),
    in_notebook("a broken link", "02", "03_build_a_cnn.ipynb", "03_build_cnn.ipynb"),
    in_notebook("a solution left open", "03", '"jp-MarkdownHeadingCollapsed": true',
                '"jp-MarkdownHeadingCollapsed": false'),
    in_notebook("the summary lost", "04", "## Summary", "## The end"),
    in_notebook("pairs counted for the other network", "08", "(k & ~s).sum()", "(s & ~k).sum()",
                "run"),
    in_notebook("the temperature fitted on test images", "08",
                'fit_temperature(labels[\\"validation\\"], log_probabilities[\\"validation\\"])',
                'fit_temperature(labels[\\"test\\"], log_probabilities[\\"test\\"])', "run"),
    in_notebook("curves of another column drawn", "07", "five, y=column", "five, y='seconds'",
                "run"),
    in_notebook("the worst epoch chosen on validation", "08", "idxmax(axis=1)",
                "idxmin(axis=1)", "tests/test_notebooks_07_and_08.py"),
    Fault("a figure edited in the study's table", "results/study/runs.csv", ",0.9857,", ",0.9957,",
          "tests/test_study_results.py"),
    Fault("a run of the study lost", "results/study/runs/K_3.npz", WHOLE_FILE, "",
          "tests/test_study_results.py"),
    refused("a drawing is read before it is checked", "handwriting/sketchpad",
            "return check_strokes(strokes)", "return strokes"),
    in_pad("the pen is drawn half as wide", "PEN / 2 * side", "PEN / 4 * side"),
    in_pad("the answer comes in pieces", "with self.hold_sync():", "if True:"),
    in_pad("a reader that raises kills the pad", "except Exception", "except OSError"),
    in_photos("the longer side brought to 28 pixels", "mnist_form", "resized(ink, BOX)",
              "resized(ink, SIDE)"),
    in_photos("not centred by mass", "mnist_form", "MIDDLE - np.array(center_of_mass(ink))",
              "(SIDE - np.array(ink.shape)) / 2"),
    in_photos("thin strokes stay thin", "mnist_form", "if missing > 0:", "if False:"),
    in_photos("EXIF orientation ignored", "picture_files", "ImageOps.exif_transpose(picture)",
              "picture.copy()"),
    in_photos("white ink on black taken for paper", "ink", "if ink_is_bright(grey):", "if False:"),
    Fault("sure of everything", "helpers/handwriting/reading.py", "probabilities.max() < SURE",
          "False", "tests/test_reading.py"),
    Fault("one-cycle falls no further than it began", "helpers/training.py",
          "(1 - self.end) * (1 - share)", "(1 - self.start) * (1 - share)", "tests/test_study.py"),
    in_study("a run's seed left to Python's generator", "run", "model = seeded(",
             "model = (lambda m, s: m)(", "study"),
    in_study("validation counted as training", "run", "def on_test_begin",
             "def on_epoch_end_", "study"),
    in_study("training figures in the test columns", "run", '"test": logarithms["test"]',
             '"test": logarithms["training"]', "study"),
    in_study("seeds shared between networks", "run", 'f"{network}_{seed}"', 'f"{seed}"', "study"),
    Fault("a file written in place", "helpers/whole_files.py", "part = Path(folder) / path.name",
          "part = path", "tests/test_bad_input.py"),
    in_study("a run taken under another's name", "files", "path.stem != own_name", "not own_name",
             "study_files"),
    in_study("images lost with their worker", "cluster",
             'client.submit(unpack, file.getvalue(), key=f"images of {client.id}")',
             "client.scatter(unpack(file.getvalue()), hash=False)", "study_processes"),
    in_study("finished runs trained again", "__main__", "if name not in results}", "}",
             "study_processes"),
    Fault("a number edited in the README", "README.md", "of 121 among", "of 112 among",
          "tests/test_claims.py"),
    Fault("a broken link in the README", "README.md", "01_explore_the_dataset.ipynb)",
          "01_explore_dataset.ipynb)", "tests/test_notebooks.py"),
    Fault("a figure deleted", "figures/confusion_matrix.png", WHOLE_FILE, "",
          "tests/test_notebooks.py"),
    Fault("measured seconds out of date", "results/notebook_costs.csv",
          "05_evaluate_with_a_confusion_matrix,", "05_evaluate_with_a_confusion_matrix,9",
          "tests/test_notebooks.py"),
    Fault("a pin loosened", "requirements-test.txt", "nbval==", "nbval>=",
          "tests/test_environment.py"),
    Fault("a dependency not pinned", "requirements.txt", "seaborn==", "# seaborn==",
          "tests/test_environment.py"),
    Fault("another Python in environment.yml", "environment.yml", "python=3.11", "python=3.9",
          "tests/test_environment.py"),
    Fault("a checkpoint's content not checked", "helpers/training.py",
          " or zipfile.ZipFile(path).testzip()", "", "tests/test_training.py"),
    Fault("a checkpoint deleted", "helpers/checkpoints/network_b.keras", WHOLE_FILE, "",
          "tests/test_training.py"),
]  # fmt: skip
