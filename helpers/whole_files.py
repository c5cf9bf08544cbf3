"""Write files whole or not at all, so that a full disk or a crash leaves what was there."""

import contextlib
import os
import tempfile
from pathlib import Path

from helpers.errors import InputError, as_path


@contextlib.contextmanager
def written_whole(path):
    """Gives a path to write to; what was written there becomes `path`, unless an error came up.

    Raises `InputError` if the system refuses: no room, no right to write, no folder.
    """
    path = as_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(suffix=".part", dir=path.parent) as folder:
            part = Path(folder) / path.name
            yield part
            os.replace(part, path)
    except OSError as error:
        raise InputError(
            f"{path} could not be written: {error.strerror or error}. What was there is as it was: "
            "check the path, its rights and the room on the disk."
        ) from error
