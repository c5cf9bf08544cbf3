"""Holds the notebooks' sentences against their witnesses, in the kernel that runs the cells.

See `tools/claims.py`. The witnesses of a cell are one item for pytest, after the cell itself.
"""

import ast
import json

import pytest
from nbval.plugin import IPyNbFile

from tests.notebook_runs import CLAIMED
from tests.numbers_said import unnamed
from tests.other_seeds import HELD
from tools.claims import (
    AT_ITS_CELL,
    AT_THE_END,
    THIS_RUN,
    read_witnesses,
    sentences_in,
    witness_file,
)

SECONDS = 300
EVALUATED = '__import__("json").dumps(__import__("numbers_said").evaluate({!r}, globals()))'
ASKED = (AT_ITS_CELL | AT_THE_END) - {THIS_RUN}  # also under other seeds


class LostWitnessError(AssertionError):
    """A sentence of a notebook does not hold any more."""


def collect(self, collect_cells=IPyNbFile.collect):
    """nbval's items, one for each code cell, and between them those of the sentences."""
    code = {item.cell_num: item for item in collect_cells(self)}
    number = 0
    witnesses = {} if self.config.option.nbval_lax else read_witnesses(witness_file(self.path))
    sentences = [s for s in sentences_in(self.nb) if s.text in witnesses]
    for index, cell in enumerate(self.nb.cells):
        if cell.cell_type == "code":
            yield code[number]
            number += 1
        here = {s.text: witnesses[s.text] for s in sentences if s.cell == index}
        yield from claims(self, f"Claims of cell {index}", here, AT_ITS_CELL)
    every = {s.text: witnesses[s.text] for s in sentences}
    yield from claims(self, "Claims at the end", every, AT_THE_END)


def claims(notebook, name, witnesses, kinds):
    due = {text: found for text, found in witnesses.items() if dict(found).keys() & kinds}
    if due:
        yield Claims.from_parent(notebook, name=name, witnesses=due, kinds=kinds)


class Claims(pytest.Item):
    """The witnesses of a cell's sentences, or those that are due at the end."""

    def __init__(self, *, witnesses, kinds, **settings):
        super().__init__(**settings)
        self.witnesses, self.kinds = witnesses, kinds
        self.came_up = vars(self.parent).setdefault("came_up", {})

    def runtest(self):
        lost = []
        held = {text: True for text, found in self.witnesses.items() if dict(found).keys() & ASKED}
        self.user_properties += [(CLAIMED, len(self.witnesses)), (HELD, held)]
        for sentence, found in self.witnesses.items():
            for kind, text in found:
                if kind == "given":
                    self.run(text)
            due = [(kind, text) for kind, text in found if kind in self.kinds]
            values = self.evaluate([EVALUATED.format(text) for _, text in due])
            came_up = self.came_up.setdefault(sentence, set())
            for (kind, text), value in zip(due, values):
                holds, numbers = json.loads(ast.literal_eval(value)) if value[0] == "'" else (0, [])
                came_up.update(numbers)
                if not holds:
                    lost.append(disagreement(sentence, text, self.evaluate))
                    if kind != THIS_RUN:
                        held[sentence] = False
            if self.kinds == AT_THE_END or not dict(found).keys() & AT_THE_END:
                lost += unsaid(sentence, found, came_up)
        if lost:
            raise LostWitnessError("\n\n".join(lost))

    def evaluate(self, expressions):
        """What each expression shows in the kernel; of one that fails, its error."""
        wanted = {str(number): text for number, text in enumerate(expressions)}
        results = self.run("", user_expressions=wanted)["user_expressions"]
        return [shown(results[number]) for number in wanted]

    def run(self, code, **more):
        client = self.parent.kernel.kc
        reply = client.execute(code, silent=True, reply=True, timeout=SECONDS, **more)["content"]
        if reply["status"] != "ok":
            raise LostWitnessError(f"{code}\n{reply['ename']}: {reply['evalue']}")
        return reply

    def repr_failure(self, excinfo, style=None):
        where = f"in {self.path.name}, {self.name}"
        if isinstance(excinfo.value, LostWitnessError):
            return f"A sentence and its witness disagree\n{where}\n\n{excinfo.value}"
        return f"{excinfo.exconly()}\n{where}"

    def reportinfo(self):
        return self.path, None, self.name


def unsaid(sentence, witnesses, numbers):
    """A line if numbers of a sentence neither stand in its witnesses nor come up there.

    Those of a sentence with a source, or a test elsewhere, may come from that.
    """
    if not dict(witnesses).keys() & {"source", "test"} and (
        missing := [*unnamed(sentence, numbers)]
    ):
        yield f"“{sentence}”\n    its witnesses neither name nor compute {', '.join(missing)}"


def disagreement(sentence, witness, evaluate):
    """A sentence, what it rests on, and what `evaluate` finds on the sides of that."""
    sides = operands_of(witness)
    whole, *values = evaluate([witness, *sides])
    shown = [f"    now: {side} = {value[:200]}" for side, value in zip(sides, values)]
    if not sides or "Error" in whole:
        shown.append(f"    now: {whole[:600]}")
    return "\n".join([f"“{sentence}”", f"    rests on: {witness}", *shown])


def operands_of(expression):
    """The sides of the comparisons in an expression, those within loops aside."""
    found, left = [], [ast.parse(expression, mode="eval").body]
    while left:
        node = left.pop(0)
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found += [ast.unparse(side) for side in sides if not isinstance(side, ast.Constant)]
        elif not isinstance(node, ast.comprehension | ast.Lambda | ast.GeneratorExp | ast.ListComp):
            left += ast.iter_child_nodes(node)
    return list(dict.fromkeys(found))


def shown(result):
    if result["status"] == "ok":
        return result["data"]["text/plain"]
    return f"{result['ename']}: {result['evalue']}"


def pytest_configure():
    IPyNbFile.collect = collect
