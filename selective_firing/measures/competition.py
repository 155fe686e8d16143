"""Whether the right units won, and in what unit their activity is read."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count, check_real
from selective_firing._checks.arrays import check_flags, check_numbers, in_range, near_one

__all__ = ["exact_fraction", "jaccard", "overlap", "rate_gain", "rates_Hz", "redundant_pairs", "relative_gap"]

UNITS = ("n_samples", "n_units")
MEAN_RATE_HZ = 40.0
"""Of an active unit, the same rule for every model."""


def exact_fraction(winners: np.ndarray, expected: int | np.ndarray) -> float:
    """Return the share of stimuli to which exactly the expected number of units won.

    Parameters
    ----------
    winners : array-like of bool, shape (n_samples, n_units)
    expected : int or array-like of int, shape (n_samples,)
        k, or min(k, number of driven units) of each stimulus.

    Examples
    --------
    >>> exact_fraction([[1, 1, 0], [1, 0, 0]], 2)
    0.5
    >>> exact_fraction([[1, 1, 0], [1, 0, 0]], [2, 1])
    1.0
    """
    winners = check_flags("winners", winners, UNITS)
    if np.ndim(expected) == 0:
        expected = np.full(len(winners), expected)
    expected = check_numbers("expected", expected, (len(winners),), at_least=0)
    return float((winners.sum(axis=1) == expected).mean())


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
    winners, others = check_flags("winners", winners, UNITS), check_flags("others", others, UNITS)
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
    (code,), (components,) = map(near_one, _code_and_components(code, components))
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
    flags = check_flags("winners", winners, UNITS)
    components = check_numbers("components", components, (flags.shape[1], "n_inputs"))
    if not -1 <= check_real("cosine", cosine) <= 1:
        raise ValueError(f"cosine must be between -1 and 1, got {cosine}.")
    (components,) = near_one(components, axis=1)
    norms = np.linalg.norm(components, axis=1, keepdims=True)
    directions = components / np.where(norms > 0, norms, 1.0)
    alike, counts = np.triu(directions @ directions.T > cosine, k=1).astype(int), flags.astype(int)
    return ((counts @ alike) * counts).sum(axis=1)


def relative_gap(drive: np.ndarray, k: int) -> np.ndarray:
    """Return how far the next drive is below the k-th, as a share of it; shape (n_samples,).

    Parameters
    ----------
    drive : array-like of shape (n_samples, n_hidden)
    k : int
        From 1 to n_hidden.

    Returns
    -------
    ndarray of shape (n_samples,)
        From 0, where they tie, to 1, where only k units are driven; NaN where fewer are.

    Examples
    --------
    >>> relative_gap(np.array([[3.0, 4.0, 1.0], [-1.0, 2.0, 1.0], [-1.0, -2.0, 5.0]]), 2)
    array([0.66666667, 1.        ,        nan])
    """
    drive = check_numbers("drive", drive, ("n_samples", "n_hidden"))
    k = check_count("k", k, at_most=drive.shape[1])
    ranked = -np.sort(-np.maximum(drive, 0.0), axis=1)
    last = ranked[:, k - 1]
    following = ranked[:, k] if k < ranked.shape[1] else np.zeros(len(ranked))
    return 1 - following / np.where(last > 0, last, np.nan)


def _code_and_components(code: object, components: object) -> tuple[np.ndarray, np.ndarray]:
    """Return a code and the decoding weights of its units as arrays of float64, or raise."""
    numbers = check_numbers("code", code, UNITS)
    return numbers, check_numbers("components", components, (numbers.shape[1], "n_inputs"))


@in_range("code", "components", "gain")
def rates_Hz(code: np.ndarray, components: np.ndarray, gain: float) -> np.ndarray:
    """Return firing rates, gain x code x norm of the decoding weights, shape (n_samples, n_units).

    The product of code and norm is what a unit adds to the reconstruction. It stays as it is when encoder and decoder
    trade scale, so one rule serves every model.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    components : array-like of shape (n_units, n_inputs)
        Decoding weights.
    gain : float
        In Hz, as `rate_gain` returns it; at least 0.

    Examples
    --------
    >>> rates_Hz([[1.0, 0.0], [2.0, 3.0]], [[3.0, 4.0], [0.0, 1.0]], gain=2.0)
    array([[10.,  0.],
           [20.,  6.]])
    """
    code, components = _code_and_components(code, components)
    return check_real("gain", gain, at_least=0) * code * np.linalg.norm(components, axis=1)


@in_range("code", "components", "target_Hz")
def rate_gain(code: np.ndarray, components: np.ndarray, target_Hz: float = MEAN_RATE_HZ) -> float:
    """Return the gain by which the mean active unit of `code` fires at `target_Hz`.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    components : array-like of shape (n_units, n_inputs)
        Decoding weights.
    target_Hz : float
        Above 0.

    Returns
    -------
    float
        In Hz per unit of drive and of weight; 0 if no unit is active.

    Examples
    --------
    >>> rate_gain([[1.0, 0.0], [3.0, 0.0]], [[1.0], [1.0]])  # the mean active unit has a code of 2
    20.0
    """
    code, components = _code_and_components(code, components)
    strength = code * np.linalg.norm(components, axis=1)
    return gain_of(strength, check_real("target_Hz", target_Hz, above=0))


def gain_of(strength: np.ndarray, target_Hz: float) -> float:
    """Return the gain that makes `target_Hz` of the mean of all strengths above 0; 0 if there are none.

    Parameters
    ----------
    strength : ndarray
        Codes times norms of decoding weights.
    target_Hz : float
    """
    active = strength > 0
    return float(target_Hz / strength[active].mean()) if active.any() else 0.0
