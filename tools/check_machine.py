"""Is this machine ready for a lesson? Its packages, data, memory, and a short training.

Every participant runs it beforehand; TEACHING.md says what its lines mean.
"""

import os
import re
import sys
import time
from importlib.metadata import PackageNotFoundError, requires, version

import numpy as np
import psutil
from packaging.requirements import Requirement

from helpers.dataset import has_mnist
from helpers.errors import InputError
from study.command_line import Parser, answering

OK, BUT, NO = "ok ", "but", "NO "
GIGABYTES = 1.3  # a kernel needs less (results/notebook_costs.csv)
SECONDS = 10


@answering()
def main():
    Parser(description=__doc__).parse_args()
    verdicts = []
    for ask in [packages, data, memory, training]:
        try:
            verdict, text = ask()
        except Exception as error:  # noqa: BLE001, such as a package that does not load
            said = " ".join(str(error).split())[:300]
            verdict, text = NO, f"{type(error).__name__}: {said}: set it up again."
        print(f"{verdict}  {ask.__name__:9} {text}", flush=True)
        verdicts.append(verdict)
    if NO in verdicts:
        sys.exit("Not ready yet: mend what the lines with NO say, and try again.")
    print("Ready.")


def packages():
    """Whether what `helpers` needs is there, in versions that it allows."""
    wanted = [Requirement(text) for text in requires("digits-step-by-step")]
    wrong = []
    for package in wanted:
        if package.marker is None or package.marker.evaluate({"extra": ""}):
            try:
                found = version(package.name)
            except PackageNotFoundError:
                found = "missing"
            if found == "missing" or not package.specifier.contains(found, prereleases=True):
                wrong.append(f"{package} is needed, here it is {found}")
    python = "Python {}.{}.{}".format(*sys.version_info)
    if wrong:
        return NO, f"{'; '.join(wrong)}: set it up again, as the README says."
    return OK, f"{python}, TensorFlow {version('tensorflow')}, Keras {version('keras')}"


def data():
    try:
        if has_mnist():
            return OK, "MNIST"
    except InputError as error:
        return NO, str(error)
    return BUT, (
        "no MNIST: small digits stand in, and figures differ from the text. Go online once, or "
        "let MNIST_NPZ name the file mnist.npz."
    )


def memory():
    """What a kernel may use: what is free, or what a Hub leaves to each user."""
    free, given = psutil.virtual_memory().available, os.environ.get("MEM_LIMIT", "").strip()
    limit = re.fullmatch(
        r"([0-9]+(?:[.][0-9]+)?) ?([KMGT]?)(i?B)?", given or str(free), re.IGNORECASE
    )
    if not limit:
        return NO, f"MEM_LIMIT is {given!r}, and should be a number of bytes: unset it."
    limit = float(limit[1]) * 1024 ** " KMGT".index(limit[2].upper() or " ")
    text = f"{min(free, limit) / 1e9:.2f} GB free, {GIGABYTES} needed"
    if given and limit < GIGABYTES * 1e9:
        return NO, f"{text}: MEM_LIMIT allows no more, ask who runs the Hub."
    return (OK, text) if free >= GIGABYTES * 1e9 else (NO, f"{text}: close other programs.")


def training():
    """Seconds until Keras is loaded, and for an epoch of network B on 5,000 images of noise."""
    start = time.monotonic()
    from helpers.networks import network_b
    from helpers.preprocessing import one_hot, to_model_input

    loaded = time.monotonic()
    random = np.random.default_rng(0)
    images = to_model_input(random.integers(0, 256, (5000, 28, 28), "uint8"))
    labels = one_hot(random.integers(0, 10, 5000))
    network = network_b()
    network.compile("adam", "categorical_crossentropy")
    network.fit(images[:128], labels[:128], verbose=0)  # the first call takes longer
    begun = time.monotonic()
    network.fit(images, labels, batch_size=128, verbose=0)
    seconds = time.monotonic() - begun
    text = f"Keras loaded in {loaded - start:.0f} s, an epoch of 5,000 images in {seconds:.1f} s"
    slow = seconds > SECONDS or loaded - start > 6 * SECONDS
    return (BUT, f"{text}: slow, so run cells before the lesson") if slow else (OK, text)


if __name__ == "__main__":
    main()
