"""From pictures of many kinds to MNIST's form; what cannot be read is refused in plain words."""

import contextlib
import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageDraw
from project import DIGIT_SAMPLES

from helpers.dataset import has_mnist, load_mnist, train_validation_split
from helpers.errors import InputError
from helpers.handwriting import prepare
from helpers.handwriting.augmentation import distort
from helpers.preprocessing import to_model_input


def drawing(size=200, paper=255, ink=0, box=(60, 40, 140, 160), pen=12):
    """A 4: an L and a bar, dark on light."""
    picture = Image.new("L", (size, size), paper)
    left, top, right, bottom = box
    middle, across = (top + bottom) // 2, left + (right - left) * 2 // 3
    brush = ImageDraw.Draw(picture)
    brush.line([(left, top), (left, middle), (right, middle)], fill=ink, width=pen, joint="curve")
    brush.line([(across, top), (across, bottom)], fill=ink, width=pen)
    return picture


def in_a_file(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return Image.open(file)


def likeness(one, other):
    return np.corrcoef(one.image.ravel(), other.image.ravel())[0, 1]


# The form of MNIST


@pytest.mark.parametrize("path", DIGIT_SAMPLES, ids=lambda p: p.name)
def test_samples_come_out_as_mnist_was_made(path):
    prepared = prepare(path)
    assert prepared.image.min() == 0 and prepared.image.max() == 1
    rows, columns = np.nonzero(prepared.image[..., 0] > 0.1)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    weights = prepared.image[..., 0] / prepared.image.sum()
    middle = (weights * np.indices((28, 28))).sum(axis=(1, 2))
    assert np.abs(middle - 14).max() <= 1.5


@pytest.mark.skipif(not has_mnist(), reason="needs MNIST")
@pytest.mark.parametrize("dark_on_light", [False, True])
def test_mnist_passes_through_unharmed(dark_on_light):
    (images, labels), _ = load_mnist()
    _, (images, _) = train_validation_split(images, labels)
    for image in images[:300]:
        prepared = prepare(255 - image if dark_on_light else image)
        np.testing.assert_allclose(prepared.image[..., 0], image / 255, atol=1e-6)
        assert prepared.warnings == []


# Whatever people bring


@pytest.mark.parametrize("more", [(300, 0), (0, 300)], ids=["upright", "wide"])
def test_a_small_digit_is_found_in_a_picture_of_any_form(more):
    digit = drawing(box=(50, 30, 110, 130))
    with_paper = np.pad(digit, [(0, more[0]), (0, more[1])], constant_values=np.max(digit))
    assert likeness(prepare(with_paper), prepare(digit)) > 0.95


@settings(max_examples=25)
@given(
    st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.5, 0.8, 1.3, 2, 4]), st.booleans()
)
def test_place_size_and_colours_make_no_difference(right, down, factor, inverted):
    picture = drawing(box=(50 + right, 30 + down, 110 + right, 130 + down))
    scaled = picture.resize([round(200 * factor)] * 2, Image.Resampling.LANCZOS)
    seen = 255 - np.asarray(scaled) if inverted else scaled
    assert likeness(prepare(seen), prepare(drawing(box=(50, 30, 110, 130)))) > 0.95


def on_transparency(mode, ink=0, hidden=0):
    rgba = Image.new("RGBA", (200, 200), (ink, ink, ink, 0))
    rgba.putalpha(drawing(paper=0, ink=255))
    pixels = np.array(rgba)
    pixels[pixels[..., 3] == 0, :3] = hidden
    return Image.fromarray(pixels).convert(mode)


WAYS = {
    "RGB": lambda: drawing().convert("RGB"),
    "CMYK": lambda: drawing().convert("CMYK"),
    "LAB": lambda: Image.merge("LAB", [drawing(), *[Image.new("L", drawing().size, 128)] * 2]),
    "1 bit": lambda: drawing().convert("1"),
    "palette": lambda: drawing().convert("P"),
    "RGBA": lambda: on_transparency("RGBA"),
    "LA": lambda: on_transparency("LA"),
    "GIF": lambda: in_a_file(on_transparency("RGBA"), "GIF"),
    "overshooting": lambda: np.asarray(drawing()) / 255 * 1.05 - 0.02,
    "12 bit": lambda: Image.fromarray(np.asarray(drawing()).astype("uint16") * 16),
    "16 bit": lambda: Image.fromarray(np.asarray(drawing()).astype("uint16") * 257),
    "fractions": lambda: np.asarray(drawing()) / 255,
    "0 and 1": lambda: (np.asarray(drawing()) > 127).astype("uint8"),
    "blue on orange": lambda: Image.merge(
        "RGB", [drawing(paper=250, ink=40), drawing(paper=190, ink=50), drawing(paper=90, ink=160)]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_of_picture_gives_the_same(way):
    assert likeness(prepare(WAYS[way]()), prepare(drawing())) > 0.97


@pytest.mark.parametrize("ink", [0, 255])
def test_a_colour_hidden_under_full_transparency_never_matters(ink):
    hidden = [ink, 255 - ink, np.random.default_rng(0).integers(0, 256, (1, 3))]
    images = [prepare(on_transparency("RGBA", ink, colour)).image for colour in hidden]
    assert images[0].any()
    assert all(np.array_equal(images[0], image) for image in images)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_of_a_camera(orientation):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    picture = drawing()
    if orientation > 1:
        picture = picture.transpose(Image.Transpose(turns[orientation]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = in_a_file(picture, "JPEG", exif=exif, quality=95)
    assert likeness(prepare(photo), prepare(drawing())) > 0.97


SPECKS = np.random.default_rng(0).random((200, 200)) < 0.0005
NO_INK = {
    "specks": lambda picture: np.where(SPECKS, 0, picture).astype("uint8"),
    "frame": lambda picture: np.pad(picture, 3, constant_values=0),
}


@pytest.mark.parametrize("scene", NO_INK)
def test_what_is_no_ink_is_left_out(scene):
    picture = drawing(pen=8)
    assert likeness(prepare(NO_INK[scene](picture)), prepare(picture)) > 0.85


def test_thin_strokes_get_the_width_of_mnists():
    thin, bold = prepare(drawing(pen=2)), prepare(drawing(pen=14))
    assert 0.6 < thin.image.sum() / bold.image.sum() < 1.1


def test_a_loose_bar_is_kept_and_no_second_mark():
    picture = drawing()
    ImageDraw.Draw(picture).line([(70, 20), (140, 20)], fill=0, width=12)
    prepared = prepare(picture)
    assert prepared.warnings == []
    assert likeness(prepared, prepare(drawing())) < 0.9


# Nothing to read


NOTHING = {
    "white": np.full((200, 200), 255, "uint8"),
    "black": np.zeros((200, 200), "uint8"),
    "noise": np.random.default_rng(0).integers(0, 256, (200, 200), "uint8"),
    "faint noise": np.random.default_rng(0).integers(240, 250, (200, 200), "uint8"),
    "one pixel": np.zeros((1, 1), "uint8"),
    "a slope": np.tile(np.linspace(0, 255, 200).astype("uint8"), (200, 1)),
    "all transparent": np.zeros((50, 50, 4), "uint8"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_ink_is_said_and_gives_a_blank_image(name):
    prepared = prepare(NOTHING[name])
    assert prepared.warnings[0].startswith("No ink was found")
    assert not prepared.image.any()


def test_faint_ink_is_warned_of():
    assert "hardly differs" in prepare(drawing(paper=200, ink=175)).warnings[0]


# Speed


def test_a_large_photo_is_prepared_quickly():
    """The aim is 20 ms; the bound leaves room for slow and busy machines."""
    large = drawing().convert("RGB").resize((4000, 3000))
    times = []
    for _ in range(3):
        start = time.process_time()
        prepare(large)
        times.append(time.process_time() - start)
    assert min(times) < 0.15


Image.init()
KINDS = {"JPEG", "PNG", "GIF", "TIFF", "WEBP", "AVIF"} & {*Image.SAVE}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_damaged_file_is_read_or_refused(kind, tmp_path):
    exif, file, damage = Image.Exif(), io.BytesIO(), np.random.default_rng(0)
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.XResolution] = 6, 72.0
    drawing(size=60, box=(15, 10, 40, 50), pen=5).save(file, kind, exif=exif)
    whole = np.frombuffer(file.getvalue(), "uint8")
    for _ in range(200):
        spoilt = whole.copy()
        spoilt[damage.integers(0, len(whole), 3) % 300] = damage.integers(0, 256, 3)
        (tmp_path / "x").write_bytes(spoilt.tobytes())
        with contextlib.suppress(InputError):
            prepare(tmp_path / "x")


# Distorted copies


@pytest.fixture(scope="module")
def digits():
    return to_model_input(load_mnist()[0][0][:300])


def test_another_seed_gives_other_copies_which_are_shifted_both_ways_independently(digits):
    distorted, again = distort(digits, seed=0), distort(digits, seed=1)
    assert (np.abs(distorted - again).mean(axis=(1, 2, 3)) > 0.005).all()
    weights = distorted[..., 0] / distorted.sum(axis=(1, 2))[:, None]
    centers = [(weights * places).sum(axis=(1, 2)) for places in np.mgrid[:28, :28]]
    assert min(np.std(centers, axis=1)) > 0.3
    assert abs(np.corrcoef(centers)[0, 1]) < 0.5


def test_strokes_become_thicker_and_thinner(digits):
    ratio = distort(digits, seed=0).sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert np.quantile(ratio, 0.05) < 0.85
    assert np.quantile(ratio, 0.95) > 1.3


def test_a_blank_image_stays_blank():
    assert distort(np.zeros((2, 28, 28, 1), "float32"), seed=0).max() == 0
