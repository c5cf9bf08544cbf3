"""The sketchpad without a browser: strokes set from code, and what is sent to the page."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.handwriting import Prepared
from helpers.handwriting.reading import Reading
from helpers.handwriting.sketchpad import PEN, Sketchpad, in_words, render

STROKES = json.loads(Path(__file__).with_name("strokes.json").read_text("utf-8"))
LINE = [[0.5, 0.2], [0.5, 0.8]]


def read_ink(picture):
    """A reader that answers at once: 1 for a thin picture, else 0, and shows a part of it."""
    digit = int((picture > 127).mean() < 0.08)
    small = picture[::10, ::10, np.newaxis] / np.float32(255)
    return Reading(digit, np.eye(10, dtype="float32")[digit], True, Prepared(small, {}, []), [])


@pytest.fixture
def pad():
    return Sketchpad(read_ink)


def test_strokes_set_from_code_are_read_undone_and_cleared(pad):
    pad.strokes = [LINE, [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9], [0.1, 0.1]]]
    assert pad.message == "Read as 0."
    pad.strokes = pad.strokes[:-1]
    assert pad.message == "Read as 1."
    assert pad._repr_mimebundle_()[0]["text/plain"] == "Sketchpad: Read as 1."
    assert pad.probabilities == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    sent = np.frombuffer(pad.image, "uint8").reshape(28, 28)
    np.testing.assert_allclose(sent / 255, pad.reading.prepared.image[..., 0], atol=0.5 / 255)
    pad.strokes = []
    for empty in pad, Sketchpad(read_ink):
        assert empty.message == "Draw a digit."
        shown = empty.probabilities, empty.image, empty.warnings, empty.reading
        assert shown == ([], b"", [], None)


def test_each_turn_of_the_page_is_answered_in_one_message(pad, monkeypatch):
    sent = []
    monkeypatch.setattr(pad, "_send", lambda message, buffers=None: sent.append(message))
    pad.set_state({"strokes": [LINE], "turn": 7})
    updates = [message["state"] for message in sent if message["method"] == "update"]
    assert len(updates) == 1
    assert updates[0]["answered"] == 7
    assert updates[0]["message"] == "Read as 1."
    assert "strokes" not in updates[0], "the page would draw over the stroke in progress"
    pad.set_state({"strokes": [LINE], "turn": 9})
    assert (pad.answered, pad.message) == (9, "Read as 1."), "though the drawing is the same"


GOOD = read_ink(render([LINE]))


@pytest.mark.parametrize(
    ("read", "fault"),
    [
        (lambda picture: {}["no network"], "KeyError: 'no network'"),
        (lambda picture: None, "AttributeError: 'NoneType' object has no attribute 'digit'"),
        (lambda picture: GOOD._replace(probabilities=np.full(10, np.nan)), "ValueError: .* NaNs"),
        (lambda picture: GOOD._replace(prepared=Prepared(np.ones(9), {}, [])), "ValueError: .*"),
    ],
)
def test_a_reader_that_fails_is_shown_and_the_pad_goes_on(read, fault):
    pad = Sketchpad(lambda picture: read_ink(picture) if len(pad.strokes) == 2 else read(picture))
    pad.strokes = [LINE]
    assert pad.message == "The reader failed."
    assert re.match(fault, *pad.warnings)
    assert (pad.probabilities, pad.image) == ([], b"")
    pad.strokes = [LINE, LINE]
    assert (pad.message, pad.warnings) == ("Read as 1.", [])


def test_the_answer_in_words_names_the_likeliest_first():
    probabilities = np.array([0.1, 0, 0, 0.7, 0, 0, 0, 0, 0.2, 0])
    assert in_words(Reading(3, probabilities, False, None, [])) == "Not sure: 3 or 8 or 0?"
    assert in_words(Reading(None, probabilities, False, None, [])) == "No digit found."


def test_dots_and_lines_are_as_wide_as_the_pen():
    picture = render([[[0.5, 0.25]]])
    assert picture.sum() / 255 == pytest.approx(np.pi * (280 * PEN / 2) ** 2, rel=0.02)
    width = render([[[0.1, 0.5], [0.9, 0.5]]])[:, 140].sum() / 255
    assert width == pytest.approx(280 * PEN, abs=0.3)


def test_the_ten_digits_are_read():
    pad = Sketchpad()
    read = {}
    for digit, strokes in STROKES.items():
        pad.strokes = strokes
        assert sum(pad.probabilities) == pytest.approx(1, abs=1e-5)
        read[digit] = pad.message
    right = [digit for digit in read if read[digit] == f"Read as {digit}."]
    assert len(right) >= 9, read
