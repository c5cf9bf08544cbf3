"""What READMEs, Makefile and pyproject.toml say is there: each command, path and dependency."""

import hashlib
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
from project import ROOT

from tools.faults.catalogue import FAULTS, WHOLE_FILE

TEXTS = [
    ROOT / name for name in ["README.md", "CONTRIBUTING.md", "results/README.md", "environment.yml"]
]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
HELP = dict(re.findall(r"^([a-z]+):.*?## (.*)", MAKEFILE, flags=re.MULTILINE))
VARIABLES = set(re.findall(r"\b[A-Z]{1,8}(?==)", " ".join(HELP.values()))) | {"ARGS"}
BLOCK = re.compile(r"^```\w*\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?<![\w-])\.?[\w-]+(?:/[\w.-]+)+/?|\b[\w-]+\.(?:py|md|toml|yml|txt|cff|csv)\b")
ROOMS = ["deploy", "figures", "helpers", "results", "tests", "tools"]  # and no targets
PACKAGES_OF_OTHERS = {"jupyterlab-slideshow", "jupyter-repo2docker", "nbgitpuller", "pre-commit"}
FOLDERS = ["tests", "helpers", "helpers/handwriting"]
# Folders and files that commands make, and names with a place for others.
NOT_HERE = re.compile(
    r"^(\.keras|\.pytest_cache|\.venv|pages|slides|handouts|results/quick|results/study/runs)/"
    r"|NN|NAME|network_x"
)


def said(path):
    """The pieces of a text that are set as code, lines of code blocks included."""
    text = path.read_text("utf-8")
    blocks = BLOCK.findall(text)
    spans = re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))
    return [line for block in blocks for line in block.splitlines()] + spans


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_command_and_path_is_there(path):
    for code in said(path):
        for target, rest in re.findall(r"(?:^|&& )make ([a-z]+)\b(.*)", code):
            assert target in HELP, code
            for variable in re.findall(r"\b([A-Z]+)=", rest.split("#")[0]):
                assert variable in VARIABLES, code
        for module in re.findall(r"python -m ([\w.]+)", code):
            assert find_spec(module), code
        for name in re.findall(r"conda activate (\S+)", code):
            assert f"name: {name}\n" in (ROOT / "environment.yml").read_text("utf-8")
        for word in " ".join(re.findall(r"pip install ([^&|;`\"]*)", code)).split():
            ours = word in [".", "./digits"] or (ROOT / word).is_file()
            assert ours or word[0] == "-" or word in PACKAGES_OF_OTHERS, code
        for folder in re.findall(r"%cd digits/(\S+)", code):
            assert (ROOT / folder / "samples").is_dir(), code
        for word in PATH.findall(code):
            if not (NOT_HERE.search(word) or re.match("make |http|%cd", code)):
                places = [ROOT, path.parent, *(ROOT / name for name in FOLDERS)]
                assert any((place / word).exists() for place in places), (word, code)


def test_make_runs_what_is_there():
    commands = dry_run(*HELP)
    for module in re.findall(r"python -m ([\w.]+)", commands):
        assert find_spec(module), commands
    for path in re.findall(r"\b(?:tests|tools|notebooks)/[\w./]+\w", commands):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(
    ("target", "setting", "shown"),
    [
        ("study", "QUICK=1", "-m study --quick"),
        ("ledger", "QUICK=1", "-m study.ledger --quick"),
        ("handwriting", "DIR=of mine", '-m tools.handwriting.read_handwriting "of mine"'),
        ("soak", "N=3", 'tools/soak.sh "3"'),
        ("seeds", "N=3", "-m tools.seeds 3"),
        ("race", "N=4", "-m tools.race 4"),
        ("hub", "N=3", "-m tools.hub.run 3"),
        ("requirements", "UPGRADE=1", "--upgrade"),
        ("requirements", "OLDEST=1", "--resolution lowest-direct"),
        ("requirements", "NEWEST=1", "--prerelease allow"),
    ],
)
def test_each_variable_of_make_arrives(target, setting, shown):
    assert shown in dry_run(target, setting)
    assert shown not in dry_run(target)
    assert shown not in dry_run(target, setting.split("=")[0] + "=0")
    assert shown in dry_run(target, setting, "MNIST_NPZ=stand-in")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        *(
            (f"study {name}=1", f"There is no {name} here. What can be set is ARGS DIR N")
            for name in ["Quick", "QUICKLY", "dir"]
        ),
        *((name, f"There is no target {name}, it is a folder") for name in [*ROOMS, "notebooks/"]),
        ("study QUICK=yes", "QUICK=1 or QUICK=0, not yes"),
        ("requirements OLDEST=1 NEWEST=1", "OLDEST=1 or NEWEST=1, not both"),
    ],
)
def test_make_refuses_what_it_would_pass_over(call, said):
    command = ["make", "--dry-run", *call.split()]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == 2
    assert said in run.stderr


def recipe(target):
    return re.search(rf"^{target}:.*\n((?:\t.*\n)*)", MAKEFILE, flags=re.MULTILINE)[1]


def dry_run(*arguments):
    return subprocess.check_output(["make", "--dry-run", *arguments], cwd=ROOT, text=True)


def test_help_names_every_target_and_the_variables_that_it_reads():
    phony = set(re.search(r"^\.PHONY: (.*)", MAKEFILE, flags=re.MULTILINE)[1].split())
    assert phony - {"anew"} == HELP.keys()
    for target, text in HELP.items():
        takes_more = target not in ["help", "screenshots", "pages", "soak", "lint", "requirements"]
        assert recipe(target).endswith(" $(ARGS)\n") == takes_more, target
        read = set(re.findall(r"\$\((?:if |or )?\$?\(?([A-Z]+)\)", recipe(target)))
        named = set(re.findall(r"\b([A-Z]+)=", text))
        assert read - {"IN", "ARGS", "LAB", "COMPILE"} <= named, (target, read, named)


def test_dependencies_are_what_is_imported():
    subprocess.run([sys.executable, "-m", "deptry", "."], cwd=ROOT, check=True)


def test_what_was_measured_and_trained_is_as_it_was():
    sums = (ROOT / "results" / "SHA256SUMS").read_text("utf-8").splitlines()
    stored = dict(reversed(line.split(" *")) for line in sums)
    shipped = (ROOT / "helpers" / "checkpoints").iterdir()
    trained = {f"../helpers/checkpoints/{path.name}" for path in shipped}
    drawn = {"../figures/sketchpad.png", "../figures/sketchpad_dark.png"}
    results = {
        "ablation.csv",
        "handwriting.csv",
        "hub.csv",
        "ledger.csv",
        "race.csv",
        "scheduler.csv",
    }
    assert stored.keys() == results | trained | drawn
    contents = {name: (ROOT / "results" / name).read_bytes() for name in stored}
    other = [x for x in stored if hashlib.sha256(contents[x]).hexdigest() != stored[x]]
    command = f"cd results && sha256sum -b {' '.join(stored)} > SHA256SUMS"
    assert not other, f"{other} changed. If they were made anew: {command}"


def test_a_fault_of_the_catalogue_finds_what_it_spoils():
    assert all((ROOT / fault.file).is_file() for fault in FAULTS)
    spoiling = [fault for fault in FAULTS if fault.old is not WHOLE_FILE]
    texts = {fault: (ROOT / fault.file).read_text("utf-8") for fault in spoiling}
    assert [x.name for x in spoiling if texts[x].replace(x.old, x.new) == texts[x]] == []
