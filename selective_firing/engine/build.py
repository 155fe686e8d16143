"""Either circuit handed out as a Brian2 network, to extend or to damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine.build_key import CIRCUITS
from selective_firing.engine.request import Request
from selective_firing.engine.session import stop_when_done, translated_anew
from selective_firing.parameters import CircuitParameters
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["build"]


def build(
    weights: Weights,
    patterns: np.ndarray,
    parameters: CircuitParameters | None = None,
    *,
    k: int,
    learning_rate: float = 0.0,
    homeostasis: float = 0.0,
    tied: bool = True,
    rng: np.random.Generator | None = None,
) -> Network:
    """Return the circuit as a Brian2 network for you to extend, on a runtime target.

    Add monitors, noise, delays or lesions, then `run` it for any time long enough: it stops when all `patterns`
    have been presented. `simulate.read` turns it into a `Response`.

    Parameters
    ----------
    weights : Weights
    patterns : array-like of shape (n_samples, n_inputs)
    parameters : RateParameters or SpikingParameters, optional
        They choose the circuit.
    k : int
        Number of winners.
    learning_rate, homeostasis : float
    tied : bool
    rng : numpy.random.Generator, optional
        Source of threshold heterogeneity, noise and spike trains; ``default_rng(0)`` if not given.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks a rule, or does not fit the weights.

    Examples
    --------
    >>> network = build(model.weights_, X, k=10)  # doctest: +SKIP
    >>> network["hidden"].background[:20] = -1e9  # a lesion, at n_cycles = 1: nothing can excite these cells
    >>> network.run(60 * second)  # doctest: +SKIP
    """
    asked = Request.checked(
        weights, patterns, k, parameters, learning_rate=learning_rate, homeostasis=homeostasis, tied=tied, rng=rng
    )
    values = initial_values(
        weights, asked.parameters, k=asked.k, n_presentations=len(asked.patterns), learning_rate=asked.learning_rate,
        homeostasis=asked.homeostasis, tied=asked.tied, draws=asked.draws,
    )  # fmt: skip
    circuit = CIRCUITS[asked.parameters.circuit]
    with translated_anew():
        network = circuit.make(asked.patterns, values, dt=asked.parameters.dt)
    stop_when_done(network, circuit.CONDUCTOR_NAME)
    network.request = asked
    return network
