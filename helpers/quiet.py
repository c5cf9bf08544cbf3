"""Import Keras without the start-up messages of TensorFlow, and let it train faster on Linux.

TensorFlow's C++ code writes to file descriptor 2, past `sys.stderr`, so Jupyter would show
its messages under a cell. If the import fails, what was held back is written out after all.
"""

import contextlib
import ctypes
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


def keep_freed_memory():
    """Let glibc keep what a training step frees for the next one, some 64 MB.

    Else it gives all back to the system and asks for it again, which can take as long as to
    calculate. Other systems' libraries have no such setting (see mallopt(3)).
    """
    trim_threshold, top_pad, mmap_threshold = -1, -2, -3  # from malloc.h
    with contextlib.suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(trim_threshold, 64 << 20)
        mallopt(top_pad, 64 << 20)
        mallopt(mmap_threshold, 32 << 20)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
keep_freed_memory()
gc.disable()  # it would look through all that is loaded again and again: a fifth of the time
try:
    with held_back_stderr():
        import keras
        import tensorflow
finally:
    gc.enable()

__all__ = ["keras", "tensorflow"]
