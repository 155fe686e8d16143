"""Inputs that fire Poisson spike trains: each draws the step of its next spike, so that silence costs nothing.

In time steps of dt a train is a series of independent trials; the wait from one success to the next is geometric. Each
spike adds the same, with the sign of x, to an input current that decays with tau_input, so that its mean is x. It rises
from 0 at the onset: rates read from first spikes, as if the drive were there at once, come out too low.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from selective_firing.circuits import presentation, random_numbers
from selective_firing.circuits.network import link, on_event
from selective_firing.circuits.time_step import ORDER, Event, Pathway

if TYPE_CHECKING:
    from brian2 import Clock, NeuronGroup

__all__ = ["CONDUCTOR", "CONTROL_STIMULUS", "COUNT_INPUTS", "PEAK", "W_IN", "make_stimulus", "namespace"]

STIMULUS = """
chance : 1                              # of a spike, in one time step
quantum : 1                             # what a spike adds, so that the mean is x
due : integer                           # step of its next spike
step : integer (linked)
stimulus_number : integer (linked)
peak : 1 (linked)
most : 1 (shared, constant)             # chance of the strongest input
settled_in_dt : 1 (shared, constant)    # 1 - exp(-dt / tau_input)
train_seed : integer (shared, constant)
"""
"""Besides `presentation.STIMULUS`."""
EVENTS = {"spike": Event("step == due", ORDER.INPUT_FIRES)}

DRAW = """
due = step + int(clip(ceil(log(counter_uniform(train_seed, stimulus_number, step, i)) / log(1 - chance)), 1, 1e8))
"""
"""The next spike, a wait away that is geometric with mean 1 / chance."""
ONSET = f"""
chance = clip(most * abs(x) / peak, 1e-12, 0.999)
quantum = x * settled_in_dt / chance
{DRAW}
"""
CONDUCTOR = """
peak : 1                                # largest |x| of the stimulus
"""
PEAK = "peak = peaks(presentation * second)"
"""Code of the conductor at an onset: the largest |x| of the stimulus."""
W_IN = {"present": Pathway(ORDER.PRESENT_SPIKES, "spike", "drive_post += w * quantum_pre")}
"""In place of the presentation of the stimulus as a whole."""
CONTROL_STIMULUS = {"clear": Pathway(ORDER.CLEAR, "decide", f"{presentation.CLEAR}due_post = -1")}
COUNT_INPUTS = {"count": Pathway(ORDER.COUNT_INPUTS, "spike", "n_inputs_post += 1")}


def namespace(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the equations of such inputs look up.

    Parameters
    ----------
    tables : mapping
    """
    return {"counter_uniform": random_numbers.functions()["counter_uniform"], "peaks": tables["peaks"]}


def make_stimulus(tables: Mapping[str, Any], conductor: NeuronGroup, clock: Clock) -> NeuronGroup:
    """Return inputs that draw their spikes.

    Parameters
    ----------
    tables : mapping
    conductor : NeuronGroup
    clock : Clock
    """
    stimulus = presentation.make_stimulus(tables, conductor, clock, STIMULUS, EVENTS, namespace(tables))
    link(stimulus, conductor, "step", "stimulus_number", "peak")
    on_event(stimulus, "spike", ORDER.NEXT_INPUT, DRAW)
    on_event(stimulus, "onset", ORDER.PRESENT, ONSET)
    return stimulus
