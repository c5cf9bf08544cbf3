"""JupyterHub's configuration in `make hub`: its users, their secrets and limits are of one run."""

import hmac
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from jupyterhub.auth import LocalAuthenticator
from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

FOLDER = Path(os.environ["DIGITS_HUB_RUN"])
RUN = json.loads((FOLDER / "run.json").read_text("utf-8"))
LIMIT = RUN["limit"] * 10**6


class OneSecretEach(LocalAuthenticator):
    """Lets in who knows the random secret that was made for a user of this run."""

    async def authenticate(self, handler, data):
        secret = RUN["secrets"].get(data["username"])
        if secret and hmac.compare_digest(secret.encode(), data["password"].encode()):
            return data["username"]


class Limited:
    """No process of a user gets more memory of its own than the limit (RLIMIT_DATA)."""

    def make_preexec_fn(self, name):
        become_the_user = super().make_preexec_fn(name)

        def preexec():
            resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
            become_the_user()

        return preexec


class OfSystemUsers(Limited, LocalProcessSpawner):
    """Each server belongs to a user of the system, and so do the files in its home."""


class InFolders(Limited, SimpleLocalProcessSpawner):
    """All servers belong to whoever runs this, each in a folder of its own."""


def give_notebooks(spawner):
    """Before a server starts for the first time: the notebooks, in a home closed to others."""
    name = spawner.user.name
    if not (FOLDER / name / "notebooks").exists():
        shutil.copytree(Path(RUN["project"], "notebooks"), FOLDER / name / "notebooks")
        (FOLDER / name / "results").symlink_to(Path(RUN["project"], "results"))
        (FOLDER / name).chmod(0o700)
        if RUN["system_users"]:
            subprocess.run(["chown", "-hR", f"{name}:", FOLDER / name], check=True)


c = get_config()  # noqa: F821
c.JupyterHub.authenticator_class = OneSecretEach
c.Authenticator.allowed_users = set(RUN["secrets"])
c.LocalAuthenticator.create_system_users = RUN["system_users"]
c.LocalAuthenticator.add_user_cmd = ["useradd", "--create-home", "--base-dir", str(FOLDER)]
c.JupyterHub.spawner_class = OfSystemUsers if RUN["system_users"] else InFolders
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "{username}")
c.Spawner.args = ["--allow-root"]
c.Spawner.pre_spawn_hook = give_notebooks
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.environment = {
    "DIGITS_HUB_RUN": str(FOLDER),  # by this the processes of a run are known
    "MNIST_NPZ": RUN["mnist"],
    "OMP_NUM_THREADS": "1",  # many learners share the cores, as in deploy/
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url = RUN["addresses"]
c.ConfigurableHTTPProxy.command = RUN["proxy"]
