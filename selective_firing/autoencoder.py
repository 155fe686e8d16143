"""The k-WTA circuit as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from selective_firing._checks.arguments import check_count, check_flag, check_n_jobs, check_real, check_verbose
from selective_firing._checks.arrays import as_numbers
from selective_firing._random import as_generator
from selective_firing.engine.record_trace import trace
from selective_firing.engine.request import check_learning, parameters_of
from selective_firing.engine.simulate import check_target, simulate
from selective_firing.learning import model_file as model_files
from selective_firing.learning.channels import as_shown
from selective_firing.learning.fit import CELLS, Training, begin, begun_with, gain_on, resume, save
from selective_firing.learning.k_schedule import check_k_start
from selective_firing.learning.plan import Plan
from selective_firing.parameters import CircuitParameters
from selective_firing.protocol import Decoding, patterns_of
from selective_firing.results.response import Response
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
    k_start : int, optional
        Winners in the first pass of `fit`, falling to k over the first half of the passes; k throughout if not given.
    tied : bool
        Whether encoding and decoding weights start equal and learn alike.
    circuit : {"rate", "spiking"}
    parameters : RateParameters or SpikingParameters, optional
        The circuit's constants.
    codegen : {"auto", "cpp_standalone", "cython", "numpy"}
        Target of Brian2: "auto" compiles when that pays and there is a compiler.
    initial_weights : array-like of shape (n_hidden, n_inputs), optional
        Otherwise Gaussian, each unit's of norm 1.
    random_state : int, RandomState or Generator, optional
    n_jobs : int, optional
        Compiled simulators that encode at the same time, -1 as many as there are cores; None is 1. Codes are the same,
        bit for bit. Learning goes from one pattern to the next, and other targets use one core: neither is affected.
    sparse_output : bool
        Whether `transform` returns a `scipy.sparse.csr_matrix`, as large as the winners, not as the hidden layer.
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
        homeostasis: float = 0.0, k_start: int | None = None, tied: bool = True, circuit: str = "rate",
        parameters: CircuitParameters | None = None, codegen: str = "auto", initial_weights: np.ndarray | None = None,
        random_state: int | np.random.Generator | None = None, n_jobs: int | None = None, sparse_output: bool = False,
        verbose: int = 0,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.k = k
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.homeostasis = homeostasis
        self.k_start = k_start
        self.tied = tied
        self.circuit = circuit
        self.parameters = parameters
        self.codegen = codegen
        self.initial_weights = initial_weights
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.sparse_output = sparse_output
        self.verbose = verbose

    def fit(self, X: np.ndarray, y: object = None, *, checkpoint: str | Path | None = None) -> Self:
        """Learn from patterns, from scratch or from where an interrupted fit was.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored
        checkpoint : path, optional
            File (.npz) that holds the state of learning after every run of the simulator, some thousand presentations
            each. If it exists, learning goes on from there, to the same weights, bit for bit, as without a break.

        Raises
        ------
        TypeError, ValueError
            If a parameter or X breaks a rule, or the checkpoint is damaged or of another fit; nothing is compiled
            before.
        DivergenceError
            If the learning rate is too high.
        SimulationError
            If the simulation fails.
        """
        X = self._check(X, reset=True)
        plan = self._plan(anneal_over=len(X))
        settings = model_files.settings_of(self) | {"verbose": 0}
        settings.pop("sparse_output", None)
        if checkpoint is not None:
            settings |= begun_with(X, int(self.n_hidden), self.initial_weights, self.random_state, plan.parameters)
        training = resume(checkpoint, settings) or self._begin(X)
        with self._progress(plan.n_epochs * len(X), training.n_presented) as progress:
            while training.epoch < plan.n_epochs:
                progress.update(training.learn(X, plan))
                save(training, checkpoint, settings)
        self._keep(training)
        self.n_iter_ = plan.n_epochs
        self._calibrate(X)
        return self

    def partial_fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from each pattern of X once, in the order given, at the constant learning rate.

        Mean and power of the patterns are taken at the first call, and frozen.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored
        """
        first = not hasattr(self, "weights_")
        X, plan = self._check(X, reset=first), self._plan()
        training = self._begin(X) if first else Training(self.weights_, self._rng, self._encoding_seed)
        with self._progress(len(X)) as progress:
            while training.epoch < 1:
                progress.update(training.learn(X, plan, shuffled=False))
        self._keep(training)
        self.n_iter_ = getattr(self, "n_iter_", 0) + 1
        self._calibrate(X)
        return self

    def transform(self, X: np.ndarray) -> Any:
        """Return the codes that the circuit settles on, shape (n_samples, n_hidden), in units of drive.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        """
        response = self.simulate(X)
        return response.sparse_code if self.sparse_output else response.code

    def simulate(self, X: np.ndarray, traces: Sequence[int] | None = None) -> Response:
        """Present patterns without learning.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        traces : sequence of int, optional
            Rows of X to record at every step: presented once more, with the same noise, on the numpy target.

        Returns
        -------
        Response
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        parameters = self._parameters()
        rows = [check_count("traces", row, 0, len(X) - 1) for row in (() if traces is None else traces)]
        rng, cells = self._generators()
        shown = as_shown(X, self.weights_, parameters)
        response, _ = simulate(
            self.weights_, shown, self.k, parameters, codegen=self.codegen, rng=rng, cells=cells, n_jobs=self.n_jobs
        )
        traced = tuple(trace(self.weights_, shown[row], self.k, parameters, row, *self._generators()) for row in rows)
        provenance = response.provenance | {"model": model_files.settings_of(self)}
        earlier = tuple(replace(cycle, provenance=provenance) for cycle in response.earlier)
        return replace(response, traces=traced, earlier=earlier, provenance=provenance)

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
        check_verbose(self.verbose)
        as_numbers("initial_weights", [] if self.initial_weights is None else self.initial_weights)

    def _check(self, X: np.ndarray, reset: bool) -> np.ndarray:
        """Check every argument before anything is compiled; return X as float64."""
        self.check_parameters()
        return patterns_of(self, X, reset)

    def _parameters(self) -> CircuitParameters:
        return parameters_of(self.circuit, self.parameters)

    def _plan(self, anneal_over: int | None = None) -> Plan:
        """Return what stays the same in a fit, with numbers as they were checked; in `fit` rate and k fall."""
        return Plan.of(
            self.k, self.k_start, self.n_epochs, self.learning_rate, anneal_over, homeostasis=float(self.homeostasis),
            tied=bool(self.tied), codegen=self.codegen, parameters=self._parameters(),
        )  # fmt: skip

    def _begin(self, X: np.ndarray) -> Training:
        rng = as_generator(self.random_state)
        return begin(X, int(self.n_hidden), rng, self.initial_weights, self.tied, self._parameters())

    def _progress(self, n: int, done: int = 0) -> tqdm:
        return tqdm(None, "circuit learns", n, False, unit=" stimuli", initial=done, disable=not self.verbose)

    def _keep(self, training: Training) -> None:
        """Take over what was learned."""
        self.duty_cycle_ = training.wins / len(training.order)
        self.target_, self._rng, self._encoding_seed = training.target, training.rng, training.encoding_seed
        self._show(training.weights)

    def _show(self, weights: Weights) -> None:
        self.weights_ = weights
        self.encoder_, self.components_, self.mean_ = weights.effective
        self.offset_, self.bias_ = self.mean_, weights.bias
        self.power_, self.n_features_in_ = weights.power, self.mean_.size
        if weights.rate_gain is not None:
            self.rate_gain_ = weights.rate_gain

    def _calibrate(self, X: np.ndarray) -> None:
        """Set the gain that gives the winners their mean rate."""
        self._show(replace(self.weights_, rate_gain=gain_on(X, self.weights_, self.k, self._parameters())))

    def _generators(self) -> tuple[np.random.Generator, np.random.Generator]:
        """Return sources of noise, and of the differences between units: for each encoding those that learned."""
        return np.random.default_rng(self._encoding_seed), np.random.default_rng((self._encoding_seed, CELLS))
