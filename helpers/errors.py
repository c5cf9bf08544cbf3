"""The one exception of this project, and what inputs must be first: paths, arrays, numbers."""

from numbers import Real
from pathlib import Path

import numpy as np

EVERY_KIND = "uifbcmMSUVO"  # of NumPy's dtypes


class InputError(ValueError):
    """Something given to a helper cannot be used as it is.

    The message says what is wrong, where (file, index, shape), and what to do about it.
    """


def as_path(path):
    """`path` as a `Path` with `~` expanded; `InputError` for what no file can be called."""
    try:
        path = Path(path).expanduser()
        path.is_file()  # asks the system, which refuses too long names
        return path
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(f"{shown(path)} is no path to a file: {reason}.") from error


def as_array(values, what, kinds="uifb", size="one size"):
    """`values` as an array; `InputError` for rows of unlike length, and for other than numbers."""
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise InputError(
            f"{what} differ in size. Bring each to {size}, then make an array."
        ) from error
    if values.dtype.kind not in kinds:
        raise InputError(
            f"{what} are arrays of numbers, got dtype {values.dtype}: convert them first."
        )
    return values


def as_number(value, what, low, high, whole=False):
    """`value`, or `InputError` unless it is a number, whole if asked for, from `low` to `high`."""
    if isinstance(value, Real) and low <= value <= high and not (whole and value % 1):
        return value
    kind = "whole number" if whole else "number"
    raise InputError(f"{what} is a {kind} from {low} to {high}, not {shown(value)}.")


def shown(value):
    """What a value looks like, on one line, cut to 60 letters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
