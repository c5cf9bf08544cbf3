"""What each part of the reader of handwriting buys: leave out one, or two, all else the same.

The whole is trained as network H is, but for two epochs, and without the 360 digits of
scikit-learn that are read here. What is left out of its lessons is replaced by the first of MNIST's
training digits once more, so that every training has the same number of steps. What is read comes
from MNIST's validation images (photos of them are made by program, in ten scenes), from
scikit-learn, from the pen of `strokes.py`, and from signs and noise that are no digits. The table
has a row for each picture, and a column for the answers of each reader, 0 to 9; some have another
one with the highest probability in percent, rounded down ("H percent": 0 where `prepare` warned of
something). -1: no digit, or not asked.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import ImageOps
from tqdm import tqdm

from helpers.dataset import SIDE, has_mnist, load_mnist, stand_in, train_validation_split
from helpers.handwriting.mnist_form import bright_ink
from helpers.handwriting.picture_files import to_grey, to_pillow
from helpers.whole_files import written_whole
from study.command_line import Parser, answering, whole_number, writable_file
from tools.handwriting.pictures_by_program import NO_DIGIT, pictures

TABLE = Path(__file__).parents[2] / "results" / "ablation.csv"


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument("--table", default=TABLE, help="the CSV file to write")
    parser.add_argument("--seeds", type=whole_number(1, 20), default=5, help="trainings of each")
    trial = "to try it, with --table: learn from so many"
    parser.add_argument("--images", type=whole_number(100, 54_000), help=trial)
    counts = "photos of a scene; five times as many of the other kinds, a fifth of each sign"
    parser.add_argument("--each", type=whole_number(1, 300), default=100, help=counts)
    options = parser.parse_args()
    if options.images and options.table == TABLE:
        parser.error(f"a trial with --images {options.images} is no measurement: add --table")
    table_file = writable_file("table", options.table, ".csv")
    if not has_mnist():
        sys.exit("This needs MNIST itself: set MNIST_NPZ to its file.")
    (images, labels), held_back = train_validation_split(*load_mnist()[0])
    training = images[: options.images], labels[: options.images]
    table, prepared, photos = pictures(*held_back, options.each)
    add_shipped(table, prepared, photos)
    runs = [(part, seed) for seed in range(options.seeds) for part in PARTS]
    for part, seed in tqdm(runs, unit="network"):
        add_trained(table, part, seed, trained(part, seed, training), prepared, photos)
    numbers = table.columns.drop(["kind", "scene"])
    table[numbers] = table[numbers].fillna(-1).astype(int)
    with written_whole(table_file) as file:
        table.to_csv(file, index=False)


PARTS = {
    "whole": "network H's layers and lessons",
    "layers": "those of network B",
    "augmentation": "images as they are",
    "layers and augmentation": "both",
    **dict.fromkeys(["drawn", "scikit", "no digit"], "without lessons of this kind"),
}


def trained(name, seed, training):
    """A network that was trained as H is, but for the part of that name."""
    from helpers.networks import network_b, network_h
    from helpers.training import set_seed
    from tools.train_checkpoints import learn_as_h, lessons_of_h

    set_seed(seed)
    network = network_b() if "layers" in name else network_h()
    lessons = lessons_of_h(*training, stand_in()[:1], seed)
    if name in lessons:
        (images, targets), count = lessons["mnist"], len(lessons[name][0])
        lessons = lessons | {name: (images[:count], targets[:count])}
    learn_as_h(network, lessons, epochs=2, seed=seed, distorted="augmentation" not in name)
    return network


def short_recipe(photo):
    """Grey, 28x28, inverted."""
    return 1 - to_grey(to_pillow(photo).resize((SIDE, SIDE)), SIDE)


def mended_recipe(photo):
    """The same with the full contrast, and inverted only if its border is bright."""
    grey = ImageOps.autocontrast(to_pillow(photo).convert("L"))
    return bright_ink(to_grey(grey.resize((SIDE, SIDE)), SIDE))


def add_shipped(table, prepared, photos):
    """B with three preparations; `read_digit` with H, which learnt from none of the photos."""
    from helpers.handwriting.reading import read_digit
    from helpers.training import load_trained

    network_b = load_trained("network_b")
    note(table, "B", network_b, prepared)
    for recipe in [short_recipe, mended_recipe]:
        images = np.stack([recipe(photo) for photo in photos.values()])
        note(table, f"B {recipe.__name__}", network_b, images, list(photos))
    readings = [read_digit(photo) for photo in tqdm(photos.values(), unit="photo")]
    table.loc[list(photos), "H"] = [NO_DIGIT if r.digit is None else r.digit for r in readings]
    percent = [100 * r.probabilities.max() * (not r.prepared.warnings) // 1 for r in readings]
    table.loc[list(photos), "H percent"] = percent


def add_trained(table, part, seed, network, prepared, photos):
    """The column of a trained network; of the whole also unprepared, and with several looks."""
    from helpers.handwriting.reading import averaged

    note(table, f"{part} {seed}", network, prepared, percent=part in ["whole", "no digit"])
    if part == "whole":
        images = np.stack([mended_recipe(photo) for photo in photos.values()])
        note(table, f"preparation {seed}", network, images, list(photos))
        rows = np.flatnonzero(table["kind"].isin(["photo", "scikit", "drawn"]))
        looks = [averaged(network, prepared[row]).argmax() for row in rows]
        table.loc[rows, f"looks {seed}"] = looks


def note(table, name, network, images, rows=slice(None), percent=False):
    from helpers.training import predict

    probabilities = predict(network, images)
    table.loc[rows, name] = probabilities.argmax(axis=1)
    if percent:
        table.loc[rows, f"{name} percent"] = 100 * probabilities.max(axis=1) // 1


if __name__ == "__main__":
    main()
