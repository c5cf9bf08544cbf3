"""Train every row of the ledger with several seeds, on a Dask cluster: `results/ledger.csv`.

Each row but the first changes an earlier one, most of them in one thing. All learn from the study's
54,000 images and are compared on its 6,000 validation images; the rows of `FINAL` read the test
images, too, once, when they have learnt. A finished training is written at once and never made
again.
"""

import csv
import os
import time
from typing import NamedTuple

import numpy as np
from dask.system import CPU_COUNT

from helpers.errors import InputError, as_number, explained
from study.cluster import connected, each_finished
from study.command_line import Parser, answering, one_of, resumable, whole_number, writable_file
from study.files import RESULTS, write_csv
from study.protocol import QUICK_SEEDS, load_parts


class Recipe(NamedTuple):
    """What a row learns, and how; the defaults are those of Keras's own example, for one epoch.

    `network` : words, see `study.learning.network_of`
    `fit` : by Keras's `fit`, or all steps in one graph
    `rate` : the learning rate; with `cycle`, the highest one of a one-cycle schedule
    `smoothing` : the share of each label that goes to all ten digits alike
    `shift`, `turn`, `zoom`, `slant` : at each step each image is moved by at most so many pixels
        along rows and columns, turned by so many radians, stretched by about such a share of its
        width and height, and each row slid by such a share of its distance from the middle one
    `average` : the share that an average of the weights keeps at each step; 0: no average
    `teachers` : so many networks learn first, and their mean answers are the labels
    """

    network: str = "32x3 relu pool 64x3 relu pool drop"
    fit: bool = True
    epochs: float = 1
    batch_size: int = 128
    optimizer: str = "adam"
    rate: float = 0.001
    cycle: bool = False
    smoothing: float = 0.0
    shift: float = 0.0
    turn: float = 0.0
    zoom: float = 0.0
    slant: float = 0.0
    average: float = 0.0
    teachers: int = 0


SEEDS = 5
RACER = "F, smoothed labels"
FAST = "24x5/2 pool norm relu 32x3 norm relu 64x3 norm relu"
THOROUGH = "32x5/2 norm relu 64x3 norm relu pool 64x3 norm relu"
SMALL = "8x3 norm relu 8x3 pool norm relu 16x3 norm relu 16x3 pool norm relu 16x3 norm relu mean"
# Each row: the row that it changes, and what it changes in it.
LEDGER = {
    "K, one epoch": ("", {}),
    "one graph": ("K, one epoch", {"fit": False}),
    "higher rate": ("one graph", {"rate": 0.01}),
    "one cycle": ("higher rate", {"cycle": True}),
    "normalised": ("one cycle", {"network": "32x3 norm relu pool 64x3 norm relu pool drop"}),
    "no dropout": ("normalised", {"network": "32x3 norm relu pool 64x3 norm relu pool"}),
    "stride": ("no dropout", {"network": "32x5/2 norm relu 64x3 norm relu pool"}),
    "three layers": ("stride", {"network": "16x5/2 norm relu 32x3 norm relu pool 64x3 norm relu"}),
    "pool at once": (
        "three layers",
        {"network": "16x5/2 pool norm relu 32x3 norm relu 64x3 norm relu"},
    ),
    "24 filters": ("pool at once", {"network": FAST}),
    "higher peak": ("24 filters", {"rate": 0.02}),
    "F": ("higher peak", {"epochs": 1.5}),
    "constant 0.02": ("F", {"cycle": False}),
    "constant 0.01": ("constant 0.02", {"rate": 0.01}),
    "constant 0.005": ("constant 0.02", {"rate": 0.005}),
    "constant 0.002": ("constant 0.02", {"rate": 0.002}),
    "constant 0.001": ("constant 0.02", {"rate": 0.001}),
    "F, batches of 64": ("F", {"batch_size": 64}),
    "F, batches of 256": ("F", {"batch_size": 256}),
    "F, momentum": ("F", {"optimizer": "sgd", "rate": 0.3}),
    "F, smoothed labels": ("F", {"smoothing": 0.1}),
    "F, averaged weights": ("F", {"average": 0.98}),
    "F, five teachers": ("F", {"teachers": 5}),
    "F, six epochs": ("F", {"epochs": 6}),
    "six epochs, shifted": ("F, six epochs", {"shift": 1.5}),
    "six epochs, turned": ("F, six epochs", {"turn": 0.12}),
    "six epochs, zoomed": ("F, six epochs", {"zoom": 0.08}),
    "six epochs, slanted": ("F, six epochs", {"slant": 0.1}),
    "six epochs, all four": (
        "F, six epochs",
        {"shift": 1.5, "turn": 0.12, "zoom": 0.08, "slant": 0.1},
    ),
    "W": ("six epochs, all four", {"network": THOROUGH, "epochs": 12}),
    "W, longer": ("W", {"epochs": 18, "smoothing": 0.1}),
    "T": ("W", {"network": SMALL, "rate": 0.01}),
}
FINAL = ["F", RACER, "W", "W, longer", "T"]
# What a row holds, and the most that each of its numbers can be.
WHOLE = {"seed": 2**32, "training_images": 1e6, "parameters": 1e9, "threads": 1e4}
NUMBERS = {"validation_loss": 1e3, "validation_accuracy": 1, "seconds": 1e7, "cpu_seconds": 1e7}
COLUMNS = ["name", "seed", *Recipe._fields, "training_images", "parameters", "validation_loss"]
COLUMNS += ["validation_accuracy", "test_accuracy", "seconds", "cpu_seconds", "threads", "load"]
COLUMNS += ["python", "keras", "tensorflow", "numpy"]


def seeds_of(name):
    """How many; the row that races, and the one that it changes, are too close for five."""
    return 2 * SEEDS if name in ("F", RACER) else SEEDS


def recipe_of(name):
    earlier, changed = LEDGER[name]
    return (recipe_of(earlier) if earlier else Recipe())._replace(**changed)


def train_and_measure(parts, name, seed, after_epoch=None):
    """The row of one training, a dict; `parts` as in `study.run.train_and_measure`."""
    from helpers.quiet import tensorflow
    from helpers.training import predict
    from study.learning import learnt
    from study.run import own_seed, scores_of, versions

    def scores(model, part):
        images, labels = parts[part]
        return scores_of(predict(model, images), labels)

    recipe = recipe_of(name)
    paused, looks = np.zeros(2), []

    def look(model):
        stopped = clocks()
        looks.append(scores(model, "validation"))
        if after_epoch:
            after_epoch(len(looks))
        paused[:] += clocks() - stopped

    began = clocks()
    model = learnt(recipe, *parts["training"], own_seed(name, seed), look)
    seconds, cpu_seconds = clocks() - began - paused
    tested = scores(model, "test")["accuracy"] if name in FINAL else ""
    return {
        "name": name,
        "seed": seed,
        **recipe._asdict(),
        "training_images": len(parts["training"][0]),
        "parameters": int(model.count_params()),
        **{f"validation_{score}": value for score, value in looks[-1].items()},
        "test_accuracy": tested,
        "seconds": round(float(seconds), 2),
        "cpu_seconds": round(float(cpu_seconds), 2),
        "threads": tensorflow.config.threading.get_intra_op_parallelism_threads(),
        "load": round(os.getloadavg()[0], 1),
        **versions(),
    }


def clocks():
    return np.array([time.perf_counter(), time.process_time()])


def read_rows(table):
    """Rows of `table` by name and seed; `InputError` if it is none, or of other recipes."""
    if not table.exists():
        return {}
    spoiled = f"{table} is no whole ledger: move it away, or give another one with --table"
    with table.open(newline="", encoding="utf-8") as file, explained(spoiled):
        every, rows = csv.DictReader(lines := file.readlines()), {}
        if every.fieldnames != COLUMNS:
            raise ValueError(f"its columns are {every.fieldnames}")
        if not lines[-1].endswith("\n"):
            raise ValueError(f"its last line breaks off, {lines[-1][:30]}...")
        for row in every:
            name, seed = row["name"], int(row["seed"])
            if None in row.values() or None in row or (name, seed) in rows:
                raise ValueError(f"its row of {name}, seed {seed}, is cut or doubled")
            check_numbers(row, f"{table}, {name}, seed {seed}")
            rows[name, seed] = row
            for setting, value in recipe_of(name)._asdict().items():
                if row[setting] != str(value):
                    raise InputError(
                        f"{table} has {name}, seed {seed}, with {setting} {row[setting]}, the "
                        f"ledger {value}. Move it away, or give another one with --table."
                    )
    return rows


def check_numbers(row, where):
    final = {"test_accuracy": 1} if row["name"] in FINAL else {}
    for column, most in (WHOLE | NUMBERS | final).items():
        number = (int if column in WHOLE else float)(row[column])
        as_number(number, f"{where}: {column}", 0, most)


def check_same_images(rows, parts, table):
    """Refuse to mix trainings on so many images with finished ones on another number."""
    planned = len(parts["training"][0])
    found = {int(row["training_images"]) for row in rows.values()} - {planned}
    if found:
        raise InputError(
            f"{table} has trainings on {min(found):,} images, these are {planned:,}. Move it away, "
            "or give another one with --table."
        )


@answering()
def main():
    parser = Parser(prog="python -m study.ledger", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few images and seeds")
    parser.add_argument("--rows", nargs="+", type=one_of(LEDGER), default=[*LEDGER])
    parser.add_argument("--seeds", type=whole_number(1, 1000), help="how many (default: 5, 10; 2)")
    parser.add_argument("--workers", type=whole_number(1, CPU_COUNT), help="as of python -m study")
    parser.add_argument("--table", help="default: results/ledger.csv or results/quick/ledger.csv")
    options = parser.parse_args()
    folder = RESULTS / "quick" if options.quick else RESULTS
    table = writable_file("table", options.table or folder / "ledger.csv", ".csv")
    seeds = options.seeds or (QUICK_SEEDS if options.quick else None)
    with resumable():
        rows = read_rows(table)
        parts = load_parts(options.quick)
        check_same_images(rows, parts, table)
        planned = [(name, seed) for name in options.rows for seed in range(seeds or seeds_of(name))]
        planned.sort(key=lambda run: run[1])
        missing = [run for run in planned if run not in rows]
        done = len(planned) - len(missing)
        print(f"{done} of {len(planned)} trainings are in {table}.", flush=True)
        if missing:
            train_all(missing, parts, rows, table, options.workers)


def train_all(missing, parts, rows, table, workers):
    """Train the missing rows, and write each as it comes in."""
    runs = {f"{name} {seed}": {"name": name, "seed": seed} for name, seed in missing}
    with connected(workers) as client:
        finished = each_finished(client, runs, parts, "study.ledger")
        for done, (key, row, error) in enumerate(finished, 1):
            if error:
                print(f"{done} of {len(missing)}: {key} FAILED: {error!r}", flush=True)
                continue
            rows[row["name"], row["seed"]] = row
            order = sorted(rows, key=lambda run: ([*LEDGER].index(run[0]), run[1]))
            write_csv(table, [rows[run] for run in order])
            reached = f"{row['validation_accuracy']:.2%}, {row['cpu_seconds']:.1f} CPU seconds"
            print(f"{done} of {len(missing)}: {key}: {reached}", flush=True)


if __name__ == "__main__":
    main()
