"""pyproject.toml, requirements.txt, environment.yml and the Makefile ask for the same thing."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from itertools import chain, product
from types import SimpleNamespace

import pytest
import yaml
from jupyter_lab import jupyter_lab
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from project import NOTEBOOKS, ROOT, can_connect_to_itself, code_cells, run_python

from tools import set_up

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
PINS = {
    name: (ROOT / name).read_text("utf-8").splitlines()
    for name in ["requirements.txt", "requirements-test.txt"]
}
EXACT = re.compile(r"[a-z0-9-]+==[a-z0-9.]+( ; [^@:]+)?")


def wanted(texts, python, system):
    """The requirements whose markers hold for `python` (such as "3.11") on `system`."""
    place = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }
    found = map(Requirement, texts)
    return [x for x in found if x.marker is None or x.marker.evaluate(place)]


def test_the_tests_need_what_learners_have_and_more():
    learners, tests = ({pin.split(" ")[0] for pin in pins} for pins in PINS.values())
    assert learners <= tests
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--constraint requirements.txt -o requirements-test.txt" in makefile


@pytest.mark.parametrize("name", PINS)
def test_requirements_pin_what_the_project_depends_on(name):
    """To exact versions, one for each package, on every Python and system; and name no place."""
    assert [pin for pin in PINS[name] if not EXACT.fullmatch(pin)] == []
    extras = ["lab"] if name == "requirements.txt" else ["lab", "hub", "study", "test"]
    asked = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][e] for e in extras)]
    for place in product(["3.10", "3.11", "3.12", "3.13"], ["linux", "darwin", "win32"]):
        assert f"{place[0]}.9" in SpecifierSet(PROJECT["requires-python"])
        found = [(x.name, str(x.specifier)[2:]) for x in wanted(PINS[name], *place)]
        pins = dict(found)
        assert len(pins) == len(found), f"two versions of one package: {place}"
        for requirement in wanted(chain.from_iterable(asked), *place):
            assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_ci_takes_from_its_matrix_what_is_there_and_all_of_it():
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8")
    job = yaml.safe_load(text)["jobs"]["test"]
    known = {name for each in job["strategy"]["matrix"]["include"] for name in each}
    assert set(re.findall(r"matrix\.(\w+)", text)) == known
    assert job["env"] == {"MNIST_NPZ": "${{ matrix.mnist }}"}


def test_what_is_no_python_is_installed_with_its_package():
    data = PYPROJECT["tool"]["setuptools"]["package-data"]
    found = {path for package, globs in data.items() for pattern in globs
             for path in (ROOT / package.replace(".", "/")).glob(pattern)}  # fmt: skip
    there = (path for path in (ROOT / "helpers").rglob("[!.]*") if path.is_file())
    assert found == {path for path in there if path.suffix not in (".py", ".pyc")}


def test_each_job_of_ci_runs_the_tests_once_and_is_red_if_they_are():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    known = {"name", "runs-on", "timeout-minutes", "strategy", "env", "steps"}
    assert all(each.keys() <= known for each in workflow["jobs"].values())
    steps = [step for each in workflow["jobs"].values() for step in each["steps"]]
    assert all(step.keys() <= {"if", "run", "uses", "with"} for step in steps)
    assert not re.search(r"\|\||set \+e|; true", " ".join(x.get("run", "") for x in steps))
    assert workflow[True].keys() == {"push", "pull_request", "schedule"}  # YAML's "on"
    assert not workflow[True]["pull_request"]
    matrix = dict(job["strategy"]["matrix"])
    more = matrix.pop("include")
    jobs = [dict(zip(matrix, values)) for values in product(*matrix.values())] + more
    systems = {"ubuntu": "Linux", "macos": "macOS", "windows": "Windows"}
    for each in jobs:
        runner = SimpleNamespace(os=systems[each["os"].split("-")[0]])
        names = {"matrix": defaultdict(str, each), "runner": runner}
        ran = [x.get("run", "") for x in job["steps"] if due(x.get("if", "1"), names)]
        assert sum("make test" in x or "pytest" in x for x in ran) == 1, each


def due(condition, names):
    """Whether a step's `if:` holds."""
    text = re.sub(r"matrix\.(\w+)", r"matrix['\1']", condition).replace("&&", " and ")
    return bool(eval(re.sub(r"!(?!=)", " not ", text).strip(" ${}"), names))


def test_conda_installs_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, packages = conda["dependencies"]
    assert (python, pip) == ("python=3.11", "pip")
    assert "3.11.0" in SpecifierSet(PROJECT["requires-python"])
    assert packages == {"pip": ["-r requirements.txt", "-e ."]}


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker runs on POSIX systems")
def test_binder_reads_the_conda_environment():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    assert "Building conda environment for python=3.11" in run.stderr
    copied = re.search(r"COPY --chown=\d+:\d+ src/ \$\{REPO_DIR\}/", run.stdout).start()
    installed = run.stdout.index('env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"')
    assert copied < installed, "-r and -e need the repository's files"


TOO_NEW = "import sys; sys.version_info = (3, 14, 0)"
WITHOUT_VENV = """if True:
    import importlib.util, sys
    find = importlib.util.find_spec
    importlib.util.find_spec = lambda name: None if name in ["pip", "ensurepip"] else find(name)
"""


@pytest.mark.parametrize(
    ("made_in", "python", "anew"),
    [("here", sys.executable, False), ("elsewhere", sys.executable, True), ("here", "/gone", True)],
)
def test_a_venv_that_was_moved_or_is_broken_is_made_anew(
    made_in, python, anew, tmp_path, monkeypatch
):
    if not shutil.which("make"):
        pytest.skip("needs make")
    for name in ["Makefile", "requirements.txt", "pyproject.toml", "tools/set_up.py"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(python)
    folder = tmp_path.resolve() if made_in == "here" else "/elsewhere"
    (tmp_path / ".venv" / "made-in").write_text(str(folder), "utf-8")
    (tmp_path / ".venv" / "ready-for-lab").touch()
    commands = subprocess.check_output(["make", "-n", "lab"], cwd=tmp_path, text=True)
    assert ("tools/set_up.py requirements.txt" in commands) == anew
    monkeypatch.setattr(set_up, "ROOT", str(tmp_path.resolve()))
    monkeypatch.setattr(set_up, "MADE_IN", str(tmp_path / ".venv" / "made-in"))
    monkeypatch.setattr(set_up, "PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    assert set_up.is_intact() != anew


@pytest.mark.parametrize(
    ("fake", "message"),
    [
        (TOO_NEW, r"Python 3\.10 to 3\.13 is needed, .* is 3\.14\)\. Install one .*or install uv"),
        (WITHOUT_VENV, r"lacks the venv module: sudo apt install python3\.\d+-venv"),
    ],
)
def test_an_unfit_python_is_named_in_one_line(fake, message, tmp_path):
    folder = tmp_path / "chiffres animés"
    (folder / "tools").mkdir(parents=True)
    script = shutil.copy(ROOT / "tools" / "set_up.py", folder / "tools")
    shutil.copy(ROOT / "requirements.txt", folder)
    (tmp_path / "sitecustomize.py").write_text(fake, "utf-8")
    run = subprocess.run(
        [sys.executable, script],
        check=False,
        env={**os.environ, "PATH": "", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert re.search(message, run.stderr), run.stderr
    assert run.stderr.count("\n") == 1, run.stderr
    assert not (folder / ".venv").exists()


def test_the_first_cell_of_a_notebook_says_how_to_get_helpers(tmp_path):
    first = [code_cells(path.name[:2])[0].splitlines() for path in NOTEBOOKS]
    imports = ["\n".join(line for line in lines if "helpers" in line) for lines in first]
    code = f"""if True:
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        sys.modules["helpers"] = None
        for cell in {imports}:
            InteractiveShell(colors="nocolor").run_cell(cell)
            print("next")
    """
    *said, rest = run_python(code, tmp_path).stdout.split("next\n")
    assert (len(said), rest) == (len(NOTEBOOKS), "")
    assert all("ModuleNotFoundError" in x and "# not found? run `make lab`" in x for x in said)


@pytest.mark.skipif(
    not (ROOT / ".venv" / "ready-for-lab").exists() or not can_connect_to_itself(),
    reason="needs what make sets up, and 127.0.0.1",
)
def test_make_lab_serves_the_first_notebook_to_those_with_the_token(tmp_path):
    with jupyter_lab(tmp_path, by_make=True) as address:
        notebook = address.format(f"api/contents/{NOTEBOOKS[0].relative_to(ROOT)}")
        with urllib.request.urlopen(f"{notebook}&content=0") as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(notebook.partition("?")[0])
        settings = "lab/api/settings/@jupyterlab/apputils-extension:notification"
        with urllib.request.urlopen(address.format(settings)) as answer:
            news = json.load(answer)["schema"]["properties"]["fetchNews"]["default"]
        assert news == "false", "a newcomer is not asked about news"
