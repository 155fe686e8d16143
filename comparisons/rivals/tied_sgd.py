"""The circuit's twin that sorts: the same local learning rule, order and weights, without any dynamics."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from comparisons.rivals.sorting import Sorting
from comparisons.rivals.topk import top_k
from selective_firing._checks.arguments import check_count, check_real, refuse_others
from selective_firing._random import as_generator
from selective_firing.circuits.initial_values import EXPLODED
from selective_firing.errors import DivergenceError
from selective_firing.learning.history import History
from selective_firing.learning.k_schedule import MOST_EPOCHS, check_k_start, k_of_each_pass
from selective_firing.learning.pairing import initial_weights, presentation_order
from selective_firing.parameters import BIAS_SCALE
from selective_firing.protocol import patterns_of

__all__ = ["TiedSGDAutoencoder"]


class TiedSGDAutoencoder(Sorting):
    """Tied weights, one pattern at a time, winners by a sort: what is left of the circuit without its dynamics.

    With the seed, data and parameters of a `KWTAAutoencoder` it starts from the same weights and sees the same patterns
    in the same order, so that whatever differs is due to the competition.

    Parameters
    ----------
    n_hidden, k : int
    learning_rate : float
        Dimensionless; falls linearly to 0.
    n_epochs : int
    k_start : int or None
        Winners in the first pass, falling to k over the first half of the passes; None for k throughout.
    homeostasis : float
        Step of the biases towards a duty cycle of k / n_hidden; 0 for none.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    components_, encoder_ : ndarray of shape (n_hidden, n_inputs)
        One and the same array.
    bias_ : ndarray of shape (n_hidden,)
    mean_, offset_ : ndarray of shape (n_inputs,)
    n_features_in_, n_iter_ : int
    history_ : dict of str to ndarray
        As of `KWTAAutoencoder`: a number for each pass.
    """

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, learning_rate: float = 1.0, n_epochs: int = 10,
        homeostasis: float = 0.0, k_start: int | None = None, random_state: object = None,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.k = k
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.homeostasis = homeostasis
        self.k_start = k_start
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None, **unsupported: object) -> Self:
        """Learn from patterns, starting anew.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored
        **unsupported
            Nothing: `sample_weight` is refused by name.

        Raises
        ------
        TypeError, ValueError
            If a parameter or X breaks a rule.
        DivergenceError
            If the squared error of a pattern exceeds `EXPLODED` times its power, as in the circuit.
        """
        refuse_others(unsupported)
        given = self.check_parameters()
        X = patterns_of(self, X, reset=True)
        rng, n_epochs, rate = as_generator(self.random_state), given["n_epochs"], given["learning_rate"]
        w = initial_weights(given["n_hidden"], X.shape[1], rng)
        self.mean_ = self.offset_ = X.mean(axis=0)
        centred = X - self.mean_
        bias, n_presentations, history = np.zeros(len(w)), n_epochs * len(X), History()
        for epoch, k in enumerate(k_of_each_pass(given["k"], given["k_start"], n_epochs)):
            order = presentation_order(len(X), rng)
            rates = rate * (1 - (epoch * len(X) + np.arange(len(X))) / n_presentations)
            with np.errstate(over="ignore", invalid="ignore"):  # divergence is told
                learned, wins = self._learn(w, bias, centred[order], rates, k, history)
            if learned < len(X) or not np.isfinite(w).all():
                raise DivergenceError(epoch * len(X) + learned, rate)
            history.end_pass(wins, len(X))
        last = centred[order[-1:]]
        with np.errstate(over="ignore", invalid="ignore"):
            error = last - top_k(last @ w.T + bias, given["k"]) @ w
            power = EXPLODED * max((last**2).sum(), (centred**2).sum() / len(X))
            reach = (w**2).sum(axis=1).max()  # of a unit that this stimulus has not made win, as in the circuit
            exploded = rate > 0 and not ((error**2).sum() <= power and reach <= EXPLODED**0.5)
        if exploded:
            raise DivergenceError(n_presentations, rate)
        self.components_ = self.encoder_ = w
        self.bias_ = bias
        self.n_iter_, self._history, self.history_ = n_epochs, history, history.curves
        return self

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        n_hidden = check_count("n_hidden", self.n_hidden)
        k = check_count("k", self.k, at_most=n_hidden)
        return self.get_params(deep=False) | {
            "n_hidden": n_hidden,
            "k": k,
            "n_epochs": check_count("n_epochs", self.n_epochs, at_most=MOST_EPOCHS),
            "learning_rate": check_real("learning_rate", self.learning_rate, at_least=0),
            "homeostasis": check_real("homeostasis", self.homeostasis, at_least=0),
            "k_start": check_k_start(self.k_start, k, n_hidden),
        }

    def _learn(
        self, w: np.ndarray, bias: np.ndarray, centred: np.ndarray, rates: np.ndarray, k: int, history: History
    ) -> tuple[int, np.ndarray]:
        """Present centred patterns one by one; `w` and `bias` change in place.

        Returns how many have been learned from, all of them, or those before the one at which the error exploded, and
        how often each unit has won.
        """
        squares = np.einsum("ij,ij->i", centred, centred)
        power = float(squares.mean())
        steps = rates / np.maximum(np.maximum(squares, power), np.finfo(float).tiny)
        adapt, duty = float(self.homeostasis) * np.sqrt(BIAS_SCALE * power), k / len(w)
        limits, wins = EXPLODED * np.maximum(squares, power), np.zeros(len(w))
        for number, (x, step, limit) in enumerate(zip(centred, steps, limits, strict=True)):
            drive = w @ x + bias
            best = drive.argpartition(-k)[-k:]
            best = best[drive[best] > 0]
            rows = w[best]
            error = x - drive[best] @ rows
            lost = error @ error
            if not lost <= limit:
                return number, wins
            history.add(lost, squares[number])
            wins[best] += 1
            delta = rows @ error
            rows += np.outer(step * drive[best], error)
            rows += np.outer(step * delta, x)
            w[best] = rows
            bias[best] += step * BIAS_SCALE * power * delta
            if adapt:
                bias += adapt * duty
                bias[best] -= adapt
        return len(centred), wins
