"""One code, two ways to it: the same weights encode by competition in the circuit or by sorting."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from comparisons.rivals.topk import top_k
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import CircuitParameters
from selective_firing.protocol import Autoencoder
from selective_firing.results.response import Response
from selective_firing.weights import Weights

__all__ = ["Encoding", "by_circuit", "by_itself", "by_sort", "by_threshold", "encode", "weights_of", "without"]


@dataclass(frozen=True)
class Encoding:
    """The codes of some patterns and how they were selected.

    Attributes
    ----------
    code : ndarray of shape (n_samples, n_hidden)
    selection : {"circuit", "sort", "none", "pursuit"}
    response : Response or None
        What the circuit left behind, if it was the circuit that selected.
    n_steps : ndarray of shape (n_samples,), optional
        Steps of the dynamics of a rival that has any.
    lateral : ndarray of shape (n_samples,), optional
        Products by which hidden units of a rival act on each other.
    interneuron_spikes : ndarray of shape (n_samples, n_interneurons), optional
        Of a rival whose units inhibit each other through others, as often as its code counts spikes.
    """

    code: np.ndarray
    selection: str
    response: Response | None = None
    n_steps: np.ndarray | None = None
    lateral: np.ndarray | None = None
    interneuron_spikes: np.ndarray | None = None

    @property
    def simulated(self) -> Response:
        """What the circuit left behind.

        Raises
        ------
        ValueError
            If it was not the circuit that selected.
        """
        if self.response is None:
            raise ValueError(f"selection must be by a circuit, got {self.selection}.")
        return self.response


def weights_of(model: Autoencoder, power: float = 1.0) -> Weights:
    """Return the weights of any fitted autoencoder in the form that the circuit takes.

    Parameters
    ----------
    model : fitted autoencoder
    power : float
        Mean squared distance of training patterns from their mean; it matters to learning only.
    """
    return Weights.of(model, power)


def by_sort(model: Autoencoder, X: np.ndarray, k: int) -> Encoding:
    """Return the k largest positive drives of each pattern.

    Parameters
    ----------
    model : fitted autoencoder
    X : ndarray of shape (n_samples, n_inputs)
    k : int
    """
    return Encoding(top_k(model.drive(X), k), "sort")


def by_circuit(
    model: Autoencoder,
    X: np.ndarray,
    k: int,
    parameters: CircuitParameters | None = None,
    codegen: str = "auto",
    rng: np.random.Generator | None = None,
    expected: int = 0,
) -> Encoding:
    """Return what the circuit settles on with the weights of `model`, whoever learned them.

    Parameters
    ----------
    model : fitted autoencoder
    X : ndarray of shape (n_samples, n_inputs)
    k : int
    parameters : RateParameters or SpikingParameters, optional
    codegen : str
        Target of Brian2.
    rng : Generator, optional
        Of noise and unequal cells.
    expected : int
        Patterns that circuits of this kind are to encode altogether; what "auto" decides by.
    """
    response, _ = simulate(weights_of(model), X, k, parameters, codegen=codegen, rng=rng, expected=expected)
    return Encoding(response.code, "circuit", response)


def encode(model: Autoencoder, X: np.ndarray) -> Encoding:
    """Return the codes of any model, the circuit's with all that the simulation left behind.

    Parameters
    ----------
    model : fitted autoencoder
    X : ndarray of shape (n_samples, n_inputs)
    """
    if not hasattr(model, "simulate"):
        return by_itself(model, X)
    response = model.simulate(X)
    return Encoding(response.code, "circuit", response)


def by_itself(model: Autoencoder, X: np.ndarray) -> Encoding:
    """Return the codes of a rival, and what selecting them takes: its own word for it, else a sort, or nothing.

    Parameters
    ----------
    model : fitted autoencoder
        One may offer `selection`, a word; `n_steps`, a number for each pattern; `lateral_products`, of a code; and
        `spikes`, of patterns: its code, and what interneurons fired.
    X : ndarray of shape (n_samples, n_inputs)
    """
    code, relays = model.spikes(X) if hasattr(model, "spikes") else (model.transform(X), None)
    n_steps = np.full(len(code), float(model.n_steps)) if hasattr(model, "n_steps") else None
    lateral = model.lateral_products(code) if hasattr(model, "lateral_products") else None
    selection = getattr(model, "selection", "sort" if hasattr(model, "k") else "none")
    return Encoding(code, selection, n_steps=n_steps, lateral=lateral, interneuron_spikes=relays)


def by_threshold(model: Autoencoder, X: np.ndarray, X_train: np.ndarray, k: int, relative: bool = False) -> Encoding:
    """Return the drives above a threshold that leaves k units active on average over training patterns.

    Parameters
    ----------
    model : fitted autoencoder
    X, X_train : ndarray of shape (n_samples, n_inputs)
        Patterns to encode, and those that the threshold is set on.
    k : int
    relative : bool
        Whether the threshold is a share of each pattern's largest drive: the E%-max rule of de Almeida, Idiart & Lisman
        (2009), J Neurosci 29:7497.
    """

    def compared(drive: np.ndarray) -> np.ndarray:
        positive = np.maximum(drive, 0)
        return positive / np.maximum(positive.max(axis=1, keepdims=True), 1e-300) if relative else positive

    known = compared(model.drive(X_train))
    threshold = np.quantile(known, 1 - k / known.shape[1])
    drive = model.drive(X)
    return Encoding(np.where(compared(drive) > threshold, np.maximum(drive, 0), 0.0), "none")


def without(model: Autoencoder, units: np.ndarray) -> Autoencoder:
    """Return a copy of a model in which some units never fire: they have no weights, and a bias far below 0.

    Parameters
    ----------
    model : fitted autoencoder
        One that encodes by something else than these says how it is done: `lesioned`.
    units : ndarray of int
    """
    if hasattr(model, "lesioned"):
        return model.lesioned(units)
    rest = copy(model)
    rest.encoder_, rest.components_, rest.bias_ = model.encoder_.copy(), model.components_.copy(), model.bias_.copy()
    rest.encoder_[units], rest.components_[units] = 0.0, 0.0
    rest.bias_[units] = -np.abs(model.bias_).max() - np.linalg.norm(model.encoder_, axis=1).max()
    if hasattr(rest, "weights_"):
        rest.weights_ = replace(rest.weights_, w_in=rest.encoder_, w_out=rest.components_, bias=rest.bias_)
    return rest
