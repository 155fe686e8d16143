"""How well a noisy code tells stimuli apart."""

from __future__ import annotations

import numpy as np

__all__ = ["d_prime", "signal_to_noise_dB"]


def _repeats(codes: np.ndarray) -> np.ndarray:
    codes = np.asarray(codes, dtype=float)
    if codes.ndim != 3 or len(codes) < 2:
        raise ValueError(f"codes must be of shape (n_repeats >= 2, n_samples, n_units), got {codes.shape}.")
    return codes


def signal_to_noise_dB(codes: np.ndarray) -> float:
    """Return the signal-to-noise ratio of a code, in decibels.

    Variance between stimuli of the mean code, over the variance of the code between repeats, both summed over units;
    the part of the former that the latter explains is taken off.

    Parameters
    ----------
    codes : array-like of shape (n_repeats, n_samples, n_units)
        Of the same stimuli under different noise.

    Returns
    -------
    float
        inf without noise, -inf without signal.

    Examples
    --------
    >>> round(signal_to_noise_dB([[[2.0], [-1.0]], [[1.0], [-2.0]]]), 1)  # 10 log10((4.5 - 0.25) / 0.5)
    9.3
    """
    codes = _repeats(codes)
    noise = codes.var(axis=0, ddof=1).mean(axis=0).sum()
    signal = max(codes.mean(axis=0).var(axis=0, ddof=1).sum() - noise / len(codes), 0.0)
    with np.errstate(divide="ignore"):
        return float(10 * (np.log10(signal) - np.log10(noise)))


def d_prime(codes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the discriminability of pairs of stimuli, shape (n_pairs,).

    Distance of the two mean codes in units of the standard deviation along the line between them (the mean of both
    variances): what an observer reaches who projects on that line. Line and spread come from different repeats, the
    even and the odd ones, lest noise be taken for a difference.

    Parameters
    ----------
    codes : array-like of shape (n_repeats, n_samples, n_units)
        At least four repeats.
    pairs : array-like of int, shape (n_pairs, 2)

    Returns
    -------
    ndarray of shape (n_pairs,)
        0 where means are equal, inf where they differ without any noise.

    References
    ----------
    Green & Swets (1966), Signal detection theory and psychophysics.
    """
    codes, pairs = _repeats(codes), np.asarray(pairs)
    if len(codes) < 4:
        raise ValueError(f"codes must have at least 4 repeats, got {len(codes)}.")
    axis = codes[::2, pairs[:, 0]].mean(axis=0) - codes[::2, pairs[:, 1]].mean(axis=0)
    shadows = [np.einsum("rpu,pu->rp", codes[1::2, pairs[:, side]], axis) for side in (0, 1)]
    distance = shadows[0].mean(axis=0) - shadows[1].mean(axis=0)
    spread = np.sqrt(sum(shadow.var(axis=0, ddof=1) for shadow in shadows) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / spread)
