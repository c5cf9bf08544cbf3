"""What the notebooks share: data, preprocessing, networks, training, evaluation, plots, handwriting.

Only `networks`, `training` and `study` import Keras; everything else imports in milliseconds.
"""

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDED = [
    "IPython",
    "PIL",
    "anywidget",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "seaborn",
    "sklearn",
    "tensorflow",
    "traitlets",
]


def _say_what_is_missing():
    project = Path(__file__).parent.parent
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise ImportError(
            f"This kernel runs Python {sys.version_info[0]}.{sys.version_info[1]}; the series needs "
            f"3.10 to 3.13. In a terminal: cd {shlex.quote(str(project))} && make lab"
        )
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        install = f"{shlex.quote(sys.executable)} -m pip install -e {shlex.quote(str(project))}"
        raise ImportError(
            f"This kernel lacks {', '.join(missing)}. In a terminal: {install}\n"
            "Then restart the kernel (Kernel > Restart)."
        )


_say_what_is_missing()
