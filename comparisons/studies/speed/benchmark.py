"""How fast the circuit learns and encodes, beside textbook Brian2 scripts, NumPy loops, and a plain sort: one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from joblib import cpu_count

from comparisons import TiedSGDAutoencoder
from comparisons.rivals.textbook import TextbookCircuit
from comparisons.rivals.textbook_spiking import TextbookSpikingCircuit
from comparisons.studies.speed.floors import Needs, floor_s, multiply_adds_per_s
from comparisons.studies.speed.ways import Way
from selective_firing import theory
from selective_firing.engine import simulator as compiled
from selective_firing.engine.simulate import TYPICAL_STEPS, simulate
from selective_firing.learning.pairing import initial_weights
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
from selective_firing.results.response import Response
from selective_firing.weights import Weights

__all__ = ["benchmark", "competition_loop"]

ROUNDS = 3


def competition_loop(weights: Weights, patterns: np.ndarray, k: int, learning_rate: float) -> np.ndarray:
    """Learn with the dynamics of the threshold circuit written as a NumPy loop; return the steps each took.

    Parameters
    ----------
    weights : Weights
    patterns : ndarray of shape (n_samples, n_inputs)
    k : int
    learning_rate : float
    """
    steps, rise = [], 1 - np.exp(-np.arange(1, 2001) / 5.0)
    for pattern in patterns:
        drive = weights.drive(pattern[np.newaxis])[0]
        z = np.linalg.norm(weights.w_in, axis=1).max() * np.linalg.norm(pattern - weights.mean)
        gain, surplus = 0.1 * z, -1.0
        for step in range(2000):
            winners = drive * rise[step] > z
            n = np.count_nonzero(winners)
            if n == k:
                break
            before, surplus = surplus, (n - k) / (n + k)
            gain *= 0.5 if surplus * before < 0 else 1.1
            z = max(z + gain * surplus, 0.0)
        steps.append(step + 1)
        weights = theory.learning_step(weights, pattern, winners & (drive > 0), learning_rate)
    return np.array(steps)


def benchmark(
    X: np.ndarray,
    n_hidden: int = 256,
    k: int = 10,
    target: str = "auto",
    seed: int = 0,
    others: Callable[[Weights, int], Mapping[str, Way]] | None = None,
) -> pd.DataFrame:
    """Time learning, and encoding, each way in turn, `ROUNDS` times over, and return medians.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Training patterns; up to 4,096 are used.
    n_hidden, k, seed : int
    target : str
        Of the circuits; textbook scripts run on a runtime target: Cython if there is a compiler, else numpy.
    others : callable, optional
        Of weights and seed; returns further ways by name.

    Returns
    -------
    DataFrame
        Columns implementation, presentations_per_s, ratio (to the textbook script), n_presentations, floor_us (what one
        core needs at least for a presentation: see `floors.floor_s`) and times_floor.
    """
    X = X[:4096]
    w = initial_weights(n_hidden, X.shape[1], np.random.default_rng(seed))
    weights = Weights.at_start(w, w.copy(), X)
    runtime = "cython" if compiled.find_compiler() else "numpy"
    if target == "auto":
        target = "cpp_standalone" if compiled.find_compiler() else "numpy"
    ways = _circuits(weights, k, target, len(X)) | _others(weights, k, runtime, seed, len(X))
    ways |= others(weights, seed) if others else {}
    steps = {name: _steps(way.present(X[:2])) for name, way in ways.items()}  # compiles, and warms the caches
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            speeds[name].append(_speed(way.present, X[: way.n]))
    medians = {name: float(np.median(values)) for name, values in speeds.items()}
    slowest, rows, multiply_adds = medians[f"textbook Brian2 script ({runtime})"], [], multiply_adds_per_s()
    active = float(np.count_nonzero(X, axis=1).mean())
    for name, speed in medians.items():
        sizes = {"n_inputs": weights.n_inputs, "n_hidden": n_hidden, "k": k, "active": active, "n_steps": steps[name]}
        floor = floor_s(Needs(**sizes | dict(ways[name].needs)), multiply_adds)
        rows.append(
            {"implementation": name, "presentations_per_s": speed, "ratio": speed / slowest,
             "n_presentations": min(ways[name].n, len(X)), "floor_us": 1e6 * floor, "times_floor": 1 / (speed * floor)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _circuits(weights: Weights, k: int, target: str, n: int) -> dict[str, Way]:
    """Return the circuits: learning, and encoding on one core and on all."""

    def way(parameters: CircuitParameters, n: int, rate: float = 0.5, n_jobs: int = 1) -> Way:
        def present(patterns: np.ndarray) -> Response:
            return simulate(
                weights, patterns, k, parameters, learning_rate=rate, codegen=target, n_jobs=n_jobs, expected=n
            )[0]

        return Way(present, n, {"learns": rate > 0, "n_cycles": parameters.competitions})

    # of compiled circuits as many when they spike, so that start and end of a run are shared by as many presentations
    interpreted = {"numpy": (200, 4), "cython": (n, n // 8 if n > 200 else 4)}
    few, fewer = interpreted.get(target, (n, n))
    ways = {
        f"circuit, subtractive ({target})": way(RateParameters(), few),
        f"circuit, subtractive, 4 cycles ({target})": way(RateParameters(n_cycles=4), few),
        f"circuit, subtractive, 8 cycles ({target})": way(RateParameters(n_cycles=8), few),
        f"circuit, threshold ({target})": way(RateParameters(inhibition="threshold"), few),
        f"spiking circuit, 100 ms at dt 0.1 ms ({target})": way(SpikingParameters(), fewer),
    }
    for n_jobs in sorted({1, cpu_count()}) if target == "cpp_standalone" else [1]:
        jobs = f"n_jobs = {n_jobs} ({target})"
        ways[f"circuit encodes, {jobs}"] = way(RateParameters(), few, 0.0, n_jobs)
        ways[f"spiking circuit encodes, {jobs}"] = way(SpikingParameters(), fewer, 0.0, n_jobs)
    return ways


def _others(weights: Weights, k: int, runtime: str, seed: int, n: int) -> dict[str, Way]:
    """Return what the circuits are held against."""
    textbook, spiking_textbook = TextbookCircuit(weights, k), TextbookSpikingCircuit(weights, k)

    def sort(patterns: np.ndarray) -> object:
        return TiedSGDAutoencoder(weights.n_hidden, k, n_epochs=1, random_state=seed).fit(patterns)

    def loop(patterns: np.ndarray) -> object:
        return competition_loop(weights, patterns, k, 0.5)

    rate, spiking = {"n_steps": TYPICAL_STEPS}, SpikingParameters()
    spikes = {"n_steps": spiking.presentation / spiking.dt}
    return {
        f"textbook Brian2 script ({runtime})": Way(lambda patterns: textbook.learn(patterns, 0.5, runtime), 20, rate),
        f"textbook spiking script ({runtime})": Way(
            lambda patterns: spiking_textbook.learn(patterns, 0.5, runtime), 5, spikes
        ),
        "NumPy loop, same dynamics": Way(loop, 200, rate),
        "NumPy loop, plain sort": Way(sort, n, {"n_steps": 0.0}),
    }


def _steps(found: object) -> float:
    """Return the time steps of a presentation where a circuit tells them; a spiking one always takes them all."""
    if not isinstance(found, Response):
        return 0.0
    constants = found.provenance["parameters"]
    times = constants.get("presentation", found.settling_time_ms.mean())
    return float(times) / constants["dt"]


def _speed(present: Callable[[np.ndarray], object], patterns: np.ndarray) -> float:
    start = time.perf_counter()
    present(patterns)
    return len(patterns) / (time.perf_counter() - start)
