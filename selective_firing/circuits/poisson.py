"""Inputs that fire Poisson spike trains: each draws the step of its next spike, so that silence costs nothing.

In time steps of dt a train is a series of independent trials; the wait from one success to the next is geometric. Its
random numbers are a hash of (seed, presentation, step, input), so they are the same on every target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits import presentation
from selective_firing.circuits.network import link, on_event
from selective_firing.circuits.time_step import ORDER, Event, Pathway

if TYPE_CHECKING:
    from brian2 import Clock, Function, NeuronGroup

__all__ = ["CONTROL_STIMULUS", "COUNT_INPUTS", "PEAK", "W_IN", "counter_uniform", "make_stimulus", "namespace"]

STIMULUS = """
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
"""Besides `presentation.STIMULUS`."""
EVENTS = {"spike": Event("step == due", ORDER.INPUT_FIRES)}

DRAW = """
due = step + int(clip(ceil(log(counter_uniform(random_seed, presentation, step, i)) / log(1 - chance)), 1, 1e8))
"""
"""The next spike, a wait away that is geometric with mean 1 / chance."""
ONSET = f"""
chance = clip(most * abs(x) / peak, 1e-12, 0.999)
quantum = x * settled_in_dt / chance
{DRAW}
"""
PEAK = "peak = peaks(presentation * second)"
"""Code of the conductor at an onset: the largest |x| of the stimulus."""
W_IN = {"present": Pathway(ORDER.PRESENT_SPIKES, "spike", "drive_post += w * quantum_pre")}
"""In place of the presentation of the stimulus as a whole."""
CONTROL_STIMULUS = {"clear": Pathway(ORDER.CLEAR, "decide", f"{presentation.CLEAR}due_post = -1")}
COUNT_INPUTS = {"count": Pathway(ORDER.COUNT_INPUTS, "spike", "n_inputs_post += 1")}

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

    @b2.check_units(seed=1, presentation=1, step=1, index=1, result=1)
    def uniform(seed: int, presentation: int, step: int, index: np.ndarray) -> np.ndarray:
        """Uniform on (0, 1), a hash of its four integers: the same on every target."""
        return counter_uniform(seed, presentation, step, index)

    return b2.implementation("cpp", _CPP)(b2.implementation("cython", _CYTHON)(uniform))


def namespace(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the equations of such inputs look up."""
    return {"counter_uniform": _function(), "peaks": tables["peaks"]}


def make_stimulus(tables: Mapping[str, Any], conductor: NeuronGroup, clock: Clock) -> NeuronGroup:
    """Return inputs that draw their spikes."""
    stimulus = presentation.make_stimulus(tables, conductor, clock, STIMULUS, EVENTS, namespace(tables))
    link(stimulus, conductor, "step", "presentation", "peak")
    on_event(stimulus, "spike", ORDER.NEXT_INPUT, DRAW)
    on_event(stimulus, "onset", ORDER.PRESENT, ONSET)
    return stimulus
