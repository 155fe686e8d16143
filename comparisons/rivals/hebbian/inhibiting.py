"""What networks share whose units inhibit each other for some steps, and whose thresholds hold how often they fire."""

from __future__ import annotations

from typing import Any

import numpy as np

from comparisons.rivals.hebbian.local import LocalLearning
from selective_firing._checks.arguments import check_count, check_real

__all__ = ["Inhibiting", "centred_frame", "first_drives", "first_thresholds"]

LEAST_THRESHOLD = 0.5
"""At which units that spike begin, in standard deviations of what drives them: at 0 they would spike without end."""
N_FIRST = 2000
"""Patterns, at most, whose drives say where thresholds start."""


class Inhibiting(LocalLearning):
    """A network of units with lateral inhibition, directly or by others.

    Parameters
    ----------
    n_hidden, k, learning_rate, n_epochs, batch_size, random_state
        As of `LocalLearning`.
    lateral, homeostasis : float
        Rates of lateral weights and of thresholds, relative to that of forward weights.
    n_steps : int
        Of a presentation.
    """

    selection = "circuit"

    def __init__(
        self, n_hidden: int, k: int, *, learning_rate: float, lateral: float, homeostasis: float, n_steps: int,
        n_epochs: int, batch_size: int, random_state: object,
    ) -> None:  # fmt: skip
        self.n_hidden = n_hidden
        self.k = k
        self.learning_rate = learning_rate
        self.lateral = lateral
        self.homeostasis = homeostasis
        self.n_steps = n_steps
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.random_state = random_state

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        return super().check_parameters() | {
            "lateral": check_real("lateral", self.lateral, at_least=0),
            "homeostasis": check_real("homeostasis", self.homeostasis, at_least=0),
            "n_steps": check_count("n_steps", self.n_steps, at_most=1000),
        }


def centred_frame(X: np.ndarray, mean: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the scale and the shift that leave patterns centred, with a variance of 1 over all inputs.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    mean : ndarray of shape (n_inputs,)
    """
    return float(np.sqrt(np.mean((X - mean) ** 2))) or 1.0, mean


def first_drives(inputs: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return what some of the inputs, evenly chosen, drive units with, shape (n, n_hidden).

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
    forward : ndarray of shape (n_hidden, n_inputs)
    """
    return inputs[:: -(-len(inputs) // N_FIRST)] @ forward.T


def first_thresholds(drive: np.ndarray, share: float) -> np.ndarray:
    """Return thresholds that a share of the patterns drives units beyond, each at least half the drive's spread.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
    share : float
        From 0 to 1.

    Examples
    --------
    >>> first_thresholds(np.array([[-1.0], [0.0], [1.0]]), 0.5).round(3)  # the median is 0
    array([0.408])
    """
    return np.maximum(np.quantile(drive, 1 - share, axis=0), LEAST_THRESHOLD * drive.std(axis=0))
