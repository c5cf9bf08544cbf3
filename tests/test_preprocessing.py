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

DIGITS = stand_in()[0][0][:5]
FORMS = {
    "NHWC": lambda images: images[..., np.newaxis],
    "list HWC": lambda images: [image[..., np.newaxis] for image in images],
    "nested lists": lambda images: images.tolist(),
    "scaled": lambda images: images / 255,
    "model input": lambda images: (images / np.float32(255))[..., np.newaxis],
}


# scale and to_model_input


@given(st.integers(1, 4).flatmap(lambda count: arrays("uint8", (count, 28, 28))))
@pytest.mark.filterwarnings("ignore:The (brightest|mean) pixel")
def test_model_input_is_the_scaled_images_with_a_channel(images):
    before = images.copy()
    plain = images.astype("float32") / 255
    np.testing.assert_array_equal(scale(images), plain, strict=True)
    np.testing.assert_array_equal(to_model_input(images), plain[..., np.newaxis], strict=True)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("dtype", ["int64", "float16", "float64", ">u2"])
def test_the_type_of_stored_images_makes_no_difference(dtype):
    for function in scale, to_model_input:
        expected = function(DIGITS)
        np.testing.assert_array_equal(function(DIGITS.astype(dtype)), expected, strict=True)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_a_batch_gives_the_same(form):
    expected = to_model_input(DIGITS)
    np.testing.assert_array_equal(to_model_input(form(DIGITS)), expected, strict=True)


def test_model_input_is_not_copied_and_black_and_white_images_not_scaled():
    images = to_model_input(DIGITS)
    assert np.shares_memory(to_model_input(images), images)
    np.testing.assert_array_equal(to_model_input(DIGITS > 127)[..., 0], DIGITS > 127)


def warnings_about(images):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        to_model_input(images)
    return caught


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (255 - DIGITS, r"mean pixel is 0\.8.*dark ink on bright paper.* 255 - images"),
        (1 - DIGITS / 255, "mean pixel.*dark ink on bright paper"),
        (scale(DIGITS) / 255, r"brightest pixel is 0\.0039.*scaled twice.*once"),
        (0 * DIGITS, "brightest pixel is 0.*blank"),
    ],
    ids=["inverted", "inverted and scaled", "scaled twice", "blank"],
)
def test_images_unlike_mnist_draw_a_warning_where_they_were_given(images, message):
    (warning,) = warnings_about(images)
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
