"""SAILnet: spiking units that learn to inhibit whom they fire with, by rules that are local in space and in time."""

from __future__ import annotations

import numpy as np

from comparisons.rivals.hebbian.inhibiting import Inhibiting, centred_frame, first_drives, first_thresholds
from selective_firing.learning.pairing import initial_weights

__all__ = ["SAILnet"]

STEP = 0.1
"""Of the dynamics, in membrane time constants."""


class SAILnet(Inhibiting):
    """Leaky integrate-and-fire units whose lateral inhibition decorrelates them.

    A membrane integrates ``Q x - W spikes`` with its leak; at the threshold theta it spikes and starts anew at 0. With
    spike counts y of a presentation and p = k / n_hidden, each batch changes

    - ``Q`` by ``rate <y x - y^2 Q>``, Oja's rule,
    - ``W >= 0`` by ``lateral rate <y y - p^2>``,
    - ``theta`` by ``homeostasis rate <y - p>``,

    with the mean over its patterns. It cannot do two things that the circuit does. It holds no number of active units:
    k is the mean number of spikes per pattern that the thresholds aim at, and as a unit may spike more than once,
    fewer are active. It has no decoder of its own: the paper reads ``Q^T y``, which is right up to a factor where
    units are independent; here the best linear guess is fitted to the counts for the training patterns after learning,
    as for the other networks.

    Parameters
    ----------
    n_hidden : int
    k : int
        Mean number of spikes per pattern that is aimed at.
    learning_rate : float
        Of the forward weights, in patterns of unit variance per input, centred. It falls linearly to 0. The paper has
        0.01 for 25,000 batches; few passes need more.
    lateral, homeostasis : float
        Rates of lateral weights and thresholds relative to it; the paper has 1 and 0.1.
    n_steps : int
        Of a presentation, each 0.1 time constants.
    n_epochs : int
    batch_size : int
        Patterns that are coded before weights change by the mean.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    lateral_ : ndarray of shape (n_hidden, n_hidden)
        Not negative, without self-inhibition. The other attributes are those of `LocalLearning`.

    References
    ----------
    Zylberberg, Murphy & DeWeese (2011), A sparse coding model with synaptically local plasticity and spiking neurons
    can account for the diverse shapes of V1 simple cell receptive fields, PLoS Comput Biol 7:e1002250. Thresholds start
    where a share p of the patterns drives a unit beyond (but at half of the drive's spread at least), not all at 2.
    """

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, learning_rate: float = 0.1, lateral: float = 100.0,
        homeostasis: float = 10.0, n_steps: int = 50, n_epochs: int = 10, batch_size: int = 50,
        random_state: object = None,
    ) -> None:  # fmt: skip
        super().__init__(
            n_hidden, k, learning_rate=learning_rate, lateral=lateral, homeostasis=homeostasis, n_steps=n_steps,
            n_epochs=n_epochs, batch_size=batch_size, random_state=random_state,
        )  # fmt: skip

    @property
    def lateral_(self) -> np.ndarray:
        """Learned inhibition of each unit (rows) by each other (columns)."""
        return self._network["lateral"]

    def lateral_products(self, code: np.ndarray) -> np.ndarray:
        """Return how many products the units' effect on each other takes, shape (n_samples,): a row for every spike.

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_hidden)
        """
        return code.sum(axis=1) * (code.shape[1] - 1)

    def _frame(self, X: np.ndarray) -> tuple[float, np.ndarray]:
        return centred_frame(X, self.mean_)

    def _start(self, inputs: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        n_hidden, k = self._given.n_hidden, self._given.k
        forward = initial_weights(n_hidden, inputs.shape[1], rng)
        few = first_drives(inputs, forward)
        return {
            "forward": forward,
            "lateral": np.zeros((n_hidden, n_hidden)),
            "threshold": first_thresholds(few, k / n_hidden),
        }

    def _code(self, inputs: np.ndarray) -> np.ndarray:
        drive, lateral = inputs @ self._network["forward"].T, self._network["lateral"]
        membrane, spikes, counts = np.zeros_like(drive), np.zeros_like(drive), np.zeros_like(drive)
        for _ in range(self._given.n_steps):
            membrane += STEP * (drive - spikes @ lateral.T - membrane)
            spikes = (membrane > self._network["threshold"]).astype(float)
            membrane *= 1 - spikes
            counts += spikes
        return counts

    def _learn(self, inputs: np.ndarray, rate: float) -> None:
        given, network = self._given, self._network
        code, share = self._code(inputs), given.k / given.n_hidden
        power = (code**2).mean(axis=0)[:, np.newaxis]
        network["forward"] += rate * (code.T @ inputs / len(inputs) - power * network["forward"])
        network["lateral"] += given.lateral * rate * (code.T @ code / len(inputs) - share**2)
        np.maximum(network["lateral"], 0, out=network["lateral"])
        np.fill_diagonal(network["lateral"], 0)
        network["threshold"] += given.homeostasis * rate * (code.mean(axis=0) - share)
