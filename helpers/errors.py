"""The one exception of this project."""


class InputError(ValueError):
    """Something given to a helper cannot be used as it is.

    The message says what is wrong, where (file, index, shape), and what to do about it.
    """
