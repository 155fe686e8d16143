"""Other simulators of spiking cells, where they are installed: a layer of the same size, presented the same patterns.

They do other things than the circuit here: neither ends a presentation with exactly k winners. So these rows say what a
presentation takes whoever reaches for them, not which of them does better what this package does.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from comparisons.studies.speed.ways import Way
from selective_firing.parameters import SpikingParameters
from selective_firing.weights import Weights

__all__ = ["PEERS", "peers"]

FEW = 8
"""Presentations for one timing of a peer, none of which reaches a hundred a second."""
STRONG = 0.2
"""Inhibition of all cells by a spike of the pool, in units of the strongest drive."""


def peers(weights: Weights, seed: int = 0) -> tuple[dict[str, Way], dict[str, str]]:
    """Return the ways to present patterns to other simulators, and of those that cannot be imported, why.

    Parameters
    ----------
    weights : Weights
        Encoding weights of the layer, where the simulator takes them.
    seed : int
    """
    found: dict[str, Way] = {}
    missing: dict[str, str] = {}
    for package, make in PEERS.items():
        try:
            module = importlib.import_module(package)
        except Exception as error:  # also what an installation that is broken raises
            missing[package] = f"{type(error).__name__}: {error}"
        else:
            found |= make(module, weights, seed)
    return found, missing


def _nengo(nengo: ModuleType, weights: Weights, seed: int) -> dict[str, Way]:
    """Return LIF cells with one pool that inhibits them all, at the spiking circuit's clock and length, unlearned."""
    spiking = SpikingParameters()
    length, dt = spiking.presentation / 1e3, spiking.dt / 1e3
    cells = nengo.LIF(tau_rc=spiking.tau_m / 1e3, tau_ref=dt)

    def present(patterns: np.ndarray) -> object:
        scale = 1 / max(np.abs(weights.drive(patterns)).max(), 1e-12)
        with nengo.Network(seed=seed) as network:
            stimulus = nengo.Node(nengo.processes.PresentInput(patterns - weights.mean, length))
            hidden, pool = (
                nengo.Ensemble(n, 1, neuron_type=cells, gain=np.full(n, 2.0), bias=np.zeros(n))
                for n in (weights.n_hidden, 1)
            )
            nengo.Connection(stimulus, hidden.neurons, transform=scale * weights.w_in, synapse=None)
            nengo.Connection(hidden.neurons, pool.neurons, transform=np.full((1, weights.n_hidden), 0.1), synapse=1e-3)
            nengo.Connection(pool.neurons, hidden.neurons, transform=np.full((weights.n_hidden, 1), -STRONG * dt))
            spikes = nengo.Probe(hidden.neurons)
        with nengo.Simulator(network, dt=dt, progress_bar=False, seed=seed) as simulator:
            simulator.run(length * len(patterns))
        return simulator.data[spikes].sum(axis=0)

    n_steps = spiking.presentation / spiking.dt
    return {f"Nengo {nengo.__version__}, encodes": Way(present, FEW, {"learns": False, "n_steps": n_steps})}


def _bindsnet(_: ModuleType, weights: Weights, seed: int) -> dict[str, Way]:
    """Return Diehl & Cook's network (2015, Front Comput Neurosci 9:99), learning, 100 ms at its clock of 1 ms."""
    torch = importlib.import_module("torch")
    models = importlib.import_module("bindsnet.models")
    encoding = importlib.import_module("bindsnet.encoding")
    steps = 100

    def present(patterns: np.ndarray) -> object:
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        network = models.DiehlAndCook2015(n_inpt=weights.n_inputs, n_neurons=weights.n_hidden, dt=1.0)
        rates = 128 * patterns / max(np.abs(patterns).max(), 1e-12)
        for pattern in torch.from_numpy(np.clip(rates, 0, None)).float():
            network.run(inputs={"X": encoding.poisson(pattern, time=steps, dt=1.0).view(steps, 1, -1)}, time=steps)
            network.reset_state_variables()
        return network

    return {"BindsNET, Diehl & Cook's network": Way(present, FEW, {"n_steps": float(steps)})}


PEERS: dict[str, Callable[[Any, Weights, int], dict[str, Way]]] = {"nengo": _nengo, "bindsnet": _bindsnet}
"""By the package that must be importable."""
