"""What every autoencoder here offers, so that no comparison needs to ask which model it holds."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from selective_firing._checks.arguments import check_kind, check_patterns, check_scale, naming
from selective_firing._checks.arrays import as_numbers
from selective_firing.measures.reconstruction import share_left, squared_error

__all__ = ["Autoencoder", "Decoding", "patterns_of"]

BLOCK = 8_000_000
"""Numbers in the codes, or the patterns, that are decoded at a time to be scored: no copy of either is whole."""


def patterns_of(model: Any, X: object, reset: bool) -> np.ndarray:
    """Return patterns for a scikit-learn estimator as finite, C-contiguous float64, shape (n_samples, n_inputs).

    Parameters
    ----------
    model : BaseEstimator
    X : array-like of shape (n_samples, n_inputs)
    reset : bool
        Whether the model takes over the number and the names of the columns, and forgets what it had learned: learning
        that fails then leaves a model that is not fitted. Else they must be those that it knows.

    Raises
    ------
    TypeError, ValueError
        If X is no table of finite real numbers, has other columns, or a scale whose squares no float can hold; the
        model is then as it was.
    """
    from sklearn.utils.validation import validate_data

    before = dict(vars(model))
    try:
        with naming("X"):
            check_kind("X", X)
            patterns = np.asarray(validate_data(model, X, dtype=np.float64, order="C", reset=reset))
        check_scale("X", patterns)
    except Exception:
        vars(model).clear()
        vars(model).update(before)
        raise
    if reset:
        for name in [
            name for name in before if name.endswith("_") and name not in ("n_features_in_", "feature_names_in_")
        ]:
            delattr(model, name)
    return patterns


@runtime_checkable
class Autoencoder(Protocol):
    """An encoder and a linear decoder.

    Attributes
    ----------
    components_ : ndarray of shape (n_hidden, n_inputs)
        What one unit of each hidden activity adds to the reconstruction.
    encoder_ : ndarray of shape (n_hidden, n_inputs)
    bias_ : ndarray of shape (n_hidden,)
        With which the drive of the hidden units is ``encoder_ @ (x - offset_) + bias_``.
    offset_ : ndarray of shape (n_inputs,)
        The reconstruction of an empty code.
    mean_ : ndarray of shape (n_inputs,)
        Mean of the training patterns: the reference of NMSE.
    """

    components_: np.ndarray
    encoder_: np.ndarray
    bias_: np.ndarray
    offset_: np.ndarray
    mean_: np.ndarray

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Learn from the patterns `X` of shape (n_samples, n_inputs).

        Parameters
        ----------
        X : ndarray
        y : ignored
        """

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes, shape (n_samples, n_hidden), in units of drive.

        Parameters
        ----------
        X : ndarray
        """

    def drive(self, X: np.ndarray) -> np.ndarray:
        """Return what drives each hidden unit before any selection, shape (n_samples, n_hidden).

        Parameters
        ----------
        X : ndarray
        """

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """Return the patterns that the codes `X` stand for, shape (n_samples, n_inputs)."""

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return `inverse_transform(transform(X))`."""

    def score(self, X: np.ndarray, y: object = None) -> float:
        """Return 1 - NMSE: 1 for a perfect reconstruction, 0 for the training mean.

        Parameters
        ----------
        X : ndarray
        y : ignored
        """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor, as scikit-learn does.

        Parameters
        ----------
        deep : bool, optional
        """

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor, as scikit-learn does.

        Parameters
        ----------
        **params : Any
        """


class Decoding:
    """What all autoencoders here share: a linear drive, a linear read-out of the code, and its score."""

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether the model has learned: the width of the patterns is known before that."""
        return hasattr(self, "components_")

    def drive(self: Autoencoder, X: np.ndarray) -> np.ndarray:
        """Return what drives each hidden unit before any selection, shape (n_samples, n_hidden).

        Parameters
        ----------
        X : ndarray
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self)
        return (check_patterns(X, self.encoder_.shape[1]) - self.offset_) @ self.encoder_.T + self.bias_

    def inverse_transform(self: Autoencoder, X: np.ndarray) -> np.ndarray:
        """Return the patterns that codes stand for.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_hidden)
            Codes, as `transform` returns them.

        Returns
        -------
        ndarray of shape (n_samples, n_inputs)
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self)
        code = check_patterns(X, self.components_.shape[0], "code", smallest=0.0, sparse=True)
        return code @ self.components_ + self.offset_

    def reconstruct(self: Autoencoder, X: np.ndarray) -> np.ndarray:
        """Return `inverse_transform(transform(X))`, shape (n_samples, n_inputs)."""
        return self.inverse_transform(self.transform(X))

    def score(self: Autoencoder, X: np.ndarray, y: object = None) -> float:
        """Return 1 - NMSE of the reconstruction of `X` against the mean of the training patterns.

        As `measures.nmse` says, it is -inf where no pattern differs from that mean, and the reconstruction does.

        Parameters
        ----------
        X : ndarray
        y : ignored
        """
        code = self.simulate(X).sparse_code if hasattr(self, "simulate") else self.transform(X)
        patterns = as_numbers("X", X)
        errors, powers, rows = [], [], max(1, BLOCK // max(self.components_.shape))
        for start in range(0, len(patterns), rows):
            shown, block = patterns[start : start + rows], code[start : start + rows]
            rebuilt = self.inverse_transform(block.toarray() if hasattr(block, "toarray") else block)
            errors.append(squared_error(shown, rebuilt))
            powers.append(squared_error(shown, np.broadcast_to(self.mean_, shown.shape)))
        return 1.0 - share_left(np.concatenate(errors), np.concatenate(powers))

    @property
    def _n_features_out(self: Autoencoder) -> int:
        """Width of the code, from which scikit-learn makes `get_feature_names_out`."""
        return self.components_.shape[0]
