"""Read a folder of handwritten digits, one sub-folder for each digit, and say how many are right.

Three ways are compared. `naive`: as many tutorials do it, grey, inverted, squeezed to 28x28,
divided by 255, then network B. `prepared`: what `helpers.handwriting` makes of the picture, then
network B. `careful`: the same with network H and several looks, which is `read_digit`; its interval
is given. A file that cannot be read counts as not right.
"""

import argparse
import csv
import functools
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from helpers import plots
from helpers.errors import InputError
from helpers.evaluation import accuracy_interval
from helpers.handwriting import load_picture
from helpers.handwriting.reading import read_digit
from helpers.training import load_trained


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds sub-folders 0 to 9")
    parser.add_argument(
        "--sheet", type=Path, default=Path("misread.png"), help="contact sheet of what was misread"
    )
    parser.add_argument("--table", type=Path, help="write the rates to this CSV file, too")
    options = parser.parse_args()
    folder, sheet = options.folder.resolve(), options.sheet.resolve()
    if folder == sheet.parent or folder in sheet.parents:
        sys.exit(f"{sheet} lies in the folder of pictures: choose another place with --sheet.")
    files = [(path, digit) for digit in range(10) for path in files_of(folder / str(digit))]
    if not files:
        sys.exit(f"{folder} has no sub-folders 0 to 9 with pictures in them.")
    kinds = kinds_of(folder)
    results = [read(path, digit, kinds.get(path)) for path, digit in tqdm(files, unit="picture")]
    table = rates(results)
    print(table.to_string(index=False))
    if options.table:
        table.to_csv(options.table, index=False)
    misread = [result for result in results if not result.careful]
    if misread:
        draw_sheet(misread, sheet)
        print(f"{len(misread)} misread or not read: {sheet}")
    total = table.iloc[-1]
    print(f"careful {total.careful:.3f} naive {total.naive:.3f} n {total.pictures}")


def files_of(folder):
    return sorted(path for path in folder.glob("*") if path.is_file() and path.name[0] != ".")


def kinds_of(folder):
    """The column `kind` of `manifest.csv`, by path; empty without such a file."""
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        return {}
    with manifest.open(newline="", encoding="utf-8") as file:
        return {folder / row["file"]: row["kind"] for row in csv.DictReader(file) if "kind" in row}


def read(path, digit, kind):
    try:
        picture = load_picture(path)
        reading = read_digit(picture)
    except InputError as error:
        tqdm.write(f"not read: {error}", file=sys.stderr)
        return Result(path, digit, kind or "not read", None, False, False)
    kind = kind or f"{path.suffix.lower()} {size_class(max(picture.size))}"
    prepared = answer_of_b(reading.prepared.image) == digit
    return Result(path, digit, kind, reading, answer_of_b(naive_image(path)) == digit, prepared)


def size_class(side):
    return next((f"up to {limit} px" for limit in (28, 100, 300, 1000) if side <= limit), "larger")


def naive_image(path):
    with Image.open(path) as picture:
        small = picture.convert("L").resize((28, 28))
    return (255 - np.asarray(small, dtype="float32"))[..., np.newaxis] / 255


def answer_of_b(image):
    return int(np.argmax(network_b()(image[np.newaxis], training=False)))


@functools.cache
def network_b():
    return load_trained("network_b")


def rates(results):
    """Shares read right by kind, by digit and of all, the careful ones with their interval."""
    import pandas as pd

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

    matplotlib.use("Agg")
    images, titles = [], []
    for result in misread[:100]:
        images += [thumbnail(result), seen(result)]
        titles += [result.path.name[-18:], f"{result.label} → {answer(result)}"]
    plots.show_images(images, titles)[0].figure.savefig(path)


def answer(result):
    return "not read" if result.reading is None else result.reading.digit


def seen(result):
    if result.reading is None:
        return np.zeros((28, 28), dtype="float32")
    return result.reading.prepared.image


def thumbnail(result):
    if result.reading is None:
        return np.zeros((28, 28), dtype="float32")
    grey = Image.fromarray(result.reading.prepared.steps["upright grey"])
    grey.thumbnail((128, 128))
    return np.asarray(grey)


if __name__ == "__main__":
    main()
