"""The matching pursuit autoencoder: the encoder is a pursuit of k steps; backpropagation goes through them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.dense import DenseAutoencoder, Network
from comparisons.rivals.pursuit.solvers import matching_pursuit
from selective_firing._checks.arguments import check_count
from selective_firing.protocol import patterns_of

__all__ = ["MatchingPursuitAutoencoder", "backward_through_pursuit"]


def backward_through_pursuit(network: Network, patterns: np.ndarray, k: int) -> tuple[Network, np.ndarray, np.ndarray]:
    """Return the gradients of half the mean squared error after k steps of matching pursuit, choices held.

    A step with unit j takes ``r' = r - (d_j . r) d_j``. Backwards, with g' the gradient of r' and ``a = g' . d_j``,
    that of r is ``g = g' - a d_j``, and d_j gets ``-(a r + (d_j . r) g')``. As r is the pattern less what earlier steps
    took, and g' the last gradient less what later steps took, the sum over steps is three matrix products: with the
    patterns, with the last residual, and with the overlaps of what any two steps took.

    Parameters
    ----------
    network : dict
        With ``decoder``, shape (n_hidden, n_inputs), rows of norm 1, and ``offset``, shape (n_inputs,).
    patterns : ndarray of shape (n_samples, n_inputs)
    k : int

    Returns
    -------
    gradients : dict
        Of ``sum(residual ** 2) / (2 * patterns.size)`` for ``decoder`` and ``offset``.
    residual : ndarray of shape (n_samples, n_inputs)
        What is left after the last step.
    code : ndarray of shape (n_samples, n_hidden)
    """
    decoder, centred = network["decoder"], patterns - network["offset"]
    gram = decoder @ decoder.T
    found = matching_pursuit(centred @ decoder.T, gram, k)
    code, rows = found.code, np.arange(len(patterns))
    residual = centred - code @ decoder
    felt, slopes = found.left / residual.size, np.zeros_like(found.rates)  # of what is left, by every unit
    for step in reversed(range(k)):
        slopes[step] = np.where(found.rates[step] > 0, felt[rows, found.units[step]], 0)
        felt -= slopes[step][:, np.newaxis] * gram[found.units[step]]
    back = found._replace(rates=slopes).code
    slope = residual / residual.size
    both = _overlaps(found.units, found.rates, slopes, len(decoder))
    return (
        {
            "decoder": both @ decoder - back.T @ centred - code.T @ slope,
            "offset": back.sum(axis=0) @ decoder - slope.sum(axis=0),
        },
        residual,
        code,
    )


def _overlaps(units: np.ndarray, rates: np.ndarray, slopes: np.ndarray, n_hidden: int) -> np.ndarray:
    """Return, summed over patterns, slope times rate of each pair of a step and an earlier one, by their units."""
    later, earlier = np.tril_indices(len(units), -1)
    places = units[later] * n_hidden + units[earlier]
    pairs = np.bincount(places.ravel(), (slopes[later] * rates[earlier]).ravel(), n_hidden**2)
    pairs = pairs.reshape(n_hidden, n_hidden).astype(rates.dtype)
    return pairs + pairs.T


class MatchingPursuitAutoencoder(DenseAutoencoder):
    """An autoencoder whose encoder explains away: MP-SAE.

    ``x - offset_`` is decomposed by k steps of matching pursuit on the rows of the decoder, of norm 1: each step
    chooses the unit that resembles most what is left, and takes away what it explains. The decoder learns by
    backpropagation through all steps; there is no other encoder. Attributes are those of `DenseAutoencoder`;
    `encoder_` is `components_`, and `bias_` is 0.

    A unit may be chosen more than once, so that fewer than k are active for some patterns, and never more. Its rate is
    that of its turn, not the best beside the others': `comparisons.rivals.pursuit.solvers.orthogonal_pursuit` finds
    those on the same weights.

    Parameters
    ----------
    n_hidden : int
    k : int
        Steps, and most units that can be active.
    learning_rate, n_epochs, batch_size, decay, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `DenseAutoencoder`.

    References
    ----------
    Costa, Fel, Lubana, Tolooshams & Ba (2025), From flat to hierarchical: extracting sparse representations with
    matching pursuit, arXiv 2506.03093.
    """

    selection = "pursuit"

    def __init__(
        self,
        n_hidden: int = 128,
        k: int = 10,
        *,
        learning_rate: float = 3e-3,
        n_epochs: int = 20,
        batch_size: int = 128,
        decay: float = 0.2,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-4,
        random_state: object = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            n_hidden, learning_rate=learning_rate, n_epochs=n_epochs, batch_size=batch_size, decay=decay,
            random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip
        self.k = k

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        given = super().check_parameters()
        return given | {"k": check_count("k", self.k, at_most=given["n_hidden"])}

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        X = patterns_of(self, X, reset=False)
        k, weights = check_count("k", self.k, at_most=len(self.components_)), self.components_
        return self._code((X - self.offset_) @ weights.T, weights @ weights.T, k)

    def _code(self, drive: np.ndarray, gram: np.ndarray, k: int) -> np.ndarray:
        return matching_pursuit(drive, gram, k).code

    def lateral_products(self, code: np.ndarray) -> np.ndarray:
        """Return how many products take each winner's overlaps off all drives, shape (n_samples,).

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_hidden)
        """
        return np.count_nonzero(code, axis=1) * float(code.shape[1])

    def _start(self, X: np.ndarray) -> None:
        super()._start(X)
        self._network["encoder"] = self._network["decoder"]  # one array: what the decoder learns the encoder knows

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        return backward_through_pursuit(self._network, patterns, self._given.k)
