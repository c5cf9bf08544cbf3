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


def faults_in(file, module, *faults):
    """The faults (name, old, new) of a file, which tests/test_MODULE.py or another notices.

    Another one stands last in its fault; None is for the file itself, a notebook that is run.
    """
    for name, old, new, *other in faults:
        noticing = other[0] if other else module
        yield Fault(name, file, old, new, f"tests/test_{noticing}.py" if noticing else file)


def notebook(number):
    return next((ROOT / "notebooks").glob(f"{number}_*.ipynb")).relative_to(ROOT).as_posix()


FAULTS = [
    *faults_in("helpers/plots.py", "plots",
        ("axes of the confusion matrix swapped",
         '"predicted digit", ylabel="true digit"', '"true digit", ylabel="predicted digit"'),
        ("confusion matrix drawn transposed", "matrix, annot", "matrix.T, annot"),
        ("titles off by one image", "images, titles)", "images, titles[1:])"),
        ("validation curve shows the training values", '[f"val_{metric}"]', "[metric]"),
        ("shares taken of all parts together", "common_norm=False", "common_norm=True"),
        ("ink drawn dark on white", '"cmap": "gray"', '"cmap": "gray_r"')),
    *faults_in("helpers/evaluation.py", "evaluation",
        ("precision and recall exchanged", '"precision", "recall"', '"recall", "precision"'),
        ("false positives and negatives exchanged", "[3, 1, 2, 0]", "[3, 2, 1, 0]"),
        ("another interval", 'method="wilson"', 'method="exact"'),
        ("McNemar's test over all images",
         "binomtest(only_first, n)", "binomtest(only_first, len(y_true))"),
        ("the normal's factor for a mean of five",
         "t.ppf((1 + confidence) / 2, len(values) - 1)", "1.96"),
        ("temperature multiplies", "logits / temperature", "logits * temperature"),
        ("bins of confidence not weighted", ', weights=table["images"]', "")),
    *faults_in("helpers/preprocessing.py", "preprocessing",
        ("normalised twice", "scaled /= 255", "scaled /= 255 * 255"),
        ("labels off by one", "[check_labels(labels)]", "[check_labels(labels) - 1]"),
        ("label 10 let through", "labels >= CLASSES", "labels > CLASSES", "bad_input"),
        ("lengths not compared", "if count != len(labels)", "if False", "bad_input"),
        ("no warning of inverted images", "images.mean() > 0.5", "images.mean() > 5"),
        ("an empty batch let through", "images.size == 0", "images is None", "bad_input")),
    *faults_in("helpers/errors.py", "bad_input",
        ("NaN let through",
         "within[0] <= values.min() and", "not values.min() < within[0] and not")),
    *faults_in("helpers/dataset.py", "dataset",
        ("validation images leak into training",
         "return (x_train, y_train), (x_val", "return (images, labels), (x_val"),
        ("the split is not stratified", "stratify=labels, random_state=seed", "random_state=seed"),
        ("np.load may unpickle", "allow_pickle=False", "allow_pickle=True"),
        ("the content is not verified", " or hashlib.sha256(plain).hexdigest() != sha256", ""),
        ("a damaged file is deleted", "os.replace(path, aside)", "path.unlink()"),
        ("the stand-in comes silently", "print(plain)", "pass"),
        ("the stand-in is not centred", "np.roll(canvas, (down, right), axis=(0, 1))", "canvas"),
        ("a download may hang", "asking.join(PATIENCE)", "asking.join()"),
        ("a download cut short is taken", "file_hash=URL_SHA256, ", ""),
        ("TensorFlow imported for reading a file", "import numpy", "import keras, numpy"),
        ("validation labels of other images", "(x_val, y_val)", "(x_val, y_val[::-1])"),
        ("Keras asked for another file", "/mnist.npz", "/mnist_v2.npz")),
    *faults_in("helpers/networks.py", "networks",
        ("softmax dropped, from_logits unset",
         ', activation="softmax"),\n        ],\n        name="network_b"',
         '),\n        ],\n        name="network_b"'),
        ("a pooling layer lost", "layers.MaxPooling2D(),  # (12, 12, 64)", ""),
        ("filters changed", "_early_stride(16, 32, 64", "_early_stride(16, 32, 32"),
        ("a bias where there was none", "use_bias=False", "use_bias=True")),
    *faults_in("helpers/training.py", "training",
        ("the seed ignored", "keras.utils.set_random_seed(", "print(end='' and "),
        ("validation data dropped", "validation_data=parts[1] if parts[1:] else None,", ""),
        ("checkpoint written in place", "bare.save(part)", "bare.save(path)", "bad_input"),
        ("checkpoints may run code", "safe_mode=True", "safe_mode=False"),
        ("dropout left on for prediction",
         "model.predict_on_batch(batch)", "np.asarray(model(batch, training=True))"),
        ("images not prepared for prediction", "    images = to_model_input(images)\n", ""),
        ("the optimizer given is ignored", "optimizer=optimizer", 'optimizer="adam"'),
        ("one-cycle falls no further than it began", "self.end) *", "self.start) *", "study"),
        ("a checkpoint's content not checked", "zipfile.ZipFile(path).testzip()", "None")),
    *faults_in("helpers/quiet.py", "training",
        ("TensorFlow's messages under the first cell", "with held_back_stderr()", "if True"),
        ("the reason of a failed import swallowed", "os.write(saved, aside.read())", "pass")),
    *faults_in(notebook("05"), None,
        ("accuracy edited in the text", "98.79 % right", "98.97 % right", "claims"),
        ("confusion matrix counted transposed", "by_hand[true, pred]", "by_hand[pred, true]"),
        ("an import lost", "import numpy as np\\n", "\\n"),
        ("the kernel killed", "y_pred = probabilities.argmax(axis=1)", "import os; os._exit(9)"),
        ("a warning saved", '"name": "stdout"', '"name": "stderr"', "notebooks")),
    *faults_in(notebook("03"), "notebooks",
        ("parameter count edited in the text", "225,034 for", "225,043 for", "claims"),
        ("a path of the author's machine saved", '"digit 5', '"/home/me/digit 5'),
        ("a solution left open", 'HeadingCollapsed": true', 'HeadingCollapsed": false')),
    *faults_in(notebook("01"), None,
        ("a stale output", "right: 80.6%", "right: 81.6%"),
        ("alt text lost", '"alt": ', '"was_alt": ', "notebooks")),
    *faults_in(notebook("02"), "notebooks",
        ("a cell saved unexecuted", '"execution_count": 3,', '"execution_count": null,'),
        ("a broken link", "03_build_a_cnn.ipynb", "03_build_cnn.ipynb")),
    *faults_in(notebook("04"), None,
        ("validation on the test images", "training, _", "training, (x_test, y_test)", "notebooks"),
        ("training watched on its own images",
         "(x_val, y_val), epochs=2", "(x_train, y_train), epochs=2"),
        ("the summary lost", "## Summary", "## The end", "notebooks")),
    *faults_in(notebook("08"), None,
        ("pairs counted for the other network", "(k & ~s).sum()", "(s & ~k).sum()"),
        ("the temperature fitted on test images",
         'labels[\\"validation\\"], log_probabilities[\\"validation\\"]',
         'labels[\\"test\\"], log_probabilities[\\"test\\"]'),
        ("the worst epoch chosen on validation", "idxmax(", "idxmin(")),
    *faults_in(notebook("07"), None,
        ("curves of another column drawn", "five, y=column", "five, y='seconds'")),
    *faults_in(notebook("09"), None,
        ("gradients taken at one end of each step", "+ 0.5) / steps", "+ 0) / steps"),
        ("the control has learnt, too", "integrated(untrained)", "integrated(logits)"),
        ("the loss is let fall", "x_half + step * signs", "x_half - step * signs")),
    *faults_in("helpers/microscope.py", "microscope",
        ("all padding put before the first row", "(0, a + size - n) // 2", "(0, a + size - n)"),
        ("mean and variance exchanged",
         "layer.moving_mean, layer.moving_variance", "layer.moving_variance, layer.moving_mean"),
        ("a new image keeps the old numbers", "self.outputs = [", "_ = [")),
    *faults_in("helpers/microscope.js", "microscope_in_browser",
        ("a sum without its bias", "products + (bias ?? 0)", "products"),
        ("a window one column off", "- before[1] + (index", "- before[1] + 1 + (index")),
    *faults_in("results/study/runs.csv", "study_results",
        ("a figure edited in the study's table", ",0.9857,", ",0.9957,")),
    *faults_in("results/study/runs/K_3.npz", "study_results",
        ("a run of the study lost", WHOLE_FILE, "")),
    *faults_in("helpers/handwriting/sketchpad.py", "sketchpad",
        ("a drawing is read before it is checked",
         "return check_strokes(strokes)", "return strokes", "bad_input"),
        ("the pen is drawn half as wide", "PEN / 2 * side", "PEN / 4 * side"),
        ("the answer comes in pieces", "with self.hold_sync():", "if True:"),
        ("a reader that raises kills the pad", "except Exception", "except OSError")),
    *faults_in("helpers/handwriting/mnist_form.py", "handwriting",
        ("the longer side brought to 28 pixels", "resized(ink, BOX)", "resized(ink, SIDE)"),
        ("not centred by mass",
         "MIDDLE - np.array(center_of_mass(ink))", "(SIDE - np.array(ink.shape)) / 2"),
        ("thin strokes stay thin", "if missing > 0:", "if False:")),
    *faults_in("helpers/handwriting/picture_files.py", "handwriting",
        ("EXIF orientation ignored", "ImageOps.exif_transpose(picture)", "picture.copy()")),
    *faults_in("helpers/handwriting/ink.py", "handwriting",
        ("white ink on black taken for paper", "if ink_is_bright(grey):", "if False:")),
    *faults_in("helpers/handwriting/reading.py", "reading",
        ("sure of everything", "probabilities.max() < SURE", "False")),
    *faults_in("study/run.py", "study",
        ("a run's seed left to Python's generator", "model = seeded(", "model = (lambda m, s: m)("),
        ("training figures in the test columns",
         '"test": logarithms["test"]', '"test": logarithms["training"]'),
        ("seeds shared between networks", 'f"{network}_{seed}"', 'f"{seed}"')),
    *faults_in("study/files.py", "study_files",
        ("a run taken under another's name", "path.stem != own_name", "not own_name")),
    *faults_in("study/__main__.py", "study_processes",
        ("finished runs trained again", "if name not in results}", "}")),
    *faults_in("README.md", "claims",
        ("a number edited in the README", "of 121 among", "of 112 among"),
        ("a broken link in the README",
         "01_explore_the_dataset.ipynb)", "01_explore_dataset.ipynb)", "notebooks")),
    *faults_in("figures/confusion_matrix.png", "notebooks", ("a figure deleted", WHOLE_FILE, "")),
    *faults_in("results/notebook_costs.csv", "notebooks",
        ("measured seconds out of date", "confusion_matrix,", "confusion_matrix,9")),
    *faults_in("requirements.txt", "environment",
        ("a dependency not pinned", "seaborn==", "# seaborn==")),
    *faults_in("helpers/checkpoints/network_b.keras", "training",
        ("a checkpoint deleted", WHOLE_FILE, "")),
]  # fmt: skip
