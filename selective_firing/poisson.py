"""Inputs that fire Poisson spike trains: each draws the step of its next spike, so that silence costs nothing.

In time steps of dt a train is a series of independent trials; the wait from one success to the next is geometric. Its
random numbers are a hash of (seed, presentation, step, input), so they are the same on every target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from brian2 import Clock, Function, NeuronGroup

__all__ = ["CLEAR", "MODEL", "PEAK", "PRESENT", "SPIKE", "counter_uniform", "let_fire", "namespace"]

MODEL = """
chance : 1                              # of a spike, in one time step
quantum : 1                             # what a spike adds, so that the mean is x
due : integer                           # step of its next spike
step : integer (linked)
presentation : integer (linked)
peak : 1 (linked)
most : 1 (shared, constant)             # chance of the strongest input
settled_in_dt : 1 (shared, constant)    # 1 - exp(-dt / tau_input)
random_seed : integer (shared, constant)
"""

PEAK = "peak = peaks(presentation * second)\n"
"""Code of the conductor at an onset: the largest |x| of the stimulus."""
CLEAR = "due_post = -1\n"

_DRAW = (
    "due = step + int(clip(ceil(log(counter_uniform(random_seed, presentation, step, i)) / log(1 - chance)), 1, 1e8))"
)
_ONSET = f"""
chance = clip(most * abs(x) / peak, 1e-12, 0.999)
quantum = x * settled_in_dt / chance
{_DRAW}
"""
PRESENT = (-12, "spike", "drive_post += w * quantum_pre")
"""The pathway that replaces the presentation of the stimulus as a whole."""
SPIKE = (-13, "spike", "n_inputs_post += 1")
"""The pathway by which the conductor counts them."""

_CPP = """
static inline uint64_t counter_mix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}
static inline double counter_uniform(int64_t seed, int64_t presentation, int64_t step, int64_t index) {
    uint64_t z = counter_mix(counter_mix((uint64_t)seed) ^ (uint64_t)presentation);
    z = counter_mix(counter_mix(z ^ (uint64_t)step) ^ (uint64_t)index);
    return ((z >> 11) + 0.5) / 9007199254740992.0;
}
"""
_CYTHON = """
cdef unsigned long long counter_mix(unsigned long long z) noexcept:
    z += <unsigned long long>0x9E3779B97F4A7C15ULL
    z = (z ^ (z >> 30)) * <unsigned long long>0xBF58476D1CE4E5B9ULL
    z = (z ^ (z >> 27)) * <unsigned long long>0x94D049BB133111EBULL
    return z ^ (z >> 31)

cdef double counter_uniform(long long seed, long long presentation, long long step, long long index) noexcept:
    cdef unsigned long long z = counter_mix(counter_mix(<unsigned long long>seed) ^ <unsigned long long>presentation)
    z = counter_mix(counter_mix(z ^ <unsigned long long>step) ^ <unsigned long long>index)
    return ((z >> 11) + 0.5) / 9007199254740992.0
"""


def _mix(z: np.ndarray) -> np.ndarray:
    """Return the output function of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA)."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def counter_uniform(seed: int, presentation: int, step: int, index: np.ndarray) -> np.ndarray:
    """Return numbers that are uniform on (0, 1), a hash of four integers; they may be arrays that broadcast."""
    words = [np.atleast_1d(np.asarray(a, np.int64)).astype(np.uint64) for a in (seed, presentation, step, index)]
    z = _mix(_mix(words[0]) ^ words[1])
    z = _mix(_mix(z ^ words[2]) ^ words[3])
    return ((z >> np.uint64(11)).astype(float) + 0.5) / 2.0**53


def _function() -> Function:
    """Return `counter_uniform` as Brian2 calls it, on every target."""
    import brian2 as b2

    function = b2.check_units(seed=1, presentation=1, step=1, index=1, result=1)(
        lambda seed, presentation, step, index: counter_uniform(seed, presentation, step, index)
    )
    return b2.implementation("cpp", _CPP)(b2.implementation("cython", _CYTHON)(function))


def namespace(tables: dict[str, Any]) -> dict[str, Any]:
    """Return what the equations of such inputs look up."""
    return {"counter_uniform": _function(), "peaks": tables["peaks"]}


def let_fire(stimulus: NeuronGroup, clock: Clock) -> None:
    """Let inputs made with `MODEL` and the event "spike" draw their spikes."""
    stimulus.set_event_schedule("spike", when="synapses", order=-14)
    stimulus.run_on_event("spike", _DRAW, when="synapses", order=-11)
    stimulus.run_on_event("onset", _ONSET, when="synapses", order=26)
