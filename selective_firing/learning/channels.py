"""Patterns as ON and OFF cells show them, and a circuit of such cells before its first presentation."""

from __future__ import annotations

import numpy as np

from selective_firing.parameters import CircuitParameters, RateParameters
from selective_firing.weights import Weights

__all__ = ["START_NORM", "as_shown", "lateral_start", "n_cells", "on_and_off", "weights_at_start"]

START_NORM = 0.5
"""Of each unit's weights, where lateral synapses explain away: winners that overlap would overshoot with 1."""


def n_cells(n_inputs: int, parameters: CircuitParameters) -> int:
    """Return how many cells show so many inputs: by Dale's law an ON and an OFF cell each.

    Parameters
    ----------
    n_inputs : int
    parameters : RateParameters or SpikingParameters
    """
    return n_inputs * (2 if isinstance(parameters, RateParameters) and parameters.dale != "no" else 1)


def on_and_off(X: np.ndarray, mean: np.ndarray, crossed: bool) -> np.ndarray:
    """Return what ON and OFF cells tell of patterns, shape (n_samples, 2 n_inputs).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    mean : ndarray of shape (n_inputs,)
    crossed : bool
        Whether each cell's drive is crossed by the other's, through feed-forward interneurons: x and -x; else a cell
        is silent where the other one is active.
    """
    centred = X - mean
    both = np.concatenate([centred, -centred], axis=1)
    return both if crossed else np.maximum(both, 0.0)


def as_shown(X: np.ndarray, weights: Weights, parameters: CircuitParameters) -> np.ndarray:
    """Return patterns as the inputs of a circuit show them: by Dale's law as ON and OFF cells, else as they are.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    weights : Weights
    parameters : RateParameters or SpikingParameters
    """
    if weights.pattern_mean is None:
        return X
    crossed = isinstance(parameters, RateParameters) and parameters.dale == "push-pull"
    return on_and_off(X, weights.pattern_mean, crossed)


def weights_at_start(w: np.ndarray, X: np.ndarray, parameters: RateParameters) -> Weights:
    """Return the weights of a circuit with lateral synapses before it learns.

    Parameters
    ----------
    w : ndarray of shape (n_hidden, n_inputs) or, by Dale's law, (n_hidden, 2 n_inputs)
        Encoding weights.
    X : ndarray of shape (n_samples, n_inputs)
        The training patterns.
    parameters : RateParameters
    """
    w = w if parameters.dale == "no" else np.abs(w)
    decoding = w if parameters.transport else np.zeros_like(w)
    weights = Weights.at_start(w if parameters.dale == "no" else w[:, : X.shape[1]], w, X)
    mean = weights.mean if parameters.dale == "no" else np.zeros(w.shape[1])
    split = None if parameters.dale == "no" else weights.mean
    lateral = lateral_start(w, decoding, parameters.lateral_start)
    return Weights(w, decoding, weights.bias, mean, weights.power, None, lateral, split)


def lateral_start(w_in: np.ndarray, w_out: np.ndarray, start: str) -> np.ndarray:
    """Return lateral weights before learning, shape (n_hidden, n_hidden).

    Parameters
    ----------
    w_in, w_out : ndarray of shape (n_hidden, n_inputs)
    start : {"exact", "uniform", "zero"}
        What explains away, the products of encoding and decoding weights; all alike, as the encoding weights' products
        are on average, and another number for each unit's own; or none.
    """
    n = len(w_in)
    if start == "zero":
        return np.zeros((n, n))
    if start == "exact":
        return w_in @ w_out.T
    products = w_in @ w_in.T
    own = float(np.diag(products).mean())
    others = float((products.sum() - n * own) / max(1, n * (n - 1)))
    return np.where(np.eye(n, dtype=bool), own, others)
