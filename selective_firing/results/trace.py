"""One presentation, step by step: what the figures of single competitions are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from selective_firing.results.spikes import Spikes

__all__ = ["SpikingTrace", "Trace"]


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One presentation, step by step.

    Attributes
    ----------
    stimulus : int
        Its row in the patterns that were simulated.
    time_ms, inhibition, n_active : ndarray of shape (n_steps,)
        Time since onset, inhibition (slow and fast, drive units) and number of active units.
    u : ndarray of shape (n_steps, n_hidden)
        Membranes, in drive units; a unit is active above 0, or above inhibition if `threshold`.
    drives : ndarray of shape (n_cycles, n_hidden)
        Of each cycle; without explaining away there is one. Where lateral synapses explain away, the rates at the end
        of each round.
    cycle_winners : ndarray of bool, shape (n_cycles, n_hidden)
    decisions_ms : ndarray of shape (n_cycles,)
    k : int
    threshold : bool
        Whether inhibition sets the firing threshold.
    lateral : bool
        Whether lateral synapses explain away, in rounds of more than one competition.
    slow : ndarray of shape (n_steps,)
        The slow part of inhibition alone, without the fast one that makes up for the membrane's lag; empty if it was
        not recorded.
    pattern : ndarray of shape (n_inputs,)
        The stimulus, as the inputs show it; empty if it was not recorded.
    """

    stimulus: int
    time_ms: np.ndarray
    inhibition: np.ndarray
    n_active: np.ndarray
    u: np.ndarray
    drives: np.ndarray
    cycle_winners: np.ndarray
    decisions_ms: np.ndarray
    k: int
    threshold: bool
    lateral: bool = False
    slow: np.ndarray = field(default_factory=lambda: np.zeros(0))
    pattern: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def __repr__(self) -> str:
        sizes = f"{len(self.drives)} competitions, {self.time_ms.size} steps"
        return f"Trace(stimulus {self.stimulus}: {sizes}, k = {self.k})"

    @property
    def drive(self) -> np.ndarray:
        """By the stimulus, before any feedback (of lateral synapses: rates of the first round); shape (n_hidden,)."""
        return self.drives[0]

    @property
    def winners(self) -> np.ndarray:
        """Of the last cycle, bool of shape (n_hidden,)."""
        return self.cycle_winners[-1]

    @property
    def decision_ms(self) -> float:
        """Of the last cycle."""
        return float(self.decisions_ms[-1])

    @property
    def cycle(self) -> np.ndarray:
        """Number of the cycle, from 0, that each step belongs to; shape (n_steps,)."""
        return np.searchsorted(self.decisions_ms + 1e-9, self.time_ms)

    @property
    def reached_ms(self) -> np.ndarray:
        """First moment of each cycle at which k units are active; shape (n_cycles,), NaN where there is none.

        It is the decision, unless that has to last (`hold` of `RateParameters`) or is seen late (`loop_delay`).
        """
        exact, cycle = self.n_active == self.k, self.cycle
        firsts = [self.time_ms[exact & (cycle == number)][:1] for number in range(len(self.decisions_ms))]
        return np.array([first[0] if first.size else np.nan for first in firsts])

    @property
    def levels(self) -> np.ndarray:
        """Firing threshold in each step, shape (n_steps,): 0, or inhibition as the step before left it.

        NaN in the first step if inhibition sets it: the level at the onset is not recorded.
        """
        return np.append(np.nan, self.inhibition[:-1]) if self.threshold else np.zeros(self.time_ms.size)

    @property
    def needed_drive(self) -> np.ndarray:
        """Drive that would put a unit right at its threshold, at each step; shape (n_steps,).

        Membranes that share their time constant are, at any moment, a straight line over their drives. The line is
        fitted, so that noise and unequal cells count with their mean. NaN where lateral synapses explain away: each
        round is more than one competition, and of each other drives.
        """
        if self.lateral:
            return np.full(self.time_ms.size, np.nan)
        level = self.inhibition if self.threshold else 0.0
        drives = self.drives[self.cycle]
        means = drives.mean(axis=1)
        apart = drives - means[:, np.newaxis]
        slope = (self.u * apart).sum(axis=1) / np.maximum((apart**2).sum(axis=1), np.finfo(float).tiny)
        with np.errstate(divide="ignore", invalid="ignore"):
            return means + (level - self.u.mean(axis=1)) / slope


@dataclass(frozen=True, eq=False, repr=False)
class SpikingTrace:
    """One presentation to the spiking circuit, step by step.

    Attributes
    ----------
    stimulus : int
        Its row in the patterns that were simulated.
    time_ms, conductance : ndarray of shape (n_steps,)
        Time since onset, and the inhibitory conductance of a cell, relative to its leak.
    v_mV : ndarray of shape (n_steps, n_hidden)
        Membranes.
    v_threshold_mV : float
        Firing threshold of a cell that is like the mean cell.
    drive : ndarray of shape (n_hidden,)
        With spike trains as input its mean.
    winners : ndarray of bool, shape (n_hidden,)
    spikes : dict of str to Spikes
        By population: "inputs" where they fire, "hidden", "interneurons".
    arrivals_ms : ndarray
        When a volley of inhibition arrived, which ends a cycle.
    k : int
    """

    stimulus: int
    time_ms: np.ndarray
    conductance: np.ndarray
    v_mV: np.ndarray
    v_threshold_mV: float
    drive: np.ndarray
    winners: np.ndarray
    spikes: dict[str, Spikes]
    arrivals_ms: np.ndarray
    k: int

    def __repr__(self) -> str:
        return f"SpikingTrace(stimulus {self.stimulus}: {self.time_ms.size} steps, k = {self.k})"
