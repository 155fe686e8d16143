"""What a simulation is asked for: checked in one place, whoever asks, before anything is compiled or written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_patterns, check_real, shown
from selective_firing.circuits.initial_values import Draws
from selective_firing.parameters import PARAMETERS, CircuitParameters, RateParameters, SpikingParameters
from selective_firing.weights import Weights, check_weights

__all__ = ["Request", "check_learning", "parameters_of"]


@dataclass(frozen=True, eq=False)
class Request:
    """A checked request.

    Attributes
    ----------
    weights : Weights
    patterns : ndarray of shape (n_samples, n_inputs)
    k : int
    parameters : RateParameters or SpikingParameters
    learning_rate : tuple of float
        At the first presentation, and its change from one to the next.
    homeostasis : float
    tied : bool
    draws : Draws
    remaining : tuple of float
        Share of the presentations of a fit still to come at the first one, and its change from one to the next.
    """

    weights: Weights
    patterns: np.ndarray
    k: int
    parameters: CircuitParameters
    learning_rate: tuple[float, float]
    homeostasis: float
    tied: bool
    draws: Draws
    remaining: tuple[float, float] = (1.0, 0.0)

    @property
    def learns(self) -> bool:
        """Whether a presentation changes what the next one meets."""
        return any(self.learning_rate) or self.homeostasis > 0

    @classmethod
    def checked(
        cls,
        weights: Weights,
        patterns: object,
        k: object,
        parameters: object = None,
        *,
        learning_rate: object = 0.0,
        homeostasis: object = 0.0,
        tied: object = True,
        rng: object = None,
        cells: np.random.Generator | None = None,
        remaining: tuple[float, float] = (1.0, 0.0),
    ) -> Self:
        """Return a request whose every part is right.

        Parameters
        ----------
        weights : Weights
        patterns : array-like of shape (n_samples, n_inputs)
        k : int
        parameters : RateParameters or SpikingParameters, optional
            ``RateParameters()`` if not given.
        learning_rate : float or tuple of float
            One number is constant; of two the second is the change from one presentation to the next.
        homeostasis : float
        tied : bool
        rng : numpy.random.Generator, optional
            ``default_rng(0)`` if not given.
        cells : numpy.random.Generator, optional
            As for `Draws.of`.
        remaining : tuple of float
            Share of the presentations still to come, and its change.

        Raises
        ------
        TypeError, ValueError
            If one breaks a rule; the message names it.
        """
        weights = check_weights(weights)
        checked = RateParameters() if parameters is None else parameters
        if not isinstance(checked, RateParameters | SpikingParameters):
            raise TypeError(f"parameters must be RateParameters or SpikingParameters, got {shown(parameters)}.")
        if rng is None:
            rng = np.random.default_rng(0)
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng must be a numpy.random.Generator, got {shown(rng)}.")
        if isinstance(checked, RateParameters) and checked.inhibition_start == "feedforward":
            check_real(
                "sum of the mean input, by which inhibition_start='feedforward' is set,", weights.mean.sum(), above=0
            )
        rate, change = learning_rate if isinstance(learning_rate, tuple) else (learning_rate, 0.0)
        rates = check_real("learning_rate", rate, at_least=0), check_real("change of learning_rate", change)
        return cls(
            weights=weights, patterns=check_patterns(patterns, weights.n_inputs, "patterns"),
            k=check_count("k", k, at_most=weights.n_hidden), parameters=checked, learning_rate=rates,
            homeostasis=check_real("homeostasis", homeostasis, at_least=0), tied=check_learning(checked, tied),
            draws=Draws.of(checked, weights.n_hidden, rng, cells),
            remaining=(check_real("remaining", remaining[0], at_least=0), check_real("remaining", remaining[1])),
        )  # fmt: skip


def parameters_of(circuit: object, given: object) -> CircuitParameters:
    """Return the constants of a circuit, its defaults if none are given, or raise TypeError or ValueError.

    Parameters
    ----------
    circuit : str
    given : RateParameters or SpikingParameters, optional
    """
    kind = PARAMETERS[check_choice("circuit", circuit, tuple(PARAMETERS))]
    if given is None:
        return kind()
    if not isinstance(given, kind):
        raise TypeError(f"parameters must be a {kind.__name__}, got {shown(given)}.")
    return given


def check_learning(parameters: CircuitParameters, tied: object) -> bool:
    """Return `tied` as a bool if a circuit with these parameters can learn so, or raise TypeError or ValueError."""
    if not isinstance(tied, bool | np.bool_):
        raise TypeError(f"tied must be True or False, got {shown(tied)}.")
    if isinstance(parameters, RateParameters) and parameters.is_lateral and not tied:
        raise ValueError(
            "tied must be True with explain='lateral': transport=False gives both weights of a pair a start "
            "of their own."
        )
    if parameters.competitions > 1 and not tied:
        raise ValueError("n_cycles must be 1 with tied=False: the feedback gain is that of tied weights.")
    return bool(tied)
