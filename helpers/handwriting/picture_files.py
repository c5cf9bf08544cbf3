"""Open a picture file as people make them, upright and in grey, or say plainly what is wrong."""

import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from helpers.errors import BYTES, FINITE, InputError, as_array, as_file, explained

MAX_MEGAPIXELS = 64
ENOUGH_PIXELS = 1024
WHITES = [255, 4095, 65535]  # of 8, 12 (scanners) and 16 bits
OVERSHOOT = 0.1  # by so much a resize with a smooth filter may leave [0, 1]
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


def load_picture(path):
    """Open a picture file as an upright Pillow image.

    Large JPEGs are decoded at a fraction of their size, 1024 pixels or more.

    Raises
    ------
    InputError
        For what is missing, empty, damaged, too large (seen in its header, before decoding), or
        not a picture that Pillow reads.
    """
    path = as_file(path, "Check the name, and the folder you are in.")
    _check_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                _check_size(path, picture)
                _check_pages(path, picture)
                picture.draft(None, (ENOUGH_PIXELS, ENOUGH_PIXELS))
                picture.load()
                return upright(picture)
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(_why_unreadable(path)) from error
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(path, "far more")) from error
    except Exception as error:
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) could not be read: {error}. Copy or download "
            "it again, in case it breaks off or is damaged, or save it as PNG or JPEG."
        ) from error


def to_pillow(picture):
    """Bring a path, a Pillow image or an array to an upright 8-bit Pillow image.

    Arrays have shape (height, width[, 1, 3 or 4]); their numbers lie in [0, 1] or [0, 255], or
    are whole and larger.
    """
    if isinstance(picture, (str, Path)):
        picture = load_picture(picture)
    if not isinstance(picture, Image.Image):
        picture = _from_array(as_array(picture, "Pictures"))
    _check_size("The picture", picture)
    to_rgb = "" if picture.mode == "RGB" else ", or make it RGB"
    with explained(
        f"The picture, of mode {picture.mode}, cannot be read. Copy its file again, in case it "
        f"breaks off{to_rgb}. Pillow says"
    ):
        picture.load()
        if picture.mode == "LAB":  # which becomes RGB, but not grey
            picture = picture.convert("RGB")
        if 0 in picture.size:
            raise InputError(f"The picture is empty: {picture.width} x {picture.height} pixels.")
        if picture.mode.startswith(("I", "F")):
            picture = _from_array(np.asarray(picture))
        return upright(picture)


def upright(picture):
    """Turned as its EXIF data say; without a copy where they say nothing."""
    turned = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1
    return ImageOps.exif_transpose(picture) if turned else picture


def to_grey(picture, size):
    """Grey levels of a Pillow image in [0, 1]: float32 of shape (height, width).

    Larger pictures are averaged down by a whole number, so the longer side has `size` pixels or
    up to twice as many; smaller ones stay as they are. What is transparent gets the colour that
    sets it off: that of the paper where most is opaque, else the opposite of the ink.
    """
    factor = max(picture.size) // size
    if picture.mode in ("P", "PA", "1") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if factor > 1:
        picture = picture.reduce(factor)
    if picture.has_transparency_data:
        return _over_opposite(picture.convert("LA"))
    return np.asarray(picture.convert("L"), dtype="float32") / 255


def _over_opposite(picture):
    grey, alpha = np.moveaxis(np.asarray(picture, dtype="float32") / 255, -1, 0)
    visible = alpha > 0.5
    if not visible.any():
        return np.ones_like(grey)
    shown = np.median(grey[visible])
    ground = shown if visible.mean() > 0.5 else float(shown < 0.5)
    return grey * alpha + ground * (1 - alpha)


def _from_array(values):
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[-1] not in (3, 4)):
        raise InputError(
            f"Expected one picture, (height, width) or (height, width, 3 or 4), got shape "
            f"{values.shape}. Give one picture at a time; {BYTES}."
        )
    if values.size == 0:
        raise InputError(f"The picture is empty: its shape is {values.shape}.")
    as_array(values, "The picture's numbers", within=FINITE)
    return Image.fromarray(_to_bytes(values))


def _to_bytes(values):
    low, high = values.min(), values.max()
    if -OVERSHOOT <= low and high <= 1 + OVERSHOOT:
        values, top = np.clip(values, 0, 1), 1
    elif low < 0 or (values.dtype.kind == "f" and high < 10):
        raise InputError(
            f"The picture's numbers go from {low:.3g} to {high:.3g}; expected 0 to 1, or 0 to 255."
        )
    else:
        top = next(top for top in [*WHITES, high] if high <= top)
    return np.round(values * (255 / top)).astype("uint8")


def _check_file(path):
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes). Copy or download it again.")


def _check_size(path, picture):
    megapixels = picture.width * picture.height / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise InputError(
            _too_large(path, f"{picture.width} x {picture.height} pixels, {megapixels:.0f}")
        )


def _check_pages(path, picture):
    pages = getattr(picture, "n_frames", 1)
    if pages > 1 and picture.format != "MPO":  # a phone's JPEG with a preview beside the photo
        raise InputError(f"{path} holds {pages} pages or frames: save the one to read by itself.")


def _too_large(path, stated):
    return (
        f"{path} holds {stated} megapixels; at most {MAX_MEGAPIXELS} are read. "
        "Crop it to the digit, or save it smaller."
    )


def _why_unreadable(path):
    with path.open("rb") as file:
        start = file.read(512)
    if start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS:
        return (
            f"{path} is a HEIC photo, which Pillow does not read. Export it as JPEG, or set the "
            "phone's camera to its most compatible format."
        )
    if start.startswith(b"%PDF"):
        return f"{path} is a PDF, no picture. Save its page as PNG or JPEG."
    if b"\0" not in start:
        return f"{path} is a text file, whatever its name says: {start[:40]!r}. Give a picture."
    return (
        f"{path} ({path.stat().st_size:,} bytes) is no picture that Pillow knows, or its first "
        "bytes are damaged. Save it as PNG or JPEG."
    )
