"""What networks with local learning rules share: patterns in batches, a rate that falls, and a decoder fitted later."""

from __future__ import annotations

from copy import copy
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.optimizer import batches
from comparisons.rivals.shared.kept import Kept
from selective_firing._checks.arguments import check_count, check_real, refuse_others
from selective_firing._random import as_generator
from selective_firing.circuits.initial_values import EXPLODED
from selective_firing.errors import DivergenceError
from selective_firing.learning.k_schedule import MOST_EPOCHS
from selective_firing.learning.pairing import presentation_order
from selective_firing.protocol import Decoding, patterns_of

__all__ = ["LocalLearning", "in_parts", "linear_read_out"]

N_AT_ONCE = 1000
"""Patterns that are coded together."""
LEAST_SHARE = 1e-10
"""Directions of the code with less variance, relative to the largest, are not read out."""


def linear_read_out(code: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the decoding weights, and the offset, of least squared error: the best linear guess of what a code means.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_hidden)
    X : ndarray of shape (n_samples, n_inputs)
        What it is the code of.

    Returns
    -------
    components : ndarray of shape (n_hidden, n_inputs)
        0 for a unit that is always or never active; of all weights that are as good, the least.
    offset : ndarray of shape (n_inputs,)

    Examples
    --------
    >>> components, offset = linear_read_out(np.array([[0.0], [1.0]]), np.array([[1.0, 2.0], [4.0, 2.0]]))
    >>> components.round(6), offset.round(6)
    (array([[3., 0.]]), array([1., 2.]))
    """
    means = code.mean(axis=0), X.mean(axis=0)
    centred = code - means[0]
    inverse = np.linalg.pinv(centred.T @ centred, rcond=LEAST_SHARE, hermitian=True)
    components = inverse @ (centred.T @ (X - means[1]))
    return components, means[1] - means[0] @ components


def in_parts(inputs: np.ndarray) -> list[np.ndarray]:
    """Return many inputs as those that are coded together.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
    """
    return [inputs[start : start + N_AT_ONCE] for start in range(0, len(inputs), N_AT_ONCE)]


class LocalLearning(Kept, Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A network whose weights each change by what its own two ends do.

    Parameters
    ----------
    n_hidden, k : int
    learning_rate : float
        Of the forward weights; falls linearly to 0 over the whole training.
    n_epochs : int
    batch_size : int
        Patterns that are coded before weights change.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    components_ : ndarray of shape (n_hidden, n_inputs)
        What a linear decoder, fitted to the codes of the training patterns, adds for a unit of activity.
    encoder_ : ndarray of shape (n_hidden, n_inputs)
        Forward weights.
    bias_ : ndarray of shape (n_hidden,)
        With which `drive` is what the units get from the inputs, less their thresholds.
    offset_, mean_ : ndarray of shape (n_inputs,)
        What the decoder makes of an empty code; the training mean.
    n_features_in_, n_iter_ : int
    """

    pull = 1.0
    """What a constant drive of 1 brings a membrane to: thresholds are in this unit."""
    n_hidden: int
    k: int
    learning_rate: float
    n_epochs: int
    batch_size: int
    random_state: object

    def fit(self, X: np.ndarray, y: object = None, **unsupported: object) -> Self:
        """Learn from patterns, starting anew, and then fit the decoder.

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
            If weights or thresholds explode.
        """
        refuse_others(unsupported)
        self._given = given = SimpleNamespace(**self.check_parameters())
        X = patterns_of(self, X, reset=True)
        self.mean_, rng = X.mean(axis=0), as_generator(given.random_state)
        self._scale, self._shift = self._frame(X)
        inputs = self._inputs(X)
        self._network, n_all, n_shown = self._start(inputs, rng), given.n_epochs * len(X), 0
        with np.errstate(over="ignore", invalid="ignore"):  # divergence is told, by its own name
            for _ in range(given.n_epochs):
                for rows in batches(presentation_order(len(X), rng), given.batch_size):
                    self._learn(inputs[rows], given.learning_rate * (1 - n_shown / n_all))
                    n_shown += len(rows)
                    if not all(np.abs(value).max() <= EXPLODED**0.5 for value in self._network.values()):
                        raise DivergenceError(n_shown, given.learning_rate)
        return self._finish(X, inputs)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        return self._coded(self._inputs(patterns_of(self, X, reset=False)))

    def lesioned(self, units: np.ndarray) -> Self:
        """Return a copy in which some units never fire: no input reaches their thresholds.

        Parameters
        ----------
        units : ndarray of int
        """
        rest, threshold = copy(self), self._network.get("threshold", np.zeros(len(self.components_))).copy()
        threshold[units] = np.inf
        rest._network = self._network | {"threshold": threshold}
        rest.bias_ = self.bias_.copy()
        rest.bias_[units] = -np.finfo(float).max
        return rest

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        n_hidden = check_count("n_hidden", self.n_hidden)
        return self.get_params(deep=False) | {
            "n_hidden": n_hidden,
            "k": check_count("k", self.k, at_most=n_hidden),
            "n_epochs": check_count("n_epochs", self.n_epochs, at_most=MOST_EPOCHS),
            "batch_size": check_count("batch_size", self.batch_size),
            "learning_rate": check_real("learning_rate", self.learning_rate, at_least=0),
        }

    def _finish(self, X: np.ndarray, inputs: np.ndarray) -> Self:
        """Fit the decoder, and publish what was learned, in the units of the data."""
        components, self.offset_ = linear_read_out(self._coded(inputs), X)
        self.encoder_ = self._network["forward"] / self._scale
        threshold = self._network.get("threshold", 0.0) / self.pull
        self.bias_ = self.encoder_ @ (self.offset_ - self._shift) - threshold
        self.components_, self.n_iter_ = components, self._given.n_epochs
        return self

    def _inputs(self, X: np.ndarray) -> np.ndarray:
        """Return patterns as the network gets them."""
        return (X - self._shift) / self._scale

    def _coded(self, inputs: np.ndarray) -> np.ndarray:
        """Return the codes of many inputs, some at a time."""
        return np.concatenate([self._code(part) for part in in_parts(inputs)])

    def _frame(self, X: np.ndarray) -> tuple[float, np.ndarray | float]:
        """Return by what patterns are divided before they are learned from, and what is taken off them before that."""
        raise NotImplementedError

    def _start(self, inputs: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return what learns: ``forward``, shape (n_hidden, n_inputs), perhaps ``threshold`` and others."""
        raise NotImplementedError

    def _learn(self, inputs: np.ndarray, rate: float) -> None:
        """Change the network, in place, by what it does for a batch."""
        raise NotImplementedError

    def _code(self, inputs: np.ndarray) -> np.ndarray:
        """Return the codes of a few inputs."""
        raise NotImplementedError
