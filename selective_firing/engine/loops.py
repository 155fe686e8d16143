"""How the loops over the synapses of a pathway may run, where Brian2's order is slow.

A presentation is mostly sums: over the inputs that are active, for all units; over all inputs, for each winner. Event
by event, every term is added to a number in memory. Where no statement reads what the one before it has written,
several events can be gone through together, with what they share, and sums stay in registers meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from brian2.core.variables import Variable
    from brian2.synapses.synapses import SynapticPathway

__all__ = ["Loops", "loops_of"]

ADDS = re.compile(r"(\w+) [-+]= (.+)")
CHANGES = re.compile(r"(\w+) [-+*/]?= ")
ROWS, SUMS = 4, 5
"""Events gone through together: those that add to all cells at the other end, and those that sum over them."""
PRE, POST, SYNAPSE = "_presynaptic_idx", "_postsynaptic_idx", "_idx"
"""Brian2's names for the index of a variable of either end, and of the synapse itself."""


class Loops(NamedTuple):
    """How the loops of a pathway may run.

    Attributes
    ----------
    blocks : tuple of int
        Events to go through together: as many as there may be, then as many as are left.
    sums : tuple of str
        Variables of the presynaptic cell that an event only adds to.
    kept : tuple of str
        Variables of the presynaptic cell that an event of the other end leaves as they are.
    """

    blocks: tuple[int, ...] = (1,)
    sums: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Options for GCC, which would otherwise add in another order what it finds in registers, not in memory.

        The second keeps last digits as they were on the machine on which they were compared: there GCC 12 rounded a
        single sum in memory after each product, too, several at once it did not.
        """
        if len(self.sums) == 1:
            return "no-tree-vectorize", "fp-contract=off"
        return ("no-tree-vectorize",) if self.sums else ()


def loops_of(pathway: SynapticPathway, variables: Mapping[str, Variable], indices: Mapping[str, str]) -> Loops:
    """Return how the loops of a pathway may run.

    Parameters
    ----------
    pathway : SynapticPathway
    variables : mapping of str to Variable
        What its statements read and write, by name: one array has several if the same cells are at both ends.
    indices : mapping of str to str
        By what each is indexed.
    """
    lines, n_sources = (
        [line.strip() for line in pathway.code.splitlines() if line.strip()],
        len(pathway.synapses.source),
    )
    arrays = {name: variable for name, variable in variables.items() if getattr(variable, "array", False)}
    changed = [found[1] for found in map(CHANGES.match, lines) if found]
    if pathway.prepost == "post":
        kept = (name for name in arrays if indices[name] == PRE and name not in changed)
        return Loops(kept=tuple(sorted(name for name in kept if _is_alone(name, arrays))))
    added = [found for found in map(ADDS.fullmatch, lines) if found]
    ends = {indices.get(found[1]) for found in added}
    if len(added) < len(lines) or not all(_is_alone(name, arrays) for name in changed):
        return Loops()
    if ends == {PRE}:
        return Loops((SUMS, 1) if n_sources > 1 else (1,), tuple(dict.fromkeys(changed)))
    # what every event adds alike a compiler may add once, as often, which is rounded otherwise
    own = {name for name in arrays if indices[name] in (PRE, SYNAPSE)}
    if ends == {POST} and n_sources > 1 and all(own & set(re.findall(r"\w+", found[2])) for found in added):
        return Loops((ROWS, 1))
    return Loops()


def _is_alone(name: str, arrays: Mapping[str, Variable]) -> bool:
    """Return whether no other name leads to the same array."""
    return name in arrays and [id(array) for array in arrays.values()].count(id(arrays[name])) == 1
