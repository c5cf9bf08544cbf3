"""Measure what Dask's scheduler costs a task, and how runs divide over workers and threads.

Writes `results/scheduler.csv`: wall seconds, which other work on the machine lengthens, and CPU
seconds, which are steadier, with the load beside them.
"""

import os
import time

from distributed import wait

from study.cluster import connected, send_parts
from study.command_line import Parser, answering
from study.files import RESULTS, write_csv
from study.protocol import load_parts, plan_runs
from study.worker import train_on_worker

TRIVIAL_TASKS = 1000
ROUNDS = 6
RUNS = 6


@answering()
def main():
    Parser(description=__doc__).parse_args()
    os.environ.pop("SCHEDULER", None)  # workers of this machine are measured
    rows = []
    for workers, threads in [(1, 1), (2, 1), (1, 2)]:
        with connected(workers) as client:
            place = {"workers": workers, "threads": threads}
            if threads == 1:
                rows.append(measure_overhead(client) | place)
            rows.append(measure_runs(client, threads) | place)
    write_csv(RESULTS / "scheduler.csv", rows)


def measure_overhead(client):
    """Many tasks that do nothing: of several rounds the least seconds, and the least CPU seconds.

    The CPU seconds are those of this process, which holds the client and the scheduler.
    """
    rounds = [round_of_nothing(client) for _ in range(ROUNDS)]
    return row("trivial tasks", TRIVIAL_TASKS, *map(min, zip(*rounds)))


def round_of_nothing(client):
    start, cpu_start = time.perf_counter(), time.process_time()
    wait(client.map(abs, range(TRIVIAL_TASKS), pure=False))
    return time.perf_counter() - start, time.process_time() - cpu_start


def measure_runs(client, threads):
    """Seconds for several runs of B on 2,000 images, once every worker has trained one."""
    data = send_parts(client, load_parts(quick=True))
    first, *runs = plan_runs("B", RUNS + 1, quick=True).values()
    for worker in client.nthreads():
        client.submit(
            train_on_worker, first, data, "ignored", threads, workers=worker, pure=False
        ).result()
    start = time.perf_counter()
    futures = client.map(train_on_worker, runs, parts=data, topic="ignored", threads=threads)
    rows = [result["row"] for result in client.gather(futures)]
    seconds = time.perf_counter() - start
    cpu_seconds = sum(run["cpu_seconds_per_epoch"] * run["epochs"] for run in rows)
    return row("runs of B on 2,000 images", RUNS, seconds, cpu_seconds)


def row(measured, tasks, seconds, cpu_seconds):
    return {
        "measured": measured,
        "tasks": tasks,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "milliseconds_per_task": round(1000 * seconds / tasks, 1),
        "cpu_milliseconds_per_task": round(1000 * cpu_seconds / tasks, 1),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
