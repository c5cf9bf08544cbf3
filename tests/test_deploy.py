"""What is in `deploy`, and the Hub of `make hub`: options that exist, no open door, enough room."""

import json
import pkgutil
import re
import runpy
import sys
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import yaml
from project import ROOT
from repo2docker.__main__ import get_argparser

pytest.importorskip("jupyterhub", reason="JupyterHub runs on Linux and macOS")
from jupyterhub import app, auth, proxy, spawner
from traitlets.config import Config

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
    values = yaml.safe_load((ROOT / "deploy" / "zero-to-jupyterhub.yaml").read_text("utf-8"))
    c, user = Config(values["hub"]["config"] | {"Authenticator": more}), values["singleuser"]
    c.JupyterHub.authenticator_class = door or c.JupyterHub.authenticator_class
    c.KubeSpawner.image = image or f"{user['image']['name']}:{user['image']['tag']}"
    c.Spawner.default_url = user["defaultUrl"].replace("FILL-IN", address or "FILL-IN")
    exec(values["hub"]["extraConfig"]["what-must-be-chosen"], {"c": c})  # noqa: S102
    c.Spawner.update({f"mem_{name}": value for name, value in user["memory"].items()})
    c.Spawner.update({f"cpu_{name}": value for name, value in user["cpu"].items()})
    c.Spawner.environment, (mount,) = user["extraEnv"], user["storage"]["extraVolumeMounts"]
    assert mount["readOnly"] and user["extraEnv"]["MNIST_NPZ"].startswith(mount["mountPath"])
    return c


def test_every_option_is_one_of_jupyterhub(tmp_path, monkeypatch):
    run = {"secrets": {"a": "b"}, "addresses": ["http://127.0.0.1:9"] * 3, "proxy": ["x"]}
    run |= {"mnist": "x", "limit": 2500, "system_users": False}
    (tmp_path / "run.json").write_text(json.dumps(run), "utf-8")
    monkeypatch.setenv("DIGITS_HUB_RUN", str(tmp_path))
    own = Config()
    runpy.run_path(str(ROOT / "tools" / "hub" / "config.py"), {"get_config": lambda: own})
    manager = "jupyter_server.services.kernels.kernelmanager:MappingKernelManager"
    kernels = pkgutil.resolve_name(manager).class_trait_names()
    for c in [tljh(**CHOSEN), kubernetes(**CHOSEN), own]:
        for name in c.keys() - {"KubeSpawner"}:
            thing = next(vars(x)[name] for x in [app, auth, proxy, spawner] if name in vars(x))
            assert c[name].keys() <= {*thing.class_trait_names(config=True)}, name
        spawner.Spawner(config=c)  # whose values fit
        for option in c.Spawner.args:
            name = option.partition("=")[0].removeprefix("--MappingKernelManager.")
            assert name == "--allow-root" or name in kernels


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


def test_what_the_readme_names_is_there():
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    for path in re.findall(r"\b(?:deploy|notebooks|results)/[\w/.-]+\w", text):
        assert (ROOT / path).is_file(), path
    options = re.search(r"^jupyter-repo2docker (.*\\\n.*)", text, re.MULTILINE)[1]
    assert {*re.findall(r"--[\w-]+", options)} <= get_argparser()._option_string_actions.keys()
    with pytest.raises(SystemExit, match="choose the image"):
        kubernetes(**CHOSEN, image="")
