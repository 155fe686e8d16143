"""What two models share that run as a pair: one seed, drawn in a fixed order.

A model that is to be paired with another draws its initial weights first and then one order of presentation per
epoch, from one generator. With the same seed, width and data, both then start alike and see the same patterns in
the same order, and what is left between them is their dynamics.
"""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count

__all__ = ["MOST_WEIGHTS", "initial_weights", "presentation_order"]

MOST_WEIGHTS = 2**31 - 1
"""Of a matrix: simulators count synapses in 32 bits."""


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


def presentation_order(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of all samples, shape (n_samples,), in a new random order.

    Parameters
    ----------
    n_samples : int
    rng : numpy.random.Generator
    """
    return rng.permutation(n_samples)
