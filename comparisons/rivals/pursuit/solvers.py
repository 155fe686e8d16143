"""Greedy codes on given weights: matching pursuit, orthogonal matching pursuit, signed or not, and swaps after it.

All of them know patterns only by their overlaps with the weights, and work on many at once: after a choice all drives
change by a row of the Gram matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["LEAST", "Pursuit", "matching_pursuit", "orthogonal_pursuit", "with_swaps"]

LEAST = 1e-7
"""A unit whose overlap with what is left is a smaller share of the largest drive adds nothing but rounding."""


class Pursuit(NamedTuple):
    """What a matching pursuit chose, step by step.

    Attributes
    ----------
    units : ndarray of int, shape (n_steps, n_samples)
    rates : ndarray of shape (n_steps, n_samples)
        What each step adds to the rate of its unit; 0 where nothing resembled what was left.
    left : ndarray of shape (n_samples, n_hidden)
        Drives by what is left after the last step.
    """

    units: np.ndarray
    rates: np.ndarray
    left: np.ndarray

    @property
    def code(self) -> np.ndarray:
        """The rates of all units, shape (n_samples, n_hidden); a unit may have been chosen more than once."""
        code = np.zeros_like(self.left)
        for units, rates in zip(self.units, self.rates, strict=True):
            code[np.arange(len(code)), units] += rates
        return code


def matching_pursuit(drive: np.ndarray, gram: np.ndarray, k: int) -> Pursuit:
    """Choose k times the unit that resembles most what is left, and take away what it explains.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
        Overlap of each pattern with each row of weights, which have norm 1.
    gram : ndarray of shape (n_hidden, n_hidden)
        Overlaps of these rows with each other.
    k : int
        Number of steps: at most so many units are active. Rates are not negative.

    References
    ----------
    Mallat & Zhang (1993), Matching pursuits with time-frequency dictionaries, IEEE Trans Signal Process 41:3397; only
    positive overlaps are taken here, as in Costa et al. (2025), arXiv 2506.03093.

    Examples
    --------
    >>> matching_pursuit(np.array([[3.0, 4.0]]), np.array([[1.0, 0.5], [0.5, 1.0]]), 2).code
    array([[1., 4.]])
    """
    left, rows = drive.copy(), np.arange(len(drive))
    units, rates = np.zeros((k, len(drive)), np.intp), np.zeros((k, len(drive)), drive.dtype)
    for step in range(k):
        units[step] = left.argmax(axis=1)
        rates[step] = np.maximum(left[rows, units[step]], 0)
        left -= rates[step][:, np.newaxis] * gram[units[step]]
    return Pursuit(units, rates, left)


def orthogonal_pursuit(drive: np.ndarray, gram: np.ndarray, k: int, positive: bool = False) -> np.ndarray:
    """Choose k units as matching pursuit does, but give all that are chosen their best rates after every choice.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
        Overlap of each pattern with each row of weights, which have norm 1.
    gram : ndarray of shape (n_hidden, n_hidden)
        Overlaps of these rows with each other.
    k : int
    positive : bool
        Whether rates must not be negative. A unit whose rate would be is let go, and another chosen in its stead: the
        algorithm of Lawson and Hanson, stopped at k units.

    Returns
    -------
    ndarray of shape (n_samples, n_hidden)
        Of least squares on the chosen units. Fewer than k are active where those explain a pattern wholly, or where
        nothing resembles what is left.

    References
    ----------
    Pati, Rezaiifar & Krishnaprasad (1993), Orthogonal matching pursuit, Asilomar conference 27:40. Bruckstein, Elad &
    Zibulevsky (2008), IEEE Trans Inf Theory 54:4813, for non-negative rates.

    Examples
    --------
    >>> orthogonal_pursuit(np.array([[3.0, 4.0]]), np.array([[1.0, 0.5], [0.5, 1.0]]), 2).round(3)
    array([[1.333, 3.333]])
    """
    code, chosen, rows = np.zeros_like(drive), np.zeros(drive.shape, bool), np.arange(len(drive))
    floor = LEAST * np.abs(drive).max(axis=1, initial=0)
    for _ in range(2 * k if positive else k):  # units that were let go leave room for others
        left = drive - code @ gram
        merit = np.where(chosen, -np.inf, left if positive else np.abs(left))
        best = merit.argmax(axis=1)
        grows = (merit[rows, best] > floor) & (chosen.sum(axis=1) < k)
        if not grows.any():
            break
        chosen[rows[grows], best[grows]] = True
        code[grows], chosen[grows] = _refitted(code[grows], drive[grows], gram, chosen[grows], positive)
    return code


def with_swaps(code: np.ndarray, drive: np.ndarray, gram: np.ndarray, positive: bool = False) -> np.ndarray:
    """Return a code after one round of swaps: each active unit makes room in turn, and the best other may come.

    By how much one would is known without trying: what is left overlaps its weights less what the other units span,
    which is the choice of orthogonal least squares (Chen, Billings & Luo 1989, Int J Control 50:1873); with
    `positive` that is exact where no rate becomes 0.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_hidden)
        As `orthogonal_pursuit` returns it for the same other arguments.
    drive, gram : ndarray
        As there.
    positive : bool

    Returns
    -------
    ndarray of shape (n_samples, n_hidden)
        With no larger error for any pattern, and no more active units.
    """
    code, rows = code.copy(), np.arange(len(code))
    units, used = _listed(code != 0)
    for unit, leaves in zip(units.T, used.T, strict=True):
        chosen = code != 0
        chosen[rows, unit] = False
        without, chosen = _refitted(np.where(chosen, code, 0), drive, gram, chosen, positive)
        left = drive - without @ gram
        merit = (left if positive else np.abs(left)) / np.sqrt(np.maximum(_beyond(gram, chosen), LEAST))
        chosen[rows, np.where(chosen, -np.inf, merit).argmax(axis=1)] = True
        tried, _ = _refitted(without, drive, gram, chosen, positive)
        better = leaves & (_explained(tried, drive, gram) > _explained(code, drive, gram))
        code[better] = tried[better]
    return code


def _explained(code: np.ndarray, drive: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """Return by how much each code lowers the squared error of its pattern."""
    return 2 * np.einsum("ij,ij->i", code, drive) - np.einsum("ij,ij->i", code @ gram, code)


def _refitted(
    code: np.ndarray, drive: np.ndarray, gram: np.ndarray, chosen: np.ndarray, positive: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates of least squares on the chosen units, and which of these are left.

    With `positive` rates start from those of `code`, and units whose rate would be negative are let go.
    """
    units, used = _listed(chosen)
    wanted = np.take_along_axis(drive, units, axis=1)
    overlaps = gram[units[:, :, np.newaxis], units[:, np.newaxis, :]]
    best = _least_squares(overlaps, wanted, used)
    if positive:
        best, used = _without_negative(np.take_along_axis(code, units, axis=1), best, overlaps, wanted, used)
    refitted, left = np.zeros_like(drive), np.zeros_like(chosen)
    places = np.nonzero(used)[0], units[used]
    refitted[places], left[places] = best[used], True
    return refitted, left


def _without_negative(
    rates: np.ndarray, best: np.ndarray, overlaps: np.ndarray, wanted: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move `rates` towards those of least squares until one reaches 0, let its unit go, and again; all (n_samples, k).

    The inner loop of Lawson & Hanson (1974), Solving least squares problems, chapter 23.
    """
    used, late = used.copy(), np.flatnonzero((used & (best <= 0)).any(axis=1))
    while late.size:
        falls = used[late] & (best[late] <= 0)
        whole = np.where(falls, np.maximum(rates[late] - best[late], np.finfo(float).tiny), 1.0)
        share = np.where(falls, rates[late] / whole, 1.0)
        step = share.min(axis=1, keepdims=True)
        used[late] &= ~(falls & (share <= step))
        moved = np.maximum(rates[late] + step * (best[late] - rates[late]), 0.0)
        rates[late] = np.where(used[late], moved, 0.0)
        best[late] = _least_squares(overlaps[late], wanted[late], used[late])
        late = late[(used[late] & (best[late] <= 0)).any(axis=1)]
    return best, used


def _beyond(gram: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the squared norm of what each unit's weights have beyond the chosen ones, shape (n_samples, n_hidden)."""
    units, used = _listed(chosen)
    shared = gram[units]
    spanned = _solved(gram[units[:, :, np.newaxis], units[:, np.newaxis, :]], shared, used)
    return np.diagonal(gram) - np.einsum("ijk,ijk->ik", shared, spanned)


def _least_squares(overlaps: np.ndarray, wanted: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the rates, shape (n_samples, k), that explain most of each pattern by the used of its units alone."""
    return _solved(overlaps, wanted[:, :, np.newaxis], used)[:, :, 0]


def _solved(overlaps: np.ndarray, wanted: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the solutions for the used rows and columns of each pattern's equations, 0 for others."""
    both = used[:, :, np.newaxis] & used[:, np.newaxis, :]
    overlaps = np.where(both, overlaps, np.eye(used.shape[1]))
    return np.linalg.solve(overlaps, np.where(used[:, :, np.newaxis], wanted, 0.0))


def _listed(chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the chosen units of each pattern, shape (n_samples, most), and which of these entries are any."""
    counts = chosen.sum(axis=1)
    used = np.arange(counts.max(initial=0)) < counts[:, np.newaxis]
    units = np.zeros(used.shape, np.intp)
    units[used] = np.nonzero(chosen)[1]
    return units, used
