"""Race Keras's own example (K) to 99.0 % of the test images against R: F with smoothed labels.

They learn in turns, seed by seed, from the training images without the last tenth, which K's
source holds out. K reads the test images after each epoch, and stops at the mark, R at its end
alone; the clock stands still meanwhile. Compiling counts. Test images decide nothing else.
"""

import csv
import os
import time
from datetime import datetime, timezone

from helpers.dataset import has_mnist, load_mnist
from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import Parser, answering, whole_number, writable_file
from study.ledger import RACER, recipe_of

MARK = 0.99
FIGURES = {"epochs": ".1f", "seconds": ".1f", "cpu_seconds": ".1f", "test_accuracy": ".2%"}
COLUMNS = ["began", "network", "seed", "reached", *FIGURES, "training_images", "mark", "load"]
COLUMNS += ["python", "keras", "tensorflow", "numpy"]


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument(
        "seeds", metavar="N", type=whole_number(1, 100), help="how often each of them learns"
    )
    parser.add_argument("--table", default="race.csv", help="the file to which rows are added")
    options = parser.parse_args()
    table = writable_file("table", options.table, ".csv")
    add_rows(table, [])
    if not has_mnist():
        raise InputError("The race is run on MNIST itself: set MNIST_NPZ to the path of mnist.npz.")
    race(options.seeds, *load_mnist(), MARK, table)


def race(seeds, training, test, mark, table):
    """Let them learn, and add a row to `table` after each; whatever ends it, print who took what.

    `training` and `test` are pairs of stored images and labels.
    """
    from helpers.preprocessing import one_hot, to_model_input
    from study.run import versions

    kept = round(0.9 * len(training[0]))
    images, labels = to_model_input(training[0][:kept]), one_hot(training[1][:kept])
    same = {"began": datetime.now(timezone.utc).isoformat(timespec="seconds"), "mark": mark}
    same |= {"training_images": len(images), **versions()}
    # TensorFlow's start is nobody's time.
    learn_as_k(images[:2], labels[:2], 0, epochs=1)
    rows = []
    try:
        for seed in range(seeds):
            for network, learn in LEARN.items():
                print(f"{network}, seed {seed}", flush=True)
                clock = stop_clock(mark, to_model_input(test[0]), test[1])
                learn(images, labels, seed, [clock])
                taken = {**clock.taken, "load": round(os.getloadavg()[0], 1)}
                rows.append({"network": network, "seed": seed, **taken, **same})
                add_rows(table, rows[-1:])
    finally:
        print(*summary(rows), sep="\n", flush=True)


def learn_as_k(images, labels, seed, callbacks=(), epochs=15):
    """As K's source does it: 15 epochs of Adam in batches of 128."""
    from helpers.networks import network_k
    from helpers.quiet import keras

    keras.utils.set_random_seed(seed)
    model = network_k()
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=128, epochs=epochs, verbose=0, callbacks=callbacks)


def learn_as_r(images, labels, seed, callbacks):
    """As that row of the ledger, in one graph; the clock looks once, at its end."""
    from study.learning import learnt_from

    recipe = recipe_of(RACER)
    model = learnt_from(recipe, images, labels, seed)
    for clock in callbacks:
        clock.set_model(model)
        clock.on_epoch_end(recipe.epochs - 1)


LEARN = {"K": learn_as_k, "R": learn_as_r}


def stop_clock(mark, images, labels):
    """A callback of Keras: notes what an epoch took and what it reached, and stops at the mark."""
    from helpers.quiet import keras
    from helpers.training import predict

    class StopClock(keras.callbacks.Callback):
        taken, seconds, cpu_seconds = {}, -time.perf_counter(), -time.process_time()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds += time.perf_counter()
            self.cpu_seconds += time.process_time()
            accuracy = float((predict(self.model, images).argmax(axis=1) == labels).mean())
            self.model.stop_training = accuracy >= mark
            spent = round(self.seconds, 2), round(self.cpu_seconds, 2)
            self.taken = dict(zip(FIGURES, (epoch + 1, *spent, accuracy)))
            self.taken["reached"] = int(accuracy >= mark)
            words = f"{accuracy:.2%} after {spent[0]:.1f} s, {spent[1]:.1f} CPU seconds"
            print(f"  epoch {epoch + 1:2}: {words}", flush=True)
            self.seconds -= time.perf_counter()
            self.cpu_seconds -= time.process_time()

    return StopClock()


def summary(rows):
    """What each took in the mean, (from, to), and how many times more the first than the second."""
    own = {name: [row for row in rows if row["network"] == name] for name in LEARN}
    for name, found in own.items():
        yield f"{name}: {sum(row['reached'] for row in found)} of {len(found)} reached the mark"
        for figure, form in FIGURES.items() if found else ():
            values = [row[figure] for row in found]
            yield f"  {figure:14}{spread(sum(values) / len(values), values, form)}"
    pairs = [pair for pair in zip(*own.values()) if all(row["reached"] for row in pair)]
    for figure in ["seconds", "cpu_seconds"] if pairs else ():
        first, second = zip(*([row[figure] for row in pair] for pair in pairs))
        ratios = [a / b for a, b in zip(first, second)]
        times = spread(sum(first) / sum(second), ratios, ".1f")
        yield f"{' / '.join(LEARN)}, {figure}, where both did: {times}"


def spread(mean, values, form):
    return f"{mean:{form}} ({min(values):{form}}, {max(values):{form}})"


def add_rows(table, rows):
    """Add them at the end of the file, under the names of the columns; refuses another table."""
    head = ",".join(COLUMNS) + "\n"
    old = (table.read_bytes().decode("utf-8", "replace") if table.exists() else "") or head
    if not old.startswith(head) or not old.endswith("\n"):
        raise InputError(f"{table} is no table of races, or cut: give another with --table.")
    with written_whole(table) as part, part.open("w", newline="", encoding="utf-8") as file:
        file.write(old)
        csv.DictWriter(file, COLUMNS, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
