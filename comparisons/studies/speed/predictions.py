"""What time and memory a size will take that nobody has run yet, and whether that fits one core, or one machine."""

from __future__ import annotations

import functools
import itertools
import os
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from comparisons.studies.speed.floors import NO_CACHE, Needs, bandwidth

__all__ = ["Law", "memory_MB", "sizes"]

SIMULATOR_BYTES, CALLER_BYTES = 56, 51
"""A pair of weights (encoding, decoding) takes so many in a simulator, and in the process that has called it."""
STIMULI_MB, PROGRAM_MB = 64, 150
"""Of the stimuli of one run, and of Python with what it imports."""
MOST_WEIGHTS = 2**31
"""Of one matrix: from here on their numbers would need more than 32 bits."""
EPOCH = 60_000
"""Presentations that are to take no more than an hour: an epoch of MNIST."""


@dataclass(frozen=True)
class Law:
    """Seconds of a presentation: what every one takes, weights worked on, and moved, and units stepped.

    To move weights takes as long as the cache level says that they fit in; to work on them takes the same everywhere.
    Without the one, what small circuits take would be far too much for those that no cache holds; without the other,
    too little.

    Attributes
    ----------
    coefficients : ndarray of shape (4,)
        Seconds; seconds per byte of weights; seconds per second at the bandwidth; seconds per unit and time step.
    steps : ndarray of shape (4,)
        By which the logarithm of the number of time steps follows those of units, k and active inputs.
    """

    coefficients: np.ndarray
    steps: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> Self:
        """Return the law that fits a table of `cost_laws` best, all its rows being right to the same share.

        Parameters
        ----------
        table : DataFrame
        """
        rows = [
            _terms(Needs(n_inputs=int(row.n_inputs), n_hidden=int(row.n_hidden), k=row.k, active=row.active_inputs,
                         n_steps=row.n_steps))
            for row in table.itertuples()
        ]  # fmt: skip
        terms = np.array(rows) / table["seconds"].to_numpy()[:, np.newaxis]
        sizes = np.log(table[["n_hidden", "k", "active_inputs"]].to_numpy(float))
        design = np.column_stack([np.ones(len(sizes)), sizes])
        steps = np.linalg.lstsq(design, np.log(table["n_steps"].to_numpy(float)), rcond=None)[0]
        scale = terms.max(axis=0)  # the terms differ by many orders of magnitude
        return cls(nnls(terms / scale, np.ones(len(terms)))[0] / scale, steps)

    def n_steps(self, n_hidden: float, k: float, active: float) -> float:
        """Return about how many time steps a competition takes.

        Parameters
        ----------
        n_hidden, k, active : float
        """
        return float(np.exp(self.steps @ [1, *np.log([n_hidden, k, active])]))

    def seconds(self, n_inputs: int, n_hidden: int, k: int, active: float, learns: bool = True) -> float:
        """Return what a presentation takes on one core.

        Parameters
        ----------
        n_inputs, n_hidden, k : int
        active : float
            Inputs that are not 0.
        learns : bool
        """
        n_steps = self.n_steps(n_hidden, k, active)
        needs = Needs(n_inputs=n_inputs, n_hidden=n_hidden, k=k, active=active, n_steps=n_steps, learns=learns)
        return float(self.coefficients @ _terms(needs))


def _terms(needs: Needs) -> list[float]:
    n_bytes = min(needs.weight_bytes, NO_CACHE)
    worked = needs.bytes_of_weights
    return [1.0, worked, worked / _bandwidth(n_bytes), needs.n_steps * needs.n_hidden]


def _bandwidth(n_bytes: int) -> float:
    """Return the bandwidth within so many bytes, with sizes rounded to powers of the square root of 2."""
    return _measured(round(2 * np.log2(n_bytes)))


@functools.cache
def _measured(half_powers: int) -> float:
    return bandwidth(int(2 ** (half_powers / 2)))


def memory_MB(n_inputs: int, n_hidden: int) -> tuple[float, float]:
    """Return what a simulator takes, and the process that has called it.

    Parameters
    ----------
    n_inputs, n_hidden : int
    """
    pairs = n_inputs * n_hidden / 1e6
    return 5 + STIMULI_MB + SIMULATOR_BYTES * pairs, PROGRAM_MB + 2 * STIMULI_MB + CALLER_BYTES * pairs


def sizes(law: Law, n_cores: int | None = None, machine_MB: float | None = None) -> pd.DataFrame:
    """Return what circuits up to 10^6 units, k = 1,000 and 10^4 inputs will take, and where they fit.

    Parameters
    ----------
    law : Law
    n_cores : int, optional
    machine_MB : float, optional
        Memory. Both are this machine's if not given.
    """
    cores, memory = n_cores or os.cpu_count() or 1, machine_MB or _memory_here_MB()
    rows = []
    for n_inputs, n_hidden, k in itertools.product((784, 10_000), (256, 4096, 16_384, 131_072, 1_000_000), (10, 1000)):
        if k <= n_hidden / 2:
            learned, encoded = (law.seconds(n_inputs, n_hidden, k, n_inputs / 5, learns) for learns in (True, False))
            row = {"n_inputs": n_inputs, "n_hidden": n_hidden, "k": k, "learned_ms": 1e3 * learned,
                   "encoded_ms": 1e3 * encoded, "simulator_MB": memory_MB(n_inputs, n_hidden)[0],
                   "caller_MB": memory_MB(n_inputs, n_hidden)[1]}  # fmt: skip
            rows.append(row | {"fits": _fits(n_inputs * n_hidden, row, cores, memory)})
    return pd.DataFrame(rows)


def _fits(n_weights: int, row: dict[str, float], cores: int, memory: float) -> str:
    """Return in words where an epoch of patterns is encoded within an hour."""
    hours = EPOCH * row["encoded_ms"] / 3.6e6
    if n_weights >= MOST_WEIGHTS:
        return "nowhere: 2^31 weights or more"
    if row["simulator_MB"] + row["caller_MB"] > memory:
        return "a machine with more memory: one circuit is not split"
    if hours <= 1:
        return "one core"
    at_once = min(cores, int((memory - row["caller_MB"]) // row["simulator_MB"]))
    if hours <= at_once:
        return f"one machine: n_jobs={at_once}"
    return f"split rows over {int(np.ceil(hours / at_once))} such machines"


def _memory_here_MB() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
