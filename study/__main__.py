"""Train every network of the study with several seeds, on a Dask cluster, and write `results/`.

Each finished run is written at once and never trained again, so a study that was stopped goes
on where it was. With the environment variable SCHEDULER (tcp://host:8786) the work goes to a
cluster that runs already; otherwise to processes of this machine, one thread each.
"""

import contextlib
from pathlib import Path

from dask.system import CPU_COUNT

from study.cluster import connected, each_finished
from study.command_line import (
    Parser,
    answering,
    one_of,
    resumable,
    whole_number,
    writable_folder,
)
from study.files import RESULTS, finished_runs, keep_labels, save_run, write_tables
from study.progress import Progress
from study.protocol import (
    PROTOCOL,
    QUICK_SEEDS,
    SEEDS,
    check_same_protocol,
    load_parts,
    plan_runs,
)

MOST_SEEDS = 1000


@answering()
def main():
    parser = Parser(prog="python -m study", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few images, epochs and seeds")
    parser.add_argument(
        "--seeds",
        type=whole_number(1, MOST_SEEDS),
        help=f"how many (default: {SEEDS}; {QUICK_SEEDS} if quick)",
    )
    every = f"of {', '.join(PROTOCOL)}; default: all"
    parser.add_argument(
        "--networks", nargs="+", type=one_of(PROTOCOL), default=[*PROTOCOL], help=every
    )
    parser.add_argument(
        "--workers",
        type=whole_number(1, CPU_COUNT),
        help="processes (default: one for each core, or for each 4 GiB of memory if those are "
        "fewer; with SCHEDULER its cluster decides)",
    )
    parser.add_argument("--folder", type=Path, help="default: results/study or results/quick")
    options = parser.parse_args()
    folder = options.folder or RESULTS / ("quick" if options.quick else "study")
    writable_folder(folder / "runs")
    with resumable():
        parts = load_parts(options.quick)
        seeds = options.seeds or (QUICK_SEEDS if options.quick else SEEDS)
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
        if missing:
            train_all(missing, parts, results, folder, options.workers)


def train_all(missing, parts, results, folder, workers):
    """Train the missing runs, and write each as it comes in."""
    with connected(workers) as client, contextlib.closing(Progress(missing)) as progress:
        for name, result, error in each_finished(client, missing, parts, on_epoch=progress.epoch):
            if error:
                progress.finished(name, f"{name} FAILED: {error!r}")
                continue
            results[name] = result
            save_run(folder, result)
            write_tables(folder, results)
            progress.finished(name, summary(name, result["row"]))


def summary(name, row):
    return (
        f"{name}: test accuracy {row['test_accuracy']:.2%}, {row['epochs']} epochs of "
        f"{row['seconds_per_epoch']:.1f} s ({row['cpu_seconds_per_epoch']:.1f} CPU s)"
    )


if __name__ == "__main__":
    main()
