"""Images and labels reach a network in one form, or not at all."""

import linecache
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.dataset import stand_in
from helpers.preprocessing import one_hot, scale, to_model_input

stored_images = st.integers(1, 4).flatmap(lambda count: arrays("uint8", (count, 28, 28)))


@pytest.fixture(scope="module")
def digits():
    (images, _), _ = stand_in()
    return images[:5]


# scale and to_model_input


@given(stored_images)
def test_scale_divides_by_255(images):
    scaled = scale(images)
    np.testing.assert_array_equal(scaled, images.astype("float32") / 255, strict=True)


@given(stored_images)
@pytest.mark.filterwarnings("ignore:The (brightest|mean) pixel")
def test_model_input_is_the_scaled_images_with_a_channel(images):
    before = images.copy()
    plain = (images.astype("float32") / 255).reshape(-1, 28, 28, 1)
    np.testing.assert_array_equal(to_model_input(images), plain, strict=True)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float64", ">u2"])
def test_the_type_of_stored_images_makes_no_difference(digits, dtype):
    plain = (digits / np.float32(255))[..., np.newaxis]
    np.testing.assert_array_equal(to_model_input(digits.astype(dtype)), plain, strict=True)
    np.testing.assert_array_equal(scale(digits.astype(dtype)), plain[..., 0], strict=True)


@pytest.mark.parametrize(
    "form",
    [
        lambda images: images[..., np.newaxis],
        lambda images: [image[..., np.newaxis] for image in images],
        lambda images: images.tolist(),
        lambda images: images / 255,
    ],
    ids=["NHWC", "list HWC", "nested lists", "scaled"],
)
def test_every_form_of_a_batch_gives_the_same(digits, form):
    plain = (digits / np.float32(255))[..., np.newaxis]
    np.testing.assert_array_equal(to_model_input(form(digits)), plain, strict=True)


def test_one_image_becomes_a_batch_of_one(digits):
    for image in digits[0], digits[0, ..., np.newaxis]:
        np.testing.assert_array_equal(to_model_input(image), to_model_input(digits[:1]))


def test_model_input_is_handed_on_as_it_is(digits):
    images = to_model_input(digits)
    np.testing.assert_array_equal(to_model_input(images), images, strict=True)
    assert np.shares_memory(to_model_input(images), images), "without a copy"


def test_black_and_white_images_are_not_scaled(digits):
    ink = digits > 127
    np.testing.assert_array_equal(to_model_input(ink)[..., 0], ink)


def warnings_about(images):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        to_model_input(images)
    return caught


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda images: 255 - images, r"mean pixel is 0\.8.*dark ink on bright paper.*1 - images"),
        (lambda images: 1 - images / 255, "mean pixel.*dark ink on bright paper"),
        (lambda images: scale(images) / 255, r"brightest pixel is 0\.0039.*scaled twice.*once"),
        (lambda images: 0 * images, "brightest pixel is 0.*blank"),
    ],
    ids=["inverted", "inverted and scaled", "scaled twice", "blank"],
)
def test_images_unlike_mnist_draw_a_warning_where_they_were_given(digits, spoil, message):
    (warning,) = warnings_about(spoil(digits))
    assert re.search(message, str(warning.message))
    assert warning.filename == __file__
    assert "to_model_input(images)" in linecache.getline(__file__, warning.lineno)


def test_digits_draw_no_warning():
    (images, _), _ = stand_in()
    assert warnings_about(images) == []
    assert [i for i, image in enumerate(images) if warnings_about(image)] == []


# Labels


@given(st.lists(st.integers(0, 9), min_size=1))
def test_one_hot_takes_rows_of_the_identity(labels):
    rows = np.eye(10, dtype="float32")[labels]
    for form in labels, np.array(labels, "uint8"), np.array(labels, "int64"):
        np.testing.assert_array_equal(one_hot(form), rows, strict=True)
