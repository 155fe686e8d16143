"""Where random numbers come from: what NumPy and scikit-learn users pass as `random_state`, as a generator."""

from __future__ import annotations

from numbers import Integral

import numpy as np

__all__ = ["as_generator"]


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
