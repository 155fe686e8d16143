"""What a circuit learns that explains away by lateral synapses: two lessons a presentation, and the lateral weights.

Error units are needed to learn, once per lesson. The first lesson is at the first decision, with a share of
1 - late_share and with both terms; the last one at the end, with late_share, by rate times error:

    h = eta'' r,  c = eta'' f (first lesson only),  eta'' = eta' share / max(1, |r|^2 / max(P, |x|^2))
    dw_i = h_i err + c_i (x - x_mean)    on both matrices, which without `transport` start apart and decay alike

The factor with |r|^2 keeps learning stable while lateral weights do not yet tell the truth. With `transport` they copy
what the weights do, G + dG = (W + dW)(W + dW)': rate times field, and back,

    dG = h f' + f h' + left h h' + c u' + u c' + |x|^2 c c' + shared (h c' + c h')
    left = |x|^2 - r . (u + f) = |err|^2,   shared = |x|^2 - r . u = err . x

which changes synapses of silent cells, too. Without it each lateral synapse learns by what it sees: its own cell's
field, less what the error really does to that cell, times the rate of the other one:

    dG_ij = lateral_rate (f_i - w_in_i . err) r_j / |r|^2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits import lateral, presentation
from selective_firing.circuits.network import join, link, on_event
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during

if TYPE_CHECKING:
    from brian2 import Clock, NeuronGroup

__all__ = ["COPYING", "LOCAL", "lateral_objects"]

COPYING = """
rate_told : 1                           # what lateral synapses to a winner learn from each rate_term
feedback_told : 1                       # and from each feedback_term, besides its field and drive
left : 1 (linked)
shared : 1 (linked)
x_power : 1 (linked)
"""
"""Of a hidden unit with transport."""
LOCAL = """
seen : 1                                # w_in . err, what the error really does to the unit
taught : 1                              # how much its lateral synapses learn of what they see
rate_power : 1 (linked)
lateral_rate : 1 (shared, constant)
"""
"""Without."""
NOTE = """
rate_term = eta_now * rate
feedback_term = eta_now * field * int(is_first)
kept = 1 - decay_now * int(rate > 0)
predicted = (b - background + rate_term * err_on_mean + feedback_term * stimulus_on_mean) * kept
b += feedback_term * bias_power
background = b - predicted
norm = 0
"""
"""Code of each winner before its synapses learn; its background follows its weights: b - w_in . x_mean."""
COPY = """
rate_told = left * rate_term + shared * feedback_term
feedback_told = x_power * feedback_term + shared * rate_term
"""
"""With transport."""
TEACH = "taught = lateral_rate * rate / clip(rate_power, 1e-300, inf)"
"""Without."""

LEARN = "w = clip(w + rate_term_{0} * err_{1} + feedback_term_{0} * (x_{1} - x_mean_{1}), lowest, inf) * kept_{0}"
SYNAPSES = """
w : 1
lowest : 1 (shared, constant)           # weight, 0 by Dale's law
"""
W_OUT = {
    "predict": Pathway(ORDER.PREDICT, "predict", "err_post -= w * rate_pre"),
    "learn_out": Pathway(ORDER.LEARN, "learn", LEARN.format("pre", "post")),
}
W_IN = {
    "present": Pathway(ORDER.PRESENT, "onset", "drive_post += w * x_pre"),
    "learn_in": Pathway(ORDER.LEARN, "learn", LEARN.format("post", "pre"), backward=True),
    "refresh": Pathway(ORDER.REFRESH, "relearn", "ff_post += w * (x_pre - x_mean_pre)", backward=True),
}
SEE = {"see": Pathway(ORDER.FEEDBACK, "tell_error", "seen_post += w * err_pre")}
"""Without transport, in a lesson: the error drives all units once."""
STIMULUS = """
lesson : boolean (linked)
"""
PAIRS = """
predicted : 1                           # what the winners predict of this cell
other : 1 (linked)                      # and of its partner, which shows the same input with the other sign
predicts : boolean (linked)
paired : boolean (shared, constant)
"""
"""Of ON and OFF cells by push and pull, which learn from what is left of their difference."""
COMPARE = "err = x - predicted + other"
PAIR_EVENTS = {"compare": Event("predicts", ORDER.DECIDE, "predicts")}
PREDICT_PAIRS = {"predict": Pathway(ORDER.PREDICT, "predict", "predicted_post += w * rate_pre")}
START_PAIRS = {"start_prediction": Pathway(ORDER.READ, "predict", "predicted_post = 0")}
TELL_ERROR = {"tell_error": during("lesson", "err != 0", ORDER.FEEDBACK)}

COPIED_SYNAPSES = {
    "learn": Pathway(
        ORDER.LEARN, "learn",
        "w += rate_term_pre * (field_post + rate_told_post) + feedback_term_pre * (ff_post + feedback_told_post)",
    ),
    "learn_back": Pathway(
        ORDER.LEARN, "learn", "w += rate_term_post * field_pre + feedback_term_post * ff_pre", backward=True
    ),
}  # fmt: skip
LOCAL_SYNAPSES = {
    "learn": Pathway(
        ORDER.LEARN, "learn", "w = clip(w + taught_pre * (field_post - seen_post), lowest, inf) * kept_pre"
    ),
    "decay": Pathway(ORDER.FORGET, "learn", "w *= kept_post", backward=True),
}

CONTROL_STIMULUS = {
    "start_prediction": Pathway(ORDER.READ, "predict", "err_post = x_post - x_mean_post"),
    "score": Pathway(ORDER.SCORE, "predict", presentation.SCORE),
}
UNTOLD = "rate_told_post = 0\nfeedback_told_post = 0"
COPYING_CONTROL = {
    "untold": Pathway(ORDER.RESET, "renew", UNTOLD), "untold_at_onset": Pathway(ORDER.RESET, "decide", UNTOLD)
}  # fmt: skip
BLIND = {"blind": Pathway(ORDER.READ, "predict", "seen_post = 0")}


def lateral_objects(
    hidden: NeuronGroup,
    inhibition: NeuronGroup,
    tables: Mapping[str, Any],
    clock: Clock,
    *,
    local: bool,
    paired: bool,
    onset: str,
    inhibit: str,
    control_hidden: Mapping[str, Pathway],
) -> list[Any]:
    """Return inputs, lateral synapses, prediction and learning.

    Parameters
    ----------
    hidden, inhibition : NeuronGroup
    tables : mapping
        Of `make_tables`.
    clock : Clock
    local, paired : bool
        Whether lateral synapses learn by themselves, and whether inputs are pairs of ON and OFF cells.
    onset, inhibit : str
        Code of the rate circuit at an onset, and at the beginning of a competition.
    control_hidden : mapping of str to Pathway
        What the rate circuit's conductor does to hidden units.
    """
    lateral.take_turns(hidden, inhibition)
    link(hidden, inhibition, *(("rate_power",) if local else ("left", "shared", "x_power")))
    on_event(hidden, "relearn", ORDER.FORGET, "ff = 0")
    events = (TELL_ERROR if local else {}) | (PAIR_EVENTS if paired else {})
    stimulus = presentation.make_stimulus(tables, inhibition, clock, STIMULUS + PAIRS * paired, events)
    link(stimulus, inhibition, "lesson")
    if paired:
        pair(stimulus, inhibition)
    learning = LOCAL_SYNAPSES if local else COPIED_SYNAPSES
    control = {"inhibit_again": Pathway(ORDER.INHIBIT, "renew", inhibit)} | (BLIND if local else COPYING_CONTROL)
    return [
        join(hidden, hidden, lateral.LATERAL | learning, model=SYNAPSES, name="lateral", clock=clock),
        *presentation.learning_objects(
            stimulus, hidden, inhibition, tables, clock,
            w_out=W_OUT | (PREDICT_PAIRS if paired else {}), w_in=W_IN | (SEE if local else {}),
            control_stimulus=presentation.CONTROL_STIMULUS | CONTROL_STIMULUS | (START_PAIRS if paired else {}),
            control_hidden=dict(control_hidden) | lateral.CONTROL_HIDDEN | control, onset=onset + lateral.ONSET,
            monitors=lateral.MONITORS, over="round", synapses=SYNAPSES, note=NOTE + (TEACH if local else COPY),
        ),
    ]  # fmt: skip


def pair(stimulus: NeuronGroup, inhibition: NeuronGroup) -> None:
    """Let each ON cell know what is predicted of its OFF cell, and the other way round.

    Parameters
    ----------
    stimulus, inhibition : NeuronGroup
    """
    import brian2 as b2

    link(stimulus, inhibition, "predicts")
    n = len(stimulus)
    stimulus.other = b2.linked_var(stimulus, "predicted", index=(np.arange(n) + n // 2) % n)
    on_event(stimulus, "compare", ORDER.COMPARE, COMPARE)
