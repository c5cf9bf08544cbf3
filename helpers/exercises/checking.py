"""Tell whether an answer to an exercise is right, or give a hint."""

import contextlib
import importlib
import inspect
import sys

import numpy as np

from helpers.errors import InputError, one_of, shown

RIGHT = "Right."
NOTEBOOKS = ["01", "02", "03", "04", "05", "06", "07", "08"]


def check(exercise, answer):
    """Print whether an answer to an exercise is right, or a hint: `check("02.1", my_answer)`.

    Whole numbers must be equal, other numbers may be 1 % off. What the exercise builds on is read
    from the notebook. Raises `InputError` for an unknown exercise, or if cells have not run yet.
    """
    print(_word_on(exercise, answer, sys._getframe(1).f_globals))


def _function_of(exercise):
    """The function of an exercise such as "02.1"; `InputError` where there is none."""
    names = [f"{notebook}.{number}" for notebook in NOTEBOOKS for number in (1, 2, 3)]
    notebook, number = one_of(exercise, "An exercise", names).split(".")
    module = importlib.import_module(f"helpers.exercises.notebook_{notebook}")
    return getattr(module, f"_exercise_{number}")


def _word_on(exercise, answer, names):
    """What `check` prints, with the notebook's variables in `names`.

    An exercise's docstring says what an answer looks like. Its parameters are variables of the
    notebook. It returns pairs (what is said, the answer that it is said to), the right one first;
    or, if its first parameter is `answer`, what is said to that.
    """
    function = _function_of(exercise)
    wanted = [name for name in inspect.signature(function).parameters if name != "answer"]
    if missing := [f"`{name}`" for name in wanted if name not in names]:
        raise InputError(f"{', '.join(missing)}: not there yet. Run all cells above first.")
    given = {name: names[name] for name in wanted}
    not_yet = f"Not yet: {shown(answer)}. Give {inspect.getdoc(function)}"
    if "answer" in inspect.signature(function).parameters:
        with contextlib.suppress(Exception):  # whatever was given, a hint follows
            return function(answer, **given) or not_yet
        return not_yet
    return next((word for word, value in function(**given) if _matches(answer, value)), not_yet)


def _matches(answer, value):
    """Whether an answer is that value: of the same lengths, with equal or nearly equal numbers."""
    try:
        if isinstance(value, (list, tuple)):
            return len(answer) == len(value) and all(map(_matches, answer, value))
        if isinstance(value, (str, set, dict)):
            return answer == value
        answer, value = np.asarray(answer), np.asarray(value)
    except (TypeError, ValueError):
        return False
    if answer.shape != value.shape or answer.dtype.kind not in (
        "b" if value.dtype == bool else "uif"
    ):
        return False
    return np.allclose(answer, value, rtol=0.01 if value.dtype.kind == "f" else 0, atol=0)
