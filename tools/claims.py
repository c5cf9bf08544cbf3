"""The sentences of all texts, docstrings too, and what vouches for each: `tests/witnesses/`.

A file there lists the sentences of a text word by word: alt texts included, the options of each
question, and what an exercise says beside its `check`. Below each stands, indented, its witness:

    an expression that must hold in the kernel at that place (`finally:` at the end; for a README,
        after what stands in `tests/witnesses/readmes.py`)
    this run: an expression that need hold with these seeds only, as the sentence says
    given: a statement to run before, to set names (leading underscore) for such expressions
    source: an address that stands in the same cell
    test: tests/test_x.py::test_y
    - task, story, name or another reason why none is needed

Each number of a sentence stands in such an expression or comes up in it.

`make claims` counts, and lists what has none yet; ARGS="01 --add" adds that to the file of 01.
"""

import ast
import re
from typing import NamedTuple

from helpers.whole_files import written_whole
from study.command_line import Parser, answering, one_of
from tools.notebook_files import ROOT, all_notebooks, all_texts, read_notebook, tags

OPEN = "?"
THIS_RUN = "this run"
AT_ITS_CELL, AT_THE_END = {"holds", THIS_RUN}, {"finally"}
KINDS = ["finally", "given", "source", "test", THIS_RUN]
NO_STATEMENT_NEEDED = ["task", "story", "name"]
# What a sentence without a witness may not hold, unless it is a task, a story or a name.
STATES = re.compile(
    r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty"
    r"|hundreds?|thousands?|millions?|half|halves|thirds?|quarters?|tenths?|fortieth|twice|double"
    r"|best|worst|most|least|highest|lowest|largest|smallest|longest|shortest|hardest|rarest)\b",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"^\d\. |^Solution of exercise \d|"
    r"`[^`]*`|\]\([^)]*\)|\b[Nn]otebooks? \d\d(, \d\d)*( to \d\d)?|#+ \d\."
)
END_OF_SENTENCE = re.compile(r"(?<![A-Z][.])(?<=[.!?])[)\"*_]*\s+(?=[\"*_(\[`<]*[A-Z0-9`])")
LEAD_IN = re.compile(r"\*\*[^*]+[.:]\*\*")
# An answer to choose, which a click opens; the text below says first whether it is right.
OPTION = re.compile(
    r"<details><summary>(.+)</summary>\n\n\*\*(Right|No)\.\*\* (.+)\n\n</details>(?:\n|\Z)"
)


class Sentence(NamedTuple):
    """A sentence and the number of the cell that it stands in."""

    text: str
    cell: int


def sentences_of(markdown):
    """Split Markdown into sentences; a heading, a point of a list, a row of a table is its own."""
    text = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    text = OPTION.sub(lambda found: f"\n{said_of(*found.groups())}\n\n", text)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|>]|\d+\.) ?)", text):
        line = " ".join(re.sub(r"^\s*(>|#+|[-*] |\d+\. )\s*", "", x) for x in block.splitlines())
        if block.lstrip().startswith("#"):
            yield line.strip()
        elif not re.fullmatch(r"[\s|:-]*", line):
            yield from map(str.strip, END_OF_SENTENCE.sub(r"\g<0>\n", line).strip().split("\n"))


def said_of(option, verdict, why):
    """What a question's option says, and whether it is right; of a wrong one with the reason."""
    return f"Right: {option}.\n\n{why}" if verdict == "Right" else f"No, {option}: {why}"


def states(sentence):
    """Whether a sentence holds a number or superlative that is in `STATES`."""
    return bool(STATES.search(NAMES.sub("", sentence)))


def needs_a_witness(sentence, is_heading):
    """Questions, headings and lead-ins need one only if they state a number or the like."""
    is_question = re.search(r"\?[)\"*_]*$", sentence)
    return states(sentence) or not (is_heading or is_question or LEAD_IN.fullmatch(sentence))


def sentences_in(notebook):
    """Each `Sentence` of a notebook that needs a witness, in order."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for text in sentences_of(cell.source):
                if needs_a_witness(text, is_heading=f"# {text}" in cell.source):
                    yield Sentence(text, number)
        if "yours" in tags(cell):
            exercise = re.search(r'check\("([\d.]+)"', cell.source)[1]
            said = re.sub(r"(?m)^# (from .*|check\(.*?\)(  # |$))|^# ", "", cell.source)
            yield Sentence(f"[{exercise}] {' '.join(said.split())}", number)
        for text in sentences_of(cell.metadata.get("alt", "")):
            yield Sentence(f"[alt] {text}", number)


def witness_file(path):
    """Of a notebook or another text of the project, or of a copy of the project."""
    if path.suffix != ".ipynb":
        name = "_".join(path.relative_to(ROOT).with_suffix("").parts)
        return ROOT / "tests" / "witnesses" / f"{name}.txt"
    return path.parents[1] / "tests" / "witnesses" / f"{path.stem}.txt"


def read_witnesses(path):
    """From each sentence to its witnesses, `(kind, text)`; kind "holds", "-" or of `KINDS`."""
    entries, entry = {}, []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        if line.startswith(" " * 8):
            kind, text = entry[-1]
            entry[-1] = kind, f"{text} {line.strip()}"
        elif line.startswith(" " * 4):
            entry.append(kind_of(line.strip()))
        elif line and not line.startswith("# "):
            entry = entries.setdefault(line.strip(), [])
    return entries


def kind_of(witness):
    kind, _, rest = witness.partition(":")
    if kind in KINDS:
        return kind, rest.strip()
    return ("-", witness[1:].strip()) if witness.startswith("- ") else ("holds", witness)


def write_witnesses(path, sentences):
    """Bring a file into the notebook's order; `?` marks what is missing, `# gone` what is left."""
    text = path.read_text("utf-8") if path.exists() else ""
    blocks = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)
    known = {block.splitlines()[0].strip(): block.rstrip() for block in blocks if block.strip()}
    lines, cell = [], None
    for sentence in sentences:
        lines += [""] * (cell not in [None, sentence.cell])
        lines.append(known.get(sentence.text, f"{sentence.text}\n    {OPEN}"))
        cell = sentence.cell
    left = known.keys() - {sentence.text for sentence in sentences}
    lines += [f"# gone: {line}" for text in sorted(left) for line in known[text].splitlines()]
    with written_whole(path) as part:
        part.write_text("\n".join(lines) + "\n", "utf-8")


def problems_with(sentence, witnesses, cell_source):
    """Why these witnesses do not do, apart from what the kernel has to say."""
    if not any(kind != "given" and text != OPEN for kind, text in witnesses):
        yield "has no witness"
    for kind, text in witnesses:
        if kind == "-" and states(sentence) and text.split()[0] not in NO_STATEMENT_NEEDED:
            yield f"states something, so '- {text}' does not do"
        elif kind == "source" and text not in cell_source:
            yield f"stands in a cell without its source {text}"
        elif kind == "test" and not has_test(text):
            yield f"has no test {text}"
        elif kind in AT_ITS_CELL | AT_THE_END and text != OPEN and not names_something(text):
            yield f"rests on '{text}', which always holds"


def has_test(name):
    path, _, function = name.partition("::")
    text = (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""
    return re.search(rf"^def {re.escape(function)}\(", text, re.MULTILINE)


def names_something(expression):
    return any(isinstance(node, ast.Name) for node in ast.walk(ast.parse(expression, mode="eval")))


@answering()
def main():
    texts = all_notebooks() | all_texts()
    parser = Parser(description="Count the sentences and their witnesses.")
    parser.add_argument(
        "texts", nargs="*", type=one_of(texts), help="such as 01 or README.md; default: all"
    )
    parser.add_argument(
        "--add", action="store_true", help="bring the files in order, with what is missing"
    )
    options = parser.parse_args()
    for name, path in texts.items():
        if not options.texts or name in options.texts:
            sentences = list(sentences_in(read_notebook(path)))
            if options.add:
                write_witnesses(witness_file(path), sentences)
            report(path, sentences)


def report(path, sentences):
    known = read_witnesses(witness_file(path))
    missing = [s for s in sentences if ("holds", OPEN) in known.get(s.text, [("holds", OPEN)])]
    for sentence in missing:
        print(f"{witness_file(path).stem} cell {sentence.cell}: {sentence.text}")
    print(
        f"{witness_file(path).stem}: {len(sentences)} sentences, {len(missing)} without a witness"
    )


if __name__ == "__main__":
    main()
