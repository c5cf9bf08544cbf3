"""Tell whether an answer to an exercise is right, or give a hint."""

import contextlib
import importlib
import inspect
import re
import sys
from pathlib import Path

import numpy as np

from helpers.errors import InputError, one_of, shown

RIGHT = "Right."
NOT_THESE = "Not yet: the form is right, but not all of the values."
NOTEBOOKS = sorted(path.stem[-2:] for path in Path(__file__).parent.glob("notebook_*.py"))


def check(exercise, answer, *more):
    """Print whether an answer to an exercise is right, or a hint: `check("02.1", my_answer)`.

    Whole numbers must be equal, other numbers may be 1 % off. What the exercise builds on is read
    from the notebook. Raises `InputError` for an unknown exercise, for several answers that are
    not in a list, or if cells have not run yet.
    """
    if more:
        raise InputError(f'Give them in one list: check("{exercise}", [..., ...]).')
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
        raise InputError(
            f"{', '.join(missing)}: not there yet. Choose Run > Run All Above Selected Cell first."
        )
    given = {name: names[name] for name in wanted}
    form = inspect.getdoc(function)
    not_yet = f"Not yet: {shown(answer)}. Give {form}"
    if "answer" in inspect.signature(function).parameters:
        with contextlib.suppress(Exception):  # whatever was given, a hint follows
            return function(answer, **given) or not_yet
        return not_yet
    return _word_among(function(**given), answer, form) or not_yet


def _word_among(pairs, answer, form):
    """The word of the pair that has this answer, equal if possible; None if its form is wrong."""
    if isinstance(answer, (set, frozenset)) and isinstance(pairs[0][1], (list, tuple)):
        return "Not yet: here the order matters, and a set has none. Give a list."
    for off in (1e-6, 0.01):
        for word, value in pairs:
            if _matches(answer, value, off):
                return word
    words = _plain(f"{pairs} {form}")
    has_form = any(_matches(answer, value, np.inf, words) for _, value in pairs)
    return NOT_THESE if has_form else None


def _matches(answer, value, off=0.01, words=""):
    """Whether an answer is that value: of the same lengths, with equal or nearly equal numbers.

    If they may be off by any share, whether it has that form: its strings are among `words`, its
    tuples may have other lengths.
    """
    try:
        if isinstance(value, (list, tuple)):
            ordered = not isinstance(answer, (set, frozenset, dict))
            any_shape = np.isinf(off) and type(answer) is type(value) is tuple
            fits = ordered and (any_shape or len(answer) == len(value))
            return fits and all(_matches(*pair, off, words) for pair in zip(answer, value))
        if isinstance(value, str):
            plain = _plain(answer)
            among = plain and re.search(rf"\b{re.escape(plain)}\b", words)
            return plain == _plain(value) or bool(among)
        answer, value = np.asarray(answer), np.asarray(value)
    except (TypeError, ValueError, AttributeError):
        return False
    if answer.shape != value.shape or answer.dtype.kind not in (
        "b" if value.dtype == bool else "uif"
    ):
        return False
    if np.isinf(off):
        return value.dtype.kind in "bf" or np.array_equal(answer, np.round(answer))
    return np.allclose(answer, value, rtol=off if value.dtype.kind == "f" else 0, atol=0)


def _plain(text):
    """A text without capitals, and without an s at the end of a word: "Blurs" is "blur"."""
    return re.sub(r"s\b", "", text.strip().casefold())
