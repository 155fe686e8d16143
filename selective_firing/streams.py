"""Where randomness comes from: one generator per model, drawn from in a fixed order."""

from __future__ import annotations

from numbers import Integral

import numpy as np

__all__ = ["as_generator", "initial_weights", "presentation_order"]


def as_generator(random_state: int | np.random.Generator | np.random.RandomState | None) -> np.random.Generator:
    """Return a generator made from what scikit-learn calls a random state; a Generator is used as it is.

    Raises
    ------
    TypeError
        If `random_state` is nothing of these.
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**31 - 1, size=4))
    if random_state is None or (isinstance(random_state, Integral) and not isinstance(random_state, bool)):
        return np.random.default_rng(random_state)
    raise TypeError(f"random_state must be an int, a Generator, a RandomState or None, got {random_state!r}.")


def initial_weights(n_hidden: int, n_inputs: int, rng: np.random.Generator) -> np.ndarray:
    """Return random weights of shape (n_hidden, n_inputs), Gaussian rows of unit norm."""
    weights = rng.standard_normal((n_hidden, n_inputs))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def presentation_order(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the order in which one epoch presents its samples."""
    return rng.permutation(n_samples)
