"""The rate circuit: a hidden layer whose k winners are left over by inhibition.

Hidden units are driven by the stimulus, ``drive = w_in . (x - x_mean) + b``, and share one time constant. One pool of
inhibition counts the active ones, n, and moves its level z until n = k:

    tau_m du/dt = drive - z - u         a unit is active while u > 0    (subtractive inhibition, the default)
    tau_m du/dt = drive - u             a unit is active while u > z    (threshold inhibition)
    d tonic/dt = g e / tau_i            e = (n - k) / (n + k); once per loop time the gain g is halved if e changed its
                                        sign, and else multiplied by gain_growth
    z = tonic + phasic_time d tonic/dt  makes up for the membrane's lag: u = drive (1 - exp(-t / tau_m)) - tonic

Inhibition starts above every drive. As all membranes start alike and see one z, the active units are at every moment
the most driven ones (but for noise and unequal cells): when n = k they are the top k, and the competition is over. With
a delay the loop changes z for one loop time, waits until it sees the answer, and corrects itself again.

A winner's rate is its drive: inhibition selects, and takes nothing off the rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from selective_firing.circuits import cycles, lateral, pool, presentation, random_numbers
from selective_firing.circuits.initial_values import EXPLODED, Values
from selective_firing.circuits.lateral_learning import COPYING, LOCAL, lateral_objects
from selective_firing.circuits.network import assemble, every_step, join, link, make_tables, on_event, population
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during

if TYPE_CHECKING:
    from brian2 import Clock, Network, NeuronGroup

__all__ = ["CONDUCTOR_NAME", "make", "monitors"]

CONDUCTOR_NAME = "inhibition"
"""The group that leads from one stimulus to the next."""

MEMBRANE = """
du/dt = (drive - subtractive * sensitivity * z - u) / tau_m : 1
"""
NOISY_MEMBRANE = """
du/dt = (drive + kick - subtractive * sensitivity * z - u) / tau_m : 1
kick : 1                                # noise, drawn anew in every step
kick_amplitude : 1 (shared, constant)    # such that the membrane's standard deviation is `noise` times contrast
noise_seed : integer (shared, constant)
contrast : 1 (linked)
stimulus_number : integer (linked)
since_onset : integer (linked)
"""
"""In place of MEMBRANE, with noise."""
KICK = "kick = kick_amplitude * contrast * counter_normal(noise_seed, stimulus_number, since_onset, i)"
TAU, OWN_TAU = "tau_m : second (shared, constant)\n", "tau_m : second (constant)\n"
"""Of all units, or of each."""
HIDDEN = """
drive : 1                               # w_in . (x - x_mean) + b
firing : integer                        # 1 while the unit fires
recruited : integer                     # 1 once it has fired in this competition
z : 1 (linked)
subtractive : 1 (shared, constant)      # 1: inhibition acts on the membrane; 0: it sets the threshold
"""
"""Besides its membrane and `presentation.LEARNER`."""
RATE = """
rate = drive : 1                        # of a winner: inhibition selects it, and takes nothing off
"""
"""Both unless lateral synapses explain away."""

FLIP = "(firing == 1) != (u > (1 - subtractive) * sensitivity * z)"
"""A unit becomes active, or silent."""
FLIPPED = "recruited = 1; firing = 1 - firing"

RECRUIT = """
n_post += 1 - 2 * firing_pre
n_flips_post += 1
n_recruited_post += 1 - recruited_pre
"""

DECIDE = "at_onset = over"
"""With one competition per presentation, the next stimulus comes on when it is over."""

ONSET = f"""{presentation.NEXT}
start_level = bound * contrast + bias_bound
{pool.START}
n_flips = 0
n_recruited = 0
since_onset = 0
"""

RESET = """
drive_post = background_post
u_post = 0
firing_post = 0
recruited_post = 0
delta_post = 0
"""
INHIBIT = "u_post -= subtractive_post * sensitivity_post * tonic_pre"
"""Inhibition acts on the membranes, at the beginning of a competition."""
CONTROL_HIDDEN = presentation.CONTROL_HIDDEN | {
    "reset": Pathway(ORDER.RESET, "decide", RESET),
    "inhibit": Pathway(ORDER.INHIBIT, "decide", INHIBIT),
}

INHIBITION_EVENTS = {"decide": Event("at_onset", ORDER.DECIDE, "at_onset")}
HIDDEN_EVENTS = {
    "flip": Event(FLIP),
    "win": during("at_onset", "firing == 1", ORDER.DECIDE),
    "learn": during("at_onset", "firing == 1 and plastic > 0", ORDER.DECIDE),
}


def monitors(kind: str) -> dict[str, list[str]]:
    """Return what is recorded of each decision, and of each winner.

    Parameters
    ----------
    kind : str
        How the circuit explains away, as of `BuildKey`.
    """
    if kind not in ("", "cycles"):
        return lateral.MONITORS
    decisions = [
        "presentation", "n", "step", "tonic", "gain", "start_level", "squared_error", "n_flips", "n_recruited",
        "silent_steps", *(cycles.RECORDED if kind == "cycles" else ()),
    ]  # fmt: skip
    return {"decisions": decisions, "winners": ["i", "drive"]}


class _Option(NamedTuple):
    """What one way to explain away, or none, makes of the circuit."""

    inhibition: str
    inhibition_events: Mapping[str, Event]
    hidden: str
    hidden_events: Mapping[str, Event]
    counted: Mapping[str, Pathway]
    decide: str


ALONE = _Option(pool.WANTED, INHIBITION_EVENTS, RATE, HIDDEN_EVENTS, {}, DECIDE)
CYCLES = _Option(
    pool.WANTED + cycles.INHIBITION, cycles.INHIBITION_EVENTS, RATE + cycles.HIDDEN, cycles.HIDDEN_EVENTS,
    cycles.HIDDEN_TO_INHIBITION, cycles.DECIDE,
)  # fmt: skip
LATERAL = _Option(
    lateral.INHIBITION, lateral.INHIBITION_EVENTS, lateral.HIDDEN, lateral.HIDDEN_EVENTS,
    lateral.HIDDEN_TO_INHIBITION, lateral.DECIDE,
)  # fmt: skip


def make(stimuli: np.ndarray, values: Values, *, dt: float) -> Network:
    """Return the circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["inhibition"]``, the
    synapses ``net["w_in"]``, ``net["w_out"]``, ``net["lateral"]`` and the monitors ``net["winners"]``,
    ``net["decisions"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : mapping
        What `initial_values` returned for `RateParameters`.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy, is_lateral, local = (key in values for key in ("hidden.noise_seed", "lateral.w", "hidden.lateral_rate"))
    sums = "inhibition.per_input" in values
    option = LATERAL if is_lateral else CYCLES if "inhibition.n_cycles" in values else ALONE
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli)
    inhibition = population(
        1, pool.INHIBITION + presentation.CONDUCTOR + option.inhibition, name="inhibition", clock=clock, method="euler",
        events=option.inhibition_events, order=1, namespace={"EXPLODED": EXPLODED},
    )  # fmt: skip
    hidden = population(
        np.size(values["hidden.b"]),
        (NOISY_MEMBRANE if noisy else MEMBRANE) + HIDDEN + presentation.LEARNER + option.hidden
        + (OWN_TAU if np.ndim(values["hidden.tau_m"]) else TAU)
        + (LOCAL if local else COPYING if is_lateral else ""),
        name="hidden", clock=clock, method="exact",
        namespace={"counter_normal": random_numbers.functions()["counter_normal"]} if noisy else {},
        events={"flip": Event(FLIP)} | dict(option.hidden_events),
    )  # fmt: skip
    link(hidden, inhibition, "z", "at_onset", "err_on_mean", "stimulus_on_mean")
    if noisy:
        link(hidden, inhibition, "contrast", "stimulus_number", "since_onset")
        every_step(hidden, KICK, when="start", name="membrane_noise")
    on_event(hidden, "flip", ORDER.FLIP, FLIPPED)
    every_step(inhibition, pool.COMPETE + option.decide, when="synapses", order=ORDER.COMPETE, name="compete")
    pathways = {"recruit": Pathway(ORDER.RECRUIT, "flip", RECRUIT)} | dict(option.counted)
    count = join(hidden, inhibition, pathways, name="hidden_to_inhibition", clock=clock)
    if is_lateral:
        learning = lateral_objects(
            hidden, inhibition, tables, clock, local=local, paired="stimulus.paired" in values, onset=ONSET,
            inhibit=INHIBIT, control_hidden=CONTROL_HIDDEN,
        )  # fmt: skip
    else:
        learning = _learning(hidden, inhibition, tables, clock, option is CYCLES, pool.SUM_INPUTS if sums else {})
    return assemble([inhibition, hidden, count, *learning], values)


def _learning(
    hidden: NeuronGroup, inhibition: NeuronGroup, tables: dict[str, Any], clock: Clock, cyclic: bool,
    sums: dict[str, Pathway],
) -> list[Any]:  # fmt: skip
    """Return inputs, prediction and learning, for one competition per presentation or for cycles of them."""
    if not cyclic:
        link(hidden, inhibition, eta_now="eta")
        return presentation.learning_objects(
            presentation.make_stimulus(tables, inhibition, clock), hidden, inhibition, tables, clock,
            w_out=presentation.W_OUT, w_in=presentation.W_IN, control_stimulus=presentation.CONTROL_STIMULUS | sums,
            control_hidden=CONTROL_HIDDEN, onset=ONSET, monitors=monitors(""),
        )  # fmt: skip
    stimulus = presentation.make_stimulus(tables, inhibition, clock, cycles.STIMULUS, cycles.STIMULUS_EVENTS)
    link(stimulus, inhibition, "ended")
    link(hidden, inhibition, "ended", "again", "share", "eta_now")
    on_event(hidden, "correct", ORDER.NOTE, cycles.HOLD)
    on_event(inhibition, "renew", ORDER.ONSET, cycles.RENEW + pool.START)
    restart = {"inhibit_again": Pathway(ORDER.INHIBIT, "renew", f"{INHIBIT}\nheld_post = 0")}
    return presentation.learning_objects(
        stimulus, hidden, inhibition, tables, clock,
        w_out=presentation.W_OUT | cycles.W_OUT, w_in=presentation.W_IN | cycles.W_IN,
        control_stimulus=presentation.CONTROL_STIMULUS | cycles.CONTROL_STIMULUS,
        control_hidden=CONTROL_HIDDEN | cycles.CONTROL_HIDDEN | restart, onset=ONSET + cycles.ONSET,
        monitors=monitors("cycles"), over="end",
    )  # fmt: skip
