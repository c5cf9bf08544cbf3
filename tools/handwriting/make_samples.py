"""Draw the sample pictures in `notebooks/samples/`: digits by pen, on papers of many kinds.

The strokes come from `strokes.py`; light, shadow, lines and noise are calculated. A picture's
name begins with its digit, or with "not" where there is not one digit.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from helpers.whole_files import written_whole
from study.command_line import Parser, answering, writable_folder
from tools.handwriting.strokes import draw, smooth_curve, written

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
SMILEY = [
    [(0.5, 0.0), (0.1, 0.2), (0.0, 0.5), (0.15, 0.85), (0.5, 1.0), (0.87, 0.85), (1.0, 0.5),
     (0.88, 0.15), (0.52, 0.0)],
    [(0.32, 0.32), (0.34, 0.42)], [(0.66, 0.3), (0.66, 0.42)],
    [(0.25, 0.62), (0.5, 0.78), (0.75, 0.6)],
]  # fmt: skip


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
    height, width = picture.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    return picture * (1 - depth * (slope + 0.5))[..., None]


def shaded(picture, across=0.55, depth=0.45, soft=6):
    """The shadow of a hand or a phone over the lower right."""
    from scipy.ndimage import gaussian_filter

    height, width = picture.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return picture * (1 - depth * gaussian_filter((x + y > 2 * across) * 1.0, soft))[..., None]


def ruled(size, step, color, paper, upright=False):
    """Paper with lines, or with squares."""
    sheet = np.ones((size, size, 3)) * paper
    for start in range(step // 2, size, step):
        sheet[start : start + 2] = color
        if upright:
            sheet[:, start : start + 2] = color
    return sheet


def photo(picture, rng, path, noise=0.015, **options):
    """Grain and blur of a camera; saved as JPEG or PNG, as the name says."""
    from scipy.ndimage import gaussian_filter

    picture = gaussian_filter(picture, (0.8, 0.8, 0)) + rng.normal(0, noise, picture.shape)
    save(picture, path, **options)


def save(picture, path, **options):
    """First in memory: Pillow does not notice if a disk has no room for a JPEG."""
    file = io.BytesIO()
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype("uint8"))
    image.save(file, Image.registered_extensions()[path.suffix], **options)
    path.write_bytes(file.getvalue())


def plain(design, paper=WHITE, color=BLACK, **pen):
    return lambda rng, path: photo(lit(painted(ink_of(design, rng, **pen), paper, color), rng),
                                   rng, path)  # fmt: skip


def in_shadow(design, color=BLUE):
    return lambda rng, path: photo(
        shaded(painted(ink_of(design, rng), WHITE, color)), rng, path, quality=80
    )


def on_lines(design, color=BLUE, upright=False):
    sheet = ruled(SIZE, 46, np.array([0.65, 0.72, 0.85]), CREAM, upright)
    return lambda rng, path: photo(
        lit(painted(ink_of(design, rng), sheet, color), rng, 0.15), rng, path, quality=80
    )


def on_table(design):
    def make(rng, path):
        scene = np.ones((SIZE, SIZE, 3)) * [0.35, 0.22, 0.14]
        sheet = painted(ink_of(design, rng, pen=7, width=250), WHITE, BLACK)
        scene[40:290, 50:300] = sheet
        photo(lit(scene, rng), rng, path, quality=80)

    return make


def transparent(design, color=BLACK):
    def make(rng, path):
        ink = ink_of(design, rng)
        save(np.dstack([np.ones((SIZE, SIZE, 3)) * color, ink]), path)

    return make


def turned(design):
    """Upright only for those who read the file's EXIF orientation (8: turn it left)."""

    def make(rng, path):
        exif = Image.Exif()
        exif[0x0112] = 8
        picture = lit(painted(ink_of(design, rng), WHITE, BLUE), rng)
        photo(np.rot90(picture, -1), rng, path, exif=exif, quality=80)

    return make


def wide(design):
    def make(rng, path):
        sheet = np.zeros((200, 520))
        sheet[:, 60:260] = ink_of(design, rng, pen=6, width=200)
        photo(painted(sheet, WHITE, BLACK), rng, path)

    return make


def screenshot(design, size, pen):
    return lambda rng, path: save(1 - ink_of(design, rng, pen, 0.8, width=size), path)


def two_digits(rng, path):
    ink = ink_of("3", rng, height=0.4, place=(0.27, 0.5))
    photo(painted(ink + ink_of("7", rng, height=0.4, place=(0.73, 0.5)), WHITE, BLUE), rng, path,
          quality=80)  # fmt: skip


def smiley(rng, path):
    strokes = [0.2 + 0.6 * smooth_curve(np.array(line)) for line in SMILEY]
    photo(painted(draw(strokes, SIZE, 8, rng), WHITE, GREEN), rng, path, quality=80)


def blank(rng, path):
    photo(lit(np.ones((SIZE, SIZE, 3)) * CREAM, rng), rng, path, quality=80)


SAMPLES = {
    "0_pencil_on_cream.jpg": plain("0", CREAM, PENCIL, pen=6),
    "0_green_on_yellow.jpg": plain("0 open", YELLOW, GREEN),
    "1_long_upstroke.jpg": plain("1 long flag", GREY, BLUE),
    "1_with_a_foot.png": screenshot("1 foot", 140, 9),
    "1_bar_on_lines.jpg": on_lines("1"),
    "2_transparent.png": transparent("2"),
    "2_looped_in_shadow.jpg": in_shadow("2 looped"),
    "3_phone_shadow.jpg": in_shadow("3", BLACK),
    "3_flat_on_squares.jpg": on_lines("3 flat", BLACK, upright=True),
    "4_open_on_lines.jpg": on_lines("4 open"),
    "4_closed_exif_turned.jpg": turned("4 closed"),
    "5_loose_bar.jpg": plain("5 loose bar", WHITE, BLACK),
    "5_transparent_white.png": transparent("5", np.ones(3)),
    "6_thin_pen.jpg": plain("6", WHITE, BLACK, pen=2.5),
    "6_whiteboard.jpg": plain("6 straight", np.array([0.93, 0.95, 0.97]), RED, pen=16),
    "7_crossed_on_table.jpg": on_table("7 crossed"),
    "7_wide_picture.jpg": wide("7"),
    "8_chalk.jpg": plain("8", np.array([0.12, 0.22, 0.17]), np.array([0.9, 0.92, 0.88]), pen=12),
    "8_marker_on_pink.jpg": plain("8 rings", PINK, RED, pen=24),
    "9_small_in_the_corner.jpg": plain("9", WHITE, BLUE, pen=4, height=0.17, place=(0.8, 0.78)),
    "9_hooked.png": screenshot("9 hook", 28, 2.2),
    "not_a_blank_page.jpg": blank,
    "not_two_digits.jpg": two_digits,
    "not_a_smiley.jpg": smiley,
}


if __name__ == "__main__":
    main()
