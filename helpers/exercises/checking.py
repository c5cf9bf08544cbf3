"""Tell whether an answer to an exercise is right, or give a hint."""

import contextlib
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.errors import InputError, as_array, as_list, one_of, shown

RIGHT = "Right."
NOT_THESE = "Not yet: the form is right, but not all of the values."
NOTEBOOKS = sorted(path.stem[-2:] for path in Path(__file__).parent.glob("notebook_*.py"))


def check(exercise, answer=..., *more):
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
    given_so_far = "" if answer is ... else f": {shown(answer)}"
    not_yet = f"Not yet{given_so_far}. Give {form}"
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
    return NOT_THESE if any(_has_form(answer, value, words) for _, value in pairs) else None


class _Near(NamedTuple):
    """A number in an answer, which may be so far off."""

    value: float
    within: float


def _matches(answer, value, off=0.01):
    """Whether an answer is that value: of the same lengths, with equal or nearly equal numbers."""

    def is_near(answer, value):
        if isinstance(value, str):
            return isinstance(answer, str) and _plain(answer) == _plain(value)
        if isinstance(value, _Near):
            return _is_number(answer, value.value) and abs(answer - value.value) <= value.within
        share = off if np.asarray(value).dtype.kind == "f" else 0
        return _is_number(answer, value) and np.allclose(answer, value, rtol=share, atol=0)

    return _fits(answer, value, is_near)


def _has_form(answer, value, words):
    """Whether it has the value's form: strings among `words`, tuples of any length."""

    def is_like(answer, value):
        if isinstance(value, str):
            plain = _plain(answer) if isinstance(answer, str) else ""
            return bool(plain and re.search(rf"\b{re.escape(plain)}\b", words))
        value = np.asarray(value.value if isinstance(value, _Near) else value)
        is_whole = value.dtype.kind in "bf" or np.array_equal(answer, np.round(answer))
        return _is_number(answer, value) and is_whole

    return _fits(answer, value, is_like, any_tuple=True)


def _fits(answer, value, is_part, any_tuple=False):
    """Whether the parts of an answer in lists are, one by one, as `is_part` wants them."""
    try:
        if isinstance(value, _Near) or not isinstance(value, (list, tuple)):
            return bool(is_part(answer, value))
        parts = as_list(np.asarray(answer) if hasattr(answer, "__array__") else answer, "Answers")
        if not (any_tuple and type(answer) is type(value) is tuple or len(parts) == len(value)):
            return False
        return all(_fits(*pair, is_part, any_tuple) for pair in zip(parts, value))
    except (TypeError, ValueError):
        return False


def _is_number(answer, value):
    """Whether it is one, of the same kind: a truth for a truth, an array for an array."""
    answer, value = np.asarray(answer), np.asarray(value)
    kinds = "b" if value.dtype == bool else "uif"
    return answer.shape == value.shape and answer.dtype.kind in kinds


def _digits(answer, shape):
    """An answer as an array of whole numbers; `InputError` for other shapes and kinds."""
    return as_array(answer, "Digits", kinds="ui", shape=shape)


def _plain(text):
    """A text without capitals, spaces and an s at the end of a word: "Moves up" is "moveup"."""
    return re.sub(r"s\b|\s", "", text.casefold())
