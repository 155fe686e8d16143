"""How fast the circuit learns, beside a textbook Brian2 script, NumPy loops, and a plain sort: one run, as ratios."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from comparisons import TiedSGDAutoencoder
from comparisons.rivals.textbook import TextbookCircuit
from comparisons.rivals.textbook_spiking import TextbookSpikingCircuit
from selective_firing import theory
from selective_firing.engine import simulator as compiled
from selective_firing.engine.simulate import simulate
from selective_firing.learning.pairing import initial_weights
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
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


def _speed(present: Callable[[np.ndarray], object], patterns: np.ndarray) -> float:
    start = time.perf_counter()
    present(patterns)
    return len(patterns) / (time.perf_counter() - start)


def benchmark(X: np.ndarray, n_hidden: int = 256, k: int = 10, target: str = "auto", seed: int = 0) -> pd.DataFrame:
    """Time online learning, each way in turn, `ROUNDS` times over, and return medians.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Training patterns; up to 4,096 are used.
    n_hidden, k, seed : int
    target : str
        Of the circuits; textbook scripts run on a runtime target: Cython if there is a compiler, else numpy.

    Returns
    -------
    DataFrame
        Columns implementation, presentations_per_s, ratio (to the textbook script), n_presentations.
    """
    X = X[:4096]
    w = initial_weights(n_hidden, X.shape[1], np.random.default_rng(seed))
    weights = Weights.at_start(w, w.copy(), X)
    runtime = "cython" if compiled.find_compiler() else "numpy"
    textbook, spiking_textbook = TextbookCircuit(weights, k), TextbookSpikingCircuit(weights, k)
    if target == "auto":
        target = "cpp_standalone" if compiled.find_compiler() else "numpy"

    def circuit(parameters: CircuitParameters) -> Callable[[np.ndarray], object]:
        return lambda patterns: simulate(weights, patterns, k, parameters, learning_rate=(0.5, 0), codegen=target)

    def sort(patterns: np.ndarray) -> object:
        model = TiedSGDAutoencoder(n_hidden, k, n_epochs=1, random_state=seed)
        return model.fit(patterns)

    few = 200 if target == "numpy" else len(X)
    ways = {
        f"circuit, subtractive ({target})": (circuit(RateParameters()), few),
        f"circuit, subtractive, 4 cycles ({target})": (circuit(RateParameters(n_cycles=4)), few),
        f"circuit, threshold ({target})": (circuit(RateParameters(inhibition="threshold")), few),
        f"textbook Brian2 script ({runtime})": (lambda patterns: textbook.learn(patterns, 0.5, runtime), 20),
        f"spiking circuit, 100 ms at dt 0.1 ms ({target})": (
            circuit(SpikingParameters()),
            few // 8 if few > 200 else 4,
        ),
        f"textbook spiking script ({runtime})": (lambda patterns: spiking_textbook.learn(patterns, 0.5, runtime), 5),
        "NumPy loop, same dynamics": (lambda patterns: competition_loop(weights, patterns, k, 0.5), 200),
        "NumPy loop, plain sort": (sort, len(X)),
    }
    for present, _ in ways.values():
        present(X[:2])  # compile, and warm the caches
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (present, n) in ways.items():
            speeds[name].append(_speed(present, X[:n]))
    medians = {name: float(np.median(values)) for name, values in speeds.items()}
    slowest = medians[f"textbook Brian2 script ({runtime})"]
    return pd.DataFrame(
        {"implementation": name, "presentations_per_s": speed, "ratio": speed / slowest,
         "n_presentations": min(ways[name][1], len(X))}
        for name, speed in medians.items()
    )  # fmt: skip
