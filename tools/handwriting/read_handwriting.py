"""Read a folder of handwritten digits, one sub-folder for each digit, and say how many are right.

Three ways are compared. `naive`: as many tutorials do it, grey, inverted, squeezed to 28x28,
divided by 255, then network B. `prepared`: what `helpers.handwriting` makes of the picture, then
network B. `careful`: the same with network H and several looks, which is `read_digit`; its interval
is given. A file that cannot be read counts as not right.
"""

import csv
import functools
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from helpers.errors import InputError, as_path
from helpers.handwriting import Prepared, load_picture
from helpers.whole_files import written_whole
from study.command_line import Parser, answering, writable_file

BLANK = np.zeros((28, 28), dtype="float32")
NOTHING = Prepared(BLANK, {"upright grey": BLANK}, [])

NO_PICTURES = {"Thumbs.db", "desktop.ini"}  # Windows puts them beside pictures


class Result(NamedTuple):
    path: Path
    label: int
    kind: str
    reading: object
    naive: bool
    prepared: bool

    @property
    def careful(self):
        return self.reading is not None and self.reading.digit == self.label


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument(
        "folder",
        help="holds sub-folders 0 to 9, and, for the kinds, perhaps a manifest.csv (file, kind)",
    )
    parser.add_argument(
        "--sheet",
        default="misread.png",
        help="PNG file: the first 100 misread (default: misread.png)",
    )
    parser.add_argument("--table", help="write the rates to this CSV file, too")
    options = parser.parse_args()
    folder = as_path(options.folder).resolve()
    if not options.folder or not folder.is_dir():
        parser.error(
            f"there is no folder {options.folder!r}: give one, make handwriting DIR=folder"
        )
    sheet = place_for("sheet", options.sheet, ".png", folder)
    table_file = options.table and place_for("table", options.table, ".csv", folder)
    files = [(path, digit) for digit in range(10) for path in files_of(folder / str(digit))]
    if not files:
        sys.exit(f"{folder} has no sub-folders 0 to 9 with pictures in them.")
    kinds = kinds_of(folder)
    results = [read(path, digit, kinds.get(path)) for path, digit in tqdm(files, unit="picture")]
    table = rates(results)
    print(table.to_string(index=False))
    if table_file:
        with written_whole(table_file) as part:
            table.to_csv(part, index=False)
    misread = [result for result in results if not result.careful]
    if misread:
        with written_whole(sheet) as part:
            draw_sheet(misread, part)
        print(f"{len(misread)} misread or not read: {sheet}")
    total = table.iloc[-1]
    print(f"careful {total.careful:.3f} naive {total.naive:.3f} n {total.pictures}")


def place_for(option, path, suffix, folder):
    """Where to write, away from the pictures in `folder`, which nothing may overwrite."""
    if folder in as_path(path).resolve().parents:
        raise InputError(
            f"{path} lies in the folder of pictures: choose another place with --{option}."
        )
    return writable_file(option, path, suffix)


def files_of(folder):
    files = (path for path in folder.glob("*") if path.is_file())
    return sorted(path for path in files if path.name[0] != "." and path.name not in NO_PICTURES)


def kinds_of(folder):
    """The column `kind` of `manifest.csv`, by path; empty without such a file."""
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        return {}
    try:
        with manifest.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if "kind" in row]
        return {folder / row["file"]: row["kind"] for row in rows}
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(
            f"{manifest} is no table in UTF-8 with the columns file and kind ({error!r}). Mend it, "
            "or take it away."
        ) from error


def read(path, digit, kind):
    from helpers.handwriting.reading import read_digit

    try:
        picture = load_picture(path)
        reading = read_digit(picture)
    except InputError as error:
        where = "" if str(path) in str(error) else f"{path}: "
        tqdm.write(f"not read: {where}{error}", file=sys.stderr)
        return Result(path, digit, kind or "not read", None, False, False)
    kind = kind or f"{path.suffix.lower()} {size_class(max(picture.size))}"
    prepared = answer_of_b(reading.prepared.image) == digit
    return Result(path, digit, kind, reading, answer_of_b(naive_image(path)) == digit, prepared)


def size_class(side):
    return next((f"up to {limit} px" for limit in (28, 100, 300, 1000) if side <= limit), "larger")


def naive_image(path):
    with Image.open(path) as picture:
        in_rgb = picture.convert("RGB") if picture.mode == "LAB" else picture
        small = in_rgb.convert("L").resize((28, 28))
    return (255 - np.asarray(small, dtype="float32"))[..., np.newaxis] / 255


def answer_of_b(image):
    return int(np.argmax(network_b()(image[np.newaxis], training=False)))


@functools.cache
def network_b():
    from helpers.training import load_trained

    return load_trained("network_b")


def rates(results):
    """Shares read right by kind, by digit and of all, the careful ones with their interval."""
    import pandas as pd

    from helpers.evaluation import accuracy_interval

    groups = {"kind": lambda r: r.kind, "digit": lambda r: str(r.label), "all": lambda r: "all"}
    rows = []
    for name, key in groups.items():
        for value in sorted({key(result) for result in results}):
            part = [result for result in results if key(result) == value]
            ways = ["naive", "prepared", "careful"]
            right = [sum(getattr(result, way) for result in part) for way in ways]
            interval = accuracy_interval(right[-1], len(part))
            rows.append([name, value, len(part), *np.divide(right, len(part)), *interval])
    columns = ["by", "group", "pictures", *ways, "low", "high"]
    return pd.DataFrame(rows, columns=columns).round(3)


def draw_sheet(misread, path):
    """Each picture beside what the network saw of it, titled with label and answer."""
    import matplotlib

    from helpers import plots

    matplotlib.use("Agg")
    images, titles = [], []
    for result in misread[:100]:
        digit, prepared = "not read", NOTHING
        if result.reading:
            digit, prepared = result.reading.digit, result.reading.prepared
        grey = Image.fromarray(prepared.steps["upright grey"])
        grey.thumbnail((128, 128))
        sheet = Image.new(grey.mode, (128, 128), 1)  # a line of pixels alone would be no image
        sheet.paste(grey)
        images += [np.asarray(sheet), prepared.image]
        titles += [result.path.name[-18:], f"{result.label} → {digit}"]
    plots.show_images(images, titles)[0].figure.savefig(path)


if __name__ == "__main__":
    main()
