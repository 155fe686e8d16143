"""The dense autoencoder: ReLU units, no competition, trained by backpropagation."""

from __future__ import annotations

from copy import copy, deepcopy
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from comparisons.rivals.optimizer import Adam, anneal, batches, unit_rows, without_growth
from comparisons.rivals.shared.kept import Kept
from selective_firing._checks.arguments import check_count, check_flag, check_real, check_verbose, refuse_others
from selective_firing._random import as_generator
from selective_firing.circuits.initial_values import EXPLODED
from selective_firing.errors import DivergenceError
from selective_firing.learning.history import History, Stopping, parted
from selective_firing.learning.k_schedule import MOST_EPOCHS
from selective_firing.learning.pairing import initial_weights, presentation_order
from selective_firing.protocol import Decoding, patterns_of

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


class DenseAutoencoder(Kept, Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
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
    early_stopping : bool
        Whether `fit` holds out a share `validation_fraction` of the patterns, and ends when their NMSE has not fallen
        by more than `tol` below its best for `n_iter_no_change` passes; weights are those of the last pass.
    validation_fraction : float
    n_iter_no_change : int
    tol : float
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
    history_ : dict of str to ndarray
        A number for each of them: ``nmse`` of the patterns as they were learned from, ``mean_duty`` and ``min_duty``
        over the units, ``n_dead``, how many were never active, and ``validation_nmse`` where patterns are held out.
    """

    _history: History

    def __init__(
        self, n_hidden: int = 128, *, learning_rate: float = 1e-3, n_epochs: int = 20, batch_size: int = 128,
        decay: float = 0.2, unit_norm: bool = True, early_stopping: bool = False, validation_fraction: float = 0.1,
        n_iter_no_change: int = 5, tol: float = 1e-4, random_state: object = None, verbose: int = 0,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.decay = decay
        self.unit_norm = unit_norm
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state
        self.verbose = verbose

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
            If the squared error of a batch exceeds `EXPLODED` times its power.
        """
        refuse_others(unsupported)
        self._given = given = SimpleNamespace(**self.check_parameters())
        X, stopping, held_out = patterns_of(self, X, reset=True), Stopping.of(self), None
        self._rng = as_generator(self.random_state)
        if stopping is not None:
            X, held_out = parted(X, stopping.held_out(len(X), self._rng))
        self._start(X)
        n_steps = given.n_epochs * -(-X.shape[0] // given.batch_size)
        with tqdm(total=n_steps, desc=type(self).__name__, unit="batch", disable=not self.verbose) as progress:
            for epoch in range(given.n_epochs):
                self._wins = np.zeros(given.n_hidden)
                self._begin_pass(epoch)
                for rows in batches(presentation_order(X.shape[0], self._rng), given.batch_size):
                    self._learn(X[rows], given.learning_rate * anneal(self._adam.n_steps, n_steps, given.decay))
                    progress.update()
                self._end_pass(len(X), held_out)
                if stopping is not None and stopping.is_reached(self._history):
                    break
        return self._finish(epoch + 1)

    def _end_pass(self, n_samples: int, held_out: np.ndarray | None = None) -> None:
        """Take down how the pass went, and how well patterns are told that are held out."""
        lost = None if held_out is None else 1 - copy(self)._finish(0).score(held_out)
        self._history.end_pass(self._wins, n_samples, lost)

    def partial_fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from patterns once more, in the order given, at a constant rate.

        The first call fixes mean, scale and width.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored

        Raises
        ------
        TypeError, ValueError, DivergenceError
            As in `fit`, and if `n_hidden` is not that of the first call.
        """
        self._given = given = SimpleNamespace(**self.check_parameters())
        first = not hasattr(self, "components_")
        if not first and given.n_hidden != len(self.components_):
            raise ValueError(f"n_hidden must stay {len(self.components_)}, as learned, got {given.n_hidden}.")
        X = patterns_of(self, X, reset=first)
        if first:
            self._rng = as_generator(self.random_state)
            self._start(X)
        self._history, self._wins = deepcopy(self._history), np.zeros(given.n_hidden)
        self._begin_pass(None)
        for rows in batches(np.arange(X.shape[0]), given.batch_size):
            self._learn(X[rows], given.learning_rate)
        self._end_pass(len(X))
        return self._finish(1)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        X = patterns_of(self, X, reset=False)
        return self._activate((X - self.offset_) @ self.encoder_.T + self.bias_)

    def _activate(self, drive: np.ndarray) -> np.ndarray:
        return np.maximum(drive, 0)

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        decay = check_real("decay", self.decay, at_least=0)
        if decay > 1:
            raise ValueError(f"decay must be at most 1, got {self.decay}.")
        check_verbose(self.verbose)
        Stopping.of(self)
        return self.get_params(deep=False) | {
            "n_hidden": check_count("n_hidden", self.n_hidden),
            "n_epochs": check_count("n_epochs", self.n_epochs, at_most=MOST_EPOCHS),
            "batch_size": check_count("batch_size", self.batch_size),
            "learning_rate": check_real("learning_rate", self.learning_rate, at_least=0),
            "decay": decay,
            "unit_norm": check_flag("unit_norm", self.unit_norm),
        }

    def _start(self, X: np.ndarray) -> None:
        """Draw the weights; the network computes in float32, twice as fast, about patterns of order 1."""
        self.mean_ = X.mean(axis=0)
        self._scale = float(np.sqrt(np.mean((X - self.mean_) ** 2))) or 1.0
        decoder = initial_weights(self._given.n_hidden, X.shape[1], self._rng).astype(np.float32)
        self._network = {
            "encoder": decoder.copy(),
            "decoder": decoder,
            "bias": np.zeros(len(decoder), np.float32),
            "offset": np.zeros(X.shape[1], np.float32),
        }
        self._adam = Adam(self._network)
        self.n_iter_, self._n_presented, self._history = 0, 0, History()

    def _begin_pass(self, epoch: int | None) -> None:
        """Set what may differ from pass to pass of `fit`; None for a pass of `partial_fit`."""

    @np.errstate(over="ignore", invalid="ignore")  # divergence is told, by its own name
    def _learn(self, X: np.ndarray, learning_rate: float) -> None:
        """Take one step of Adam for the batch `X`."""
        patterns, decoder = self._scaled(X), self._network["decoder"]
        gradients, residual, code = self._gradients(patterns)
        error, power = float((residual**2).sum()), float((patterns**2).sum())
        if learning_rate > 0 and not error <= EXPLODED * max(power, float(patterns.size)):
            raise DivergenceError(self._n_presented, self._given.learning_rate)
        self._n_presented += len(X)
        self._history.add(error, power)
        self._wins += np.count_nonzero(code, axis=0)
        if self._given.unit_norm:
            without_growth(gradients["decoder"], decoder)
        self._adam.step(gradients, learning_rate)
        if self._given.unit_norm:
            unit_rows(decoder)

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        """Return patterns about 0 and of unit variance per input, as the network learns them."""
        return ((X - self.mean_) / self._scale).astype(np.float32)

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        """Return the gradients of the loss, what the reconstruction lacks, and the code."""
        code = self._activate(drives(self._network, patterns))
        return *backward(self._network, patterns, code), code

    @np.errstate(over="ignore", invalid="ignore")
    def _reach(self) -> float:
        """Return a bound on how much larger than a scaled pattern of norm 1 one unit can make a reconstruction."""
        into = np.linalg.norm(self._network["encoder"], axis=1) + np.abs(self._network["bias"])
        return float((into * np.linalg.norm(self._network["decoder"], axis=1)).max())

    def _finish(self, n_passes: int) -> Self:
        """Publish what was learned, in the units of the data."""
        finite = all(np.isfinite(value).all() for value in self._network.values())
        if not finite or not self._reach() <= EXPLODED**0.5:  # no error has seen the last step
            raise DivergenceError(self._n_presented, self._given.learning_rate)
        learned = {name: value.astype(np.float64) for name, value in self._network.items()}
        self.encoder_, self.components_ = learned["encoder"], learned["decoder"]
        self.bias_ = learned["bias"] * self._scale
        self.offset_ = self.mean_ + learned["offset"] * self._scale
        self.n_iter_ += n_passes
        self.history_ = self._history.curves
        return self
