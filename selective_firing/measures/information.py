"""How many bits a code tells, about the class of a stimulus or about the stimulus itself: estimates."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arrays import check_labels, check_numbers, near_one

__all__ = ["class_information", "gaussian_bits"]


def class_information(log_probabilities: np.ndarray, labels: np.ndarray, classes: np.ndarray | None = None) -> float:
    """Return the bits about the class that a read-out finds in a code: entropy of the labels less cross-entropy.

    A lower bound of the mutual information of code and class, in expectation, if the read-out has not seen these
    stimuli (Barber & Agakov 2003, NIPS 16: the bound holds for any read-out).

    Parameters
    ----------
    log_probabilities : array-like of shape (n_samples, n_classes)
        Natural logarithms of what the read-out believes of each class, for stimuli that it was not fitted to.
    labels : array-like of shape (n_samples,)
        Class of each stimulus: numbers or words.
    classes : array-like of shape (n_classes,), optional
        Class of each column, as scikit-learn's `classes_`. If not given, the columns are those of the distinct labels
        in ascending order, and must be as many.

    Returns
    -------
    float
        At most the entropy of the labels; negative if the read-out does worse than their shares would, -inf if it
        excludes a class that occurs.

    Raises
    ------
    TypeError, ValueError
        If shapes or classes do not fit, a label is missing or not among the classes, or the rows are no logarithms of
        probabilities.

    Examples
    --------
    >>> class_information(np.log([[1.0, 1e-300], [1e-300, 1.0]]), [0, 1])
    1.0
    >>> class_information(np.log([[0.5, 0.5], [0.5, 0.5]]), ["cat", "dog"])
    0.0
    """
    logs = check_numbers("log_probabilities", log_probabilities, ("n_samples", "n_classes"), finite=False)
    if not np.allclose(np.exp(np.minimum(logs, 1.0)).sum(axis=1), 1.0, atol=1e-3):
        raise ValueError("log_probabilities must be logarithms of probabilities: of rows whose sum is 1.")
    columns = _columns(labels, classes, logs)
    shares = np.unique(columns, return_counts=True)[1] / len(logs)
    entropy = -(shares * np.log(shares)).sum()
    return float((entropy + logs[np.arange(len(logs)), columns].mean()) / np.log(2))


def _columns(labels: object, classes: object, logs: np.ndarray) -> np.ndarray:
    """Return the column of the class of each stimulus, or raise."""
    found, codes = check_labels("labels", labels, len(logs))
    if classes is None:
        if len(found) != logs.shape[1]:
            raise ValueError(
                f"classes must be given if labels do not hold every one, got {len(found)} distinct labels for "
                f"{logs.shape[1]} columns."
            )
        return codes
    known, places = check_labels("classes", classes, logs.shape[1])
    if len(known) != len(places):
        raise ValueError(f"classes must be distinct, got {len(known)} of {len(places)}.")
    column = {known[place]: number for number, place in enumerate(places)}
    unknown = [label for label in found if label not in column]
    if unknown:
        raise ValueError(f"labels must be among classes, got {unknown[0]!r}.")
    return np.array([column[label] for label in found])[codes]


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
    X = check_numbers("X", X, ("n_samples", "n_inputs"))
    X, X_hat = near_one(X, check_numbers("X_hat", X_hat, X.shape))
    centred = X - X.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred / len(X))
    error = (((X - X_hat) @ axes) ** 2).mean(axis=0)
    told = (variance > 1e-9 * variance.max()) & (error < variance)  # an axis without variance tells nothing
    with np.errstate(divide="ignore"):
        return float(0.5 * np.log2(variance[told] / error[told]).sum())
