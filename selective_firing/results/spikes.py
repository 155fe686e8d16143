"""Spike times of one population, stimulus by stimulus, as three plain columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

__all__ = ["Spikes"]


@dataclass(frozen=True, eq=False, repr=False)
class Spikes:
    """The spikes of a population, in the order in which they were fired.

    Attributes
    ----------
    stimulus : ndarray of int, shape (n_spikes,)
        Row of the stimulus during which it was fired.
    unit : ndarray of int, shape (n_spikes,)
    time_ms : ndarray of shape (n_spikes,)
        Since the onset of the stimulus.
    n_units : int
        Size of the population.
    """

    stimulus: np.ndarray
    unit: np.ndarray
    time_ms: np.ndarray
    n_units: int

    def __repr__(self) -> str:
        return f"Spikes({self.unit.size:,} spikes of {self.n_units:,} units)"

    def counts(self, n_samples: int) -> np.ndarray:
        """Return how often each unit fired, int of shape (n_samples, n_units)."""
        counts = np.zeros((n_samples, self.n_units), int)
        np.add.at(counts, (self.stimulus, self.unit), 1)
        return counts

    def of(self, stimulus: int) -> Self:
        """Return the spikes during one stimulus."""
        mine = self.stimulus == stimulus
        return type(self)(self.stimulus[mine], self.unit[mine], self.time_ms[mine], self.n_units)

    @classmethod
    def join(cls, parts: Sequence[Self], n_samples: Sequence[int]) -> Self:
        """Return the spikes of consecutive chunks of stimuli, of which there were `n_samples`, as one.

        Parameters
        ----------
        parts : Sequence[Self]
        n_samples : Sequence[int]
        """
        shifts = np.cumsum([0, *n_samples[:-1]])
        return cls(
            np.concatenate([part.stimulus + shift for part, shift in zip(parts, shifts, strict=True)]),
            np.concatenate([part.unit for part in parts]),
            np.concatenate([part.time_ms for part in parts]),
            parts[0].n_units,
        )
