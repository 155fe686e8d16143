"""Where a fit stands, and its next step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from selective_firing._random import generator_of, state_of
from selective_firing.engine.simulate import chunk_rows, prepare, simulate
from selective_firing.errors import DivergenceError
from selective_firing.learning.channels import START_NORM, as_shown, n_cells, weights_at_start
from selective_firing.learning.history import History
from selective_firing.learning.pairing import given_weights, initial_weights, presentation_order
from selective_firing.learning.plan import Plan
from selective_firing.measures import rate_gain
from selective_firing.measures.reconstruction import share_left
from selective_firing.parameters import CircuitParameters, RateParameters
from selective_firing.theory.swaps import ideal_code
from selective_firing.weights import Weights

__all__ = ["CELLS", "Training", "begin", "gain_on"]

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
    held_out : ndarray of int
        Rows of the patterns that are not learned from, but tell when to stop.
    history : History
    """

    weights: Weights
    rng: np.random.Generator
    encoding_seed: int
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    wins: np.ndarray = field(default_factory=lambda: np.zeros(0))
    epoch: int = 0
    position: int = 0
    target: str = ""
    held_out: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    history: History = field(default_factory=History)

    def prepare(self, plan: Plan, n_samples: int) -> None:
        """Have the simulator compiled, if that is to be, so that a clock may start with the first presentation.

        Parameters
        ----------
        plan : Plan
        n_samples : int
            Patterns of a pass.
        """
        prepare(self.weights, plan.parameters, self.target or plan.codegen, plan.n_epochs * n_samples)

    def is_over(self, plan: Plan) -> bool:
        """Return whether all passes are done, or enough of them have made nothing better.

        Parameters
        ----------
        plan : Plan
        """
        return self.epoch >= plan.n_epochs or (plan.stopping is not None and plan.stopping.is_reached(self.history))

    @property
    def n_presented(self) -> int:
        """Presentations so far."""
        return self.epoch * len(self.order) + self.position

    def learn(self, X: np.ndarray, plan: Plan, shuffled: bool = True, held_out: np.ndarray | None = None) -> int:
        """Present the next chunk of the patterns, and return how many there were.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
            All patterns.
        plan : Plan
        shuffled : bool
            Whether they come in a new random order in each epoch.
        held_out : ndarray of shape (n_others, n_inputs), optional
            Patterns whose error is measured after each epoch.

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
        self.history.add(response.squared_error.sum(), self._power(shown, plan))
        self.position += len(rows)
        if self.position == len(X):
            self.history.end_pass(self.wins, len(X), None if held_out is None else self._nmse(held_out, plan))
            self.epoch, self.position = self.epoch + 1, 0
        return len(rows)

    def _power(self, shown: np.ndarray, plan: Plan) -> float:
        """Return the summed squared distance of patterns, as the circuit is shown them, from their mean."""
        centred = shown - (self.weights.mean if plan.reference is None else plan.reference)
        return float(np.einsum("ij,ij->", centred, centred))

    def _nmse(self, X: np.ndarray, plan: Plan) -> float:
        """Return the error of patterns that are not learned from, with k winners, relative to their power."""
        shown = as_shown(X, self.weights, plan.parameters)
        response, _ = simulate(
            self.weights, shown, plan.k, plan.parameters, codegen=self.target or plan.codegen,
            rng=np.random.default_rng(self.encoding_seed), cells=np.random.default_rng((self.encoding_seed, CELLS)),
        )  # fmt: skip
        return share_left(response.squared_error, np.array([self._power(shown, plan)]))

    def _remaining(self, plan: Plan, n_samples: int) -> tuple[float, float]:
        """Return the share of the presentations still to come, and its change; all, at a constant learning rate."""
        n = plan.n_epochs * n_samples if plan.change else 0
        return (1 - self.n_presented / n, -1 / n) if n else (1.0, 0.0)

    def as_state(self) -> dict[str, Any]:
        """Return arrays, numbers and text that `from_state` makes the same training of, given its weights."""
        state = {name: value for name, value in vars(self).items() if name not in ("weights", "rng", "held_out")}
        held_out = {"held_out": self.held_out} if self.held_out.size else {}  # else older versions read it, too
        return state | held_out | {"rng": state_of(self.rng), "history": self.history.as_state()}

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
    X: np.ndarray, n_hidden: int, rng: np.random.Generator, given: object, tied: bool, parameters: CircuitParameters,
    centre: bool = True,
) -> Training:  # fmt: skip
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
    centre : bool
        Whether the mean of the patterns is taken off them; else 0 takes its place.

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
    if not centre:
        weights = replace(weights, mean=np.zeros_like(weights.mean), power=float((X**2).sum(axis=1).mean()))
    return Training(weights, rng, int(rng.integers(2**31)) if parameters.is_random else 0)


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
