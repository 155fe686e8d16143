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
    order = np.argsort(-(code != 0), axis=1, kind="stable")[:, : int((code != 0).sum(axis=1).max(initial=0))]
    for unit in order.T:
        chosen = code != 0
        leaves = chosen[rows, unit]
        chosen[rows, unit] = False
        without, chosen = _refitted(np.where(chosen, code, 0), drive, gram, chosen, positive)
        left = drive - without @ gram
        merit = np.where(chosen, -np.inf, left if positive else np.abs(left))
        chosen[rows, merit.argmax(axis=1)] = True
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

    With `positive` rates move from those of `code` towards these until one reaches 0, whose unit is let go, and again:
    the inner loop of Lawson & Hanson (1974), Solving least squares problems, chapter 23.
    """
    best, chosen = _least_squares(drive, gram, chosen), chosen.copy()
    if not positive:
        return best, chosen
    code, late = code.copy(), np.arange(len(code))
    while late.size:
        falls = chosen[late] & (best[late] <= 0)
        share = np.where(falls, code[late] / np.maximum(code[late] - best[late], np.finfo(float).tiny), 1.0)
        step = share.min(axis=1, keepdims=True)
        code[late] += step * (best[late] - code[late])
        gone = falls & (share <= step)
        code[late] = np.where(gone, 0.0, np.maximum(code[late], 0.0))
        chosen[late] &= ~gone
        late = late[gone.any(axis=1)]
        if late.size:
            best[late] = _least_squares(drive[late], gram, chosen[late])
    return np.where(chosen, code, 0.0), chosen


def _least_squares(drive: np.ndarray, gram: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the rates, shape (n_samples, n_hidden), that explain most of each pattern by its chosen units alone."""
    counts = chosen.sum(axis=1)
    units = np.argsort(~chosen, axis=1, kind="stable")[:, : int(counts.max(initial=0))]
    used = np.arange(units.shape[1]) < counts[:, np.newaxis]
    overlaps = gram[units[:, :, np.newaxis], units[:, np.newaxis, :]]
    overlaps = np.where(used[:, :, np.newaxis] & used[:, np.newaxis, :], overlaps, np.eye(units.shape[1]))
    wanted = np.where(used, np.take_along_axis(drive, units, axis=1), 0.0)
    rates = np.linalg.solve(overlaps, wanted[:, :, np.newaxis])[:, :, 0]
    code = np.zeros_like(drive)
    np.put_along_axis(code, units, np.where(used, rates, 0.0), axis=1)
    return code
