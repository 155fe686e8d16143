"""Both circuits: the loop as a NumPy model; simulated in Brian2, on tiny networks; compiled, on few shapes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from loop_model import compete, driven

from fuzzing.doors import circuit_parameters, names_of, some_weights
from fuzzing.law import Kind, Refused, attempt, finite, holds, limited
from fuzzing.orders import fitted_rightly, right_arguments
from fuzzing.values import Draw, pick, right_table, table
from selective_firing import (
    KWTAAutoencoder,
    RateParameters,
    Response,
    SpikingParameters,
    Weights,
    build,
    read,
    simulate,
    theory,
)
from selective_firing.circuits.initial_values import rounding_floor
from selective_firing.engine.decode import _rate
from selective_firing.engine.record_trace import trace
from selective_firing.errors import DivergenceError

__all__ = ["KINDS", "compiled", "n_simulated"]

_runs = [0]
TOLD = ["n_active", "settled", "tied", "settling_time_ms", "n_recruited", "n_flips", "inhibition", "squared_error"]
"""One number for each stimulus."""


def n_simulated() -> int:
    """Return how many calls have run Brian2 so far."""
    return _runs[0]


def present(call: Callable[[], Any], *names: str) -> Any:
    """Return what a simulation returns, None if it was refused, and count it if it ran."""
    try:
        with limited(*names):
            found = call()
    except Refused as refused:
        _runs[0] += isinstance(refused.__cause__, DivergenceError)
        return None
    _runs[0] += 1
    return found


def rate_table(draw: Draw) -> RateParameters:
    """Return parameters of the rate circuit that fit each other, and whose competitions are short."""
    inhibition = pick(draw, "subtractive", "subtractive", "threshold")
    given: dict[str, Any] = {"inhibition": inhibition, "max_settle": pick(draw, 60.0, 20.0, 1.0)}
    choices = {
        "inhibition_start": ("above", "zero"), "hold": (0.0, 1.0, 10.0), "tau_cv": (0.0, 0.3), "controller": ("fixed",),
        "tau_m": (5.0, 1.0, 20.0, 100.0, 1e-6, 1e6), "tau_i": (1.0, 0.1, 30.0, 1e-6, 1e6),
        "initial_gain": (0.1, 1.0, 1e-6, 1e6), "gain_growth": (1.1, 1.0, 3.0, 1e6), "loop_delay": (0.0, 1.0, 3.0),
        "loop_time": (1.0, 2.0), "phasic": (1.0,) if inhibition == "threshold" else (1.0, 0.0, 0.5, 1e3),
    }  # fmt: skip
    given |= {name: pick(draw, *choices[name]) for name in draw(st.sets(st.sampled_from(sorted(choices)), max_size=3))}
    if "controller" in given:
        given.pop("gain_growth", None)  # of the adaptive one alone
    return RateParameters(**given)


def loop(draw: Draw) -> None:
    """What the loop calls settled is min(k, driven units), by the model of it that needs no Brian2."""
    weights, parameters = some_weights(draw, draw(st.integers(1, 8)), draw(st.integers(1, 4))), rate_table(draw)
    X, k = right_table(draw, 8, weights.n_inputs), draw(st.integers(1, weights.n_hidden))
    if not 1e-100 < np.abs(X).max(initial=1.0) < 1e100:
        X = X / np.abs(X).max()
    with np.errstate(all="ignore"):  # the model goes on with stimuli that are over
        decided = compete(weights, X, k, parameters)
    found = _rate({"winners.drive": np.zeros(0)}, decided, k, parameters, weights)
    right = found["n_active"] == np.minimum(k, driven(weights, X))
    holds(not (found["settled"] & ~right).any(), "settled, but not as many as should")


def _near(found: np.ndarray, wanted: np.ndarray, scale: float) -> bool:
    return bool((np.abs(found - wanted) <= 1e-6 * np.abs(wanted) + 1e-9 * scale).all())


def answered(response: Response, weights: Weights, X: np.ndarray, k: int, parameters: Any) -> None:
    """Hold the laws of a response to patterns that were presented without learning."""
    n_samples, n_hidden = len(X), weights.n_hidden
    code = finite("code", response.code, (n_samples, n_hidden))
    for cycle in response.cycles:
        for name in TOLD:
            finite(name, getattr(cycle, name), (n_samples,))
        for name, count in cycle.events.items():
            holds((finite(name, count, (n_samples,)) >= 0).all(), f"{name} is negative")
        error = ((X - weights.mean - cycle.code @ weights.w_out) ** 2).sum(axis=1)
        power = ((X - weights.mean) ** 2).sum(axis=1) + (cycle.code**2).sum(axis=1) * (weights.w_out**2).sum()
        holds(_near(cycle.squared_error, error, float(power.max(initial=0))), f"error {cycle.squared_error} is {error}")
        holds((cycle.n_active[cycle.settled] <= k).all(), "settled with more than k")
    finite("rates", response.rates_Hz)
    repr(response), response.diagnose(), response.to_frame(), response.spikes_frame(), response.counted
    sure = parameters.noise == 0 and parameters.threshold_cv == 0
    if sure and isinstance(parameters, RateParameters):
        _sorted(response.cycles[0], weights, X, k)
    elif sure and parameters.input == "current" and parameters.readout == "latency":
        drive = weights.drive(X)
        for row, won, all_drives in zip(range(n_samples), response.winners, drive, strict=True):
            low, high = all_drives[won].min(initial=np.inf), all_drives[~won].max(initial=-np.inf)
            holds(
                low >= high - 1e-9 * np.abs(all_drives).max(), f"stimulus {row}: a loser is driven more than a winner"
            )
    holds(code.shape == response.winners.shape, "winners")


def _sorted(response: Response, weights: Weights, X: np.ndarray, k: int) -> None:
    """Hold that the winners are the top k wherever a competition is called settled, and drives are apart."""
    drive, floor = weights.drive(X), rounding_floor(weights)
    n_driven = (drive > floor).sum(axis=1)
    on_edge = (np.abs(drive) <= 1e-9 * np.abs(drive).max(initial=0)).any(axis=1)
    right = response.n_active == np.minimum(k, n_driven)
    holds((right | ~response.settled | on_edge).all(), f"settled with {response.n_active} of {n_driven} driven")
    ordered = -np.sort(-drive, axis=1)
    below = ordered[:, k] if k < weights.n_hidden else np.full(len(X), -np.inf)
    apart = ordered[:, k - 1] - np.maximum(below, 0) > 1e-6 * np.abs(drive).max(initial=0)
    sure = response.settled & (apart | (n_driven < k)) & ~on_edge
    holds((response.winners[sure] == theory.top_k(drive, k)[sure]).all(), "the winners are not the top k")


def _learnt(learned: Weights, before: Weights) -> None:
    for name in ("w_in", "w_out", "bias"):
        finite(name, getattr(learned, name), getattr(before, name).shape)


def _simulated(draw: Draw, weights: Weights, parameters: Any, codegen: str, n_samples: int = 3) -> None:
    """Present a few patterns, perhaps learn from them, and hold the laws."""
    X, k = right_table(draw, n_samples, weights.n_inputs), draw(st.integers(1, weights.n_hidden))
    learning = {"learning_rate": pick(draw, 0.5, (1.0, -0.1), 1e3, 1e300), "homeostasis": pick(draw, 0.0, 0.1),
                "tied": pick(draw, True, parameters.competitions > 1)} if pick(draw, False, False,
                True) else {}  # fmt: skip
    names = ("learning_rate", "homeostasis", "tied", "patterns", "weights", "parameters", *parameters.as_dict())
    found = present(lambda: simulate(weights, X, k, parameters, codegen=codegen, **learning), *names)
    if found is None:
        return
    response, learned = found
    _learnt(learned, weights)
    if not learning:
        answered(response, weights, X, k, parameters)
        with tempfile.TemporaryDirectory() as folder:
            response.save(Path(folder) / "r.npz")
            again = Response.load(Path(folder) / "r.npz")
        np.testing.assert_array_equal(again.code, response.code)
        np.testing.assert_array_equal(again.settled, response.settled)
        holds(again.provenance == response.provenance, "provenance")


def rate(draw: Draw) -> None:
    weights = some_weights(draw, draw(st.integers(1, 6)), draw(st.integers(1, 4)))
    parameters = rate_table(draw)
    if pick(draw, False, False, True):
        parameters = replace(parameters, noise=pick(draw, 0.1, 1e-6, 10.0), threshold_cv=pick(draw, 0.0, 0.1, 3.0))
    _simulated(draw, weights, parameters, "numpy")


def cycles(draw: Draw) -> None:
    weights = some_weights(draw, draw(st.integers(1, 6)), draw(st.integers(1, 4)))
    feedback, late = pick(draw, 0.7, 1.99, 1e-6), pick(draw, 0.75, 0.0, 1.0)
    parameters = replace(
        rate_table(draw), max_settle=20.0, n_cycles=pick(draw, 2, 3), feedback=feedback, late_share=late
    )
    _simulated(draw, weights, parameters, "numpy", 2)


def swaps(draw: Draw) -> None:
    weights = some_weights(draw, draw(st.integers(1, 6)), draw(st.integers(1, 4)))
    options: dict[str, Any] = {"n_swaps": pick(draw, 1, 0, 2), "n_relax": pick(draw, 1, 3)}
    options |= {"least_change": pick(draw, 0.01, 0.0, 10.0), "late_share": pick(draw, 0.75, (0.9, 1.0), 0.0)}
    options |= {"feedback": pick(draw, 0.7, 1.99, 1e-6), "n_released": pick(draw, 1, 3)}
    if draw(st.booleans()):
        options |= {"transport": False, "decay": pick(draw, 1e-4, 0.0, 0.5), "lateral_rate": pick(draw, 0.5, 0.0, 1.0)}
    parameters = replace(rate_table(draw), max_settle=20.0, explain="lateral", **options)
    _simulated(draw, weights, parameters, "numpy", 2)


def spiking_table(draw: Draw) -> SpikingParameters:
    """Return parameters of the spiking circuit with short presentations."""
    given: dict[str, Any] = {
        "dt": pick(draw, 0.5, 0.1, 1.0),
        "presentation": pick(draw, 5.0, 20.0),
        "refractory": pick(draw, 30.0, 1.0),
    }
    given |= {"inhibition_delay": pick(draw, 0.0, 1.0, 2.0), "threshold_share": pick(draw, 0.0, 0.04, 1e-6, 1.0, 1e6)}
    choices = {
        "n_interneurons": (1, 10), "tau_interneuron": (200.0, 1.0, 1e6), "inhibition_strength": (20.0, 0.0, 1e6),
        "noise": (0.1, 5.0),
        "threshold_cv": (0.1, 2.0), "inhibition_decay": (5.0, 1e-3, 1e6), "v_inhibition": (-65.0, -80.0),
        "tau_m": (20.0, 0.1, 1e6),
    }  # fmt: skip
    given |= {name: pick(draw, *choices[name]) for name in draw(st.sets(st.sampled_from(sorted(choices)), max_size=3))}
    if draw(st.booleans()):
        given |= {"input": "poisson", "input_rate": pick(draw, 100.0, 900.0, 1e-6), "tau_input": pick(draw, 5.0, 0.1)}
    if pick(draw, False, True):
        given |= {"readout": "count", "count_gain": pick(draw, 0.06, 10.0)}
    return SpikingParameters(**given)


def spiking(draw: Draw) -> None:
    weights = some_weights(draw, draw(st.integers(1, 6)), draw(st.integers(1, 4)))
    _simulated(draw, weights, spiking_table(draw), "numpy", 2)


def any_parameters(draw: Draw) -> None:
    """A table of extreme values that no door refuses is simulated rightly, if presentations are short enough."""
    kind = pick(draw, RateParameters, SpikingParameters)
    given = circuit_parameters(draw, kind)
    short = (
        {"max_settle": 20.0} if kind is RateParameters else {"presentation": 5.0, "dt": 0.5, "inhibition_delay": 0.5}
    )
    parameters = attempt(lambda: kind(**short | given), *short, *given)
    if parameters is None:
        return
    length = parameters.max_settle if isinstance(parameters, RateParameters) else parameters.presentation
    if length / parameters.dt > 400 or parameters.competitions > 4 or getattr(parameters, "n_interneurons", 1) > 1000:
        return
    _simulated(draw, some_weights(draw, 4, 3), parameters, "numpy", 2)


def estimator(draw: Draw) -> None:
    """The estimator, simulated: it learns and encodes."""
    given, names = right_arguments(draw, KWTAAutoencoder), names_of(KWTAAutoencoder)
    if pick(draw, False, True):
        given |= {"circuit": "spiking", "parameters": spiking_table(draw)}
    given |= {"n_epochs": 1, "learning_rate": pick(draw, 0.0, 0.5, 1.0, 30.0), "codegen": "numpy"}
    shown, numbers = table(draw, 3, draw(st.integers(1, 3)))
    model = present(lambda: KWTAAutoencoder(**given).fit(shown), "X", *names, "n_cycles")
    if model is None or numbers is None:
        return
    if given.get("circuit") != "spiking" and model._parameters().noise == 0:
        fitted_rightly(model, shown if hasattr(shown, "columns") else numbers)
    with tempfile.TemporaryDirectory() as folder:
        attempt(lambda: model.save(Path(folder) / "m.npz"), *names)
        loaded = KWTAAutoencoder.load(Path(folder) / "m.npz")
    np.testing.assert_array_equal(loaded.transform(shown), model.transform(shown))


def network(draw: Draw) -> None:
    """A network that was built and run reads as the same simulation; a trace shows the same winners."""
    import brian2 as b2

    weights = some_weights(draw, draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    parameters = spiking_table(draw) if pick(draw, False, True) else rate_table(draw)
    X, k = right_table(draw, 2, weights.n_inputs), draw(st.integers(1, weights.n_hidden))
    response, _ = present(lambda: simulate(weights, X, k, parameters, codegen="numpy"))
    if draw(st.booleans()):
        b2.prefs.codegen.target = "numpy"
        built = build(weights, X, parameters, k=k)
        built.run(60 * b2.second, namespace={})
        np.testing.assert_array_equal(read(built).code, response.code)
    else:
        shown = present(lambda: trace(weights, X[1], k, parameters, 1))
        finite("time", shown.time_ms)
        if isinstance(parameters, RateParameters):
            finite("u", shown.u)
            np.testing.assert_array_equal(shown.cycle_winners[-1], response.winners[1])


SHAPES = ((4, 3), (6, 2))


def compiled(draw: Draw) -> None:
    """The compiled target, on few shapes: the laws, and the same winners as on the numpy target now and then."""
    n_hidden, n_inputs = pick(draw, *SHAPES)
    weights = some_weights(draw, n_hidden, n_inputs)
    form = pick(draw, "rate", "noisy", "cycles", "spiking")
    parameters: Any = SpikingParameters(presentation=pick(draw, 20.0, 50.0), inhibition_delay=pick(draw, 0.2, 1.0))
    if form != "spiking":
        parameters = rate_table(draw)
    if form == "noisy":
        parameters = replace(parameters, noise=pick(draw, 0.1, 1.0))
    if form == "cycles":
        parameters = replace(parameters, n_cycles=3)
    _simulated(draw, weights, parameters, "cpp_standalone", draw(st.integers(1, 40)))


KINDS = {
    "the loop as a model": Kind(loop, 6),
    "rate circuit": Kind(rate, 0.55, simulates=True),
    "cycles": Kind(cycles, 0.35, simulates=True),
    "swaps": Kind(swaps, 0.25, simulates=True),
    "spiking circuit": Kind(spiking, 0.45, simulates=True),
    "any parameters": Kind(any_parameters, 0.6, simulates=True),
    "the estimator, simulated": Kind(estimator, 0.35, simulates=True),
    "networks and traces": Kind(network, 0.2, simulates=True),
}
