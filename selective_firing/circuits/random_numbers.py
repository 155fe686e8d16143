"""Random numbers that are a hash of where they are used: (seed, stimulus, step, unit), the same on every target.

Nothing is stored, nothing repeats, and a number does not depend on what was drawn before: presentations can be
simulated in any order, or apart from each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from brian2 import Function

__all__ = ["counter_normal", "counter_uniform", "functions"]

CPP = {
    "counter_uniform": """
static inline uint64_t counter_mix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}
static inline uint64_t counter_hash(int64_t seed, int64_t stimulus, int64_t step, int64_t index) {
    uint64_t z = counter_mix(counter_mix((uint64_t)seed) ^ (uint64_t)stimulus);
    return counter_mix(counter_mix(z ^ (uint64_t)step) ^ (uint64_t)index);
}
static inline double counter_uniform(int64_t seed, int64_t stimulus, int64_t step, int64_t index) {
    return ((counter_hash(seed, stimulus, step, index) >> 11) + 0.5) / 9007199254740992.0;
}
""",
    "counter_normal": """
static inline double counter_normal(int64_t seed, int64_t stimulus, int64_t step, int64_t index) {
    const uint64_t z = counter_hash(seed, stimulus, step, index);
    const double length = ((z >> 11) + 0.5) / 9007199254740992.0;
    const double turn = ((counter_mix(z) >> 11) + 0.5) / 9007199254740992.0;
    return sqrt(-2 * log(length)) * cos(6.283185307179586 * turn);
}
""",
}
CYTHON = {
    "counter_uniform": """
cdef unsigned long long counter_mix(unsigned long long z) noexcept:
    z += <unsigned long long>0x9E3779B97F4A7C15ULL
    z = (z ^ (z >> 30)) * <unsigned long long>0xBF58476D1CE4E5B9ULL
    z = (z ^ (z >> 27)) * <unsigned long long>0x94D049BB133111EBULL
    return z ^ (z >> 31)

cdef unsigned long long counter_hash(long long seed, long long stimulus, long long step, long long index) noexcept:
    cdef unsigned long long z = counter_mix(counter_mix(<unsigned long long>seed) ^ <unsigned long long>stimulus)
    return counter_mix(counter_mix(z ^ <unsigned long long>step) ^ <unsigned long long>index)

cdef double counter_uniform(long long seed, long long stimulus, long long step, long long index) noexcept:
    return ((counter_hash(seed, stimulus, step, index) >> 11) + 0.5) / 9007199254740992.0
""",
    "counter_normal": """
from libc.math cimport cos, log, sqrt

cdef double counter_normal(long long seed, long long stimulus, long long step, long long index) noexcept:
    cdef unsigned long long z = counter_hash(seed, stimulus, step, index)
    cdef double length = ((z >> 11) + 0.5) / 9007199254740992.0
    cdef double turn = ((counter_mix(z) >> 11) + 0.5) / 9007199254740992.0
    return sqrt(-2 * log(length)) * cos(6.283185307179586 * turn)
""",
}


def _mix(z: np.ndarray) -> np.ndarray:
    """Return the output function of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA)."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _hash(seed: int, stimulus: int, step: int, index: np.ndarray) -> np.ndarray:
    words = [np.atleast_1d(np.asarray(a, np.int64)).astype(np.uint64) for a in (seed, stimulus, step, index)]
    z = _mix(_mix(words[0]) ^ words[1])
    return _mix(_mix(z ^ words[2]) ^ words[3])


def _fraction(z: np.ndarray) -> np.ndarray:
    return ((z >> np.uint64(11)).astype(float) + 0.5) / 2.0**53


def counter_uniform(seed: int, stimulus: int, step: int, index: np.ndarray) -> np.ndarray:
    """Uniform on (0, 1), a hash of four integers; they may be arrays that broadcast.

    Parameters
    ----------
    seed : int
    stimulus : int
    step : int
    index : ndarray
    """
    return _fraction(_hash(seed, stimulus, step, index))


def counter_normal(seed: int, stimulus: int, step: int, index: np.ndarray) -> np.ndarray:
    """Standard normal, a hash of four integers (Box & Muller 1958, Ann Math Stat 29:610); they may be arrays.

    Parameters
    ----------
    seed : int
    stimulus : int
    step : int
    index : ndarray
    """
    z = _hash(seed, stimulus, step, index)
    return np.sqrt(-2 * np.log(_fraction(z))) * np.cos(2 * np.pi * _fraction(_mix(z)))


def functions() -> dict[str, Function]:
    """Return both by their names, as Brian2 calls them on every target."""
    uniform = _function("counter_uniform", counter_uniform)
    return {"counter_uniform": uniform, "counter_normal": _function("counter_normal", counter_normal, uniform)}


def _function(name: str, in_numpy: Callable[..., np.ndarray], needs: Function | None = None) -> Function:
    import brian2 as b2

    known = {"seed": 1, "stimulus": 1, "step": 1, "index": 1, "result": 1}
    function = b2.Function(in_numpy, arg_units=[1, 1, 1, 1], arg_names=list(known)[:4], return_unit=1)
    dependencies = {"counter_uniform": needs} if needs else None
    for target, code in (("numpy", None), ("cpp", CPP[name]), ("cython", CYTHON[name])):
        if code is None:
            # with units, Brian2 would print what is returned at every call, into a message that nobody reads
            function.implementations.add_numpy_implementation(in_numpy, discard_units=True)
        else:
            function.implementations.add_implementation(target, code, dependencies=dependencies, name=name)
    return function
