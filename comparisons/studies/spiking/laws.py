"""What becomes of k-winners-take-all when cells spike: measured against closed forms, one table each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.studies.spiking.gap import by_gap, gap, present
from comparisons.studies.spiking.statistics import statistics
from selective_firing import measures, theory
from selective_firing.engine.simulator import find_compiler
from selective_firing.parameters import SpikingParameters
from selective_firing.results.response import Response
from selective_firing.theory.race import latency, waiting_time_bound
from selective_firing.weights import Weights

__all__ = ["all_laws", "contract", "convergence", "settling"]

VARIED: dict[str, tuple[float, ...]] = {
    "inhibition_delay": (0.0, 0.2, 0.5, 1.0, 2.0, 3.0),
    "noise": (0.03, 0.1, 0.3, 1.0),
    "dt": (0.05, 0.1, 0.2),
}
"""Against what the contract on k is measured, one at a time."""
SHARES_OF_K = (0.25, 0.5, 1.0, 2.0)
SLOW_MS = 1000.0
"""Time constant of membranes that add up the spikes of a train."""


def all_laws(
    weights: Weights, X: np.ndarray, k: int, base: SpikingParameters, codegen: str = "auto", seed: int = 0
) -> Iterator[tuple[str, pd.DataFrame, str | None]]:
    """Yield name, table and the name of the figure of every law, one after the other.

    Parameters
    ----------
    weights : Weights
        Of a trained circuit.
    X : ndarray of shape (n_samples, n_inputs)
        Stimuli.
    k : int
    base : SpikingParameters
        The circuit, of which one parameter at a time is changed.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and of unequal cells.
    """
    if codegen == "auto":
        codegen = "cpp_standalone" if find_compiler() else "numpy"
    table = contract(weights, X, k, base, codegen, seed)
    yield "contract", table, "contract"
    yield "by_gap", by_gap(weights, X, k, base, codegen, seed), None
    yield "gap", gap(weights, X, k, base, codegen, seed), "gap"
    yield "statistics", statistics(weights, X[:200], k, base, codegen, seed), None
    yield "convergence", convergence(codegen=codegen), "convergence"
    yield "settling", settling(codegen=codegen, seed=seed), "settling"


def contract(
    weights: Weights, X: np.ndarray, k: int, base: SpikingParameters, codegen: str = "auto", seed: int = 0
) -> pd.DataFrame:
    """Return how many cells are active, in the first cycle and in a presentation, and whether they are the top k.

    Parameters
    ----------
    weights : Weights
        Of a trained circuit.
    X : ndarray of shape (n_samples, n_inputs)
        Stimuli.
    k : int
    base : SpikingParameters
        The circuit, of which one parameter at a time is changed.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and of unequal cells.

    Returns
    -------
    DataFrame
        Columns varied, value, k, n_active (mean over stimuli), n_active_sd, exact_fraction, within_1_fraction,
        jaccard, nmse, settling_time_ms, n_per_presentation, n_cycles; and n_0 ... n_2k, shares of stimuli.
    """
    grid = [
        (name, value, base.changed(**{name: value}), k)
        for name, values in VARIED.items()
        for value in values
        if base.takes(name, value)
    ]
    grid += [("k", float(n), base, n) for n in sorted({max(1, round(share * k)) for share in SHARES_OF_K})
             if n <= weights.n_hidden]  # fmt: skip
    grid += [
        ("input: Poisson, Hz", rate, replace(base, input="poisson", input_rate=rate), k) for rate in (100.0, 1000.0)
    ]
    rows = []
    for name, value, parameters, wanted in tqdm(grid, desc="contract on k", leave=False):
        response = present(weights, X, wanted, parameters, codegen, seed)
        rows.append({"varied": name, "value": value} | _agreement(response, weights, X, wanted))
    return pd.DataFrame(rows).fillna(0.0)


def _agreement(response: Response, weights: Weights, X: np.ndarray, k: int) -> dict[str, float]:
    ideal = theory.top_k(weights.drive(X), k)
    n, wanted = response.n_active, ideal.sum(axis=1)
    shares = np.bincount(np.minimum(n, 2 * k), minlength=2 * k + 1) / len(X)
    decoded = response.code @ weights.w_out + weights.mean
    return {
        "k": k, "n_active": float(n.mean()), "n_active_sd": float(n.std()),
        "exact_fraction": float((n == wanted).mean()), "within_1_fraction": float((abs(n - wanted) <= 1).mean()),
        "jaccard": float(measures.jaccard(response.winners, ideal).mean()),
        "nmse": measures.nmse(X, decoded, weights.mean),
        "settling_time_ms": float(response.settling_time_ms.mean()),
        "n_per_presentation": float(response.n_recruited.mean()), "n_cycles": float(response.inhibition.mean()),
    } | {f"n_{number}": share for number, share in enumerate(shares)}  # fmt: skip


def convergence(dts: tuple[float, ...] = (0.4, 0.2, 0.1, 0.05, 0.025), codegen: str = "auto") -> pd.DataFrame:
    """Return the error of the first spikes against their closed form as dt shrinks.

    Parameters
    ----------
    dts : tuple of float
        Time steps (ms).
    codegen : str
        Taken as by the other laws; the numpy target is used, as one presentation needs no compiler.

    Returns
    -------
    DataFrame
        Columns dt (ms), latency_error_ms and drive_error (relative), means over 40 cells; order, the slope of the
        logarithms from the row before.
    """
    base = SpikingParameters(
        inhibition_strength=0.0, presentation=60.0, refractory=100.0, inhibition_delay=0.0, threshold_share=0.04
    )
    drive = base.threshold_share * np.geomspace(1.1, 20, 40)
    w = drive[:, np.newaxis]
    weights = Weights(w, w, np.zeros(40), np.zeros(1), 1.0)
    expected, rows = latency(drive, base.threshold_share, base.tau_m), []
    for dt in dts:
        response = present(weights, np.ones((1, 1)), 40, replace(base, dt=dt), "numpy", 0)
        rows.append({
            "dt": dt, "latency_error_ms": float(np.abs(response.winner_latency_ms - expected).mean()),
            "drive_error": float(np.abs(response.winner_drives / drive - 1).mean()),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(order=np.log(table["latency_error_ms"]).diff() / np.log(table["dt"]).diff())


def settling(
    n: int = 64, ks: tuple[int, ...] = (1, 4, 16), ratios: tuple[float, ...] = (2.0, 4.0, 8.0),
    thresholds: tuple[float, ...] = (0.01, 0.03, 0.1, 0.25), codegen: str = "auto", seed: int = 0, n_trials: int = 200,
) -> pd.DataFrame:  # fmt: skip
    """Return the time that a race between Poisson trains takes, and how often it finds the k with the higher rate.

    The task of Su, Chang & Lynch (2019, Neural Comput 31:2523): n trains, k of them of a higher rate, each driving a
    cell of its own; a higher threshold means a longer and safer race.

    Parameters
    ----------
    n : int
        Number of trains.
    ks : tuple of int
        How many of them are fast.
    ratios : tuple of float
        Of the high rate to the low one.
    thresholds : tuple of float
        Drives that just reach the threshold, as shares of what a fast train adds up to.
    codegen : str
        Target of Brian2.
    seed, n_trials : int

    Returns
    -------
    DataFrame
        Columns n, high_Hz, k, ratio (of the rates), threshold, settling_time_ms, correct_fraction, bound_ms (below
        which no circuit can be as reliable: `race.waiting_time_bound`).
    """
    rng, rows, high = np.random.default_rng(seed), [], 200.0
    identity = np.eye(n)
    weights = Weights(identity, identity, np.zeros(n), np.zeros(n), 1.0)
    grid = [(k, ratio, share) for k in ks for ratio in ratios for share in thresholds]
    for k, ratio, share in tqdm(grid, desc="settling", leave=False):
        chosen = np.argsort(rng.random((n_trials, n)), axis=1)[:, :k]
        X = np.full((n_trials, n), 1 / ratio)
        np.put_along_axis(X, chosen, 1.0, axis=1)
        scale = share / np.linalg.norm(X[0])  # the threshold is a share of what a strong train adds up to
        expected_ms = -SLOW_MS * np.log(1 - share)
        parameters = SpikingParameters(
            input="poisson", input_rate=high, tau_input=1.0, tau_m=SLOW_MS, tau_interneuron=1e4, refractory=1e4,
            threshold_share=scale, presentation=np.ceil(2 * expected_ms + 50), dt=0.5, inhibition_delay=0.0,
        )  # fmt: skip
        response = present(weights, X, k, parameters, codegen, seed)
        ideal = np.zeros(X.shape, bool)
        np.put_along_axis(ideal, chosen, True, axis=1)
        correct = float((response.winners == ideal).all(axis=1).mean())
        rows.append({
            "n": n, "high_Hz": high, "k": k, "ratio": ratio, "threshold": share,
            "settling_time_ms": float(response.settling_time_ms.mean()),
            "correct_fraction": correct,
            "bound_ms": waiting_time_bound(n, k, high, high / ratio, 1 - correct),
        })  # fmt: skip
    return pd.DataFrame(rows)
