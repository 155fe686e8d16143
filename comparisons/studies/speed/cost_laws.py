"""What a presentation costs as the circuit grows, and how far that is from what a machine must at least do for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from selective_firing.engine.simulate import simulate
from selective_firing.learning.pairing import initial_weights
from selective_firing.parameters import RateParameters
from selective_firing.weights import Weights

__all__ = ["VARIED", "bandwidth", "bytes_touched", "cost_laws", "exponents"]

N_INPUTS, N_HIDDEN, K, ACTIVE = 784, 256, 10, 150
VARIED = {
    "n_hidden": (256, 512, 1024, 2048, 4096),
    "k": (1, 2, 5, 10, 25, 64, 128),
    "active_inputs": (20, 50, 100, 200, 400, 784),
}
"""What the cost is measured against; the other two stay at 256 units, k = 10 and 150 of 784 active inputs."""
ROUNDS = 3


def bytes_touched(n_inputs: int, n_hidden: int, k: float, active: float, n_steps: float) -> float:
    """Return the bytes that one learned presentation must read or write, whatever the program.

    Every weight from an active input is read once; every weight of a winner is read for the prediction and for the
    feedback, and read and written to learn, in both matrices; in each step a unit's membrane is read and written,
    and its drive and state are read.

    Parameters
    ----------
    n_inputs, n_hidden : int
    k, active : float
        Winners, and inputs that are not 0; means may be given.
    n_steps : float
        Time steps of a presentation.
    """
    present, winners = active * n_hidden, k * n_inputs
    return 8 * (present + 2 * winners + 4 * winners) + n_steps * n_hidden * (16 + 8 + 4)


def operations_needed(n_inputs: int, n_hidden: int, k: float, active: float, n_steps: float) -> float:
    """Return the multiply-adds of the same presentation: one a weight that is read, two a weight that learns.

    Parameters
    ----------
    n_inputs, n_hidden, k, active, n_steps
        As for `bytes_touched`.
    """
    return active * n_hidden + 2 * k * n_inputs + 2 * 2 * k * n_inputs + 2 * n_steps * n_hidden


def bandwidth(n_bytes: int = 64_000_000) -> float:
    """Return how many bytes a second one core copies between arrays too large for its caches, read and written.

    Weights that lie in a cache can move faster, so a circuit may be quicker than this floor.

    Parameters
    ----------
    n_bytes : int
        Of each array.
    """
    source = np.ones(n_bytes // 8)
    target = np.empty_like(source)
    return 2 * source.nbytes / _quickest(lambda: np.copyto(target, source), 20)


def multiply_adds_per_s(n: int = 256) -> float:
    """Return the multiply-adds a second of a matrix product on one core: the most that the machine can do.

    Parameters
    ----------
    n : int
        Rows and columns of the matrices.
    """
    matrix = np.ones((n, n))
    with threadpool_limits(1):
        return n**3 / _quickest(lambda: matrix @ matrix, 20)


def _quickest(do: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        do()
        times.append(time.perf_counter() - start)
    return min(times)


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
        Columns varied, value, n_hidden, k, active_inputs, seconds (a presentation), n_steps, floor_s (what it
        must move or multiply at the measured bandwidth and rate, whichever takes longer) and times_floor.
    """
    machine = bandwidth(), multiply_adds_per_s()
    usual = {"n_hidden": N_HIDDEN, "k": K, "active_inputs": ACTIVE}
    points = [(name, value) for name, values in varied.items() for value in values]
    return pd.DataFrame(
        {"varied": name, "value": value} | _point(usual | {name: value}, n_presentations, codegen, seed, machine)
        for name, value in tqdm(points, "cost laws", leave=False)
    )


def _point(
    size: dict[str, int], n_presentations: int, codegen: str, seed: int, machine: tuple[float, float]
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
        start = time.perf_counter()
        response, _ = simulate(
            weights, patterns[:n], size["k"], RateParameters(), learning_rate=(0.1, 0.0), codegen=codegen
        )
        return time.perf_counter() - start, float(response.settling_time_ms.mean()) / RateParameters().dt

    few = n_presentations // 8
    run(2)  # compile, and warm the caches
    long, short, steps = [], [], 0.0
    for _ in range(ROUNDS):
        short.append(run(few)[0])
        elapsed, steps = run(n_presentations)
        long.append(elapsed)
    seconds = (min(long) - min(short)) / (n_presentations - few)
    needs = N_INPUTS, n_hidden, size["k"], active, steps
    floor = max(bytes_touched(*needs) / machine[0], operations_needed(*needs) / machine[1])
    return size | {"seconds": seconds, "n_steps": steps, "floor_s": floor, "times_floor": seconds / floor}


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
