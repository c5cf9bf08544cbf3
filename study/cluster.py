"""The study's workers: where they come from, and how the images reach them."""

import asyncio
import io
import logging
import os
import signal
from contextlib import contextmanager

import dask
import numpy as np
from dask.system import CPU_COUNT
from distributed import Client, WorkerPlugin, as_completed
from distributed.system import MEMORY_LIMIT

from helpers.errors import InputError
from study.worker import train_on_worker, unpack

WORKER_MEMORY = 4 * 2**30

dask.config.set(
    {
        "distributed.admin.large-graph-warning-threshold": "20MB",
        "distributed.scheduler.worker-ttl": None,  # a laptop that slept has not lost its workers
        # What fills a worker is no data of Dask's that would go away while it waits.
        **{f"distributed.worker.memory.{name}": False for name in ["target", "spill", "pause"]},
    }
)


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
    client.register_plugin(LeaveInterruptsAndNewsToTheClient())
    return client


class LeaveInterruptsAndNewsToTheClient(WorkerPlugin):
    """A worker, also one that takes a dead one's place, neither stops at Ctrl-C nor complains.

    What fails in a run reaches the client as an exception; of what TensorFlow traces how often,
    nobody needs to hear.
    """

    def setup(self, worker):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in ["distributed", "tensorflow"]:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _remote(address):
    try:
        client = Client(address, timeout=20)
        client.wait_for_workers(1, timeout=60)
    except (OSError, TimeoutError, asyncio.TimeoutError, ValueError) as error:
        raise InputError(
            f"SCHEDULER={address} does not answer or has no workers ({error}). Start "
            "`dask scheduler` and `dask worker`, or unset SCHEDULER to use this machine."
        ) from error
    return client


def each_finished(client, runs, parts, module="study.run", on_epoch=None):
    """Let `module.train_and_measure` do every run (name to arguments), in their order.

    Yields name, result and error (one of them None) as they come in, and raises `InputError` at
    the end if any failed; `on_epoch` hears of each epoch that is done, see `study.progress`.
    """
    failures = []
    topic = f"study of {client.id}"
    if on_epoch:
        client.subscribe_topic(topic, on_epoch)
    data = send_parts(client, parts)
    futures = [
        client.submit(
            train_on_worker, run, data, topic, 1, module, name, key=(topic, name), priority=-i
        )
        for i, (name, run) in enumerate(runs.items())
    ]
    for future in as_completed(futures):
        _, name = future.key
        if future.status == "error":
            failures.append(name)
            yield name, None, future.exception()
        else:
            yield name, future.result(), None
        future.release()
    if failures:
        failed = ", ".join(failures)
        raise InputError(f"{len(failures)} runs failed: {failed}. The others are kept.")


def send_parts(client, parts):
    """The images and labels of every part, as a future for `train_on_worker`.

    A task that unpacks them, not scattered data: what is scattered is lost with its worker.
    """
    file = io.BytesIO()
    arrays = {}
    for part, (images, labels) in parts.items():
        arrays |= {f"{part}_images": images, f"{part}_labels": labels}
    np.savez_compressed(file, **arrays)
    return client.submit(unpack, file.getvalue(), key=f"images of {client.id}")
