"""Import Keras without the start-up messages of TensorFlow.

TensorFlow's C++ code writes to file descriptor 2, past `sys.stderr`, so Jupyter would show
its messages under a cell. If the import fails, what was held back is written out after all.
"""

import contextlib
import gc
import os
import sys
import tempfile


@contextlib.contextmanager
def held_back_stderr():
    """Send file descriptor 2 to a temporary file, and replay it only if the block raises."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(saved, aside.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
gc.disable()  # it would look through all that is loaded again and again: a fifth of the time
try:
    with held_back_stderr():
        import keras
        import tensorflow
finally:
    gc.enable()

__all__ = ["keras", "tensorflow"]
