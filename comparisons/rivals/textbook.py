"""The same circuit as one would first write it in Brian2: summed synapses, one `run` per image. For comparison only."""

from __future__ import annotations

import numpy as np

from selective_firing.engine.session import borrowed_session
from selective_firing.weights import Weights

__all__ = ["TextbookCircuit"]

STIMULUS = """
x : 1
x_hat : 1
"""

HIDDEN = """
du/dt = (drive - u) / (5*ms) : 1
drive : 1
active = int(u > z) : 1
z : 1 (linked)
"""

INHIBITION = """
dz/dt = gain * (n - k) / (n + k) / ms : 1
n : 1
gain : 1
k : 1
"""


class TextbookCircuit:
    """A k-WTA circuit of summed synapses, presented image by image for a fixed time.

    Parameters
    ----------
    weights : Weights
    k : int
    duration_ms : float
        Length of a presentation.
    """

    def __init__(self, weights: Weights, k: int, duration_ms: float = 45.0) -> None:
        import brian2 as b2

        self.weights, self.duration = weights, duration_ms * b2.ms
        clock = b2.Clock(dt=1 * b2.ms, name="textbook_clock")
        self.pool = b2.NeuronGroup(1, INHIBITION, method="euler", clock=clock, namespace={}, name="textbook_pool")
        self.inputs = b2.NeuronGroup(weights.n_inputs, STIMULUS, clock=clock, namespace={}, name="textbook_inputs")
        self.hidden = b2.NeuronGroup(
            weights.n_hidden, HIDDEN, method="exact", clock=clock, namespace={}, name="textbook_hidden"
        )
        self.hidden.z = b2.linked_var(self.pool, "z")
        joins = (
            (self.inputs, self.hidden, "w : 1\ndrive_post = w * x_pre : 1 (summed)", "textbook_encoder"),
            (
                self.hidden,
                self.inputs,
                "w : 1\nx_hat_post = w * active_pre * drive_pre : 1 (summed)",
                "textbook_decoder",
            ),
            (self.hidden, self.pool, "n_post = active_pre : 1 (summed)", "textbook_count"),
        )
        self.synapses = []
        for source, target, model, name in joins:
            made = b2.Synapses(source, target, model, namespace={}, name=name)
            made.connect()
            self.synapses.append(made)
        self.encoder, self.decoder, _ = self.synapses
        self.encoder.w_, self.decoder.w_ = weights.w_in.T.ravel(), weights.w_out.ravel()
        self.pool.k = k
        self.network = b2.Network(self.pool, self.inputs, self.hidden, *self.synapses)

    def learn(self, patterns: np.ndarray, learning_rate: float, target: str) -> np.ndarray:
        """Present each pattern, then change the weights; return the number of winners of each.

        Parameters
        ----------
        patterns : ndarray of shape (n_samples, n_inputs)
        learning_rate : float
        target : str
            Runtime target of Brian2: numpy or cython.
        """
        mean, power, counts = self.weights.mean, self.weights.power, []
        with borrowed_session(target):
            for pattern in patterns:
                centred = pattern - mean
                self.inputs.x_, self.hidden.u_ = centred, 0.0
                top = float(np.linalg.norm(centred))
                self.pool.z_, self.pool.gain_ = top, 0.05 * top
                self.network.run(self.duration, namespace={})
                active = np.array(self.hidden.active_[:])
                rates = active * np.array(self.hidden.drive_[:])
                error = centred - np.array(self.inputs.x_hat_[:])
                w = np.array(self.decoder.w_[:]).reshape(rates.size, centred.size)
                delta = active * (w @ error)
                step = learning_rate / max(power, float(centred @ centred))
                change = step * (np.outer(rates, error) + np.outer(delta, centred))
                self.decoder.w_ += change.ravel()
                self.encoder.w_ += change.T.ravel()
                counts.append(int(active.sum()))
        return np.array(counts)
