"""Closed forms that the simulations are tested against: of an ideal competition, and of a race to the first spike."""

from selective_firing.theory.ideal import (
    best_gain,
    effective_threshold,
    explain_away,
    learning_step,
    learning_with_cycles,
    membrane,
    n_rises,
    stable_gain,
    top_k,
    winners_loss,
)
from selective_firing.theory.race import (
    drive_of_latency,
    firing_rate_Hz,
    inhibition_gap,
    interneuron_epsp,
    latency,
    threshold_share_at,
    waiting_time_bound,
)
from selective_firing.theory.swaps import explain_by_swaps, ideal_code, learning_with_swaps, unexplained

__all__ = [
    "best_gain",
    "drive_of_latency",
    "effective_threshold",
    "explain_away",
    "explain_by_swaps",
    "firing_rate_Hz",
    "ideal_code",
    "inhibition_gap",
    "interneuron_epsp",
    "latency",
    "learning_step",
    "learning_with_cycles",
    "learning_with_swaps",
    "membrane",
    "n_rises",
    "stable_gain",
    "threshold_share_at",
    "top_k",
    "unexplained",
    "waiting_time_bound",
    "winners_loss",
]
