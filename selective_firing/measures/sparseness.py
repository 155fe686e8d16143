"""How few units answer a stimulus, and how few stimuli a unit answers. A unit is active where its rate is above 0."""

from __future__ import annotations

import numpy as np

__all__ = [
    "active_fraction",
    "dead_fraction",
    "duty_cycle",
    "gini",
    "lifetime_sparseness",
    "n_silent",
    "population_sparseness",
]


def _rates(rates: np.ndarray) -> np.ndarray:
    rates = np.asarray(rates, dtype=float)
    if rates.ndim != 2 or rates.size == 0:
        raise ValueError(f"rates must be 2-D and not empty, got shape {rates.shape}.")
    if not (rates >= 0).all():
        raise ValueError("rates must be at least 0 and not NaN.")
    return rates


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
    """Return the share of stimuli to which each unit is active, shape (n_units,), from rates (n_samples, n_units)."""
    return (_rates(rates) > 0).mean(axis=0)


def dead_fraction(rates: np.ndarray) -> float:
    """Return the share of units that are active to none of the stimuli, from rates (n_samples, n_units)."""
    return float((duty_cycle(rates) == 0).mean())


def n_silent(rates: np.ndarray, axis: int) -> int:
    """Return how many units (axis 0) or stimuli (axis 1) have no activity, and so no sparseness."""
    return int((~(_rates(rates) > 0).any(axis=axis)).sum())


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
    """Return how selectively each unit is active across stimuli.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative; any unit, since the measure ignores scale.

    Returns
    -------
    ndarray of shape (n_units,)
        0 for equal activity to all stimuli, 1 for activity to one only; NaN for a silent unit, which is to be
        counted (`n_silent`), not scored.

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

    Returns
    -------
    ndarray of shape (n_samples,)
        0 for equal activity of all units, 1 for one active unit; NaN where no unit is active.

    References
    ----------
    As for `lifetime_sparseness`; Willmore & Tolhurst (2001), Network 12:255.
    """
    return _vinje_gallant(rates, axis=1)


def gini(rates: np.ndarray, axis: int = 1) -> np.ndarray:
    """Return the Gini index of the rates along `axis`.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
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
    ascending = np.sort(np.moveaxis(_rates(rates), axis, -1), axis=-1)
    n = ascending.shape[-1]
    weight = (n - np.arange(1, n + 1) + 0.5) / n
    total = ascending.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - 2 * (ascending @ weight) / total
