"""What both circuits share: one stimulus after the other, its prediction, the error, and learning at the synapses.

A presentation, driven by a single step counter of the conductor:

1. *onset*: the stimulus is loaded, and the active inputs drive the hidden units;
2. the hidden units compete, each circuit in its own way;
3. *decide*: the winners predict the stimulus, the error is fed back to them, and their synapses learn.

Prediction, feedback and learning take no time: they are sums within one time step, in which the next stimulus comes on,
too. With r_i the rate of a winner, P the mean power of the training patterns and eta' = eta / max(P, |x - x_mean|^2):

    err = x - x_mean - sum_i w_out_i r_i            delta_i = w_out_i . err
    dw_i = eta' (r_i err + delta_i (x - x_mean))    on both matrices if tied; else each learns from one of the terms
    db_i = eta' c^2 P delta_i                       c^2 = 1/50: the bias weighs a constant input of c sqrt(P)

which for tied weights is the gradient of |err|^2 / 2 at the given winners. Homeostasis, off unless asked for, moves
every unit's bias by homeostasis (k / n_hidden - won) at each decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from selective_firing.circuits.network import join, link, on_event, population
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during

if TYPE_CHECKING:
    from brian2 import Clock, NeuronGroup

__all__ = [
    "CONDUCTOR", "CONTROL_HIDDEN", "CONTROL_STIMULUS", "LEARNER", "NEXT", "NOTE", "SCORE", "W_IN", "W_OUT",
    "learning_objects", "make_stimulus",
]  # fmt: skip

STIMULUS = """
x : 1                                   # activity of the input
x_mean : 1 (constant)                   # its mean over the training patterns
err : 1                                 # error neuron: x - x_mean - what the winners predict
at_onset : boolean (linked)             # a stimulus comes on in this step
"""
ONSET = during("at_onset", "x != 0", ORDER.SEND)
"""Event of the active inputs."""

LEARNER = """
background : 1                          # the part of the drive there without a stimulus, b - w_in . x_mean
b : 1                                   # bias: an excitable unit has a high one
delta : 1                               # the error as the unit's own weights see it, w_out . err
rate_term : 1                           # eta_now times the winner's rate
feedback_term : 1                       # eta_now times its delta
sensitivity : 1 (constant)              # to inhibition, or of the threshold: 1 + threshold_cv * N(0, 1)
at_onset : boolean (linked)
eta_now : 1 (linked)                    # eta' at this decision
err_on_mean : 1 (linked)
stimulus_on_mean : 1 (linked)
plastic : 1 (shared, constant)          # 1: synapses learn
tied : 1 (shared, constant)             # 1: both matrices learn from both terms, so that they stay equal
bias_power : 1 (shared, constant)       # c^2 P, squared strength of the constant input that the bias weighs
"""
"""What a hidden unit of either circuit has to learn with; `rate`, `drive` and `tau_m` are each circuit's own."""

CONDUCTOR = """
step : integer                          # steps since onset, or since this competition began
at_onset : boolean                      # a presentation is decided in this step, and the next stimulus comes on
presentation : integer                  # number of the stimulus in this run, which ends at n_presentations
stimulus_number : integer               # and among all that are presented: what its random numbers are drawn by
power : 1                               # squared norm of the stimulus about the mean
contrast : 1                            # its root
squared_error : 1
err_on_mean : 1                         # err . x_mean: what the background learns by
stimulus_on_mean : 1                    # (x - x_mean) . x_mean: the same
eta : 1                                 # eta': learning rate in this presentation, over the power of its stimulus
diverged : boolean                      # the error exploded while learning, which ends the run
adapt : 1                               # step of homeostasis
k : integer (shared, constant)
n_presentations : integer (shared, constant)
first_number : integer (shared, constant)   # stimulus_number of the first in this run
faintest : 1 (shared, constant)         # 1e-13 max_i |w_in_i| |x_mean|, the rounding error of the drives
mean_power : 1 (shared, constant)       # P, mean of |x - x_mean|^2 over the training patterns
learning_rate : 1 (shared, constant)
learning_rate_change : 1 (shared, constant) # from one presentation to the next
homeostasis : 1 (shared, constant)      # step of it, times c sqrt(P); 0 by default
duty : 1 (shared, constant)             # k / n_hidden, the share of stimuli that a unit should win
"""
"""What leads either circuit from one stimulus to the next."""

NEXT = """
# the first decision comes before any stimulus, of whose error it is no measure
bearable = EXPLODED * clip(contrast ** 2, mean_power, inf)
diverged = learning_rate > 0 and presentation >= 0 and not squared_error <= bearable
contrast = sqrt(power)
step = 0
squared_error = 0
err_on_mean = 0
stimulus_on_mean = 0
presentation = presentation + 1
stimulus_number = first_number + presentation
# eta' = eta / max(P, |x - x_mean|^2), P the mean power
eta = clip(learning_rate + learning_rate_change * presentation, 0, inf) / clip(power, mean_power, inf)
power = 0
adapt = homeostasis * int(presentation > 0)
"""
"""Code of the conductor at an onset, before that of each circuit."""

NOTE = """
rate_term = eta_now * rate
feedback_term = eta_now * delta
b += feedback_term * bias_power
background += feedback_term * bias_power - tied * rate_term * err_on_mean - feedback_term * stimulus_on_mean
"""
"""Code of each winner before its synapses learn: its bias learns, and its background follows its weights.

dw = eta' (rate err + delta (x - x_mean)) on both matrices if tied, db = eta' c^2 P delta: the gradient of |err|^2 / 2.
"""

W_OUT = {
    "predict": Pathway(ORDER.PREDICT, "win", "err_post -= w * rate_pre"),
    "feedback": Pathway(ORDER.FEEDBACK, "learn", "delta_pre += w * err_post"),
    "learn_out": Pathway(
        ORDER.LEARN, "learn", "w += rate_term_pre * err_post + tied_pre * feedback_term_pre * (x_post - x_mean_post)"
    ),
}
"""Decoding synapses, hidden to stimulus."""
W_IN = {
    "present": Pathway(ORDER.PRESENT, "onset", "drive_post += w * x_pre"),
    "learn_in": Pathway(
        ORDER.LEARN,
        "learn",
        "w += tied_post * rate_term_post * err_pre + feedback_term_post * (x_pre - x_mean_pre)",
        backward=True,
    ),
}
"""Encoding synapses, stimulus to hidden."""

SCORE = """
squared_error_pre += err_post ** 2
err_on_mean_pre += err_post * x_mean_post
stimulus_on_mean_pre += (x_post - x_mean_post) * x_mean_post
"""
CLEAR = """
x_post = 0
err_post = -x_mean_post
"""
LOAD = """
# a row per stimulus; the conductor counts up right after this, from -1: the first step has no stimulus to decide
shown = stimuli((presentation_pre + 1) * second, j)
x_post += shown
err_post += shown
"""
CONTROL_STIMULUS = {
    "score": Pathway(ORDER.SCORE, "decide", SCORE),
    "clear": Pathway(ORDER.CLEAR, "decide", CLEAR),
    "load": Pathway(ORDER.LOAD, "decide", LOAD),
    "sum_power": Pathway(ORDER.POWER, "decide", "power_pre += err_post ** 2"),
}
"""Conductor to stimulus: it adds up the error, and changes the stimulus."""

ADAPT = """
b_post += adapt_pre * (duty_pre - firing_post)
background_post += adapt_pre * (duty_pre - firing_post)
"""
CONTROL_HIDDEN = {"homeostasis": Pathway(ORDER.ADAPT, "decide", ADAPT)}
"""Conductor to hidden; how the units start anew is each circuit's own."""


def make_stimulus(
    tables: Mapping[str, Any],
    conductor: NeuronGroup,
    clock: Clock,
    model: str = "",
    events: Mapping[str, Event] | None = None,
    namespace: Mapping[str, Any] | None = None,
) -> NeuronGroup:
    """Return the inputs, each with its error neuron; `model`, `events` and `namespace` add to what they are and do.

    Parameters
    ----------
    tables : mapping
    conductor : NeuronGroup
    clock : Clock
    model : str, optional
    events : Mapping[str, Event], optional
    namespace : mapping, optional
    """
    stimulus = population(
        len(tables["stimuli"].values[0]), STIMULUS + model, name="stimulus", clock=clock, method="euler",
        events={"onset": ONSET} | dict(events or {}), namespace=namespace,
    )  # fmt: skip
    link(stimulus, conductor, "at_onset")
    return stimulus


def learning_objects(
    stimulus: NeuronGroup,
    hidden: NeuronGroup,
    conductor: NeuronGroup,
    tables: Mapping[str, Any],
    clock: Clock,
    *,
    w_out: Mapping[str, Pathway],
    w_in: Mapping[str, Pathway],
    control_stimulus: Mapping[str, Pathway],
    control_hidden: Mapping[str, Pathway],
    onset: str,
    monitors: Mapping[str, list[str]],
    over: str = "decide",
    note: str = NOTE,
    synapses: str = "w : 1",
) -> list[Any]:
    """Return the stimulus, and all that happens from one decision to the next onset.

    Parameters
    ----------
    stimulus, hidden, conductor : NeuronGroup
        The last two with the events "win" and "learn", and "decide".
    tables : mapping
        Of `make_tables`.
    clock : Clock
    w_out, w_in, control_stimulus, control_hidden : mapping of str to Pathway
        Those of this module, with what a circuit adds.
    onset : str
        Code of `conductor` at the onset of a stimulus.
    monitors : mapping of str to list of str
        What is recorded of "decisions", and of "winners".
    over : str
        Event of `conductor` at which a code is scored and recorded.
    note : str
        Code of each winner before its synapses learn.
    synapses : str
        What each has.
    """
    import brian2 as b2

    on_event(hidden, "learn", ORDER.NOTE, note)
    on_event(conductor, "decide", ORDER.ONSET, onset)
    at = {"when": "synapses", "order": ORDER.MONITOR}
    return [
        stimulus,
        join(hidden, stimulus, w_out, model=synapses, name="w_out", clock=clock),
        join(stimulus, hidden, w_in, model=synapses, name="w_in", clock=clock),
        join(conductor, stimulus, control_stimulus, name="control_stimulus", clock=clock, namespace=tables),
        join(conductor, hidden, control_hidden, name="control_hidden", clock=clock),
        b2.EventMonitor(hidden, "win", monitors["winners"][1:], name="winners", **at),
        b2.EventMonitor(conductor, over, monitors["decisions"], name="decisions", **at),
    ]
