"""The rate circuit as a Brian2 network: a hidden layer whose k winners are left over by inhibition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selective_firing import equations as eqs
from selective_firing.checks import check_count, check_patterns
from selective_firing.parameters import RateParameters
from selective_firing.settings import EXPLODED, NOISE_ROWS, settings
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["Setup", "build", "describe", "stop_when_done"]


@dataclass(frozen=True)
class Setup:
    """What a network made by `build` was made for; kept as its attribute `setup`."""

    weights: Weights
    patterns: np.ndarray
    k: int
    parameters: RateParameters
    learning_rate: float


def build(
    weights: Weights,
    patterns: np.ndarray,
    parameters: RateParameters | None = None,
    *,
    k: int,
    learning_rate: float = 0.0,
    homeostasis: float = 0.0,
    tied: bool = True,
    rng: np.random.Generator | None = None,
) -> Network:
    """Return the circuit as a Brian2 network for you to extend, on a runtime target.

    Add monitors, noise, delays or lesions, then `run` it for any time long enough: it stops when all `patterns`
    have been presented. `simulate.read` turns it into a `Response`.

    Parameters
    ----------
    weights : Weights
    patterns : array-like of shape (n_samples, n_inputs)
    parameters : RateParameters, optional
    k : int
        Number of winners.
    learning_rate, homeostasis : float
    tied : bool
    rng : numpy.random.Generator, optional
        Source of threshold heterogeneity and noise.

    Raises
    ------
    TypeError, ValueError
        If `k` or the patterns do not fit the weights.

    Examples
    --------
    >>> network = build(model.weights_, X, k=10)  # doctest: +SKIP
    >>> network["hidden"].background[:20] = -1e9  # a lesion: nothing can excite these cells
    >>> network.run(60 * second)  # doctest: +SKIP
    """
    parameters = parameters or RateParameters()
    patterns = check_patterns(patterns, weights.n_inputs)
    k = check_count("k", k, at_most=weights.n_hidden)
    rng = rng or np.random.default_rng(0)
    values = settings(
        weights, parameters, k=k, n_presentations=len(patterns), learning_rate=(learning_rate, 0.0),
        homeostasis=homeostasis, tied=tied, rng=rng,
    )  # fmt: skip
    network = describe(patterns, values, dt=parameters.dt)
    stop_when_done(network)
    network.setup = Setup(weights, patterns, k, parameters, learning_rate)
    return network


def stop_when_done(network: Network) -> None:
    """Let a network on a runtime target stop by itself after its last presentation, or when learning explodes."""
    import brian2 as b2

    presentation, diverged = (
        network["inhibition"].variables[name].get_value() for name in ("presentation", "diverged")
    )
    n_presentations = network["inhibition"].n_presentations_

    def stop_if_done() -> None:
        if presentation[0] >= n_presentations or diverged[0]:
            network.stop()

    clock = network["inhibition"].clock
    network.add(b2.NetworkOperation(stop_if_done, clock=clock, when="end", name="stop_when_done"))


def describe(
    stimuli: np.ndarray,
    values: dict[str, float | np.ndarray],
    *,
    dt: float,
) -> Network:
    """Return the circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["inhibition"]``, the
    synapses ``net["w_in"]``, ``net["w_out"]`` and the monitors ``net["winners"]``, ``net["decisions"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : dict
        What `settings` returned.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy = "noise.values" in values
    n_inputs, n_hidden = values["stimulus.x_mean"].size, values["hidden.b"].size
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = {"stimuli": b2.TimedArray(stimuli, dt=1 * b2.second, name="stimuli")}
    if noisy:
        tables["noise"] = b2.TimedArray(values["noise.values"], dt=1 * b2.second, name="noise")
    inhibition = b2.NeuronGroup(
        1, eqs.INHIBITION, method="euler", events={"decide": "fresh"}, clock=clock, order=1,
        namespace={"NOISE_ROWS": NOISE_ROWS, "EXPLODED": EXPLODED}, name="inhibition",
    )  # fmt: skip
    stimulus = b2.NeuronGroup(
        n_inputs,
        eqs.STIMULUS,
        events={"onset": "fresh and x != 0"},
        clock=clock,
        namespace={},
        name="stimulus",
    )
    hidden = b2.NeuronGroup(
        n_hidden,
        eqs.HIDDEN.format(kick=" + kick" if noisy else "") + (eqs.NOISY if noisy else ""),
        method="exact",
        events={
            "flip": "(firing == 1) != (u > (1 - subtractive) * sensitivity * z)",
            "win": "fresh and firing == 1",
            "learn": "fresh and firing == 1 and plastic > 0",
        },
        clock=clock, namespace=tables, name="hidden",
    )  # fmt: skip
    for group, names in (
        (stimulus, ["fresh"]),
        (hidden, ["z", "fresh", "rate_of_learning", "err_on_mean", "stimulus_on_mean"]),
    ):
        for name in names + (["contrast", "row"] if noisy and group is hidden else []):
            setattr(group, name, b2.linked_var(inhibition, name))
    if noisy:
        hidden.run_regularly(
            "kick = kick_amplitude * contrast * noise(row * second, i)",
            when="start",
            clock=clock,
            name="membrane_noise",
        )
    objects = [inhibition, stimulus, hidden, *_wire(stimulus, hidden, inhibition, tables, clock)]
    network = b2.Network(objects)
    for name, value in values.items():
        owner, variable = name.split(".")
        if owner != "noise":
            setattr(network[owner], f"{variable}_", value)  # the underscore: plain SI numbers
    return network


def _wire(stimulus, hidden, inhibition, tables, clock) -> list:
    """Return the synapses and monitors; `order` is the sequence of events within one time step."""
    import brian2 as b2

    def synapses(source, target, model="", *, events: dict[str, tuple], post=(), name: str, **options):
        """Join all to all; `events` maps a pathway to (order, event, code); `post` names the backward ones."""
        sides = {
            side: {path: code for path, (_, _, code) in events.items() if (path in post) == (side == "on_post")}
            for side in ("on_pre", "on_post")
        }
        made = b2.Synapses(
            source, target, model, on_event={path: event for path, (_, event, _) in events.items()},
            delay={path: 0 * b2.ms for path in events}, clock=clock, name=name,
            **{side: code for side, code in sides.items() if code}, **options,
        )  # fmt: skip
        for path, (order, _, _) in events.items():
            getattr(made, path).order = order
        made.connect()
        return made

    def on_event(group, event: str, order: int, code: str) -> None:
        group.run_on_event(event, code, when="synapses", order=order)

    recruit = synapses(
        hidden, inhibition, name="recruit",
        events={"count": (0, "flip", eqs.RECRUIT)},
    )  # fmt: skip
    on_event(hidden, "flip", 2, "recruited = 1; firing = 1 - firing")
    inhibition.run_regularly(eqs.COMPETE, when="synapses", order=4, clock=clock, name="compete")
    for group, event in ((inhibition, "decide"), (hidden, "win"), (hidden, "learn")):
        group.set_event_schedule(event, when="synapses", order=6)
    w_out = synapses(
        hidden, stimulus, "w : 1", name="w_out",
        events={
            "predict": (8, "win", "err_post -= w * drive_pre"),
            "feedback": (14, "learn", "delta_pre += w * err_post"),
            "learn_out": (18, "learn", "w += hebb_pre * err_post + tied_pre * echo_pre * (x_post - x_mean_post)"),
        },
    )  # fmt: skip
    on_event(hidden, "learn", 16, eqs.LEARN)
    w_in = synapses(
        stimulus, hidden, "w : 1", name="w_in", post=("learn_in",),
        events={
            "present": (26, "onset", "drive_post += w * x_pre"),
            "learn_in": (18, "learn", "w += tied_post * hebb_post * err_pre + echo_post * (x_pre - x_mean_pre)"),
        },
    )  # fmt: skip
    survey = synapses(
        inhibition, stimulus, name="survey", namespace=tables,
        events={
            "score": (10, "decide", eqs.SCORE),
            "clear": (19, "decide", eqs.CLEAR),
            "load": (20, "decide", eqs.LOAD),
            "gauge": (21, "decide", "power_pre += err_post ** 2"),
        },
    )  # fmt: skip
    on_event(inhibition, "decide", 22, eqs.ONSET)
    restart = synapses(
        inhibition, hidden, name="restart",
        events={
            "homeostasis": (23, "decide", eqs.ADAPT),
            "reset": (24, "decide", eqs.RESET),
            "inhibit": (25, "decide", "u_post -= subtractive_post * sensitivity_post * tonic_pre"),
        },
    )  # fmt: skip
    stimulus.set_event_schedule("onset", when="synapses", order=25)
    at = {"when": "synapses", "order": 12}
    winners = b2.EventMonitor(hidden, "win", ["drive"], name="winners", **at)
    decisions = b2.EventMonitor(inhibition, "decide", eqs.DECISION, name="decisions", **at)
    return [recruit, w_out, w_in, survey, restart, winners, decisions]
