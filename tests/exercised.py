"""Tries the check of an exercise in the kernel of its notebook, for witnesses there."""

import inspect

import numpy as np

from helpers.exercises.checking import RIGHT, _function_of, _matches, _word_among, _word_on

NONSENSE = [
    None,
    ...,
    "",
    "three",
    np.nan,
    [],
    [np.nan],
    {},
    -1,
    10**30,
    np.zeros((2, 3, 4)),
    print,
]


def hints_are_given(exercise, names, *wrong):
    """Whether every word of an exercise is given to the answer that it is meant for.

    `wrong`: typical wrong answers to one whose function looks at the answer itself. None of them,
    and no nonsense, is right or an error.
    """
    function = _function_of(exercise)
    parameters = [*inspect.signature(function).parameters]
    if "answer" in parameters:
        said = [_word_on(exercise, answer, names) for answer in [*wrong, *NONSENSE]]
        assert all(word.startswith("Not yet") for word in said), said
        assert len(set(said[: len(wrong)])) == len(wrong), "one hint for several mistakes"
        return True
    pairs = function(*(names[name] for name in parameters))
    assert pairs[0][0] == RIGHT and len(pairs) > 1
    for word, answer in pairs:
        assert _word_among(pairs, answer, "") == word, answer
    assert not any(_matches(answer, value) for answer in NONSENSE for _, value in pairs)
    return _word_on(exercise, pairs[0][1], names) == RIGHT
