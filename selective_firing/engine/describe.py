"""A circuit in words that a Brian2 user reads: what Brian2 really gets, taken from the network that is built.

Equations, events, synapses, the order of a time step and constants are read off the network, not written down twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits import cycles, lateral, lateral_learning, poisson, presentation
from selective_firing.circuits.initial_values import Draws, initial_values
from selective_firing.circuits.time_step import ORDER
from selective_firing.engine.build_key import CIRCUITS
from selective_firing.engine.session import borrowed_session
from selective_firing.parameters import PARAMETERS, CircuitParameters, RateParameters
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["describe"]

SLOTS = ("start", "groups", "thresholds", "after_thresholds", "synapses", "resets", "end")
"""Of Brian2's time step, in their order."""
SIZES = {"stimulus": "n_inputs", "hidden": "n_hidden"}
"""Of populations, where these depend on data or model."""
WIDTH = 46
"""Column at which comments begin."""


def describe(parameters: CircuitParameters | None = None) -> str:
    """Return the circuit as Brian2 gets it: populations, synapses, and one time step in its order.

    Parameters
    ----------
    parameters : RateParameters or SpikingParameters, optional
        They choose the circuit and its options; the rate circuit with its defaults if not given.

    Returns
    -------
    str
        Per population its equations with units and meanings, each linked variable with its source and each constant
        with its value (or what it depends on), and its events; the synapses; and everything that happens in a time
        step, in order.

    Examples
    --------
    >>> from selective_firing import describe
    >>> print(describe())  # doctest: +SKIP
    """
    parameters = parameters or RateParameters()
    with borrowed_session("numpy"):
        network, other = _example(parameters, 3, 1.0), _example(parameters, 4, 2.0)
        meanings = {f.name: f.metadata["meaning"] for f in fields(parameters)}
        populations = _populations(network, other, meanings)
        return "\n".join([*_head(parameters), *populations, *_synapses(network), *_looked_up(network), *_step(network)])


def _example(parameters: CircuitParameters, n: int, scale: float) -> Network:
    """Return a small network; what differs between two of them is not the circuit's own."""
    w = scale * np.eye(n, n - 1)
    weights = Weights(w, w, np.full(n, scale), np.full(n - 1, scale), scale)
    values = initial_values(
        weights, parameters, k=n - 1, n_presentations=n, learning_rate=(0.1 * scale, -0.01 * scale),
        homeostasis=0.1 * scale, first_number=n,
        draws=Draws.of(parameters, n, np.random.default_rng(n)),
    )  # fmt: skip
    network = CIRCUITS[parameters.circuit].make(np.ones((n, n - 1)), values, dt=parameters.dt)
    for obj in network.sorted_objects:
        obj._network = network.name  # as when it is run; else Brian2 warns of objects that are in no network
    return network


def _head(parameters: CircuitParameters) -> list[str]:
    """Return what kind of circuit this is, which constants are not the defaults, and the idea of it."""
    default = PARAMETERS[parameters.circuit]()
    changed = [f"{name}={v!r}" for name, v in parameters.as_dict().items() if getattr(default, name) != v]
    is_lateral = isinstance(parameters, RateParameters) and parameters.is_lateral
    options = {
        cycles: parameters.competitions > 1 and not is_lateral, lateral: is_lateral, lateral_learning: is_lateral,
        poisson: getattr(parameters, "input", "current") == "poisson",
    }  # fmt: skip
    ideas = [CIRCUITS[parameters.circuit], presentation, *(module for module, used in options.items() if used)]
    return [
        f"{type(parameters).__name__}({', '.join(changed)}), dt = {parameters.dt:g} ms",
        *(f"\n{(module.__doc__ or '').strip()}" for module in ideas),
        "\nConstants are shown with their values; (set): by weights, data, k, learning rate or seed. State variables "
        "start at 0 but where a value is shown.",
    ]


def _populations(network: Network, other: Network, meanings: Mapping[str, str]) -> Iterator[str]:
    """Yield every population: its equations, with values and sources, and its events."""
    import brian2 as b2

    groups = (obj for obj in network.objects if isinstance(obj, b2.NeuronGroup))
    for group in sorted(groups, key=lambda group: (group.name not in SIZES, group.name)):
        yield ""
        method = getattr(group.method_choice, "__name__", group.method_choice)
        moved = f", integrated by {method}" if group.equations.diff_eq_names else ""
        yield f"Population {group.name}: {SIZES.get(group.name, len(group))} x{moved}"
        for line in group.text.splitlines():
            if line.strip():
                yield f"    {_annotated(line, group, other[group.name], meanings)}"
        yield "  events"
        yield from (f"    {event:<8} {condition}" for event, condition in group.events.items())


def _annotated(line: str, group: Any, other: Any, meanings: Mapping[str, str]) -> str:
    """Return an equation with what is known of its variable: its source or value, its meaning."""
    equation, _, meaning = (part.strip() for part in line.partition("#"))
    name = equation.partition(":")[0].partition("=")[0].strip()
    known = ""
    if "(linked)" in equation:
        source = group.variables[name]
        known = f"= {source.owner.name}.{source.name}"
    elif "constant)" in equation:
        value, another = (population.variables[name].get_value() for population in (group, other))
        own = np.size(value) == 1 and np.array_equal(value, another)
        known = f"= {_quantity(group, name)}" if own else "(set)"
        meaning = meaning or meanings.get(name, "")
    elif "=" not in equation.partition(":")[0] or "/dt" in equation:
        known = _start(group, other, name.removeprefix("d").removesuffix("/dt") if "/dt" in name else name)
    words = (" " if known == "(set)" else "; ").join(part for part in (known, meaning) if part)
    return f"{equation:<{WIDTH}}  # {words}" if words else equation


def _start(group: Any, other: Any, name: str) -> str:
    """Return where a state variable starts, if not at 0."""
    one, another = (np.unique(population.variables[name].get_value()) for population in (group, other))
    if not one.any():
        return ""
    return f"starts at {_quantity(group, name)}" if one.size == 1 and np.array_equal(one, another) else "(set)"


def _quantity(group: Any, name: str) -> str:
    """Return the value of a constant with its unit."""
    import brian2 as b2

    variable = group.variables[name]
    value = float(np.ravel(variable.get_value())[0])
    if variable.dim.is_dimensionless:
        return f"{value:g}"
    quantity = b2.Quantity.with_dimensions(value, variable.dim)
    unit = quantity.get_best_unit()
    return f"{float(quantity / unit):g} {unit}"


def _synapses(network: Network) -> Iterator[str]:
    """Yield which population reaches which."""
    import brian2 as b2

    yield ""
    yield "Synapses, from all to all, without delay"
    made_all = (obj for obj in network.objects if isinstance(obj, b2.Synapses))
    for made in sorted(made_all, key=lambda made: min(path.order for path in made._pathways)):
        model = " ".join(str(made.equations).split())
        own = f", {model}" if model else ""
        paths = ", ".join(path.objname for path in made._pathways)
        yield f"    {made.name}: {made.source.name} -> {made.target.name}{own}; {paths}"


def _looked_up(network: Network) -> Iterator[str]:
    """Yield the names in the code that are no variables: constants, tables, functions."""
    import brian2 as b2

    found: dict[str, Any] = {}
    for obj in network.objects:
        found |= getattr(obj, "namespace", None) or {}
    yield ""
    yield "Names that the code looks up"
    for name, value in sorted(found.items()):
        if isinstance(value, b2.TimedArray):
            yield f"    {name}: a TimedArray, one row per stimulus (of a second: looked up by number * second)"
        elif isinstance(value, b2.core.functions.Function):
            yield f"    {name}: {(value.pyfunc.__doc__ or 'a function').strip().splitlines()[0]}"
        elif not isinstance(value, b2.Unit):
            yield f"    {name} = {value}"


def _step(network: Network) -> Iterator[str]:
    """Yield all that happens in a time step, in order."""
    yield ""
    yield "One time step, in its order (labels in the synapses slot are names of order numbers)"
    steps = [step for obj in network.sorted_objects for step in _what(obj)]
    for slot in SLOTS:
        here = sorted((order, number, words) for number, (when, order, words) in enumerate(steps) if when == slot)
        if here:
            yield f"  {slot}"
        for order, _, words in here:
            place = f"{ORDER(order).name.lower():<18}" if slot == "synapses" else ""
            first, *more = words
            yield f"    {place}{first}"
            yield from (f"    {' ' * len(place)}    {line}" for line in more)


def _what(obj: Any) -> Iterator[tuple[str, int, list[str]]]:
    """Yield slot, order and words of what an object of the network does in a time step; nothing if it does nothing."""
    from brian2 import EventMonitor
    from brian2.groups.group import CodeRunner
    from brian2.groups.neurongroup import Resetter, StateUpdater, Thresholder
    from brian2.synapses.synapses import SynapticPathway

    if isinstance(obj, StateUpdater):
        if moved := sorted(obj.group.equations.diff_eq_names):
            yield obj.when, obj.order, [f"{obj.group.name}: integrates {', '.join(moved)}"]
    elif isinstance(obj, Thresholder):
        yield obj.when, obj.order, [f"{obj.group.name}: test for {obj.event}"]
    elif isinstance(obj, EventMonitor):
        yield (
            obj.when,
            obj.order,
            [f"{obj.name}: {', '.join(sorted(set(obj.record_variables) - {'i', 't'}))} of {obj.source.name} recorded"],
        )
    elif isinstance(obj, SynapticPathway):
        side = obj.synapses.source if obj.prepost == "pre" else obj.synapses.target
        title = f"{obj.synapses.name}.{obj.objname}, on {obj.event} of {side.name}"
        yield obj.when, obj.order, [title, *_lines(obj.text)]
    elif isinstance(obj, Resetter):
        yield obj.when, obj.order, [f"{obj.group.name}, on {obj.event}", *_lines(obj.text)]
    elif isinstance(obj, CodeRunner) and hasattr(obj, "text"):
        yield obj.when, obj.order, [f"{obj.group.name}, in every step", *_lines(obj.text)]


def _lines(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if line.strip()]
