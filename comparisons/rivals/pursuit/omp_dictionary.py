"""A dictionary learned for orthogonal matching pursuit: what k units can do where encoding may take its time."""

from __future__ import annotations

from typing import Any

import numpy as np

from comparisons.rivals.dense import Network
from comparisons.rivals.pursuit.matching_pursuit import MatchingPursuitAutoencoder
from comparisons.rivals.pursuit.solvers import orthogonal_pursuit
from selective_firing._checks.arguments import check_flag

__all__ = ["OMPDictionary"]


class OMPDictionary(MatchingPursuitAutoencoder):
    """Weights whose codes are orthogonal matching pursuits, while they learn and afterwards.

    Each batch is coded, and the weights descend the error with the codes as they are: with rates of least squares the
    error has no slope in them, so that is its whole gradient, as long as the choices stay. There is no encoder but the
    pursuit, which refits all rates after every choice. Attributes are those of `DenseAutoencoder`; `encoder_` is
    `components_`, and `bias_` is 0.

    Exactly k units are active, but for patterns that fewer explain, or that nothing resembles.

    Parameters
    ----------
    n_hidden, k : int
    positive : bool
        Whether rates must not be negative, as those of cells are not. Measures and ledgers take codes to be so: they do
        not see negative rates as activity.
    learning_rate, n_epochs, batch_size, decay, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `DenseAutoencoder`.

    References
    ----------
    Engan, Aase & Husøy (1999), Method of optimal directions for frame design, ICASSP 5:2443, alternate like this, with
    least squares in place of the gradient; Olshausen & Field (1996), Nature 381:607, have the gradient.
    """

    def __init__(
        self,
        n_hidden: int = 128,
        k: int = 10,
        *,
        positive: bool = True,
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
            n_hidden, k, learning_rate=learning_rate, n_epochs=n_epochs, batch_size=batch_size, decay=decay,
            random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip
        self.positive = positive

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        return super().check_parameters() | {"positive": check_flag("positive", self.positive)}

    def _code(self, drive: np.ndarray, gram: np.ndarray, k: int) -> np.ndarray:
        return orthogonal_pursuit(drive, gram, k, check_flag("positive", self.positive))

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        decoder, centred = self._network["decoder"], patterns - self._network["offset"]
        drive, gram = (centred @ decoder.T).astype(np.float64), (decoder @ decoder.T).astype(np.float64)
        code = self._code(drive, gram, self._given.k).astype(patterns.dtype)
        residual = centred - code @ decoder
        slope = residual / -residual.size
        return {"decoder": code.T @ slope, "offset": slope.sum(axis=0)}, residual, code
