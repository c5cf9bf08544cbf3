"""pyproject.toml, requirements.txt, environment.yml and the Makefile ask for the same thing."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = [
    line
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
SYSTEMS = {
    "linux": {"os_name": "posix", "platform_system": "Linux"},
    "darwin": {"os_name": "posix", "platform_system": "Darwin"},
    "win32": {"os_name": "nt", "platform_system": "Windows"},
}


def environment(python, system):
    """The values of the markers under CPython `python` (such as "3.11") on `system`."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": system,
        **SYSTEMS[system],
    }


def wanted(requirement, place):
    return requirement.marker is None or requirement.marker.evaluate(place)


def test_every_requirement_is_an_exact_version_and_names_no_place():
    exact = re.compile(r"[a-z0-9-]+==[a-z0-9.]+( ; [^@:]+)?")
    assert [pin for pin in PINS if not exact.fullmatch(pin)] == []


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_requirements_pin_what_the_project_depends_on(python, system):
    place = environment(python, system)
    assert f"{python}.9" in SpecifierSet(PROJECT["requires-python"])

    pins = {}
    for requirement in map(Requirement, PINS):
        if wanted(requirement, place):
            assert requirement.name not in pins, "two versions of one package"
            pins[requirement.name] = str(requirement.specifier).removeprefix("==")

    extras = PROJECT["optional-dependencies"].values()
    for requirement in map(Requirement, sum(extras, PROJECT["dependencies"])):
        if wanted(requirement, place):
            assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_conda_installs_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, packages = conda["dependencies"]
    assert python == "python=3.11"
    assert "3.11.0" in SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    assert packages == {"pip": ["-r requirements.txt", "-e ."]}


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker runs on POSIX systems")
def test_binder_reads_the_conda_environment():
    run = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert "Building conda environment for python=3.11" in run.stderr
    copied = run.stdout.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    installed = run.stdout.index('env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"')
    assert copied < installed, "-r and -e need the repository's files"


FAKES = {
    "too old": (
        "sys.version_info = (3, 9, 18)",
        r"Python 3\.10 to 3\.13 is needed .* is 3\.9\b.*: install one",
    ),
    "too new": (
        "sys.version_info = (3, 14, 0)",
        r"Python 3\.10 to 3\.13 is needed .* is 3\.14\b.*: install one",
    ),
    "without venv": (
        "sys.version_info = (3, 11, 2); sys.modules['ensurepip'] = None",
        r"lacks the venv module: .* sudo apt install python3\.11-venv",
    ),
    "broken": ("sys.exit(1)", r"Python 3\.10 to 3\.13 is needed .*: install one"),
}


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("fake", FAKES)
def test_an_unfit_python_is_named_in_one_line(fake, tmp_path):
    setup, message = FAKES[fake]
    folder = tmp_path / "chiffres animés"
    folder.mkdir()
    for name in ["Makefile", "pyproject.toml", "requirements.txt"]:
        shutil.copy(ROOT / name, folder)

    python = tmp_path / "python"
    code = f"import sys; {setup}; exec(sys.argv[1])"
    python.write_text(f'#!/bin/sh\n"{sys.executable}" -c "{code}" "$2"\n', "utf-8")
    python.chmod(0o755)

    run = subprocess.run(
        ["make", "--no-print-directory", "lab", f"PYTHON={python}"],
        cwd=folder,
        check=False,
        env={key: value for key, value in os.environ.items() if "MAKE" not in key},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode != 0
    assert run.stdout == ""
    assert re.search(message, run.stderr), run.stderr
    assert run.stderr.count("\n") == 1, run.stderr
    assert not (folder / ".venv").exists()


def kernel_without_packages(code, *folders):
    """What Python writes when it finds only its standard library and `folders`."""
    setup = f"import sys; sys.path += {[str(folder) for folder in folders]!r}"
    command = [sys.executable, "-I", "-S", "-c", f"{setup}\n{code}"]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    return run.stdout + run.stderr


def test_a_kernel_without_the_packages_says_how_to_install_them():
    report = kernel_without_packages("import helpers", ROOT)
    install = f"{shlex.quote(sys.executable)} -m pip install -e {shlex.quote(str(ROOT))}"
    assert "This kernel lacks IPython, PIL, anywidget, keras" in report
    assert f"In a terminal: {install}\n" in report


def test_a_kernel_of_another_python_says_what_to_do():
    report = kernel_without_packages("sys.version_info = (3, 14, 0); import helpers", ROOT)
    assert "Python 3.14; the series needs 3.10 to 3.13" in report
    assert "make lab" in report


def test_the_first_cell_of_a_notebook_says_how_to_get_helpers():
    import IPython
    import nbformat

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        first = next(cell.source for cell in cells if cell.cell_type == "code")
        shell = "from IPython.core.interactiveshell import InteractiveShell"
        code = f"{shell}\nInteractiveShell(colors='nocolor').run_cell({first!r})"
        report = kernel_without_packages(code, Path(IPython.__file__).parents[1])
        assert "No module named 'helpers'" in report
        assert "# not found? run `make lab`" in report


def test_a_kernel_is_asked_for_every_package_that_helpers_imports():
    import helpers

    imported = set()
    for path in (ROOT / "helpers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    assert "distributed" in imported, "only the study needs it, an extra of pyproject.toml"
    own = {"helpers", "distributed", *sys.stdlib_module_names}
    assert imported - own == set(helpers.NEEDED)
