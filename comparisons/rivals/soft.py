"""The soft alternative: rectified units whose activity costs; sparseness comes from a penalty, not a selection."""

from __future__ import annotations

from typing import Any

import numpy as np

from comparisons.rivals.dense import DenseAutoencoder, Network, backward, drives
from selective_firing._checks.arguments import check_real

__all__ = ["SoftAutoencoder", "penalised"]


def penalised(network: Network, patterns: np.ndarray, l1: float) -> tuple[Network, np.ndarray, np.ndarray]:
    """Return the gradients of the penalised error, what the reconstruction lacks, and the code.

    Parameters
    ----------
    network : dict
    patterns : ndarray of shape (n_samples, n_inputs)
    l1 : float
        Price of a unit of activity.

    Returns
    -------
    gradients : dict
        Of half the mean squared error plus `l1` times the summed activity, per input value.
    residual : ndarray of shape (n_samples, n_inputs)
    code : ndarray of shape (n_samples, n_hidden)
    """
    code = np.maximum(drives(network, patterns), 0)
    gradients, residual = backward(network, patterns, code)
    slope = (code > 0) * np.asarray(l1 / patterns.size, code.dtype)
    gradients["encoder"] += slope.T @ (patterns - network["offset"])
    gradients["bias"] += slope.sum(axis=0)
    gradients["offset"] -= slope.sum(axis=0) @ network["encoder"]
    return gradients, residual, code


class SoftAutoencoder(DenseAutoencoder):
    """A dense autoencoder with an L1 penalty: how many units are active is up to each stimulus.

    Rows of the decoder must keep norm 1: otherwise they would grow, and the penalty mean nothing. The attributes are
    those of `DenseAutoencoder`.

    Parameters
    ----------
    n_hidden : int
    l1 : float
        Price of a unit of activity, in patterns of unit variance per input.
    learning_rate, n_epochs, batch_size, decay, unit_norm, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `DenseAutoencoder`.
    """

    def __init__(
        self,
        n_hidden: int = 128,
        *,
        l1: float = 1.0,
        learning_rate: float = 1e-3,
        n_epochs: int = 20,
        batch_size: int = 128,
        decay: float = 0.2,
        unit_norm: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-4,
        random_state: object = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            n_hidden, learning_rate=learning_rate, n_epochs=n_epochs, batch_size=batch_size, decay=decay,
            unit_norm=unit_norm, random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip
        self.l1 = l1

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        given = super().check_parameters()
        if not given["unit_norm"]:
            raise ValueError("unit_norm must be True with a penalty, got False.")
        return given | {"l1": check_real("l1", self.l1, at_least=0)}

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        return penalised(self._network, patterns, self._given.l1)
