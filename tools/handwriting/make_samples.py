"""Draw the sample pictures in `notebooks/samples/`: digits by pen, on papers of many kinds.

The strokes come from `strokes.py`; light, shadow, lines and noise are calculated. A picture's
name begins with its digit, or with "not" where there is not one digit.
"""

import io
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image
from scipy.ndimage import gaussian_filter
from tqdm import tqdm

from helpers.whole_files import written_whole
from study.command_line import Parser, answering, writable_folder
from tools.handwriting.strokes import SIGNS, draw, smooth_curve, strokes_of, written

FOLDER = Path(__file__).parents[2] / "notebooks" / "samples"
SIZE = 320
WHITE, CREAM, GREY, YELLOW, PINK = (
    np.array(rgb) / 255
    for rgb in [(244, 244, 240), (238, 229, 206), (176, 174, 170), (250, 222, 90), (240, 190, 200)]
)
BLACK, BLUE, RED, GREEN, PENCIL = (
    np.array(rgb) / 255
    for rgb in [(25, 25, 30), (35, 50, 140), (190, 30, 40), (20, 110, 60), (105, 105, 110)]
)
LINES, BOARD = np.array([0.65, 0.72, 0.85]), np.array([0.12, 0.22, 0.17])


@answering()
def main():
    parser = Parser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = writable_folder(parser.parse_args().folder)
    for seed, (name, make) in enumerate(tqdm(SAMPLES.items(), unit="picture")):
        with written_whole(folder / name) as part:
            make(np.random.default_rng(seed), part)


def ink_of(design, rng, pen=9, height=0.6, place=(0.5, 0.5), width=SIZE):
    """Where the pen left ink on a square sheet, (width, width) in [0, 1]."""
    strokes = [np.array(place) + height * (line - 0.5) for line in written(design, rng, 0.015)]
    return draw(strokes, width, pen, rng)


def painted(ink, paper, color):
    """Ink of one colour over a paper, (height, width, 3)."""
    paper = np.broadcast_to(paper, (*ink.shape, 3))
    return paper + ink[..., None] * (color - paper)


def lit(picture, rng, depth=0.3):
    """Light that falls from one side."""
    x, y = across(picture)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    return picture * (1 - depth * (slope + 0.5))[..., None]


def shaded(picture, _):
    """The shadow of a hand or a phone over the lower right."""
    x, y = across(picture)
    return picture * (1 - 0.45 * gaussian_filter((x + y > 1.1) * 1.0, 6))[..., None]


def dimly(picture, rng):
    return lit(picture, rng, depth=0.15)


def across(picture):
    """Where each pixel lies: x and y from 0 to 1, each of shape (height, width)."""
    height, width = picture.shape[:2]
    return np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j][::-1]


def ruled(size, step, squared=False):
    """Cream paper with blue lines, or with squares."""
    sheet = np.ones((size, size, 3)) * CREAM
    for start in range(step // 2, size, step):
        sheet[start : start + 2] = LINES
        if squared:
            sheet[:, start : start + 2] = LINES
    return sheet


def on_table(sheet, size, left, bottom):
    """A square sheet on a dark table."""
    scene = np.ones((size, size, 3)) * [0.35, 0.22, 0.14]
    scene[bottom - len(sheet) : bottom, left : left + len(sheet)] = sheet
    return scene


def camera(picture, rng):
    """The picture, a little blurred and grainy, as an array of bytes."""
    return as_bytes(gaussian_filter(picture, (0.8, 0.8, 0)) + rng.normal(0, 0.015, picture.shape))


def as_bytes(picture):
    return (255 * np.clip(picture, 0, 1)).astype("uint8")


def save(pixels, path, **options):
    """First in memory: Pillow does not notice if a disk has no room for a JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, Image.registered_extensions()[path.suffix], **options)
    path.write_bytes(file.getvalue())


def taken(paint, quality=80, **options):
    """What saves a photo of that which `paint` paints."""
    return lambda rng, path: save(camera(paint(rng), rng), path, quality=quality, **options)


def photo(design, paper=WHITE, color=BLACK, light=lit, quality=75, **pen):
    return taken(lambda rng: light(painted(ink_of(design, rng, **pen), paper, color), rng), quality)


def transparent(design, color):
    sheet = np.ones((SIZE, SIZE, 3)) * color
    return lambda rng, path: save(as_bytes(np.dstack([sheet, ink_of(design, rng)])), path)


def screenshot(design, size, pen):
    return lambda rng, path: save(as_bytes(1 - ink_of(design, rng, pen, 0.8, width=size)), path)


def crossed_seven_on_a_table(rng):
    sheet = painted(ink_of("7 crossed", rng, pen=7, width=250), WHITE, BLACK)
    return lit(on_table(sheet, SIZE, left=50, bottom=290), rng)


def turned(rng):
    return np.rot90(lit(painted(ink_of("4 closed", rng), WHITE, BLUE), rng), -1)


def wide(rng):
    ink = np.pad(ink_of("7", rng, pen=6, width=200), ((0, 0), (60, 260)))
    return painted(ink, WHITE, BLACK)


def two_digits(rng):
    ink = ink_of("3", rng, height=0.4, place=(0.27, 0.5))
    return painted(ink + ink_of("7", rng, height=0.4, place=(0.73, 0.5)), WHITE, BLUE)


def smiley(rng):
    curves = [0.2 + 0.6 * smooth_curve(line) for line in strokes_of(SIGNS["smiley"])]
    return painted(draw(curves, SIZE, 8, rng), WHITE, GREEN)


def blank(rng):
    return lit(np.ones((SIZE, SIZE, 3)) * CREAM, rng)


LINED, SQUARED = ruled(SIZE, 46), ruled(SIZE, 46, squared=True)
TURNED = Image.Exif()
TURNED[ExifTags.Base.Orientation] = 8  # upright for those who read it, and turn it left
SAMPLES = {
    "0_pencil_on_cream.jpg": photo("0", CREAM, PENCIL, pen=6),
    "0_green_on_yellow.jpg": photo("0 open", YELLOW, GREEN),
    "1_long_upstroke.jpg": photo("1 long flag", GREY, BLUE),
    "1_with_a_foot.png": screenshot("1 foot", 140, 9),
    "1_bar_on_lines.jpg": photo("1", LINED, BLUE, dimly, 80),
    "2_transparent.png": transparent("2", BLACK),
    "2_looped_in_shadow.jpg": photo("2 looped", WHITE, BLUE, shaded, 80),
    "3_phone_shadow.jpg": photo("3", WHITE, BLACK, shaded, 80),
    "3_flat_on_squares.jpg": photo("3 flat", SQUARED, BLACK, dimly, 80),
    "4_open_on_lines.jpg": photo("4 open", LINED, BLUE, dimly, 80),
    "4_closed_exif_turned.jpg": taken(turned, exif=TURNED),
    "5_loose_bar.jpg": photo("5 loose bar", WHITE, BLACK),
    "5_transparent_white.png": transparent("5", np.ones(3)),
    "6_thin_pen.jpg": photo("6", WHITE, BLACK, pen=2.5),
    "6_whiteboard.jpg": photo("6 straight", np.array([0.93, 0.95, 0.97]), RED, pen=16),
    "7_crossed_on_table.jpg": taken(crossed_seven_on_a_table),
    "7_wide_picture.jpg": taken(wide, 75),
    "8_chalk.jpg": photo("8", BOARD, np.array([0.9, 0.92, 0.88]), pen=12),
    "8_marker_on_pink.jpg": photo("8 rings", PINK, RED, pen=24),
    "9_small_in_the_corner.jpg": photo("9", WHITE, BLUE, pen=4, height=0.17, place=(0.8, 0.78)),
    "9_hooked.png": screenshot("9 hook", 28, 2.2),
    "not_a_blank_page.jpg": taken(blank),
    "not_two_digits.jpg": taken(two_digits),
    "not_a_smiley.jpg": taken(smiley),
}


if __name__ == "__main__":
    main()
