"""Whether learning again finds the same features."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arrays import as_numbers, check_numbers

__all__ = ["feature_stability"]


def feature_stability(components: np.ndarray, others: np.ndarray) -> float:
    """Return the mean cosine of the features of two models, matched one to one.

    The match is the one of largest sum of cosines (Hungarian method). Cosines keep their sign: with activities that are
    not negative, a feature and its negative stand for different things. Dead features, rows of zeros, are left out; a
    feature without a partner, because the other model has fewer, counts as 0.

    Parameters
    ----------
    components : array-like of shape (n_features, n_inputs)
    others : array-like of shape (n_other_features, n_inputs)

    Returns
    -------
    float
        1 for the same features in any order and of any length; about the largest cosine by chance for unrelated ones,
        which grows with the number of features and falls with that of inputs; NaN if all features of both are dead.

    Raises
    ------
    TypeError, ValueError
        If one is not numeric, not finite or not 2-D, or their numbers of inputs differ.

    Examples
    --------
    >>> feature_stability([[1, 0], [0, 1]], [[0, 2], [3, 0]])
    1.0
    >>> feature_stability([[1, 0], [0, 1]], [[0, 2], [0, 0]])
    0.5
    """
    from scipy.optimize import linear_sum_assignment

    components, others = as_numbers("components", components), as_numbers("others", others)
    if components.ndim != 2 or others.ndim != 2 or components.shape[1] != others.shape[1]:
        raise ValueError(
            f"components and others must be 2-D and of one width, got {components.shape} and {others.shape}."
        )
    cosines = _directions("components", components) @ _directions("others", others).T
    if not max(cosines.shape):
        return float("nan")
    return float(cosines[linear_sum_assignment(cosines, maximize=True)].sum() / max(cosines.shape))


def _directions(name: str, components: np.ndarray) -> np.ndarray:
    """Return the rows that are not all zero, each of norm 1; a model may have none."""
    if not len(components):
        return np.zeros(components.shape)
    components = check_numbers(name, components, ("n_features", "n_inputs"))
    peak = np.abs(components).max(axis=1, keepdims=True)
    living = components[peak[:, 0] > 0] / peak[peak[:, 0] > 0]  # cosines ignore scale, squares must stay in range
    return living / np.linalg.norm(living, axis=1, keepdims=True)
