"""How few units answer a stimulus, and how few stimuli a unit answers. A unit is active where its rate is above 0."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing._checks.arrays import check_numbers

__all__ = [
    "active_fraction",
    "dead_fraction",
    "duty_cycle",
    "gini",
    "lifetime_sparseness",
    "n_silent",
    "population_sparseness",
]


def _rates(rates: object) -> np.ndarray:
    return check_numbers("rates", rates, ("n_samples", "n_units"), at_least=0)


def active_fraction(rates: np.ndarray) -> float:
    """Return the share of all (stimulus, unit) pairs in which the unit is active.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.

    Examples
    --------
    >>> active_fraction([[0, 1, 0, 2], [0, 0, 0, 3]])
    0.375
    """
    return float((_rates(rates) > 0).mean())


def duty_cycle(rates: np.ndarray) -> np.ndarray:
    """Return the share of stimuli to which each unit is active, shape (n_units,).

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.

    Examples
    --------
    >>> duty_cycle([[0, 1, 5], [0, 0, 2]])
    array([0. , 0.5, 1. ])
    """
    return (_rates(rates) > 0).mean(axis=0)


def dead_fraction(rates: np.ndarray) -> float:
    """Return the share of units that are active to none of the stimuli.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.

    Examples
    --------
    >>> dead_fraction([[0, 1, 5, 0], [0, 0, 2, 0]])
    0.5
    """
    return float((duty_cycle(rates) == 0).mean())


def n_silent(rates: np.ndarray, axis: int) -> int:
    """Return how many units, or stimuli, have no activity, and so no sparseness.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.
    axis : int
        0: units that are active to no stimulus; 1: stimuli to which no unit is active.

    Examples
    --------
    >>> n_silent([[0, 1, 5], [0, 0, 0]], axis=0), n_silent([[0, 1, 5], [0, 0, 0]], axis=1)
    (1, 1)
    """
    return int((~(_rates(rates) > 0).any(axis=check_count("axis", axis, 0, 1))).sum())


def _vinje_gallant(rates: np.ndarray, axis: int) -> np.ndarray:
    """Return (1 - a) / (1 - 1/N), a = mean(r)^2 / mean(r^2) over `axis`; NaN where all is silent."""
    rates = _rates(rates)
    n = rates.shape[axis]
    peak = rates.max(axis=axis, keepdims=True)
    scaled = rates / np.where(peak > 0, peak, 1.0)  # the measure ignores scale, its squares must not overflow
    with np.errstate(invalid="ignore", divide="ignore"):
        activity_ratio = scaled.mean(axis=axis) ** 2 / (scaled**2).mean(axis=axis)
        return (1 - activity_ratio) / (1 - 1 / n)


def lifetime_sparseness(rates: np.ndarray) -> np.ndarray:
    """Return how unevenly each unit shares its activity over stimuli.

    It is a property of the distribution of a unit's rates alone, and stays as it is when these are permuted over the
    stimuli. It tells how rarely a unit fires, not what for: selectivity is measured by
    `class_information_beyond_shuffles` and `repeat_reliability`.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit, since the measure ignores scale.

    Returns
    -------
    ndarray of shape (n_units,)
        0 for equal activity to all stimuli, 1 for activity to one only; NaN for a silent unit, which is to be
        counted (`n_silent`), not scored, and with a single stimulus.

    References
    ----------
    Vinje & Gallant (2000), Science 287:1273; Treves & Rolls (1991), Network 2:371.

    Examples
    --------
    >>> lifetime_sparseness([[0.0, 2.0], [4.0, 2.0]])
    array([1., 0.])
    """
    return _vinje_gallant(rates, axis=0)


def population_sparseness(rates: np.ndarray) -> np.ndarray:
    """Return how unevenly the units share the activity to each stimulus.

    It is fixed mostly by k: a binary code with k of n units active has (1 - k/n) / (1 - 1/n) whichever they are. It
    describes a design, and cannot show that one k-sparse code is better than another.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.

    Returns
    -------
    ndarray of shape (n_samples,)
        0 for equal activity of all units, 1 for one active unit; NaN where no unit is active, and with a single unit.

    References
    ----------
    As for `lifetime_sparseness`; Willmore & Tolhurst (2001), Network 12:255.

    Examples
    --------
    >>> population_sparseness([[0.0, 4.0], [2.0, 2.0]])
    array([1., 0.])
    """
    return _vinje_gallant(rates, axis=1)


def gini(rates: np.ndarray, axis: int = 1) -> np.ndarray:
    """Return the Gini index of the rates along `axis`.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit.
    axis : int
        1: over units, for each stimulus; 0: over stimuli, for each unit.

    Returns
    -------
    ndarray
        0 if all are equal, 1 - 1/n if one holds everything, 1 - k/n for a binary code; NaN where all is silent.

    References
    ----------
    Hurley & Rickard (2009), IEEE Trans. Inf. Theory 55:4723.

    Examples
    --------
    >>> gini([[0, 0, 0, 1], [1, 1, 1, 1]])
    array([0.75, 0.  ])
    """
    ascending = np.sort(np.moveaxis(_rates(rates), check_count("axis", axis, 0, 1), -1), axis=-1)
    peak = ascending[..., -1:]
    ascending = ascending / np.where(peak > 0, peak, 1.0)  # the measure ignores scale, its sums must not overflow
    n = ascending.shape[-1]
    weight = (n - np.arange(1, n + 1) + 0.5) / n
    total = ascending.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - 2 * (ascending @ weight) / total
