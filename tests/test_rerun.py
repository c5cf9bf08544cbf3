"""Cells may be run again, and back and forth: what a cell finds does not depend on the way."""

import dis
from collections import Counter
from types import CodeType

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from project import NOTEBOOKS, code_cells


def names(code):
    """Names that a cell reads before it binds them, and names that it binds."""
    read, bound = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            bound.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            read |= {step.argval} - bound
        elif isinstance(step.argval, CodeType) and step.argval.co_name in COMPREHENSIONS:
            read |= names(step.argval)[0] - bound
    return read, bound


COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_name_that_another_cell_reads_is_bound_in_one_cell_alone(path):
    plain = TransformerManager().transform_cell
    cells = [compile(plain(s), path.name, "exec") for s in code_cells(path.name[:2])]
    read, bound = zip(*map(names, cells), strict=True)
    binders = Counter(name for some in bound for name in some)
    shared = set().union(*read)
    assert {name: count for name, count in binders.items() if count > 1 and name in shared} == {}
