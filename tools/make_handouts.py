"""Write hand-outs of each notebook into `handouts/`: the learner's copy, and a PDF to print.

The copy has no outputs and no solutions, but the empty cells to work in; it runs where it is. The
PDF has all of it, and needs Chromium.
"""

import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor
from playwright.sync_api import Error, sync_playwright

from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import answering
from tools.make_slides import given
from tools.notebook_files import NOTEBOOKS, ROOT

PAGE = ROOT / "tools" / "page"
OPEN = "for (const answer of document.querySelectorAll('details')) answer.open = true"
PAGE_NUMBER = (
    '<div style="font: 8pt sans-serif; text-align: center; width: 100%">'
    '<span class="title"></span>, page <span class="pageNumber"></span></div>'
)
PAPER = {
    "prefer_css_page_size": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": PAGE_NUMBER,
    "tagged": True,
    "outline": True,
}


@answering()
def main():
    notebooks, folder = given(__doc__, "handouts")
    shutil.copytree(NOTEBOOKS / "samples", folder / "samples", dirs_exist_ok=True)
    for path, notebook in notebooks.items():
        with written_whole(folder / f"{path.stem}.ipynb") as part:
            nbformat.write(learners_copy(notebook), part)
    print(f"{len(notebooks)} learner's copies in {folder}.", flush=True)
    pages = {folder / f"{path.stem}.pdf": page_of(x) for path, x in notebooks.items()}
    try:
        print_pages(pages)
    except Error as error:
        said = error.message.splitlines()[0]
        raise InputError(f"Chromium could not print the PDFs: {said}") from error
    print(f"{len(notebooks)} PDFs to print in {folder}.")


def learners_copy(notebook):
    """A notebook without outputs and solutions."""
    notebook, resources = deepcopy(notebook), {}
    for step in [TagRemovePreprocessor(remove_cell_tags={"solution"}), ClearOutputPreprocessor()]:
        notebook, resources = step.preprocess(notebook, resources)
    return notebook


def page_of(notebook):
    """A notebook as a page of HTML whose links lead to the internet, or are plain text."""
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(?<!!)\[([^]]*)\]\((?!https?:)[^)]*\)", r"\1", cell.source)
    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(PAGE.parent)])
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    return exporter.from_notebook_node(notebook, {"metadata": {"name": title}})[0]


def print_pages(pages):
    """Print pages of HTML, by the path of the PDF, without a network."""
    program = [sys.executable, "-m", "playwright", "--version"]
    ran = subprocess.run(program, check=False, capture_output=True, text=True)
    if ran.returncode:
        said = (ran.stderr.strip() or "no word of it").splitlines()[-1]
        raise InputError(
            f"Playwright, by which Chromium prints PDFs, does not run here: {said}. On Debian: "
            "`apt install chromium`, and the package of the library, if one is named."
        )
    with sync_playwright() as playwright:
        chromium = chromium_of(playwright)
        if not Path(chromium).exists():
            raise InputError("Chromium, which prints PDFs, is not there: `apt install chromium`.")
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_context(offline=True).new_page()
        for path, html in pages.items():
            for_print(page, html)
            with written_whole(path) as part:
                part.write_bytes(page.pdf(**PAPER))


def chromium_of(playwright):
    return shutil.which("chromium") or playwright.chromium.executable_path


def for_print(page, html):
    """Show it in a page of the browser as it is to be printed."""
    page.set_content(html)
    page.add_style_tag(path=PAGE / "print.css")
    page.evaluate(OPEN)


if __name__ == "__main__":
    main()
