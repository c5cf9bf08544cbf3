"""Mutants of `helpers`: every single small change that mutmut's operators make to its code.

Used are the changes that a program may survive: another operator, number, name or condition, an
argument left out. What breaks at once (None for a value) is left out, and so is text that only
people read: docstrings, error messages, sentences; and lists of more than ten numbers, which are
data. `helpers.quiet` is left out: its mutants play with the file descriptors of the test run.
mutmut's own runner is not used: it adds a frame to every call, and warnings then seem to come
from another place; it also passes over decorated functions.
"""

import difflib
from itertools import islice

import libcst
from fault_catalogue import ROOT, TESTS, Fault
from libcst import matchers
from mutmut.mutation import mutators


def arguments_left_out(call):
    """Without one of the named arguments, or the last of the others."""
    named = [argument for argument in call.args if argument.keyword or argument.star]
    others = [argument for argument in call.args if argument not in named]
    if len(call.args) > 1:
        for left_out in [*others[-1:], *named]:
            yield call.with_changes(args=[kept for kept in call.args if kept is not left_out])


def another_string(string):
    yield from islice(mutators.operator_string(string), 1)


OPERATORS = [
    (libcst.BaseNumber, mutators.operator_number),
    (libcst.BaseString, another_string),
    (libcst.Name, mutators.operator_name),
    (libcst.UnaryOperation, mutators.operator_remove_unary_ops),
    (libcst.Call, arguments_left_out),
    (libcst.Call, mutators.operator_symmetric_string_methods_swap),
    (libcst.AugAssign, mutators.operator_augmented_assignment),
    (libcst.CSTNode, mutators.operator_keywords),
    (libcst.CSTNode, mutators.operator_swap_op),
    (libcst.IfExp, mutators.operator_if_exp),
]
LARGEST_LIST = 10


class Collector(libcst.CSTVisitor):
    """Collects (name of the function, node, changed node)."""

    def __init__(self):
        self.place, self.prose, self.changes = [], set(), []

    def on_visit(self, node):
        if isinstance(node, libcst.FunctionDef | libcst.ClassDef):
            self.place.append(node.name.value)
        if isinstance(node, libcst.Raise | libcst.ConcatenatedString):
            self.prose.update(matchers.findall(node, matchers.SimpleString()))
        if isinstance(node, libcst.SimpleString) and node.raw_value.endswith("."):
            self.prose.add(node)
        if isinstance(node, libcst.List) and len(node.elements) > LARGEST_LIST:
            return False
        if node not in self.prose:
            for kind, operator in OPERATORS:
                if isinstance(node, kind):
                    place = ".".join(self.place)
                    self.changes += [(place, node, changed) for changed in operator(node)]
        return True

    def on_leave(self, node):
        if isinstance(node, libcst.FunctionDef | libcst.ClassDef):
            self.place.pop()


def mutants():
    """A `Fault` for each mutant of the modules in `TESTS`."""
    found = {}
    for module, tests in TESTS.items():
        file = f"helpers/{module}.py"
        code = (ROOT / file).read_text(encoding="utf-8")
        tree, collector = libcst.parse_module(code), Collector()
        tree.visit(collector)
        for place, node, changed in collector.changes:
            mutated = tree.deep_replace(node, changed).code
            name = ".".join(filter(None, [module, place])) + f": {difference(code, mutated)}"
            name += " (again)" * sum(known.startswith(name) for known in found)
            if compiles(mutated):
                found[name] = Fault(name, file, code, mutated, tests)
    return list(found.values())


def difference(old, new):
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0))[2:]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return f"`{before}` → `{after}`"


def compiles(code):
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True
