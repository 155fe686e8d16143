"""What the circuit's estimator is beside its constructor, its fit and its transform: checks, files, what it keeps."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from selective_firing._checks.arguments import (
    check_choice,
    check_count,
    check_flag,
    check_n_jobs,
    check_real,
    check_verbose,
)
from selective_firing._checks.arrays import as_numbers
from selective_firing._random import as_generator
from selective_firing.engine.request import check_learning, parameters_of
from selective_firing.engine.simulate import check_target
from selective_firing.learning import model_file as model_files
from selective_firing.learning.fit import CELLS, Training, begin, gain_on
from selective_firing.learning.history import History, Stopping, parted
from selective_firing.learning.k_schedule import check_k_start
from selective_firing.learning.plan import Plan
from selective_firing.parameters import CircuitParameters
from selective_firing.protocol import Decoding, patterns_of
from selective_firing.weights import Weights

__all__ = ["CircuitEstimator"]


class CircuitEstimator(ClassNamePrefixFeaturesOutMixin, Decoding, TransformerMixin, BaseEstimator):
    """What `KWTAAutoencoder` is built on; it has the parameters and the attributes that are described there."""

    n_hidden: int
    k: int
    learning_rate: float
    n_epochs: int
    homeostasis: float
    k_start: int | None
    tied: bool
    circuit: str
    parameters: CircuitParameters | None
    codegen: str
    initial_weights: np.ndarray | None
    random_state: Any
    n_jobs: int | None
    sparse_output: bool
    dtype: str
    centre: bool
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    verbose: int
    _mean: np.ndarray | None = None
    """Of the patterns of the first fit, where the circuit does not code about it."""

    def save(self, path: str | Path) -> None:
        """Write the fitted model to an .npz file with a JSON header, whole or not at all.

        Parameters
        ----------
        path : path
        """
        check_is_fitted(self)
        model_files.save_model(path, self, model_files.settings_of(self))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model that `save` wrote, with all that it had learned: feature names and random stream, too.

        Parameters
        ----------
        path : path

        Raises
        ------
        ValueError
            If the file is damaged, holds something else, or was written by a newer version in a format unknown here.
        """
        return model_files.load_model(path, cls)

    def check_parameters(self) -> None:
        """Raise TypeError or ValueError if a parameter of the constructor breaks a rule."""
        check_count("n_hidden", self.n_hidden)
        check_count("k", self.k, at_most=self.n_hidden)
        check_count("n_epochs", self.n_epochs)
        check_k_start(self.k_start, self.k, self.n_hidden)
        check_real("learning_rate", self.learning_rate, at_least=0)
        check_real("homeostasis", self.homeostasis, at_least=0)
        check_target(self.codegen)
        check_learning(self._parameters(), self.tied)
        check_n_jobs(self.n_jobs)
        check_flag("sparse_output", self.sparse_output)
        check_choice("dtype", self.dtype, ("float64", "float32"))
        Stopping.of(self)
        if not check_flag("centre", self.centre) and getattr(self._parameters(), "dale", "no") != "no":
            raise ValueError(
                "centre must be True by Dale's law: ON and OFF cells tell what is above and below the mean."
            )
        check_verbose(self.verbose)
        as_numbers("initial_weights", [] if self.initial_weights is None else self.initial_weights)

    def _check(self, X: np.ndarray, reset: bool) -> np.ndarray:
        """Check every argument before anything is compiled; return X as float64."""
        self.check_parameters()
        return patterns_of(self, X, reset)

    def _parameters(self) -> CircuitParameters:
        return parameters_of(self.circuit, self.parameters)

    def _plan(
        self, reference: np.ndarray | None, anneal_over: int | None = None, stopping: Stopping | None = None
    ) -> Plan:
        """Return what stays the same in a fit, with numbers as they were checked; in `fit` rate and k fall."""
        return Plan.of(
            self.k, self.k_start, self.n_epochs, self.learning_rate, anneal_over, homeostasis=float(self.homeostasis),
            tied=bool(self.tied), codegen=self.codegen, parameters=self._parameters(), stopping=stopping,
            reference=reference,
        )  # fmt: skip

    def _begin(self, X: np.ndarray, stopping: Stopping | None = None) -> Training:
        """Return a fit before its first presentation; where it may stop early, some patterns are held out."""
        rng = as_generator(self.random_state)
        held_out = np.zeros(0, int) if stopping is None else stopping.held_out(len(X), rng)
        shown, _ = parted(X, held_out)
        given, centre = self.initial_weights, bool(self.centre)
        training = begin(shown, int(self.n_hidden), rng, given, self.tied, self._parameters(), centre)
        training.held_out = held_out
        return training

    def _go_on(self) -> Training:
        """Return a fit that goes on from what was learned."""
        return Training(self.weights_, self._rng, self._encoding_seed, history=copy.deepcopy(self._history))

    def _progress(self, n: int, done: int = 0) -> tqdm:
        return tqdm(None, "circuit learns", n, False, unit=" stimuli", initial=done, disable=not self.verbose)

    def _keep(self, training: Training, plan: Plan) -> None:
        """Take over what was learned."""
        self._mean = plan.reference
        self.duty_cycle_ = training.wins / len(training.order)
        self.target_, self._rng, self._encoding_seed = training.target, training.rng, training.encoding_seed
        self._remember(training.history)
        self._show(training.weights)

    def _remember(self, history: History) -> None:
        self._history, self.history_ = history, history.curves

    def _show(self, weights: Weights) -> None:
        self.weights_ = weights
        self.encoder_, self.components_, self.offset_ = weights.effective
        self.mean_, self.bias_ = self.offset_ if self._mean is None else self._mean, weights.bias
        self.power_, self.n_features_in_ = weights.power, self.mean_.size
        if weights.rate_gain is not None:
            self.rate_gain_ = weights.rate_gain

    def _calibrate(self, X: np.ndarray) -> None:
        """Set the gain that gives the winners their mean rate."""
        self._show(replace(self.weights_, rate_gain=gain_on(X, self.weights_, self.k, self._parameters())))

    def _generators(self) -> tuple[np.random.Generator, np.random.Generator]:
        """Return sources of noise, and of the differences between units: for each encoding those that learned."""
        return np.random.default_rng(self._encoding_seed), np.random.default_rng((self._encoding_seed, CELLS))
