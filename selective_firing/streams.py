"""What two models share that run as a pair: one seed, drawn in a fixed order, and the winners of each pass.

A model that is to be paired with another draws its initial weights first and then one order of presentation per
epoch, from one generator. With the same seed, width and data, both then start alike and see the same patterns in
the same order, and what is left between them is their dynamics.
"""

from __future__ import annotations

from numbers import Integral

import numpy as np

from selective_firing.checks import check_count

__all__ = ["as_generator", "check_k_start", "initial_weights", "k_of_each_pass", "presentation_order"]


def as_generator(random_state: object = None) -> np.random.Generator:
    """Return a generator for what scikit-learn, or NumPy, users pass as `random_state`.

    Parameters
    ----------
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator
        A generator is returned as it is, and a RandomState is asked for a seed: both move on with every call. An
        int gives the same stream at every call, None a fresh one.

    Raises
    ------
    TypeError, ValueError
        If `random_state` is of another kind, or a negative int.
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**32, size=4, dtype=np.uint32))
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, bool | np.bool_) or not isinstance(random_state, Integral):
        raise TypeError(f"random_state must be None, an integer, a RandomState or a Generator, got {random_state!r}.")
    if random_state < 0:
        raise ValueError(f"random_state must be at least 0, got {random_state}.")
    return np.random.default_rng(int(random_state))


def initial_weights(n_hidden: int, n_inputs: int, rng: np.random.Generator) -> np.ndarray:
    """Return Gaussian rows of unit norm, shape (n_hidden, n_inputs): directions without a preference."""
    weights = rng.standard_normal((n_hidden, n_inputs))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)


def presentation_order(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of all samples, shape (n_samples,), in a new random order."""
    return rng.permutation(n_samples)


def check_k_start(k_start: int | None, k: int, n_hidden: int) -> None:
    """Raise TypeError or ValueError unless `k_start` is None or a number of winners from `k` to `n_hidden`."""
    if k_start is not None:
        check_count("k_start", k_start, at_least=k, at_most=n_hidden)


def k_of_each_pass(k: int, k_start: int | None, n_epochs: int) -> list[int]:
    """Return the number of winners of each pass: it falls from `k_start` to `k` over the first half, and stays there.

    Starting with many winners keeps units alive that would win nothing under a small k from the start (Makhzani & Frey
    2013, arXiv 1312.5663, section 4.2.1).

    Parameters
    ----------
    k : int
    k_start : int or None
        In the first pass, if there is more than one; None for `k` throughout.
    n_epochs : int

    Examples
    --------
    >>> k_of_each_pass(10, 40, 6)
    [40, 30, 20, 10, 10, 10]
    """
    first, half = k if k_start is None else k_start, n_epochs // 2
    return [k if epoch >= half else round(first + (k - first) * epoch / half) for epoch in range(n_epochs)]
