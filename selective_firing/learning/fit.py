"""Where a fit stands, its next step, and the checkpoint from which it goes on after a break."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from selective_firing._checks.outputs import check_output_file
from selective_firing._files.archives import plain
from selective_firing._random import generator_of, state_of, stream_key
from selective_firing.engine.simulate import chunk_rows, simulate
from selective_firing.errors import DivergenceError
from selective_firing.learning import model_file as checkpoint
from selective_firing.learning.channels import START_NORM, as_shown, n_cells, weights_at_start
from selective_firing.learning.pairing import given_weights, initial_weights, presentation_order
from selective_firing.learning.plan import Plan
from selective_firing.measures import rate_gain
from selective_firing.parameters import CircuitParameters, RateParameters
from selective_firing.theory.swaps import ideal_code
from selective_firing.weights import Weights

__all__ = ["CELLS", "Training", "begin", "begun_with", "fingerprint", "gain_on", "resume", "save"]

CELLS = 1
"""Beside the seed of encoding, for what differs between units: the same when a model learns and when it encodes."""


@dataclass
class Training:
    """The state of a fit between two runs of the simulator; what a checkpoint holds.

    Attributes
    ----------
    weights : Weights
    rng : numpy.random.Generator
    encoding_seed : int
        Of the noise with which the fitted model will encode.
    order : ndarray of int, shape (n_samples,)
        In which the patterns are presented in this epoch.
    wins : ndarray of shape (n_hidden,)
        How often each unit has won in this epoch.
    epoch, position : int
        Epochs that are complete; presentations of the present one that are.
    target : str
        That the simulations run on, once they do.
    """

    weights: Weights
    rng: np.random.Generator
    encoding_seed: int
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    wins: np.ndarray = field(default_factory=lambda: np.zeros(0))
    epoch: int = 0
    position: int = 0
    target: str = ""

    @property
    def n_presented(self) -> int:
        """Presentations so far."""
        return self.epoch * len(self.order) + self.position

    def learn(self, X: np.ndarray, plan: Plan, shuffled: bool = True) -> int:
        """Present the next chunk of the patterns, and return how many there were.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
            All patterns.
        plan : Plan
        shuffled : bool
            Whether they come in a new random order in each epoch.

        Raises
        ------
        DivergenceError
            If the error explodes; its message counts presentations from the first of the fit.
        SimulationError
            If the simulation fails.
        """
        if self.position == 0:
            self.wins = np.zeros(self.weights.n_hidden)
            self.order = presentation_order(len(X), self.rng) if shuffled else np.arange(len(X))
        rows = self.order[self.position : self.position + chunk_rows(X.shape[1])]
        shown, rate = (
            as_shown(X[rows], self.weights, plan.parameters),
            plan.learning_rate + plan.change * self.n_presented,
        )
        try:
            response, self.weights = simulate(
                self.weights, shown, plan.ks[self.epoch], plan.parameters, learning_rate=(rate, plan.change),
                homeostasis=plan.homeostasis, tied=plan.tied, codegen=self.target or plan.codegen, rng=self.rng,
                cells=np.random.default_rng((self.encoding_seed, CELLS)), expected=plan.n_epochs * len(X),
                remaining=self._remaining(plan, len(X)),
            )  # fmt: skip
        except DivergenceError as error:
            raise DivergenceError(self.n_presented + error.presentation, plan.learning_rate) from error
        self.wins += np.bincount(response.winner_units, minlength=self.weights.n_hidden)
        self.target = response.provenance["target"]
        self.position += len(rows)
        if self.position == len(X):
            self.epoch, self.position = self.epoch + 1, 0
        return len(rows)

    def _remaining(self, plan: Plan, n_samples: int) -> tuple[float, float]:
        """Return the share of the presentations still to come, and its change; all, at a constant learning rate."""
        n = plan.n_epochs * n_samples if plan.change else 0
        return (1 - self.n_presented / n, -1 / n) if n else (1.0, 0.0)

    def as_state(self) -> dict[str, Any]:
        """Return arrays, numbers and text that `from_state` makes the same training of, given its weights."""
        state = {name: value for name, value in vars(self).items() if name not in ("weights", "rng")}
        return state | {"rng": state_of(self.rng)}

    @classmethod
    def from_state(cls, weights: Weights, state: dict[str, Any]) -> Self:
        """Return a training from what `as_state` gave.

        Raises
        ------
        TypeError, ValueError, KeyError
            If the state does not fit the weights.
        """
        training = cls(weights=weights, rng=generator_of(state.pop("rng")), **state)
        n = len(training.order)
        if not training.position < max(1, n) or not np.array_equal(np.sort(training.order), np.arange(n)):
            raise ValueError("its order of presentation is damaged")
        return training


def begin(
    X: np.ndarray, n_hidden: int, rng: np.random.Generator, given: object, tied: bool, parameters: CircuitParameters
) -> Training:
    """Return a fit before its first presentation: weights drawn, statistics of the patterns frozen.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    n_hidden : int
    rng : numpy.random.Generator
    given : array-like of shape (n_hidden, n_inputs), optional
        Encoding weights; otherwise they are drawn.
    tied : bool
        Whether decoding weights start as the encoding ones.
    parameters : RateParameters or SpikingParameters
        If the circuit answers the same stimulus differently, encoding needs a seed; lateral synapses start as they say.

    Raises
    ------
    TypeError, ValueError
        If `given` are no real numbers, of another shape, or not finite.
    """
    lateral = parameters if isinstance(parameters, RateParameters) and parameters.is_lateral else None
    shape = (n_hidden, n_cells(X.shape[1], parameters))
    w = given_weights(given, *shape)
    if w is None:
        w = initial_weights(*shape, rng) * (1.0 if lateral is None else START_NORM)
    if lateral is not None:
        weights = weights_at_start(w, X, lateral)
    else:
        weights = Weights.at_start(w, w if tied else initial_weights(*shape, rng), X)
    return Training(weights, rng, int(rng.integers(2**31)) if parameters.is_random else 0)


def begun_with(
    X: np.ndarray, n_hidden: int, given: object, random_state: object, parameters: CircuitParameters
) -> dict[str, Any]:
    """Return what tells a fit from others with the same settings, for its checkpoint.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    n_hidden : int
    given : array-like of shape (n_hidden, n_inputs), optional
        As for `begin`, which raises the same.
    random_state : None, int, RandomState or Generator
    parameters : RateParameters or SpikingParameters
    """
    return {
        "data": fingerprint(X, given_weights(given, n_hidden, n_cells(X.shape[1], parameters))),
        "stream": stream_key(random_state),
    }


def gain_on(X: np.ndarray, weights: Weights, k: int, parameters: CircuitParameters) -> float:
    """Return the gain that gives the winners their mean rate, on up to 2,000 of the patterns.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    weights : Weights
    k : int
    parameters : RateParameters or SpikingParameters
    """
    sample = X[:: max(1, len(X) // 2000)]
    code = ideal_code(weights, as_shown(sample, weights, parameters), k, parameters)
    return rate_gain(code, weights.effective[1])


def resume(path: str | Path | None, settings: dict[str, Any]) -> Training | None:
    """Return the training that the checkpoint `path` holds, None if there is no such file yet.

    Parameters
    ----------
    path : path or None
    settings : dict
        What the fit was asked for; the checkpoint must have been made with the same.

    Raises
    ------
    ValueError
        If the file is damaged, or of another fit.
    OSError
        If there could be no file at `path`.
    """
    if path is None:
        return None
    check_output_file("checkpoint", path)
    settings = json.loads(json.dumps(settings, default=plain))  # as a file gives them back
    try:
        found, weights, state = checkpoint.load(path, checkpoint.TRAINING)
    except FileNotFoundError:
        return None
    for name in sorted(settings.keys() | found.keys()):
        if found.get(name) != settings.get(name):
            raise ValueError(
                f"checkpoint must be of this fit, but {path} was made with another {name} "
                f"({found.get(name)!r}, now {settings.get(name)!r}); choose another file."
            )
    try:
        return Training.from_state(weights, state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"checkpoint must be whole, got {path}: {error}") from error


def save(training: Training, path: str | Path | None, settings: dict[str, Any]) -> None:
    """Write a checkpoint for `resume`, whole or not at all.

    Parameters
    ----------
    training : Training
    path : path or None
        None writes nothing.
    settings : dict
        What the fit was asked for.
    """
    if path is not None:
        checkpoint.save(path, checkpoint.TRAINING, settings, training.weights, training.as_state())


def fingerprint(*arrays: np.ndarray | None) -> str:
    """Return a hash of the shapes and values of some arrays: what a checkpoint knows its data by.

    Parameters
    ----------
    *arrays : ndarray or None
        None is told from any array.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(None if array is None else array.shape).encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array, float).data)
    return digest.hexdigest()
