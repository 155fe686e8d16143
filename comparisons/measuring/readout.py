"""What a linear read-out finds in codes: logistic regression, or one that wants a margin, on frozen features."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from selective_firing._checks.arguments import check_choice

__all__ = ["HINGE", "LOGISTIC", "LOSSES", "ReadOut", "read_out"]

LOSSES = LOGISTIC, HINGE = "logistic", "squared hinge"
"""What a read-out minimises: of all classes at once, or of each against the others."""


@dataclass(frozen=True)
class ReadOut:
    """A fitted read-out.

    Attributes
    ----------
    scale : float
        By which codes are divided: the mean positive value of those that it was fitted to.
    classifier : LogisticRegression or LinearSVC
    """

    scale: float
    classifier: LogisticRegression | LinearSVC

    def accuracy(self, code: np.ndarray | csr_matrix, labels: np.ndarray) -> float:
        """Return the share of codes (n_samples, n_units) whose class is told.

        Parameters
        ----------
        code : ndarray or csr_matrix of shape (n_samples, n_units)
        labels : ndarray of shape (n_samples,)
        """
        return float(self.classifier.score(code / self.scale, labels))

    def log_probabilities(self, code: np.ndarray) -> np.ndarray:
        """Return what is believed of each class, natural logarithms of shape (n_samples, n_classes).

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_units)

        Raises
        ------
        TypeError
            If the loss was not logistic: a margin is no probability.
        """
        if not isinstance(self.classifier, LogisticRegression):
            raise TypeError(f"loss must be {LOGISTIC!r} for probabilities, got {HINGE!r}.")
        return self.classifier.predict_log_proba(code / self.scale)


def read_out(
    code: np.ndarray | csr_matrix, labels: np.ndarray, C: float = 0.1, max_iter: int = 400, loss: str = LOGISTIC
) -> ReadOut:
    """Return a linear classifier of codes, with an L2 penalty on its weights.

    Parameters
    ----------
    code : ndarray or csr_matrix of shape (n_samples, n_units)
        One factor brings what is above 0 to a mean of 1, so that `C` means about the same for every model.
    labels : ndarray of shape (n_samples,)
    C : float
        Inverse strength of the penalty, per summed loss.
    max_iter : int
        Steps of L-BFGS at most: with a weak penalty it ends there, near enough for an error rate. The squared hinge
        takes Newton's steps, a dozen.
    loss : {"logistic", "squared hinge"}
        Multinomial logistic regression; or a linear support vector machine per class, against the others, whose
        intercept is penalised as a weight is (LIBLINEAR: Fan et al. 2008, J Mach Learn Res 9:1871).

    Raises
    ------
    ValueError
        If `loss` is not one of these.
    """
    hinge = check_choice("loss", loss, LOSSES) == HINGE
    classifier = LinearSVC(C=C, dual=False, random_state=0) if hinge else LogisticRegression(C=C, max_iter=max_iter)
    values = code.data if isinstance(code, csr_matrix) else code
    positive = values[values > 0]
    scale = float(positive.mean()) if positive.size else 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ReadOut(scale, classifier.fit(code / scale, labels))
