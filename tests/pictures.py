"""Compares the pictures of the notebooks with the saved ones; nbval compares text alone.

Both are blurred a little and laid over each other; what counts is the square tile where they
differ most, so that a label or a point in the wrong place is seen in a large picture, too. Of a
cell whose output may differ (`nbval-ignore-output`) it is the mean over the picture.
"""

import base64
import io

import numpy as np
import pytest
from nbval.plugin import IPyNbCell
from PIL import Image

TILE = 24  # pixels
MOST = 0.02  # of the range from black to white; Matplotlib 3.9 to 3.11 differ by less
MOST_OF_A_TRAINING = 0.03  # in the mean over the picture, where the cell is not compared
OTHER_SIZE = 0.04  # share by which the sides may differ, as the width of texts does
COUNTED = "pictures compared with the saved ones"


class OtherPictureError(AssertionError):
    """A cell draws another picture than the saved one."""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    outcome = yield
    if isinstance(item, IPyNbCell) and not outcome.excinfo and not item.config.option.nbval_lax:
        try:
            compare(item)
        except OtherPictureError as error:
            outcome.force_exception(error)


def compare(item):
    saved, new = pictures(item.cell.outputs), pictures(item.test_outputs)
    item.user_properties.append((COUNTED, len(new)))
    if len(saved) != len(new):
        raise OtherPictureError(f"{len(saved)} pictures were saved, now there are {len(new)}")
    for number, pair in enumerate(zip(saved, new)):
        apart = difference(*pair)
        found, most = (
            (apart.max(), MOST) if item.options["check"] else (apart.mean(), MOST_OF_A_TRAINING)
        )
        if found > most:
            folder = item.config.rootpath / ".pytest_cache" / "pictures"
            folder.mkdir(parents=True, exist_ok=True)
            paths = [
                folder / f"{item.path.stem}-{item.name}-{number}-{x}.png" for x in ("saved", "now")
            ]
            for path, picture in zip(paths, pair):
                picture.save(path)
            raise OtherPictureError(
                f"the picture is not the saved one: {found:.3f} apart, at most {most} is allowed; "
                f"compare {' and '.join(map(str, paths))}"
            )


def pictures(outputs):
    encoded = (output.get("data", {}).get("image/png") for output in outputs)
    return [
        Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in encoded if text
    ]


def difference(one, other):
    """How far two pictures are apart around each pixel, from 0 to 1; 1 for other sizes."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    if np.abs(np.divide(one.size, other.size) - 1).max() > OTHER_SIZE:
        return np.ones(1)
    arrays = [np.asarray(x.resize(one.size), dtype="float32") / 255 for x in (one, other)]
    blurred = [gaussian_filter(array, (1.5, 1.5, 0)) for array in arrays]
    apart = np.abs(blurred[0] - blurred[1]).mean(axis=-1)
    return uniform_filter(apart, TILE)
