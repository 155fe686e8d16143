"""Explaining away: what the winners leave unexplained drives all hidden units again, and they compete anew.

One presentation is then a sequence of competitions, as gamma cycles are. Between two of them

1. what is left reaches the winners, delta_i = w_out_i . err, and what a change of their rates by delta would add to the
   prediction is summed up, correction = sum_i w_out_i delta_i, within one time step;
2. the feedback gain is G = feedback * restraint * |delta|^2 / |correction|^2: a share of the one that lowers the error
   most on the winners' own set (normalised iterative hard thresholding: Blumensath & Davies 2010, IEEE J Sel Top Signal
   Process 4:298);
3. the winners start the next cycle with a drive of their rate, all others of 0 (no bias), and G w_in . err is added
   to all.

A cycle that raises the error is not undone, but halves the restraint of those after it: `theory.n_rises` bounds how
often that can happen with tied weights. Synapses learn at the first decision (1 - late_share of the rate, with both
terms), and at the last (late_share of it): by rate times error alone, as delta is not computed there.
"""

from __future__ import annotations

from selective_firing.circuits import presentation
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during

__all__ = [
    "CONTROL_HIDDEN", "CONTROL_STIMULUS", "DECIDE", "HIDDEN", "HIDDEN_EVENTS", "HIDDEN_TO_INHIBITION", "HOLD",
    "INHIBITION", "INHIBITION_EVENTS", "ONSET", "RECORDED", "RENEW", "STIMULUS", "STIMULUS_EVENTS", "W_IN", "W_OUT",
]  # fmt: skip

STIMULUS = """
correction : 1                          # what the winners' own correction would add to the prediction
sent : 1                                # to the hidden layer: the stimulus at its onset, then the error times the gain
ended : boolean (linked)
"""
STIMULUS_EVENTS = {"onset": during("ended", "sent != 0", ORDER.SEND)}

HIDDEN = """
ended : boolean (linked)
again : boolean (linked)
share : 1 (linked)
held : 1                                # a winner's rate, carried into the next cycle
"""
HIDDEN_EVENTS = {
    "win": during("ended", "firing == 1", ORDER.DECIDE),
    "correct": during("again", "firing == 1", ORDER.DECIDE),
    "learn": during("ended", "firing == 1 and plastic > 0 and share > 0", ORDER.DECIDE),
}
HOLD = "held = drive"

INHIBITION = """
cycle : integer                         # competitions of this presentation that are over
ended : boolean                         # one ends in this step
again : boolean                         # and another one follows
share : 1                               # of learning, at this decision
eta_now : 1                         # of learning, at this decision: eta times share
restraint : 1                           # of the feedback gain, halved whenever a cycle raised the error
feedback_gain : 1                       # of the error's drive in this cycle
previous_error : 1                      # squared error that the last cycle left
delta_power : 1                         # |delta|^2 of the winners
correction_power : 1                    # |correction|^2
fourth_powers : 1                       # sum of the winners' (drive / start_level)^4: no less than the largest
n_erring : integer                      # inputs with an error
n_cycles : integer (shared, constant)
feedback : 1 (shared, constant)
late_share : 1 (shared, constant)
"""
INHIBITION_EVENTS = {
    "decide": Event("at_onset", ORDER.DECIDE, "at_onset"),
    "end": Event("ended", ORDER.DECIDE, "ended"),
    "renew": Event("again", ORDER.DECIDE, "again"),
}
"""A presentation is over; a competition is; it is, and another one follows."""
RECORDED = ("n_erring", "feedback_gain")
"""Of each decision, besides what the circuit without cycles records."""

DECIDE = """
# a cycle without a drive to compete for is over at once
ended = over or cycle > 0 and start_level == 0
again = ended and presentation >= 0 and cycle + 1 < n_cycles
at_onset = ended and not again

# the first decision learns a share of 1 - late_share, the last one late_share, those between nothing
share = int(cycle == 0) * (1 - late_share) + int(at_onset) * late_share
eta_now = eta * share
"""

ONSET = """
cycle = 0
restraint = 1
feedback_gain = 0
n_erring = 0
"""
RENEW = """
# a cycle that raised the error halves the gain
grew = cycle > 0 and squared_error > previous_error * (1 + 1e-9)
restraint = restraint * (1 - 0.5 * int(grew))
previous_error = squared_error

# gain = feedback * restraint * |delta|^2 / |correction|^2
feedback_gain = feedback * restraint * delta_power / clip(correction_power, 1e-300, inf)

# no drive of the next cycle exceeds the largest rate plus the gain times bound * |err|
start_level = start_level * sqrt(sqrt(fourth_powers)) + feedback_gain * bound * sqrt(squared_error)
cycle = cycle + 1
step = 0
squared_error = 0
err_on_mean = 0
stimulus_on_mean = 0
n_erring = 0
delta_power = 0
correction_power = 0
fourth_powers = 0
"""

W_OUT = {
    "feedback": Pathway(ORDER.FEEDBACK, "correct", "delta_pre += w * err_post"),
    "correct": Pathway(ORDER.CORRECT, "correct", "correction_post += w * delta_pre"),
}
W_IN = {"present": Pathway(ORDER.PRESENT, "onset", "drive_post += w * sent_pre")}
SUM_FEEDBACK = """
delta_power_post += delta_pre ** 2
fourth_powers_post += (drive_pre / start_level_post) ** 4
"""
HIDDEN_TO_INHIBITION = {"sum_feedback": Pathway(ORDER.CORRECT, "correct", SUM_FEEDBACK)}

START_PREDICTION = """
err_post = x_post - x_mean_post
correction_post = 0
sent_post = 0
"""
CONTROL_STIMULUS = {
    "start_prediction": Pathway(ORDER.READ, "end", START_PREDICTION),
    "score": Pathway(ORDER.SCORE, "end", f"{presentation.SCORE}n_erring_pre += int(err_post != 0)"),
    "sum_correction": Pathway(ORDER.CURVATURE, "renew", "correction_power_pre += correction_post ** 2"),
    "load": Pathway(ORDER.LOAD, "decide", f"{presentation.LOAD}sent_post += shown"),
    "resend": Pathway(ORDER.RESEND, "renew", "sent_post += feedback_gain_pre * err_post"),
}
CARRY = """
drive_post = held_post
u_post = 0
firing_post = 0
recruited_post = 0
delta_post = 0
"""
CONTROL_HIDDEN = {"carry": Pathway(ORDER.RESET, "renew", CARRY)}
