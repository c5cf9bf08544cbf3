"""How a row of the ledger learns: its network in words, and every step in one TensorFlow graph."""

import re

import numpy as np

from helpers.dataset import CLASSES, IMAGE_SHAPE, MIDDLE
from helpers.errors import InputError, as_number, explained, one_of, shown
from helpers.preprocessing import one_hot, to_model_input
from helpers.quiet import keras, tensorflow
from helpers.training import OneCycle, predict, train
from study.run import seeded

SETTLING = 50  # steps
layers = keras.layers
WORDS = {
    "norm": lambda: layers.BatchNormalization(momentum=0.9),
    "relu": layers.ReLU,
    "pool": layers.MaxPooling2D,
    "drop": lambda: layers.Dropout(0.5),
    "mean": layers.GlobalAveragePooling2D,
}


def network_of(words):
    """A network from words such as "16x5/2 norm relu pool": 16 filters of 5x5, stride 2, and so on.

    Ten probabilities follow. A convolution has a bias where nothing is normalised. Raises
    `InputError` for other words, and for layers that do not fit one upon the other.
    """
    with explained(f"No network can be made of {shown(words)}"):
        return _network_of(words)


def _network_of(words):
    stack = []
    for word in words.split():
        if found := re.fullmatch(r"(\d+)x(\d+)(?:/(\d+))?", word):
            filters, size, stride = (int(number or 1) for number in found.groups())
            bias = "norm" not in words
            stack.append(layers.Conv2D(filters, size, strides=stride, use_bias=bias))
        elif word in WORDS:
            stack.append(WORDS[word]())
        else:
            raise InputError(f"A layer is one of {', '.join(WORDS)} or such as 16x5/2, not {word}.")
    head = [layers.Flatten(), layers.Dense(CLASSES, activation="softmax")]
    return keras.Sequential([keras.Input(IMAGE_SHAPE), *stack, *head])


def learnt(recipe, images, labels, seed, after_epoch=lambda model: None):
    """A network that learnt from stored images (N, 28, 28) and labels (N,) by `recipe`.

    Calls `after_epoch(model)` after each epoch and at the end; with `fit`, at the end alone.
    """
    check(recipe)
    as_number(seed, "The seed", 0, 2**32 - 1, whole=True)
    images, labels = to_model_input(images), one_hot(labels)
    if len(images) != len(labels):
        raise InputError(f"{len(images)} images have {len(labels)} labels: give one for each.")
    if recipe.teachers:
        alone = recipe._replace(teachers=0)
        seeds = [(seed + number) % 2**32 for number in range(1, 1 + recipe.teachers)]
        every = [learnt_from(alone, images, labels, own) for own in seeds]
        labels = np.mean([predict(teacher, images) for teacher in every], axis=0)
    model = learnt_from(recipe, images, labels, seed, after_epoch)
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise InputError(f"With the rate {recipe.rate:g} weights grew without bound: lower it.")
    return model


def check(recipe):
    """Refuse settings that nobody could learn with; `InputError` says which."""
    limits = {"epochs": 1e4, "batch_size": 1e6, "rate": 1e3, "shift": 14, "turn": np.pi}
    limits |= {"zoom": 1, "slant": 1, "smoothing": 0.9, "average": 0.9999, "teachers": 100}
    for name, most in limits.items():
        lowest = {"epochs": 1e-3, "batch_size": 1, "rate": 1e-9}.get(name, 0)
        whole = name in ("batch_size", "teachers") or (name == "epochs" and recipe.fit)
        as_number(getattr(recipe, name), f"The {name} of a recipe", lowest, most, whole=whole)
    for name in ("fit", "cycle"):
        if not isinstance(getattr(recipe, name), bool):
            raise InputError(
                f"{name} of a recipe is True or False, not {shown(getattr(recipe, name))}."
            )
    one_of(recipe.optimizer, "The optimizer of a recipe", ["adam", "sgd"])
    if recipe.fit and recipe._replace(network="", epochs=1) != type(recipe)(network=""):
        raise InputError("By `fit` only Keras's own settings are known: give fit=False.")


def learnt_from(recipe, images, labels, seed, after_epoch=lambda model: None):
    """The same from model input and one-hot labels, without teachers."""
    keras.utils.set_random_seed(seed)
    model = seeded(network_of(recipe.network), seed)
    steps = int(recipe.epochs * len(images) / recipe.batch_size)
    if not steps:
        raise InputError(f"{len(images)} images are no batch of {recipe.batch_size}: give more.")
    optimizer = optimizer_of(recipe, steps)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    if recipe.fit:
        train(
            model,
            images,
            labels,
            epochs=int(recipe.epochs),
            batch_size=recipe.batch_size,
            optimizer=optimizer,
            loss=loss,
        )
        after_epoch(model)
        return model
    rng = np.random.default_rng(seed)
    rounds = [rng.permutation(len(images)) for _ in range(int(np.ceil(recipe.epochs)) + 1)]
    order = np.concatenate(rounds)[: steps * recipe.batch_size].reshape(steps, -1).astype("int32")
    learn = all_steps(model, optimizer, loss, distorter(recipe, seed), images, labels)
    for part in np.split(order, range(0, steps, -(-len(images) // recipe.batch_size))[1:]):
        learn(tensorflow.constant(part))
        after_epoch(model)
    if recipe.average:
        optimizer.finalize_variable_values(model.trainable_variables)
        for part in order[-SETTLING:]:  # batch normalisation knows the weights before
            model(images[part], training=True)
        after_epoch(model)
    return model


def all_steps(model, optimizer, loss, distort, images, labels):
    """A function that takes the numbers of each step's images, (steps, batch), and learns."""
    images, labels = tensorflow.constant(images), tensorflow.constant(labels, "float32")
    weights = model.trainable_variables
    optimizer.build(weights)

    @tensorflow.function(input_signature=[tensorflow.TensorSpec([None, None], "int32")])
    def learn(order):
        for chosen in order:
            batch = distort(tensorflow.gather(images, chosen))
            with tensorflow.GradientTape() as tape:
                value = loss(tensorflow.gather(labels, chosen), model(batch, training=True))
            optimizer.apply(tape.gradient(value, weights), weights)

    return learn


def distorter(recipe, seed):
    """A function that moves, turns, stretches and slants each image (N, 28, 28, 1) by chance.

    All at once, for each resampling blurs. The eight numbers that `affine_transform` takes for an
    image say where in it each pixel of the result comes from.
    """
    ranges = recipe.shift, recipe.shift, recipe.turn, recipe.slant, recipe.zoom, recipe.zoom
    draws = keras.random.SeedGenerator(seed)

    def distort(images):
        ops = keras.ops
        chance = keras.random.uniform((6, ops.shape(images)[0]), -1, 1, seed=draws)
        x, y, angle, slant, wide, high = ops.unstack(chance * np.float32(ranges)[:, np.newaxis])
        cosine, sine, wide, high = ops.cos(angle), ops.sin(angle), ops.exp(wide), ops.exp(high)
        from_x = [wide * cosine, wide * (slant * cosine - sine)]
        from_y = [high * sine, high * (slant * sine + cosine)]
        x, y = (MIDDLE * (1 - a - b) + c for (a, b), c in [(from_x, x), (from_y, y)])
        rows = ops.stack([*from_x, x, *from_y, y, 0 * x, 0 * x], axis=1)
        return ops.image.affine_transform(images, rows, fill_mode="constant")

    return distort if any(ranges) else lambda images: images


def optimizer_of(recipe, steps):
    rate = OneCycle(steps, recipe.rate) if recipe.cycle else float(recipe.rate)
    more = {"use_ema": True, "ema_momentum": recipe.average} if recipe.average else {}
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **more)
    return keras.optimizers.Adam(rate, **more)
