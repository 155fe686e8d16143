"""Whether units found the features that the patterns are made of, where those are known."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_real
from selective_firing._checks.arrays import check_flags, check_numbers

__all__ = ["feature_recovery", "feature_uniqueness", "mean_max_cosine", "support_f1"]

ALIKE = 0.9
"""Cosine from which on a unit counts as having found a feature."""


def mean_max_cosine(components: np.ndarray, features: np.ndarray) -> float:
    """Return the cosine of each true feature with the unit that is most like it, mean over features.

    Cosines keep their sign, here and in all that follows: activities are not negative, so a feature and its negative
    stand for different things. One unit may be most like several features.

    Parameters
    ----------
    components : array-like of shape (n_units, n_inputs)
        Decoding weights. Dead units, rows of zeros, are like nothing.
    features : array-like of shape (n_features, n_inputs)
        True ones, none of them all zeros.

    Returns
    -------
    float
        1 if every feature has its unit; for unrelated units the largest cosine by chance, which grows with their number
        and falls with that of inputs.

    References
    ----------
    Sharkey, Braun & Millidge (2022), Taking features out of superposition with sparse autoencoders, Alignment Forum.

    Examples
    --------
    >>> mean_max_cosine([[2, 0], [1, 0], [0, 0]], [[1, 0], [0, 1]])
    0.5
    """
    return float(_cosines(components, features)[1].max(axis=0).mean())


def feature_recovery(components: np.ndarray, features: np.ndarray, threshold: float = ALIKE) -> dict[str, float]:
    """Return precision, recall and F1 of the features that units found.

    Units and true features are matched one to one, with the largest sum of cosines (Hungarian method, as O'Neill,
    Gumran & Klindt 2025, arXiv 2411.13117, match them); a pair whose cosine is at least `threshold` is a hit (0.9 is
    where Sharkey et al. 2022 count a feature as recovered).

    Parameters
    ----------
    components : array-like of shape (n_units, n_inputs)
        Decoding weights. Dead units, rows of zeros, found nothing, and are no false finds either.
    features : array-like of shape (n_features, n_inputs)
        True ones, none of them all zeros.
    threshold : float
        Above 0, at most 1.

    Returns
    -------
    dict of str to float
        ``precision``: hits per living unit (0 if all are dead); ``recall``: hits per feature, or per unit if there are
        fewer units, dead ones counted: a narrow layer is not blamed for its width; ``f1``: their harmonic mean, 0 if
        there are no hits.

    Examples
    --------
    >>> feature_recovery([[2, 0], [2, 1], [0, 0]], [[1, 0], [0, 1]])
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
    """
    if not 0 < (threshold := check_real("threshold", threshold)) <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, got {threshold}.")
    living, cosines = _cosines(components, features)
    units, found = _matched(living, cosines)
    rounding = 8 * np.finfo(float).eps  # a threshold of 1 asks for equal directions, not for equal bits
    hits = int((cosines[units, found] >= threshold - rounding).sum())
    precision, recall = hits / max(int(living.sum()), 1), hits / min(cosines.shape)
    return {"precision": precision, "recall": recall, "f1": _f1(precision, recall)}


def feature_uniqueness(components: np.ndarray, features: np.ndarray) -> float:
    """Return how many features are the most alike to some unit, per living unit.

    It says whether units differ, not whether they are like any feature: read it beside the others.

    Parameters
    ----------
    components : array-like of shape (n_units, n_inputs)
        Decoding weights. Dead units, rows of zeros, do not count.
    features : array-like of shape (n_features, n_inputs)
        True ones, none of them all zeros.

    Returns
    -------
    float
        1 if no two units are most like the same feature, which takes as many features as units; NaN if all are dead.

    References
    ----------
    Chanin et al. (2026), SynthSAEBench, arXiv 2602.14687; they take absolute cosines.

    Examples
    --------
    >>> feature_uniqueness([[2, 0], [2, 1], [0, 0]], [[1, 0], [0, 1]])
    0.5
    """
    living, cosines = _cosines(components, features)
    return float(np.unique(cosines[living].argmax(axis=1)).size / living.sum()) if living.any() else float("nan")


def support_f1(code: np.ndarray, active: np.ndarray, components: np.ndarray, features: np.ndarray) -> float:
    """Return how well the activity of units tells which features are there: F1 of each feature, and their mean.

    Units and features are matched as in `feature_recovery`, whatever their cosine; a unit that is active where its
    feature is counts as a hit. A feature without a unit of its own counts 0.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
        Activities; above 0 is active.
    active : array-like of bool, shape (n_samples, n_features)
        Which features are in each pattern.
    components : array-like of shape (n_units, n_inputs)
        Decoding weights. Dead units, rows of zeros, are matched with nothing.
    features : array-like of shape (n_features, n_inputs)
        True ones, none of them all zeros.

    Returns
    -------
    float
        1 for a perfect code, 0 if no unit is ever active with its feature. Features that are in no pattern are left
        out; NaN if all are.

    References
    ----------
    Chanin et al. (2026), SynthSAEBench, arXiv 2602.14687, take units as classifiers of features, too; there each unit
    has the feature that it is most like, several units maybe the same, and the mean is over units.

    Examples
    --------
    >>> support_f1([[1, 0], [1, 2]], [[1, 0], [0, 1]], [[2, 0], [0, 1]], [[1, 0], [0, 1]])  # F1 of 2/3, and of 1
    0.8333333333333333
    """
    living, cosines = _cosines(components, features)
    there = check_flags("active", active, ("n_samples", cosines.shape[1]))
    fires = check_numbers("code", code, (len(there), len(living))) > 0
    units, found = _matched(living, cosines)
    scores = np.zeros(cosines.shape[1])
    hits = (fires[:, units] & there[:, found]).sum(axis=0)
    either = fires[:, units].sum(axis=0) + there[:, found].sum(axis=0)
    scores[found] = 2 * hits / np.maximum(either, 1)
    known = there.any(axis=0)
    return float(scores[known].sum() / min(known.sum(), len(living))) if known.any() else float("nan")


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def _cosines(components: object, features: object) -> tuple[np.ndarray, np.ndarray]:
    """Return which units live, and the cosines of units and features, shape (n_units, n_features); 0 for dead units."""
    truth = check_numbers("features", features, ("n_features", "n_inputs"))
    weights = check_numbers("components", components, ("n_units", truth.shape[1]))
    if not (known := np.abs(truth).max(axis=1) > 0).all():
        raise ValueError(f"features must not be all zeros, got {(~known).sum()} such rows.")
    return np.abs(weights).max(axis=1) > 0, _directions(weights) @ _directions(truth).T


def _directions(rows: np.ndarray) -> np.ndarray:
    """Return rows of norm 1, or 0; cosines ignore scale, and squares must stay in range."""
    peak = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(peak > 0, peak, 1.0)
    return scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1.0)


def _matched(living: np.ndarray, cosines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return living units and their features, one to one, with the largest sum of cosines."""
    from scipy.optimize import linear_sum_assignment

    alive = np.flatnonzero(living)
    units, found = linear_sum_assignment(cosines[alive], maximize=True)
    return alive[units], found
