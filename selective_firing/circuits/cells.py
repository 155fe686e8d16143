"""Cells that spike: membranes, the conductance that inhibits them, how both are integrated, and the interneurons.

All interneurons reach all cells alike, so the conductance is one number, which the conductor has. Then the exponential
that a step of exponential Euler takes is one number, too; Brian2 would take it for each cell, which is most of the time
that the circuit takes. With ``conductance="own"`` each cell has its own, to be made unequal in a network of `build`.

Interneurons add up the spikes of hidden cells, and silence these after the k-th. A spike of theirs takes effect a delay
later; until then the interneuron does not fire again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from selective_firing.circuits import random_numbers
from selective_firing.circuits.network import every_step, join, link, on_event, population
from selective_firing.circuits.time_step import ORDER, Event, Pathway

if TYPE_CHECKING:
    from brian2 import Clock, NeuronGroup

__all__ = ["CONDUCTANCE", "CONDUCTOR", "KEEP", "STAMP", "make_cells", "make_interneurons"]

MEMBRANE = """
dv/dt = (v_rest - v + int(step >= wakes) * (drive * mV_per_drive + g * (v_inhibition - v))) / tau_m : volt
"""
NOISY_MEMBRANE = """
dv/dt = (v_rest - v + int(step >= wakes) * (drive * mV_per_drive + g * (v_inhibition - v) + kick)) / tau_m : volt
kick : volt                             # noise, drawn anew in every step
kick_amplitude : volt (shared, constant)    # such that the membrane's standard deviation is `noise`
noise_seed : integer (shared, constant)
stimulus_number : integer (linked)
"""
"""In place of MEMBRANE, with noise."""
KICK = "kick = kick_amplitude * counter_normal(noise_seed, stimulus_number, step, i)"

TAU = "tau_m : second (shared, constant)\n"
DRIVE = """
drive : 1                               # w_in . (x - x_mean) + b
"""
FILTERED_DRIVE = """
ddrive/dt = (background - drive) / tau_input : 1    # w_in . (x - x_mean) + b, on average
tau_input : second (shared, constant)
"""
"""In place of the constant drive, if the inputs are spike trains."""

CONDUCTANCE = """
dg/dt = -g / inhibition_decay : 1       # inhibitory conductance, relative to the leak
inhibition_decay : second (shared, constant)
"""
"""Of each cell, or of the conductor."""
SHARED = """
g : 1 (linked)                          # inhibitory conductance, relative to the leak
kept : 1 (linked)
"""
"""Of a cell, in place of CONDUCTANCE, if the conductor has it."""
CONDUCTOR = f"""{CONDUCTANCE}
kept : 1                                # of a membrane's way to where it is heading, what is left after a time step
tau_m : second (shared, constant)       # of the hidden cells
"""
"""Of the conductor, if it has the conductance."""
KEEP = "kept = exp(-dt * (1 + g) / tau_m)"
"""Code of the conductor in every step, before the cells move."""

STEP = """
awake = 1.0 * int(step >= wakes)
level = v_rest + awake * (drive * mV_per_drive + g * (v_inhibition - v_rest)) / (1 + g)
v = level + (v - level) * (awake * kept + (1 - awake) * exp(-dt / tau_m))
"""
"""What exponential Euler makes of MEMBRANE: cells that are not awake leak to rest, at a rate that never changes."""
NOISY_STEP = STEP.replace("drive * mV_per_drive", "drive * mV_per_drive + kick")
FILTERED_DRIVE_STEP = """
drive = background + (drive - background) * exp(-dt / tau_input)
"""


def _integration(noisy: bool, trains: bool) -> Callable[..., str]:
    """Return the method by which Brian2 is to integrate cells that share one conductance."""

    def exponential_euler(*_: object) -> str:
        return (NOISY_STEP if noisy else STEP) + FILTERED_DRIVE_STEP * trains

    return exponential_euler


def make_cells(
    size: int, model: str, conductor: NeuronGroup, clock: Clock, events: dict[str, Event], *, noisy: bool, trains: bool,
    own: bool,
) -> NeuronGroup:  # fmt: skip
    """Return hidden cells: their membranes with what `model` adds, and with an `own` conductance or the conductor's.

    Parameters
    ----------
    size : int
    model : str
    conductor : NeuronGroup
    clock : Clock
    events : dict[str, Event]
    noisy : bool
    trains : bool
    own : bool
    """
    parts = NOISY_MEMBRANE if noisy else MEMBRANE, CONDUCTANCE if own else SHARED, FILTERED_DRIVE if trains else DRIVE
    hidden = population(
        size, "".join(parts) + TAU + model, name="hidden", clock=clock, events=events,
        method="exponential_euler" if own else _integration(noisy, trains),
        namespace={"counter_normal": random_numbers.functions()["counter_normal"]} if noisy else {},
    )  # fmt: skip
    link(hidden, conductor, "step", "mV_per_drive", *(() if own else ("g", "kept")))
    if noisy:
        link(hidden, conductor, "stimulus_number")
        every_step(hidden, KICK, when="start", order=1, name="membrane_noise")
    return hidden


INTERNEURON = """
dv/dt = (v_rest - v) / tau_interneuron : volt       # adds up the spikes of hidden cells
stimulus : integer                      # during which it last fired
fired_at : integer                      # step at which it did
due : integer                           # step at which that takes effect
step : integer (linked)
presentation : integer (linked)
v_rest : volt (shared, constant)
v_threshold : volt (shared, constant)
tau_interneuron : second (shared, constant)
delay_steps : integer (shared, constant)    # inhibition_delay / dt
epsp : volt (shared, constant)          # (v_threshold - v_rest) / (k - 1/2): what one spike of a hidden cell adds
opens : 1 (shared, constant)            # conductance that one spike opens
number : 1 (shared, constant)           # of interneurons
"""

STAMP = """
stimulus = presentation
fired_at = step
"""

FIRED = f"""{STAMP}
due = step + delay_steps
"""

RESET_INTERNEURON = """
v_post = v_rest_post
due_post = -1
"""

EVENTS = {
    "spike": Event("v > v_threshold and due < step", ORDER.INTERNEURON_FIRES),
    "release": Event("due == step", ORDER.RELEASE),
}
EXCITE = {"epsp": Pathway(ORDER.EXCITE, "spike", "v_post += epsp_post")}
INHIBIT = {"ipsp": Pathway(ORDER.INHIBIT_CELLS, "release", "g_post += opens_pre")}
COUNT_VOLLEYS = {"count": Pathway(ORDER.COUNT_VOLLEYS, "release", "volleys_post += 1")}
CONTROL = {"reset": Pathway(ORDER.RESET, "decide", RESET_INTERNEURON)}


def make_interneurons(
    hidden: NeuronGroup, conductor: NeuronGroup, inhibited: NeuronGroup, size: int, clock: Clock
) -> list[Any]:
    """Return `size` interneurons and their synapses; what they do comes before any decision in the time step.

    Parameters
    ----------
    hidden, conductor : NeuronGroup
    inhibited : NeuronGroup
        Has the conductance that they open: `conductor` if hidden cells share it, else `hidden`.
    size : int
    clock : Clock
    """
    interneurons = population(size, INTERNEURON, name="interneurons", clock=clock, method="exact", events=EVENTS)
    link(interneurons, conductor, "step", "presentation")
    on_event(interneurons, "spike", ORDER.STAMP, FIRED)
    on_event(interneurons, "release", ORDER.RESET_INTERNEURON, "v = v_rest")
    return [
        interneurons,
        join(hidden, interneurons, EXCITE, name="excite", clock=clock),
        join(interneurons, inhibited, INHIBIT, name="inhibit", clock=clock),
        join(interneurons, conductor, COUNT_VOLLEYS, name="count_volleys", clock=clock),
        join(conductor, interneurons, CONTROL, name="control_interneurons", clock=clock),
    ]
