"""Masking increases training time."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from comparisons.lab.claim import Claim, Tables, against
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import soft, widths
from comparisons.measuring.encoding import encode
from comparisons.measuring.front import at_error
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, PLAIN, SAME_DENSE, SOFT, TOPK
from comparisons.rivals.topk import top_k
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "steps_to"]

N_TIMED, BATCH, REPEATS = 1024, 64, 9
"""Patterns of a timed pass, patterns of a batch, and passes, of which the median counts."""
STEP_BATCHES, N_WATCHED, NEAR = 8, 500, 1.05
"""Batches between two looks at the error, patterns held out that are looked at, and how near to top-K's least error is
near enough."""
TIMES = "Time to equal error"
RIVALS = (DENSE, SAME_DENSE, SOFT)


def observe(lab: Lab) -> Tables:
    """Return the time of learning to equal error, of a step with and without selection, and of the selection itself."""
    X = lab.data.X_train[:N_TIMED]
    with threadpool_limits(1):
        seconds = _in_turn({name: _learner(lab.fit(name), X) for name in (PLAIN, DENSE, TOPK)})
        selection = _in_turn(_selections(lab.fit(TOPK).drive(X), lab.scene.k))
        courses = _courses(lab)
    rows = [{"what": f"a pass, {name}", "microseconds per pattern": 1e6 * s / len(X)} for name, s in seconds.items()]
    rows += [{"what": name, "microseconds per pattern": 1e6 * s / len(X)} for name, s in selection.items()]
    circuits = []
    for name in (CIRCUIT, CYCLES):
        response = encode(lab.fit(name), lab.data.X_test).simulated
        circuits.append({"model": name, "settling time (ms)": float(response.settling_time_ms.mean()),
                         "units recruited": float(response.n_recruited.mean())})  # fmt: skip
    return {TIMES: courses, "Times": pd.DataFrame(rows), "Competition": pd.DataFrame(circuits)}


def _courses(lab: Lab) -> pd.DataFrame:
    """Return the processor seconds that models take to the error that top-K comes to, without the looks at it."""
    models = {PLAIN: lab.fit(PLAIN), TOPK: lab.fit(TOPK), DENSE: lab.fit(DENSE), SOFT: lab.fit(SOFT, **soft(lab))}
    if width := _width(lab, models[PLAIN]):
        models[SAME_DENSE] = lab.fit(DENSE, n_hidden=width)
    size, watched = STEP_BATCHES * BATCH, lab.X_val[:N_WATCHED]
    n_steps = max(2, math.ceil(lab.scene.n_epochs * len(lab.data.X_train) / size))
    fresh = {name: clone(model).set_params(batch_size=BATCH) for name, model in models.items()}
    errors: dict[str, list[float]] = {name: [] for name in models}
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for step in range(n_steps):  # in turn: a busy machine slows all alike
        X = lab.data.X_train[np.arange(step * size, (step + 1) * size) % len(lab.data.X_train)]
        for name, model in fresh.items():
            start = time.process_time()
            model.partial_fit(X)
            seconds[name].append(time.process_time() - start)
            errors[name].append(lab.nmse(model, model.transform(watched), watched))
    reached = NEAR * min(errors[PLAIN])
    rows = []
    for name in models:
        step_s = statistics.median(seconds[name]) or math.nan  # unknown, if the clock stood still within a step
        needed = steps_to(errors[name], reached)
        rows.append({"model": name, "seconds": needed * step_s, "steps": needed, "ms per step": 1e3 * step_s,
                     "least error": min(errors[name]), "error to reach": reached})  # fmt: skip
    return pd.DataFrame(rows)


def _width(lab: Lab, model: Autoencoder) -> int | None:
    """Return the width of the dense model that errs as much on patterns held out; None if none errs as little."""
    narrow = {width: lab.fit(DENSE, n_hidden=width) for width in widths(lab)}
    errors = [lab.nmse(one, one.transform(lab.X_val), lab.X_val) for one in narrow.values()]
    table = pd.DataFrame({"width": list(map(float, narrow)), "nmse": errors})
    found = at_error(table, lab.nmse(model, model.transform(lab.X_val), lab.X_val), ["width"])["width"]
    return math.ceil(found) if math.isfinite(found) else None


def steps_to(errors: Sequence[float], reached: float) -> float:
    """Return after how many steps an error is reached first, read straight in its logarithm; NaN if it never is.

    Parameters
    ----------
    errors : sequence of float
        After the first step, the second, ...
    reached : float

    Examples
    --------
    >>> steps_to([0.4, 0.1, 0.2], 0.2), steps_to([0.1], 0.2), steps_to([0.4, 0.0], 0.0), steps_to([0.4], 0.2)
    (1.5, 1.0, 2.0, nan)
    """
    first = next((step for step, error in enumerate(errors) if error <= reached), None)
    if first is None:
        return float("nan")
    if first == 0:
        return 1.0
    before, goal, after = (math.log(max(error, 1e-300)) for error in (errors[first - 1], reached, errors[first]))
    return first + ((before - goal) / (before - after) if after < before else 1.0)


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the seconds to equal error of every model."""
    seconds = tables[TIMES].set_index("model")["seconds"]
    return {str(one): float(seconds[one]) for one in sorted(seconds.index, key=lambda one: one != name)}


def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
    """Return the logarithm of the time that a model needs to equal error, over those of dense and soft ones."""
    found = levels(tables, name)
    return against(math.log(found[name]), {one: math.log(found[one]) for one in RIVALS if one in found})


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
    """Return the median processor seconds of each job; in turn, as a busy machine slows these, too, by its caches."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(REPEATS):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            seconds[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    return {"Time per pattern of a training pass and of ways to select": dots(
        tables["Times"], {"microseconds per pattern": "microseconds per pattern (one core)"}, rows="what"
    )}  # fmt: skip


def read(tables: Tables) -> str:
    """Return how much of each ratio of times is one of steps, and how much one of the time of a step."""
    words = []
    for dataset, part in tables[TIMES].groupby("dataset", sort=False):
        table = part.set_index("model")[["steps", "ms per step"]]
        for rival in RIVALS:
            if rival in table.index and table.loc[rival].notna().all():
                steps, step = np.log(table.loc[PLAIN] / table.loc[rival])
                decides = "steps decide" if abs(steps) > abs(step) else "the time of a step decides"
                words.append(f"{dataset}, {rival}: {steps:+.2f} {step:+.2f}, {decides}.")
    return "The effect is ln of the ratio of steps plus ln of that of the time of a step (of means): " + " ".join(words)


CLAIM = Claim(
    name="training_time",
    title="Slower to train",
    claim="The mask of a k-sparse layer increases the time that training takes to the same error.",
    design="Processor seconds until the error on patterns held out is within 5 % of the least that top-K "
    "without AuxK comes to, in batches of 64 at the learning rate found for each: forward, backward and Adam, "
    "against dense and soft (L1, about k active) of equal width, and dense of the width that errs as much; all take "
    "turns in one process on one core. Beside it a pass, the selection alone, and the circuit's settling time, which "
    "is a time in the brain.",
    endpoint=Endpoint("ln of time to equal error, top-K without AuxK over a rival", "", 0.1),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=effects,
    on_trial=PLAIN,
    others=(TOPK,),
    levels=levels,
    level="seconds",
    draw=draw,
    read=read,
    caveats=(
        "NumPy on one core of a shared machine: the interval is that of the machine as much as of seeds, and times "
        "are kept with the rest. A GPU, and a sparse backward pass, shift this.",
        "A rival that never comes to that error is none.",
    ),
)
