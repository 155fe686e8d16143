"""The spiking circuit: cells race to their first spike, and about k spikes let inhibition end the race.

Hidden cells are leaky integrate-and-fire neurons of which drive and inhibitory conductance change the current:

    tau_m dv/dt = v_rest - v + mV_per_drive * drive + g (v_inhibition - v)      a cell fires above its threshold
    dg/dt = -g / inhibition_decay

A presentation lasts a fixed time, in cycles:

1. *race*: the drives charge the membranes, so the most driven cells fire first; each spike excites the interneurons
   (drives are constant currents, or what Poisson spike trains add up to: `poisson`);
2. *volley*: after about k spikes the interneurons fire, and a delay later their conductance silences all cells;
3. it decays, and the next cycle begins.

Winners are the cells that fire before the first volley arrives (`readout="latency"`; what happens later is then of no
consequence), or at any time (`readout="count"`). Homeostasis goes by the first in either case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing.circuits import cells, poisson, presentation
from selective_firing.circuits.cells import STAMP, make_interneurons
from selective_firing.circuits.initial_values import EXPLODED, Values
from selective_firing.circuits.network import assemble, every_step, join, link, make_tables, on_event, population
from selective_firing.circuits.time_step import ORDER, Event, Pathway, during

if TYPE_CHECKING:
    from brian2 import Clock, Network, NeuronGroup

__all__ = ["CONDUCTOR_NAME", "make", "monitors"]

CONDUCTOR_NAME = "conductor"
"""The group that leads from one stimulus to the next."""

HIDDEN = """
rate : 1                                # what the spikes say of the drive
firing : integer                        # 1 once it has fired before inhibition arrived
spikes : integer                        # number of spikes since onset
first : integer                         # step of the first of them
stimulus : integer                      # during which it last fired
fired_at : integer                      # step at which it did
wakes : integer                         # step at which it is no longer refractory
step : integer (linked)
volleys : integer (linked)
presentation : integer (linked)
mV_per_drive : volt (linked)
contrast : 1 (linked)
v_rest : volt (shared, constant)
v_threshold : volt (shared, constant)
v_inhibition : volt (shared, constant)
refractory_steps : integer (shared, constant)   # refractory / dt
threshold_share : 1 (shared, constant)
by_count : integer (shared, constant)   # 1: rates are read from the number of spikes, 0: from the first spike
count_gain : 1 (shared, constant)       # drive per spike and stimulus norm
"""
"""Besides its `membrane` and `presentation.LEARNER`."""

CONDUCTOR = """
mV_per_drive : volt                     # gain control: the threshold drive is a share of the stimulus norm
n_inputs : integer                      # spikes of inputs
n_spikes : integer                      # of hidden cells
n_first : integer                       # cells that fired before inhibition arrived
n_fired : integer                       # cells that fired at all
n_missing : integer                     # cells that did not, although their drive would reach the threshold
volleys : integer                       # spikes of interneurons that have taken effect
arrived : integer                       # step at which the first did
n_steps : integer (shared, constant)    # presentation / dt
threshold_share : 1 (shared, constant)
threshold_height : volt (shared, constant)  # v_threshold - v_rest
"""
"""Besides `presentation.CONDUCTOR`."""

TICK = """
arrived = arrived + step * int(arrived == 0 and volleys > 0)
step = step + 1
at_onset = step >= n_steps or presentation < 0
"""

COUNT = """
n_spikes_post += 1
n_first_post += (1 - firing_pre) * int(volleys_post == 0)
n_fired_post += int(spikes_pre == 0)
"""

FIRED = f"""{STAMP}
first = first + (step - first) * int(spikes == 0)
firing = int(firing == 1 or volleys == 0)
spikes = spikes + 1
wakes = step + refractory_steps
v = v_rest
"""
READ = """
# from the first spike, at t: the drive that reaches the threshold then, theta / (1 - exp(-t / tau_m))
risen = 1 - exp(-(clip(first, 1, inf) - 0.5) * dt / tau_m)
rate = contrast * (by_count * count_gain * spikes + (1 - by_count) * threshold_share * sensitivity / risen)
"""

ONSET = f"""{presentation.NEXT}
# a stimulus that is the mean has no contrast: whatever is driven then fires at once
mV_per_drive = threshold_height / (threshold_share * clip(contrast, clip(faintest, 1e-200, inf), inf))
n_inputs = 0
n_spikes = 0
n_first = 0
n_fired = 0
n_missing = 0
volleys = 0
arrived = 0
"""

START_DRIVE = """
drive_post = background_post
"""
"""Inputs that are currents add to the background at once; of spike trains the drive starts at 0."""
START_TRAINS = """
drive_post = 0
"""
RESET = """
v_post = v_rest_post
spikes_post = 0
first_post = 0
firing_post = 0
wakes_post = 0
delta_post = 0
"""
CONDUCTOR_EVENTS = {"decide": Event("at_onset", ORDER.DECIDE, "at_onset")}
HIDDEN_EVENTS = {
    "spike": Event("v > v_rest + sensitivity * (v_threshold - v_rest) and step >= wakes"),
    "win": during("at_onset", "(firing == 1 or by_count * spikes > 0)", ORDER.DECIDE),
    "learn": during("at_onset", "(firing == 1 or by_count * spikes > 0) and plastic > 0", ORDER.DECIDE),
    "silent": during(
        "at_onset", "spikes == 0 and drive * mV_per_drive > sensitivity * (v_threshold - v_rest)", ORDER.DECIDE
    ),
}
HIDDEN_TO_CONDUCTOR = {
    "count": Pathway(ORDER.COUNT_SPIKES, "spike", COUNT),
    "count_missing": Pathway(ORDER.SCORE, "silent", "n_missing_post += 1"),
}


def monitors(kind: str = "") -> dict[str, list[str]]:
    """Return what is recorded of each decision, winner and spike; `kind` is for circuits that explain away."""
    return {
        "decisions": [
            "presentation", "n_inputs", "n_spikes", "n_first", "n_fired", "n_missing", "volleys", "arrived",
            "squared_error",
        ],
        "winners": ["i", "rate", "spikes", "first"],
        "hidden_spikes": ["i", "stimulus", "fired_at"],
        "interneuron_spikes": ["i", "stimulus", "fired_at"],
    }  # fmt: skip


def make(stimuli: np.ndarray, values: Values, *, dt: float) -> Network:
    """Return the spiking circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["interneurons"]`` and
    ``net["conductor"]``, the synapses ``net["w_in"]``, ``net["w_out"]``, ``net["excite"]``, ``net["inhibit"]`` and the
    monitors ``net["winners"]``, ``net["decisions"]``, ``net["hidden_spikes"]``, ``net["interneuron_spikes"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : mapping
        What `initial_values` returned for `SpikingParameters`.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy, trains = "hidden.noise_seed" in values, "stimulus.train_seed" in values
    own = "hidden.inhibition_decay" in values  # a conductance of each cell
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli, peaks=trains)
    looked_up = {"EXPLODED": EXPLODED, "mV": b2.mV}
    conductor = population(
        1, CONDUCTOR + cells.CONDUCTOR * (not own) + presentation.CONDUCTOR + poisson.CONDUCTOR * trains,
        name="conductor", clock=clock, method="exponential_euler", events=CONDUCTOR_EVENTS,
        order=1,  # a conductance changes after the cells have read it
        namespace=looked_up | (poisson.namespace(tables) if trains else {}),
    )  # fmt: skip
    every_step(conductor, TICK if own else TICK + cells.KEEP, when="start", name="tick")
    hidden = cells.make_cells(
        np.size(values["hidden.b"]), HIDDEN + presentation.LEARNER, conductor, clock, HIDDEN_EVENTS,
        noisy=noisy, trains=trains, own=own,
    )  # fmt: skip
    link(hidden, conductor, "at_onset", "err_on_mean", "stimulus_on_mean", eta_now="eta")
    link(hidden, conductor, "volleys", "presentation", "contrast")
    on_event(hidden, "spike", ORDER.RESET_CELL, FIRED)
    on_event(hidden, "win", ORDER.READ, READ)
    n_interneurons = int(np.asarray(values["interneurons.number"]))
    inhibition = make_interneurons(hidden, conductor, hidden if own else conductor, n_interneurons, clock)
    count = join(hidden, conductor, HIDDEN_TO_CONDUCTOR, name="hidden_to_conductor", clock=clock)
    at = {"when": "synapses", "order": ORDER.MONITOR_SPIKES}
    spikes = [
        b2.EventMonitor(group, "spike", monitors()[name][1:], name=name, **at)
        for group, name in ((hidden, "hidden_spikes"), (inhibition[0], "interneuron_spikes"))
    ]
    learning = _learning(hidden, conductor, tables, clock, trains, own)
    return assemble([conductor, hidden, *inhibition, count, *spikes, *learning], values)


def _learning(
    hidden: NeuronGroup, conductor: NeuronGroup, tables: dict[str, Any], clock: Clock, trains: bool, own: bool
) -> list[Any]:
    """Return inputs, prediction and learning, for currents or `trains`, one conductance or each cell its `own`."""
    started = (START_TRAINS if trains else START_DRIVE) + RESET
    w_in, control, onset, counted = presentation.W_IN, presentation.CONTROL_STIMULUS, ONSET, []
    if own:
        started += "g_post = 0"
    else:
        onset += "g = 0"
    reset = {"reset": Pathway(ORDER.RESET, "decide", started)}
    if trains:
        stimulus = poisson.make_stimulus(tables, conductor, clock)
        w_in, control, onset = w_in | poisson.W_IN, control | poisson.CONTROL_STIMULUS, f"{onset}\n{poisson.PEAK}"
        counted = [join(stimulus, conductor, poisson.COUNT_INPUTS, name="count_inputs", clock=clock)]
    else:
        stimulus = presentation.make_stimulus(tables, conductor, clock)
    return counted + presentation.learning_objects(
        stimulus, hidden, conductor, tables, clock, w_out=presentation.W_OUT, w_in=w_in, control_stimulus=control,
        control_hidden=presentation.CONTROL_HIDDEN | reset, onset=onset, monitors=monitors(),
    )  # fmt: skip
