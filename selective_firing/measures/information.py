"""How many bits a code tells, about the class of a stimulus or about the stimulus itself: estimates."""

from __future__ import annotations

import numpy as np

__all__ = ["class_information", "gaussian_bits"]


def class_information(log_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the bits about the class that a read-out finds in a code: entropy of the labels less cross-entropy.

    A lower bound of the mutual information of code and class, in expectation, if the read-out has not seen these
    stimuli (Barber & Agakov 2003, NIPS 16: the bound holds for any read-out).

    Parameters
    ----------
    log_probabilities : array-like of shape (n_samples, n_classes)
        Natural logarithms of what the read-out believes of each class, for stimuli that it was not fitted to.
    labels : array-like of int, shape (n_samples,)
        Column of the class that each stimulus has.

    Returns
    -------
    float
        At most the entropy of the labels; negative if the read-out does worse than their shares would.

    Examples
    --------
    >>> class_information(np.log([[1.0, 1e-300], [1e-300, 1.0]]), [0, 1])
    1.0
    >>> class_information(np.log([[0.5, 0.5], [0.5, 0.5]]), [0, 1])
    0.0
    """
    log_probabilities, labels = np.asarray(log_probabilities, dtype=float), np.asarray(labels)
    if log_probabilities.ndim != 2 or labels.shape != log_probabilities.shape[:1]:
        raise ValueError(f"labels must be of shape ({len(log_probabilities)},), got {labels.shape}.")
    shares = np.unique(labels, return_counts=True)[1] / labels.size
    entropy = -(shares * np.log(shares)).sum()
    return float((entropy + log_probabilities[np.arange(labels.size), labels].mean()) / np.log(2))


def gaussian_bits(X: np.ndarray, X_hat: np.ndarray) -> float:
    """Return the rate at which a Gaussian source of these stimuli would be reconstructed as well, in bits per stimulus.

    sum over principal axes of 1/2 log2(variance / error), where the error is below the variance: the rate-distortion
    function of independent Gaussians (Cover & Thomas 2006, section 10.3) at the errors that were found. It speaks of
    the reconstruction's second moments only: neither a bound nor a measured information.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, n_inputs)
        Stimuli and their reconstructions.

    Returns
    -------
    float
        0 for a reconstruction that knows only the mean; inf for a perfect one.

    Examples
    --------
    >>> gaussian_bits([[2.0, 1.0], [-2.0, -1.0], [2.0, -1.0], [-2.0, 1.0]], [[1.0, 0], [-1.0, 0], [1.0, 0], [-1.0, 0]])
    1.0
    """
    X, X_hat = np.asarray(X, dtype=float), np.asarray(X_hat, dtype=float)
    if X.ndim != 2 or X.shape != X_hat.shape:
        raise ValueError(f"X and X_hat must be 2-D and of one shape, got {X.shape} and {X_hat.shape}.")
    centred = X - X.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(X))
    error = (((X - X_hat) @ axes) ** 2).mean(axis=0)
    told = (variance > 1e-9 * variance.max()) & (error < variance)  # an axis without variance tells nothing
    with np.errstate(divide="ignore"):
        return float(0.5 * np.log2(variance[told] / error[told]).sum())
