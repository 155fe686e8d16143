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

from selective_firing.circuits import cycles, lateral, presentation, random_numbers
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

INHIBITION = """
dtonic/dt = slope : 1                   # slow inhibition searches for a level between the k-th drive and the next
slope : Hz                              # g e / tau_i
z : 1                                   # inhibition: slow, plus a fast part that makes up for the membrane's lag
gain : 1                                # g
surplus : 1                             # e = (n - k) / (n + k) as the loop saw it last
n : integer                             # units active now
n_seen : integer                        # units active as the loop sees it, loop_delay later
nearest : 1                             # smallest |n - k| at any overshoot, k before the first
since_onset : integer                   # steps since the stimulus came on (`step`: since the competition began)
since_correction : integer              # steps since the loop last corrected itself
silent_steps : integer                  # steps since inhibition was all gone
start_level : 1                         # a level of inhibition above every drive
n_flips : integer                       # times that a unit became active or silent
n_recruited : integer                   # units that became active since the onset, once in each competition
tau_i : second (shared, constant)
phasic_time : second (shared, constant) # z = tonic + phasic_time * slope; dt / (1 - exp(-dt / tau_m)) times phasic
initial_gain : 1 (shared, constant)
gain_growth : 1 (shared, constant)
loop_steps : integer (shared, constant) # loop_time / dt
delay_steps : integer (shared, constant)    # loop_delay / dt
max_steps : integer (shared, constant)  # max_settle / dt
rest_steps : integer (shared, constant) # without inhibition, after which nothing more becomes active
starts_above : 1 (shared, constant)     # 1: inhibition starts above every drive; 0: it builds up from zero
bound : 1 (shared, constant)            # max_i |w_in_i|: no drive exceeds bound * contrast + bias_bound
bias_bound : 1 (shared, constant)       # max_i b_i, at least 0
"""
"""The pool, besides `presentation.CONDUCTOR`."""
WANTED = """
wanted = k : integer                    # units that are to win
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

COMPETE = """
# time passes
step = step + 1
since_correction = since_correction + 1
since_onset = since_onset + 1

# the loop sees n as it is; with a delay it looks one step after a correction is over, and acts delay_steps later
round_trip = loop_steps + int(delay_steps > 0)
looks = delay_steps == 0 or since_correction == round_trip
n_seen = int(looks) * n + (1 - int(looks)) * n_seen

# once per round trip: e = (n - k) / (n + k);  g <- g / 2 if e changed its sign, else g <- gain_growth g
corrects = since_correction >= round_trip + delay_steps
surplus_now = (n_seen - wanted) / (1.0 * (n_seen + wanted))
holds = delay_steps == 0 or corrects and surplus == 0
overshot = corrects and surplus_now * surplus < 0
gain = gain * (1 + int(corrects) * (int(overshot) * (-0.5) + int(not overshot and step > 1) * (gain_growth - 1)))
surplus = int(corrects) * surplus_now + (1 - int(corrects)) * surplus
since_correction = since_correction * int(not corrects)

# dtonic/dt = g e / tau_i for one loop time, not below the rounding error of the drives;  z = tonic + phasic dtonic/dt
slope = int(since_correction < loop_steps) * clip(gain * surplus / tau_i, (faintest - tonic) / dt, inf * Hz)
z = clip(tonic + phasic_time * slope, faintest, inf)

# over: at n = k;  or late, at the nearest n there was;  or once inhibition is gone and nothing more becomes active
miss = abs(1.0 * n - wanted)
nearest = int(overshot) * clip(nearest, 0, miss) + (1 - int(overshot)) * nearest
silent_steps = (silent_steps + 1) * int(tonic <= faintest + 1e-12 * start_level and n < wanted and step > 1)
late = step >= max_steps and (miss <= nearest or step >= 2 * max_steps)
over = holds and n_seen == wanted or late or silent_steps > rest_steps or presentation < 0
"""
DECIDE = "at_onset = over"
"""With one competition per presentation, the next stimulus comes on when it is over."""

START = """
tonic = clip(starts_above * start_level, faintest, inf)
gain = initial_gain * start_level
surplus = -1
slope = -gain / tau_i * int(starts_above > 0)
z = clip(tonic + phasic_time * slope, faintest, inf)
n = 0
n_seen = 0
nearest = k
since_correction = 0
silent_steps = 0
"""
"""A competition begins, with inhibition above every drive."""
ONSET = f"""{presentation.NEXT}
start_level = bound * contrast + bias_bound
{START}
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


ALONE = _Option(WANTED, INHIBITION_EVENTS, RATE, HIDDEN_EVENTS, {}, DECIDE)
CYCLES = _Option(
    WANTED + cycles.INHIBITION, cycles.INHIBITION_EVENTS, RATE + cycles.HIDDEN, cycles.HIDDEN_EVENTS,
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
    option = LATERAL if is_lateral else CYCLES if "inhibition.n_cycles" in values else ALONE
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli)
    inhibition = population(
        1, INHIBITION + presentation.CONDUCTOR + option.inhibition, name="inhibition", clock=clock, method="euler",
        events=option.inhibition_events, order=1, namespace={"EXPLODED": EXPLODED},
    )  # fmt: skip
    hidden = population(
        np.size(values["hidden.b"]),
        (NOISY_MEMBRANE if noisy else MEMBRANE) + HIDDEN + presentation.LEARNER + option.hidden
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
    every_step(inhibition, COMPETE + option.decide, when="synapses", order=ORDER.COMPETE, name="compete")
    pathways = {"recruit": Pathway(ORDER.RECRUIT, "flip", RECRUIT)} | dict(option.counted)
    count = join(hidden, inhibition, pathways, name="hidden_to_inhibition", clock=clock)
    if is_lateral:
        learning = lateral_objects(
            hidden, inhibition, tables, clock, local=local, paired="stimulus.paired" in values, onset=ONSET,
            inhibit=INHIBIT, control_hidden=CONTROL_HIDDEN,
        )  # fmt: skip
    else:
        learning = _learning(hidden, inhibition, tables, clock, option is CYCLES)
    return assemble([inhibition, hidden, count, *learning], values)


def _learning(
    hidden: NeuronGroup, inhibition: NeuronGroup, tables: dict[str, Any], clock: Clock, cyclic: bool
) -> list[Any]:
    """Return inputs, prediction and learning, for one competition per presentation or for cycles of them."""
    if not cyclic:
        link(hidden, inhibition, eta_now="eta")
        return presentation.learning_objects(
            presentation.make_stimulus(tables, inhibition, clock), hidden, inhibition, tables, clock,
            w_out=presentation.W_OUT, w_in=presentation.W_IN, control_stimulus=presentation.CONTROL_STIMULUS,
            control_hidden=CONTROL_HIDDEN, onset=ONSET, monitors=monitors(""),
        )  # fmt: skip
    stimulus = presentation.make_stimulus(tables, inhibition, clock, cycles.STIMULUS, cycles.STIMULUS_EVENTS)
    link(stimulus, inhibition, "ended")
    link(hidden, inhibition, "ended", "again", "share", "eta_now")
    on_event(hidden, "correct", ORDER.NOTE, cycles.HOLD)
    on_event(inhibition, "renew", ORDER.ONSET, cycles.RENEW + START)
    restart = {"inhibit_again": Pathway(ORDER.INHIBIT, "renew", f"{INHIBIT}\nheld_post = 0")}
    return presentation.learning_objects(
        stimulus, hidden, inhibition, tables, clock,
        w_out=presentation.W_OUT | cycles.W_OUT, w_in=presentation.W_IN | cycles.W_IN,
        control_stimulus=presentation.CONTROL_STIMULUS | cycles.CONTROL_STIMULUS,
        control_hidden=CONTROL_HIDDEN | cycles.CONTROL_HIDDEN | restart, onset=ONSET + cycles.ONSET,
        monitors=monitors("cycles"), over="end",
    )  # fmt: skip
