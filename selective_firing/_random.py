"""Where random numbers come from: what NumPy and scikit-learn users pass as `random_state`, as a generator."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from selective_firing._checks.arguments import is_integer, shown

__all__ = ["as_generator", "generator_of", "state_of", "stream_key"]

GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
"""NumPy's: what a file may name, and nothing else."""


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
    if not is_integer(random_state):
        raise TypeError(
            f"random_state must be None, an integer, a RandomState or a Generator, got {shown(random_state)}."
        )
    seed = int(random_state)
    if seed < 0:
        raise ValueError(f"random_state must be at least 0, got {seed}.")
    return np.random.default_rng(seed)


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return where a generator of NumPy's is in its stream, for a file.

    Parameters
    ----------
    rng : numpy.random.Generator
    """
    state = rng.bit_generator.state
    if state["bit_generator"] not in GENERATORS:
        raise ValueError(f"random_state must be one of NumPy's generators to be kept, got {state['bit_generator']}.")
    return dict(state)


def generator_of(state: Any) -> np.random.Generator:
    """Return a generator that goes on where `state_of` found one.

    Raises
    ------
    TypeError, ValueError, KeyError
        If this is no such state.
    """
    name = state["bit_generator"]
    if name not in GENERATORS:
        raise ValueError(f"it has no generator {name!r}")
    rng = np.random.Generator(getattr(np.random, name)())
    rng.bit_generator.state = state
    return rng


def stream_key(random_state: object) -> str | None:
    """Return a hash of the numbers that are to come of a `random_state`, which does not move; None if it is fresh."""
    if random_state is None:
        return None
    if isinstance(random_state, np.random.RandomState):
        state: object = random_state.get_state(legacy=False)
    else:
        state = as_generator(random_state).bit_generator.state
    words = json.dumps(state, sort_keys=True, default=lambda value: np.asarray(value).tolist())
    return hashlib.sha256(words.encode()).hexdigest()[:20]
