"""Krotov and Hopfield's network: units compete by rank, the best learn, and a runner-up unlearns."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.hebbian.local import LocalLearning
from comparisons.rivals.topk import top_k
from selective_firing._checks.arguments import check_count, check_real
from selective_firing.protocol import patterns_of

__all__ = ["KrotovHopfield"]


class KrotovHopfield(LocalLearning):
    """Units that learn by competition without a decoder, an error, or a competition when they are used.

    A unit's current is ``I = sum_j sign(w_j) |w_j|^(p - 1) x_j``. For each pattern the unit of the largest current
    changes by ``x - I w``, the one of the given rank by ``-delta (x - I w)``, and no other, so that the winner's
    weights come to a p-norm of 1. A batch adds up, and is scaled so that the largest change is the learning rate.

    It cannot do two things that the circuit does. Nothing selects when it is used: the paper passes all positive
    currents on, raised to a power, to a classifier; here the k largest drives are kept by a sort, to compare codes of
    as many units. It has no decoder: what is read from it here is the best linear guess, fitted to the codes of the
    training patterns after learning, which no local rule finds.

    Parameters
    ----------
    n_hidden, k : int
        Units, and those whose drives are kept when it is used.
    learning_rate : float
        Largest change of a weight by a batch. It falls linearly to 0; the paper starts from 0.02 for 200 passes.
    power : float
        The p of the norm, at least 1.
    rank : int
        Of the unit that unlearns (k in the paper), from 2; n_hidden if there are fewer.
    delta : float
        How much it does, relative to the winner.
    n_epochs : int
    batch_size : int
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    components_, encoder_, bias_, offset_, mean_, n_features_in_, n_iter_
        As of `LocalLearning`.

    References
    ----------
    Krotov & Hopfield (2019), Unsupervised learning by competing hidden units, PNAS 116:7723.
    """

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, learning_rate: float = 0.04, power: float = 2.0, rank: int = 2,
        delta: float = 0.4, n_epochs: int = 10, batch_size: int = 100, random_state: object = None,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.k = k
        self.learning_rate = learning_rate
        self.power = power
        self.rank = rank
        self.delta = delta
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.random_state = random_state

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes, shape (n_samples, n_hidden): the k largest positive drives.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
        """
        check_is_fitted(self)
        X = patterns_of(self, X, reset=False)
        return top_k(self.drive(X), check_count("k", self.k, at_most=len(self.components_)))

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        return super().check_parameters() | {
            "power": check_real("power", self.power, at_least=1),
            "rank": check_count("rank", self.rank, at_least=2),
            "delta": check_real("delta", self.delta, at_least=0),
        }

    def _frame(self, X: np.ndarray) -> tuple[float, float]:
        return float(np.sqrt(np.mean(X**2) * X.shape[1])) or 1.0, 0.0

    def _start(self, inputs: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"forward": rng.standard_normal((self._given.n_hidden, inputs.shape[1]))}

    def _code(self, inputs: np.ndarray) -> np.ndarray:
        return top_k(inputs @ self._network["forward"].T, self._given.k)

    def _learn(self, inputs: np.ndarray, rate: float) -> None:
        given, weights = self._given, self._network["forward"]
        current = inputs @ (np.sign(weights) * np.abs(weights) ** (given.power - 1)).T
        order, rows, learns = (
            np.argsort(-current, axis=1, kind="stable"),
            np.arange(len(inputs)),
            np.zeros_like(current),
        )
        if given.n_hidden > 1:
            learns[rows, order[:, min(given.rank, given.n_hidden) - 1]] = -given.delta
        learns[rows, order[:, 0]] = 1.0
        change = learns.T @ inputs - (learns * current).sum(axis=0)[:, np.newaxis] * weights
        weights += rate * change / (np.abs(change).max() or 1.0)
