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
from helpers.errors import InputError
from helpers.preprocessing import (
    check_images,
    check_labels,
    one_hot,
    scale,
    to_model_input,
)

stored_images = st.integers(1, 4).flatmap(lambda count: arrays("uint8", (count, 28, 28)))


@pytest.fixture(scope="module")
def digits():
    (images, _), _ = stand_in()
    return images[:5]


def with_value(value, at=(1, 2, 3)):
    images = np.full((4, 28, 28), 0.5, dtype="float32")
    images[at] = value
    return images


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


NAN = r"Image 1 holds NaN or infinity at \(2, 3{}\) \(1 such pixels\)"


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([], "No images given"),
        ([np.zeros((28, 28)), np.zeros((28, 20))], "differ in size. Bring each to 28x28"),
        (np.zeros((28, 28, 3)), r"colour images.*images\[\.\.\., :3\]\.mean\(axis=-1\)"),
        (np.zeros((28, 28, 4)), "colour images"),
        (np.zeros((4, 32, 32)), r"Expected 28x28 images.*got shape \(4, 32, 32\)"),
        (with_value(np.nan), NAN.format(", 0")),
        (with_value(np.inf), NAN.format(", 0")),
        (with_value(-0.5), r"lies in \[0, 1\], these images in \[-0\.5, 0\.5\].*to_model_input"),
        (with_value(256), "values from 0 to 255, got 0.5 to 256"),
        (with_value(1.02), r"up to 1\.02\. .*overshot 1: np\.clip\(images, 0, 1\)"),
    ],
)
def test_what_is_no_batch_of_digits_is_refused(images, message):
    with pytest.raises(InputError, match=message):
        to_model_input(images)


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


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((2, 28, 28), 0.5), r"scaled already: float64 up to 0\.5\. Scale them once only"),
        (np.full((2, 28, 28), 1.02), r"up to 1\.02\. .*overshot 1: np\.clip\(images, 0, 1\)"),
        (np.array([[-1, 5]]), "0 to 255, got -1 to 5.*as they were stored"),
        (np.array([[0, 256]]), "0 to 255, got 0 to 256"),
        (with_value(np.nan), NAN.format("")),
    ],
)
def test_scale_refuses_what_is_not_stored_images(images, message):
    with pytest.raises(InputError, match=message):
        scale(images)


# check_images


@pytest.mark.parametrize("value", [0, 1])
def test_model_input_passes_the_check(value):
    check_images(with_value(value)[..., np.newaxis])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 28, 28)), r"\(N, 28, 28, 1\), got \(4, 28, 28\)"),
        (np.zeros((0, 28, 28, 1)), "batch is empty"),
        (with_value(1.5)[..., np.newaxis], r"\[0, 1\], these images in \[0\.5, 1\.5\]"),
    ],
)
def test_what_is_not_model_input_fails_the_check(images, message):
    with pytest.raises(InputError, match=message):
        check_images(images)


# Labels


@given(st.lists(st.integers(0, 9), min_size=1))
def test_one_hot_takes_rows_of_the_identity(labels):
    rows = np.eye(10, dtype="float32")[labels]
    for form in labels, np.array(labels, "uint8"), np.array(labels, "int64"):
        np.testing.assert_array_equal(one_hot(form), rows, strict=True)


@pytest.mark.parametrize("check", [check_labels, one_hot])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 10, 11], r"Label 10 at index 1 is not a digit 0 to 9 \(2 such labels\)"),
        ([1, 2, -1], r"Label -1 at index 2 is not a digit 0 to 9 \(1 such labels\)"),
        (["1", "2"], r"whole numbers 0 to 9 .* got <U1 of shape \(2,\).*labels\.astype\(int\)"),
        (np.eye(10, dtype=int)[:3], r"got int64 of shape \(3, 10\).*labels\.argmax\(-1\)"),
    ],
)
def test_labels_that_are_no_digits_are_refused(check, labels, message):
    with pytest.raises(InputError, match=message):
        check(labels)


def test_both_lengths_are_named_when_images_and_labels_differ():
    with pytest.raises(InputError, match="4 images, but 3 labels: give one label for each"):
        check_labels([1, 2, 3], images=np.zeros((4, 28, 28)))
