"""One code, two ways to it: the same weights encode by competition in the circuit or by sorting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from comparisons.topk import top_k
from selective_firing.parameters import Parameters
from selective_firing.protocol import Autoencoder
from selective_firing.response import Response
from selective_firing.simulate import simulate
from selective_firing.weights import Weights

__all__ = ["Encoding", "by_circuit", "by_itself", "by_sort", "weights_of"]


@dataclass(frozen=True)
class Encoding:
    """The codes of some patterns and how they were selected.

    Attributes
    ----------
    code : ndarray of shape (n_samples, n_hidden)
    selection : {"circuit", "sort", "none"}
    response : Response or None
        What the circuit left behind, if it was the circuit that selected.
    """

    code: np.ndarray
    selection: str
    response: Response | None = None


def weights_of(model: Autoencoder, power: float = 1.0) -> Weights:
    """Return the weights of any fitted autoencoder in the form that the circuit takes."""
    return Weights(model.encoder_, model.components_, model.bias_, model.offset_, power)


def by_sort(model: Autoencoder, X: np.ndarray, k: int) -> Encoding:
    """Return the k largest positive drives of each pattern."""
    return Encoding(top_k(model.drive(X), k), "sort")


def by_circuit(
    model: Autoencoder,
    X: np.ndarray,
    k: int,
    parameters: Parameters | None = None,
    codegen: str = "auto",
    rng: np.random.Generator | None = None,
) -> Encoding:
    """Return what the circuit settles on with the weights of `model`, whoever learned them."""
    response, _ = simulate(weights_of(model), X, k, parameters, codegen=codegen, rng=rng)
    return Encoding(response.code, "circuit", response)


def by_itself(model: Autoencoder, X: np.ndarray) -> Encoding:
    """Return the codes of a model that sorts, or selects nothing."""
    return Encoding(model.transform(X), "sort" if hasattr(model, "k") else "none")
