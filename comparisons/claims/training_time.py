"""Masking increases training time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.encoding import encode
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, NARROW, PLAIN, TIED, TOPK
from comparisons.rivals.topk import top_k
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

N_TIMED, BATCH, REPEATS = 1024, 64, 9
"""Patterns of a timed pass, patterns of a batch, and passes, of which the median counts."""


def observe(lab: Lab) -> Observation:
    """Return the time of a training step with and without selection, of the selection itself, and of competition.

    Parameters
    ----------
    lab : Lab
    """
    X = lab.data.X_train[:N_TIMED]
    with threadpool_limits(1):
        seconds = _in_turn({name: _learner(lab.fit(name), X) for name in (PLAIN, DENSE, TOPK)})
        selection = _in_turn(_selections(lab.fit(TOPK).drive(X), lab.scene.k))
    rows = [{"what": f"a pass, {name}", "microseconds per pattern": 1e6 * s / len(X)} for name, s in seconds.items()]
    rows += [{"what": name, "microseconds per pattern": 1e6 * s / len(X)} for name, s in selection.items()]
    circuits = []
    for name in (CIRCUIT, CYCLES):
        response = encode(lab.fit(name), lab.data.X_test).simulated
        circuits.append({"model": name, "settling time (ms)": float(response.settling_time_ms.mean()),
                         "units recruited": float(response.n_recruited.mean())})  # fmt: skip
    tables = {
        "Times": pd.DataFrame(rows),
        "Competition": pd.DataFrame(circuits),
        "To equal error": _to_equal_error(lab),
    }
    return Observation(seconds[PLAIN] / seconds[DENSE] - 1, tables)


def _learner(model: Autoencoder, X: np.ndarray) -> Callable[[], object]:
    fresh = clone(model).set_params(batch_size=BATCH)
    return lambda: fresh.partial_fit(X)


def _selections(drive: np.ndarray, k: int) -> dict[str, Callable[[], object]]:
    """Return ways to the k largest drives, and the rectifier that a dense layer has instead."""
    return {
        "selection: rectifier": lambda: np.maximum(drive, 0),
        "selection: full sort": lambda: np.argsort(drive, axis=1)[:, -k:],
        "selection: partition": lambda: np.argpartition(drive, -k, axis=1)[:, -k:],
        "selection: as top-K does": lambda: top_k(drive, k),
    }


def _in_turn(jobs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each job; they take turns, so that a busy machine slows all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(REPEATS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def _to_equal_error(lab: Lab) -> pd.DataFrame:
    """Return the passes that models of k numbers need to come within 10 % of the worst of their last errors."""
    given: dict[str, tuple[str, dict[str, int]]] = {
        TOPK: (TOPK, {}),
        TIED: (TIED, {}),
        NARROW: (DENSE, {"n_hidden": lab.scene.k}),
    }
    epochs = sorted({e for e in (1, 2, 3, 5) if e < lab.scene.n_epochs} | {lab.scene.n_epochs})
    errors: dict[str, dict[int, float]] = {}
    for name, (kind, changes) in given.items():
        models = {e: lab.fit(kind, n_epochs=e, **changes) for e in epochs}
        errors[name] = {e: lab.nmse(model, model.transform(lab.data.X_test)) for e, model in models.items()}
    goal = 1.1 * max(found[epochs[-1]] for found in errors.values())
    return pd.DataFrame(
        {"model": name, "NMSE of the last": found[epochs[-1]], "error to reach": goal,
         "passes needed": float(next(e for e in epochs if found[e] <= goal))}
        for name, found in errors.items()
    )  # fmt: skip


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    return {"Time per pattern of a training pass and of ways to select": dots(
        tables["Times"], {"microseconds per pattern": "microseconds per pattern (one core)"}, rows="what"
    )}  # fmt: skip


CLAIM = Claim(
    name="training_time",
    title="Slower to train",
    claim="The mask of a k-sparse layer increases training time.",
    design="Time of a pass of 1,024 patterns in batches of 64, forward, backward and Adam, with the selection and "
    "without, of equal width; both take turns in one process on one core. Beside it the selection alone, passes to "
    "equal error, and the circuit's settling time, which is a time in the brain, not on a computer.",
    endpoint=Endpoint("time of a training pass, top-K without AuxK over dense, less 1", "share", 0.1),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    draw=draw,
    caveats=(
        "NumPy on one core of a shared machine: the interval is that of the clock as much as of seeds, and times "
        "are kept with the rest. A GPU, and a sparse backward pass, shift this.",
        "Top-K as tuned (with AuxK, if the search has chosen it) is beside it.",
    ),
)
