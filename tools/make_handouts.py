"""Write hand-outs of each notebook into `handouts/`: the learner's copy, and a PDF to print.

The copy has no outputs and no solutions, but the empty cells to work in; it runs where it is. The
PDF has all of it, and needs Chromium.
"""

import shutil
from copy import deepcopy

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ClearOutputPreprocessor
from playwright.sync_api import Error

from helpers.errors import InputError
from helpers.whole_files import written_whole
from study.command_line import answering
from tools.chromium import chromium
from tools.make_slides import linked, title_of
from tools.notebook_files import NOTEBOOKS, ROOT, given, tags

PAGE = ROOT / "tools" / "page"
OPEN = "for (const answer of document.querySelectorAll('details')) answer.open = true"
PAGE_NUMBER = (
    '<div style="font: 8pt sans-serif; text-align: center; width: 100%">'
    '<span class="title"></span>, page <span class="pageNumber"></span></div>'
)
ASKED = ["prefer_css_page_size", "print_background", "display_header_footer", "tagged", "outline"]
PAPER = dict.fromkeys(ASKED, True) | {"header_template": " ", "footer_template": PAGE_NUMBER}


@answering()
def main():
    notebooks, folder = given(__doc__, "handouts")
    shutil.copytree(NOTEBOOKS / "samples", folder / "samples", dirs_exist_ok=True)
    for path, notebook in notebooks.items():
        with written_whole(folder / f"{path.stem}.ipynb") as part:
            nbformat.write(learners_copy(notebook), part)
    print(f"{len(notebooks)} learner's copies in {folder}.", flush=True)
    try:
        with chromium() as browser:
            page = browser.new_context(offline=True).new_page()
            for path, notebook in notebooks.items():
                for_print(page, page_of(notebook))
                with written_whole(folder / f"{path.stem}.pdf") as part:
                    part.write_bytes(page.pdf(**PAPER))
    except Error as error:
        said = error.message.splitlines()[0]
        raise InputError(f"Chromium could not print the PDFs: {said}") from error
    print(f"{len(notebooks)} PDFs to print in {folder}.")


def learners_copy(notebook):
    """A notebook without outputs and solutions."""
    copy, _ = ClearOutputPreprocessor().preprocess(deepcopy(notebook), {})
    copy.cells = [cell for cell in copy.cells if "solution" not in tags(cell)]
    return copy


def page_of(notebook):
    """A notebook as a page of HTML whose links lead to the internet, or are plain text."""
    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(PAGE.parent)])
    named = {"metadata": {"name": title_of(notebook)}}
    return exporter.from_notebook_node(linked(notebook), named)[0]


def for_print(page, html):
    """Show it in a page of the browser as it is to be printed."""
    page.set_content(html)
    page.add_style_tag(path=PAGE / "print.css")
    page.evaluate(OPEN)


if __name__ == "__main__":
    main()
