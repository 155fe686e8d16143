"""Code that Brian2 wrote for the numpy target, made to take less time over the same results.

Brian2 computes a group of one neuron on arrays of one number. The circuit's conductor is such a group: a hundred
statements at every step, more than half of the time of a simulation. On numbers in the place of arrays they take a
fifth of it, and sums, products and comparisons of float64 are the same on both, to the bit. What is not, or might not
be, is left as Brian2 wrote it: powers (NumPy squares an array, and asks the C library for the power of a number),
loops, and stores to parts of arrays.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from brian2 import BrianObject
    from brian2.codegen.codeobject import CodeObject

__all__ = ["run_of"]

ARRAY = "_array_"
"""What the names of the arrays of variables begin with, but for those that grow, which are left."""
STATEMENTS = "stateupdate"
"""Brian2's template of the code that runs statements for all neurons of a group."""


def run_of(obj: BrianObject) -> Callable[[], object]:
    """Return what runs an object for a time step: quicker than its own method where this does no more than run code.

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
    if code.template_name == STATEMENTS and obj.group.N == 1:
        of_one = {
            (name, value.dtype == np.float64)
            for name, value in code.namespace.items()
            if name.startswith(ARRAY) and np.shape(value) == (1,)
        }
        if found := _on_numbers(code.code.run, frozenset(of_one)):
            imports, statements = found
            exec(imports, code.namespace)  # once for all steps
            code.namespace |= PROVIDED
            return statements
    return code.compiled_code["run"]


@lru_cache(256)  # the same circuit is built for many sizes
def _on_numbers(source: str, of_one: frozenset[tuple[str, bool]]) -> tuple[CodeType, CodeType] | None:
    """Return what the code of a time step imports, and what it does, on numbers; None if the results might differ.

    Parameters
    ----------
    source : str
    of_one : frozenset
        Names of the arrays of one number, each with whether it is float64.
    """
    tree = ast.parse(source)
    if any(isinstance(node, ast.For | ast.Pow) for node in ast.walk(tree)):
        return None
    imports: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    writer = _AsNumbers(dict(of_one))
    statements = [writer.visit(node) for node in tree.body if node not in imports]
    if writer.differs:
        return None
    parts = (ast.fix_missing_locations(ast.Module(part, type_ignores=[])) for part in (imports, statements))
    first, second = (compile(part, "(on numbers)", "exec") for part in parts)
    return first, second


class _AsNumbers(ast.NodeTransformer):
    """Reads the one number of each array, and calls functions of numbers.

    Attributes
    ----------
    were_arrays : dict of str to bool
        Names that stood for arrays so far, whether of float64 as far as is known.
    differs : bool
        Whether something was stored or changed whose result might be another.
    """

    def __init__(self, of_one: dict[str, bool]) -> None:
        self.of_one = of_one
        self.were_arrays: dict[str, bool] = {}
        self.differs = False

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        (target,), value = node.targets, node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy":
            value = value.func.value
        if isinstance(target, ast.Subscript):
            stored = target.value.id if isinstance(target.value, ast.Name) else ""
            if not isinstance(target.slice, ast.Slice) or stored not in self.of_one:
                self.differs = True
            elif not self.of_one[stored]:  # numbers that are not whole are stored as those of an array are
                node.value = ast.Call(ast.Attribute(ast.Name("_numpy", ast.Load()), "asarray", ast.Load()), [value], [])
        elif isinstance(value, ast.Name) and value.id in self.of_one:
            self.were_arrays[ast.unparse(target)] = self.of_one[value.id]
            node.value = ast.Subscript(value, ast.Constant(0), ast.Load())
        elif any(name in self.were_arrays for name in _names(value)):
            self.were_arrays[ast.unparse(target)] = False
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign | ast.Assign:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and node.target.id in self.were_arrays:
            if self.were_arrays[node.target.id]:
                return node
            before = ast.Name(node.target.id, ast.Load())
            after = ast.BinOp(before, node.op, node.value)
            return ast.Assign([node.target], ast.Call(ast.Name("_number_in_place", ast.Load()), [before, after], []))
        self.differs = True
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        function = CALLED.get(ast.unparse(node.func))
        if function is _clip and any(name in self.were_arrays for bound in node.args[1:] for name in _names(bound)):
            function = _clip_by
        if function:
            node.func = ast.Name(f"_number{function.__name__}", ast.Load())
        return node


def _names(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _in_place(before: Any, after: Any) -> Any:
    """Change a number to one of its own kind, as an array is changed in place; a fraction is no whole number."""
    return np.asarray(after).astype(np.asarray(before).dtype, casting="same_kind")[()]


def _int(value: Any) -> Any:
    if value is np.True_:
        return ONE
    return ZERO if value is np.False_ else np.int32(value)


def _not(value: Any) -> Any:
    return np.False_ if value is np.True_ else np.True_ if value is np.False_ else np.logical_not(value)


def _clip(value: Any, low: Any, high: Any) -> Any:
    """Clip by numbers: what equals a bound stays, with its sign if it is 0."""
    if type(value) is not np.float64 or not low <= high:
        return np.clip(np.atleast_1d(value), low, high)[0]
    return np.float64(low) if value < low else np.float64(high) if value > high else value


def _clip_by(value: Any, low: Any, high: Any) -> Any:
    """Clip by what were arrays: what equals a bound becomes it, with its sign if it is 0."""
    if type(value) is not np.float64 or not low < value < high:
        return np.clip(np.atleast_1d(value), np.atleast_1d(low), np.atleast_1d(high))[0]
    return value


def _where(condition: Any, value: Any, other: Any) -> Any:
    if type(value) is type(other) is np.float64:
        return value if condition else other
    return np.where(condition, value, other)[()]


ZERO, ONE = np.int32(0), np.int32(1)
CALLED: dict[str, Callable[..., Any]] = {"int": _int, "logical_not": _not, "clip": _clip, "_numpy.where": _where}
"""What takes long on a number, by what Brian2's code calls it: each gives the number that NumPy gives in an array."""
PROVIDED = {f"_number{function.__name__}": function for function in (*CALLED.values(), _clip_by, _in_place)}
"""All that code on numbers may call, by the names that it calls them by."""
