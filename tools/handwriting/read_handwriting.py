"""Read a folder of handwritten digits, one sub-folder for each digit, and say how many are right.

Three ways are compared. `naive`: as many tutorials do it, grey, inverted, squeezed to 28x28,
divided by 255, then network B. `prepared`: what `helpers.handwriting` makes of the picture, then
network B. `careful`: the same with network H and several looks, which is `read_digit`; its interval
is given. A file that cannot be read counts as not right.
"""

import sys

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from helpers.errors import InputError, as_path
from helpers.whole_files import written_whole
from study.command_line import Parser, answering, writable_file

BLANK = np.zeros((28, 28), dtype="float32")
NO_PICTURES = {"Thumbs.db", "desktop.ini"}  # Windows puts them beside pictures
WAYS = ["naive", "prepared", "careful"]


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument(
        "folder",
        help="holds sub-folders 0 to 9, and, for the kinds, perhaps a manifest.csv (file, kind)",
    )
    sheet = "misread.png"
    parser.add_argument("--sheet", default=sheet, help=f"the first 100 misread (default: {sheet})")
    parser.add_argument("--table", help="write the rates to this CSV file, too")
    options = parser.parse_args()
    folder = options.folder and as_path(options.folder).resolve()
    if not folder or not folder.is_dir():
        parser.error(f"there is no folder {options.folder!r}: give one, make handwriting DIR=...")
    sheet = place_for("sheet", options.sheet, ".png", folder)
    table_file = options.table and place_for("table", options.table, ".csv", folder)
    files = [(path, digit) for digit in range(10) for path in files_of(folder / str(digit))]
    folders = [p for p in [*folder.glob("*"), *folder.glob("[0-9]/*")] if p.is_dir()]
    names = {p.relative_to(folder).as_posix() for p in folders if p.name[0] != "."}
    if others := ", ".join(sorted(names - {*"0123456789"})):
        print(f"Left out, for only what lies in 0 to 9 itself is read: {others}.", flush=True)
    if not files:
        sys.exit(f"{folder} has no sub-folders 0 to 9 with pictures in them.")
    kinds = kinds_of(folder)
    results = pd.DataFrame(
        read(path, digit, kinds.get(path)) for path, digit in tqdm(files, unit="picture")
    )
    judge_by_b(results)
    table = rates(results)
    print(table.to_string(index=False))
    if table_file:
        with written_whole(table_file) as part:
            table.to_csv(part, index=False)
    misread = results[~results["careful"]]
    if len(misread):
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
        table = pd.read_csv(manifest, dtype=str, keep_default_na=False)
        files = table["file"].str.replace("\\", "/")
        kinds = {folder / file: kind for file, kind in zip(files, table["kind"])}
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{manifest} is no table in UTF-8 with the columns file and kind ({error!r}). Mend it, "
            "or take it away."
        ) from error
    if gone := [path for path in kinds if not path.is_file()]:
        raise InputError(f"Mend {manifest}: {len(gone)} files are missing, such as {gone[0]}.")
    return kinds


def read(path, digit, kind):
    """What the table and the sheet say of one picture."""
    from helpers.handwriting.reading import read_digit

    result = {"path": path, "label": digit, "reading": None, "careful": False}
    try:
        reading = read_digit(path)
    except InputError as error:
        where = "" if str(path) in str(error) else f"{path}: "
        tqdm.write(f"not read: {where}{error}", file=sys.stderr)
        return result | {"kind": kind or "not read", "naive": BLANK, "prepared": BLANK}
    return result | {
        "kind": kind or path.suffix.lower(),
        "reading": reading,
        "naive": naive_image(path),
        "prepared": reading.prepared.image[..., 0],
        "careful": reading.digit == digit,
    }


def naive_image(path):
    with Image.open(path) as picture:
        in_rgb = picture.convert("RGB") if picture.mode == "LAB" else picture
        small = in_rgb.convert("L").resize((28, 28))
    return (255 - np.asarray(small, dtype="float32")) / 255


def judge_by_b(results):
    """Whether network B reads the images `naive` and `prepared` right, instead of them."""
    from helpers.training import load_trained

    network_b = load_trained("network_b")
    for way in ["naive", "prepared"]:
        answers = network_b.predict(np.stack(results[way])[..., np.newaxis], verbose=0)
        right = answers.argmax(axis=1) == results["label"]
        results[way] = right & results["reading"].notna()


def rates(results):
    """Shares read right by kind, by digit and of all, the careful ones with their interval."""
    from helpers.evaluation import accuracy_interval

    results = results.assign(digit=results["label"].astype(str), all="all")
    rows = []
    for by in ["kind", "digit", "all"]:
        for group, part in results.groupby(by):
            interval = accuracy_interval(part["careful"].sum(), len(part))
            rows.append([by, group, len(part), *part[WAYS].mean(), *interval])
    columns = ["by", "group", "pictures", *WAYS, "low", "high"]
    return pd.DataFrame(rows, columns=columns).round(3)


def draw_sheet(misread, path):
    """Each picture beside what the network saw of it, titled with label and answer."""
    import matplotlib

    from helpers import plots

    matplotlib.use("Agg")
    images, titles = [], []
    for _, result in misread[:100].iterrows():
        digit, upright, seen = "not read", BLANK, BLANK
        if result["reading"]:
            digit, prepared = result["reading"].digit, result["reading"].prepared
            upright, seen = prepared.steps["upright grey"], prepared.image
        grey = Image.fromarray(upright)
        grey.thumbnail((128, 128))
        sheet = Image.new(grey.mode, (128, 128), 1)  # a line of pixels alone would be no image
        sheet.paste(grey)
        images += [np.asarray(sheet), seen]
        titles += [result["path"].name[-18:], f"{result['label']} → {digit}"]
    plots.show_images(images, titles)[0].figure.savefig(path)


if __name__ == "__main__":
    main()
