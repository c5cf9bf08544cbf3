"""The one exception of this project, and what inputs must be first: paths, arrays, numbers."""

import contextlib
import difflib
from numbers import Integral, Real
from pathlib import Path

import numpy as np

EVERY_KIND = "uifbcmMSUVO"  # of NumPy's dtypes
BYTES = "of bytes, make Image.open(io.BytesIO(...))"
FINITE = (-np.finfo(float).max, np.finfo(float).max)


class InputError(ValueError):
    """Something given to a helper cannot be used as it is.

    The message says what is wrong, where (file, index, shape), and what to do about it.
    """


def as_path(path):
    """`path` as a `Path`, `~` expanded, without quotes; `InputError` for what no file is called."""
    try:
        path = path.strip(" '\"") if isinstance(path, str) else path
        if path == "":
            raise OSError(0, "it is empty")
        path = Path(path).expanduser()
        path.is_file()  # asks the system, which refuses too long names
        return path
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip(".")
        if isinstance(error, TypeError):
            reason = f"give it as a text, such as 'three.jpg'; {BYTES}"
        raise InputError(f"{shown(path)} is no path to a file: {reason}.") from error


def as_file(path, hint):
    """`path` as a `Path` of a file that is there; otherwise `InputError`, with a hint."""
    if isinstance(path, str) and "://" in path:
        raise InputError(f"{shown(path)} is an address: download the file, and give its path.")
    path = as_path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the path of one file in it.")
    if not path.is_file():
        raise InputError(f"There is no file {path}. {hint}")
    return path


def as_array(values, what, kinds="uifb", size="one size", shape=None, within=None, hint=""):
    """`values` as an array; `InputError` for rows of unlike length, and for other than numbers.

    `shape` is what it must have, a name such as "N" for any length; `within` the lowest and the
    highest number, which also refuses NaN and an empty array; `hint` says what to do.
    """
    is_masked = np.ma.is_masked(values)
    try:
        values = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{what} differ in size. Bring each to {size}, then make an array."
        ) from error
    if is_masked:
        raise InputError(f"{what} are masked: give what is valid alone, such as x.compressed().")
    if values.dtype.kind not in kinds:
        files = f" Of files, read each with load_picture; {BYTES}."
        read = files if values.dtype.kind in "SUO" and what in ("Images", "Pictures") else ""
        kind = "numbers" if "f" in kinds else "whole numbers"
        raise InputError(
            f"{what} are arrays of {kind}, got dtype {values.dtype}: convert them first.{read}"
        )
    if shape and not fits(values.shape, shape):
        form = ", ".join(map(str, shape)) + "," * (len(shape) == 1)
        raise InputError(f"{what}: expected shape ({form}), got {values.shape}. {hint}".strip())
    if within and values.size == 0:
        raise InputError(f"{what} are empty, of shape {values.shape}: give one at least.")
    if within and not (within[0] <= values.min() and values.max() <= within[1]):
        if len(odd := np.argwhere(~np.isfinite(values))):
            raise InputError(
                f"{what} hold NaN or infinity, first at index {tuple(odd[0].tolist())} "
                f"({len(odd)} such numbers). Mend or remove what holds them."
            )
        raise InputError(
            f"{what} go from {values.min():.4g} to {values.max():.4g}, expected numbers from "
            f"{within[0]:g} to {within[1]:g}. {hint}".strip()
        )
    return values


def fits(shape, wanted):
    """Whether `shape` is like `wanted`, in which names, and None in both, stand for any length."""
    return (
        isinstance(shape, tuple)
        and len(shape) == len(wanted)
        and all(a is None or not isinstance(b, int) or a == b for a, b in zip(shape, wanted))
    )


def in_order(table, names):
    """A table of pandas with rows and columns of these names, in their order; else what it is."""
    if hasattr(table, "loc") and {*table.index} == {*table.columns} == {*names}:
        return table.loc[names, names]
    return table


def as_probabilities(values, what, shape, hint="Apply softmax to logits first."):
    """`values` as an array of `shape` whose rows are numbers from 0 to 1 with the sum 1."""
    values = as_array(values, what)
    only_count = len(shape) > 1 and values.shape[1:] == shape[1:]  # differs, if anything does
    as_array(values, what, shape=shape, hint="" if only_count else hint)
    as_array(values, what, within=(0, 1), hint=hint)
    sums = values.sum(axis=-1, dtype="float64")
    if np.abs(sums - 1).max() > 0.02:
        off = sums.flat[np.abs(sums - 1).argmax()]
        raise InputError(f"{what} of one image add up to 1, these to {off:.3g}. {hint}")
    return values


def as_number(value, what, low, high, whole=False):
    """`value`, or `InputError` unless it is a number, whole if asked for, from `low` to `high`."""
    is_number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if is_number and low <= value <= high:
        return int(value) if whole else value
    kind = "whole number" if whole else "number"
    raise InputError(f"{what} is a {kind} from {low} to {high}, not {shown(value)}.")


def as_axes(ax, **figure):
    """`ax`, or for None the axes of a new figure; `InputError` for no axes of Matplotlib."""
    from matplotlib import axes, pyplot

    if ax is None:
        return pyplot.figure(**figure).gca()
    if isinstance(ax, axes.Axes):
        return ax
    raise InputError(f"ax is one of Matplotlib's axes, such as plt.gca(), not {shown(ax)}.")


def as_list(values, what):
    """`values` as a list; `InputError` for a text, a dict, and what has no length or no order."""
    try:
        len(values)
        return list(None if isinstance(values, (str, bytes, dict, set)) else values)
    except TypeError as error:
        raise InputError(
            f"{what} come in a list, such as [one, another], not as {shown(values)}."
        ) from error


def one_of(value, what, names):
    """`value`, or `InputError` unless it is one of `names`, of which the nearest is suggested."""
    names = list(names)
    if isinstance(value, str) and value in names:
        return value
    text = value[:99] if isinstance(value, str) else shown(value)
    near = [name for name in names if name.lower() == text.lower()]
    near = near or difflib.get_close_matches(text, names, 2)
    alike = {difflib.SequenceMatcher(None, name, text).ratio() for name in near}
    is_clear = near and len(alike) == len(near)
    some = names if len(names) <= 20 else [*names[:19], f"{len(names) - 19} more"]
    advice = f"did you mean {near[0]!r}?" if is_clear else f"choose of {', '.join(some)}."
    raise InputError(f"{what} cannot be {shown(value)}: {advice}")


def known_by(get, value, what, usual):
    """What `get` makes of a value; where it fails, the nearest of the `usual` ones is suggested."""
    with contextlib.suppress(Exception):
        if found := get(value):
            return found
    with contextlib.suppress(Exception):
        if isinstance(value, type) and get(value.__name__):
            what = f"Call it, {value.__name__}(). {what}"
    return one_of(value, what, usual)


def check_model(model, reads=None, gives=None):
    """`InputError` unless it is one of Keras's models, with the shapes given for one image.

    A model that has met no images yet, and has no `keras.Input`, may get its shapes from them.
    """
    if isinstance(model, type) or not hasattr(model, "predict_on_batch"):
        call = f": call it, {model.__name__}()" if hasattr(model, "__name__") else ""
        raise InputError(
            f"A network is needed, such as networks.network_b(), not {shown(model)}{call}."
        )
    for what, shapes, mine in [
        ("reads", reads and [reads, reads[:-1]], getattr(model, "input_shape", None)),
        ("gives", gives and [gives], getattr(model, "output_shape", None)),
    ]:
        if shapes and mine and not any(fits(mine, (None, *shape)) for shape in shapes):
            raise InputError(
                f"This network {what} {mine}, but images are to be read as (N, 28, 28, 1) and "
                "answered as (N, 10). Begin it with keras.Input((28, 28, 1)) and end it with "
                'Dense(10, activation="softmax").'
            )


@contextlib.contextmanager
def explained(what):
    """What others raise at what they were given becomes an `InputError`, which begins with what."""
    try:
        yield
    except (InputError, AssertionError):
        raise
    except Exception as error:
        raise InputError(f"{what}: {shown(error, 300)}") from error


def shown(value, most=60):
    """What a value looks like, on one line, cut to so many letters."""
    try:
        text = " ".join((str if isinstance(value, Exception) else repr)(value).split())
    except ValueError:  # Python writes no number of more than 4,300 digits
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= most else f"{text[: most - 3]}..."
