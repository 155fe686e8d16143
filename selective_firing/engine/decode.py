"""From the raw arrays of one run to a Response: verified, then read as rate or spiking circuit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from selective_firing.circuits.initial_values import EXPLODED, rest_steps
from selective_firing.engine.build_key import BuildKey
from selective_firing.errors import DivergenceError, SimulationError
from selective_firing.measures.competition import MEAN_RATE_HZ, gain_of
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
from selective_firing.results.response import Response
from selective_firing.results.spikes import Spikes
from selective_firing.weights import Weights

__all__ = ["calibrated", "join", "response", "spikes_of", "verify"]


def verify(
    out: dict[str, np.ndarray],
    shape: BuildKey,
    patterns: np.ndarray,
    start: int,
    rate: float,
    weights: Weights,
    n_codes: int = 1,
) -> None:
    """Raise unless every presentation was simulated, every array is whole and every number finite.

    Parameters
    ----------
    out : dict
        Raw arrays of one run, by ``object.variable``.
    shape : BuildKey
    patterns : ndarray of shape (n_presentations, n_inputs)
        That were to be presented.
    start : int
        How many were presented before.
    rate : float
        Of learning, 0 for none.
    weights : Weights
        With the mean and the power of the training patterns.
    n_codes : int
        That a presentation leaves behind.

    Raises
    ------
    DivergenceError
        If learning exploded.
    SimulationError
        If anything else is wrong.
    """
    seen, sizes, n_presentations = out["decisions.presentation"], {name: out[name].size for name in out}, len(patterns)
    n_weights = shape.n_inputs * shape.n_hidden
    whole = all(len({sizes[f"{monitor}.{name}"] for name in names}) == 1 for monitor, names in shape.monitors.items())
    whole &= not shape.is_lateral or sizes["lateral.w"] == shape.n_hidden**2
    whole &= sizes["w_in.w"] == sizes["w_out.w"] == n_weights and sizes["hidden.b"] == shape.n_hidden
    counts = [out[name].sum() for name in ("decisions.n", "decisions.n_first", "decisions.n_fired") if name in out]
    if not whole or sizes["winners.i"] not in counts:
        raise SimulationError("the simulation left behind arrays of the wrong size.")
    if rate > 0 and seen.size > 1:  # the first decision comes before any stimulus
        last = np.take(patterns, int(seen[-1]), axis=0, mode="clip")
        power = max(weights.power, float(((last - weights.mean) ** 2).sum()))  # as the circuit asks
        if not out["decisions.squared_error"][-1] <= EXPLODED * power or _reach(out, shape) > EXPLODED**0.5:
            raise DivergenceError(start + int(seen[-1]), rate)
    if not np.array_equal(seen, np.append(-1, np.repeat(np.arange(n_presentations), n_codes))):
        n_seen = max(seen.size - 1, 0) // n_codes
        raise SimulationError(f"the simulation ended after {n_seen} of {n_presentations} presentations.")
    held = ("decisions.squared_error", "w_in.w", "w_out.w", "hidden.b", *(["lateral.w"] if shape.is_lateral else []))
    if not all(np.isfinite(out[name]).all() for name in held):
        if rate > EXPLODED:  # one lesson at such a rate takes a weight beyond any number, and makes others NaN
            raise DivergenceError(start + int(seen[-1]), rate)
        raise SimulationError("the simulation left behind numbers that are not finite.")


def _reach(out: dict[str, np.ndarray], shape: BuildKey) -> float:
    """Return how much larger than a stimulus one unit can make its prediction: no error has seen the last lesson."""
    w_in, w_out = out["w_in.w"].reshape(-1, shape.n_hidden), out["w_out.w"].reshape(shape.n_hidden, -1)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.fmax.reduce(np.linalg.norm(w_in, axis=0) * np.linalg.norm(w_out, axis=1)))


def response(
    out: dict[str, np.ndarray],
    patterns: np.ndarray,
    weights: Weights,
    k: int,
    parameters: CircuitParameters,
    learns: bool,
) -> Response:
    """Turn one run's raw arrays into a Response; the first decision, before any stimulus, is left out.

    Parameters
    ----------
    out : dict[str, ndarray]
    patterns : ndarray
    weights : Weights
    k : int
    parameters : RateParameters or SpikingParameters
    learns : bool
    """
    prefix = "decisions."
    decided = {name.removeprefix(prefix): a[1:] for name, a in out.items() if name.startswith(prefix)}
    if isinstance(parameters, SpikingParameters):
        found = _spiking(out, decided, k, parameters, weights)
    elif parameters.is_lateral:
        return _swaps(out, decided, patterns, weights, parameters, learns)
    elif parameters.competitions > 1:
        return _cycles(out, decided, patterns, weights, k, parameters, learns)
    else:
        found = _rate(out, decided, k, parameters, weights)
    sent = found["n_active"] * weights.n_inputs
    found["events"] |= {
        "hidden to error": sent, "error to hidden": sent * learns, "plasticity": 2 * sent * learns
    }  # fmt: skip
    return _made(found, out["winners.i"], decided["squared_error"], patterns, weights)


def _made(
    found: dict, units: np.ndarray, squared_error: np.ndarray, patterns: np.ndarray, weights: Weights
) -> Response:
    """Return a Response of what was found."""
    found["events"] = {"input to hidden": np.count_nonzero(patterns, axis=1) * weights.n_hidden} | found["events"]
    return Response(
        **found, winner_units=units.astype(np.int32), squared_error=squared_error,
        strength_Hz=np.linalg.norm(weights.w_out, axis=1), provenance={},
    )  # fmt: skip


def _cycles(
    out: dict, decided: dict, patterns: np.ndarray, weights: Weights, k: int, parameters: RateParameters, learns: bool
) -> Response:
    """Return the response at the end of the last cycle, which holds those at the end of the cycles before.

    Times and counts are since the onset, so that each is what the code of that cycle has cost.
    """
    n_cycles = parameters.competitions
    table = {name: column.reshape(-1, n_cycles) for name, column in decided.items()}
    cycle = np.repeat(np.arange(decided["n"].size) % n_cycles, decided["n"].astype(int))
    steps, predicted = np.cumsum(table["step"], axis=1).astype(int), np.cumsum(table["n"], axis=1).astype(int)
    erring = np.cumsum(table["n_erring"], axis=1).astype(int)
    responses: list[Response] = []
    for c in range(n_cycles):
        mine = cycle == c
        won = {"winners.drive": out["winners.drive"][mine]}
        found = _rate(won, {name: column[:, c] for name, column in table.items()}, k, parameters, weights)
        found["settling_time_ms"] = steps[:, c] * parameters.dt
        fed_back = (predicted[:, c] - found["n_active"]) * weights.n_inputs  # by the winners' errors, and answered
        lessons = (table["n"][:, 0] + (c == n_cycles - 1) * table["n"][:, c]).astype(int) * weights.n_inputs * learns
        found["events"] |= {
            "inhibition to hidden": steps[:, c] * weights.n_hidden,
            "hidden to error": predicted[:, c] * weights.n_inputs + fed_back,
            "error to hidden": fed_back + (erring[:, c - 1] * weights.n_hidden if c else 0),
            "plasticity": 2 * lessons,
        }
        responses.append(_made(found, out["winners.i"][mine], table["squared_error"][:, c], patterns, weights))
    return replace(responses[-1], earlier=tuple(responses[:-1]))


def _swaps(
    out: dict, decided: dict, patterns: np.ndarray, weights: Weights, parameters: RateParameters, learns: bool
) -> Response:
    """Return the response at the end of the last round, which holds those at the end of the rounds before.

    Times and counts are since the onset, so that each is what the code of that round has cost.
    """
    n_codes = parameters.n_codes
    table = {name: column.reshape(-1, n_codes) for name, column in decided.items()}
    place = np.repeat(np.arange(decided["n"].size) % n_codes, decided["n"].astype(int))
    rounds: list[Response] = []
    for c in range(n_codes):
        mine, column = place == c, {name: values[:, c] for name, values in table.items()}
        n_active, steps = column["n"].astype(int), column["since_onset"].astype(int)
        sent = n_active * weights.n_inputs
        told = 2 * weights.n_inputs * weights.n_hidden if not parameters.transport else 0
        found = {
            "n_active": n_active, "settled": column["n_failed"] == 0, "winner_drives": out["winners.rate"][mine],
            "tied": (column["n_failed"] > 0) & (column["n_failed"] == column["n_tied"]),
            "settling_time_ms": steps * parameters.dt, "n_recruited": column["n_recruited"].astype(int),
            "n_flips": column["n_flips"].astype(int), "inhibition": column["tonic"],
            "events": {
                "hidden to inhibition": column["n_flips"].astype(int),
                "inhibition to hidden": steps * weights.n_hidden,
                "hidden to hidden": column["n_told"].astype(int) * weights.n_hidden,
                "hidden to error": sent, "error to hidden": np.full(n_active.size, told * learns),
                "plasticity": 4 * sent * learns,
            },
        }  # fmt: skip
        rounds.append(_made(found, out["winners.i"][mine], column["squared_error"], patterns, weights))
    return replace(rounds[-1], earlier=tuple(rounds[:-1]))


def _rate(out: dict, decided: dict, k: int, parameters: RateParameters, weights: Weights) -> dict:
    """Return what only the rate circuit's decisions say."""
    n_active = decided["n"].astype(int)
    released = decided["silent_steps"] > rest_steps(parameters)  # for so long without inhibition
    in_time = decided["step"] < round(parameters.max_settle / parameters.dt)
    undriven = decided["start_level"] == 0  # a bound on all drives
    settled = (n_active == k) & in_time | (n_active < k) & (released | undriven)
    return {
        "n_active": n_active, "settled": settled, "winner_drives": out["winners.drive"],
        "tied": ~settled & (decided["gain"] <= 1e-9 * decided["start_level"]),
        "settling_time_ms": decided["step"] * parameters.dt, "n_recruited": decided["n_recruited"].astype(int),
        "n_flips": decided["n_flips"].astype(int), "inhibition": decided["tonic"],
        "events": {
            "hidden to inhibition": decided["n_flips"].astype(int),
            "inhibition to hidden": decided["step"].astype(int) * weights.n_hidden,
        },
    }  # fmt: skip


def _spiking(out: dict, decided: dict, k: int, parameters: SpikingParameters, weights: Weights) -> dict:
    """Return what only the spiking circuit's presentations say."""
    n_fired, volleys = decided["n_fired"].astype(int), decided["volleys"].astype(int)
    n_active = n_fired if parameters.readout == "count" else decided["n_first"].astype(int)
    n_cells, ended = parameters.n_interneurons, decided["arrived"] > 0
    by_trains = parameters.input == "poisson"
    fed = {"input to hidden": decided["n_inputs"].astype(int) * weights.n_hidden} if by_trains else {}
    complete = ~ended & (n_fired < k) & (decided["n_missing"] == 0) & (not by_trains)
    return {
        "n_active": n_active, "settled": ended & (n_active == k) | complete, "tied": np.zeros(ended.size, bool),
        "settling_time_ms": np.where(ended, decided["arrived"] * parameters.dt, parameters.presentation),
        "n_recruited": n_fired, "n_flips": decided["n_spikes"].astype(int), "inhibition": volleys / n_cells,
        "events": fed | {
            "hidden to inhibition": decided["n_spikes"].astype(int) * int(n_cells),
            "inhibition to hidden": volleys * weights.n_hidden,
        },
        "winner_drives": out["winners.rate"], "winner_spikes": out["winners.spikes"].astype(int),
        "winner_latency_ms": out["winners.first"] * parameters.dt,
        "spikes": {
            "hidden": spikes_of(out, "hidden_spikes", weights.n_hidden, parameters.dt),
            "interneurons": spikes_of(out, "interneuron_spikes", int(n_cells), parameters.dt),
        },
    }  # fmt: skip


def spikes_of(out: dict, monitor: str, n_units: int, dt: float) -> Spikes:
    """Return what a monitor recorded since the first stimulus.

    Parameters
    ----------
    out : dict
    monitor : str
    n_units : int
    dt : float
    """
    stimulus = out[f"{monitor}.stimulus"]
    shown = stimulus >= 0
    unit, step = out[f"{monitor}.i"][shown], out[f"{monitor}.fired_at"][shown]
    return Spikes(stimulus[shown].astype(np.int32), unit.astype(np.int32), step * dt, n_units)


def calibrated(response: Response, gain: float | None) -> Response:
    """Return the response with rates in Hz.

    Parameters
    ----------
    response : Response
        With the norms of the decoding weights as `strength_Hz`.
    gain : float or None
        `Weights.rate_gain`; if there is none, the mean winner of these very stimuli fires at 40 Hz, and the provenance
        says so.
    """
    words = "these stimuli" if gain is None else "the training patterns"
    if gain is None:
        gain = gain_of(response.winner_drives * response.strength_Hz[response.winner_units], MEAN_RATE_HZ)
    strength = gain * response.strength_Hz
    provenance = response.provenance | {"rates": f"the mean winner of {words} fires at {MEAN_RATE_HZ:g} Hz"}
    earlier = tuple(replace(cycle, strength_Hz=strength, provenance=provenance) for cycle in response.earlier)
    return replace(response, strength_Hz=strength, earlier=earlier, provenance=provenance)


def join(responses: Sequence[Response], provenance: dict) -> Response:
    """Return the responses to consecutive chunks as one.

    Parameters
    ----------
    responses : Sequence[Response]
    provenance : dict
    """
    earlier = tuple(join(cycle, provenance) for cycle in zip(*(r.earlier for r in responses), strict=True))
    if len(responses) == 1:
        return replace(responses[0], earlier=earlier, provenance=provenance)
    per_stimulus = [name for name, value in vars(responses[0]).items() if isinstance(value, np.ndarray)]
    joined = {name: np.concatenate([getattr(r, name) for r in responses]) for name in per_stimulus}
    joined["strength_Hz"] = responses[-1].strength_Hz
    events = {name: np.concatenate([r.events[name] for r in responses]) for name in responses[0].events}
    sizes = [r.n_samples for r in responses]
    spikes = {name: Spikes.join([r.spikes[name] for r in responses], sizes) for name in responses[0].spikes}
    return replace(responses[0], **joined, events=events, spikes=spikes, earlier=earlier, provenance=provenance)
