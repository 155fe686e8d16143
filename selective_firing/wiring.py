"""What both circuits share: one stimulus after the other, its prediction, the error, and learning at the synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing import equations as eqs

if TYPE_CHECKING:
    from brian2 import Clock, Group, Network, NeuronGroup, Synapses

__all__ = [
    "learning_paths",
    "link",
    "make_network",
    "make_stimulus",
    "make_tables",
    "on_event",
    "stop_when_done",
    "synapses",
]


def make_tables(stimuli: np.ndarray, values: dict[str, Any], peaks: bool = False) -> dict[str, Any]:
    """Return the stimuli, the noise if there is any, and the peaks of stimuli, as tables looked up by number."""
    import brian2 as b2

    tables = {"stimuli": stimuli} | ({"noise": values["noise.values"]} if "noise.values" in values else {})
    if peaks:
        tables["peaks"] = np.abs(stimuli).max(axis=1)
    return {name: b2.TimedArray(table, dt=1 * b2.second, name=name) for name, table in tables.items()}


def link(group: NeuronGroup, conductor: NeuronGroup, *names: str) -> None:
    """Let `group` read variables of `conductor`, the group of one that leads from stimulus to stimulus."""
    import brian2 as b2

    for name in names:
        setattr(group, name, b2.linked_var(conductor, name))


def on_event(group: Group, event: str, order: int, code: str) -> None:
    """Run `code` for the members of `group` with an `event`, as number `order` in the time step."""
    group.run_on_event(event, code, when="synapses", order=order)


def synapses(
    source: Group, target: Group, model: str = "", *, events: dict[str, tuple], post=(), name: str, **options
) -> Synapses:
    """Join all to all; `events` maps a pathway to (order, event, code); `post` names the backward ones."""
    import brian2 as b2

    sides = {
        side: {path: code for path, (_, _, code) in events.items() if (path in post) == (side == "on_post")}
        for side in ("on_pre", "on_post")
    }
    made = b2.Synapses(
        source, target, model, on_event={path: event for path, (_, event, _) in events.items()},
        delay={path: 0 * b2.ms for path in events}, name=name,
        **{side: code for side, code in sides.items() if code}, **options,
    )  # fmt: skip
    for path, (order, _, _) in events.items():
        getattr(made, path).order = order
    made.connect()
    return made


def make_stimulus(
    tables: dict[str, Any], conductor: NeuronGroup, clock: Clock, model: str = "", events: dict[str, str] | None = None,
    namespace: dict[str, Any] | None = None,
) -> NeuronGroup:  # fmt: skip
    """Return the inputs; `model`, `events` and `namespace` add to what they are and do."""
    import brian2 as b2

    stimulus = b2.NeuronGroup(
        len(tables["stimuli"].values[0]), eqs.STIMULUS + model, events={"onset": "fresh and x != 0"} | (events or {}),
        clock=clock, namespace=namespace or {}, name="stimulus",
    )  # fmt: skip
    link(stimulus, conductor, "fresh")
    stimulus.set_event_schedule("onset", when="synapses", order=25)
    return stimulus


PRESENT = (26, "onset", "drive_post += w * x_pre")
"""The pathway by which a stimulus drives the hidden layer, all of it at its onset."""


def learning_paths(
    stimulus: NeuronGroup,
    hidden: NeuronGroup,
    conductor: NeuronGroup,
    tables: dict[str, Any],
    clock: Clock,
    *,
    rate: str,
    onset: str,
    paths: dict[str, dict[str, tuple]],
    monitors: dict[str, list[str]],
    learn: str = eqs.LEARN,
    over: str = "decide",
) -> list:
    """Return the stimulus, and all that happens from one decision to the next onset, in this order.

    Parameters
    ----------
    stimulus, hidden, conductor : NeuronGroup
        The last two with the events "win" and "learn", and "decide".
    tables : dict
    clock : Clock
    rate : str
        Variable of `hidden` that is a winner's rate, in units of drive.
    onset : str
        Code of `conductor` at the onset of a stimulus.
    paths : dict of dict of tuple
        For the synapses "w_in", "w_out", "survey" (conductor to stimulus) and "restart" (conductor to hidden) the
        pathways that they have besides, or instead of those of that name.
    monitors : dict of str to list of str
        What is recorded of "decisions", and of "winners".
    learn : str
        Code of `hidden` before its synapses learn.
    over : str
        Event of `conductor` at which a code is scored and recorded.
    """
    import brian2 as b2

    for group, event in ((conductor, "decide"), (hidden, "win"), (hidden, "learn")):
        group.set_event_schedule(event, when="synapses", order=6)
    w_out = synapses(
        hidden, stimulus, "w : 1", name="w_out", clock=clock,
        events={
            "predict": (8, "win", f"err_post -= w * {rate}_pre"),
            "feedback": (14, "learn", "delta_pre += w * err_post"),
            "learn_out": (18, "learn", "w += hebb_pre * err_post + tied_pre * echo_pre * (x_post - x_mean_post)"),
        } | paths.get("w_out", {}),
    )  # fmt: skip
    on_event(hidden, "learn", 16, learn.format(rate=rate))
    w_in = synapses(
        stimulus, hidden, "w : 1", name="w_in", clock=clock, post=("learn_in",),
        events={
            "present": PRESENT,
            "learn_in": (18, "learn", "w += tied_post * hebb_post * err_pre + echo_post * (x_pre - x_mean_pre)"),
        } | paths.get("w_in", {}),
    )  # fmt: skip
    survey = synapses(
        conductor, stimulus, name="survey", clock=clock, namespace=tables,
        events={
            "score": (10, over, eqs.SCORE),
            "clear": (19, "decide", eqs.CLEAR),
            "load": (20, "decide", eqs.LOAD),
            "gauge": (21, "decide", "power_pre += err_post ** 2"),
        } | paths.get("survey", {}),
    )  # fmt: skip
    on_event(conductor, "decide", 22, onset)
    restart = synapses(
        conductor,
        hidden,
        name="restart",
        clock=clock,
        events={"homeostasis": (23, "decide", eqs.ADAPT)} | paths.get("restart", {}),
    )
    at = {"when": "synapses", "order": 12}
    winners = b2.EventMonitor(hidden, "win", monitors["winners"][1:], name="winners", **at)
    decisions = b2.EventMonitor(conductor, over, monitors["decisions"], name="decisions", **at)
    return [stimulus, w_out, w_in, survey, restart, winners, decisions]


def make_network(objects: list, values: dict[str, float | np.ndarray]) -> Network:
    """Return the network of `objects`, in which every variable has the value that is given as ``object.variable``."""
    import brian2 as b2

    network = b2.Network(objects)
    for name, value in values.items():
        owner, variable = name.split(".")
        if owner != "noise":  # a table
            setattr(network[owner], f"{variable}_", value)  # the underscore: plain SI numbers
    return network


def stop_when_done(network: Network, leader: str) -> None:
    """Let a network on a runtime target stop by itself after its last presentation, or when learning explodes."""
    import brian2 as b2

    presentation, diverged = (network[leader].variables[name].get_value() for name in ("presentation", "diverged"))
    n_presentations = network[leader].n_presentations_

    def stop_if_done() -> None:
        if presentation[0] >= n_presentations or diverged[0]:
            network.stop()

    clock = network[leader].clock
    network.add(b2.NetworkOperation(stop_if_done, clock=clock, when="end", name="stop_when_done"))
