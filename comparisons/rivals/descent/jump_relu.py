"""The JumpReLU autoencoder: every unit has a threshold that it learns, below which it is silent."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from comparisons.rivals.dense import DenseAutoencoder, Network, backward, drives
from comparisons.rivals.optimizer import Adam
from selective_firing._checks.arguments import check_count, check_real

__all__ = ["JumpReLUAutoencoder", "backward_with_jumps"]

N_FIRST = 2000
"""Patterns, at most, on which the first thresholds are set."""
LEAST_THRESHOLD = 1e-3
"""Of the root mean square norm of a pattern: the paper's first threshold, and here the least."""


def backward_with_jumps(
    network: Network, patterns: np.ndarray, k: int, price: float, bandwidth: float
) -> tuple[Network, np.ndarray, np.ndarray]:
    """Return the gradients of the loss, those of the thresholds by a straight-through estimate.

    A drive z gives the code ``z H(z - theta)`` with H the step function. Neither it nor the number of active units
    depends on theta but by jumps, so patterns whose drive lies within half a bandwidth of theta stand for all that a
    small change of theta would switch: ``d code / d theta = -theta / bandwidth`` and ``d H / d theta = -1 / bandwidth``
    for these, 0 for others.

    Parameters
    ----------
    network : dict
        As of `DenseAutoencoder`, and ``log_threshold``, shape (n_hidden,).
    patterns : ndarray of shape (n_samples, n_inputs)
    k : int
        Number of active units that is aimed at.
    price : float
        Of a mean number away from it.
    bandwidth : float
        In units of drive.

    Returns
    -------
    gradients : dict
        Of ``sum(residual ** 2) / (2 * patterns.size) + price / 2 * (n_active / k - 1) ** 2``, where n_active is the
        mean number of the batch.
    residual : ndarray of shape (n_samples, n_inputs)
    code : ndarray of shape (n_samples, n_hidden)
    """
    drive, threshold = drives(network, patterns), np.exp(network["log_threshold"])
    code = np.where(drive > threshold, drive, np.zeros_like(drive))
    gradients, residual = backward(network, patterns, code)
    at_stake = np.abs(drive - threshold) <= bandwidth / 2
    n_active = float(np.count_nonzero(code)) / len(code)
    of_count = price * (n_active / k - 1) / (k * len(code))
    of_code = -(residual @ network["decoder"].T) / residual.size
    summed = (at_stake * (threshold * of_code + np.asarray(of_count, drive.dtype))).sum(axis=0)
    gradients["log_threshold"] = -threshold * summed / np.asarray(bandwidth, drive.dtype)
    return gradients, residual, code


class JumpReLUAutoencoder(DenseAutoencoder):
    """A dense autoencoder whose units are silent below thresholds of their own.

    ``code = drive * (drive > threshold_)``: what is active is not shrunk, as with the L1 penalty, and no unit knows of
    another, as in a competition. It does not hold k: the loss has a term by which k units are active on average over
    training patterns, few for one and many for another, and on other patterns it may be another mean. Thresholds
    start where k units are active: from near 0, as in the paper, it takes more steps than there are here. Decoder rows
    have norm 1.

    Parameters
    ----------
    n_hidden : int
    k : int
        Mean number of active units that is aimed at.
    price : float
        Of half the squared relative distance from k, in patterns of unit variance per input.
    bandwidth : float
        Of the straight-through estimate, relative to the root mean square norm of a pattern. The paper has 0.001 with
        batches of thousands; small batches need more, for some pattern to be near each threshold.
    learning_rate, n_epochs, batch_size, decay, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `DenseAutoencoder`.

    Attributes
    ----------
    threshold_ : ndarray of shape (n_hidden,)
        In units of drive. The other attributes are those of `DenseAutoencoder`.

    References
    ----------
    Rajamanoharan et al. (2024), Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders,
    arXiv 2407.14435, whose loss has a price for each active unit; here, as in implementations since, for the distance
    of their mean from the number that is wanted.
    """

    selection = "none"

    def __init__(
        self,
        n_hidden: int = 128,
        k: int = 10,
        *,
        price: float = 1.0,
        bandwidth: float = 0.03,
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
        self.price = price
        self.bandwidth = bandwidth

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        given = super().check_parameters()
        return given | {
            "k": check_count("k", self.k, at_most=given["n_hidden"]),
            "price": check_real("price", self.price, at_least=0),
            "bandwidth": check_real("bandwidth", self.bandwidth, above=0),
        }

    def _activate(self, drive: np.ndarray) -> np.ndarray:
        return np.where(drive > self.threshold_, drive, 0.0)

    def _start(self, X: np.ndarray) -> None:
        super()._start(X)
        n_hidden, norm = self._given.n_hidden, X.shape[1] ** 0.5  # of a pattern of unit variance per input
        self._bandwidth = self._given.bandwidth * norm
        drive = drives(self._network, self._scaled(X[:: -(-len(X) // N_FIRST)]))
        first = max(float(np.quantile(drive, 1 - self._given.k / n_hidden)), LEAST_THRESHOLD * norm)
        self._network["log_threshold"] = np.full(n_hidden, np.log(first), np.float32)
        self._adam = Adam(self._network)

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        return backward_with_jumps(self._network, patterns, self._given.k, self._given.price, self._bandwidth)

    def _finish(self, n_passes: int) -> Self:
        super()._finish(n_passes)
        self.threshold_ = np.exp(self._network["log_threshold"].astype(np.float64)) * self._scale
        return self
