"""How a circuit is put together from Brian2's groups: populations with events, synapses with pathways, start values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits.initial_values import Values
from selective_firing.circuits.time_step import ORDER, Event, Pathway

if TYPE_CHECKING:
    from brian2 import Clock, Group, Network, NeuronGroup, Synapses

__all__ = ["assemble", "every_step", "give", "join", "link", "make_tables", "on_event", "population"]


def population(
    size: int,
    model: str,
    *,
    name: str,
    clock: Clock,
    method: str | Callable[..., str],
    events: Mapping[str, Event],
    namespace: Mapping[str, Any] | None = None,
    order: int = 0,
) -> NeuronGroup:
    """Return a group of neurons; `model`, with its comments, and the events' flags stay with it: `text`, `flags`.

    Parameters
    ----------
    size : int
    model : str
    name : str
    clock : Clock
    method : str
    events : Mapping[str, Event]
    namespace : mapping, optional
    order : int, optional
    """
    import brian2 as b2

    group = b2.NeuronGroup(
        size, model, method=method, events={event: when.condition for event, when in events.items()}, clock=clock,
        namespace=dict(namespace or {}), order=order, name=name,
    )  # fmt: skip
    for attribute, value in (("text", model), ("flags", {event: when.flag for event, when in events.items()})):
        group.add_attribute(attribute)
        setattr(group, attribute, value)
    for event, when in events.items():
        if when.order is not None:
            group.set_event_schedule(event, when="synapses", order=when.order)
    return group


def join(
    source: Group, target: Group, pathways: Mapping[str, Pathway], *, name: str, clock: Clock, model: str = "",
    namespace: Mapping[str, Any] | None = None,
) -> Synapses:  # fmt: skip
    """Return synapses from all to all, without delay.

    Parameters
    ----------
    source : Group
    target : Group
    pathways : Mapping[str, Pathway]
    name : str
    clock : Clock
    model : str, optional
    namespace : mapping, optional
    """
    import brian2 as b2

    sides = {
        side: {path: _statements(way.code) for path, way in pathways.items() if way.backward == (side == "on_post")}
        for side in ("on_pre", "on_post")
    }
    made = b2.Synapses(
        source, target, model, on_event={path: way.event for path, way in pathways.items()},
        delay={path: 0 * b2.ms for path in pathways}, name=name, clock=clock, namespace=dict(namespace or {}),
        **{side: code for side, code in sides.items() if code},
    )  # fmt: skip
    for path, way in pathways.items():
        pathway = getattr(made, path)
        pathway.order = way.order
        pathway.add_attribute("text")
        pathway.text = way.code
    made.connect()
    return made


def link(group: NeuronGroup, conductor: NeuronGroup, *names: str, **renamed: str) -> None:
    """Let `group` read variables of `conductor`, the group of one that leads from stimulus to stimulus.

    `renamed` has those that are called otherwise in `group`: ``here="there"``.

    Parameters
    ----------
    group : NeuronGroup
    conductor : NeuronGroup
    *names : str
    **renamed : str
    """
    import brian2 as b2

    for name, there in (dict(zip(names, names, strict=True)) | renamed).items():
        setattr(group, name, b2.linked_var(conductor, there))


def on_event(group: NeuronGroup, event: str, order: ORDER, code: str) -> None:
    """Run `code` for the members of `group` with an `event`, as number `order` in the time step."""
    group.run_on_event(event, _statements(code), when="synapses", order=order)
    group.resetter[event].text = code


def every_step(group: NeuronGroup, code: str, *, when: str, order: int = 0, name: str) -> None:
    """Run `code` for all members of `group` in every time step.

    Parameters
    ----------
    group : NeuronGroup
    code : str
    when : str
    order : int, optional
    name : str
    """
    runner = group.run_regularly(_statements(code), when=when, order=order, clock=group.clock, name=name)
    runner.text = code


def _statements(code: str) -> str:
    """Return `code` without the lines that are comments, which Brian2 takes in equations only."""
    return "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("#"))


def make_tables(stimuli: np.ndarray, peaks: bool = False) -> dict[str, Any]:
    """Return the stimuli, and their peaks if these are wanted, as tables looked up by number."""
    import brian2 as b2

    tables = {"stimuli": stimuli} | ({"peaks": np.abs(stimuli).max(axis=1)} if peaks else {})
    return {name: b2.TimedArray(table, dt=1 * b2.second, name=name) for name, table in tables.items()}


def assemble(objects: list[Any], values: Values) -> Network:
    """Return the network of `objects`, in which every variable has the value that is given as ``object.variable``.

    Parameters
    ----------
    objects : list[Any]
    values : mapping
    """
    import brian2 as b2

    network = b2.Network(objects, name="circuit*")  # a name of its own: "network" is for the user's
    give(network, values)
    return network


def give(network: Network, values: Values) -> None:
    """Give every variable of `network` the value that is given as ``object.variable``.

    Parameters
    ----------
    network : Network
    values : mapping
    """
    for name, value in values.items():
        owner, variable = name.split(".")
        setattr(network[owner], f"{variable}_", value)  # the underscore: plain SI numbers
