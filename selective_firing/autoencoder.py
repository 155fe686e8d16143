"""The k-WTA circuit as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from selective_firing._checks.arguments import check_count, refuse_others
from selective_firing.engine.record_trace import trace
from selective_firing.engine.simulate import simulate
from selective_firing.learning import model_file as model_files
from selective_firing.learning.channels import as_shown
from selective_firing.learning.checkpoint import begun_with, resume, save
from selective_firing.learning.estimator import CircuitEstimator
from selective_firing.learning.history import Stopping, parted
from selective_firing.parameters import CircuitParameters
from selective_firing.results.response import Response

__all__ = ["KWTAAutoencoder"]


class KWTAAutoencoder(CircuitEstimator):
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
    dtype : {"float64", "float32"}
        Of what `transform` returns; the circuit computes in float64.
    centre : bool
        Whether the circuit codes about the mean of the training patterns; else about 0. About the mean, a stimulus of
        zeros is one like any other: what drives the units is x - mean, so k of them win. About 0 it drives nobody: a
        unit has its learned bias alone, and wins only if that is above 0.
    early_stopping : bool
        Whether `fit` holds patterns out, measures their error after each pass, and ends when it has not fallen by more
        than `tol` below its best for `n_iter_no_change` passes, as scikit-learn's estimators do; weights are those of
        the last pass.
    validation_fraction : float
        Share of the patterns that is held out then.
    n_iter_no_change : int
    tol : float
        In units of NMSE.
    verbose : int
        1 shows progress.

    Attributes
    ----------
    components_ : ndarray of shape (n_hidden, n_inputs)
        Decoding weights; `encoder_` holds the encoding ones.
    bias_ : ndarray of shape (n_hidden,)
    mean_, offset_ : ndarray of shape (n_inputs,)
        Mean of the patterns of the first fit; about which the circuit codes: the same, or 0 without `centre`.
    power_ : float
        Their mean squared distance from the offset.
    weights_ : Weights
        All of the above.
    rate_gain_ : float
        Hz per unit of code times norm of the decoding weights.
    duty_cycle_ : ndarray of shape (n_hidden,)
        Share of the stimuli of the last pass that each unit won.
    target_ : str
        Target that learned.
    history_ : dict of str to ndarray
        A number for each pass: ``nmse`` of the patterns as they were learned from, ``mean_duty`` and ``min_duty`` over
        the units, ``n_dead``, how many never won, and ``validation_nmse`` where patterns are held out.
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
        dtype: str = "float64", centre: bool = True, early_stopping: bool = False, validation_fraction: float = 0.1,
        n_iter_no_change: int = 5, tol: float = 1e-4, verbose: int = 0,
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
        self.dtype = dtype
        self.centre = centre
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.verbose = verbose

    def fit(
        self, X: np.ndarray, y: object = None, *, checkpoint: str | Path | None = None, **unsupported: object
    ) -> Self:
        """Learn from patterns, from scratch or from where an interrupted fit was.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored
        checkpoint : path, optional
            File (.npz) that holds the state of learning after every run of the simulator, some thousand presentations
            each. If it exists, learning goes on from there, to the same weights, bit for bit, as without a break.
        **unsupported
            Nothing: `sample_weight` is refused by name.

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
        refuse_others(unsupported)
        X = self._check(X, reset=True)
        settings = model_files.settings_of(self) | {"verbose": 0}
        for name in ("sparse_output", "dtype"):
            settings.pop(name, None)
        if checkpoint is not None:
            settings |= begun_with(X, int(self.n_hidden), self.initial_weights, self.random_state, self._parameters())
        stopping = Stopping.of(self)
        training = resume(checkpoint, settings) or self._begin(X, stopping)
        shown, held_out = parted(X, training.held_out)
        plan = self._plan(None if self.centre else shown.mean(axis=0), len(shown), stopping)
        if not training.is_over(plan):
            training.prepare(plan, len(shown))
        with self._progress(plan.n_epochs * len(shown), training.n_presented) as progress:
            while not training.is_over(plan):
                progress.update(training.learn(shown, plan, held_out=held_out))
                save(training, checkpoint, settings)
        self._keep(training, plan)
        self.n_iter_ = training.epoch
        self._calibrate(shown)
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
        X = self._check(X, reset=first)
        training = self._begin(X) if first else self._go_on()
        plan = self._plan((None if self.centre else X.mean(axis=0)) if first else self._mean)
        training.prepare(plan, len(X))
        with self._progress(len(X)) as progress:
            while training.epoch < 1:
                progress.update(training.learn(X, plan, shuffled=False))
        self._keep(training, plan)
        self.n_iter_ = getattr(self, "n_iter_", 0) + 1
        self._calibrate(X)
        return self

    def transform(self, X: np.ndarray) -> Any:
        """Return the codes that the circuit settles on, shape (n_samples, n_hidden), in units of drive.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        """
        code = self.simulate(X).sparse_code.astype(self.dtype, copy=False)  # nothing else of the response is kept
        return code if self.sparse_output else code.toarray()

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
