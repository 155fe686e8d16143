"""How many bits it takes to tell a stimulus by its code, and by what the code leaves over."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arrays import check_numbers, in_range

__all__ = ["description_length"]

N_CELLS = 256  # into which the range of the inputs is divided at most, to be described
SCALES = 2.0 ** np.arange(-4, 1.5, 0.5)  # standard deviations tried for the error, relative to its root mean square


@in_range("X", "code", "X_train", "code_train", "components", "offset")
def description_length(
    X: np.ndarray, code: np.ndarray, X_train: np.ndarray, code_train: np.ndarray,
    components: np.ndarray, offset: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the bits that tell each stimulus by its code and what the code leaves over, shape (n_samples,).

    They are those of an ideal entropy coder, whose tables are made from `X_train` and `code_train`, for

    - which units are active, each on its own with its own frequency;
    - their levels: code times norm of the component, in steps of sqrt(12) times the root mean squared error of an
      input, so that rounding adds to a stimulus per active unit the error of one input, where bits of code and of error
      balance; one table for all units;
    - each input given its reconstruction from the levels: normal about it, with a standard deviation in proportion to
      the root mean squared error of that input, in cells as wide as the smallest gap between two values of `X_train`
      but at most `N_CELLS` of them. The outer cells are open: what overshoots the range costs nothing.

    The weights, as many for each k, are not counted.

    Parameters
    ----------
    X, X_train : ndarray of shape (n_samples, n_inputs), (n_train, n_inputs)
    code, code_train : ndarray of shape (n_samples, n_hidden), (n_train, n_hidden)
        As `transform` returns them.
    components, offset : ndarray of shape (n_hidden, n_inputs), (n_inputs,)
        As those of a fitted model.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not numeric, not finite or not of its shape, or `X_train` has a single value.

    Examples
    --------
    >>> X = np.tile([[0.0], [1.0]], (500, 1))  # as many zeros as ones, and a code that is silent: one bit each
    >>> description_length(X, np.zeros((1000, 1)), X, np.zeros((1000, 1)), [[0.0]], [0.5])[:2].round(2)
    array([1., 1.])
    """
    X_train = check_numbers("X_train", X_train, ("n_train", "n_inputs"))
    X = check_numbers("X", X, ("n_samples", X_train.shape[1]))
    components = check_numbers("components", components, ("n_hidden", X_train.shape[1]))
    offset = check_numbers("offset", offset, (X_train.shape[1],))
    code = check_numbers("code", code, (len(X), len(components)))
    code_train = check_numbers("code_train", code_train, (len(X_train), len(components)))
    if len(values := np.unique(X_train)) == 1:
        raise ValueError(f"X must have more than one value, got {values[0]} only.")
    width = max(np.diff(values).min(), (values[-1] - values[0]) / N_CELLS)
    ends = values[0] + width / 2, values[-1] - width / 2
    norms = np.linalg.norm(components, axis=1)
    step = np.sqrt(12 * np.mean((X_train - code_train @ components - offset) ** 2) + width**2)
    levels, known = np.rint(code * norms / step).astype(int), np.rint(code_train * norms / step).astype(int)
    features = step * components / np.where(norms > 0, norms, 1.0)[:, np.newaxis]
    X_hat, X_known = levels @ features + offset, known @ features + offset
    spread = np.sqrt(np.mean((X_train - X_known) ** 2, axis=0) + width**2 / 12)
    scale = min(SCALES, key=lambda scale: _cell_bits(X_train, X_known, scale * spread, width, ends).sum())
    active = ((known != 0).sum(axis=0) + 0.5) / (len(known) + 1)
    lowest, highest = min(levels.min(), known.min()), max(levels.max(), known.max())
    counts = np.bincount(known[known != 0] - lowest, minlength=highest - lowest + 1) + 0.5
    told = np.where(levels != 0, active * (counts / counts.sum())[levels - lowest], 1 - active)
    return _cell_bits(X, X_hat, scale * spread, width, ends) - np.log2(told).sum(axis=1)


def _cell_bits(X: np.ndarray, X_hat: np.ndarray, spread: np.ndarray, width: float, ends: tuple) -> np.ndarray:
    """Return the bits of each row of `X`, in cells of `width`; those outside `ends` are open."""
    from scipy.special import ndtr

    low, high = ends
    above = np.where(high < X, np.inf, (X - X_hat + width / 2) / spread)
    below = np.where(low > X, -np.inf, (X - X_hat - width / 2) / spread)
    return -np.log2(np.maximum(ndtr(above) - ndtr(below), 1e-12)).sum(axis=1)  # no value costs more than 40 bits
