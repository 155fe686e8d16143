"""One stimulus presented once more, on the numpy target, with every step recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selective_firing.circuits import spiking
from selective_firing.circuits.initial_values import initial_values
from selective_firing.circuits.time_step import ORDER
from selective_firing.engine.build_key import build_key
from selective_firing.engine.decode import spikes_of
from selective_firing.engine.kept.network import ready
from selective_firing.engine.request import Request
from selective_firing.engine.session import borrowed_session, collect
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
from selective_firing.results.spikes import Spikes
from selective_firing.results.trace import SpikingTrace, Trace
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["trace"]

AT = {"when": "synapses", "order": ORDER.RECORD}
"""When a step is recorded: after its competition, before its decision."""


def trace(
    weights: Weights,
    pattern: np.ndarray,
    k: int,
    parameters: CircuitParameters,
    index: int = 0,
    rng: np.random.Generator | None = None,
    cells: np.random.Generator | None = None,
) -> Trace | SpikingTrace:
    """Present one pattern once more, and return what every unit did at every step.

    Parameters
    ----------
    weights : Weights
    pattern : ndarray of shape (n_inputs,)
    k : int
    parameters : RateParameters or SpikingParameters
    index : int
        Number of the stimulus: with the `rng` of a simulation, the same noise as there.
    rng : numpy.random.Generator, optional
        Source of noise and spike trains; ``default_rng(0)`` if not given.
    cells : numpy.random.Generator, optional
        Source of the differences between units; `rng` if not given.
    """
    asked = Request.checked(weights, np.atleast_2d(pattern), k, parameters, rng=rng, cells=cells)
    values = initial_values(weights, parameters, k=asked.k, n_presentations=1, draws=asked.draws, first_number=index)
    shape = build_key(weights, parameters, 1)
    spikes = isinstance(parameters, SpikingParameters)
    with (
        borrowed_session("numpy"),
        ready(shape, asked.patterns, values, _watch_spiking if spikes else _watch_rate) as kept,
    ):
        kept.run()
        if isinstance(parameters, SpikingParameters):
            return _spiking(kept.network, weights, asked.patterns, k, parameters, index)
        return _rate(kept.network, asked.patterns[0], k, parameters, index)


def _watch(network: Network, group: str, variables: list[str], name: str) -> None:
    """Let `network` record what the members of a group have in every step."""
    import brian2 as b2

    watched = network[group]
    network.add(b2.StateMonitor(watched, variables, record=True, clock=watched.clock, name=name, **AT))


def _watch_rate(network: Network) -> None:
    _watch(network, "hidden", ["u", "firing", "drive"], "units")
    _watch(network, "inhibition", ["z", "tonic"], "levels")


def _watch_spiking(network: Network) -> None:
    import brian2 as b2

    _watch(network, "hidden", ["v"], "cells")
    own = "inhibition_decay" in network["hidden"].variables
    _watch(network, "hidden" if own else "conductor", ["g"], "conductances")
    if "spike" in network["stimulus"].events:
        when = {"when": "synapses", "order": ORDER.MONITOR_SPIKES}
        network.add(b2.EventMonitor(network["stimulus"], "spike", name="input_spikes", **when))


def _rate(network: Network, pattern: np.ndarray, k: int, parameters: RateParameters, index: int) -> Trace:
    u, z = network["units"], network["levels"]
    if parameters.is_lateral:
        ends = collect(network, ["decisions.since_onset"])["decisions.since_onset"][1:].astype(int)  # of each round
        drives = _rates(network, len(u.firing))
    else:
        ends = np.cumsum(collect(network, ["decisions.step"])["decisions.step"][1:].astype(int))  # of each cycle
        drives = np.array(u.drive[:, ends].T)
    shown = slice(1, ends[-1] + 1)  # the first step comes before any stimulus
    firing = u.firing[:, shown].T
    return Trace(
        stimulus=index, time_ms=np.arange(1, ends[-1] + 1) * parameters.dt, inhibition=np.array(z.z[0, shown]),
        n_active=firing.sum(axis=1), u=np.array(u.u[:, shown].T), drives=drives,
        cycle_winners=firing[ends - 1] == 1, decisions_ms=ends * parameters.dt, k=k,
        threshold=parameters.inhibition == "threshold", lateral=parameters.is_lateral, slow=np.array(z.tonic[0, shown]),
        pattern=np.array(pattern),
    )  # fmt: skip


def _rates(network: Network, n_hidden: int) -> np.ndarray:
    """Return the rates at the end of each round, shape (n_rounds, n_hidden)."""
    out = collect(network, ["decisions.n", "winners.i", "winners.rate"])
    number = out["decisions.n"][1:].astype(int)
    rates = np.zeros((number.size, n_hidden))
    rates[np.repeat(np.arange(number.size), number), out["winners.i"]] = out["winners.rate"]
    return rates


def _spiking(
    network: Network, weights: Weights, patterns: np.ndarray, k: int, parameters: SpikingParameters, index: int
) -> SpikingTrace:
    cells, inhibition = network["cells"], network["conductances"]
    out = collect(
        network, ["winners.i", *(f"{name}.{column}" for name in RASTERS for column in spiking.monitors()[name])]
    )
    n_units = {"hidden": weights.n_hidden, "interneurons": parameters.n_interneurons}
    spikes = {
        population: spikes_of(out, name, n_units[population], parameters.dt) for name, population in RASTERS.items()
    }
    if parameters.input == "poisson":
        inputs = network["input_spikes"]
        fired, at = np.array(inputs.i[:]), np.array(inputs.t_[:]) * 1e3
        spikes = {"inputs": Spikes(np.zeros(fired.size, int), fired, at, weights.n_inputs)} | spikes
    n_steps = round(parameters.presentation / parameters.dt)
    return SpikingTrace(
        stimulus=index, time_ms=np.arange(1, n_steps + 1) * parameters.dt, conductance=inhibition.g[:, 1:].mean(axis=0),
        v_mV=1e3 * np.array(cells.v_[:, 1:].T), v_threshold_mV=parameters.v_threshold, spikes=spikes, k=k,
        drive=weights.drive(patterns)[0], winners=np.isin(np.arange(weights.n_hidden), out["winners.i"]),
        arrivals_ms=np.unique(spikes["interneurons"].time_ms) + parameters.inhibition_delay,
    )  # fmt: skip


RASTERS = {"hidden_spikes": "hidden", "interneuron_spikes": "interneurons"}
"""Populations by the monitor of their spikes."""
