"""How well a code stands for its stimulus."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arrays import check_numbers, in_range, near_one

__all__ = ["nmse", "share_left", "squared_error"]


@in_range("X", "X_hat")
def squared_error(X: np.ndarray, X_hat: np.ndarray) -> np.ndarray:
    """Return |x - x_hat|^2 of each stimulus.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, n_inputs)
        Stimuli and their reconstructions.

    Returns
    -------
    ndarray of shape (n_samples,)
        In squared units of `X`; 0 is perfect.

    Examples
    --------
    >>> squared_error([[3, 4], [1, 1]], [[0, 0], [1, 1]])
    array([25.,  0.])
    """
    X = check_numbers("X", X, ("n_samples", "n_inputs"))
    X_hat = check_numbers("X_hat", X_hat, X.shape)
    found = _squares(X - X_hat)
    if not np.isfinite(found).all():  # einsum does not say so
        raise FloatingPointError("overflow encountered in a sum of squares")
    return found


def _squares(residual: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", residual, residual)


def nmse(X: np.ndarray, X_hat: np.ndarray, mean: np.ndarray) -> float:
    """Return the normalised mean squared error, sum |x - x_hat|^2 / sum |x - mean|^2.

    Both sums run over the whole set before they are divided. A mean of ratios per stimulus, or per batch,
    is another number: it would weigh faint stimuli most, and depend on the batch size.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, n_inputs)
        Stimuli and their reconstructions.
    mean : array-like of shape (n_inputs,)
        Mean of the *training* patterns: the reconstruction of a model that knows nothing else.

    Returns
    -------
    float
        Without unit, >= 0: 0 is perfect, 1 is as good as predicting `mean`, above 1 is worse than that.
        Where no stimulus differs from `mean`: 0 if the reconstruction is perfect, else inf.

    Notes
    -----
    The fraction of variance unexplained of Gao et al. (2024, arXiv:2406.04093), with the training mean in
    place of that of the evaluated set.

    Examples
    --------
    >>> X = [[0, 0], [2, 0]]
    >>> nmse(X, [[1, 0], [1, 0]], mean=[1, 0])
    1.0
    >>> nmse(X, [[0, 0], [1, 0]], mean=[1, 0])
    0.5
    """
    X = check_numbers("X", X, ("n_samples", "n_inputs"))
    X_hat, mean = check_numbers("X_hat", X_hat, X.shape), check_numbers("mean", mean, X.shape[1:])
    X, X_hat, mean = near_one(X, X_hat, mean)
    return share_left(_squares(X - X_hat), _squares(X - mean))


def share_left(errors: np.ndarray, powers: np.ndarray) -> float:
    """Return the sum of errors over that of powers: `nmse` of what was compared piece by piece.

    Parameters
    ----------
    errors, powers : ndarray of shape (n_samples,)
        Of each stimulus: |x - x_hat|^2, and |x - mean|^2.
    """
    error, power = float(errors.sum()), float(powers.sum())
    if power == 0.0:
        return 0.0 if error == 0.0 else float("inf")
    return error / power
