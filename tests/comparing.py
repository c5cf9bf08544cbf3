"""Compares what nbval does not: pictures, and the outputs of cells that it is told to ignore.

Pictures: the new and the saved one are blurred a little and laid over each other. What counts is
the square tile where they differ most, so that a label or a point in the wrong place is seen in a
large picture, too. For a cell whose output may differ (`nbval-ignore-output`) it is the mean, after
a wide blur; where another Matplotlib draws than drew the saved one, the mean after the narrow one.

Texts of such cells: apart from numbers the lines are those that were saved; numbers are as close
as the cell's metadata say, {"nbval-ignore-output": {"because": ..., "within": ...}}; where that is
null, such as seconds, at least what was far more is not less now.
"""

import base64
import io
import re
from itertools import combinations

import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from PIL import Image

from tests.notebook_runs import DRAWN, texts

TILE = 24  # pixels
MOST = 0.02  # of the range from black to white
NARROW, WIDE = 1.5, 8  # pixels of blur
MOST_IN_THE_MEAN = 0.004  # exchanged colours of lines make 0.0043 to 0.0074, another BLAS 0.0015
MOST_BY_ANOTHER = 0.03  # Matplotlib 3.8 and 3.11 differ by up to 0.021
FAR = np.log(2)
OTHER_SIZE = 0.04  # share by which the sides may differ, as the width of texts does
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]\d+)?")


class OtherOutputError(AssertionError):
    """A cell draws another picture than the saved one, or prints numbers too far from it."""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    if isinstance(item, IPyNbCell):
        item.parent.printed = []
    outcome = yield
    if isinstance(item, IPyNbCell) and not outcome.excinfo and not item.config.option.nbval_lax:
        try:
            compare_pictures(item)
            if not item.options["check"]:
                within = item.cell.metadata.get("nbval-ignore-output", {}).get("within")
                compare_loosely(text_of(item.cell.outputs), text_of(item.parent.printed), within)
        except OtherOutputError as error:
            outcome.force_exception(error)


def get_kernel_message(self, *arguments, get=IPyNbFile.get_kernel_message, **more):
    """nbval's, which forgets what updates of a display say: `printed` keeps the last state."""
    message = get(self, *arguments, **more)
    content, kind = message["content"], message["msg_type"]
    known = {output["display_id"]: output for output in self.printed if output.get("display_id")}
    display_id = content.get("transient", {}).get("display_id")
    if kind == "update_display_data" and display_id in known:
        known[display_id]["data"] = content["data"]
    elif kind in ["stream", "display_data", "execute_result"]:
        self.printed.append({**content, "display_id": display_id})
    return message


def pytest_configure():
    IPyNbFile.get_kernel_message = get_kernel_message
    IPyNbFile.printed = []


def compare_pictures(item):
    saved, new = pictures(item.cell.outputs), pictures(item.test_outputs)
    item.user_properties.append((DRAWN, len(new)))
    if len(saved) != len(new):
        raise OtherOutputError(f"{len(saved)} pictures were saved, now there are {len(new)}")
    for number, pair in enumerate(zip(saved, new)):
        found, most = apart(*pair, may_differ=not item.options["check"])
        if found > most:
            folder = item.config.rootpath / ".pytest_cache" / "pictures"
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{item.path.stem}-{item.name}-{number}"
            for kind, picture in zip(("saved", "now"), pair):
                picture.save(folder / f"{name}-{kind}.png")
            raise OtherOutputError(
                f"the picture is not the saved one: {found:.3f} apart, at most {most} is allowed; "
                f"compare {name}-saved.png and -now.png in {folder}"
            )


def apart(saved, new, may_differ):
    """How far two pictures are apart, and how far they may be."""
    by_one = drawn_by(saved) == drawn_by(new)
    blur = WIDE if by_one and may_differ else NARROW
    found = difference(saved.convert("RGB"), new.convert("RGB"), blur)
    if not by_one:
        return found.mean(), MOST_BY_ANOTHER
    return (found.mean(), MOST_IN_THE_MEAN) if may_differ else (found.max(), MOST)


def pictures(outputs):
    encoded = (output.get("data", {}).get("image/png") for output in outputs)
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in encoded if text]


def drawn_by(picture):
    """The minor version of Matplotlib, such as "3.11", which it writes into a picture."""
    return re.findall(r"\d+\.\d+", picture.info.get("Software", ""))[:1]


def difference(one, other, blur=NARROW):
    """How far two pictures are apart around each pixel, from 0 to 1; 1 for other sizes."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    if np.abs(np.divide(one.size, other.size) - 1).max() > OTHER_SIZE:
        return np.ones(1)
    arrays = [np.asarray(x.resize(one.size), dtype="float32") / 255 for x in (one, other)]
    blurred = [gaussian_filter(array, (blur, blur, 0)) for array in arrays]
    return uniform_filter(np.abs(blurred[0] - blurred[1]).mean(axis=-1), TILE)


def text_of(outputs):
    """The lines that a cell prints."""
    return [line.rstrip() for line in texts(outputs) if line.strip()]


def compare_loosely(saved, new, within):
    """Raise if texts differ in more than numbers, or numbers by more than `within` (None: any)."""
    if other := set(map(form_of, saved)) ^ set(map(form_of, new)):
        other = "; ".join(sorted(other))
        raise OtherOutputError(f"besides its numbers the output is not the saved one: {other}")
    if len(saved) != len(new):
        return
    for old, now in zip(saved, new):
        pair = numbers(old), numbers(now)
        if within is not None and np.abs(np.subtract(*pair)).max(initial=0) > within:
            raise OtherOutputError(
                f"a number is more than {within} from the saved one:\n-{old}\n+{now}"
            )
    for one, other in combinations(zip(saved, new), 2):
        if turned_round(*one, *other, within):
            pairs = zip("-+-+", [*one, *other])
            raise OtherOutputError("\n".join(["what was more is less:", *map("".join, pairs)]))


def form_of(line):
    return re.sub(r"\s+", " ", NUMBER.sub("#", line))


def numbers(line):
    return [float(x.replace(",", "")) for x in NUMBER.findall(line)]


def turned_round(one, one_now, other, other_now, within):
    """Whether, of two lines of one form, a number that was far above the other's is now below.

    Far: the difference has changed by more than `within`; where that is null, each was more than
    twice the other, in its turn. A computer that halts for a second does not do that.
    """
    if form_of(one) != form_of(other):
        return False
    columns = np.array([*map(numbers, [one, other, one_now, other_now])])
    if within is None:
        columns = np.log(columns[:, columns.min(axis=0) > 0])
    gaps, gaps_now = columns[0] - columns[1], columns[2] - columns[3]
    if within is None:
        far = np.minimum(np.abs(gaps), np.abs(gaps_now)) > FAR
    else:
        far = np.abs(gaps - gaps_now) > within
    return bool(((gaps * gaps_now < 0) & far).any())
