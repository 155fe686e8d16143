"""The dense autoencoder: ReLU units, no competition, trained by backpropagation."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm import tqdm

from comparisons.rivals.optimizer import Adam, anneal, batches, unit_rows, without_growth
from selective_firing._checks import check_count, check_real
from selective_firing._random import as_generator
from selective_firing.learning.pairing import initial_weights, presentation_order
from selective_firing.protocol import Decoding

__all__ = ["DenseAutoencoder", "Network", "backward", "drives"]

Network = dict[str, np.ndarray]
"""``encoder`` and ``decoder`` (n_hidden, n_inputs), ``bias`` (n_hidden,), ``offset`` (n_inputs,), or gradients."""


def drives(network: Network, patterns: np.ndarray) -> np.ndarray:
    """Return what drives each unit, shape (n_samples, n_hidden), for patterns (n_samples, n_inputs).

    Parameters
    ----------
    network : dict
    patterns : ndarray
    """
    return (patterns - network["offset"]) @ network["encoder"].T + network["bias"]


def backward(network: Network, patterns: np.ndarray, code: np.ndarray) -> tuple[Network, np.ndarray]:
    """Return the gradients of half the mean squared error, units that are silent in `code` held silent.

    Parameters
    ----------
    network : dict
    patterns : ndarray of shape (n_samples, n_inputs)
    code : ndarray of shape (n_samples, n_hidden)
        The drives of the active units, 0 elsewhere.

    Returns
    -------
    gradients : dict
        Of ``sum((patterns - code @ decoder - offset) ** 2) / (2 * patterns.size)``.
    residual : ndarray of shape (n_samples, n_inputs)
        What the reconstruction lacks.
    """
    residual = patterns - code @ network["decoder"] - network["offset"]
    slope = residual / -residual.size
    fed_back = slope @ network["decoder"].T
    fed_back *= code > 0
    return {
        "encoder": fed_back.T @ (patterns - network["offset"]),
        "decoder": code.T @ slope,
        "bias": fed_back.sum(axis=0),
        "offset": slope.sum(axis=0) - fed_back.sum(axis=0) @ network["encoder"],
    }, residual


class DenseAutoencoder(Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """One hidden layer of rectified units, every one of which may be active.

    ``code = max(0, encoder_ @ (x - offset_) + bias_)`` and ``x_hat = components_.T @ code + offset_``. The patterns are
    centred and scaled to unit variance per input (one factor for all) while the network learns, so neither
    the scale nor the mean of the data changes what is learned.

    Parameters
    ----------
    n_hidden : int
    learning_rate : float
        Of Adam, in patterns of unit variance.
    n_epochs : int
        Passes over the data.
    batch_size : int
    decay : float
        Share of the training, at its end, over which the learning rate falls to 0.
    unit_norm : bool
        Whether rows of the decoder keep norm 1.
    random_state : int, numpy.random.RandomState, numpy.random.Generator or None
    verbose : int
        1 shows progress.

    Attributes
    ----------
    components_, encoder_ : ndarray of shape (n_hidden, n_inputs)
        Decoder and encoder; they start equal (Gao et al. 2024, arXiv 2406.04093, appendix A).
    bias_ : ndarray of shape (n_hidden,)
    offset_, mean_ : ndarray of shape (n_inputs,)
        The learned pre-bias, which starts at the training mean; the training mean.
    n_features_in_ : int
    n_iter_ : int
        Passes over the data so far.
    """

    def __init__(
        self,
        n_hidden: int = 128,
        *,
        learning_rate: float = 1e-3,
        n_epochs: int = 20,
        batch_size: int = 128,
        decay: float = 0.2,
        unit_norm: bool = True,
        random_state: object = None,
        verbose: int = 0,
    ) -> None:
        self.n_hidden = n_hidden
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.decay = decay
        self.unit_norm = unit_norm
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from the patterns `X` of shape (n_samples, n_inputs), starting anew; `y` is ignored."""
        self.check_parameters()
        X = validate_data(self, X, dtype=np.float64)
        self._start(X)
        n_steps = self.n_epochs * -(-X.shape[0] // self.batch_size)
        with tqdm(total=n_steps, desc=type(self).__name__, unit="batch", disable=not self.verbose) as progress:
            for epoch in range(self.n_epochs):
                self._begin_pass(epoch)
                for rows in batches(presentation_order(X.shape[0], self._rng), self.batch_size):
                    self._learn(X[rows], self.learning_rate * anneal(self._adam.n_steps, n_steps, self.decay))
                    progress.update()
        return self._finish(self.n_epochs)

    def partial_fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from `X` once more, in the order given, at a constant rate; the first call fixes mean and scale.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
        y : object
            Ignored.
        """
        self.check_parameters()
        first = not hasattr(self, "components_")
        X = validate_data(self, X, dtype=np.float64, reset=first)
        if first:
            self._start(X)
        self._begin_pass(None)
        for rows in batches(np.arange(X.shape[0]), self.batch_size):
            self._learn(X[rows], self.learning_rate)
        return self._finish(1)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self._activate((X - self.offset_) @ self.encoder_.T + self.bias_)

    def _activate(self, drive: np.ndarray) -> np.ndarray:
        return np.maximum(drive, 0)

    def check_parameters(self) -> None:
        """Raise TypeError or ValueError if a parameter of the constructor breaks a rule."""
        for name in ("n_hidden", "n_epochs", "batch_size"):
            check_count(name, getattr(self, name))
        check_real("learning_rate", self.learning_rate, at_least=0)
        if check_real("decay", self.decay, at_least=0) > 1:
            raise ValueError(f"decay must be at most 1, got {self.decay}.")

    def _start(self, X: np.ndarray) -> None:
        """Draw the weights; the network computes in float32, twice as fast, about patterns of order 1."""
        self._rng = as_generator(self.random_state)
        self.mean_ = X.mean(axis=0)
        self._scale = float(np.sqrt(np.mean((X - self.mean_) ** 2))) or 1.0
        decoder = initial_weights(self.n_hidden, X.shape[1], self._rng).astype(np.float32)
        self._network = {
            "encoder": decoder.copy(),
            "decoder": decoder,
            "bias": np.zeros(self.n_hidden, np.float32),
            "offset": np.zeros(X.shape[1], np.float32),
        }
        self._adam = Adam(self._network)
        self.n_iter_ = 0

    def _begin_pass(self, epoch: int | None) -> None:
        """Set what may differ from pass to pass of `fit`; None for a pass of `partial_fit`."""

    def _learn(self, X: np.ndarray, learning_rate: float) -> None:
        """Take one step of Adam for the batch `X`."""
        gradients = self._gradients(((X - self.mean_) / self._scale).astype(np.float32))
        decoder = self._network["decoder"]
        if self.unit_norm:
            without_growth(gradients["decoder"], decoder)
        self._adam.step(gradients, learning_rate)
        if self.unit_norm:
            unit_rows(decoder)

    def _gradients(self, patterns: np.ndarray) -> Network:
        return backward(self._network, patterns, self._activate(drives(self._network, patterns)))[0]

    def _finish(self, n_passes: int) -> Self:
        """Publish what was learned, in the units of the data."""
        if not all(np.isfinite(value).all() for value in self._network.values()):
            raise FloatingPointError(f"learning_rate must be lower, training diverged with {self.learning_rate}.")
        learned = {name: value.astype(np.float64) for name, value in self._network.items()}
        self.encoder_, self.components_ = learned["encoder"], learned["decoder"]
        self.bias_ = learned["bias"] * self._scale
        self.offset_ = self.mean_ + learned["offset"] * self._scale
        self.n_iter_ += n_passes
        return self
