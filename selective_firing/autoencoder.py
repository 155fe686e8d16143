"""The k-WTA circuit as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm import tqdm

from selective_firing import checkpoint
from selective_firing.checks import check_choice, check_count, check_real
from selective_firing.measures import rate_gain
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Decoding
from selective_firing.response import Response
from selective_firing.simulate import TARGETS, chunk_rows, simulate, trace
from selective_firing.streams import as_generator, initial_weights, presentation_order
from selective_firing.theory import top_k
from selective_firing.weights import Weights

__all__ = ["KWTAAutoencoder"]


class KWTAAutoencoder(ClassNamePrefixFeaturesOutMixin, Decoding, TransformerMixin, BaseEstimator):
    """An autoencoder whose hidden layer picks its k winners by inhibition, simulated in Brian2.

    All learning is local plasticity inside the simulation: a winner's synapses change by its rate times the prediction
    error and by the fed-back error times the input, which is the gradient of the squared error for given winners.

    Parameters
    ----------
    n_hidden : int
        Number of hidden units.
    k : int
        Number of winners per stimulus.
    learning_rate : float
        Dimensionless; in `fit` it falls linearly to 0, in `partial_fit` it is constant.
    n_epochs : int
        Times that `fit` presents all patterns.
    homeostasis : float
        Step by which a unit's bias moves with its duty cycle towards k / n_hidden; 0 for none.
    tied : bool
        Whether encoding and decoding weights start equal and learn alike.
    circuit : {"rate"}
    parameters : RateParameters, optional
        The circuit's constants.
    codegen : {"auto", "cpp_standalone", "cython", "numpy"}
        Target of Brian2: "auto" compiles when that pays and there is a compiler.
    initial_weights : array-like of shape (n_hidden, n_inputs), optional
        Otherwise Gaussian, each unit's of norm 1.
    random_state : int, RandomState or Generator, optional
    verbose : int
        1 shows progress.

    Attributes
    ----------
    components_ : ndarray of shape (n_hidden, n_inputs)
        Decoding weights; `encoder_` holds the encoding ones.
    bias_ : ndarray of shape (n_hidden,)
    mean_, offset_ : ndarray of shape (n_inputs,)
        Mean of the patterns of the first fit, about which the circuit codes.
    power_ : float
        Their mean squared distance from it.
    weights_ : Weights
        All of the above.
    rate_gain_ : float
        Hz per unit of code times norm of the decoding weights.
    duty_cycle_ : ndarray of shape (n_hidden,)
        Share of the stimuli of the last pass that each unit won.
    target_ : str
        Target that learned.
    n_features_in_, n_iter_ : int

    Examples
    --------
    >>> from selective_firing import KWTAAutoencoder, datasets
    >>> digits = datasets.digits()
    >>> model = KWTAAutoencoder(n_hidden=64, k=5, random_state=0).fit(digits.X_train)
    >>> (model.transform(digits.X_test) > 0).sum(axis=1).max()
    np.int64(5)
    """

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, learning_rate: float = 1.0, n_epochs: int = 10,
        homeostasis: float = 0.0, tied: bool = True, circuit: str = "rate", parameters: RateParameters | None = None,
        codegen: str = "auto", initial_weights: np.ndarray | None = None,
        random_state: int | np.random.Generator | None = None, verbose: int = 0,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.k = k
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.homeostasis = homeostasis
        self.tied = tied
        self.circuit = circuit
        self.parameters = parameters
        self.codegen = codegen
        self.initial_weights = initial_weights
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from patterns X of shape (n_samples, n_inputs), from scratch; `y` is ignored.

        Raises
        ------
        TypeError, ValueError
            If a parameter or X breaks a rule; nothing is compiled before.
        SimulationError
            If the simulation fails or diverges.
        """
        X = self._check(X, reset=True)
        self._start(X)
        n_presentations = self.n_epochs * len(X)
        change = -self.learning_rate / n_presentations
        with self._progress(n_presentations) as progress:
            for epoch in range(self.n_epochs):
                order = presentation_order(len(X), self._rng)
                rate = self.learning_rate + change * epoch * len(X)
                self._learn(X[order], (rate, change), n_presentations, progress)
        self.n_iter_ = self.n_epochs
        self._calibrate(X)
        return self

    def partial_fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from each pattern of X once, in the order given, at the constant learning rate.

        Mean and power of the patterns are taken at the first call, and frozen.
        """
        first = not hasattr(self, "weights_")
        X = self._check(X, reset=first)
        if first:
            self._start(X)
        with self._progress(len(X)) as progress:
            self._learn(X, (self.learning_rate, 0.0), len(X), progress)
        self.n_iter_ = getattr(self, "n_iter_", 0) + 1
        self._calibrate(X)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes that the circuit settles on, shape (n_samples, n_hidden), in units of drive."""
        return self.simulate(X).code

    def simulate(self, X: np.ndarray, traces: Sequence[int] | None = None) -> Response:
        """Present patterns without learning.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        traces : sequence of int, optional
            Rows of X to record at every step (simulated again on the numpy target).

        Returns
        -------
        Response
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        parameters, seed = self._parameters(), self._encoding_seed
        response, _ = simulate(
            self.weights_, X, self.k, parameters, codegen=self.codegen, rng=np.random.default_rng(seed)
        )
        traced = tuple(
            trace(self.weights_, X[row], self.k, parameters, np.random.default_rng(seed), row)
            for row in (check_count("traces", row, 0, len(X) - 1) for row in (traces if traces is not None else ()))
        )
        provenance = response.provenance | {"model": self._settings()}
        return replace(
            response, traces=traced, provenance=provenance, strength_Hz=self.rate_gain_ * response.strength_Hz
        )

    def save(self, path: str | Path) -> None:
        """Write the fitted model to an .npz file with a JSON header, whole or not at all."""
        check_is_fitted(self)
        checkpoint.save(path, self._settings(), self.weights_, self._learned())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model that `save` wrote.

        Raises
        ------
        ValueError
            If the file is damaged or holds something else.
        """
        settings, weights, learned = checkpoint.load(path)
        parameters = settings.pop("parameters")
        model = cls(**settings, parameters=parameters and RateParameters(**parameters))
        model._keep(weights)
        for name, value in learned.items():
            setattr(model, name, value)
        model._rng = as_generator(model.random_state)
        return model

    def check_parameters(self) -> None:
        """Raise TypeError or ValueError if a parameter of the constructor breaks a rule."""
        check_count("n_hidden", self.n_hidden)
        check_count("k", self.k, at_most=self.n_hidden)
        check_count("n_epochs", self.n_epochs)
        check_real("learning_rate", self.learning_rate, at_least=0)
        check_real("homeostasis", self.homeostasis, at_least=0)
        check_choice("circuit", self.circuit, ("rate",))
        check_choice("codegen", self.codegen, TARGETS)
        self._parameters()

    def _check(self, X: np.ndarray, reset: bool) -> np.ndarray:
        """Check every argument at the door; return X as float64."""
        self.check_parameters()
        return validate_data(self, X, dtype=np.float64, order="C", reset=reset)

    def _parameters(self) -> RateParameters:
        if self.parameters is None:
            return RateParameters()
        if not isinstance(self.parameters, RateParameters):
            raise TypeError(f"parameters must be a RateParameters, got {self.parameters!r}.")
        return self.parameters

    def _start(self, X: np.ndarray) -> None:
        """Draw the weights, and freeze the statistics of the patterns."""
        self._rng = as_generator(self.random_state)
        shape = (self.n_hidden, X.shape[1])
        if self.initial_weights is None:
            w = initial_weights(*shape, self._rng)
        else:
            w = np.array(self.initial_weights, float)
            if w.shape != shape or not np.isfinite(w).all():
                raise ValueError(f"initial_weights must be finite and of shape {shape}, got shape {w.shape}.")
        w_out = w if self.tied else initial_weights(*shape, self._rng)
        self._encoding_seed = int(self._rng.integers(2**31)) if self._is_random() else 0
        mean = X.mean(axis=0)
        power = float(((X - mean) ** 2).sum(axis=1).mean())
        self._keep(Weights(w, w_out, np.zeros(self.n_hidden), mean, power))

    def _is_random(self) -> bool:
        parameters = self._parameters()
        return parameters.noise > 0 or parameters.threshold_cv > 0

    def _progress(self, n_presentations: int) -> tqdm:
        words = {"desc": "circuit learns", "unit": " stimuli"}
        return tqdm(total=n_presentations, **words, disable=not self.verbose, leave=False)

    def _learn(self, X: np.ndarray, rate: tuple[float, float], expected: int, progress: tqdm) -> None:
        """Present X once with plasticity, one run of the simulator after the other."""
        weights, wins, rows = self.weights_, np.zeros(self.n_hidden), chunk_rows(X.shape[1])
        for start in range(0, len(X), rows):
            response, weights = simulate(
                weights, X[start : start + rows], self.k, self._parameters(),
                learning_rate=(rate[0] + rate[1] * start, rate[1]), homeostasis=self.homeostasis, tied=self.tied,
                codegen=self.codegen, rng=self._rng, expected=expected,
            )  # fmt: skip
            wins += np.bincount(response.winner_units, minlength=self.n_hidden)
            progress.update(response.n_samples)
        self.duty_cycle_ = wins / len(X)
        self.target_ = response.provenance["target"]
        self._keep(weights)

    def _keep(self, weights: Weights) -> None:
        self.weights_ = weights
        self.components_, self.encoder_, self.bias_ = weights.w_out, weights.w_in, weights.bias
        self.mean_ = self.offset_ = weights.mean
        self.power_ = weights.power
        self.n_features_in_ = weights.n_inputs

    def _calibrate(self, X: np.ndarray) -> None:
        """Set the gain that gives the winners their mean rate, on up to 2,000 of the patterns."""
        sample = X[:: max(1, len(X) // 2000)]
        drive = self.weights_.drive(sample)
        code = np.where(top_k(drive, self.k), drive, 0.0)
        self.rate_gain_ = rate_gain(code, self.components_)

    def _settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON can hold them."""
        settings = self.get_params(deep=False) | {"initial_weights": None}
        settings["parameters"] = self.parameters and self.parameters.as_dict()
        if not isinstance(self.random_state, int | None):
            settings["random_state"] = None
        return {name: v.item() if isinstance(v, np.generic) else v for name, v in settings.items()}

    def _learned(self) -> dict[str, Any]:
        names = ("n_iter_", "rate_gain_", "target_", "_encoding_seed")
        return {name: getattr(self, name) for name in names} | {"duty_cycle_": self.duty_cycle_}
