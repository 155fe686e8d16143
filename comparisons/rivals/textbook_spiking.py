"""The spiking circuit as one would first write it in Brian2, with one `run` per image. For comparison only."""

from __future__ import annotations

import numpy as np

from selective_firing.engine.session import borrowed_session
from selective_firing.parameters import SpikingParameters
from selective_firing.theory.race import drive_of_latency, interneuron_epsp, threshold_share_at
from selective_firing.weights import Weights

__all__ = ["TextbookSpikingCircuit"]

HIDDEN = """
dv/dt = (drive - v - g * v) / tau_m : 1 (unless refractory)
dg/dt = -g / tau_g : 1
drive : 1
"""


class TextbookSpikingCircuit:
    """Integrate-and-fire cells and interneurons with Brian2's own thresholds, delays and spike monitor.

    Parameters
    ----------
    weights : Weights
    k : int
    parameters : SpikingParameters, optional
    """

    def __init__(self, weights: Weights, k: int, parameters: SpikingParameters | None = None) -> None:
        import brian2 as b2

        self.weights, self.parameters = weights, parameters or SpikingParameters()
        p = self.parameters
        self.share = p.threshold_share or threshold_share_at(k, weights.n_hidden)
        clock = b2.Clock(dt=p.dt * b2.ms, name="spiking_textbook_clock")
        constants = {"tau_m": p.tau_m * b2.ms, "tau_g": p.inhibition_decay * b2.ms, "tau_n": p.tau_interneuron * b2.ms}
        self.hidden = b2.NeuronGroup(
            weights.n_hidden, HIDDEN, threshold="v > 1", reset="v = 0", refractory=p.refractory * b2.ms,
            method="exponential_euler", clock=clock, namespace=constants, name="spiking_textbook_hidden",
        )  # fmt: skip
        self.pool = b2.NeuronGroup(
            int(p.n_interneurons), "dv/dt = -v / tau_n : 1", threshold="v > 1", reset="v = 0", method="exact",
            clock=clock, namespace=constants, name="spiking_textbook_interneurons",
        )  # fmt: skip
        strength = {"epsp": interneuron_epsp(k, 1.0), "opens": p.inhibition_strength / p.n_interneurons}
        excite = b2.Synapses(
            self.hidden, self.pool, on_pre="v_post += epsp", clock=clock, namespace=strength,
            name="spiking_textbook_excite",
        )  # fmt: skip
        inhibit = b2.Synapses(
            self.pool, self.hidden, on_pre="g_post += opens", delay=p.inhibition_delay * b2.ms, clock=clock,
            namespace=strength, name="spiking_textbook_inhibit",
        )  # fmt: skip
        excite.connect()
        inhibit.connect()
        self.spikes = b2.SpikeMonitor(self.hidden, name="spiking_textbook_spikes")
        self.network = b2.Network(self.hidden, self.pool, excite, inhibit, self.spikes)

    def learn(self, patterns: np.ndarray, learning_rate: float, target: str) -> np.ndarray:
        """Present each pattern, then change the weights; return how many cells fired in each first cycle.

        Parameters
        ----------
        patterns : ndarray of shape (n_samples, n_inputs)
        learning_rate : float
        target : str
            Runtime target of Brian2: numpy or cython.
        """
        import brian2 as b2

        p, w, mean = self.parameters, self.weights.w_in.copy(), self.weights.mean
        counts, seen = [], 0
        with borrowed_session(target):
            for pattern in patterns:
                centred = pattern - mean
                theta = self.share * float(np.linalg.norm(centred))
                self.hidden.v_, self.hidden.g_, self.pool.v_ = 0.0, 0.0, 0.0
                self.hidden.drive_ = w @ centred / theta
                onset = float(self.network.t)
                self.network.run(p.presentation * b2.ms, namespace={})
                unit, time_ms = np.array(self.spikes.i[seen:]), 1e3 * (np.array(self.spikes.t_[seen:]) - onset)
                seen += unit.size
                cells, at = np.unique(unit, return_index=True)
                first = time_ms[at] <= time_ms[:1].sum() + 0.5 * p.refractory
                cells, latency_ms = cells[first], np.maximum(time_ms[at][first], p.dt)
                rates = np.zeros(len(w))
                rates[cells] = drive_of_latency(latency_ms, theta, p.tau_m)
                error = centred - rates @ w
                delta = np.where(rates > 0, w @ error, 0.0)
                step = learning_rate / max(self.weights.power, float(centred @ centred))
                w += step * (np.outer(rates, error) + np.outer(delta, centred))
                counts.append(cells.size)
        return np.array(counts)
