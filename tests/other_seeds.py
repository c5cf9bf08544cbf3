"""The notebooks under other seeds, for `make seeds`: which sentences and lines still hold?

In the kernel of each notebook, `install` shifts every seed of trainings, drawings and splits. A
notebook that reads stored networks or runs keeps the split that those were made with.
"""

import functools
import json
import os
import sys
from pathlib import Path

import pytest

HELD = "held under other seeds"
SPLIT_IS_GIVEN = ["load_checkpoint", "load_trained", "results/study"]
found = []


def install(shift, splits):
    """Add `shift` to every seed that is given as a number from now on; once."""
    import numpy as np

    from helpers.quiet import keras

    generator = sys.modules["keras.src.random.seed_generator"].SeedGenerator
    if hasattr(generator, "shifted"):
        return
    generator.shifted = True
    generator.__init__ = shifted(generator.__init__, shift, position=1)
    keras.utils.set_random_seed = shifted(keras.utils.set_random_seed, shift)
    np.random.default_rng = shifted(np.random.default_rng, shift)
    if splits:  # scikit-learn draws with it
        state = np.random.RandomState
        start = shifted(state.__init__, shift, position=1)
        np.random.RandomState = type("RandomState", (state,), {"__init__": start})


def shifted(function, shift, position=0):
    @functools.wraps(function)
    def with_other_seed(*args, **named):
        args = list(args)
        if len(args) > position and type(args[position]) is int:
            args[position] += shift
        elif type(named.get("seed")) is int:
            named["seed"] += shift
        return function(*args, **named)

    return with_other_seed


def pytest_runtest_setup(item):
    kernel = getattr(item.parent, "kernel", None)
    if hasattr(item, "cell") and kernel and kernel.is_alive():
        code = "".join(c.source for c in item.parent.nb.cells if c.cell_type == "code")
        splits = not any(name in code for name in SPLIT_IS_GIVEN)
        here = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
        kernel.kc.execute(
            f"__import__('sys').path.extend({here})\n"
            f"__import__('other_seeds').install({os.environ['SHIFT_SEEDS']}, {splits})",
            silent=True,
            reply=True,
            timeout=120,
        )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and hasattr(item, "cell"):
        now = lines_that_must_hold(item.test_outputs or [])
        held = {line: line in now for line in lines_that_must_hold(item.cell.outputs)}
        outcome.get_result().user_properties.append((HELD, held))


def lines_that_must_hold(outputs):
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]
    return [line for text in texts for line in text.splitlines() if "True" in line]


def pytest_runtest_logreport(report):
    if report.when == "call":
        for line, held in dict(report.user_properties).get(HELD, {}).items():
            notebook, _, cell = report.nodeid.partition("::")
            found.append([Path(notebook).stem, cell, line, held])


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        Path(os.environ["HELD_UNDER_SEEDS"]).write_text(json.dumps(found), "utf-8")
