"""Whether a code moves stimuli apart that were alike, and how trials are put in the order that measures take."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_choice
from selective_firing._checks.arrays import check_labels, check_numbers, near_one

__all__ = ["by_repeat", "pairwise_similarity", "pattern_separation"]

KINDS = ("correlation", "cosine")


def pairwise_similarity(patterns: np.ndarray, kind: str = "correlation") -> np.ndarray:
    """Return how alike the patterns of each pair of stimuli are, shape (n_samples * (n_samples - 1) / 2,).

    Parameters
    ----------
    patterns : array-like of shape (n_samples, n_units)
        Inputs, codes or rates, of at least two stimuli.
    kind : {"correlation", "cosine"}
        Pearson's correlation over units; or the cosine, which of binary patterns with equally many active units is the
        share of them that two patterns have in common.

    Returns
    -------
    ndarray
        Of the pairs (0, 1), (0, 2), ..., (1, 2), ..., the order of ``np.triu_indices(n_samples, 1)``; NaN where one of
        the two is silent (cosine), or the same in all units (correlation).

    Examples
    --------
    >>> pairwise_similarity([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]], "cosine")  # pairs (0, 1), (0, 2), (1, 2)
    array([0.5, 0. , 0.5])
    >>> pairwise_similarity([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]])
    array([ 0., -1.,  0.])
    """
    return _similarity("patterns", patterns, kind)


def pattern_separation(inputs: np.ndarray, outputs: np.ndarray, kind: str = "correlation") -> float:
    """Return by how much less alike the outputs to two stimuli are than their inputs, on average over all pairs.

    Parameters
    ----------
    inputs : array-like of shape (n_samples, n_inputs)
        Patterns that a layer receives, of at least two stimuli.
    outputs : array-like of shape (n_samples, n_units)
        What it makes of them.
    kind : {"correlation", "cosine"}
        As for `pairwise_similarity`, which returns the pairs one by one.

    Returns
    -------
    float
        Positive for separation, negative for completion, 0 for a layer that copies. Pairs that have no similarity, of a
        silent pattern, are left out; NaN if none is left.

    References
    ----------
    Input against output similarity: Madar, Ewell & Jones (2019), PLoS Comput Biol 15:e1006932; review: Cayco-Gajic &
    Silver (2019), Neuron 101:584.

    Examples
    --------
    >>> round(pattern_separation([[1, 1, 0], [1, 0, 1]], [[1, 0, 0, 0], [0, 0, 1, 0]], "cosine"), 3)
    0.5
    """
    before, after = _similarity("inputs", inputs, kind), _similarity("outputs", outputs, kind)
    if before.shape != after.shape:
        raise ValueError(f"inputs and outputs must be of the same stimuli, got {len(inputs)} and {len(outputs)}.")
    known = ~np.isnan(before) & ~np.isnan(after)
    return float((before - after)[known].mean()) if known.any() else float("nan")


def _similarity(name: str, patterns: object, kind: str) -> np.ndarray:
    values = check_numbers(name, patterns, ("n_samples", "n_units"))
    check_choice("kind", kind, KINDS)
    if len(values) < 2:
        raise ValueError(f"{name} must be of at least 2 stimuli, got {len(values)}.")
    (values,) = near_one(values, axis=1)
    if kind == "correlation":
        same = np.ptp(values, axis=1) == 0
        values = np.where(same[:, np.newaxis], 0.0, values - values.mean(axis=1, keepdims=True))
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    directions = values / np.where(lengths > 0, lengths, np.nan)
    return np.clip((directions @ directions.T)[np.triu_indices(len(values), 1)], -1.0, 1.0)


def by_repeat(responses: np.ndarray, stimuli: np.ndarray) -> np.ndarray:
    """Return trials, in whatever order they came, sorted by repeat and stimulus, as `d_prime` takes them.

    Parameters
    ----------
    responses : array-like of shape (n_trials, n_units)
        Of each trial: rates, counts or a code, of any sign.
    stimuli : array-like of shape (n_trials,)
        Which stimulus was shown: numbers or words. Each must have been shown equally often.

    Returns
    -------
    ndarray of shape (n_repeats, n_stimuli, n_units)
        Stimuli in ascending order, repeats of each as they came.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks a rule, or one stimulus was shown more often than another.

    Examples
    --------
    >>> by_repeat([[1.0], [5.0], [2.0], [6.0]], ["dog", "cat", "dog", "cat"])[:, :, 0]
    array([[5., 1.],
           [6., 2.]])
    """
    values = check_numbers("responses", responses, ("n_trials", "n_units"))
    shown, number = check_labels("stimuli", stimuli, len(values))
    counts = np.bincount(number)
    if counts.min() != counts.max():
        raise ValueError(f"stimuli must be shown equally often, got {counts.min()} to {counts.max()} trials.")
    return values[np.argsort(number, kind="stable").reshape(len(shown), -1).T]
