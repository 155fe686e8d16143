"""Sparse coding by solvers, on weights learned elsewhere or by dictionary learning: OMP, with swaps, LASSO."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls
from sklearn.decomposition import MiniBatchDictionaryLearning, SparseCoder

from comparisons.rivals.pursuit.solvers import orthogonal_pursuit, with_swaps
from selective_firing.protocol import Autoencoder

__all__ = [
    "BEST", "DICTIONARY", "LASSO", "NONNEGATIVE", "OMP", "REFITTED", "SIGNED_BEST", "dictionary_code", "greedy_codes",
    "solver_codes",
]  # fmt: skip

OMP, LASSO, REFITTED = "OMP, same weights", "LASSO, same weights", "LASSO refitted, same weights"
NONNEGATIVE, BEST = "non-negative OMP, same weights", "best found, same weights"
SIGNED_BEST = "best found, signed, same weights"
DICTIONARY = "OMP, its own dictionary"
N_AT_ONCE = 1000
"""Patterns that are pursued together: each needs a few rows of numbers as wide as the code."""
N_CALIBRATED = 200
"""Training patterns on which the LASSO's punishment is set."""


def solver_codes(
    model: Autoencoder, X_train: np.ndarray, X: np.ndarray, k: int, names: Sequence[str] = (OMP, LASSO, REFITTED)
) -> dict[str, np.ndarray]:
    """Return the codes that solvers find on the model's weights.

    OMP has k units for each pattern; its rates may be negative. The positive LASSO, to which a locally competitive
    circuit with a soft threshold settles (Rozell et al. 2008, Neural Comput 20:2526), has k units on average over
    training patterns, more where more is to be said; refitted, its units have the rates of non-negative least squares.

    Parameters
    ----------
    model : fitted autoencoder
    X_train, X : ndarray of shape (n_samples, n_inputs)
        Patterns that set the punishment of the LASSO, and those to code.
    k : int
    names : sequence of str
        Which of them.

    Returns
    -------
    dict of str to ndarray of shape (n_samples, n_hidden)
    """
    norms = np.linalg.norm(model.components_, axis=1)
    norms = np.where(norms > 0, norms, 1.0)
    dictionary, centred = model.components_ / norms[:, np.newaxis], X - model.offset_
    greedy = SparseCoder(dictionary, transform_algorithm="omp", transform_n_nonzero_coefs=k).transform(centred)
    if set(names) == {OMP}:
        return {OMP: greedy / norms}
    few = X_train[:: max(1, len(X_train) // N_CALIBRATED)] - model.offset_
    low, high = 0.0, float(np.abs(few @ dictionary.T).max())
    for _ in range(12):  # bisection: the more it is punished, the fewer units are active
        middle = (low + high) / 2
        low, high = (middle, high) if (_lasso(dictionary, few, middle) > 0).sum(axis=1).mean() > k else (low, middle)
    shrunk = _lasso(dictionary, centred, high)
    refitted = np.zeros_like(shrunk)
    for row, pattern in enumerate(centred):
        active = np.flatnonzero(shrunk[row])
        if active.size:
            refitted[row, active] = nnls(dictionary[active].T, pattern)[0]
    found = {OMP: greedy, LASSO: shrunk, REFITTED: refitted}
    return {name: found[name] / norms for name in names}


def greedy_codes(
    model: Autoencoder, X: np.ndarray, k: int, names: Sequence[str] = (OMP, NONNEGATIVE, BEST)
) -> dict[str, np.ndarray]:
    """Return the codes with k units that greedy search finds on the model's weights.

    The circuit's rates are not negative, so what bounds it is non-negative: OMP with such rates, and the best found,
    the same after one round of swaps, in which each of its units in turn makes room for a better one. Signed codes may
    subtract, and bound what weights could do with k numbers of either sign. The best of all is not known.

    Parameters
    ----------
    model : fitted autoencoder
    X : ndarray of shape (n_samples, n_inputs)
        Patterns to code.
    k : int
        Units for each pattern; fewer where those explain it, or where none could add anything.
    names : sequence of str
        Which of OMP, NONNEGATIVE, BEST and SIGNED_BEST.

    Returns
    -------
    dict of str to ndarray of shape (n_samples, n_hidden)
        Rates for `components_` as they are, whatever their norms.
    """
    norms = np.linalg.norm(model.components_, axis=1)
    norms = np.where(norms > 0, norms, 1.0)
    dictionary = model.components_ / norms[:, np.newaxis]
    gram, found = dictionary @ dictionary.T, {name: np.zeros((len(X), len(dictionary))) for name in names}
    for start in range(0, len(X), N_AT_ONCE):
        rows = slice(start, start + N_AT_ONCE)
        drive = (X[rows] - model.offset_) @ dictionary.T
        for positive, plain, best in ((False, OMP, SIGNED_BEST), (True, NONNEGATIVE, BEST)):
            if {plain, best}.isdisjoint(names):
                continue
            code = orthogonal_pursuit(drive, gram, k, positive)
            swapped = with_swaps(code, drive, gram, positive) if best in names else code
            for name in {plain, best}.intersection(names):
                found[name][rows] = (code if name == plain else swapped) / norms
    return found


def _lasso(dictionary: np.ndarray, centred: np.ndarray, alpha: float) -> np.ndarray:
    coder = SparseCoder(
        dictionary, transform_algorithm="lasso_cd", transform_alpha=alpha, positive_code=True, transform_max_iter=300
    )
    return coder.transform(centred)


def dictionary_code(
    X_train: np.ndarray, X: np.ndarray, n_hidden: int, k: int, n_epochs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return code and reconstruction by OMP with k units of a dictionary learned for it (Mairal et al. 2009).

    scikit-learn's `MiniBatchDictionaryLearning` learns with the LASSO, at a punishment of 1, in as many passes as the
    others.

    Parameters
    ----------
    X_train, X : ndarray of shape (n_samples, n_inputs)
        Patterns to learn from, and those to code.
    n_hidden, k : int
    n_epochs : int
        Passes over `X_train`.
    seed : int
    """
    mean = X_train.mean(axis=0)
    learner = MiniBatchDictionaryLearning(
        n_hidden, alpha=1.0, max_iter=n_epochs, batch_size=min(256, len(X_train)), fit_algorithm="cd",
        random_state=seed, transform_algorithm="omp", transform_n_nonzero_coefs=k,
    ).fit(X_train - mean)  # fmt: skip
    code = learner.transform(X - mean)
    return code, code @ learner.components_ + mean
