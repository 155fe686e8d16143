"""The spiking circuit on one screen: cells race to their first spike, and the k-th spike lets inhibition end the race.

One presentation lasts a fixed time, in cycles:

1. *race*: the drives charge the membranes, so the most driven cells fire first; each spike excites the interneurons
   (drives are constant currents, or what Poisson spike trains add up to: `poisson.py`);
2. *volley*: after about k spikes the interneurons fire, and a delay later their conductance silences all cells;
3. it decays, and the next cycle begins.

Winners are the cells that fire before the first volley arrives (`readout="latency"`), or at any time
(`readout="count"`). Prediction, error and learning are those of the rate circuit (`wiring.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selective_firing import equations as eqs
from selective_firing import poisson
from selective_firing.settings import EXPLODED, NOISE_ROWS
from selective_firing.wiring import (
    learning_paths,
    link,
    make_network,
    make_stimulus,
    make_tables,
    on_event,
    synapses,
)

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["LEADER", "MONITORS", "describe"]

LEADER = "conductor"
"""The group that leads from one stimulus to the next."""

HIDDEN = (
    eqs.LEARNER
    + """
dv/dt = (v_rest - v + int(step >= wakes) * (drive * mV_per_drive + g * (v_inhibition - v){kick})) / tau_m : volt
dg/dt = -g / inhibition_decay : 1       # inhibitory conductance, relative to the leak
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
inhibition_decay : second (shared, constant)
refractory_steps : integer (shared, constant)
threshold_share : 1 (shared, constant)
by_count : integer (shared, constant)   # 1: rates are read from the number of spikes, 0: from the first spike
count_gain : 1 (shared, constant)       # drive per spike and stimulus norm
"""
)

FILTERED = """
ddrive/dt = (background - drive) / tau_input : 1    # w_in . (x - x_mean) + b, on average
tau_input : second (shared, constant)
"""
"""In place of the constant drive, if the inputs are spike trains."""

NOISY = """
kick : volt
kick_amplitude : volt (shared, constant)
row : integer (linked)
"""

INTERNEURONS = """
dv/dt = (v_rest - v) / tau_interneuron : volt
stimulus : integer                      # during which it last fired
fired_at : integer                      # step at which it did
due : integer                           # step at which that takes effect
step : integer (linked)
presentation : integer (linked)
v_rest : volt (shared, constant)
v_threshold : volt (shared, constant)
tau_interneuron : second (shared, constant)
delay_steps : integer (shared, constant)
epsp : volt (shared, constant)          # what one spike of a hidden cell adds
opens : 1 (shared, constant)            # conductance that one spike opens
"""

CONDUCTOR = (
    eqs.CONDUCTOR
    + """
mV_per_drive : volt                     # gain control: the threshold drive is a share of the stimulus norm
peak : 1                                # largest |x| of the stimulus
n_inputs : integer                      # spikes of inputs
n_spikes : integer                      # of hidden cells
n_first : integer                       # cells that fired before inhibition arrived
n_fired : integer                       # cells that fired at all
volleys : integer                       # spikes of interneurons that have taken effect
arrived : integer                       # step at which the first did
n_steps : integer (shared, constant)
threshold_share : 1 (shared, constant)
threshold_height : volt (shared, constant)
"""
)

TICK = """
arrived = arrived + step * int(arrived == 0 and volleys > 0)
step = step + 1
row = (row + 1) % NOISE_ROWS
fresh = step >= n_steps or presentation < 0
"""

COUNT = """
n_spikes_post += 1
n_first_post += (1 - firing_pre) * int(volleys_post == 0)
n_fired_post += int(spikes_pre == 0)
"""

STAMP = """
stimulus = presentation
fired_at = step
"""

SPIKE = """
first = first + (step - first) * int(spikes == 0)
firing = int(firing == 1 or volleys == 0)
spikes = spikes + 1
wakes = step + refractory_steps
v = v_rest
"""

READ = """
risen = 1 - exp(-(clip(first, 1, inf) - 0.5) * dt / tau_m)
rate = contrast * (by_count * count_gain * spikes + (1 - by_count) * threshold_share * sensitivity / risen)
"""

ONSET = (
    eqs.NEXT
    + """
mV_per_drive = threshold_height / (threshold_share * clip(contrast, faintest, inf))
n_inputs = 0
n_spikes = 0
n_first = 0
n_fired = 0
volleys = 0
arrived = 0
"""
)

RESET = """
v_post = v_rest_post
g_post = 0
spikes_post = 0
first_post = 0
firing_post = 0
wakes_post = 0
delta_post = 0
"""

CALM = """
v_post = v_rest_post
due_post = -1
"""

MONITORS = {
    "decisions": ["presentation", "n_inputs", "n_spikes", "n_first", "n_fired", "volleys", "arrived", "squared_error"],
    "winners": ["i", "rate", "spikes", "first"],
    "hidden_spikes": ["i", "stimulus", "fired_at"],
    "interneuron_spikes": ["i", "stimulus", "fired_at"],
}
"""What is recorded, by monitor."""


def describe(stimuli: np.ndarray, values: dict[str, float | np.ndarray], *, dt: float) -> Network:
    """Return the spiking circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["interneurons"]`` and
    ``net["conductor"]``, the synapses ``net["w_in"]``, ``net["w_out"]``, ``net["excite"]``, ``net["inhibit"]`` and the
    monitors ``net["winners"]``, ``net["decisions"]``, ``net["hidden_spikes"]``, ``net["interneuron_spikes"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : dict
        What `settings.settings` returned for `SpikingParameters`.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy, trains = "noise.values" in values, "stimulus.random_seed" in values
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli, values, peaks=trains)
    looked_up = {"NOISE_ROWS": NOISE_ROWS, "EXPLODED": EXPLODED, "mV": b2.mV}
    conductor = b2.NeuronGroup(
        1, CONDUCTOR, method="euler", events={"decide": "fresh"}, clock=clock, name="conductor",
        namespace=looked_up | (poisson.namespace(tables) if trains else {}),
    )  # fmt: skip
    conductor.run_regularly(TICK, when="start", clock=clock, name="tick")
    model = (FILTERED if trains else eqs.DRIVE) + HIDDEN.format(kick=" + kick" if noisy else "")
    hidden = b2.NeuronGroup(
        values["hidden.b"].size, model + (NOISY if noisy else ""), method="exponential_euler",
        events={
            "fire": "v > v_rest + sensitivity * (v_threshold - v_rest) and step >= wakes",
            "win": "fresh and (firing == 1 or by_count * spikes > 0)",
            "learn": "fresh and (firing == 1 or by_count * spikes > 0) and plastic > 0",
        },
        clock=clock, namespace=tables, name="hidden",
    )  # fmt: skip
    link(hidden, conductor, "fresh", "rate_of_learning", "err_on_mean", "stimulus_on_mean")
    link(hidden, conductor, "step", "volleys", "presentation", "mV_per_drive", "contrast")
    if noisy:
        link(hidden, conductor, "row")
        kick = "kick = kick_amplitude * noise(row * second, i)"
        hidden.run_regularly(kick, when="start", order=1, clock=clock, name="membrane_noise")
    on_event(hidden, "win", 7, READ)
    paths = _paths(hidden, conductor, tables, clock, trains)
    return make_network([conductor, hidden, *_inhibition(hidden, conductor, values, clock), *paths], values)


def _paths(hidden, conductor, tables, clock, trains: bool) -> list:
    """Return inputs, prediction and learning, for constant currents or for spike `trains`."""
    common = {"rate": "rate", "monitors": MONITORS}
    if not trains:
        stimulus = make_stimulus(tables, conductor, clock)
        paths = {"restart": {"reset": (24, "decide", "drive_post = background_post\n" + RESET)}}
        return learning_paths(stimulus, hidden, conductor, tables, clock, onset=ONSET, paths=paths, **common)
    stimulus = make_stimulus(
        tables, conductor, clock, poisson.MODEL, {"spike": "step == due"}, poisson.namespace(tables)
    )
    link(stimulus, conductor, "step", "presentation", "peak")
    poisson.let_fire(stimulus, clock)
    count = synapses(stimulus, conductor, name="count_inputs", clock=clock, events={"spike": poisson.SPIKE})
    paths = learning_paths(
        stimulus, hidden, conductor, tables, clock, onset=ONSET + poisson.PEAK,
        paths={
            "restart": {"reset": (24, "decide", "drive_post = 0\n" + RESET)},
            "w_in": {"present": poisson.PRESENT},
            "survey": {"clear": (19, "decide", eqs.CLEAR + poisson.CLEAR)},
        },
        **common,
    )  # fmt: skip
    return [*paths, count]


def _inhibition(hidden, conductor, values, clock) -> list:
    """Return the interneurons and their synapses; what they do comes before any decision in the time step."""
    import brian2 as b2

    interneurons = b2.NeuronGroup(
        int(values["interneurons.number"]), INTERNEURONS + "number : 1 (shared, constant)", method="exact",
        events={"fire": "v > v_threshold and due < step", "release": "due == step"}, clock=clock, namespace={},
        name="interneurons",
    )  # fmt: skip
    link(interneurons, conductor, "step", "presentation")
    for event, order in (("fire", -7), ("release", -5)):
        interneurons.set_event_schedule(event, when="synapses", order=order)
    on_event(hidden, "fire", -8, STAMP + SPIKE)
    on_event(interneurons, "fire", -6, STAMP + "due = step + delay_steps")
    on_event(interneurons, "release", -2, "v = v_rest")  # refractory until its spike has taken effect
    excite = synapses(
        hidden, interneurons, name="excite", clock=clock, events={"epsp": (-10, "fire", "v_post += epsp_post")}
    )
    count = synapses(hidden, conductor, name="count", clock=clock, events={"spike": (-9, "fire", COUNT)})
    inhibit = synapses(
        interneurons, hidden, name="inhibit", clock=clock, events={"ipsp": (-4, "release", "g_post += opens_pre")}
    )
    arrive = synapses(
        interneurons, conductor, name="arrive", clock=clock, events={"ipsp": (-3, "release", "volleys_post += 1")}
    )
    calm = synapses(conductor, interneurons, name="calm", clock=clock, events={"reset": (24, "decide", CALM)})
    monitors = [
        b2.EventMonitor(group, "fire", MONITORS[name][1:], name=name, when="synapses", order=-1)
        for group, name in ((hidden, "hidden_spikes"), (interneurons, "interneuron_spikes"))
    ]
    return [interneurons, excite, count, inhibit, arrive, calm, *monitors]
