"""What a machine must at least do for a presentation, and how fast it can: floors to hold measured times against."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

__all__ = ["NO_CACHE", "Needs", "bandwidth", "floor_s", "multiply_adds_per_s"]

MOVED = 64_000_000
"""Bytes after which a timing of the memory is long enough."""
NO_CACHE = 256_000_000
"""Bytes that fit in no cache of one core's."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a presentation asks for; means over many may be given.

    Attributes
    ----------
    n_inputs, n_hidden : int
    k, active : float
        Winners, and inputs that are not 0.
    n_steps : float
        Time steps of a presentation.
    learns : bool
    n_cycles : int
        Competitions; before each but the first, the errors of all inputs drive all units.
    """

    n_inputs: int
    n_hidden: int
    k: float
    active: float
    n_steps: float
    learns: bool = True
    n_cycles: int = 1

    @property
    def weight_bytes(self) -> int:
        """Bytes of both weight matrices, among which a presentation goes about."""
        return 2 * 8 * self.n_inputs * self.n_hidden

    @property
    def bytes_of_weights(self) -> float:
        """Those of `bytes_touched` that are weights."""
        return 8 * self._weights_read + 8 * 4 * self._lessons

    @property
    def bytes_touched(self) -> float:
        """Bytes that must be read or written, whatever the program.

        Every weight from an active input is read once; every weight of a winner is read for the prediction and, if the
        error is fed back, for the feedback, and read and written to learn, in both matrices; in each step a unit's
        membrane is read and written, and its drive and state are read.
        """
        return self.bytes_of_weights + self.n_steps * self.n_hidden * (16 + 8 + 4)

    @property
    def operations(self) -> float:
        """Multiply-adds of the same: one a weight that is read, two a weight that learns, two a membrane."""
        return self._weights_read + 2 * 2 * self._lessons + 2 * self.n_steps * self.n_hidden

    @property
    def _weights_read(self) -> float:
        winners, again = self.k * self.n_inputs, self.n_cycles - 1
        onset = self.active * self.n_hidden + again * self.n_inputs * self.n_hidden
        return onset + winners * (1 + self.learns + 2 * again)

    @property
    def _lessons(self) -> float:
        return self.learns * self.k * self.n_inputs * min(self.n_cycles, 2)


def floor_s(needs: Needs, multiply_adds: float | None = None) -> float:
    """Return the seconds that one core needs at least: to move the bytes, or to multiply, whichever takes longer.

    Bytes move at the bandwidth of the cache level that the weights fit in, measured here and now.

    Parameters
    ----------
    needs : Needs
    multiply_adds : float, optional
        A second; measured if not given.
    """
    fastest = multiply_adds or multiply_adds_per_s()
    return max(needs.bytes_touched / bandwidth(min(needs.weight_bytes, NO_CACHE)), needs.operations / fastest)


def bandwidth(n_bytes: int = MOVED) -> float:
    """Return how many bytes a second one core copies, read and written, within memory of a size.

    What fits in a cache moves faster than what does not.

    Parameters
    ----------
    n_bytes : int
        Of source and target together.
    """
    source = np.ones(max(512, n_bytes // 16))
    target, repeats = np.empty_like(source), max(1, MOVED // (2 * source.nbytes))

    def copy() -> None:
        for _ in range(repeats):
            np.copyto(target, source)

    return repeats * 2 * source.nbytes / _quickest(copy, 10)


def multiply_adds_per_s(n: int = 256) -> float:
    """Return the multiply-adds a second of a matrix product on one core: the most that the machine can do.

    Parameters
    ----------
    n : int
        Rows and columns of the matrices.
    """
    matrix = np.ones((n, n))
    with threadpool_limits(1):
        return n**3 / _quickest(lambda: matrix @ matrix, 20)


def _quickest(do: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()  # of one core: waiting for others on the machine does not count
        do()
        times.append(time.process_time() - start)
    return max(min(times), 1e-9)
