"""The study's files: one for each finished run, two tables drawn from all of them, the labels."""

import csv
import json
from pathlib import Path

import numpy as np

from helpers.errors import InputError, explained
from helpers.whole_files import written_whole

RESULTS = Path(__file__).parent.parent / "results"
ARRAYS = ["predictions", "validation", "test"]
TEXTS = ["row", "curve"]


def run_name(row):
    return f"{row['network']}_{row['seed']}"


def save_run(folder, result):
    """Write one finished run, whole or not at all."""
    path = folder / "runs" / f"{run_name(result['row'])}.npz"
    texts = {name: json.dumps(result[name]) for name in TEXTS}
    _write(path, texts | {name: result[name] for name in ARRAYS})


def load_run(path):
    """Read what `save_run` wrote; `InputError` if the file is damaged or bears another's name."""
    result = _read(path, ARRAYS + TEXTS, "the same command trains that run again")
    with explained(f"{path} is no run of this study, delete it"):
        result |= {name: json.loads(str(result[name])) for name in TEXTS}
        own_name = run_name(result["row"])
    if path.stem != own_name:
        raise InputError(f"{path} holds the run {own_name}. Give it back its name or delete it.")
    with explained(f"{path} is no whole run, delete it"):
        check_sizes(result)
    return result


def check_sizes(result):
    """Raise `ValueError` unless a run's arrays hold as many images as its row says."""
    for name in ARRAYS:
        images = result["row"]["validation_images" if name == "validation" else "test_images"]
        if len(result[name]) != images:
            raise ValueError(f"{name} holds {len(result[name])} images, its row says {images}")


def finished_runs(folder):
    """All runs in `folder` by name, such as "B_0" (see `load_run`)."""
    return {path.stem: load_run(path) for path in sorted((folder / "runs").glob("*.npz"))}


def write_tables(folder, results):
    """Draw `runs.csv` (a row for each run) and `curves.csv` (one for each epoch) anew."""
    ordered = [results[key] for key in sorted(results)]
    write_csv(folder / "runs.csv", [result["row"] for result in ordered])
    write_csv(folder / "curves.csv", [epoch for result in ordered for epoch in result["curve"]])


def keep_labels(folder, labels):
    """Write the labels of the images that are read (`labels.npz`), or compare with those there.

    `labels` is a dict of uint8 arrays (N,). `InputError` if those there are others.
    """
    path = folder / "labels.npz"
    if not path.exists():
        _write(path, labels)
    found = _read(path, labels, "the same command writes it again")
    if not all(np.array_equal(found[name], labels[name]) for name in labels):
        raise InputError(
            f"{path} holds the labels of other images than this study reads, so the runs beside "
            "it are another study's. Move the folder away, or give another one with --folder."
        )


def write_csv(path, rows):
    """Write `rows` (dicts with the same names), whole or not at all."""
    if len({frozenset(row) for row in rows}) != 1:
        raise InputError(f"{path} cannot be drawn up of no rows, or of rows that differ.")
    with (
        written_whole(path) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write(path, arrays):
    with written_whole(path) as part, part.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _read(path, names, remedy):
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except Exception as error:
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or no file of the study: {error}. "
            f"It was left as it is; delete it, and {remedy}."
        ) from error
