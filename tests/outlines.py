"""What a notebook shows, and what a page made of it shows, to be compared whole."""

import base64
import html
import io
import re

from bs4 import BeautifulSoup, NavigableString
from nbconvert.filters import markdown2html, strip_ansi
from nbformat import v4
from PIL import Image

TAGS = ["h1", "h2", "h3", "h4", "li", "em", "strong", "code", "a", "img", "summary"]
TAGS += ["blockquote", "th", "td", "sub", "sup"]
NO_ALT = "No description has been provided for this image"


def outline(page):
    """All texts of some HTML, without spaces, and its tags of meaning, with links and alt texts."""
    soup, found = BeautifulSoup(page, "html.parser"), []
    for part in [*soup.select(".anchor-link, style, script")]:
        part.decompose()
    for part in soup.descendants:
        if type(part) is NavigableString:
            found += part.split()
        elif part.name in TAGS:
            found.append(f"<{' '.join([part.name, part.get('href', ''), part.get('alt', '')])}>")
    return "".join(found).replace(">", ">\n").replace("<", "\n<")


def outline_of(cells, suffix=None):
    """That of cells; links to notebooks lead to files with a suffix, or, as others, are text."""
    return outline("".join(shown(cell, suffix) for cell in cells))


def shown(cell, suffix):
    if cell.cell_type != "markdown":
        code = html.escape(cell.source) if cell.cell_type == "code" or not suffix else ""
        return code + "".join(shown_below(x, cell) for x in cell.get("outputs", []))
    soup = BeautifulSoup(markdown2html(cell.source), "html.parser")
    for link in soup.select("a:not(.anchor-link)"):
        link["href"] = re.sub(r"\.ipynb$", suffix or "", link["href"])
        if not link["href"].startswith("http") and not (suffix and link["href"].endswith(suffix)):
            link.unwrap()
    return str(soup)


def shown_below(output, cell):
    data = output.get("data", {})
    if "image/png" in data:
        return f'<img alt="{html.escape(cell.metadata.alt)}">'
    if "image/svg+xml" in data:
        return f'<img alt="{NO_ALT}">'
    said = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", []))
    return data.get("text/html") or html.escape(strip_ansi(said))


def every_kind_of_cell():
    """A small notebook with all that a cell may be and show."""

    def code(source, *outputs, **more):
        return v4.new_code_cell(source, outputs=[*outputs], execution_count=1, metadata=more)

    def text(source, *tags, **more):
        return v4.new_markdown_cell(source, metadata={"tags": [*tags], **more})

    def data(kind, shown):
        return v4.new_output("display_data", data={kind: shown})

    picture = io.BytesIO()
    Image.new("L", (40, 30)).save(picture, "png")
    png = data("image/png", base64.b64encode(picture.getvalue()).decode())
    svg = data("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    table = data("text/html", "<table><tr><td>7</td></tr></table>")
    error = v4.new_output("error", ename="E", evalue="", traceback=["\x1b[31mE\x1b[0m: no <way>"])
    stream = v4.new_output("stream", name="stdout", text="1 < 2\n")
    option = "<details><summary>{}</summary>\n\n**{}.** So: [two](02_b.ipynb).\n\n</details>"
    options = f"{option.format('this', 'Right')}\n\n{option.format('that', 'No')}"
    cells = [
        text(""),
        text(
            "# *First*\n\nTo [two](02_b.ipynb), [here](../README.md), [out](https://a.org/x.html)."
        ),
        v4.new_raw_cell("raw"),
        text("## Kinds & more\n\nOne `code`.\n\nTwo.\n\nWhat does it print?"),
        code("print(1 < 2)", stream),
        text("*It is so.* Said of it.\n\nMore of it."),
        code("plot()", png, alt='A "plot"'),
        text("*A caption.*"),
        text("Below are others:"),
        code("table()\nfail()", table, svg, error),
        text("- a\n- b"),
        text(f"**Before you run the cell:** which?\n\n{options}", "question"),
        code("answer()"),
        text("It answers.\n\n## Turn\n\n### 1. Do\n\nDo it."),
        code("# work", tags=["yours"]),
        text("#### Solution", "solution", **{"jp-MarkdownHeadingCollapsed": True}),
        code("done()", stream, tags=["solution"]),
        text("## Next\n\nEnd."),
    ]
    return v4.new_notebook(cells=cells)
