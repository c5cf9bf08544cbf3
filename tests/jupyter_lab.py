"""Start JupyterLab for a test: on a free port, with settings and files of its own."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time

from project import ROOT

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@contextlib.contextmanager
def jupyter_lab(folder, by_make=False):
    """Run it on `folder`, or by `make lab`; gives the address to put `lab/tree/FILE` into."""
    own = folder / ".jupyter"
    labconfig = own / "CONFIG" / "labconfig"
    labconfig.mkdir(parents=True)
    if not by_make:
        (labconfig / "default_setting_overrides.json").write_text(json.dumps(SETTINGS), "utf-8")
    port = free_port()
    options = ["--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", f"--ServerApp.root_dir={folder}"]
    command += [f"--{app}.expose_app_in_browser=True" for app in ["LabApp", "JupyterNotebookApp"]]
    log = own / "log.txt"
    environment = {f"JUPYTER_{x}_DIR": str(own / x) for x in ["CONFIG", "DATA", "RUNTIME"]}
    with log.open("w") as file:
        process = subprocess.Popen(
            ["make", "lab", f"ARGS={' '.join(options)}"] if by_make else command + options,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        address = rf":{port}/\S*[?&]token=(\w+)"
        while not ((token := re.search(address, log.read_text("utf-8"))) and answers(port)):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/{{}}?token={token[1]}"
    finally:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def answers(port):
    """Whether somebody listens: JupyterLab says its address a little before it does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port():
    """A port where nobody listens, below those that a system itself hands out (from 32768 on).

    One of those could be given to a kernel before JupyterLab takes it.
    """
    for port in random.SystemRandom().sample(range(20_000, 30_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("None of a hundred ports is free.")
