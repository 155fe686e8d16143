"""How much a unit prefers one class of stimuli, and how much of that would arise without any preference."""

from __future__ import annotations

import numpy as np

__all__ = ["class_purity", "class_selectivity", "shuffled_class_selectivity"]


def class_selectivity(rates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return (m_max - m_rest) / (m_max + m_rest) of each unit.

    m_max is the unit's mean rate to the class it prefers, m_rest the mean of its mean rates to the other classes. It
    is inflated for units that are rarely active: compare at equal k, and with `shuffled_class_selectivity`.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)
        Of at least two classes.

    Returns
    -------
    ndarray of shape (n_units,)
        0 for equal mean rates to all classes, 1 for activity to one class only; NaN for a silent unit.

    References
    ----------
    Morcos et al. (2018), On the importance of single directions for generalization, arXiv 1803.06959.

    Examples
    --------
    >>> class_selectivity([[2, 1], [0, 1]], [0, 1])
    array([1., 0.])
    """
    rates, labels = np.asarray(rates, dtype=float), np.asarray(labels)
    if labels.shape != rates.shape[:1]:
        raise ValueError(f"labels must be of shape ({rates.shape[0]},), got {labels.shape}.")
    classes = np.unique(labels)
    if classes.size < 2:
        raise ValueError(f"labels must hold at least 2 classes, got {classes.size}.")
    means = np.stack([rates[labels == one].mean(axis=0) for one in classes])
    best = means.max(axis=0)
    rest = (means.sum(axis=0) - best) / (classes.size - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (best - rest) / (best + rest)


def shuffled_class_selectivity(rates: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return `class_selectivity` with the labels permuted: what rare activity alone gives, shape (n_units,)."""
    return class_selectivity(rates, rng.permutation(labels))


def class_purity(rates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which share of each unit's activity belongs to the class that it is most active for, shape (n_units,).

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)

    Returns
    -------
    ndarray of shape (n_units,)
        1 for activity to one class only, 1 / n_classes without any preference if classes are equally common; NaN for a
        silent unit.

    Examples
    --------
    >>> class_purity([[3, 1, 0], [1, 1, 0]], [0, 1])
    array([0.75, 0.5 ,  nan])
    """
    rates, labels = np.asarray(rates, dtype=float), np.asarray(labels)
    sums = np.stack([rates[labels == one].sum(axis=0) for one in np.unique(labels)])
    total = sums.sum(axis=0)
    return sums.max(axis=0) / np.where(total > 0, total, np.nan)
