"""The study's workers: where they come from, what is sent to them, and what they do."""

import io
import logging
import os
import signal
import sys
from contextlib import contextmanager

import cloudpickle
import dask
import numpy as np
from dask.system import CPU_COUNT
from distributed import Client, get_worker
from distributed.system import MEMORY_LIMIT

from helpers.errors import InputError

WORKER_MEMORY = 4 * 2**30

# Workers need `helpers`, but not this folder: they get its functions whole, not by name.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
dask.config.set({"distributed.admin.large-graph-warning-threshold": "20MB"})


@contextmanager
def connected(workers=None):
    """A client of the cluster named by SCHEDULER, or else of `workers` processes started here."""
    address = os.environ.get("SCHEDULER")
    client = _remote(address) if address else _local(workers)
    with client:
        try:
            yield client
        finally:
            # A worker that takes long to leave is killed then: no news.
            logging.getLogger("distributed.nanny").setLevel(logging.CRITICAL)


def _local(workers):
    client = Client(
        n_workers=workers or max(1, min(CPU_COUNT, MEMORY_LIMIT // WORKER_MEMORY)),
        threads_per_worker=1,
        processes=True,
        memory_limit=WORKER_MEMORY,
        dashboard_address=":0",
    )
    client.run(leave_interrupts_to_the_client)
    return client


def leave_interrupts_to_the_client():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _remote(address):
    try:
        client = Client(address, timeout=20)
        client.wait_for_workers(1, timeout=60)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"SCHEDULER={address} does not answer or has no workers ({error}). Start "
            "`dask scheduler` and `dask worker`, or unset SCHEDULER to use this machine."
        ) from error
    return client


def send_parts(client, parts):
    """The images and labels of every part, as a future for `train_on_worker`.

    A task that unpacks them, not scattered data: what is scattered is lost with its worker.
    """
    arrays = {f"{part}_{i}": array for part in parts for i, array in enumerate(parts[part])}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return client.submit(unpack, file.getvalue(), key=f"images of {client.id}")


def unpack(packed):
    with np.load(io.BytesIO(packed)) as archive:
        return {
            part: (archive[f"{part}_0"], archive[f"{part}_1"])
            for part in ["training", "validation", "test"]
        }


def train_on_worker(run, parts, topic, threads=1):
    """Train and measure one run; each epoch done is an event of `topic`."""
    from helpers.study import limit_threads, train_and_measure

    worker = get_worker()
    if worker.state.nthreads != 1:
        raise InputError(
            f"The worker {worker.address} has {worker.state.nthreads} threads. Start it with "
            "--nthreads 1: a seed holds for a whole process, so it trains one network at a time."
        )
    limit_threads(threads)
    name = f"{run['network']}_{run['seed']}"
    return train_and_measure(
        parts, **run, after_epoch=lambda epochs: worker.log_event(topic, (name, epochs))
    )
