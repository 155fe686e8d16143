"""What a presentation costs as the circuit grows, and how far that is from what a machine must at least do for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.studies.speed.floors import Needs, floor_s, multiply_adds_per_s
from comparisons.studies.speed.memory import PeakMemory
from selective_firing.engine.simulate import simulate
from selective_firing.learning.pairing import initial_weights
from selective_firing.parameters import RateParameters
from selective_firing.weights import Weights

__all__ = ["CHECKED", "VARIED", "cost_laws", "exponents"]

N_INPUTS, N_HIDDEN, K, ACTIVE = 784, 256, 10, 150
VARIED = {
    "n_hidden": (256, 512, 1024, 2048, 4096),
    "k": (1, 2, 5, 10, 25, 64, 128),
    "active_inputs": (20, 50, 100, 200, 400, 784),
}
"""What the cost is measured against; the other two stay at 256 units, k = 10 and 150 of 784 active inputs."""
CHECKED = {"n_hidden": (16_384,)}
"""Where what the others predict is checked: four times as many units as the laws were fitted to."""
ROUNDS = 3


def cost_laws(
    varied: Mapping[str, Sequence[int]] = VARIED, n_presentations: int = 4096, codegen: str = "auto", seed: int = 0
) -> pd.DataFrame:
    """Time learned presentations against each quantity in turn.

    Parameters
    ----------
    varied : dict
        Values by name: n_hidden, k, active_inputs.
    n_presentations : int
        In the longer of two runs; the shorter has an eighth, and the difference leaves the start of a run out.
    codegen : str
    seed : int

    Returns
    -------
    DataFrame
        Columns varied, value, n_inputs, n_hidden, k, active_inputs, seconds (of CPU, a presentation), n_steps, floor_s
        (see `floors.floor_s`), times_floor and memory_MB (of the simulator; nan where there is none, or no /proc).
    """
    machine = multiply_adds_per_s()
    usual = {"n_inputs": N_INPUTS, "n_hidden": N_HIDDEN, "k": K, "active_inputs": ACTIVE}
    points = [(name, value) for name, values in varied.items() for value in values]
    return pd.DataFrame(
        {"varied": name, "value": value} | _point(usual | {name: value}, n_presentations, codegen, seed, machine)
        for name, value in tqdm(points, "cost laws", leave=False)
    )


def _point(
    size: dict[str, int], n_presentations: int, codegen: str, seed: int, multiply_adds: float
) -> dict[str, float]:
    rng, n_hidden, active = np.random.default_rng(seed), size["n_hidden"], size["active_inputs"]
    patterns = np.zeros((n_presentations, N_INPUTS))
    on = np.argsort(rng.random(patterns.shape), axis=1)[:, :active]
    np.put_along_axis(patterns, on, rng.uniform(0.2, 1, on.shape), axis=1)
    w = initial_weights(n_hidden, N_INPUTS, rng)
    weights = Weights.at_start(w, w.copy(), patterns)
    excited = np.full(n_hidden, 2 * np.sqrt(weights.power / N_INPUTS))  # as many drives are positive as may have to win
    weights = replace(weights, bias=excited)

    def run(n: int) -> tuple[float, float]:
        start = sum(os.times()[:4])  # of CPU, this process and its children: others on the machine do not count
        response, _ = simulate(
            weights, patterns[:n], size["k"], RateParameters(), learning_rate=(0.1, 0.0), codegen=codegen
        )
        return sum(os.times()[:4]) - start, float(response.settling_time_ms.mean()) / RateParameters().dt

    few = n_presentations // 8
    run(2)  # compile, and warm the caches
    with PeakMemory() as memory:
        run(few)
    long, short, steps = [], [], 0.0
    for _ in range(ROUNDS):
        short.append(run(few)[0])
        elapsed, steps = run(n_presentations)
        long.append(elapsed)
    seconds = (min(long) - min(short)) / (n_presentations - few)
    needs = Needs(n_inputs=N_INPUTS, n_hidden=n_hidden, k=size["k"], active=active, n_steps=steps)
    floor = floor_s(needs, multiply_adds)
    timed = {"seconds": seconds, "n_steps": steps, "floor_s": floor, "times_floor": seconds / floor}
    return size | timed | {"memory_MB": memory.n_bytes / 1e6}


def exponents(table: pd.DataFrame) -> dict[str, float]:
    """Return by name the exponent p of seconds ~ value^p, fitted to the logarithms of `cost_laws`'s table.

    Parameters
    ----------
    table : DataFrame
        Of `cost_laws`.
    """
    return {
        name: float(np.polyfit(np.log(rows["value"]), np.log(rows["seconds"]), 1)[0])
        for name, rows in table.groupby("varied", sort=False)
    }
