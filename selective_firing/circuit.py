"""The rate circuit: a hidden layer whose k winners are left over by inhibition.

One presentation, driven by a single step counter:

1. *onset*: the stimulus is loaded; the active inputs drive the hidden units; inhibition starts above all drives;
2. *compete*: inhibition is released, or grows, until exactly k units are active;
3. *decide*: the winners predict the stimulus, the error is fed back to them, and their synapses learn.

Steps 3 and 1 of the next presentation share a time step, so a presentation lasts as long as its competition.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from selective_firing.parameters import BIAS_SCALE, RateParameters
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["NOISE_ROWS", "build", "settings"]

NOISE_ROWS = 1024
"""Time steps after which the table of membrane noise repeats (the presentations do not)."""

STIMULUS = """
x : 1                                   # activity of the input
x_mean : 1 (constant)                   # its mean over the training patterns
err : 1                                 # error neuron: x - x_mean - what the winners predict
fresh : boolean (linked)                # a stimulus comes on in this step
"""

HIDDEN = """
du/dt = (drive{kick} - subtractive * sensitivity * z - u) / tau_m : 1
drive : 1                               # w_in . (x - x_mean) + b
background : 1                          # the part of the drive there without a stimulus, b - w_in . x_mean
b : 1                                   # bias: an excitable unit has a high one
active : integer                        # 1 while the unit fires
recruited : integer                     # 1 once it has fired in this presentation
delta : 1                               # the error as the unit's own weights see it
hebb : 1                                # rate of learning times the winner's rate
echo : 1                                # rate of learning times the winner's delta
sensitivity : 1 (constant)              # to inhibition; the same for all but for threshold_cv
z : 1 (linked)
fresh : boolean (linked)
rate_of_learning : 1 (linked)
tau_m : second (shared, constant)
plastic : 1 (shared, constant)          # 1: synapses learn
subtractive : 1 (shared, constant)      # 1: inhibition acts on the membrane; 0: it sets the threshold
bias_power : 1 (shared, constant)       # squared strength of the constant input that the bias weighs
"""

NOISY = """
kick : 1
kick_amplitude : 1 (shared, constant)
contrast : 1 (linked)
row : integer (linked)
"""

INHIBITION = """
dtonic/dt = slope : 1                   # the slow part of inhibition searches for a level between the k-th and next drive
slope : Hz
z : 1                                   # inhibition: the slow part, and a fast one that makes up for the membrane's lag
gain : 1
surplus : 1                             # (n - k) / (n + k) as the loop saw it last
n : integer                             # units active now
n_seen : integer                        # units active as the loop sees it, loop_delay later
nearest : integer                       # smallest |n - k| since inhibition first overshot
step : integer                          # steps since onset
lap : integer                           # steps since the loop last corrected itself
row : integer                           # steps since the simulation began
silent_steps : integer                  # steps since inhibition was all gone
fresh : boolean                         # the competition is decided, the next stimulus comes on
presentation : integer                  # number of the stimulus, -1 before the first
power : 1                               # squared norm of the stimulus about the mean
contrast : 1                            # its root
squared_error : 1
n_flips : integer
n_recruited : integer
rate_of_learning : 1
adapt : 1                               # step of homeostasis
k : integer (shared, constant)
n_presentations : integer (shared, constant)
tau_i : second (shared, constant)
phasic_time : second (shared, constant)
initial_gain : 1 (shared, constant)
gain_growth : 1 (shared, constant)
loop_steps : integer (shared, constant)
delay_steps : integer (shared, constant)
max_steps : integer (shared, constant)
rest_steps : integer (shared, constant)
starts_above : 1 (shared, constant)
bound : 1 (shared, constant)            # no drive exceeds bound * contrast + bias_bound
bias_bound : 1 (shared, constant)
mean_power : 1 (shared, constant)
learning_rate : 1 (shared, constant)
learning_rate_change : 1 (shared, constant)
homeostasis : 1 (shared, constant)
duty : 1 (shared, constant)             # share of stimuli that a unit should win, k / n_hidden
"""

COMPETE = """
step = step + 1
lap = lap + 1
row = (row + 1) % NOISE_ROWS
sees = delay_steps == 0 or lap == loop_steps
n_seen = int(sees) * n + (1 - int(sees)) * n_seen
corrects = lap >= loop_steps + delay_steps
surplus_now = (n_seen - k) / (1.0 * (n_seen + k))
overshot = corrects and surplus_now * surplus < 0
gain = gain * (1 + int(corrects) * (int(overshot) * (-0.5) + int(not overshot and step > 1) * (gain_growth - 1)))
surplus = int(corrects) * surplus_now + (1 - int(corrects)) * surplus
lap = lap * int(not corrects)
slope = int(lap < loop_steps) * clip(gain * surplus / tau_i, -tonic / dt, inf * Hz)
z = clip(tonic + phasic_time * slope, 0, inf)
nearest = int(overshot) * clip(nearest, 0, abs(n - k)) + (1 - int(overshot)) * nearest
silent_steps = (silent_steps + 1) * int(tonic <= 0 and n < k and step > 1)
late = step >= max_steps and (abs(n - k) <= nearest or step >= 2 * max_steps)
fresh = (corrects or delay_steps == 0) and n_seen == k or late or silent_steps > rest_steps or presentation < 0
"""

ONSET = """
contrast = sqrt(power)
tonic = starts_above * (bound * contrast + bias_bound)
gain = initial_gain * (bound * contrast + bias_bound)
surplus = -1
slope = -gain / tau_i * int(starts_above > 0)
z = clip(tonic + phasic_time * slope, 0, inf)
n = 0
n_seen = 0
nearest = k
step = 0
lap = 0
silent_steps = 0
n_flips = 0
n_recruited = 0
squared_error = 0
presentation = presentation + 1
rate_of_learning = clip(learning_rate + learning_rate_change * presentation, 0, inf) / clip(power, mean_power, inf)
power = 0
adapt = homeostasis * int(presentation > 0)
"""

RECRUIT = """
n_post += 1 - 2 * active_pre
n_flips_post += 1
n_recruited_post += 1 - recruited_pre
"""

LOAD = """
x_post = stimuli((presentation_pre + 1) * second, j)
err_post = x_post - x_mean_post
"""

ADAPT = """
b_post += adapt_pre * (duty_pre - active_post)
background_post += adapt_pre * (duty_pre - active_post)
"""

RESET = """
drive_post = background_post
u_post = -subtractive_post * sensitivity_post * tonic_pre
active_post = 0
recruited_post = 0
delta_post = 0
"""

LEARN = """
hebb = rate_of_learning * drive
echo = rate_of_learning * delta
b += echo * bias_power
background += echo * bias_power
"""

LEARN_IN = """
dw = tied * hebb_post * err_pre + echo_post * (x_pre - x_mean_pre)
w += dw
background_post -= dw * x_mean_pre
"""

DECISION = ["presentation", "n", "step", "z", "gain", "squared_error", "n_flips", "n_recruited"]


def settings(
    weights: Weights,
    parameters: RateParameters,
    *,
    k: int,
    n_presentations: int,
    learning_rate: tuple[float, float] = (0.0, 0.0),
    homeostasis: float = 0.0,
    tied: bool = True,
    rng: np.random.Generator | None = None,
) -> dict[str, float | np.ndarray]:
    """Return every value that a simulation of the circuit starts from, by ``object.variable``, in SI units.

    Parameters
    ----------
    weights : Weights
    parameters : RateParameters
    k : int
        Number of winners.
    n_presentations : int
    learning_rate : tuple of float
        Dimensionless rate at the first presentation, and its change from one presentation to the next.
    homeostasis : float
        Dimensionless step of the intrinsic plasticity, 0 for none.
    tied : bool
        Whether both weight matrices learn from both Hebbian products.
    rng : numpy.random.Generator, optional
        Source of threshold heterogeneity and noise; needed if there is either.
    """
    dt, tau_m = parameters.dt, parameters.tau_m
    subtractive = float(parameters.inhibition == "subtractive")
    decay = math.exp(-dt / tau_m)
    norms = np.linalg.norm(weights.w_in, axis=1)
    plastic = float(learning_rate[0] > 0 or homeostasis > 0)
    sensitivity = np.ones(weights.n_hidden)
    if parameters.threshold_cv > 0:
        spread = parameters.threshold_cv * rng.standard_normal(weights.n_hidden)
        sensitivity = np.clip(1 + spread, 0.01, None)
    values: dict[str, float | np.ndarray] = {
        "stimulus.x_mean": weights.mean,
        "hidden.b": weights.bias,
        "hidden.background": weights.bias - weights.w_in @ weights.mean,
        "hidden.sensitivity": sensitivity,
        "hidden.tau_m": tau_m * 1e-3,
        "hidden.subtractive": subtractive,
        "hidden.bias_power": BIAS_SCALE * weights.power,
        "hidden.plastic": plastic,
        "w_in.w": weights.w_in.T.ravel(),
        "w_in.tied": float(tied),
        "w_out.w": weights.w_out.ravel(),
        "w_out.tied": float(tied),
        "inhibition.k": k,
        "inhibition.n_presentations": n_presentations,
        "inhibition.presentation": -1,
        "inhibition.tau_i": parameters.tau_i * 1e-3,
        "inhibition.phasic_time": subtractive * parameters.phasic * dt * 1e-3 / (1 - decay),
        "inhibition.initial_gain": parameters.initial_gain,
        "inhibition.gain_growth": parameters.gain_growth,
        "inhibition.loop_steps": max(1, round(parameters.loop_time / dt)),
        "inhibition.delay_steps": round(parameters.loop_delay / dt),
        "inhibition.max_steps": round(parameters.max_settle / dt),
        "inhibition.rest_steps": math.ceil(30 * tau_m / dt),
        "inhibition.starts_above": float(parameters.inhibition_start == "above"),
        "inhibition.bound": float(norms.max()),
        "inhibition.bias_bound": float(np.clip(weights.bias, 0, None).max()),
        "inhibition.mean_power": max(weights.power, np.finfo(float).tiny),
        "inhibition.learning_rate": learning_rate[0],
        "inhibition.learning_rate_change": learning_rate[1],
        "inhibition.homeostasis": homeostasis * math.sqrt(BIAS_SCALE * weights.power),
        "inhibition.duty": k / weights.n_hidden,
    }
    if parameters.noise > 0:
        values["hidden.kick_amplitude"] = parameters.noise * math.sqrt((1 + decay) / (1 - decay))
        values["noise.values"] = rng.standard_normal((NOISE_ROWS, weights.n_hidden))
    return values


def build(
    stimuli: np.ndarray,
    values: dict[str, float | np.ndarray],
    *,
    dt: float,
) -> Network:
    """Return the circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["inhibition"]``, the
    synapses ``net["w_in"]``, ``net["w_out"]`` and the monitors ``net["winners"]``, ``net["decisions"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : dict
        What `settings` returned.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy = "noise.values" in values
    n_inputs, n_hidden = values["stimulus.x_mean"].size, values["hidden.b"].size
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = {"stimuli": b2.TimedArray(stimuli, dt=1 * b2.second, name="stimuli")}
    if noisy:
        tables["noise"] = b2.TimedArray(values["noise.values"], dt=1 * b2.second, name="noise")
    inhibition = b2.NeuronGroup(
        1, INHIBITION, method="euler", events={"decide": "fresh"}, clock=clock, order=1,
        namespace={"NOISE_ROWS": NOISE_ROWS}, name="inhibition",
    )  # fmt: skip
    stimulus = b2.NeuronGroup(
        n_inputs, STIMULUS, events={"onset": "fresh and x != 0"}, clock=clock, namespace={}, name="stimulus"
    )
    hidden = b2.NeuronGroup(
        n_hidden,
        HIDDEN.format(kick=" + kick" if noisy else "") + (NOISY if noisy else ""),
        method="exact",
        events={
            "flip": "(active == 1) != (u > (1 - subtractive) * sensitivity * z)",
            "win": "fresh and active == 1",
            "learn": "fresh and active == 1 and plastic > 0",
        },
        clock=clock, namespace=tables, name="hidden",
    )  # fmt: skip
    for group, names in ((stimulus, ["fresh"]), (hidden, ["z", "fresh", "rate_of_learning"])):
        for name in names + (["contrast", "row"] if noisy and group is hidden else []):
            setattr(group, name, b2.linked_var(inhibition, name))
    if noisy:
        hidden.run_regularly(
            "kick = kick_amplitude * contrast * noise(row * second, i)", when="start", clock=clock, name="membrane_noise"
        )
    objects = [inhibition, stimulus, hidden, *_wire(stimulus, hidden, inhibition, tables, clock)]
    network = b2.Network(objects)
    for name, value in values.items():
        owner, variable = name.split(".")
        if owner != "noise":
            setattr(network[owner], f"{variable}_", value)  # the underscore: plain SI numbers
    return network


def _wire(stimulus, hidden, inhibition, tables, clock) -> list:
    """Return the synapses and monitors; `order` is the sequence of events within one time step."""
    import brian2 as b2

    def synapses(source, target, model="", *, events: dict[str, tuple], post=(), name: str, **options):
        """Join all to all; `events` maps a pathway to (order, event, code); `post` names the backward ones."""
        sides = {
            side: {path: code for path, (_, _, code) in events.items() if (path in post) == (side == "on_post")}
            for side in ("on_pre", "on_post")
        }
        made = b2.Synapses(
            source, target, model, on_event={path: event for path, (_, event, _) in events.items()},
            delay={path: 0 * b2.ms for path in events}, clock=clock, name=name,
            **{side: code for side, code in sides.items() if code}, **options,
        )  # fmt: skip
        for path, (order, _, _) in events.items():
            getattr(made, path).order = order
        made.connect()
        return made

    def on_event(group, event: str, order: int, code: str) -> None:
        group.run_on_event(event, code, when="synapses", order=order)

    recruit = synapses(
        hidden, inhibition, name="recruit",
        events={"count": (0, "flip", RECRUIT)},
    )  # fmt: skip
    on_event(hidden, "flip", 2, "recruited = 1; active = 1 - active")
    inhibition.run_regularly(COMPETE, when="synapses", order=4, clock=clock, name="compete")
    for group, event in ((inhibition, "decide"), (hidden, "win"), (hidden, "learn")):
        group.set_event_schedule(event, when="synapses", order=6)
    w_out = synapses(
        hidden, stimulus, "w : 1\ntied : 1 (shared, constant)", name="w_out",
        events={
            "predict": (8, "win", "err_post -= w * drive_pre"),
            "feedback": (14, "learn", "delta_pre += w * err_post"),
            "learn_out": (18, "learn", "w += hebb_pre * err_post + tied * echo_pre * (x_post - x_mean_post)"),
        },
    )  # fmt: skip
    on_event(hidden, "learn", 16, LEARN)
    w_in = synapses(
        stimulus, hidden, "w : 1\ntied : 1 (shared, constant)", name="w_in", post=("learn_in",),
        events={
            "present": (26, "onset", "drive_post += w * x_pre"),
            "learn_in": (18, "learn", LEARN_IN),
        },
    )  # fmt: skip
    survey = synapses(
        inhibition, stimulus, name="survey", namespace=tables,
        events={
            "score": (10, "decide", "squared_error_pre += err_post ** 2"),
            "load": (20, "decide", LOAD),
            "gauge": (21, "decide", "power_pre += err_post ** 2"),
        },
    )  # fmt: skip
    on_event(inhibition, "decide", 22, ONSET)
    restart = synapses(
        inhibition, hidden, name="restart",
        events={"homeostasis": (23, "decide", ADAPT), "reset": (24, "decide", RESET)},
    )  # fmt: skip
    stimulus.set_event_schedule("onset", when="synapses", order=25)
    at = {"when": "synapses", "order": 12}
    winners = b2.EventMonitor(hidden, "win", ["drive"], name="winners", **at)
    decisions = b2.EventMonitor(inhibition, "decide", DECISION, name="decisions", **at)
    return [recruit, w_out, w_in, survey, restart, winners, decisions]
