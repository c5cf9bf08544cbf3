"""The microscope in Chromium, in JupyterLab and in Notebook 7: pointed at with mouse, finger, keys.

SCREENSHOTS names a folder for pictures of it.
"""

import os
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import (
    HEARD,
    KEYS,
    OUTLINE,
    STATE,
    checked_by_axe,
    colors,
    open_chromium,
    open_notebook_page,
    press,
    run_cell,
    save,
    set_theme,
)
from jupyter_lab import jupyter_lab
from playwright.sync_api import expect
from project import DIGIT_SAMPLES, over_loopback
from test_microscope import odd

from helpers.handwriting import prepare
from helpers.microscope import FUNCTIONS, KINDS
from helpers.quiet import keras
from helpers.training import load_trained

ACTIVATIONS = (keras.layers.ReLU, keras.layers.Activation, keras.layers.Softmax)
SCREENSHOTS = os.environ.get("SCREENSHOTS")
PHOTO = next(path for path in DIGIT_SAMPLES if path.name[0] == "3")
IMAGE = prepare(PHOTO).image
BUILDERS = {
    "b": lambda: load_trained("network_b"),
    "h": lambda: load_trained("network_h"),
    "o": odd,
}
PREPARE = f"""
import keras
from helpers.handwriting import prepare
from helpers.microscope import Microscope
image = prepare({str(PHOTO)!r}).image
networks = {{name: keras.models.load_model(name + ".keras") for name in {[*BUILDERS]}}}
"""
SHOW = "{0} = Microscope(networks[{0!r}], image)\n{0}"
CHANGE = """second = b.model.layers[2]  # which learns on
second.set_weights([2 * weights for weights in second.get_weights()])
b.image, b.place = 1 - image, (3, {}, 2, 1)"""
SAY = 'print("now at", b.place)'
TIMES = """(part) => [...part.querySelectorAll("canvas")].flatMap((canvas) => {
  const box = canvas.getBoundingClientRect();
  return Array.from({ length: 20 }, (_, step) => {
    const [clientX, clientY] = [box.left, box.top].map((x) => x + 4 + step);
    const start = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
    part.getBoundingClientRect();
    return performance.now() - start;
  });
})"""
# What is shown of the pixel selected; of the frame in the image the rows and columns inside.
SEEN = """(part) => {
  const texts = (selector) => Array.from(part.querySelectorAll(selector), (one) => one.textContent);
  const { place, sum, value } = part.querySelector(".microscope-account").dataset;
  const canvas = part.querySelector("canvas");
  const [, zoom, gap] = canvas.dataset.tiles.split(",").map(Number);
  const [answers, lines] = [".microscope-lines + .microscope-lines", ".microscope-lines"];
  const account = `${lines}:not(${answers})`;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const orange = [...Array(data.length / 4).keys()].filter(
    (dot) => data[4 * dot] > 180 && data[4 * dot + 2] < 80,
  );
  const rows = orange.map((dot) => Math.floor(dot / canvas.width));
  const columns = orange.map((dot) => dot % canvas.width);
  const first = (all) => Math.round((Math.min(...all) - gap + 2) / zoom);
  const last = (all) => Math.round((Math.max(...all) - gap - 1) / zoom) - 1;
  return {
    place, sum: Number(sum), value: Number(value), words: texts("[role=status]")[0],
    frame: [first(rows), first(columns), last(rows), last(columns)],
    ends: texts(`${account} > :nth-child(3n)`),
    labels: texts(`${account} > :nth-child(3n + 1)`),
    parts: texts(`${account} > .microscope-bar + span`),
    bars: [...part.querySelectorAll(`${account} > .microscope-bar > div`)].map((bar) => {
      const [inner, outer] = [bar, bar.parentElement].map((one) => one.getBoundingClientRect());
      return [inner.left - outer.left, inner.right - outer.left].map((x) => x / outer.width);
    }),
    colors: Array.from(part.querySelectorAll(`${account} > .microscope-bar > div`),
      (bar) => getComputedStyle(bar).backgroundColor),
    tints: Array.from(part.querySelectorAll(".microscope-patch > div"),
      (one) => getComputedStyle(one).backgroundColor),
    highest: texts(".microscope-highest"),
    terms: texts(`${account} > :has(+ .microscope-bar)`),
    title: texts(".microscope-numbers > p").join(),
    patch: Array.from(part.querySelectorAll(".microscope-patch > div"), (one) =>
      Array.from(one.children, (each) => each.textContent)),
    sums: texts(`${answers} > :nth-child(3n + 1)`),
    probabilities: texts(`${answers} > :nth-child(3n)`),
  };
}"""
# What is wider than its place, and what has small letters.
UNREADABLE = """(part) => [part, ...part.querySelectorAll("*")].filter((one) =>
  (one.clientWidth && one.scrollWidth > one.clientWidth) ||
  parseFloat(getComputedStyle(one).fontSize) < 11
).map((one) => one.outerHTML)"""
pytestmark = over_loopback


@cache
def network(name):
    return BUILDERS[name]()


@cache
def brightest():
    """The map of B's second convolution that is highest in row 2, column 1 of another image."""
    read = 1 - IMAGE[np.newaxis]
    for layer in network("b").layers[:3]:
        read = layer(read)
    return int(np.argmax(read[0, 2, 1])), float(np.max(read[0, 2, 1]))


@pytest.fixture(scope="module")
def open_notebook(tmp_path_factory):
    """Opens a notebook and shows microscopes of networks, one below the other."""
    folder = tmp_path_factory.mktemp("lab")
    for name in BUILDERS:
        network(name).save(folder / f"{name}.keras")
    sources = [PREPARE, *map(SHOW.format, BUILDERS), CHANGE.format(brightest()[0]), SAY]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, sources)])
    with open_chromium() as browser, jupyter_lab(folder) as address:

        def open_in(application, networks):
            file = f"in_{application.split('/')[0]}.ipynb"
            nbformat.write(notebook, folder / file)
            view = {"viewport": {"width": 1366, "height": 768}, "has_touch": True}
            page = open_notebook_page(browser, address, application, file, **view)
            for text in ["import keras", *(f"{name} = Micro" for name in networks)]:
                run_cell(page, text)
            filled = page.locator(".microscope-words:not(:empty)")
            expect(filled).to_have_count(len(networks), timeout=60_000)
            return page

        yield open_in


@pytest.fixture(scope="module")
def page(open_notebook):
    """Three networks in JupyterLab."""
    return open_notebook("lab/tree", BUILDERS)


@pytest.fixture(scope="module")
def page_of_notebook_7(open_notebook):
    return open_notebook("notebooks", ["h"])


@pytest.fixture
def microscopes(page):
    yield dict(zip(BUILDERS, page.locator(".microscope").all()))
    assert page.complaints == []


def rows_of(microscope):
    return microscope.get_by_role("application").all()


@cache
def given_by(name):
    """Of each layer that is shown its name, and what it gives before and after its activation."""
    model, read = network(name), IMAGE[np.newaxis]
    given = [("the image", read[0], read[0])]
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            continue
        before, config, after = read, layer.get_config(), np.asarray(layer(read))
        if not isinstance(layer, ACTIVATIONS):
            linear = {"activation": "linear"} if "activation" in config else {}
            alike = type(layer).from_config(config | linear)
            alike.build(read.shape)
            alike.set_weights(layer.get_weights())
            before = np.asarray(alike(read))
        given.append((layer.name, *(x.reshape([1, 1, *x.shape[1:]][-3:]) for x in (before, after))))
        read = after
    return given


@cache
def reached_by(name):
    """Of each layer, (784, rows, columns) or (784, N): where each pixel of the image arrives.

    Each is lit alone, before a copy of the network with one map a layer, whose weights are all 1.
    """
    reached = [np.eye(784, dtype="float32").reshape(784, 28, 28, 1)]
    plain = {"filters": 1, "activation": "linear", "kernel_initializer": "ones"}
    for layer in network(name).layers:
        if isinstance(layer, ACTIVATIONS):
            reached.append(reached[-1])
        elif not isinstance(layer, keras.layers.Dropout):
            mean = isinstance(layer, keras.layers.MaxPooling2D)
            kind = keras.layers.AveragePooling2D if mean else type(layer)
            config = layer.get_config()
            alike = kind.from_config({x: plain.get(x, config[x]) for x in config})
            reached.append(np.asarray(alike(reached[-1])))
    return [x[..., 0] if x.ndim == 4 else x for x in reached]


def tiling(canvas, shape):
    """How many tiles stand side by side, and the screen pixels of a pixel, a gap and a tile."""
    across, zoom, gap = map(int, canvas.get_attribute("data-tiles").split(","))
    return across, zoom, gap, [count * zoom + gap for count in shape[:2]]


def point(canvas, shape, number, row, column):
    across, zoom, gap, (height, width) = tiling(canvas, shape)
    down, right = divmod(number, across)
    x, y = right * width + (column + 0.5) * zoom, down * height + (row + 0.5) * zoom
    canvas.hover(position={"x": gap + x, "y": gap + y}, force=True)


def seen(microscope):
    """What is shown of a pixel: all that SEEN gives, with numbers for texts that end in one."""
    shown = microscope.evaluate(SEEN)
    for name in ["ends", "parts", "sums", "probabilities"]:
        shown[name] = [float(text.split()[-1].replace("−", "-")) for text in shown[name]]
    return SimpleNamespace(**shown)


def bars_of(numbers):
    """From where to where the bar of each number goes, as shares of the room for it."""
    numbers = np.array(numbers)
    zero = 0.5 if (numbers < 0).any() else 0
    ends = zero + (1 - zero) * numbers / max(abs(numbers).max(), 1e-9)
    return np.sort(np.stack([np.full_like(ends, zero), ends], axis=1), axis=1)


def is_product(label, part):
    """Whether a line that names two numbers, such as "3: 0.5 × −1", shows their product."""
    found = re.search(r"(-?[\d.]+(?:e-?\d+)?) × (-?[\d.]+(?:e-?\d+)?)", label.replace("−", "-"))
    return not found or part == pytest.approx(float(found[1]) * float(found[2]), rel=0.02, abs=2e-3)


def follows(before, label, after):
    """Whether a line's number follows from that of the line before, as its label says."""
    sign, *words = label.replace("−", "-").replace(")", "").split()
    numbers = [float(word) for word in words if re.fullmatch(r"-?[\d.]+(e-?\d+)?", word)]
    result = {
        "-": lambda mean: before - mean,
        "/": lambda variance, epsilon: before / (variance + epsilon) ** 0.5,
        "×": lambda gamma: before * gamma,
        "+": lambda beta: before + beta,
    }.get(sign)
    return not (result and numbers) or after == pytest.approx(result(*numbers), rel=0.02, abs=2e-3)


def is_blue(color):
    red, _, blue = map(int, re.findall(r"\d+", color)[:3])
    return blue > red


def adds_up(shown):
    """Whether a patch of pixels is that of its title, and gives the first of the lines below."""
    if not shown.patch:
        return not shown.title
    first, named = (shown.parts or shown.ends)[0], (shown.labels if shown.parts else ["the image"])
    cells = [[x.replace("−", "-").strip("× ") for x in cell] for cell in shown.patch]
    inside = [[float(x) for x in cell] for cell in cells if cell[0] != "outside"]
    if len(cells[0]) == 1:
        marked = [float(text.strip().replace("−", "-")) for text in shown.highest]
        return [first, *marked] == pytest.approx([np.max(inside)] * 2, abs=6e-4)
    tints = [tint for tint, cell in zip(shown.tints, cells) if cell[0] != "outside"]
    if not all(is_blue(tint) == (cell[2] < 0) for tint, cell in zip(tints, inside) if cell[2]):
        return False
    together = float(shown.title.replace("−", "-").split()[-2])
    products = [value * weight for value, weight, _ in inside]
    return (
        shown.title.startswith(f"Pixels of {named[0]}, times weights: ")
        and products == pytest.approx([product for *_, product in inside], rel=0.02, abs=6e-3)
        and [first, together] == pytest.approx([sum(cell[2] for cell in inside)] * 2, abs=0.01)
    )


NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
SAID = {
    "Conv2D": "products of pixel and weight add up to",
    "Dense": "products of number and weight add up to",
    "MaxPooling2D": "the largest of pixels,",
    "BatchNormalization": "below, normalised to",
    "Flatten": "the number from",
    "relu": "ReLU makes it",
    "tanh": "The hyperbolic tangent makes it",
    "sigmoid": "The sigmoid makes it",
    "softmax": "Softmax makes it",
}


def says_so(words, layer, shown):
    """Whether a sentence names what the layer does, and the numbers of the lines beside it."""
    words = words.replace("−", "-").rstrip(".")
    numbers = [float(number) for number in re.findall(NUMBER, words)]
    kind, does = type(layer).__name__, layer.get_config().get("activation", "")
    does = {"ReLU": "relu", "Softmax": "softmax"}.get(kind, does)
    expected = shown.ends[len(shown.parts) :]
    if kind == "BatchNormalization":
        expected = [expected[0], expected[-1]]
    if kind == "Flatten":
        expected += [int(number) for number in re.findall(r"\d+", shown.labels[0])]
    if hasattr(layer, "kernel"):
        expected = [np.prod(layer.kernel.shape[:-1]), *expected]
    if kind == "MaxPooling2D":
        expected = [np.prod(layer.pool_size), *expected]
    without = " ".join(re.sub(NUMBER, "", words).split())
    fixed = [SAID[name] for name in (kind, does) if name in SAID]
    return numbers == expected and all(part in without for part in fixed)


@pytest.mark.parametrize(("name", "count"), [("b", 20), ("h", 5), ("o", 5)])
def test_a_number_comes_about_as_in_keras_from_the_pixels_outlined(microscopes, name, count):
    microscope, random = microscopes[name], np.random.default_rng(0)
    for index, (layer, sums, values) in enumerate(given_by(name)):
        rows, columns, maps = values.shape
        canvas, reached = rows_of(microscope)[index], reached_by(name)[index]
        for number, row, column in random.integers([maps, rows, columns], size=(count, 3)).tolist():
            point(canvas, values.shape, number, row, column)
            shown, value = seen(microscope), values[row, column, number]
            assert shown.place == f"{index},{number},{row},{column}"
            assert shown.sum == pytest.approx(sums[row, column, number], rel=1e-5, abs=2e-5), layer
            assert shown.value == pytest.approx(value, rel=1e-4, abs=2e-5), layer
            pixel = f"row {row}, column {column}"
            where = f"{layer}, map {number}, {pixel}" if rows > 1 else f"{layer}, number {number}"
            said, _, sees = shown.words.partition(" It sees ")  # also by screen readers
            at, _, account = said.partition(": ")
            assert at == (where if index else f"the image, {pixel}")
            if index:
                assert adds_up(shown), (shown.title, shown.patch)
                assert says_so(account, network(name).get_layer(layer), shown), said
                assert shown.ends[-1] == pytest.approx(value, abs=6e-5, rel=0.06)
                # A probe has but one map: its numbers are fewer.
                where = (row, column) if rows > 1 else (number // (maps // reached.shape[1]),)
                lit = np.argwhere(reached[(slice(None), *where)] > 0)
                field = np.array(np.unravel_index(lit, (28, 28)))
                framed = [*field.min(axis=(1, 2)), *field.max(axis=(1, 2))]
                assert shown.frame == framed, (layer, row, column)
                top, left, bottom, right = framed
                spans = f"rows {top} to {bottom} and columns {left} to {right}"
                assert sees == f"{spans} of the image."
            for before, label, after in zip(shown.ends, shown.labels[1:], shown.ends[1:]):
                assert follows(before, label, after), (layer, before, label, after)
            if shown.parts:
                rest = [int(x.split()[-1]) for x in shown.labels if x.startswith("the other")]
                assert sum(rest) == max(0, given_by(name)[index - 1][1].shape[2] - 6)
                assert bars_of(shown.parts) == pytest.approx(np.array(shown.bars), abs=0.02)
                assert list(map(is_blue, shown.colors)) == [part < 0 for part in shown.parts]
                for term, part in zip(shown.terms, shown.parts):
                    assert is_product(term, part), (layer, term, part)
                assert sum(shown.parts) == pytest.approx(shown.ends[len(shown.parts)], abs=5e-4)
    assert shown.probabilities == pytest.approx(values[0, 0].tolist(), abs=6e-5)
    assert shown.sums == pytest.approx(sums[0, 0].tolist(), abs=6e-5)


def test_what_is_drawn_is_what_the_layer_gives(microscopes):
    canvases = rows_of(microscopes["b"])
    point(canvases[7], (1, 1, 10), 3, 0, 0)
    for canvas, (_, _, values) in zip(canvases[:5], given_by("b")):
        across, zoom, gap, (height, width) = tiling(canvas, values.shape)
        drawn = colors(canvas)[gap:, gap:, 0] / 255 * values.max()
        for number in {0, values.shape[2] // 2, values.shape[2] - 1}:
            down, right = divmod(number, across)
            tile = drawn[down * height :, right * width :][
                : height - gap : zoom, : width - gap : zoom
            ]
            inside = slice(1, -2)  # the frame in the image
            np.testing.assert_allclose(
                tile[inside, inside], values[inside, inside, number], atol=values.max() / 200
            )


def test_every_kind_of_layer_that_it_shows_is_tried_here():
    layers = [layer for name in BUILDERS for layer in network(name).layers]
    assert {type(layer).__name__ for layer in layers} == KINDS.keys()
    does = {layer.get_config().get("activation", "linear") for layer in layers}
    assert does == set(FUNCTIONS)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_caption_names_what_a_layer_gives_and_the_colours_of_its_extremes(microscopes, name):
    captions = microscopes[name].locator("figcaption").all_inner_texts()
    rows = zip(rows_of(microscopes[name]), captions, given_by(name), strict=True)
    for index, (canvas, caption, (layer, _, values)) in enumerate(rows):
        height, width, maps = values.shape
        form = f"{maps} maps of {height} × {width}" if height > 1 else f"{maps} numbers"
        assert caption.startswith(f"{index} {layer}: {form}; " if index else "0 image; ")
        limit, at = abs(values).max(), np.unravel_index(abs(values).argmax(), values.shape)
        said = re.findall(r"(\w+) (-?[\d.]+)", caption.split("; ")[1].replace("−", "-"))
        blue_and_red = [("blue", f"{-limit:.2f}"), ("red", f"{limit:.2f}")]
        assert said == (blue_and_red if values.min() < 0 else [("white", f"{limit:.2f}")])
        across, zoom, gap, (down, right) = tiling(canvas, values.shape)
        tile = np.multiply(divmod(at[2], across), (down, right))
        y, x = gap + tile + zoom * np.array(at[:2]) + zoom // 2
        red, _, blue, _ = colors(canvas)[y, x].tolist()
        shown = "red" if red > blue + 50 else "blue" if blue > red + 50 else "white"
        assert shown == said[-1 if values[at] > 0 else 0][0], (layer, red, blue)


@pytest.mark.parametrize(("index", "count"), [(3, 32), (2, 1)])
def test_a_convolution_reads_all_maps_below_and_a_pooling_one(microscopes, index, count):
    canvases, given = rows_of(microscopes["b"]), given_by("b")
    point(canvases[index], given[index][1].shape, 7, 4, 5)
    below = canvases[index - 1]
    red, _, blue, _ = np.moveaxis(colors(below), -1, 0)
    framed = np.argwhere((red > 180) & (blue < 80)) // tiling(below, given[index - 1][1].shape)[3]
    assert len({*map(tuple, framed)}) == count


def test_arrows_go_from_map_to_map_and_tab_from_layer_to_layer(page, microscopes):
    page.evaluate(Axe().axe_script)
    canvases = rows_of(microscopes["b"])
    canvases[0].focus()
    for index, canvas in enumerate(canvases):
        expect(canvas).to_be_focused()
        assert seen(microscopes["b"]).place.startswith(f"{index},")
        style, width, contrast = canvas.evaluate(OUTLINE)
        assert (style, width >= 2, contrast >= 3) == ("solid", True, True), contrast
        expect(canvas).to_be_in_viewport()
        page.keyboard.press("Tab")
    expect(canvases[-1]).not_to_be_focused()
    shape = (26, 26, 32)
    across = tiling(canvases[1], shape)[0]
    for start, key, end in [
        ((0, 0, 0), "ArrowUp", (0, 0, 0)), ((0, 0, 0), "ArrowLeft", (0, 0, 0)),
        ((3, 4, 5), "ArrowRight", (3, 4, 6)), ((3, 4, 5), "ArrowDown", (3, 5, 5)),
        ((3, 4, 25), "ArrowRight", (4, 4, 0)), ((4, 4, 0), "ArrowLeft", (3, 4, 25)),
        ((3, 25, 7), "ArrowDown", (3 + across, 0, 7)), ((3 + across, 0, 7), "ArrowUp", (3, 25, 7)),
        ((31, 25, 7), "ArrowDown", (31, 25, 7)), ((31, 25, 25), "ArrowRight", (31, 25, 25)),
        ((3, 4, 5), "Home", (0, 0, 0)), ((3, 4, 5), "End", (31, 25, 25)),
    ]:  # fmt: skip
        point(canvases[1], shape, *start)
        canvases[1].press(key)
        assert seen(microscopes["b"]).place == ",".join(map(str, (1, *end))), (start, key)


@pytest.mark.parametrize("where", ["page", "page_of_notebook_7"])
def test_no_key_pressed_on_the_microscope_changes_the_notebook(where, request):
    page = request.getfixturevalue(where)
    canvas = page.get_by_role("application", name="Layer 1,").first
    canvas.focus()
    heard, state = page.evaluate_handle(HEARD), page.evaluate(STATE)
    press(page.keyboard, *KEYS)
    expect(canvas).to_be_focused()
    save(canvas, page)
    assert set(heard.json_value()) == {"s", "S"}, "only Ctrl+S goes on, and saves"
    assert page.evaluate(STATE) == state


def test_a_tap_selects_and_a_swipe_scrolls(page, microscopes):
    canvas = rows_of(microscopes["b"])[4]
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    microscopes["b"].locator("[data-place='4,0,0,0']").wait_for()
    rows = microscopes["b"].locator(".microscope-rows")
    before = rows.evaluate("part => part.scrollTop")
    device = page.context.new_cdp_session(page)
    for kind, moved in [("Start", 0), *(("Move", y) for y in range(0, 90, 10)), ("End", None)]:
        points = [] if moved is None else [{"x": box["x"] + 90, "y": box["y"] + 5 + moved}]
        device.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    scrolled = "([part, before]) => part.scrollTop < before"
    page.wait_for_function(scrolled, arg=[rows.element_handle(), before])
    assert seen(microscopes["b"]).place == "4,0,0,0"


def test_place_and_image_go_to_and_from_python(page, microscopes):
    words = microscopes["b"].get_by_role("status")
    point(rows_of(microscopes["b"])[0], (28, 28, 1), 0, 14, 3)
    page.wait_for_timeout(500)
    run_cell(page, "b.image, b.place")
    number, value = brightest()
    expect(words).to_contain_text(f"map {number}, row 2, column 1")
    shown = seen(microscopes["b"])
    assert [shown.value, shown.sum] == pytest.approx([2 * value, 2 * value], rel=1e-4)
    rows_of(microscopes["b"])[3].press("ArrowRight")
    run_cell(page, "now at")
    expect(page.get_by_text(f"now at (3, {number}, 2, 2)")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 768)])
def test_accessible_and_readable_in_both_themes(page, microscopes, scheme, width):
    set_theme(page, scheme)
    page.set_viewport_size({"width": width, "height": 1000})
    try:
        for name, microscope in microscopes.items():
            for index, canvas in enumerate(rows_of(microscope)):
                canvas.focus()
                assert microscope.evaluate(UNREADABLE) == []
                if SCREENSHOTS:
                    file = f"microscope_{name}_{index}_{scheme}.png"
                    microscope.screenshot(path=Path(SCREENSHOTS) / file)
        checked = checked_by_axe(page, ".microscope")
        assert {"color-contrast", "scrollable-region-focusable"} <= checked
    finally:
        page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.parametrize("name", BUILDERS)
def test_a_move_is_answered_at_once(microscopes, name):
    times = microscopes[name].evaluate(TIMES)
    assert np.median(times) < 50, f"milliseconds; at most {max(times):.0f}"
