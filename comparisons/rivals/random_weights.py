"""The control without learning: random weights, and a sort."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from comparisons.rivals.sorting import Sorting
from selective_firing._checks.arguments import check_count
from selective_firing._random import as_generator
from selective_firing.learning.pairing import initial_weights
from selective_firing.protocol import patterns_of

__all__ = ["RandomWeights"]


class RandomWeights(Sorting):
    """Random unit-norm weights, tied: what selectivity and error come to before anything is learned.

    Parameters
    ----------
    n_hidden, k : int
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    components_, encoder_ : ndarray of shape (n_hidden, n_inputs)
    bias_ : ndarray of shape (n_hidden,)
        Zeros.
    mean_, offset_ : ndarray of shape (n_inputs,)
    n_features_in_ : int
    """

    def __init__(self, n_hidden: int = 128, k: int = 10, *, random_state: object = None) -> None:
        self.n_hidden = n_hidden
        self.k = k
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Take the mean of `X`, shape (n_samples, n_inputs), and draw the weights; `y` is ignored."""
        n_hidden = self.check_parameters()["n_hidden"]
        X = patterns_of(self, X, reset=True)
        self.mean_ = self.offset_ = X.mean(axis=0)
        self.components_ = self.encoder_ = initial_weights(n_hidden, X.shape[1], as_generator(self.random_state))
        self.bias_ = np.zeros(n_hidden)
        return self

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int; or raise TypeError or ValueError."""
        n_hidden = check_count("n_hidden", self.n_hidden)
        checked = {"n_hidden": n_hidden, "k": check_count("k", self.k, at_most=n_hidden)}
        return self.get_params(deep=False) | checked
