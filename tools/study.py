"""Train every network of the study with several seeds, on a Dask cluster, and write `results/`.

Each finished run is written at once and never trained again, so a study that was stopped goes
on where it was. With the environment variable SCHEDULER (tcp://host:8786) the work goes to a
cluster that runs already; otherwise to processes of this machine, one thread each.
"""

import argparse
import contextlib
import sys
from pathlib import Path

from distributed import as_completed
from study_cluster import connected, send_parts
from study_files import finished_runs, keep_labels, save_run, write_tables
from study_progress import Progress

from helpers.dataset import has_mnist, load_mnist, train_validation_split
from helpers.errors import InputError
from helpers.study_worker import train_on_worker

RESULTS = Path(__file__).parent.parent / "results"
# Epochs and batch size as each network's source states them, the costliest first.
PROTOCOL = {
    "C_no_dropout": {"epochs": 12, "batch_size": 32, "optimizer": "adam"},
    "C": {"epochs": 12, "batch_size": 32, "optimizer": "adam"},
    "B_no_pooling": {"epochs": 3, "batch_size": 32, "optimizer": "adam"},
    "K": {"epochs": 15, "batch_size": 128, "optimizer": "adam"},
    "B_wide": {"epochs": 3, "batch_size": 32, "optimizer": "adam"},
    "A": {"epochs": 3, "batch_size": 32, "optimizer": "adam"},
    "B": {"epochs": 3, "batch_size": 32, "optimizer": "adam"},
    "B_narrow": {"epochs": 3, "batch_size": 32, "optimizer": "adam"},
    "E": {"epochs": 5, "batch_size": 32, "optimizer": "adam"},
    "S": {"epochs": 1, "batch_size": 128, "optimizer": "one-cycle"},
}
QUICK_IMAGES = {"training": 2000, "validation": 500, "test": 1000}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few images, epochs and seeds")
    parser.add_argument("--seeds", type=int, help="how many (default: 5; 2 if quick)")
    parser.add_argument("--networks", nargs="+", choices=PROTOCOL, default=list(PROTOCOL))
    parser.add_argument("--workers", type=int, help="processes (default: as many as cores)")
    parser.add_argument("--folder", type=Path, help="default: results/study or results/quick")
    options = parser.parse_args()
    folder = options.folder or RESULTS / ("quick" if options.quick else "study")
    try:
        parts = load_parts(options.quick)
        seeds = options.seeds or (2 if options.quick else 5)
        plan = plan_runs(options.networks, seeds, options.quick)
        results = finished_runs(folder)
        check_same_protocol(plan, parts, results)
        keep_labels(folder, {part: parts[part][1] for part in ["validation", "test"]})
        if options.quick:
            print("THE QUICK STUDY: few images and epochs. It shows that all works, no more.")
        missing = {name: run for name, run in plan.items() if name not in results}
        print(f"{len(plan) - len(missing)} of {len(plan)} runs are in {folder}.", flush=True)
        if results:
            write_tables(folder, results)
        failed = missing and train_all(missing, parts, results, folder, options.workers)
    except InputError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped; what was finished is kept. The same command goes on from here.")
    if failed:
        sys.exit(f"{len(failed)} runs failed: {', '.join(failed)}. The others are kept.")


def load_parts(quick):
    """Training, validation and test part of MNIST; of the quick study, the first of each."""
    if not quick and not has_mnist():
        raise InputError("The study needs MNIST itself; set MNIST_NPZ to the path of mnist.npz.")
    training, test = load_mnist()
    training, validation = train_validation_split(*training)
    parts = {"training": training, "validation": validation, "test": test}
    if quick:
        parts = {name: tuple(x[: QUICK_IMAGES[name]] for x in parts[name]) for name in parts}
    return parts


def plan_runs(networks, seeds, quick):
    """All runs by name, seed 0 of every network first, so that a part of them is balanced."""
    plan = {}
    for seed in range(seeds):
        for network in networks:
            run = {"network": network, "seed": seed, **PROTOCOL[network]}
            run["epochs"] = min(run["epochs"], 2) if quick else run["epochs"]
            plan[f"{network}_{seed}"] = run
    return plan


def check_same_protocol(plan, parts, results):
    """Refuse to mix runs with those of another protocol."""
    sizes = {f"{part}_images": len(images) for part, (images, _) in parts.items()}
    for name in plan.keys() & results.keys():
        for setting, value in (plan[name] | sizes).items():
            found = results[name]["row"][setting]
            if found != value:
                raise InputError(
                    f"The finished run {name} has {setting} {found}, this study has {value}. "
                    "Move the folder away, or give another one with --folder."
                )


def train_all(missing, parts, results, folder, workers):
    """Train the missing runs and write each as it comes in; returns the names of those that failed."""
    failed = []
    with connected(workers) as client, contextlib.closing(Progress(missing)) as progress:
        batch = f"study of {client.id}"
        client.subscribe_topic(batch, progress.epoch)
        data = send_parts(client, parts)
        futures = [
            client.submit(train_on_worker, run, data, batch, key=(batch, name), priority=-i)
            for i, (name, run) in enumerate(missing.items())
        ]
        for future in as_completed(futures):
            _, name = future.key
            if future.status == "error":
                failed.append(name)
                progress.finished(name, f"{name} FAILED: {future.exception()!r}")
                continue
            results[name] = future.result()
            future.release()
            save_run(folder, results[name])
            write_tables(folder, results)
            progress.finished(name, summary(name, results[name]["row"]))
    return failed


def summary(name, row):
    return (
        f"{name}: test accuracy {row['test_accuracy']:.2%}, {row['epochs']} epochs of "
        f"{row['seconds_per_epoch']:.1f} s ({row['cpu_seconds_per_epoch']:.1f} CPU s)"
    )


if __name__ == "__main__":
    main()
