"""Which networks are trained, how, and on which images: one line for each, the costliest first.

Epochs and batch size of K are those that its source states (`results/README.md`). Every network of
`helpers.networks` may have a line here.
"""

from typing import NamedTuple

from helpers.dataset import has_mnist, load_mnist, train_validation_split
from helpers.errors import InputError


class Recipe(NamedTuple):
    """How a network is trained; `cost` is what an epoch takes, in CPU seconds, about."""

    epochs: int
    batch_size: int
    optimizer: str
    cost: int


PROTOCOL = {
    "C_no_dropout": Recipe(12, 32, "adam", cost=54),
    "C": Recipe(12, 32, "adam", cost=47),
    "B_no_pooling": Recipe(3, 32, "adam", cost=105),
    "K": Recipe(15, 128, "adam", cost=10),
    "B_wide": Recipe(3, 32, "adam", cost=43),
    "A": Recipe(3, 32, "adam", cost=32),
    "B": Recipe(3, 32, "adam", cost=13),
    "B_narrow": Recipe(3, 32, "adam", cost=8),
    "E": Recipe(5, 32, "adam", cost=2),
    "S": Recipe(1, 128, "one-cycle", cost=6),
}
SEEDS = 5
QUICK_IMAGES = {"training": 2000, "validation": 500, "test": 1000}
QUICK_EPOCHS, QUICK_SEEDS = 2, 2


def plan_runs(networks, seeds, quick):
    """All runs by name, seed 0 of every network first, so that a part of them is balanced."""
    return {
        f"{network}_{seed}": planned(network, seed, quick)
        for seed in range(seeds)
        for network in networks
    }


def planned(network, seed, quick):
    """What identifies one run: the arguments of `study.run.train_and_measure`, without the data."""
    recipe = PROTOCOL[network]
    return {
        "network": network,
        "seed": seed,
        "epochs": min(recipe.epochs, QUICK_EPOCHS) if quick else recipe.epochs,
        "batch_size": recipe.batch_size,
        "optimizer": recipe.optimizer,
    }


def load_parts(quick):
    """Training, validation and test part of MNIST; of the quick study, the first of each."""
    if not quick and not has_mnist():
        raise InputError("The study needs MNIST itself; set MNIST_NPZ to the path of mnist.npz.")
    training, test = load_mnist()
    training, validation = train_validation_split(*training)
    parts = {"training": training, "validation": validation, "test": test}
    if quick:
        parts = {name: tuple(x[: QUICK_IMAGES[name]] for x in parts[name]) for name in parts}
    return parts


def check_same_protocol(plan, parts, results):
    """Refuse to mix planned runs with finished ones of the same name and another protocol."""
    sizes = {f"{part}_images": len(images) for part, (images, _) in parts.items()}
    for name in plan.keys() & results.keys():
        for setting, value in (plan[name] | sizes).items():
            found = results[name]["row"].get(setting)
            if found != value:
                raise InputError(
                    f"The finished run {name} has {setting} {found}, this study has {value}. "
                    "Move the folder away, or give another one with --folder."
                )
