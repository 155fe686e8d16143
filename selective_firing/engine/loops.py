"""How the loops over the synapses of a pathway may run, so that every number is still made by the same steps.

A presentation is mostly sums: over the inputs that are active, for all units; over all inputs, for each winner. In the
order in which Brian2 goes through them, every term is added to a number in memory. Where no statement reads what the
one before it has written, several events can be gone through together, and sums stay in registers meanwhile.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Loops", "loops_of"]

ADDS = re.compile(r"(\w+)_(pre|post) [-+]= .+")
"""A statement that adds to a number of the cell at one end."""
CHANGES = re.compile(r"(\w+) [-+*/]?= ")
ROWS, SUMS = 4, 5
"""Events gone through together: those that add to all cells at the other end, and those that sum over them."""
OTHER_END = {"pre": "post", "post": "pre"}


class Loops(NamedTuple):
    """How the loops of a pathway may run.

    Attributes
    ----------
    together : tuple of int
        Events to go through together: as many as there may be, then as many as are left.
    sums : tuple of str
        Variables of the presynaptic cell that an event only adds to.
    kept : tuple of str
        Variables of the presynaptic cell that an event of the other end leaves as they are.
    """

    together: tuple[int, ...] = (1,)
    sums: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Options of the compiler without which it would add sums in another order, or round where it did not.

        With them the last digits are what they were when sums stood in memory: GCC rounded one after each product, of
        several at once it did not.
        """
        if len(self.sums) == 1:
            return "no-tree-vectorize", "fp-contract=off"
        return ("no-tree-vectorize",) if self.sums else ()


def loops_of(code: str, n_sources: int, backward: bool) -> Loops:
    """Return how the loops of a pathway may run.

    Parameters
    ----------
    code : str
        Its statements, one a line.
    n_sources : int
        Cells at the presynaptic end.
    backward : bool
        Whether it is an event of the postsynaptic end.
    """
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    if backward:
        changed = {re.sub("_(pre|post)$", "", found[1]) for found in map(CHANGES.match, lines) if found}
        read = dict.fromkeys(re.findall(r"\b(\w+)_pre\b", code))
        return Loops(kept=tuple(f"{name}_pre" for name in read if name not in changed))
    added = [found for found in map(ADDS.fullmatch, lines) if found]
    ends = {found[2] for found in added}
    if len(added) < len(lines) or len(ends) != 1:
        return Loops()
    if any(re.search(rf"\b{found[1]}_{OTHER_END[found[2]]}\b", code) for found in added):
        return Loops()  # both ends may be the same cells, and a later event read what an earlier one wrote
    sums = tuple(f"{found[1]}_pre" for found in added) if ends == {"pre"} else ()
    return Loops((SUMS if sums else ROWS, 1) if n_sources > 1 else (1,), sums)
