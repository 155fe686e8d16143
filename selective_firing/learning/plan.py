"""What a fit has in mind: what stays the same from its first presentation to its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from selective_firing.learning.history import Stopping
from selective_firing.learning.k_schedule import k_of_each_pass
from selective_firing.parameters import CircuitParameters

__all__ = ["Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What stays the same from the first presentation to the last.

    Attributes
    ----------
    ks : list of int
        Number of winners in each epoch.
    parameters : RateParameters or SpikingParameters
    learning_rate : float
        Dimensionless, at the first presentation.
    change : float
        Of the learning rate from one presentation to the next.
    n_epochs : int
    homeostasis : float
    tied : bool
    codegen : str
    k : int
        Number of winners in the end, and of patterns that are held out.
    stopping : Stopping, optional
        When learning ends before its last epoch.
    reference : ndarray of shape (n_inputs,), optional
        Mean of the patterns, where it is not taken off them.
    """

    ks: list[int]
    parameters: CircuitParameters
    learning_rate: float
    change: float
    n_epochs: int
    homeostasis: float
    tied: bool
    codegen: str
    k: int
    stopping: Stopping | None = None
    reference: np.ndarray | None = None

    @classmethod
    def of(
        cls, k: int, k_start: int | None, n_epochs: int, learning_rate: float, anneal_over: int | None, **others: Any
    ) -> Self:
        """Return a plan, with numbers as they were checked.

        Parameters
        ----------
        k, n_epochs : int
        k_start : int or None
        learning_rate : float
        anneal_over : int or None
            Patterns of each epoch while the rate falls to 0 and k to its value; None if both are constant.
        **others : Any
            Attributes of the plan that are as they are.
        """
        rate, n_epochs = float(learning_rate), int(n_epochs)
        change = 0.0 if anneal_over is None else -rate / (n_epochs * anneal_over)
        ks = k_of_each_pass(int(k), k_start if anneal_over else None, n_epochs)
        return cls(learning_rate=rate, change=change, n_epochs=n_epochs, ks=ks, k=int(k), **others)
