"""Explaining away by lateral inhibition: winners tell each other, and all others, what they explain already.

Each unit holds what no winner explains of what drives it, its field f = u - G r, with u = w_in . (x - x_mean), r the
rates, and G the lateral weights. After the first competition, and after each of the following ones,

1. the winners *relax*: one after the other, the strongest first, a winner whose rate would change by more than
   `least_change` |x| moves it to [r + (f / g - s r) / (1 + s)]_+, g = max(G_ii, 1/2), s its `shrinkage`, and all others
   feel that; `n_relax` sweeps;

and then, `n_swaps` times,

2. *release*: inhibition lets `n_released` units more win, by [r + feedback f / sqrt(g g_mean)]_+; they relax;
3. *tighten*: inhibition rises until k are left, by r sqrt(g): the least useful fall silent; the others relax.

Neither inputs nor error units take part: a message of a winner is what its change of rate does at n_hidden lateral
synapses. What is learned, and by which rule, is in `lateral_learning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from selective_firing.circuits.network import link, on_event
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during
from selective_firing.parameters.rate import NORM_FLOOR

if TYPE_CHECKING:
    from brian2 import NeuronGroup

__all__ = [
    "ADDED", "CONTROL_HIDDEN", "DECIDE", "HIDDEN", "HIDDEN_EVENTS", "HIDDEN_TO_INHIBITION", "INHIBITION",
    "INHIBITION_EVENTS", "LATERAL", "LINKED", "MONITORS", "ONSET", "RENEW", "START", "take_turns",
]  # fmt: skip

FLAGS = (
    "competing", "ended", "tightening", "relaxing", "begins_sweep", "round_over", "predicts", "adds_up", "lesson",
    "is_first", "tightens_next", "again",
)  # fmt: skip
LINKED = dict.fromkeys(FLAGS, "boolean") | {"turn": "integer"}
LINKED |= dict.fromkeys(("start_level", "mean_own", "least", "decay_now"), "1")
"""What a hidden unit knows of the conductor, and of which kind it is."""
HIDDEN = f"""
rate : 1                                # of a winner; all others are silent
ff : 1                                  # u, what drives the unit, without its bias
field : 1                               # f, what is unexplained of that
aim = clip(rate + (field / own_norm - shrinkage * rate) / (1 + shrinkage), 0, inf) : 1  # where nothing draws it away
norm : 1                                # G_ii, as its own lateral synapse has it
own_norm = clip(norm, {NORM_FLOOR}, inf) : 1
usefulness = int(firing == 1) * rate * sqrt(own_norm) - int(firing == 0) * start_level : 1
strength = rate * int(not tightens_next) + rate * sqrt(own_norm) * int(tightens_next) : 1   # what it competes by
change : 1                              # of its rate, as it tells all others
kept : 1                                # share of its weights that does not decay
eager : boolean                         # its rate would change in this sweep
rank : integer                          # and this many do so before
feedback : 1 (shared, constant)
shrinkage : 1 (shared, constant)
""" + "".join(f"{name} : {kind} (linked)\n" for name, kind in LINKED.items())
CHANGES = "firing == 1 and not tightening and (rate == 0 or abs(drive - rate) > least)"
"""A winner takes its drive for its rate, unless that would hardly change it."""
HIDDEN_EVENTS = {
    "flip": Event("competing and (firing == 1) != (u > (1 - subtractive) * sensitivity * z)", flag="competing"),
    "settle": during("ended", f"({CHANGES} or firing == 0 and rate != 0)", ORDER.DECIDE),
    "turn_comes": during("relaxing", "eager and rank == turn", ORDER.DECIDE),
    "predict": during("predicts", "firing == 1", ORDER.DECIDE),
    "report": during("adds_up", "firing == 1", ORDER.DECIDE),
    "win": during("round_over", "firing == 1", ORDER.DECIDE),
    "learn": during("lesson", "firing == 1", ORDER.DECIDE),
    "relearn": during("is_first", "firing == 1", ORDER.DECIDE),
    "renew": Event("again", ORDER.DECIDE, "again"),
    "be_eager": during("begins_sweep", "firing == 1 and abs(aim - rate) > least", ORDER.EAGER),
}
SETTLE = """
change = int(firing == 1) * drive - rate
rate = rate + change
"""
TAKE_TURN = """
change = aim - rate
rate = rate + change
"""

INHIBITION = f"""
competition : integer                   # which of this presentation's
competing : boolean                     # it is under way
tightening : boolean                    # in it inhibition rises, and units fall silent
ended : boolean                         # it ends in this step
relaxing : boolean                      # the winners adapt to each other
sweep : integer                         # for how manyeth time
turn : integer                          # and whose turn it is
n_eager : integer                       # of so many
begins_sweep : boolean                  # another sweep begins after this step
relaxed : boolean                       # the last one is over
again : boolean                         # and another competition follows
round_over : boolean                    # as many units are active as should be: a code
predicts : boolean                      # the stimulus is predicted, to be learned from or to be recorded
adds_up : boolean                       # the winners' sums are needed
lesson : boolean                        # synapses learn in this step
is_first : boolean                      # the first lesson of a presentation
share : 1                               # of learning, in this step
remaining : 1                           # share of the presentations that are still to come
late_share : 1                          # of learning, at the end of this presentation
rate_power : 1                          # |r|^2
explained : 1                           # r . (u + f)
shared : 1                              # r . u, then err . x
left : 1                                # |err|^2 as the hidden layer can tell it
strongest : 1                           # sum of the winners' (strength / start_level)^4: no less than the largest
eta_now : 1                             # of learning, in this step
decay_now : 1                           # of the winners' weights, in this step
least : 1                               # change of a rate that is told
n_told : integer                        # messages since the onset
n_failed : integer                      # competitions since the onset that were cut off
n_tied : integer                        # and those of them that no threshold could have decided
mean_norm : 1                           # of all units' G_ii
mean_own = clip(mean_norm, {NORM_FLOOR}, inf) : 1
x_power : 1                             # |x|^2, about the mean
tightens_next : boolean                 # in the next competition inhibition rises
plastic : 1 (shared, constant)          # 1: synapses learn
wanted : integer                        # units that are to win this competition
last_competition : integer (shared, constant)
k_released : integer (shared, constant)    # k + n_released, but no more than there are
n_relax : integer (shared, constant)
n_hidden : integer (shared, constant)
feedback : 1 (shared, constant)
least_change : 1 (shared, constant)
decay : 1 (shared, constant)
late_first : 1 (shared, constant)       # late_share at the start of learning
late_last : 1 (shared, constant)        # and at its end
remaining_first : 1 (shared, constant)  # at the first presentation of this run
remaining_change : 1 (shared, constant) # from one to the next
"""
INHIBITION_EVENTS = {
    "decide": Event("at_onset", ORDER.DECIDE, "at_onset"),
    "round": Event("round_over", ORDER.DECIDE, "round_over"),
    "predict": Event("predicts", ORDER.DECIDE, "predicts"),
    "add": Event("adds_up", ORDER.DECIDE, "adds_up"),
    "first_lesson": Event("is_first", ORDER.DECIDE, "is_first"),
    "sweep": Event("begins_sweep", ORDER.DECIDE, "begins_sweep"),
    "renew": Event("again", ORDER.DECIDE, "again"),
}
MONITORS = {
    "decisions": [
        "presentation", "n", "since_onset", "tonic", "squared_error", "n_flips", "n_recruited", "n_told", "n_failed",
        "n_tied",
    ],
    "winners": ["i", "rate"],
}  # fmt: skip

DECIDE = """
# a competition ends; one that has nothing to do, at once
starts = presentation < 0
idle = tightening and step == 1 and n_seen <= wanted or competition > 0 and start_level == 0
ended = competing and not starts and (over or idle)
settles = n_seen == wanted and step < max_steps or n < wanted and silent_steps > rest_steps or start_level == 0
failed = ended and not (settles or idle)
n_failed = n_failed + int(failed)
n_tied = n_tied + int(failed and gain <= 1e-9 * start_level)

# then the winners take turns; after the last turn of the last sweep, or when nobody would change, they have relaxed
turn = turn + int(relaxing)
turns_over = relaxing and turn + 1 >= n_eager
begins_sweep = ended or turns_over and sweep < n_relax and n_eager > 0
relaxed = turns_over and not begins_sweep
round_over = starts or relaxed and competition % 2 == 0
at_onset = starts or relaxed and competition == last_competition
again = relaxed and not at_onset

# the first decision learns a share of 1 - late_share, the end late_share
share = int(ended and competition == 0) * (1 - late_share) + int(at_onset) * late_share
lesson = plastic > 0 and not starts and share > 0
is_first = lesson and not at_onset
predicts = is_first or round_over
adds_up = lesson or again
tightens_next = competition % 2 == 1

# what is added up in this step starts from 0
rate_power = rate_power * int(not adds_up)
explained = explained * int(not adds_up)
shared = shared * int(not adds_up)
strongest = strongest * int(not adds_up)
squared_error = squared_error * int(not predicts)
err_on_mean = err_on_mean * int(not predicts)
stimulus_on_mean = stimulus_on_mean * int(not predicts)
"""
ADDED = """
x_power = contrast ** 2
left = clip(x_power - explained, 0, inf)
shared = x_power - shared
eta_now = eta * share / clip(rate_power / clip(x_power, mean_power, inf), 1, inf)
decay_now = decay * eta_now * mean_power
"""
SWEEP = """
competing = False
relaxing = True
sweep = sweep * int(not ended) + 1
turn = -1
n_eager = 0
"""
RENEW = """
competition = competition + 1
competing = True
relaxing = False
tightening = competition % 2 == 0
wanted = k * int(tightening) + k_released * int(not tightening)

# no drive of a release exceeds the largest rate and what is left, unless lateral weights are wrong
start_level = start_level * sqrt(sqrt(strongest)) + int(not tightening) * feedback * sqrt(left / mean_own)
step = 0
"""
START = """
opens = int(starts_above > 0 and not tightening)
tonic = clip(opens * start_level, faintest, inf)
gain = initial_gain * start_level
surplus = -int(not tightening)
side = surplus
slope = -gain / tau_i * opens
z = clip(tonic + phasic_time * slope, faintest, inf)
n = n * int(tightening)
n_seen = n
nearest = k
since_correction = 0
silent_steps = 0
steady_steps = 0
"""
"""As the rate circuit's own, but inhibition that tightens rises from nothing, upon units that are active."""
ONSET = """
competition = 0
competing = True
relaxing = False
tightening = False
wanted = k
remaining = clip(remaining_first + remaining_change * presentation, 0, 1)
late_share = late_last + (late_first - late_last) * remaining
adapt = adapt * remaining
least = least_change * contrast
n_told = 0
n_failed = 0
n_tied = 0
"""

RANKS = "rank_post += int(rate_pre > rate_post or rate_pre == rate_post and i < j)"
LATERAL = {
    "settle": Pathway(ORDER.TELL, "settle", "field_post -= w * change_pre"),
    "take_turn": Pathway(ORDER.TELL, "turn_comes", "field_post -= w * change_pre"),
    "own": Pathway(ORDER.REFRESH, "learn", "norm_post += w * int(i == j)"),
    "repeat": Pathway(ORDER.REPEAT, "relearn", "field_post -= w * rate_pre"),
    "rank": Pathway(ORDER.RANK, "be_eager", RANKS),
}
"""Hidden to hidden; which synapses are a unit's own, and who is stronger, are questions of the simulation."""
REPORT = """
rate_power_post += rate_pre ** 2
explained_post += rate_pre * (ff_pre + field_pre)
shared_post += rate_pre * ff_pre
strongest_post += int(again_post) * (strength_pre / start_level_post) ** 4
"""
HIDDEN_TO_INHIBITION = {
    "tell_change": Pathway(ORDER.TELL, "settle", "n_told_post += 1"),
    "tell_turn": Pathway(ORDER.TELL, "turn_comes", "n_told_post += 1"),
    "report": Pathway(ORDER.READ, "report", REPORT),
    "norm_before": Pathway(ORDER.FEEDBACK, "learn", "mean_norm_post -= norm_pre / n_hidden_post"),
    "norm_after": Pathway(ORDER.RECALL, "learn", "mean_norm_post += norm_pre / n_hidden_post"),
    "count_eager": Pathway(ORDER.RANK, "be_eager", "n_eager_post += 1"),
}
NEW_COMPETITION = """
drive = int(not tightening) * (rate + feedback * field / sqrt(own_norm * mean_own)) + int(tightening) * usefulness
u = int(tightening) * drive
firing = firing * int(tightening)
recruited = firing
rate_term = 0
feedback_term = 0
"""
"""Code of every unit: to be released by rate and field together, or to be kept by its use."""
NEW_STIMULUS = """
rate_post = 0
rate_term_post = 0
feedback_term_post = 0
"""
ALL_UNEXPLAINED = "ff_post = drive_post - b_post\nfield_post = ff_post"
CONTROL_HIDDEN = {
    "silence": Pathway(ORDER.RESET, "decide", NEW_STIMULUS),
    "unexplained": Pathway(ORDER.DRIVEN, "decide", ALL_UNEXPLAINED),
    "recall": Pathway(ORDER.RECALL, "first_lesson", "field_post = ff_post"),
    "nobody": Pathway(ORDER.SWEEP, "sweep", "eager_post = False\nrank_post = 0"),
}


def take_turns(hidden: NeuronGroup, inhibition: NeuronGroup) -> None:
    """Let the hidden units settle, relax and compete anew when the conductor says so.

    Parameters
    ----------
    hidden, inhibition : NeuronGroup
    """
    link(hidden, inhibition, *LINKED, "eta_now")
    on_event(hidden, "settle", ORDER.SPEAK, SETTLE)
    on_event(hidden, "turn_comes", ORDER.SPEAK, TAKE_TURN)
    on_event(hidden, "be_eager", ORDER.RANK, "eager = True")
    on_event(hidden, "renew", ORDER.RESET, NEW_COMPETITION)
    on_event(inhibition, "add", ORDER.FEEDBACK, ADDED)
    on_event(inhibition, "sweep", ORDER.SWEEP, SWEEP)
    on_event(inhibition, "renew", ORDER.ONSET, RENEW + START)
