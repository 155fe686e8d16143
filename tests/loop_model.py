"""The rate circuit's loop as a NumPy model, all stimuli at once: nothing is simulated."""

from __future__ import annotations

import numpy as np

from selective_firing.circuits.initial_values import initial_values, rounding_floor
from selective_firing.parameters import RateParameters
from selective_firing.weights import Weights


def compete(weights: Weights, X: np.ndarray, k: int, parameters: RateParameters) -> dict[str, np.ndarray]:
    """Return what the pool records of each stimulus: the loop of `pool.COMPETE`, all stimuli at once."""
    v = {name.partition(".")[2]: value for name, value in initial_values(weights, parameters, k=k,
         n_presentations=len(X)).items()}  # fmt: skip
    dt, decay, drive = parameters.dt * 1e-3, np.exp(-parameters.dt * 1e-3 / v["tau_m"]), weights.drive(X)
    start = v["bound"] * np.linalg.norm(X - weights.mean, axis=1) + v["bias_bound"]
    faintest, sub = v["faintest"], v["subtractive"]
    opens, adapts, proportional = (
        parameters.inhibition_start,
        parameters.controller == "adaptive",
        v["proportional"] > 0,
    )
    tonic = np.maximum(start if opens == "above" and not proportional else np.zeros(len(X)), faintest)
    if opens == "feedforward":  # on the mean stimulus, as above those of mean power
        tonic = v["bound"] * np.sqrt(weights.power) * X.sum(axis=1) / weights.mean.sum()
        tonic = np.maximum(tonic, faintest)
    gain, surplus, side = v["initial_gain"] * start, -np.ones(len(X)), -np.ones(len(X))
    slope = -gain / v["tau_i"] * (opens != "zero" and not proportional)
    z = np.maximum(tonic + v["phasic_time"] * slope, faintest)
    u = np.zeros_like(drive) - (sub * tonic)[:, np.newaxis]
    n, n_seen, nearest = (np.zeros(len(X)) for _ in range(3))
    nearest += k
    since, silent, steady, before = (np.zeros(len(X), int) for _ in range(4))
    hold_steps = round(parameters.hold / parameters.dt)
    found = {name: np.zeros(len(X)) for name in ("n", "step", "gain", "silent_steps", "tonic")}
    todo = np.ones(len(X), bool)
    round_trip = v["loop_steps"] + (v["delay_steps"] > 0)
    for step in range(1, 2 * v["max_steps"] + 2):
        target = drive - (sub * z)[:, np.newaxis]
        u = target + (u - target) * decay
        tonic = tonic + slope * dt
        n = (u > ((1 - sub) * z)[:, np.newaxis]).sum(axis=1).astype(float)
        since = since + 1
        looks = (v["delay_steps"] == 0) | (since == round_trip)
        n_seen = np.where(looks, n, n_seen)
        corrects = since >= round_trip + v["delay_steps"]
        now = (n_seen - k) / (n_seen + k)
        holds = (v["delay_steps"] == 0) | (corrects & (surplus == 0))
        overshot = corrects & (now * side < 0)
        grows = ~overshot & (step > 1) & (now != 0)
        gain = gain * (1 + adapts * corrects * ((v["gain_growth"] - 1) * grows - 0.5 * overshot))
        gain = np.minimum(gain, max(v["initial_gain"], 1) * start)
        surplus = np.where(corrects, now, surplus)
        side = np.where(corrects & (now != 0), now, side)
        since = since * ~corrects
        wanted = (since < v["loop_steps"]) * gain * surplus / v["tau_i"]
        if proportional:
            wanted = (parameters.pool_strength * start * n / k - tonic) / max(v["tau_i"], dt)
        slope = np.maximum(wanted, (faintest - tonic) / dt)
        z = np.maximum(tonic + v["phasic_time"] * slope, faintest)
        miss = np.abs(n - k)
        nearest = np.where(overshot, np.minimum(nearest, miss), nearest)
        steady = (steady + 1) * ((n == before) if proportional else (n_seen == k))
        before = n
        gone = (tonic <= faintest + 1e-12 * start) & (n < k) & (step > 1)
        silent = (silent + 1) * (gone & (not proportional))
        late = (step >= v["max_steps"]) & ((miss <= nearest) | (step >= 2 * v["max_steps"]))
        over = todo & ((holds & (steady > hold_steps)) | late | (silent > v["rest_steps"]))
        for name, value in (("n", n), ("gain", gain), ("silent_steps", silent), ("tonic", tonic)):
            found[name][over] = value[over]
        found["step"][over] = step
        todo &= ~over
        if not todo.any():
            break
    assert not todo.any()
    return found | {"start_level": start, "n_recruited": found["n"], "n_flips": found["n"]}


def driven(weights: Weights, X: np.ndarray) -> np.ndarray:
    """Return how many units of each stimulus have a drive that rounding does not explain."""
    return (weights.drive(X) > rounding_floor(weights)).sum(axis=1)
