"""Networks of the numpy target that are kept: built once per shape, then given other values, other stimuli, and run.

To build one takes 0.5 to 2 s, as Brian2 writes its code anew for each; to give it other values takes some milliseconds.
A kept network is run by a loop of our own, which does what that of Brian2 does, but for objects of which is known that
they would do nothing in this step: a test for an event that cannot happen, and what follows from an event that did not.
Most of a circuit waits for its decision, so a time step takes a fraction of the time. Results are the same to the bit.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits.initial_values import Values
from selective_firing.circuits.network import give, make_tables
from selective_firing.engine.build_key import BuildKey
from selective_firing.engine.kept.as_numbers import run_of

if TYPE_CHECKING:
    from brian2 import BrianObject, Network

__all__ = ["KeptNetwork", "ready"]

MOST_KEPT = 8
"""Networks at a time; the one that was used least recently goes first."""
MOST_SYNAPSES = 100_000
"""Of a network that is kept, from inputs to hidden units; it takes about 5 MB. Larger ones are slow to run anyway."""

_kept: OrderedDict[Hashable, KeptNetwork] = OrderedDict()


@contextlib.contextmanager
def ready(
    shape: BuildKey, stimuli: np.ndarray, values: Values, watch: Callable[[Network], None] | None = None
) -> Iterator[KeptNetwork]:
    """Lend a network of this shape that is ready to run, in a session borrowed for the numpy target.

    Nobody else has it meanwhile. It is kept afterwards, unless something was raised: then its state is unknown.

    Parameters
    ----------
    shape : BuildKey
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : mapping
        Of `initial_values`.
    watch : callable, optional
        Adds monitors to a network that is built.
    """
    key = _key(shape, values, watch)
    network = _kept.pop(key, None) or KeptNetwork(shape, values, watch)
    network.start(stimuli, values)
    yield network
    if shape.n_inputs * shape.n_hidden <= MOST_SYNAPSES:
        network.forget()
        _kept[key] = network
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def _key(shape: BuildKey, values: Values, watch: Callable[[Network], None] | None) -> Hashable:
    """Return all that a network's code depends on: it is for any number of stimuli, but for the user's preferences."""
    import brian2 as b2

    preferences = tuple(sorted((name, repr(value)) for name, value in b2.prefs.items()))
    return replace(shape, n_rows=0), frozenset(values), watch, preferences


class KeptNetwork:
    """A network that can be started and run many times, each time as if it were new.

    Parameters
    ----------
    shape : BuildKey
    values : mapping
        Of `initial_values`, for any stimuli.
    watch : callable, optional
        Adds monitors.

    Attributes
    ----------
    network : Network
    """

    def __init__(self, shape: BuildKey, values: Values, watch: Callable[[Network], None] | None = None) -> None:
        import brian2 as b2

        circuit = shape.circuit_module
        self.network: Network = circuit.make(np.zeros((1, shape.n_inputs)), values, dt=shape.dt)
        if watch is not None:
            watch(self.network)
        conductor = self.network[circuit.CONDUCTOR_NAME]
        self._clock = conductor.clock
        self._over = [conductor.variables[name].get_value() for name in ("presentation", "n_presentations", "diverged")]
        objects = self.network.sorted_objects
        self._tables = _tables(objects)
        self._starts = _starts([*objects, self._clock], values)
        self.network.run(0 * b2.second, namespace={})  # writes the code
        self._code = [code for obj in objects for code in obj.code_objects]
        self._steps = [step for obj in objects for step in _steps(obj)]

    def start(self, stimuli: np.ndarray, values: Values) -> None:
        """Make it as new, with these stimuli and values.

        Parameters
        ----------
        stimuli : ndarray of shape (n_presentations, n_inputs)
        values : mapping
            Of `initial_values`; of the same names as those that it was built with.
        """
        for variable, size, start in self._starts:
            if variable.dynamic:
                variable.resize(size)
            variable.set_value(start)
        give(self.network, values)
        self._look_up(stimuli)

    def run(self) -> None:
        """Run until the last presentation is over, or learning explodes."""
        for code in self._code:
            code.before_run()
        timestep, t, dt = (self._clock.variables[name].get_value() for name in ("timestep", "t", "dt"))
        presentation, n_presentations, diverged = self._over
        with np.errstate(over="ignore", invalid="ignore"):  # what explodes is told by `verify`
            while presentation[0] < n_presentations[0] and not diverged[0]:
                for run, flag, events in self._steps:
                    if flag is None:
                        if events is None or events[-1]:
                            run()
                    elif flag[0]:
                        run()
                    elif events is not None:
                        events[-1] = 0
                timestep[0] += 1
                t[0] = timestep[0] * dt[0]
        for code in self._code:
            code.after_run()

    def forget(self) -> None:
        """Let go of the stimuli, which may be large."""
        self._look_up(np.zeros((1, self.network["stimulus"].N)))

    def _look_up(self, stimuli: np.ndarray) -> None:
        """Let the code look up these stimuli, and constants as they are now, of which it has copies."""
        for name, table in make_tables(stimuli, peaks="peaks" in self._tables).items():
            self._tables[name].implementations = table.implementations
            self._tables[name].values = table.values
        for code in self._code:
            code.variables_to_namespace()


def _tables(objects: list[BrianObject]) -> dict[str, Any]:
    """Return the tables that the code looks up, by name."""
    import brian2 as b2

    found = [item for obj in objects for item in (getattr(obj, "namespace", None) or {}).items()]
    return {name: value for name, value in found if isinstance(value, b2.TimedArray)}


def _starts(owners: list[Any], values: Values) -> list[tuple[Any, Any, np.ndarray]]:
    """Return the variables that a run changes and that are not among `values`: each with its first size and values."""
    from brian2.core.variables import ArrayVariable

    return [
        (variable, variable.size, np.array(variable.get_value()))
        for owner in owners
        for name, variable in getattr(owner, "variables", {}).items()
        if isinstance(variable, ArrayVariable) and getattr(variable.owner, "name", None) == owner.name
        if not variable.constant and f"{owner.name}.{name}" not in values
    ]


def _steps(obj: BrianObject) -> Iterator[tuple[Callable[[], object], np.ndarray | None, np.ndarray | None]]:
    """Yield what an object does in a time step: how, the flag without which its events cannot happen, and its events.

    An object without a flag that has events is what follows from them. It does nothing without one: its synapses have
    no delay. Nothing is yielded if it never does anything.
    """
    from brian2 import EventMonitor
    from brian2.groups.neurongroup import Resetter, Thresholder
    from brian2.synapses.synapses import SynapticPathway

    run = run_of(obj)
    if isinstance(obj, Thresholder):
        flag = obj.group.flags[obj.event]
        variables = obj.group.variables
        looks = variables[flag].get_value() if flag else None
        yield run, looks, variables[f"_{obj.event}space"].get_value() if flag else None
    elif isinstance(obj, Resetter):
        yield run, None, obj.group.variables[f"_{obj.event}space"].get_value()
    elif isinstance(obj, EventMonitor | SynapticPathway):
        yield run, None, obj.source.variables[f"_{obj.event}space"].get_value()
    elif obj.code_objects:
        yield run, None, None
