"""Explaining away: what the winners leave unexplained drives all hidden units again, and they compete anew.

One presentation is then a sequence of competitions, as gamma cycles are. Between two of them

1. the error neurons tell the winners what is left, `delta`, and the winners answer with one more volley of that size:
   the answer, `swing`, is how their own correction would change the prediction;
2. from both follows the feedback gain that lowers the error most on the winners' own set, |delta|^2 / |swing|^2
   (normalised iterative hard thresholding: Blumensath & Davies 2010, IEEE J Sel Top Signal Process 4:298);
3. every unit is driven by its own rate plus the gain times the error through its encoding weights.

A cycle that raises the error halves the gain for the rest of the presentation: `theory.n_rises` bounds how often that
can happen with tied weights. Synapses learn at the first and at the last decision.
"""

from __future__ import annotations

from typing import Any

from selective_firing import equations as eqs

__all__ = [
    "COMPETE",
    "EVENTS",
    "HIDDEN",
    "INHIBITION",
    "LEARN",
    "ONSET",
    "REPORT",
    "STIMULUS",
    "WINS",
    "paths",
    "schedule",
]

STIMULUS = """
swing : 1                               # what the winners' own correction would add to the prediction
sent : 1                                # to the hidden layer: the stimulus at its onset, then the error times the gain
ended : boolean (linked)
"""

HIDDEN = """
ended : boolean (linked)
again : boolean (linked)
share : 1 (linked)
held : 1                                # a winner's rate, carried into the next cycle
"""

INHIBITION = """
cycle : integer                         # competitions of this presentation that are over
ended : boolean                         # one ends in this step
again : boolean                         # and another one follows
share : 1                               # of learning, at this decision
restraint : 1                           # of the feedback gain, halved whenever a cycle raised the error
feedback_gain : 1                       # of the error's drive in this cycle
previous_error : 1                      # squared error that the last cycle left
drop : 1                                # |delta|^2 of the winners
curvature : 1                           # |swing|^2
crest : 1                               # sum of the winners' (drive / start_level)^4: no less than the largest
n_erring : integer                      # inputs with an error
n_cycles : integer (shared, constant)
feedback : 1 (shared, constant)
late_share : 1 (shared, constant)
"""

EVENTS = {"end": "ended", "renew": "again"}
"""Of the conductor, besides "decide", which ends a presentation."""

WINS = {
    "win": "ended and firing == 1",
    "correct": "again and firing == 1",
    "learn": "ended and firing == 1 and plastic > 0 and share > 0",
}
"""Events of the winners."""

COMPETE = (
    eqs.COMPETE.format(over="ended")
    + """
ended = ended or cycle > 0 and start_level == 0
again = ended and presentation >= 0 and cycle + 1 < n_cycles
fresh = ended and not again
share = int(cycle == 0) * (1 - late_share) + int(fresh) * late_share
"""
)

ONSET = eqs.ONSET + "cycle = 0\nrestraint = 1\nfeedback_gain = 0\nn_erring = 0\n"

WIPE = """
err_post = x_post - x_mean_post
swing_post = 0
sent_post = 0
"""

REPORT = """
drop_post += delta_pre ** 2
crest_post += (drive_pre / start_level_post) ** 4
"""

RENEW = (
    """
grew = cycle > 0 and squared_error > previous_error * (1 + 1e-9)
restraint = restraint * (1 - 0.5 * int(grew))
previous_error = squared_error
feedback_gain = feedback * restraint * drop / clip(curvature, 1e-300, inf)
start_level = start_level * sqrt(sqrt(crest)) + feedback_gain * bound * sqrt(squared_error)
cycle = cycle + 1
step = 0
squared_error = 0
err_on_mean = 0
stimulus_on_mean = 0
n_erring = 0
drop = 0
curvature = 0
crest = 0
"""
    + eqs.COMPETITION
)

CARRY = """
drive_post = held_post
u_post = 0
firing_post = 0
recruited_post = 0
delta_post = 0
"""

LEARN = eqs.LEARN.replace("rate_of_learning *", "rate_of_learning * share *")


def paths(inhibit: str) -> dict[str, dict[str, tuple[int, str, str]]]:
    """Return the pathways of `wiring.learning_paths` that cycles add or change.

    Parameters
    ----------
    inhibit : str
        Code by which inhibition acts on the membranes at the beginning of a competition.
    """
    return {
        "w_out": {
            "feedback": (14, "correct", "delta_pre += w * err_post"),
            "probe": (15, "correct", "swing_post += w * delta_pre"),
        },
        "w_in": {"present": (26, "onset", "drive_post += w * sent_pre")},
        "survey": {
            "wipe": (7, "end", WIPE),
            "score": (10, "end", eqs.SCORE + "n_erring_pre += int(err_post != 0)\n"),
            "weigh": (17, "renew", "curvature_pre += swing_post ** 2"),
            "load": (20, "decide", eqs.LOAD + "sent_post += shown\n"),
            "resend": (23, "renew", "sent_post += feedback_gain_pre * err_post"),
        },
        "restart": {"carry": (24, "renew", CARRY), "inhibit_again": (25, "renew", inhibit + "\nheld_post = 0")},
    }


def schedule(inhibition: Any, hidden: Any) -> None:
    """Put the events that cycles add in their place in the time step."""
    for group, event in ((inhibition, "end"), (inhibition, "renew"), (hidden, "correct")):
        group.set_event_schedule(event, when="synapses", order=6)
    hidden.run_on_event("correct", "held = drive", when="synapses", order=20)
    inhibition.run_on_event("renew", RENEW, when="synapses", order=22)
