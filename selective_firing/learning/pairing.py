"""What two models share that run as a pair: one seed, drawn in a fixed order.

A model that is to be paired with another draws its initial weights first and then one order of presentation per
epoch, from one generator. With the same seed, width and data, both then start alike and see the same patterns in
the same order, and what is left between them is their dynamics.
"""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing._checks.arrays import as_numbers
from selective_firing.weights import MOST_WEIGHTS

__all__ = ["given_weights", "initial_weights", "presentation_order"]


def initial_weights(n_hidden: int, n_inputs: int, rng: np.random.Generator) -> np.ndarray:
    """Return Gaussian rows of unit norm, shape (n_hidden, n_inputs): directions without a preference.

    Parameters
    ----------
    n_hidden, n_inputs : int
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If there would be more than `MOST_WEIGHTS`.
    """
    check_count("n_hidden", n_hidden, at_most=max(1, MOST_WEIGHTS // n_inputs))
    weights = rng.standard_normal((n_hidden, n_inputs))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def given_weights(given: object, n_hidden: int, n_inputs: int) -> np.ndarray | None:
    """Return a copy of the initial weights that a user gave, as float64 of shape (n_hidden, n_inputs); None if none.

    Parameters
    ----------
    given : array-like of shape (n_hidden, n_inputs), optional
    n_hidden, n_inputs : int

    Raises
    ------
    TypeError, ValueError
        If they are no real numbers, of another shape, or not finite.
    """
    if given is None:
        return None
    w, shape = as_numbers("initial_weights", given).copy(), (n_hidden, n_inputs)
    if w.shape != shape or not np.isfinite(w).all():
        raise ValueError(f"initial_weights must be finite and of shape {shape}, got shape {w.shape}.")
    return w


def presentation_order(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of all samples, shape (n_samples,), in a new random order.

    Parameters
    ----------
    n_samples : int
    rng : numpy.random.Generator
    """
    return rng.permutation(n_samples)
