"""How well a noisy code tells stimuli apart."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arrays import check_numbers, check_repeats, near_one

__all__ = ["d_prime", "signal_to_noise_dB"]


def signal_to_noise_dB(codes: np.ndarray) -> float:
    """Return the signal-to-noise ratio of a code, in decibels.

    Variance between stimuli of the mean code, over the variance of the code between repeats, both summed over units;
    the part of the former that the latter explains is taken off.

    Parameters
    ----------
    codes : array-like of shape (n_repeats, n_samples, n_units)
        Of the same stimuli under different noise; at least two repeats, and two stimuli.

    Returns
    -------
    float
        inf without noise, -inf without signal, NaN with neither.

    Examples
    --------
    >>> round(signal_to_noise_dB([[[2.0], [-1.0]], [[1.0], [-2.0]]]), 1)  # 10 log10((4.5 - 0.25) / 0.5)
    9.3
    """
    (codes,) = near_one(check_repeats(codes, 2, 2))
    noise = codes.var(axis=0, ddof=1).mean(axis=0).sum()
    signal = max(codes.mean(axis=0).var(axis=0, ddof=1).sum() - noise / len(codes), 0.0)
    if signal == noise == 0:
        return float("nan")
    with np.errstate(divide="ignore"):
        return float(10 * (np.log10(signal) - np.log10(noise)))


def d_prime(codes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the discriminability of pairs of stimuli, shape (n_pairs,).

    Distance of the two mean codes in units of the standard deviation along the line between them (the root of the mean
    of both variances): what an observer reaches who projects on that line.

    What noise alone adds is taken off the squared distance and off the variance along the line (see Notes), so that
    many units and few repeats are not taken for a difference. What is left is shrunk towards its mean over the pairs by
    as much as its sampling error explains of its spread (James-Stein). Averages over pairs are therefore right where
    single pairs cannot be resolved, as with four repeats of hundreds of units. All pairs then read alike, the root mean
    square if they are not; and one that is given alone is uncertain, and above 0 without any difference.

    Parameters
    ----------
    codes : array-like of shape (n_repeats, n_samples, n_units)
        At least four repeats.
    pairs : array-like of int, shape (n_pairs, 2)
        Indices of the stimuli, 0 to n_samples - 1.

    Returns
    -------
    ndarray of shape (n_pairs,)
        0 where means are equal, or all pairs together differ by less than two standard errors; inf where they differ
        without any noise.

    Notes
    -----
    With R repeats, difference g of the means, variances v_u and covariances c_uv, each the mean of both stimuli:
    squared distance ``sum_u g_u^2 - 2 v_u / R``, variance along the line times it
    ``sum_uv c_uv (g_u g_v - 2 c_uv / R)``. Correlations of units are those over all stimuli of the pairs, shrunk
    towards 0 by Ledoit & Wolf's rule.

    References
    ----------
    Green & Swets (1966), Signal detection theory and psychophysics. Ledoit & Wolf (2004), J Multivar Anal 88:365.
    Efron & Morris (1973), J Am Stat Assoc 68:117.

    Examples
    --------
    >>> codes = [[[9.0], [0.0]], [[11.0], [2.0]], [[9.0], [0.0]], [[11.0], [2.0]]]  # means 10 and 1, variances 4/3
    >>> d_prime(codes, [[0, 1]]).round(2)  # about 9 / sqrt(4/3)
    array([7.75])
    """
    (codes,), pairs = near_one(check_repeats(codes, 4, 1)), _indices(pairs, np.shape(codes)[1])
    scale = float(np.abs(codes).max()) or 1.0  # fourth powers must stay in range
    squared, spread, error = _moments(codes / scale, pairs)
    share = _own_share(squared, error)
    chance = (1 - share) * np.sqrt(error.mean() / len(pairs))  # standard error of the mean that the pairs are shrunk to
    squared, spread = (values.mean() + share * (values - values.mean()) for values in (squared, spread))
    distance = np.where(squared > 2 * chance, np.maximum(squared, 0), 0)  # still squared
    mean_variance = codes.var(axis=0, ddof=1).mean(axis=1)[pairs].mean(axis=1) / scale**2
    known = (squared > 0) & (spread > 0)
    along = np.where(known, spread / np.where(known, squared, 1), mean_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance > 0, np.sqrt(distance / along), 0.0)


def _own_share(values: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the share of itself that each value keeps when it is shrunk towards the mean of all; 1 if it is alone.

    It is the larger of two: the share of the spread that sampling does not explain; and what brings a mean that exceeds
    its values' standard errors many times near to no shrinkage at all, as then there is nothing to gain by it.
    """
    share = np.ones(len(values))
    if len(values) > 1:
        beyond = max(float(values.var(ddof=1) - error.mean()), 0.0)
        share = np.divide(beyond, beyond + error, out=share, where=beyond + error > 0)
    resolved = 1 - 16 * error.mean() / values.mean() ** 2 if values.mean() > 0 else 0.0
    return np.maximum(share, resolved)


def _indices(pairs: object, n_samples: int) -> np.ndarray:
    """Return pairs of indices of stimuli, or raise."""
    found = check_numbers("pairs", pairs, ("n_pairs", 2))
    if (found != np.rint(found)).any() or found.min() < 0 or found.max() >= n_samples:
        wrong = next(index for index in found.ravel() if index != round(index) or not 0 <= index < n_samples)
        raise ValueError(f"pairs must be integers between 0 and {n_samples - 1}, got {wrong:g}.")
    return found.astype(int)


def _moments(codes: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for each pair, squared distance, variance along it times it, and sampling variance of the first."""
    n_repeats = len(codes)
    mean, variance = codes.mean(axis=0), codes.var(axis=0, ddof=1)
    gap, variance = mean[pairs[:, 0]] - mean[pairs[:, 1]], variance[pairs].mean(axis=1)
    correlation = _noise_correlation(codes[:, np.unique(pairs)])
    fourth = (variance**2).sum(axis=1) / (1 + 1 / (n_repeats - 1))  # its expectation is that of the true variances
    fourth = fourth + np.einsum("pu,uv,pv->p", variance, correlation**2, variance, optimize=True)
    squared = (gap**2).sum(axis=1) - 2 / n_repeats * variance.sum(axis=1)
    pull = gap * np.sqrt(variance)
    spread = (pull**2).sum(axis=1) + ((pull @ correlation) * pull).sum(axis=1) - 2 / n_repeats * fourth
    return squared, spread, 8 / n_repeats * np.maximum(spread, 0) + 8 / n_repeats**2 * fourth


def _noise_correlation(codes: np.ndarray) -> np.ndarray:
    """Return correlations between units over repeats, pooled over stimuli and shrunk; 0 on the diagonal."""
    from scipy.linalg import helmert
    from sklearn.covariance import ledoit_wolf

    # orthonormal contrasts of the repeats: independent, of mean 0 and of the variance of the noise
    contrasts = np.einsum("cr,rsu->csu", helmert(len(codes)), codes).reshape(-1, codes.shape[2])
    size = np.sqrt((contrasts**2).mean(axis=0))
    correlation = np.asarray(ledoit_wolf(contrasts / np.where(size > 0, size, 1), assume_centered=True)[0])
    root = np.sqrt(np.where(size > 0, correlation.diagonal(), 1))
    correlation = correlation / np.outer(root, root)
    np.fill_diagonal(correlation, 0)
    return correlation
