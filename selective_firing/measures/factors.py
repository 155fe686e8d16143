"""Whether units stand for the factors that generated the stimuli, where those are known."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing._checks.arrays import (
    MOST_PARTS,
    as_objects,
    check_generator,
    check_labels,
    check_numbers,
    near_one,
)

__all__ = ["dci", "factor_recovery", "mutual_information_gap"]

MOST_TREES = 10_000
"""Of a forest: more grow for hours."""


def factor_recovery(code: np.ndarray, factors: np.ndarray) -> float:
    """Return the mean absolute correlation of factors and units, each factor with a unit of its own (Hungarian method).

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    factors : array-like of shape (n_samples, n_factors)
        Numbers: only their order of size counts, so classes without an order need a column for each class.

    Returns
    -------
    float
        1 if every factor has a unit that follows it; factors without a unit of their own, silent units and factors that
        do not vary count 0.

    Examples
    --------
    >>> factor_recovery([[1, 0, 5], [0, 2, 5], [1, 2, 5], [0, 0, 5]], [[1, 0], [0, 1], [1, 1], [0, 0]])
    1.0
    """
    from scipy.optimize import linear_sum_assignment

    code = _standard("code", code, "n_samples")
    factors = _standard("factors", factors, len(code))
    correlation = np.abs(factors.T @ code) / len(code)
    rows, columns = linear_sum_assignment(-correlation)
    return float(correlation[rows, columns].sum() / factors.shape[1])


def _standard(name: str, values: object, n_samples: int | str) -> np.ndarray:
    """Return columns of mean 0 and variance 1; 0 where they do not vary."""
    columns = check_numbers(name, values, (n_samples, "n_factors" if name == "factors" else "n_units"))
    (columns,) = near_one(columns, axis=0)
    span = np.ptp(columns, axis=0)  # 0 exactly for equal values, whose standard deviation may be a rounding error
    centred = (columns - columns.mean(axis=0)) / np.where(span > 0, span, np.inf)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 0, spread, np.inf)


def _classes(factors: object, n_samples: int) -> np.ndarray:
    """Return each column of the factors as numbers of classes, shape (n_samples, n_factors), or raise."""
    columns = np.asarray(factors) if hasattr(factors, "shape") else as_objects(factors)
    if columns.ndim != 2 or len(columns) != n_samples or not columns.shape[1]:
        raise ValueError(f"factors must be of shape ({n_samples}, n_factors) and not empty, got {columns.shape}.")
    return np.stack([check_labels("factors", column, n_samples)[1] for column in columns.T], axis=1)


def mutual_information_gap(code: np.ndarray, factors: np.ndarray, n_bins: int = 20) -> float:
    """Return the mutual information gap (MIG).

    For each factor the information of the unit that tells most about it less that of the next, over the factor's
    entropy; mean over factors. Codes are cut into bins of equal width, of which the first holds silence.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
        At least two units.
    factors : array-like of shape (n_samples, n_factors)
        Discrete, numbers or words, and independent of each other.
    n_bins : int
        From 2 to 1,000,000.

    Returns
    -------
    float
        1 if each factor has one unit that tells all about it and no other tells anything; 0 for a silent code; NaN if
        no factor varies.

    References
    ----------
    Chen et al. (2018), Isolating sources of disentanglement in VAEs, arXiv 1802.04942.

    Examples
    --------
    >>> round(mutual_information_gap([[1, 0], [1, 0], [0, 0], [0, 0]], [[1], [1], [0], [0]]), 6)
    1.0
    """
    from sklearn.metrics import mutual_info_score

    code, n_bins = check_numbers("code", code, ("n_samples", "n_units")), check_count("n_bins", n_bins, 2, MOST_PARTS)
    if code.shape[1] < 2:
        raise ValueError(f"code must have at least 2 units, between which there is a gap, got {code.shape[1]}.")
    factors, (code,) = _classes(factors, len(code)), near_one(code, axis=0)
    low, span = code.min(axis=0), np.ptp(code, axis=0)
    bins = np.floor((code - low) / np.where(span > 0, span, 1.0) * n_bins).clip(max=n_bins - 1).astype(int)
    gaps = []
    for factor in factors.T:
        told = sorted(mutual_info_score(factor, unit) for unit in bins.T)
        entropy = mutual_info_score(factor, factor)
        if entropy > 0:
            gaps.append((told[-1] - told[-2]) / entropy)
    return float(np.mean(gaps)) if gaps else float("nan")


def dci(code: np.ndarray, factors: np.ndarray, rng: np.random.Generator, n_trees: int = 30) -> dict[str, float]:
    """Return disentanglement, completeness and informativeness of a code.

    A random forest predicts each factor from the code; importances of units make a matrix R. Disentanglement: 1 - the
    entropy of a unit's row of R, in units of the number of factors, weighted by the unit's importance. Completeness:
    the same for columns. Informativeness: accuracy on one half of the stimuli, in which a factor's commoner
    value scores 0 and certainty 1; the other half, drawn at random, fits the forests. Every split may use any unit:
    where a tree sees a part of the units only, it takes others in place of the one that stands for the factor.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
        Of at least 4 stimuli.
    factors : array-like of shape (n_samples, n_factors)
        Discrete: numbers or words.
    rng : numpy.random.Generator
        Of the halves and of the forests.
    n_trees : int
        At most 10,000.

    Returns
    -------
    dict of str to float
        ``disentanglement``, ``completeness``, ``informativeness``: each 1 for a code with one unit for each factor,
        whatever its other units do. The first two are NaN if no unit tells anything, as in a silent code; the last is
        NaN if no factor varies in the second half. With one factor disentanglement is 1.

    References
    ----------
    Eastwood & Williams (2018), A framework for the quantitative evaluation of disentangled representations, ICLR.

    Examples
    --------
    >>> factors = np.random.default_rng(0).integers(2, size=(200, 2))
    >>> dci(3.0 * factors, factors, np.random.default_rng(0))
    {'disentanglement': 1.0, 'completeness': 1.0, 'informativeness': 1.0}
    """
    from sklearn.ensemble import RandomForestClassifier

    code, n_trees = (
        check_numbers("code", code, ("n_samples", "n_units")),
        check_count("n_trees", n_trees, 1, MOST_TREES),
    )
    if len(code) < 4:
        raise ValueError(f"code must be of at least 4 stimuli, to be halved, got {len(code)}.")
    check_generator("rng", rng)
    order, half = rng.permutation(len(code)), len(code) // 2
    # a forest keeps codes as 32-bit floats, and takes for equal what differs by less than 1e-7
    (code,) = near_one(code[order], axis=0, beyond=0)
    factors = _classes(factors, len(code))[order]
    importance, scores = [], []
    for factor in factors.T:
        forest = RandomForestClassifier(n_trees, max_features=None, random_state=int(rng.integers(2**31)))
        forest.fit(code[:half], factor[:half])
        guessed = max((factor[half:] == value).mean() for value in np.unique(factor))
        accuracy = (forest.predict(code[half:]) == factor[half:]).mean()
        if guessed < 1:
            scores.append((accuracy - guessed) / (1 - guessed))
        importance.append(forest.feature_importances_)
    matrix = np.array(importance).T
    return {
        "disentanglement": _evenness(matrix),
        "completeness": _evenness(matrix.T),
        "informativeness": float(np.mean(scores)) if scores else float("nan"),
    }


def _evenness(matrix: np.ndarray) -> float:
    """Return 1 - entropy of each row (base: number of columns), averaged with the rows' sums as weights, or NaN."""
    total = matrix.sum(axis=1)
    if not (total > 0).any():
        return float("nan")
    share = matrix[total > 0] / total[total > 0, np.newaxis]
    logs = np.log(np.where(share > 0, share, 1.0)) / np.log(max(matrix.shape[1], 2))
    return float(np.average(1 + (share * logs).sum(axis=1), weights=total[total > 0]))
