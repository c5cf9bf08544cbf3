"""The study's files: one for each finished run, and two tables drawn from all of them."""

import csv
import json
import os

import numpy as np

from helpers.errors import InputError

ARRAYS = ["predictions", "validation", "test"]


def run_name(row):
    return f"{row['network']}_{row['seed']}"


def save_run(folder, result):
    """Write one finished run, whole or not at all."""
    path = folder / "runs" / f"{run_name(result['row'])}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {name: json.dumps(result[name]) for name in ["row", "curve"]}
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez_compressed(file, **texts, **{name: result[name] for name in ARRAYS})
    os.replace(part, path)


def load_run(path):
    """Read what `save_run` wrote; `InputError` if the file is damaged or another run's."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            result = {name: archive[name] for name in ARRAYS}
            result |= {name: json.loads(str(archive[name])) for name in ["row", "curve"]}
    except Exception as error:
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or holds no run of the study: "
            f"{error}. It was left as it is; delete it, and `make study` trains that run again."
        ) from error
    if path.stem != run_name(result["row"]):
        raise InputError(
            f"{path} holds the run {run_name(result['row'])}. Give it back its name or delete it."
        )
    return result


def finished_runs(folder):
    """All runs in `folder` by name, such as "B_0"; each file is checked."""
    return {path.stem: load_run(path) for path in sorted((folder / "runs").glob("*.npz"))}


def write_tables(folder, results):
    """Draw `runs.csv` (a row for each run) and `curves.csv` (one for each epoch) anew."""
    ordered = [results[key] for key in sorted(results)]
    write_csv(folder / "runs.csv", [result["row"] for result in ordered])
    write_csv(folder / "curves.csv", [epoch for result in ordered for epoch in result["curve"]])


def write_csv(path, rows):
    """Write `rows` (dicts with the same names), whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(part, path)
