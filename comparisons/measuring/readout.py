"""What a linear read-out finds in codes: logistic regression on frozen features."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

__all__ = ["ReadOut", "read_out"]


@dataclass(frozen=True)
class ReadOut:
    """A fitted read-out.

    Attributes
    ----------
    scale : float
        By which codes are divided: the mean positive value of those that it was fitted to.
    regression : LogisticRegression
    """

    scale: float
    regression: LogisticRegression

    def accuracy(self, code: np.ndarray, labels: np.ndarray) -> float:
        """Return the share of codes (n_samples, n_units) whose class is told.

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_units)
        labels : ndarray of shape (n_samples,)
        """
        return float(self.regression.score(code / self.scale, labels))

    def log_probabilities(self, code: np.ndarray) -> np.ndarray:
        """Return what is believed of each class, natural logarithms of shape (n_samples, n_classes).

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_units)
        """
        return self.regression.predict_log_proba(code / self.scale)


def read_out(code: np.ndarray, labels: np.ndarray, C: float = 0.1, max_iter: int = 400) -> ReadOut:
    """Return a multinomial logistic regression on codes.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_units)
        One factor brings all units to the scale of 1, so that `C` means the same for every model.
    labels : ndarray of shape (n_samples,)
    C : float
        Inverse strength of the L2 penalty.
    max_iter : int
        Steps of L-BFGS at most: with a weak penalty it ends there, near enough for an error rate.
    """
    positive = code[code > 0]
    scale = float(positive.mean()) if positive.size else 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ReadOut(scale, LogisticRegression(C=C, max_iter=max_iter).fit(code / scale, labels))
