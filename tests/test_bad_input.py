"""Whatever a public function or a command is given: an answer, or what is wrong in a sentence."""

import contextlib
import importlib
import io
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from PIL import Image
from project import DIGIT_SAMPLES, NOTEBOOKS, ROOT

from helpers import dataset, evaluation, preprocessing, training
from helpers.errors import InputError
from helpers.handwriting import augmentation, load_picture, mnist_form, reading
from helpers.networks import network_e
from study.command_line import answering
from study.files import save_run, write_csv
from tools import execute_notebooks, train_checkpoints
from tools.claims import write_witnesses

STORED = np.tile(np.arange(28, dtype="uint8") * 9, (40, 28, 1))
IMAGES = STORED[..., np.newaxis].astype("float32") / 255
LABELS = np.arange(40) % 10
ROWS = np.eye(10, dtype="float32")[LABELS] * 0.9 + 0.01
CALLS = {
    dataset.load_mnist: {"path": "stand-in"},
    dataset.read_npz: {"path": "x.npz"},
    dataset.train_validation_split: {
        "images": STORED,
        "labels": LABELS,
        "validation": 0.5,
        "seed": 0,
    },
    preprocessing.scale: {"images": STORED},
    preprocessing.to_model_input: {"images": STORED},
    preprocessing.one_hot: {"labels": LABELS},
    preprocessing.check_images: {"images": IMAGES},
    preprocessing.check_labels: {"labels": LABELS, "images": IMAGES},
    evaluation.accuracy_interval: {"correct": 9, "total": 10, "confidence": 0.95},
    evaluation.mean_interval: {"values": [1.0, 2.0], "confidence": 0.95},
    evaluation.paired_test: {"y_true": LABELS, "first": LABELS, "second": LABELS},
    evaluation.one_vs_rest: {"y_true": LABELS, "y_pred": LABELS},
    evaluation.digit_table: {"y_true": LABELS, "y_pred": LABELS},
    evaluation.most_confident_mistakes: {"y_true": LABELS, "probabilities": ROWS, "count": 3},
    evaluation.calibration_table: {"y_true": LABELS, "probabilities": ROWS, "bins": 5},
    evaluation.calibration_error: {"y_true": LABELS, "probabilities": ROWS, "bins": 5},
    evaluation.with_temperature: {"log_probabilities": np.log(ROWS), "temperature": 2.0},
    evaluation.fit_temperature: {"y_true": LABELS, "log_probabilities": np.log(ROWS)},
    training.train: {"images": STORED, "labels": ROWS.round(), "validation_data": (STORED, ROWS)},
    training.predict: {"images": STORED},
    training.set_seed: {"seed": 0},
    training.load_trained: {"name": "network_b"},
    training.load_checkpoint: {"path": "x.keras"},
    training.save_checkpoint: {"path": "x.keras"},
    load_picture: {"path": "x.png"},
    mnist_form.prepare: {"picture": STORED[0]},
    reading.read_digit: {"picture": STORED[0]},
    reading.predict_photo: {"path": "x.png"},
    augmentation.distort: {"images": IMAGES, "seed": 0},
}
BAD = {
    "None": None,
    "a word": "three",
    "an object": object(),
    "a dict": {},
    "an empty list": [],
    "ragged rows": [[1], [2, 3]],
    "words": ["a", "b"],
    "negative": -1,
    "zero": 0,
    "huge": 10**400,
    "NaN": float("nan"),
    "complex": np.ones((40, 28, 28), complex),
    "dates": np.zeros(40, "M8[D]"),
    "NaNs": np.full((40, 28, 28, 1), np.nan, "float32"),
    "none of them": np.zeros((0, 28, 28)),
    "five axes": np.zeros((2, 2, 2, 2, 2)),
    "too few": np.arange(3),
    "a long name": "a" * 5000,
    "a zero byte": "a\0b",
    "somebody's home": "~nobody-of-that-name/x",
}
HAS_MODEL = {training.train, training.predict, training.save_checkpoint}
# They take nothing, or are the steps of functions above.
STEPS = {"has_mnist", "cache_file", "stand_in", "shipped_network", "averaged"}
STEPS |= {"change_thickness", "random_matrices", "source_places", "waves", "sample"}
STEPS |= {"is_mnist_like", "bright_ink", "thicken", "stroke_width", "disk", "shrink", "center"}
CASES = [(f, name, bad) for f, valid in CALLS.items() for name in valid for bad in BAD]


@pytest.mark.parametrize(
    ("function", "name", "bad"), CASES, ids=[f"{f.__name__}-{n}-{b}" for f, n, b in CASES]
)
@pytest.mark.filterwarnings("ignore")
def test_bad_input_is_answered_in_a_sentence(function, name, bad, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = CALLS[function] | {name: BAD[bad]}
    if function in HAS_MODEL:
        arguments["model"] = network_e()
    try:
        answer = function(**arguments)
    except InputError as error:
        assert 15 < len(str(error)) < 500
        assert "\n" not in str(error).strip()
    else:
        numbers = (
            [x for x in np.atleast_1d(answer) if isinstance(x, float)] if is_flat(answer) else []
        )
        assert np.isfinite(numbers).all(), f"answers {answer}"


def is_flat(answer):
    return isinstance(answer, float) or (
        isinstance(answer, tuple) and all(isinstance(x, float) for x in answer)
    )


def test_every_public_function_is_tried():
    modules = [dataset, preprocessing, evaluation, training, augmentation, mnist_form, reading]
    for module in modules:
        for name, value in vars(module).items():
            public = callable(value) and not name.startswith("_") and not isinstance(value, type)
            if public and getattr(value, "__module__", "") == module.__name__:
                assert value in CALLS or name in STEPS, f"{module.__name__}.{name}"


THREE = next(path for path in DIGIT_SAMPLES if path.name[0] == "3")
COMMANDS = {
    "study": [
        *("--seeds 0", "--seeds -1", "--seeds x", f"--seeds {10**20}", "--workers 0"),
        *("--workers 99999", "--networks Z", "--networks", "--epochs 3", "more", "--folder"),
        *("--folder file", "--folder file/in", "--folder " + "a" * 300),
    ],
    "tools.execute_notebooks": [
        *("nowhere.ipynb", "file", "empty", "of_text.ipynb", "cut.ipynb", "of_json.ipynb", "-x"),
    ],
    "tools.train_checkpoints": [
        *("network_z", "--images 0", "--images x", "--images 60000", "--folder file"),
    ],
    "tools.handwriting.make_samples": ["more", "--folder file"],
    "tools.handwriting.read_handwriting": [
        *("", "nowhere", "file", "empty", "~nobody-of-that-name/x", "a" * 300, "of_no_table"),
        *("mine --sheet empty", "mine --sheet file/s.png"),
        *(
            "mine --table mine/3/3.jpg",
            "mine --table of_no_table/3/3.jpg",
            "mine --table mine/t.csv",
            "mine --table file/t.csv",
        ),
    ],
    "tools.claims": ["99", "x", "01 99", "--add 0"],
    "tools.faults.plant": ["--only nothing", "--sample 0", "--sample -1", "--sample x"],
    "tools.soak": ["0", "-1", "x", "1.5", "1 2", "--seed x"],
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder that a command is called in, with files that it cannot use."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCHEDULER", raising=False)
    whole = NOTEBOOKS[0].read_text("utf-8")
    files = {
        "file": "text",
        "of_text.ipynb": "text",
        "cut.ipynb": whole[: len(whole) // 2],
        "of_json.ipynb": "{}",
        "of_no_table/manifest.csv": "kind\nphoto\n",
    }
    for folder in ["empty", "mine/3", "of_no_table/3"]:
        (tmp_path / folder).mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    for folder in ["mine", "of_no_table"]:
        (tmp_path / folder / "3" / "3.jpg").write_bytes(THREE.read_bytes())
    return tmp_path


def run(module, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [module, *map(str, arguments)])
        importlib.import_module("study.__main__" if module == "study" else module).main()


def files_in(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(("module", "text"), [(m, text) for m in COMMANDS for text in COMMANDS[m]])
def test_a_command_says_in_a_sentence_what_it_cannot_use(module, text, place, capsys):
    before, start = files_in(place), time.process_time()
    with pytest.raises(SystemExit) as end:
        run(module, *(text.split(" ")))
    assert time.process_time() - start < 5
    said = capsys.readouterr()
    sentence = end.value.code if isinstance(end.value.code, str) else said.err.strip()
    assert end.value.code != 0
    assert 15 < len(sentence) < 500
    assert "\n" not in sentence
    assert any(part[:40] in sentence for part in text.split(" ")[-1].split("/") if part) or not text
    assert said.out == ""
    assert files_in(place) == before


def test_every_command_is_tried_and_answers_before_tensorflow_is_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert set(re.findall(r"-m ((?:study|tools)[\w.]*)", makefile)) == COMMANDS.keys()
    imports = ", ".join(COMMANDS).replace("study", "study.__main__")
    code = f"import sys, {imports}; sys.exit(not {{'tensorflow', 'matplotlib'}} - {{*sys.modules}})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_pictures_that_cannot_be_read_are_named_and_counted(place, capsys):
    folder = place / "mine" / "3"
    (folder / "half.jpg").write_bytes((folder / "3.jpg").read_bytes()[:3000])
    (folder / "text.png").write_text("text")
    Image.new("1", (20_000, 20_000)).save(folder / "huge.png")
    Image.new("L", (9, 9)).save(folder / "pages.tiff", save_all=True, append_images=[STORED_IMAGE])
    Image.fromarray(np.full((9, 9), np.nan, "float32")).save(folder / "nan.tiff")
    unread = {path.name for path in folder.iterdir()} - {"3.jpg"}
    Image.new("L", (1, 1)).save(folder / "dot.png")
    run("tools.handwriting.read_handwriting", "mine")
    said = capsys.readouterr()
    assert set(re.findall(r"not read: .*?[\\/]3[\\/]([\w.]+)", said.err)) == unread
    assert "\n6 misread or not read: " in said.out
    assert said.out.endswith(" n 7\n")


STORED_IMAGE = Image.fromarray(STORED[0])
ROW = {"network": "E", "seed": 0}
RUN = {"row": ROW, "curve": [ROW], "predictions": LABELS, "validation": ROWS, "test": ROWS}
NOTEBOOK = nbformat.read(NOTEBOOKS[0], as_version=4)
FIGURES = [
    tag.removeprefix("figure:")
    for cell in NOTEBOOK.cells
    for tag in cell.metadata.get("tags", [])
    if tag.startswith("figure:")
]


def save_notebook(folder):
    instead = {"execute": 1, "write_figures": None, "has_mnist": True}
    with replaced(execute_notebooks, **{name: lambda *_, x=x: x for name, x in instead.items()}):
        run("tools.execute_notebooks", folder / "a.ipynb")


def record(folder):
    with replaced(execute_notebooks, COSTS=folder / "costs.csv"):
        execute_notebooks.record({})


def train(folder):
    untrained = SimpleNamespace(history={"val_accuracy": [0.1]})
    with replaced(
        train_checkpoints,
        has_mnist=lambda: True,
        load_mnist=dataset.stand_in,
        train_b=lambda *_, **options: untrained,
    ):
        run("tools.train_checkpoints", "network_b", "--folder", folder)


@contextlib.contextmanager
def replaced(module, **values):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(module, name, value)
        yield


# What writes, and the file that must be as it was if there is no room for it.
WRITERS = {
    "runs/E_0.npz": lambda folder: save_run(folder, RUN),
    "runs.csv": lambda folder: write_csv(folder / "runs.csv", [ROW] * 99),
    "a.ipynb": save_notebook,
    "costs.csv": record,
    f"{FIGURES[0]}.png": lambda folder: execute_notebooks.write_figures(NOTEBOOK, folder),
    "a.txt": lambda folder: write_witnesses(folder / "a.txt", []),
    "network_b.keras": train,
    "0_pencil_on_cream.jpg": lambda folder: run(
        "tools.handwriting.make_samples", "--folder", folder
    ),
    "s.png": lambda folder: run(
        "tools.handwriting.read_handwriting", folder / "mine", "--sheet", folder / "s.png"
    ),
    "t.csv": lambda folder: run(
        "tools.handwriting.read_handwriting", folder / "mine", "--table", folder / "t.csv"
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_and_leaves_what_was_there(name, place):
    resource = pytest.importorskip("resource", reason="Windows sets no limit to files")
    content = {
        "a.ipynb": NOTEBOOKS[0].read_bytes(),
        "costs.csv": (ROOT / "results" / "notebook_costs.csv").read_bytes(),
    }
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_bytes(content.get(name, b"# what was there, and is longer\n" * 9))
    (place / "mine" / "3" / "no.png").write_bytes(b"")
    before = files_in(place)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    quiet = io.StringIO()
    with (
        pytest.raises(SystemExit, match=f"{name} could not be .* the room on the disk"),
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),
        answering(),
    ):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
            WRITERS[name](place)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_in(place) == before
