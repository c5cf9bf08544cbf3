"""MNIST is found, fetched, verified and loaded; a bad file is named and never touched."""

import hashlib
import http.server
import io
import os
import socket
import threading
import time
import warnings

import numpy as np
import pytest
from project import can_connect_to_itself, run_python
from scipy.ndimage import center_of_mass

from helpers import dataset
from helpers.errors import InputError

RANDOM = np.random.default_rng(0)
TINY = {
    "x_train": RANDOM.integers(0, 256, (20, 3, 3), dtype="uint8"),
    "y_train": np.tile(np.arange(10, dtype="uint8"), 2),
    "x_test": RANDOM.integers(0, 256, (10, 3, 3), dtype="uint8"),
    "y_test": np.arange(10, dtype="uint8"),
}


@pytest.fixture
def tiny(monkeypatch):
    """Let the arrays of TINY pass for MNIST."""
    arrays = {k: (v.shape, hashlib.sha256(v).hexdigest()) for k, v in TINY.items()}
    monkeypatch.setattr(dataset, "ARRAYS", arrays)
    monkeypatch.delenv("MNIST_NPZ", raising=False)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def assert_same(loaded, arrays=TINY):
    (x_train, y_train), (x_test, y_test) = loaded
    for array, name in zip([x_train, y_train, x_test, y_test], dataset.ARRAYS):
        assert array.dtype == np.uint8
        np.testing.assert_array_equal(array, arrays[name], strict=True)


# Reading a file


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", ">i2"])
def test_every_form_that_loses_nothing_is_read(tiny, tmp_path, dtype):
    file = tmp_path / "chiffres animés.npz"
    for shape in [(20, 3, 3), (20, 9), (20, 3, 3, 1)]:
        other_form = {"x_train": TINY["x_train"].reshape(shape).astype(dtype)}
        file.write_bytes(npz(**TINY | other_form))
        assert_same(dataset.load_mnist(file))


@pytest.mark.skipif(not dataset.has_mnist(), reason="needs MNIST itself")
def test_the_doubtful_images_bear_the_labels_that_were_doubted():
    """As published beside the indices (cleanlab/label-errors, mturk/mnist_mturk.json)."""
    labels = dataset.load_mnist()[1][1][dataset.DOUBTFUL_TEST_LABELS]
    assert labels.tolist() == [8, 0, 9, 4, 2, 5, 6, 6, 5, 5, 0, 1, 4, 6, 5]


def test_the_path_comes_before_the_environment_before_the_cache(tiny, tmp_path, monkeypatch):
    good = tmp_path / "good.npz"
    good.write_bytes(npz(**TINY))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    dataset.cache_file().parent.mkdir()
    dataset.cache_file().write_bytes(npz(**TINY))
    assert_same(dataset.load_mnist())
    monkeypatch.setenv("MNIST_NPZ", " ")
    assert_same(dataset.load_mnist())
    monkeypatch.setenv("MNIST_NPZ", "missing.npz")
    with pytest.raises(InputError, match=r"no file missing\.npz"):
        dataset.load_mnist()
    assert_same(dataset.load_mnist(good))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNIST_NPZ", "~/good.npz")
    dataset.cache_file().unlink()
    assert_same(dataset.load_mnist())


class Trap:
    """Unpickling this makes a folder."""

    def __reduce__(self):
        return os.mkdir, ("trap",)


THREE = {key: array for key, array in TINY.items() if key != "y_test"}
LARGE = np.zeros((20, 4, 4), "uint8")
NANS = np.full((20, 3, 3), np.nan)
WIDE = TINY["y_train"].astype("int64") + 256
OTHER = TINY["x_train"][::-1]
DAMAGED = r"\(\d[\d,]* bytes\) is damaged or not an \.npz file.*left as it is.*Fetch .* again from"
BAD = {
    "pickled": (npz(**TINY, extra=np.array([Trap()], dtype=object)), DAMAGED),
    "no y_test": (npz(**THREE), r"no array 'y_test', but \['x_test', 'x_train', 'y_"),
    "size": (npz(**TINY | {"x_train": LARGE}), r"'x_train'.*\(20, 4, 4\).*expected \(20, 3, 3\)"),
    "strings": (npz(**TINY | {"y_train": np.array(["7"] * 20)}), "'y_train'.*dtype <U1.*uint8"),
    "NaN": (npz(**TINY | {"x_train": NANS}), "'x_train' .*content is not MNIST's"),
    "wraps to right": (npz(**TINY | {"y_train": WIDE}), "'y_train' .*content is not MNIST's"),
    "other content": (npz(**TINY | {"x_train": OTHER}), "'x_train' .*not MNIST's.*Fetch .* again"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_explained_and_left_as_it_is(tiny, tmp_path, monkeypatch, case):
    content, message = BAD[case]
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mnist.npz"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal, warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset.load_mnist(file)
    assert str(file) in str(refusal.value)
    assert "allow_pickle=True" not in str(refusal.value)
    assert file.read_bytes() == content
    assert os.listdir(tmp_path) == ["mnist.npz"]


@pytest.mark.parametrize("case", ["cut short", "one bit flipped"])
def test_no_damage_anywhere_in_a_file_gives_wrong_digits(tiny, tmp_path, case):
    whole = npz(**TINY)
    file = tmp_path / "mnist.npz"
    refused = 0
    for i, byte in enumerate(whole):
        rest = [byte ^ 1 << i % 8, *whole[i + 1 :]] if case == "one bit flipped" else []
        file.write_bytes(whole[:i] + bytes(rest))
        try:
            assert_same(dataset.read_npz(file))
        except InputError:
            refused += 1
    assert refused > len(whole) / 2


# Fetching it

WHOLE = npz(**TINY)
CUT = WHOLE[:-100]
ANSWERS = {"serve": WHOLE, "cut short": CUT, "stall": CUT, "something else": b"<html>Log in</html>"}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as its server's `behave` says."""

    def do_GET(self):
        self.server.requests += 1
        if self.server.behave in ANSWERS:
            answer = ANSWERS[self.server.behave]
            self.send_response(200)
            self.send_header("Content-Length", str(len(WHOLE if answer == CUT else answer)))
            self.end_headers()
            self.wfile.write(answer)
        elif self.server.behave == "refuse":
            self.send_error(503)
        elif self.server.behave == "no HTTP":
            self.wfile.write(b"hello\r\n\r\n")
        if self.server.behave in ["stall", "no answer"]:
            self.server.ended.wait(5)


@pytest.fixture
def online(tiny, tmp_path, monkeypatch):
    """Serve MNIST at its URL; `online.behave` says how. Keras's cache is in tmp_path."""
    if not can_connect_to_itself():
        pytest.skip("a download needs the loopback network, which is down on this machine")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(dataset, "URL_SHA256", hashlib.sha256(WHOLE).hexdigest())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.behave, server.requests, server.ended = "serve", 0, threading.Event()
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        monkeypatch.setattr(dataset, "URL", f"http://127.0.0.1:{server.server_port}/mnist.npz")
        dataset._download.cache_clear()
        yield server
        dataset._download.cache_clear()
        server.ended.set()
        server.shutdown()
        serving.join()


@pytest.fixture
def damaged():
    """A half-downloaded file in Keras's cache."""
    dataset.cache_file().parent.mkdir()
    dataset.cache_file().write_bytes(CUT)


def test_address_checksum_and_place_are_those_of_keras(monkeypatch, tmp_path):
    from helpers.quiet import keras

    load = keras.datasets.mnist.load_data
    asked = {}
    monkeypatch.setitem(load.__globals__, "get_file", lambda **options: asked.update(options))
    with pytest.raises(TypeError):
        load()
    assert (asked["origin"], asked["file_hash"]) == (dataset.URL, dataset.URL_SHA256)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert dataset.cache_file() == tmp_path / ".keras" / "datasets" / "mnist.npz"


def cached():
    return {path.name: path.read_bytes() for path in dataset.cache_file().parent.glob("*")}


def is_stand_in(loaded):
    return [len(images) for images, labels in loaded] == [1437, 360]


def test_a_download_lands_in_the_cache_and_is_not_repeated(online, capsys):
    assert_same(dataset.load_mnist())
    assert cached() == {"mnist.npz": WHOLE}
    before = online.requests
    dataset._download.cache_clear()
    assert_same(dataset.load_mnist())
    assert online.requests == before
    assert "NOT MNIST" not in capsys.readouterr().out


def test_a_damaged_cache_is_kept_aside_when_a_fresh_copy_comes(online, damaged, capsys):
    kept = {}
    for content in [CUT, CUT[:-1]]:
        dataset.cache_file().write_bytes(content)
        dataset._download.cache_clear()
        assert_same(dataset.load_mnist())
        (aside,) = cached().keys() - {"mnist.npz", *kept}
        assert f"was kept as {aside}" in capsys.readouterr().out
        kept[aside] = content
    assert cached() == kept | {"mnist.npz": WHOLE}


@pytest.mark.parametrize("behave", ["cut short", "stall", "something else"])
def test_a_failed_download_leaves_nothing_behind_and_can_be_tried_again(
    online, damaged, monkeypatch, behave
):
    monkeypatch.setattr(dataset, "PATIENCE", 0.3)
    online.behave = behave
    start = time.monotonic()
    with pytest.raises(InputError, match="could not be saved as .* Run the cell again, or set"):
        dataset.load_mnist()
    assert time.monotonic() - start < 3
    assert cached() == {"mnist.npz": CUT}
    assert socket.getdefaulttimeout() is None
    online.behave = "serve"
    assert_same(dataset.load_mnist())


def test_a_cache_that_cannot_be_written_is_named(online):
    file = dataset.cache_file().parent
    file.write_text("A file, where a folder should be.")
    with pytest.raises(InputError, match="could not be saved as .*or KERAS_HOME") as error:
        dataset.load_mnist()
    assert str(file) in str(error.value)
    assert file.read_text() == "A file, where a folder should be."


@pytest.mark.parametrize("behave", ["refuse", "no HTTP", "no answer", "slow name look-up"])
@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_without_a_network_the_stand_in_comes_soon_and_says_so(online, monkeypatch, capsys, behave):
    monkeypatch.setattr(dataset, "PATIENCE", 0.3)
    online.behave = behave
    if behave == "slow name look-up":
        look_up = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *a, **k: online.ended.wait(5) and look_up(*a, **k)
        )
    dataset.stand_in()
    start = time.monotonic()
    for _ in range(2):
        assert is_stand_in(dataset.load_mnist())
        banner = capsys.readouterr().out
        assert "THESE ARE NOT MNIST" in banner
        assert "cannot be downloaded. Everything runs" in banner
        assert dataset.URL in banner
        assert str(dataset.cache_file()) in banner
    assert time.monotonic() - start < 2
    assert online.requests == (behave != "slow name look-up")
    asking = [thread for thread in threading.enumerate() if thread.name.endswith("(ask)")]
    assert all(thread.daemon for thread in asking), "no look-up keeps Python from ending"
    assert cached() == {}


def test_a_damaged_cache_without_a_network_is_named_and_kept(online, damaged, capsys):
    online.behave = "refuse"
    assert is_stand_in(dataset.load_mnist())
    assert f"{dataset.cache_file()} ({len(CUT):,} bytes) is damaged" in capsys.readouterr().out
    assert cached() == {"mnist.npz": CUT}


# The stand-in


def test_the_stand_in_can_be_asked_for(online, monkeypatch, capsys):
    assert is_stand_in(dataset.load_mnist("stand-in"))
    assert "You asked for the stand-in" in capsys.readouterr().out
    assert online.requests == 0
    assert dataset.has_mnist(), "which is fetched"
    monkeypatch.setenv("MNIST_NPZ", "stand-in")
    assert not dataset.has_mnist()


def test_the_stand_in_has_mnists_form():
    """Whose mean centre of mass lies at (13.996, 14.007); and is the same on every machine."""
    stand_in = dataset.stand_in()
    for (images, labels), count, mean in zip(stand_in, [1437, 360], [40.127, 40.098]):
        assert (images.shape, images.dtype) == ((count, 28, 28), np.uint8)
        assert (labels.shape, labels.dtype) == ((count,), np.uint8)
        centers = np.array([center_of_mass(image) for image in images])
        np.testing.assert_allclose(centers, dataset.MIDDLE, atol=0.51)
        np.testing.assert_allclose(centers.mean(axis=0), [13.996, 14.007], atol=0.05)
        np.testing.assert_allclose(images.mean(), mean, atol=0.02)
    assert stand_in[0][1][:12].tolist() == [3, 9, 1, 3, 1, 9, 4, 4, 2, 8, 3, 5]


# The split


def test_the_split_is_the_one_that_the_shipped_networks_were_trained_on():
    """Another split would show them, as validation images, what they have learnt by heart."""
    numbers = np.arange(60000)
    _, (x_val, _) = dataset.train_validation_split(numbers, numbers % 10)
    assert x_val[:6].tolist() == [12668, 44756, 26806, 35171, 19825, 25724]


def test_the_split_holds_out_a_tenth_of_every_digit_and_loses_and_repeats_no_image():
    labels = dataset.stand_in()[0][1]
    numbers = np.arange(len(labels))
    (x_train, y_train), (x_val, y_val) = dataset.train_validation_split(numbers, labels)
    assert sorted([*x_train, *x_val]) == numbers.tolist()
    assert (labels[x_train] == y_train).all() and (labels[x_val] == y_val).all()
    np.testing.assert_allclose(np.bincount(y_val), np.bincount(labels) / 10, atol=1)
    assert (np.diff(x_val) < 0).any(), "shuffled"
    (others, _), _ = dataset.train_validation_split(numbers, labels, seed=1)
    assert {*others} != {*x_train}, "by the seed"


# What it costs


def test_what_is_not_needed_yet_is_not_imported(tiny, tmp_path):
    file = tmp_path / "mnist.npz"
    file.write_bytes(npz(**TINY))
    code = f"""if True:
        import sys
        from helpers import dataset, evaluation, plots, preprocessing
        dataset.ARRAYS = {dataset.ARRAYS}
        dataset.load_mnist({str(file)!r})
        heavy = ["IPython", "keras", "pandas", "scipy", "seaborn", "sklearn", "tensorflow"]
        print([name for name in heavy if name in sys.modules])
        from helpers.handwriting import reading, sketchpad
        print("keras" in sys.modules)
    """
    run = run_python(code)
    assert (run.stdout, run.stderr) == ("[]\nFalse\n", "")
