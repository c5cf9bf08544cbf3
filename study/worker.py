"""What a worker of the study does. Light to import: Dask's scheduler does so, too."""

import importlib
import io

import numpy as np
from distributed import get_worker

from helpers.errors import InputError


def unpack(packed):
    """The pairs `(images, labels)` of each part, from the bytes of an `.npz` file."""
    with np.load(io.BytesIO(packed)) as archive:
        return {
            part: (archive[f"{part}_images"], archive[f"{part}_labels"])
            for part in ["training", "validation", "test"]
        }


def train_on_worker(run, parts, topic, threads=1, module="study.run", name=""):
    """What `module` measures of one run; each epoch that `name` has done is an event of `topic`."""
    worker = get_worker()
    if worker.state.nthreads != 1:
        raise InputError(
            f"The worker {worker.address} has {worker.state.nthreads} threads. Start it with "
            "--nthreads 1: a seed holds for a whole process, so it trains one network at a time."
        )
    from study.run import limit_threads

    limit_threads(threads)
    return importlib.import_module(module).train_and_measure(
        parts, **run, after_epoch=lambda epochs: worker.log_event(topic, (name, epochs))
    )
