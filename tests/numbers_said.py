"""Each number of a sentence comes up where its witnesses are evaluated, named there or computed."""

import ast
import math
import re
from numbers import Real

import numpy as np

NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
ROUGH = re.compile(r"(?i)\b(about|almost|near|nearly|over|some|hardly|just) \Z")
# No statements: names, code, links, years of papers, the level of an interval, what an exercise
# asks, a wrong option.
ASIDE = re.compile(
    r"`[^`]*`|(?<=\", )\d{4}|\(\d{4}\)|\[[^\]]*\]\([^)]*\)|\b95 % (?:\w+ )?intervals?|^#+ \d\.|"
    r"^\[[\d.]+\].*|\bExercise \d|\b[Nn]otebooks? \d\d(?:(?:, | and | to )\d\d)*|^No, [^:]*:"
)
MOST, LONG = 2000, 100


def evaluate(expression, names):
    """Whether an expression holds, and the numbers that came up in it."""
    found = set()

    def note(value):
        if len(found) < MOST:
            found.update(numbers_of(value))
        return value

    tree = ast.fix_missing_locations(Noting().visit(ast.parse(expression, mode="eval")))
    return bool(eval(compile(tree, "witness", "eval"), {**names, "_note": note})), sorted(found)


class Noting(ast.NodeTransformer):
    """Wraps each part of an expression in a call of `_note`."""

    def generic_visit(self, node):
        super().generic_visit(node)
        has_value = isinstance(node, ast.expr) and not isinstance(node, ast.Starred | ast.Slice)
        is_place = isinstance(getattr(node, "ctx", None), ast.Store)
        slices = isinstance(node, ast.Tuple) and any(isinstance(x, ast.Slice) for x in node.elts)
        return noted(node) if has_value and not (is_place or slices) else node

    def visit_JoinedStr(self, node):
        return noted(node)


def noted(node):
    return ast.Call(ast.Name("_note", ast.Load()), [node], [])


def numbers_of(value):
    """The number that a value is, or those of a short text, list or array."""
    if isinstance(value, bool):
        return []
    if isinstance(value, Real):
        return [float(value)] if math.isfinite(value) else []
    if isinstance(value, str):
        return [number for _, number, _ in numbers_in(value)] if len(value) < 3 * LONG else []
    if hasattr(value, "tolist") and not isinstance(value, type):
        return numbers_of(value.tolist()) if np.size(value) <= LONG else []
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | range) and len(value) <= LONG:
        return [number for part in value for number in numbers_of(part)]
    return []


def numbers_in(text):
    """Each number as it stands, its value, and how far it may be rounded."""
    for found in NUMBER.finditer(text):
        value = float(found[0].replace(",", ""))
        unit = 10 ** -len(found[0].partition(".")[2])
        yield found[0], value, max(unit / 2, value / 20 * bool(ROUGH.search(text[: found.start()])))


def unnamed(sentence, numbers):
    """The numbers of a sentence that none of `numbers` is, nor a hundredth of it (per cent)."""
    sizes = [abs(number) * scale for number in numbers for scale in (1, 100)]
    for text, value, rounding in numbers_in(ASIDE.sub("", sentence)):
        if not any(abs(size - value) <= rounding * 1.000001 for size in sizes):
            yield text
