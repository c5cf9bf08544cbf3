"""Hypothesis draws the same inputs in every run, keeps no files, and reports briefly.

No test leaves a figure open for the next.
"""

import os
import sys

# Three workers, and the kernels of the notebooks they run, share two cores.
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
import watch
from hypothesis import Phase, settings

settings.register_profile(
    "repeatable",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=50,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def watched():
    """Leaks are refused (see `watch`), trainings and evaluations counted."""
    watch.seen.update(fits=0, evaluations=0)
    watch.learnt.clear()
    watch.install()
    yield watch.seen
    watch.remove()
