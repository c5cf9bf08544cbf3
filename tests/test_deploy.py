"""What is in `deploy`, and the Hub of `make hub`: options that exist, no open door, enough room."""

import asyncio
import functools
import json
import pkgutil
import re
import runpy
import stat
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
import yaml
from project import ROOT
from repo2docker.__main__ import get_argparser

pytest.importorskip("jupyterhub", reason="JupyterHub runs on Linux and macOS")
from jupyterhub import app, auth, proxy, spawner
from traitlets.config import Config

from helpers.dataset import ARRAYS
from tools.hub import run as hub
from tools.hub import server

README = (ROOT / "deploy" / "README.md").read_text("utf-8")
VALUES = yaml.safe_load((ROOT / "deploy" / "zero-to-jupyterhub.yaml").read_text("utf-8"))
CHOSEN = {"door": "github", "address": "https://example.org/digits.git"}


def tljh(door, address, **more):
    """What The Littlest JupyterHub makes of its file."""
    c, auth = Config(), {"type": door or "firstuseauthenticator.FirstUseAuthenticator", "Own": more}
    code = (ROOT / "deploy" / "tljh" / "digits.py").read_text("utf-8")
    code = code.replace('REPOSITORY = ""', f"REPOSITORY = {address!r}")
    module = SimpleNamespace(load_config=lambda: {"auth": auth})
    sys.modules.update({"tljh": module, "tljh.configurer": module})
    exec(code, {"get_config": lambda: c, "__file__": "digits.py"})  # noqa: S102
    return c


def kubernetes(door, address, image="digits:1.0.0", **more):
    """What the chart makes of its values and of what an instructor fills in."""
    c, user = Config(VALUES["hub"]["config"] | {"Authenticator": more}), VALUES["singleuser"]
    c.JupyterHub.authenticator_class = door or c.JupyterHub.authenticator_class
    c.KubeSpawner.image = image or f"{user['image']['name']}:{user['image']['tag']}"
    c.Spawner.default_url = user["defaultUrl"].replace("FILL-IN", address or "FILL-IN")
    exec(VALUES["hub"]["extraConfig"]["what-must-be-chosen"], {"c": c})  # noqa: S102
    c.Spawner.update({f"mem_{name}": value for name, value in user["memory"].items()})
    c.Spawner.update({f"cpu_{name}": value for name, value in user["cpu"].items()})
    c.Spawner.environment = user["extraEnv"]
    return c


def of_make_hub(folder, monkeypatch):
    """What the Hub of `make hub` makes of its file, and the function that gives the notebooks."""
    run = {"secrets": {"a": "b"}, "addresses": ["http://127.0.0.1:9"] * 3, "proxy": ["x"]}
    run |= {"mnist": "x", "limit": 2500, "system_users": False, "project": str(ROOT)}
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    monkeypatch.setenv("DIGITS_HUB_RUN", str(folder))
    c = Config()
    runpy.run_path(str(ROOT / "tools" / "hub" / "config.py"), {"get_config": lambda: c})
    return c


def test_every_option_is_one_of_jupyterhub(tmp_path, monkeypatch):
    manager = "jupyter_server.services.kernels.kernelmanager:MappingKernelManager"
    kernels = pkgutil.resolve_name(manager).class_trait_names()
    for c in [tljh(**CHOSEN), kubernetes(**CHOSEN), of_make_hub(tmp_path, monkeypatch)]:
        for name in c.keys() - {"KubeSpawner"}:
            thing = next(vars(x)[name] for x in [app, auth, proxy, spawner] if name in vars(x))
            assert c[name].keys() <= {*thing.class_trait_names(config=True)}, name
        spawner.Spawner(config=c)  # whose values fit
        for option in c.Spawner.args:
            name = option.partition("=")[0].removeprefix("--MappingKernelManager.")
            assert name == "--allow-root" or name in kernels


def test_a_home_of_make_hub_has_the_notebooks_and_is_closed(tmp_path, monkeypatch):
    c = of_make_hub(tmp_path, monkeypatch)
    (tmp_path / "ada").mkdir()
    for name in ["ada", "ada"]:
        c.Spawner.pre_spawn_hook(SimpleNamespace(user=SimpleNamespace(name=name)))
        (tmp_path / "ada" / "notebooks" / "own.ipynb").touch()
    assert stat.S_IMODE((tmp_path / "ada").stat().st_mode) == 0o700
    copied = {path.name for path in (tmp_path / "ada" / "notebooks").iterdir()}
    assert {path.name for path in (ROOT / "notebooks").iterdir()} | {"own.ipynb"} == copied
    assert (tmp_path / "ada" / "results").resolve() == ROOT / "results"
    threads = {name: x for name, x in c.Spawner.environment.items() if "THREADS" in name}
    assert threads.items() < tljh(**CHOSEN).Spawner.environment.items()


def test_who_knows_a_users_secret_comes_in_alone(tmp_path, monkeypatch):
    door = of_make_hub(tmp_path, monkeypatch).JupyterHub.authenticator_class()
    tries = [{"username": name, "password": said} for name in "ax" for said in ["b", "c", "", "bb"]]
    come_in = [asyncio.run(door.authenticate(None, data)) for data in tries]
    assert come_in == ["a", *[None] * 7]


def test_what_a_run_is_told_no_user_can_read_or_change(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "has_mnist", lambda: True)
    monkeypatch.setattr(server, "load_mnist", lambda: ((0, 1), (2, 3)))
    monkeypatch.setattr(server, "proxy", list)
    monkeypatch.setattr(server.subprocess, "Popen", None)
    (folder := tmp_path / "run").mkdir()
    options = SimpleNamespace(port=0, users=2, limit=2500, system_users=False)
    with pytest.raises(TypeError), server.a_class(options, folder):
        pass
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
    assert modes == {"run.json": 0o600, "mnist.npz": 0o444, "hub.log": modes["hub.log"]}
    assert dict(np.load(folder / "mnist.npz")) == dict(zip(ARRAYS, range(4)))
    told = json.loads((folder / "run.json").read_text("utf-8"))
    assert len({*told["secrets"].values()}) == 2 and min(map(len, told["secrets"].values())) > 40
    assert all(address.startswith("http://127.0.0.1:") for address in told["addresses"])


def test_the_figures_of_make_hub_are_those_of_its_rows(tmp_path, monkeypatch, capsys):
    seconds = {("hub-1", 1): 10, ("hub-1", 2): 20, ("hub-2", 2): 50, ("hub-3", 2): 30}
    most, started = Counter(), []

    def lesson(learner, path):
        most[learner.name, "server_mb"] += 140.04
        taken = seconds[learner.name, 1 + (len(started) > 1)]
        return {"first_answer": 1.26, "seconds": taken, "errors": int(taken == 50)}

    learners = [SimpleNamespace(name=f"hub-{n}") for n in (1, 2, 3)]
    for learner in learners:
        learner.lesson = functools.partial(lesson, learner)
    monkeypatch.setattr(hub.Learner, "start_server", started.append)
    monkeypatch.setattr(hub, "Counter", lambda: most)
    monkeypatch.setattr(hub, "watch", lambda folder, most: None)
    with ThreadPoolExecutor(3) as pool:
        rows = list(hub.lessons(learners, [Path("01_a.ipynb")], pool, tmp_path))
    found = [tuple(row.values()) for row in rows]
    assert found == [
        (n, "01_a", user, 1.3, taken, errors, 140.0, 0, 0)
        for n, user, taken, errors in [(1, 1, 10, 0), (3, 1, 20, 0), (3, 2, 50, 1), (3, 3, 30, 0)]
    ]
    capsys.readouterr()
    hub.report(rows)
    said = "01_a takes 3.0 times as long as for one user alone (median)\n"
    assert capsys.readouterr().out == said and started == learners


def test_memory_and_seconds_are_summed_over_processes_and_the_most_is_kept(tmp_path, monkeypatch):
    folder, most, ticks = tmp_path / "run", Counter(), iter([(1, 5), (4, 3), (2, 4)])
    folder.mkdir()

    def processes_of(place):
        for mb in (held := next(ticks)):
            memory = SimpleNamespace(pss=mb * 1e6, rss=9e9)
            parts = {"memory_full_info": lambda memory=memory: memory}
            parts["cpu_times"] = lambda mb=mb: (mb, 1, 99, 99)
            yield SimpleNamespace(**parts), "a", "kernel"
        if held == (2, 4):
            folder.rmdir()

    monkeypatch.setattr(hub, "processes_of", processes_of)
    monkeypatch.setattr(hub.time, "sleep", lambda seconds: None)
    hub.watch(folder, most)
    assert most == {("a", "kernel_mb"): 7, ("a", "kernel_cpu_seconds"): 9}


def test_for_a_user_of_the_system_a_closed_folder_is_refused_and_none_is_made(
    tmp_path, monkeypatch
):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(hub.os, "geteuid", lambda: 0)
    monkeypatch.setattr("sys.argv", ["hub", "2", "--folder", str(closed / "new")])
    with pytest.raises(SystemExit, match="Other users may not enter"):
        hub.main()
    assert list(closed.iterdir()) == []


CHOICES = {
    **{f"door {x}": "an authenticator" for x in ["", "dummy", "tmp", "firstuse.FirstUse"]},
    **dict.fromkeys(["allow_all True", "open_signup True"], "who may log in"),
    "address ": "the address of the notebooks",
}


@pytest.mark.parametrize("deployment", [tljh, kubernetes])
@pytest.mark.parametrize("choice", CHOICES)
def test_nobody_comes_in_before_all_is_chosen(deployment, choice):
    with pytest.raises(SystemExit, match=f"choose {CHOICES[choice]}.*deploy/README.md says how"):
        deployment(**CHOSEN | dict([choice.split(" ")]))


@pytest.mark.parametrize("deployment", [tljh, kubernetes])
def test_who_is_not_named_is_not_let_in_and_the_log_warns(deployment, caplog):
    c = deployment(**CHOSEN)
    for allowed, warnings in [(set(), 1), ({"ada"}, 0)]:
        c.Authenticator.allowed_users = allowed
        door = auth.Authenticator(config=c)
        caplog.clear()
        door.check_allow_config()
        assert caplog.text.count("nobody can login") == warnings
        assert [door.check_allowed(name) for name in ["ada", "eve"]] == [bool(allowed), False]


@pytest.mark.parametrize("deployment", [tljh, kubernetes])
def test_a_learner_has_room_and_lands_on_the_first_notebook(deployment):
    user = spawner.Spawner(config=deployment(**CHOSEN))
    server = pd.read_csv(ROOT / "results" / "hub.csv")["server_mb"].max() * 1e6
    kernel = pd.read_csv(ROOT / "results" / "notebook_costs.csv")["megabytes"].max() * 1e6
    assert user.mem_limit > server + 2 * kernel
    assert (user.mem_guarantee or user.mem_limit) > server + kernel
    link = {name: x for name, (x,) in parse_qs(urlsplit(user.default_url).query).items()}
    folder, _, notebook = link["urlpath"].removeprefix("lab/tree/").partition("/")
    assert (link["repo"], link["targetPath"]) == (CHOSEN["address"], folder)
    assert (ROOT / notebook).is_file()


def test_both_ways_give_a_learner_the_same():
    one, other = (deployment(**CHOSEN).Spawner for deployment in [tljh, kubernetes])
    assert other.pop("mem_guarantee") < other.mem_limit and other.pop("cpu_guarantee") == 1 / 4
    for each in [one, other]:
        del each["default_url"]  # see the next test
    assert one == other


def test_every_link_leads_to_the_first_notebook_of_the_branch_that_is_tested():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    (branch,) = workflow[True]["push"]["branches"]  # YAML reads "on" as True
    own = [urlsplit(deployment(**CHOSEN).Spawner.default_url) for deployment in [tljh, kubernetes]]
    in_text = [urlsplit(x) for x in re.findall(r"\S*/?git-pull\?\S+", README)]
    queries = [parse_qs(link.query) for link in [*own, *in_text]]
    assert len(queries) == 4 and all(link.path.endswith("git-pull") for link in own + in_text)
    assert [{**query, "repo": 1} for query in queries] == [{**queries[0], "repo": 1}] * 4
    assert queries[0]["branch"] == [branch]


def test_mnist_lies_where_it_is_looked_for_and_nobody_can_change_it():
    commands = re.findall(r"^sudo install (?:-D )?-m (\d+) (\S+) (\S+)$", README, re.MULTILINE)
    (data_mode, data, place), (mode, file, folder) = commands
    code = (ROOT / file).read_text("utf-8")
    assert (data_mode, data, mode) == ("444", "mnist.npz", "644") and f"in {folder}" in code
    assert tljh(**CHOSEN).Spawner.environment["MNIST_NPZ"] == place
    user = VALUES["singleuser"]
    (volume,), (mount,) = (user["storage"][x] for x in ["extraVolumes", "extraVolumeMounts"])
    claim = volume["persistentVolumeClaim"]
    assert f"claim named `{claim['claimName']}` that holds `mnist.npz`" in README
    assert volume["name"] == mount["name"] and claim["readOnly"] is mount["readOnly"] is True
    assert user["extraEnv"]["MNIST_NPZ"] == f"{mount['mountPath']}/mnist.npz"


def test_who_is_idle_ends_first_the_kernel_then_the_server():
    cull = VALUES["cull"]
    (option,) = tljh(**CHOSEN).Spawner.args
    kernel = int(option.removeprefix("--MappingKernelManager.cull_idle_timeout="))
    assert cull["enabled"] is True
    assert f"services.cull.timeout {cull['timeout']}" in README
    assert cull["every"] <= 300 < kernel == 20 * 60 < cull["timeout"]


def test_what_the_readme_names_is_there():
    settings = re.findall(r"^sudo tljh-config (?:set|add-item) (\S+) (\S+)$", README, re.MULTILINE)
    assert dict(settings) == {
        "auth.type": "github",
        "users.allowed": "NAME",
        "services.cull.timeout": "3600",
        "https.enabled": "true",
        "https.letsencrypt.email": "ADDRESS",
        "https.letsencrypt.domains": "HUB",
    }
    blocks = re.findall(r"^```\n(sudo .*?)```$", README, re.MULTILINE | re.DOTALL)
    assert [re.search(r"reload.*$", block.strip())[0] for block in blocks] == [
        "reload",
        "reload proxy",
    ]
    assert "--target-repo-dir /srv/digits" in README, "no home, which a volume hides"
    for path in re.findall(r"\b(?:deploy|notebooks|results)/[\w/.-]+\w", README):
        assert (ROOT / path).is_file(), path
    options = re.search(r"^jupyter-repo2docker (.*\\\n.*)", README, re.MULTILINE)[1]
    assert {*re.findall(r"--[\w-]+", options)} <= get_argparser()._option_string_actions.keys()
    with pytest.raises(SystemExit, match="choose the image"):
        kubernetes(**CHOSEN, image="")
