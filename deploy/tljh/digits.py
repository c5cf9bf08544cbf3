"""For The Littlest JupyterHub, in /opt/tljh/config/jupyterhub_config.d/. See deploy/README.md."""

import sys
from urllib.parse import urlencode

from tljh.configurer import load_config  # what tljh-config set

REPOSITORY = ""  # fill in: the address that git clones

c = get_config()  # noqa: F821


def missing():
    """What must be chosen before anybody may come in; empty if all is."""
    auth = load_config()["auth"]
    if any(name in auth["type"].lower() for name in ["dummy", "firstuse", "null", "tmp"]):
        return "an authenticator other than TLJH's own, with tljh-config set auth.type"
    options = {name for x in auth.values() if isinstance(x, dict) for name in x if x[name]}
    if options & {"allow_all", "open_signup"}:
        return "who may log in, by name or group, without allow_all and open_signup"
    return "" if REPOSITORY else "the address of the notebooks, REPOSITORY"


if missing():
    sys.exit(f"{__file__}: choose {missing()}. deploy/README.md says how.")

# One notebook takes at most 1.1 GB, its server 0.2: there is room for two notebooks at once.
c.Spawner.mem_limit = "2.5G"
c.Spawner.cpu_limit = 2
# The kernel of a notebook that was closed ends after 20 minutes.
c.Spawner.args = ["--MappingKernelManager.cull_idle_timeout=1200"]
c.Spawner.environment = {
    "MNIST_NPZ": "/srv/mnist/mnist.npz",
    "OMP_NUM_THREADS": "1",  # many learners share the cores
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
c.Spawner.default_url = "/git-pull?" + urlencode(
    {
        "repo": REPOSITORY,
        "branch": "main",
        "targetPath": "digits",
        "urlpath": "lab/tree/digits/notebooks/01_explore_the_dataset.ipynb",
    }
)
