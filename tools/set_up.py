"""Make the folder .venv and install into it this project and what a requirements file pins.

make calls it; by hand: python tools/set_up.py [requirements.txt]. uv does the work where it can
reach the packages, else pip. Whoever runs this may have any Python from 3.6: no more is asked for.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VENV = os.path.join(ROOT, ".venv")
COMMANDS = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(COMMANDS, "python")
MADE_IN = os.path.join(VENV, "made-in")
FITTING = ["3.13", "3.12", "3.11", "3.10"]


def main():
    requirements = os.path.join(ROOT, (sys.argv[1:] or ["requirements.txt"])[0])
    if not os.path.isfile(requirements):
        sys.exit(f"No file {requirements}: give requirements.txt or requirements-test.txt.")
    intact = is_intact()
    if not intact:
        shutil.rmtree(VENV, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or shutil.which("uv", path=COMMANDS)
        uv = uv or fetched_uv(sys.executable, folder)
        if not intact:
            make_venv(uv)
            with open(MADE_IN, "w", encoding="utf-8") as file:
                file.write(ROOT)
        install(
            uv or fetched_uv(PYTHON, folder), ["--requirement", requirements, "--editable", ROOT]
        )


def fetched_uv(python, folder):
    """The command uv for the moment, by the pip of a Python; None if it has none, or no network."""
    pins = os.path.join(ROOT, "requirements.txt")
    options = ["--quiet", "--disable-pip-version-check", "--target", folder, "--constraint", pins]
    run(python, "-m", "pip", "install", *options, "uv", stderr=subprocess.DEVNULL)
    return shutil.which("uv", path=os.path.join(folder, "bin"))


def is_intact():
    """Whether .venv was made in this folder, which may have been moved, and its Python runs."""
    try:
        with open(MADE_IN, encoding="utf-8") as file:
            return file.read() == ROOT and run(PYTHON, "-c", "") == 0
    except OSError:
        return False


def make_venv(uv):
    wanted = sys.executable if fits() else ">=3.10,<3.14"
    if uv and not run(uv, "venv", "--quiet", "--python", wanted, VENV):
        return
    if not fits():
        hand_over_to_another_python()
    if not importlib.util.find_spec("ensurepip"):
        name = "python{}.{}-venv".format(*sys.version_info)
        sys.exit(f"{sys.executable} lacks the venv module: sudo apt install {name}, and try again.")
    if run(sys.executable, "-m", "venv", VENV):
        sys.exit(f"{VENV} could not be made: see above.")


def fits():
    return "{}.{}".format(*sys.version_info) in FITTING


def hand_over_to_another_python():
    for version in FITTING:
        other = shutil.which(f"python{version}")
        if other:
            sys.exit(run(other, *sys.argv))
    sys.exit(
        "Python 3.10 to 3.13 is needed, and none was found ({} is {}.{}). Install one from "
        "python.org or with your package manager, or install uv (docs.astral.sh/uv), which brings "
        "one; then try again.".format(sys.executable, *sys.version_info)
    )


def install(uv, what):
    if uv:
        if not run(uv, "pip", "install", "--python", PYTHON, *what):
            return
        print("uv could not install this: once more with pip.", flush=True)
    run(PYTHON, "-m", "ensurepip", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if run(PYTHON, "-m", "pip", "install", *what):
        sys.exit("The packages could not be installed: see above.")


def run(*command, **options):
    return subprocess.call(command, cwd=ROOT, **options)


if __name__ == "__main__":
    main()
