"""Tries the check of an exercise in the kernel of its notebook, for witnesses there."""

import ast
import functools
import inspect
import json
import os
from pathlib import Path
from unittest.mock import patch

import numpy as np

from helpers.dataset import has_mnist
from helpers.exercises import checking
from helpers.exercises.checking import RIGHT, _function_of, _Near, _word_among, _word_on
from tools.notebook_files import all_notebooks, read_notebook, tags

HINTS = Path(__file__).with_name("witnesses") / "hints.json"  # which mistake gets which
NONSENSE = [None, ..., "", "three", np.nan, [], [np.nan], {}, -1, 10**30, np.ones((2, 3)), print]


def hints_are_given(exercise, names, *wrong, right=(), close=()):
    """Whether an exercise says "Right" to right answers alone, and to typical wrong ones a hint.

    Of an exercise that lists its answers, all are tried, and each number of the right one a little
    more and a little less than just right. For others these are given: `right` ones, first that
    of the notebook, then such as are just right; `wrong` ones, each with a hint of its own, and
    others that are `close` to right. No nonsense is right, nor a right answer in another form, nor
    are they errors; and the cell to work in has a place for each part of the answer.
    """
    function = once(_function_of(exercise))
    names = {name: once(value) for name, value in names.items()}
    with patch.object(checking, "_function_of", lambda _: function):
        return _hints_are_given(exercise, names, function, wrong, right, close)


def _hints_are_given(exercise, names, function, wrong, right, close):
    parameters = [*inspect.signature(function).parameters]
    pairs = None
    if "answer" not in parameters:
        pairs = function(**{name: names[name] for name in parameters})
        (first, listed), *others = pairs
        assert first == RIGHT and others
        for word, answer in pairs:
            assert _word_among(pairs, plain(answer), "") == word, answer
        right = [plain(listed), *right, *moved(listed, 0.99)]
        close = [*close, *moved(listed, 1.01)]

    def said_to(answer):
        return _word_among(pairs, answer, "") if pairs else _word_on(exercise, answer, names)

    hints = [_word_on(exercise, answer, names) for answer in wrong]
    assert len(set(hints)) == len(hints), f"one hint for several mistakes: {hints}"
    assert agrees(stub(exercise), right[0]), "the cell to work in asks for another form"
    assert (word := _word_on(exercise, right[0], names)) == RIGHT, word
    refused = [answer for answer in right if said_to(answer) != RIGHT]
    no = [*wrong, *close, *other_forms(right[0]), *NONSENSE]
    taken = [answer for answer in no if said_to(answer) == RIGHT]
    assert not refused and not taken, f"right, but refused: {refused}; wrong, but taken: {taken}"
    words = [_word_on(exercise, answer, names) for answer in NONSENSE]
    assert all(word.startswith("Not yet") for word in [*hints, *words]), words
    said = [*pairs[1:]] if pairs else [*zip(hints, wrong)]
    now = {}
    for word, answer in said:
        now.setdefault(word, []).append(brief(answer))
    if has_mnist() and "SHIFT_SEEDS" not in os.environ:
        saved = json.loads(HINTS.read_text("utf-8")).get(exercise, {})
        other = [
            f"{word!r} is said to {now.get(word)}, in {HINTS.name} to {saved.get(word)}"
            for word in {**saved, **now}
            if not alike(now.get(word), saved.get(word))
        ]
        assert not other, "; ".join([*other, f"to save: {json.dumps({exercise: now})}"])
    return True


def brief(answer):
    """An answer in short, for JSON: of an array its length and mean."""
    answer = plain(answer)
    if isinstance(answer, (list, tuple)) and len(answer) < 20:
        return [brief(part) for part in answer]
    if isinstance(answer, (int, float, np.number)):
        return float(f"{answer:.3g}")
    if np.asarray(answer).dtype.kind in "iufb":
        return [len(answer), float(f"{np.mean(answer):.3g}")]
    return answer if isinstance(answer, str) else type(answer).__name__


def alike(now, saved):
    if isinstance(now, list) and isinstance(saved, list):
        return len(now) == len(saved) and all(map(alike, now, saved))
    is_number = isinstance(now, (int, float)) and isinstance(saved, (int, float))
    return abs(now - saved) <= 0.05 * abs(saved) + 1e-3 if is_number else now == saved


def once(function):
    """A function that calculates once what it is asked again; what is no function, as it is."""
    if not inspect.isfunction(function):
        return function
    known = {}

    @functools.wraps(function)
    def remembering(*given, **named):
        parts = [*given, *named.values()]
        key = (*named, *map(mark, parts))
        if key not in known:
            known[key] = function(*given, **named), parts  # kept, so that no id is given again
        return known[key][0]

    return remembering


def mark(value):
    is_array = isinstance(value, np.ndarray)
    return (value.shape, value.dtype.str, value.tobytes()) if is_array else id(value)


def plain(value):
    """A listed answer as a learner would give it."""
    if isinstance(value, _Near):
        return value.value
    return type(value)(map(plain, value)) if isinstance(value, (list, tuple)) else value


def moved(value, share):
    """A listed answer with one number off, by so much of what is allowed; wholes by 1 if more."""
    if isinstance(value, (list, tuple)) and not isinstance(value, _Near):
        for place, part in enumerate(value):
            for other in moved(part, share):
                yield type(value)([*plain(value[:place]), other, *plain(value[place + 1 :])])
    elif isinstance(value, (bool, np.bool_)):
        yield from [not value] if share > 1 else []
    elif not isinstance(value, str):
        is_whole = isinstance(value, (int, np.integer))
        off = value.within if isinstance(value, _Near) else 1 if is_whole else 0.01 * value
        for step in [-off, off] if share > 1 or not is_whole else []:
            yield plain(value) + (step if is_whole else share * step)


def other_forms(answer):
    """An answer as text, in a dict, in a list more, with more or fewer parts, with other parts."""
    yield from [{0: answer}, [answer], *([] if isinstance(answer, str) else [str(answer)])]
    if isinstance(answer, (int, np.integer)):
        yield answer + 0.4
    elif isinstance(answer, (list, tuple)):
        yield from [[*answer, None], answer[:-1], "".join(map(str, answer))]
        for place, part in enumerate(answer):
            longer = [(*part, part[0])] if isinstance(part, tuple) else []
            simple = isinstance(part, (int, float, np.number, list, tuple))
            for other in [*longer, *(other_forms(part) if simple else [])]:
                yield [*answer[:place], other, *answer[place + 1 :]]


def stub(exercise):
    """What stands for the answer in the cell to work in, such as [..., ...]."""
    cells = read_notebook(all_notebooks()[exercise[:2]]).cells
    text = "\n".join(cell.source for cell in cells if "yours" in tags(cell))
    calls = (line.value for line in ast.parse(text.replace("# check", "check")).body)
    return {ast.literal_eval(c.args[0]): ast.literal_eval(c.args[1]) for c in calls}[exercise]


def agrees(stub, answer):
    """Whether a stub is like an answer: `...` for a part, a list with one part for any number."""
    if not isinstance(stub, (list, tuple)):
        return isinstance(stub, str) == isinstance(answer, str) and not isinstance(answer, list)
    number = len(answer) if isinstance(answer, (list, tuple)) else -1
    return len(stub) in [1, number] and all(map(agrees, stub * number, answer))
