"""Whether units stand for the factors that generated the stimuli, where those are known."""

from __future__ import annotations

import numpy as np

__all__ = ["dci", "factor_recovery", "mutual_information_gap"]


def factor_recovery(code: np.ndarray, factors: np.ndarray) -> float:
    """Return the mean absolute correlation of factors and units, each factor with a unit of its own (Hungarian method).

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    factors : array-like of shape (n_samples, n_factors)

    Returns
    -------
    float
        1 if every factor has a unit that follows it; factors without a unit of their own count 0.

    Examples
    --------
    >>> factor_recovery([[1, 0, 5], [0, 2, 5], [1, 2, 5], [0, 0, 5]], [[1, 0], [0, 1], [1, 1], [0, 0]])
    1.0
    """
    from scipy.optimize import linear_sum_assignment

    code, factors = _standard(code), _standard(factors)
    correlation = np.abs(factors.T @ code) / len(code)
    rows, columns = linear_sum_assignment(-correlation)
    return float(correlation[rows, columns].sum() / factors.shape[1])


def _standard(values: np.ndarray) -> np.ndarray:
    """Return columns of mean 0 and variance 1; 0 where they do not vary."""
    values = np.asarray(values, dtype=float)
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 0, spread, np.inf)


def mutual_information_gap(code: np.ndarray, factors: np.ndarray, n_bins: int = 20) -> float:
    """Return the mutual information gap (MIG).

    For each factor the information of the unit that tells most about it less that of the next, over the factor's
    entropy; mean over factors. Codes are cut into bins of equal width, of which the first holds silence.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
        At least two units.
    factors : array-like of shape (n_samples, n_factors)
        Discrete and independent of each other.
    n_bins : int

    References
    ----------
    Chen et al. (2018), Isolating sources of disentanglement in VAEs, arXiv 1802.04942.

    Examples
    --------
    >>> round(mutual_information_gap([[1, 0], [1, 0], [0, 0], [0, 0]], [[1], [1], [0], [0]]), 6)
    1.0
    """
    from sklearn.metrics import mutual_info_score

    code, factors = np.asarray(code, dtype=float), np.asarray(factors)
    low, span = code.min(axis=0), np.ptp(code, axis=0)
    bins = np.floor((code - low) / np.where(span > 0, span, 1.0) * n_bins).clip(max=n_bins - 1).astype(int)
    gaps = []
    for factor in factors.T:
        told = sorted(mutual_info_score(factor, unit) for unit in bins.T)
        entropy = mutual_info_score(factor, factor)
        if entropy > 0:
            gaps.append((told[-1] - told[-2]) / entropy)
    return float(np.mean(gaps))


def dci(code: np.ndarray, factors: np.ndarray, rng: np.random.Generator, n_trees: int = 30) -> dict[str, float]:
    """Return disentanglement, completeness and informativeness of a code.

    A random forest predicts each factor from the code; importances of units make a matrix R. Disentanglement: 1 - the
    entropy of a unit's row of R, in units of the number of factors, weighted by the unit's importance. Completeness:
    the same for columns. Informativeness: accuracy on the second half of the stimuli, in which a factor's commoner
    value scores 0 and certainty 1; the first half fits the forests.

    Parameters
    ----------
    code : array-like of shape (n_samples, n_units)
    factors : array-like of shape (n_samples, n_factors)
        Discrete.
    rng : numpy.random.Generator
        Of the forests.
    n_trees : int

    References
    ----------
    Eastwood & Williams (2018), A framework for the quantitative evaluation of disentangled representations, ICLR.
    """
    from sklearn.ensemble import RandomForestClassifier

    code, factors = np.asarray(code, dtype=float), np.asarray(factors).astype(int)
    half = len(code) // 2
    importance, scores = [], []
    for factor in factors.T:
        forest = RandomForestClassifier(n_trees, max_features=0.3, random_state=int(rng.integers(2**31)))
        forest.fit(code[:half], factor[:half])
        guessed = max((factor[half:] == value).mean() for value in np.unique(factor))
        accuracy = (forest.predict(code[half:]) == factor[half:]).mean()
        scores.append((accuracy - guessed) / (1 - guessed) if guessed < 1 else 1.0)
        importance.append(forest.feature_importances_)
    matrix = np.array(importance).T
    return {
        "disentanglement": _evenness(matrix),
        "completeness": _evenness(matrix.T),
        "informativeness": float(np.mean(scores)),
    }


def _evenness(matrix: np.ndarray) -> float:
    """Return 1 - entropy of each row (base: number of columns), averaged with the rows' sums as weights."""
    total = matrix.sum(axis=1)
    share = matrix[total > 0] / total[total > 0, np.newaxis]
    logs = np.log(np.where(share > 0, share, 1.0)) / np.log(max(matrix.shape[1], 2))
    return float(np.average(1 + (share * logs).sum(axis=1), weights=total[total > 0]))
