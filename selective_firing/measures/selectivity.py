"""How much a unit's activity says about the class of a stimulus, and how much of that would arise by chance."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing._checks.arrays import (
    MOST_PARTS,
    check_generator,
    check_labels,
    check_numbers,
    check_repeats,
    near_one,
)

__all__ = [
    "class_information_beyond_shuffles",
    "class_purity",
    "class_selectivity",
    "repeat_reliability",
    "shuffled_class_selectivity",
]


def _rates_and_classes(rates: object, labels: object, n_classes: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return rates, and the class of each stimulus as a row of flags, shape (n_samples, n_classes); or raise."""
    numbers = check_numbers("rates", rates, ("n_samples", "n_units"), at_least=0)
    classes, codes = check_labels("labels", labels, len(numbers))
    if len(classes) < n_classes:
        raise ValueError(f"labels must hold at least {n_classes} classes, got {len(classes)}.")
    return numbers, codes[:, np.newaxis] == np.arange(len(classes))


def class_selectivity(rates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return (m_max - m_rest) / (m_max + m_rest) of each unit.

    m_max is the unit's mean rate to the class it prefers, m_rest the mean of its mean rates to the other classes. It
    is inflated for units that are rarely active: compare at equal k, and with `shuffled_class_selectivity`.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)
        Numbers or words, of at least two classes.

    Returns
    -------
    ndarray of shape (n_units,)
        0 for equal mean rates to all classes, 1 for activity to one class only; NaN for a silent unit.

    References
    ----------
    Morcos et al. (2018), On the importance of single directions for generalization, arXiv 1803.06959.

    Examples
    --------
    >>> class_selectivity([[2, 1], [0, 1]], ["cat", "dog"])
    array([1., 0.])
    """
    rates, member = _rates_and_classes(rates, labels, 2)
    peak = rates.max(axis=0)
    means = member.T @ (rates / np.where(peak > 0, peak, 1.0)) / member.sum(axis=0)[:, np.newaxis]
    best = means.max(axis=0)
    rest = (means.sum(axis=0) - best) / (len(means) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (best - rest) / (best + rest)


def shuffled_class_selectivity(rates: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return `class_selectivity` with the labels permuted: what rare activity alone gives, shape (n_units,).

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)
        Numbers or words, of at least two classes.
    rng : numpy.random.Generator
        Of the permutation.

    Examples
    --------
    >>> shuffled_class_selectivity([[2, 1], [0, 1]], ["cat", "dog"], np.random.default_rng(0))  # two labels, swapped
    array([1., 0.])
    """
    check_generator("rng", rng)
    return class_selectivity(rates, rng.permutation(check_labels("labels", labels)[1]))


def class_purity(rates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which share of each unit's activity belongs to the class that it is most active for, shape (n_units,).

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)
        Numbers or words.

    Returns
    -------
    ndarray of shape (n_units,)
        1 for activity to one class only, and with a single class; 1 / n_classes without any preference if classes are
        equally common; NaN for a silent unit.

    Examples
    --------
    >>> class_purity([[3, 1, 0], [1, 1, 0]], [0, 1])
    array([0.75, 0.5 ,  nan])
    """
    rates, member = _rates_and_classes(rates, labels)
    peak = rates.max(axis=0)
    sums = member.T @ (rates / np.where(peak > 0, peak, 1.0))
    total = sums.sum(axis=0)
    return sums.max(axis=0) / np.where(total > 0, total, np.nan)


def class_information_beyond_shuffles(rates: np.ndarray, labels: np.ndarray, n_levels: int = 1) -> np.ndarray:
    """Return the bits that each unit's activity tells about the class, beyond what its shuffled activity would.

    Mutual information of activity and class, less its mean over all permutations of the unit's responses over the
    stimuli. Permutations keep how often a unit is active, its duty cycle, and so take away what rare activity and few
    stimuli feign; the mean is the exact one of the hypergeometric distribution, nothing is drawn at random. Unlike
    lifetime sparseness it depends on which stimuli a unit is active to.

    Parameters
    ----------
    rates : array-like of shape (n_samples, n_units)
        Non-negative.
    labels : array-like of shape (n_samples,)
        Numbers or words, of at least two classes.
    n_levels : int
        Of activity, beside silence: 1 for active or not; more, to 1,000,000, for rates cut at the quantiles of those
        above 0.

    Returns
    -------
    ndarray of shape (n_units,)
        In bits: 0 on average without any preference, at most the entropy of the labels; NaN for a silent unit.

    References
    ----------
    Vinh, Epps & Bailey (2010), J Mach Learn Res 11:2837, for the mean over permutations.

    Examples
    --------
    Four stimuli of two classes: the first unit tells the class, one bit, of which a third arises by chance: of the six
    ways to be active to two of four stimuli, two tell all and four nothing. The second is active to one of each class.

    >>> rates = [[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]]
    >>> class_information_beyond_shuffles(rates, ["cat", "cat", "dog", "dog"]).round(3)
    array([ 0.667, -0.333,    nan])
    """
    from sklearn.metrics import mutual_info_score
    from sklearn.metrics.cluster import expected_mutual_information

    rates, member = _rates_and_classes(rates, labels, 2)
    n_levels = check_count("n_levels", n_levels, 1, MOST_PARTS)
    bits = np.full(rates.shape[1], np.nan)
    for unit, rate in enumerate(rates.T):
        if rate.any():
            level = _levels(rate, n_levels)
            counts = np.stack([member[level == one].sum(axis=0) for one in np.unique(level)])
            told = mutual_info_score(None, None, contingency=counts)
            bits[unit] = (told - expected_mutual_information(counts, len(rates))) / np.log(2)
    return bits


def _levels(rate: np.ndarray, n_levels: int) -> np.ndarray:
    """Return 0 where a unit is silent, elsewhere the number of the quantile, from 1, that its rate lies in."""
    cuts = np.quantile(rate[rate > 0], np.arange(1, n_levels) / n_levels)
    return np.where(rate > 0, 1 + np.searchsorted(cuts, rate, side="right"), 0)


def repeat_reliability(codes: np.ndarray) -> float:
    """Return how much of the units' variance is due to the stimuli, and not to the noise of each repeat.

    Mean over units of the intraclass correlation, (s - e) / (s + (R - 1) e) with s the mean square between stimuli
    and e that within them, over R repeats: the correlation of a unit's responses to the same stimuli in two repeats.
    Unlike lifetime sparseness it falls to 0 where a unit's responses are permuted over stimuli, anew in each repeat.

    Parameters
    ----------
    codes : array-like of shape (n_repeats, n_samples, n_units)
        Of the same stimuli under different noise; at least two repeats, and two stimuli.

    Returns
    -------
    float
        1 without noise, 0 on average without signal, slightly negative by chance. Units that do not vary, silent ones
        among them, are left out; NaN if none varies.

    References
    ----------
    Shrout & Fleiss (1979), Psychol Bull 86:420, ICC(1, 1).

    Examples
    --------
    >>> repeat_reliability([[[2.0], [0.0]], [[2.0], [0.0]]])
    1.0
    >>> repeat_reliability([[[3.0], [0.0]], [[1.0], [0.0]]])  # s = 4, e = 1
    0.6
    """
    (codes,) = near_one(check_repeats(codes, 2, 2))
    n_repeats = len(codes)
    codes = codes[:, :, np.ptp(codes, axis=(0, 1)) > 0]
    if not codes.shape[2]:
        return float("nan")
    codes = codes / np.abs(codes).max(axis=(0, 1))
    between = n_repeats * codes.mean(axis=0).var(axis=0, ddof=1)
    within = codes.var(axis=0, ddof=1).mean(axis=0)
    return float(((between - within) / (between + (n_repeats - 1) * within)).mean())
