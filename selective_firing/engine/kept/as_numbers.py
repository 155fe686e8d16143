"""Code that Brian2 wrote for the numpy target, made to take less time over the same results.

Brian2 computes a group of one neuron on arrays of one number. The circuit's conductor is such a group: a hundred
statements at every step, more than half of the time of a simulation. On numbers in the place of arrays they take a
fifth of it, and float64 arithmetic is the same on both, to the bit. Powers are not: NumPy squares an array, and asks
the C library for the power of a number. So squares are written as what NumPy makes of them, and code with other powers
is left as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container
from functools import lru_cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from brian2 import BrianObject
    from brian2.codegen.codeobject import CodeObject

__all__ = ["run_of"]

ARRAY = "_array_"
"""What the names of the arrays of variables begin with."""
TEMPLATES = ("stateupdate", "reset")
"""Brian2's of the code that runs statements, for all neurons of a group and for those with an event."""


def run_of(obj: BrianObject) -> Callable[[], object]:
    """Return what runs an object for a time step: quicker than its own method where this does no more than run code.

    What follows from an event is to be run only if there was one.

    Parameters
    ----------
    obj : BrianObject
        Whose code has been written.
    """
    from brian2 import BrianObject

    codes = obj.code_objects
    if type(obj).run is not BrianObject.run or any(code.nonconstant_values for code in codes):
        return obj.run
    runs = [partial(exec, _compiled(obj, code), code.namespace) for code in codes]
    if len(runs) == 1:
        return runs[0]

    def run() -> None:
        for one in runs:
            one()

    return run


def _compiled(obj: BrianObject, code: CodeObject) -> CodeType:
    """Return the code of a time step, on numbers if it is that of one neuron."""
    if code.template_name in TEMPLATES and obj.group.N == 1:
        of_one = {name for name, value in code.namespace.items() if name.startswith(ARRAY) and np.shape(value) == (1,)}
        if found := _on_numbers(code.code.run, frozenset(of_one)):
            imports, statements = found
            exec(imports, code.namespace)  # once for all steps
            code.namespace |= {CALLED[name]: function for name, function in FUNCTIONS.items()}
            return statements
    return code.compiled_code["run"]


@lru_cache(256)  # the same circuit is built for many sizes
def _on_numbers(source: str, of_one: frozenset[str]) -> tuple[CodeType, CodeType] | None:
    """Return what the code of a time step imports, and what it does on numbers of arrays of one, or None."""
    tree = ast.parse(source)
    powers = (node.right for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow))
    if not all(isinstance(power, ast.Constant) and power.value == 2 for power in powers):
        return None
    imports: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    statements = [_AsNumbers(of_one).visit(node) for node in tree.body if node not in imports]
    parts = (ast.fix_missing_locations(ast.Module(part, type_ignores=[])) for part in (imports, statements))
    first, second = (compile(part, "(on numbers)", "exec") for part in parts)
    return first, second


class _AsNumbers(ast.NodeTransformer):
    """Reads the one number of each array, and calls functions of numbers."""

    def __init__(self, of_one: Container[str]) -> None:
        self.of_one = of_one

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        value = node.value
        if ast.unparse(node.targets[0]) == "_idx":  # of those with an event
            node.value = ast.Constant(0)
            return node
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy":
            value = value.func.value
        if isinstance(value, ast.Name) and value.id in self.of_one:
            node.value = ast.Subscript(value, ast.Constant(0), ast.Load())
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp | ast.Call:
        self.generic_visit(node)
        square = ast.Attribute(ast.Name("_numpy", ast.Load()), "square", ast.Load())
        return ast.Call(square, [node.left], []) if isinstance(node.op, ast.Pow) else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = ast.unparse(node.func)
        if name in FUNCTIONS:
            node.func = ast.Name(CALLED[name], ast.Load())
        return node


def _int(value: Any) -> Any:
    if value is np.True_:
        return ONE
    return ZERO if value is np.False_ else np.int32(value)


def _not(value: Any) -> Any:
    return np.False_ if value is np.True_ else np.True_ if value is np.False_ else np.logical_not(value)


def _clip(value: Any, low: Any, high: Any) -> Any:
    if type(value) is not np.float64 or not low <= high:
        return np.clip(value, low, high)
    return np.float64(low) if value < low else np.float64(high) if value > high else value


def _where(condition: Any, value: Any, other: Any) -> Any:
    if type(value) is type(other) is np.float64:
        return value if condition else other
    return np.where(condition, value, other)[()]


ZERO, ONE = np.int32(0), np.int32(1)
FUNCTIONS: dict[str, Callable[..., Any]] = {"int": _int, "logical_not": _not, "clip": _clip, "_numpy.where": _where}
"""What takes long on a number, by what Brian2's code calls it: each does what NumPy's does."""
CALLED = {name: f"_of_a_number{function.__name__}" for name, function in FUNCTIONS.items()}
