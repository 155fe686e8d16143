"""Whether the right units won, and in what unit their activity is read."""

from __future__ import annotations

import numpy as np

__all__ = ["exact_fraction", "jaccard", "overlap", "rate_gain", "rates_Hz", "redundant_pairs"]


def exact_fraction(winners: np.ndarray, expected: int | np.ndarray) -> float:
    """Return the share of stimuli to which exactly the expected number of units won.

    Parameters
    ----------
    winners : array-like of bool, shape (n_samples, n_units)
    expected : int or array-like of int, shape (n_samples,)
        k, or min(k, number of driven units) of each stimulus.
    """
    return float((np.asarray(winners, dtype=bool).sum(axis=1) == np.asarray(expected)).mean())


def jaccard(winners: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the overlap of two sets of winners, shared / any, for each stimulus.

    Parameters
    ----------
    winners, others : array-like of bool, shape (n_samples, n_units)

    Returns
    -------
    ndarray of shape (n_samples,)
        0 without a common unit, 1 if they are the same units, also if there are none.

    Examples
    --------
    >>> jaccard([[1, 1, 0], [0, 0, 0]], [[1, 0, 1], [0, 0, 0]])
    array([0.33333333, 1.        ])
    """
    winners, others = np.asarray(winners, dtype=bool), np.asarray(others, dtype=bool)
    if winners.shape != others.shape:
        raise ValueError(f"winners and others must be of one shape, got {winners.shape} and {others.shape}.")
    shared, united = (winners & others).sum(axis=1), (winners | others).sum(axis=1)
    return np.where(united > 0, shared / np.maximum(united, 1), 1.0)


def overlap(code: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Return which share of the prediction's power is said more than once, for each stimulus; shape (n_samples,).

    1 - sum_i |r_i w_i|^2 / |sum_i r_i w_i|^2: 0 for orthogonal units, 1/2 for two equal ones, negative where units take
    back what others say, NaN where nothing is predicted.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    components : array-like of shape (n_units, n_inputs)
        Decoding weights.

    Examples
    --------
    >>> overlap([[1, 1, 0], [1, 0, 1]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    array([0. , 0.5])
    """
    code, components = np.asarray(code, dtype=float), np.asarray(components, dtype=float)
    apart, together = code**2 @ (components**2).sum(axis=1), ((code @ components) ** 2).sum(axis=1)
    return 1 - apart / np.where(together > 0, together, np.nan)


def redundant_pairs(winners: np.ndarray, components: np.ndarray, cosine: float = 0.3) -> np.ndarray:
    """Return how many pairs of winners tell much the same story, for each stimulus; shape (n_samples,).

    Parameters
    ----------
    winners : array-like of bool, shape (n_samples, n_units)
    components : array-like of shape (n_units, n_inputs)
        Decoding weights.
    cosine : float
        Between the decoding weights of two units, above which they count as redundant.

    Examples
    --------
    >>> redundant_pairs([[1, 1, 1], [1, 0, 1]], [[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    array([1, 0])
    """
    winners, components = np.asarray(winners, dtype=bool).astype(int), np.asarray(components, dtype=float)
    norms = np.linalg.norm(components, axis=1, keepdims=True)
    directions = components / np.where(norms > 0, norms, 1.0)
    alike = np.triu(directions @ directions.T > cosine, k=1).astype(int)
    return ((winners @ alike) * winners).sum(axis=1)


def rates_Hz(code: np.ndarray, components: np.ndarray, gain: float) -> np.ndarray:
    """Return firing rates, gain x code x norm of the decoding weights, shape (n_samples, n_units).

    The product of code and norm is what a unit adds to the reconstruction. It stays as it is when encoder and decoder
    trade scale, so one rule serves every model.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_units)
    components : ndarray of shape (n_units, n_inputs)
    gain : float
        In Hz, as `rate_gain` returns it.
    """
    return gain * np.asarray(code) * np.linalg.norm(components, axis=1)


def rate_gain(code: np.ndarray, components: np.ndarray, target_Hz: float = 40.0) -> float:
    """Return the gain by which the mean active unit of `code` fires at `target_Hz`; 0 if no unit is active."""
    strength = rates_Hz(code, components, 1.0)
    active = strength > 0
    return float(target_Hz / strength[active].mean()) if active.any() else 0.0
