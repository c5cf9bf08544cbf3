"""What the commands of `study` and `tools` share: whatever they are given, a sentence answers."""

import argparse
import contextlib
import re
import sys
import tempfile

from helpers import errors
from helpers.errors import InputError, as_path, shown


class Parser(argparse.ArgumentParser):
    """Says in a sentence what it cannot use, and the usage only with --help."""

    def __init__(self, **settings):
        super().__init__(allow_abbrev=False, **settings)  # --seed is not --seeds

    def add_argument(self, *names, **settings):
        if settings.get("nargs") == "*":
            settings.setdefault("default", [])  # else it is called required where another is
        return super().add_argument(*names, **settings)

    def error(self, message):
        end = "" if message.endswith(("?", ".")) else "."
        self.exit(2, f"{message}{end} With --help it lists what can be given.\n")


@contextlib.contextmanager
def answering():
    """End with exit code 1 and a sentence at what was given wrongly, at files, and at Ctrl-C."""
    try:
        yield
    except InputError as error:
        sys.exit(str(error))
    except FileNotFoundError as error:
        sys.exit(f"There is no file or program {error.filename}, which this needs.")
    except OSError as error:
        where = f"{error.filename} could not be read or written: " if error.filename else ""
        sys.exit(
            f"{where}{error.strerror or error}. What was there is as it was: check the path, its "
            "rights and the room on the disk, then start again."
        )
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


@contextlib.contextmanager
def resumable():
    """End at Ctrl-C and say that what was finished is kept."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit("\nStopped; what was finished is kept. The same command goes on from here.")


def whole_number(low, high):
    """A type for argparse: a whole number from `low` to `high`."""

    def checked(text):
        if re.fullmatch("-?[0-9]{1,18}", text) and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(
            f"give a whole number from {low} to {high}, not {shown(text)}"
        )

    return checked


def one_of(names):
    """A type for argparse: one of `names`. Unlike `choices`, it leaves a default list alone."""

    def checked(text):
        try:
            return errors.one_of(text, "this", names)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked


def writable_file(option, path, suffix):
    """`path`, given with --`option`, as a file that can be written; `InputError` if it cannot."""
    path = as_path(path).resolve()
    if path.suffix != suffix or path.is_dir():
        raise InputError(f"--{option} is a file whose name ends in {suffix}, not {path}.")
    writable_folder(path.parent)
    return path


def writable_folder(path):
    """`path` as a folder, made if it is not there; `InputError` if nothing can be written to it."""
    path = as_path(str(path))
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise InputError(
            f"{path} is no folder that can be written to ({error.strerror}). Give another one."
        ) from error
    return path
