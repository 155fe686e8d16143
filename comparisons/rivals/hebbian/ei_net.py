"""E-I Net: excitatory cells that inhibit each other through a few inhibitory ones, by synapses that learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.hebbian.inhibiting import Inhibiting, centred_frame, first_drives, first_thresholds
from comparisons.rivals.hebbian.local import in_parts
from selective_firing._checks.arguments import check_count
from selective_firing.learning.pairing import initial_weights
from selective_firing.protocol import patterns_of

__all__ = ["EINet"]

STEP = 0.1
"""Of the dynamics, in membrane time constants of the excitatory cells."""
KEPT, KEPT_INHIBITORY = np.exp(-STEP), np.exp(-STEP / 0.5)
"""What is left of a membrane after a step; inhibitory cells are twice as fast."""
FORWARD, MEASURING, AMONG = 0.04, 0.14, 0.3
"""Rates of the forward rule, of synapses between the two kinds of cell, and of those among inhibitory ones, relative to
that of thresholds."""
FASTER = 2.0
"""How often an inhibitory cell is to spike, relative to an excitatory one."""
FIRST_THRESHOLD = 2.0
"""Of inhibitory cells."""


class EINet(Inhibiting):
    """Leaky integrate-and-fire cells of two kinds under Dale's law.

    Excitatory cells get the patterns, and spikes of inhibitory cells; these get spikes of both kinds. A membrane adds,
    each step of 0.1 time constants, 0.1 ``Q x`` and the weights of the spikes of the step before, keeps exp(-0.1) of
    what it was (inhibitory cells are twice as fast), and starts anew at 0 where it spikes. With spike counts y of
    excitatory and z of inhibitory cells in a presentation, each batch changes

    - the forward weights ``Q`` by ``0.04 rate <y x - y^2 Q>``, Oja's rule,
    - weights ``W >= 0`` between the two kinds by ``0.14 lateral rate <y z - <y><z> (1 + W)>``: they come to measure how
      much more often than by chance two cells fire together; those among inhibitory cells alike, by 0.3 lateral rate,
    - thresholds by ``homeostasis rate <y - p>``, p = k / n_hidden for excitatory cells, 2 p for inhibitory ones,

    with means over its patterns. Excitatory cells act on each other through inhibitory ones alone, so that inhibition
    has at most the rank of their number. As SAILnet it holds no number of active units: k is a mean number of spikes.
    It has no decoder of its own: the best linear guess is fitted to the counts for the training patterns. Forward
    weights have either sign, as in the paper.

    Parameters
    ----------
    n_hidden : int
        Excitatory cells.
    k : int
        Mean number of their spikes per pattern that is aimed at.
    n_interneurons : int, optional
        Inhibitory cells, not more than excitatory ones; 49 for 400 in the paper, the same share if not given.
    learning_rate : float
        Of all rules, in patterns of unit variance per input, centred. It falls linearly to 0. The authors' program has
        0.4 for 1,000 to 5,000 batches, or 0.1 for 20,000.
    lateral, homeostasis : float
        Rates of synapses with inhibitory cells, and of thresholds, relative to those of the program: few passes need
        more.
    n_steps : int
        Of a presentation, each 0.1 time constants.
    n_epochs : int
    batch_size : int
        Patterns that are coded before weights change by the mean.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    to_interneurons_, from_interneurons_ : ndarray of shape (n_interneurons, n_hidden), (n_hidden, n_interneurons)
        Weights of excitation and of inhibition, none negative.
    among_interneurons_ : ndarray of shape (n_interneurons, n_interneurons)
        Inhibition, none of a cell by itself. The other attributes are those of `LocalLearning`.

    References
    ----------
    King, Zylberberg & DeWeese (2013), Inhibitory interneurons decorrelate excitatory cells to drive sparse code
    formation in a spiking model of V1, J Neurosci 33:5475. Constants are those of the authors' program
    (https://github.com/paulking/ei_net) for 50 steps and batches of 100, rules those of its mean rates, not of single
    spikes. There patches are centred and scaled one by one, here all patterns alike. Thresholds of excitatory cells
    start where a share p of the patterns drives them beyond (but at half of the drive's spread at least), not at 2,
    first weights are Gaussian, not uniform, and averages of the correlation rule are the batch's own, not moving ones.
    """

    pull = STEP / (1 - KEPT)

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, n_interneurons: int | None = None, learning_rate: float = 0.2,
        lateral: float = 30.0, homeostasis: float = 5.0, n_steps: int = 50, n_epochs: int = 10, batch_size: int = 50,
        random_state: object = None,
    ) -> None:  # fmt: skip
        super().__init__(
            n_hidden, k, learning_rate=learning_rate, lateral=lateral, homeostasis=homeostasis, n_steps=n_steps,
            n_epochs=n_epochs, batch_size=batch_size, random_state=random_state,
        )  # fmt: skip
        self.n_interneurons = n_interneurons

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        given = super().check_parameters()
        number = -(-49 * given["n_hidden"] // 400) if self.n_interneurons is None else self.n_interneurons
        return given | {
            "n_interneurons": check_count("n_interneurons", number, at_most=given["n_hidden"]),
        }

    @property
    def to_interneurons_(self) -> np.ndarray:
        """Learned excitation of each inhibitory cell (rows) by each excitatory one."""
        return self._network["excite"]

    @property
    def from_interneurons_(self) -> np.ndarray:
        """Learned inhibition of each excitatory cell (rows) by each inhibitory one."""
        return self._network["inhibit"]

    @property
    def among_interneurons_(self) -> np.ndarray:
        """Learned inhibition of each inhibitory cell (rows) by each other."""
        return self._network["among"]

    def spikes(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how often each cell spikes: excitatory ones, which are the code, and inhibitory ones.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)

        Returns
        -------
        code : ndarray of shape (n_samples, n_hidden)
        relays : ndarray of shape (n_samples, n_interneurons)
        """
        check_is_fitted(self)
        inputs = self._inputs(patterns_of(self, X, reset=False))
        code, relays = (np.concatenate(kind) for kind in zip(*map(self._spikes, in_parts(inputs)), strict=True))
        return code, relays

    def _frame(self, X: np.ndarray) -> tuple[float, np.ndarray]:
        return centred_frame(X, self.mean_)

    def _start(self, inputs: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        n_hidden, k, number = self._given.n_hidden, self._given.k, self._given.n_interneurons
        forward = initial_weights(n_hidden, inputs.shape[1], rng)
        few = first_drives(inputs, forward)
        return {
            "forward": forward,
            "excite": np.abs(initial_weights(number, n_hidden, rng)),
            "inhibit": np.zeros((n_hidden, number)),
            "among": np.zeros((number, number)),
            "threshold": first_thresholds(few, k / n_hidden) * self.pull,
            "interneurons": np.full(number, FIRST_THRESHOLD),
        }

    def _code(self, inputs: np.ndarray) -> np.ndarray:
        return self._spikes(inputs)[0]

    def _spikes(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how often each excitatory, and each inhibitory, cell spikes for each of a few inputs."""
        network = self._network
        excite, inhibit, among = (network[name].T for name in ("excite", "inhibit", "among"))
        drive, number = STEP * inputs @ network["forward"].T, len(network["among"])
        u, v = np.zeros_like(drive), np.zeros((len(inputs), number))
        fired, held, counts, counts_held = u.copy(), v.copy(), u.copy(), v.copy()
        for _ in range(self._given.n_steps):
            u = KEPT * u + drive - held @ inhibit
            v = KEPT_INHIBITORY * v + fired @ excite - held @ among
            fired, held = (
                (u >= network["threshold"]).astype(float),
                (v >= network["interneurons"]).astype(float),
            )
            u, v = u * (1 - fired), v * (1 - held)
            counts, counts_held = counts + fired, counts_held + held
        return counts, counts_held

    def _learn(self, inputs: np.ndarray, rate: float) -> None:
        given, network = self._given, self._network
        (y, z), share = self._spikes(inputs), given.k / given.n_hidden
        network["forward"] += (
            FORWARD * rate * (y.T @ inputs / len(inputs) - (y**2).mean(axis=0)[:, np.newaxis] * network["forward"])
        )
        for name, post, pre, own in (("excite", z, y, MEASURING), ("inhibit", y, z, MEASURING), ("among", z, z, AMONG)):
            chance = np.outer(post.mean(axis=0), pre.mean(axis=0))
            measured = post.T @ pre / len(inputs) - chance * (1 + network[name])
            network[name] = np.maximum(network[name] + given.lateral * own * rate * measured, 0)
        np.fill_diagonal(network["among"], 0)
        network["threshold"] += given.homeostasis * rate * (y.mean(axis=0) - share)
        network["interneurons"] += given.homeostasis * rate * (z.mean(axis=0) - FASTER * share)
