"""Models without learning to speak of: principal components, and the inputs themselves, as codes of rectified cells."""

from __future__ import annotations

from copy import copy
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.shared.kept import Kept
from selective_firing._checks.arguments import check_count, check_flag
from selective_firing.protocol import Decoding, patterns_of

__all__ = ["Pixels", "PrincipalComponents"]


class _Linear(Kept, Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Orthonormal directions, each of one signed unit or of two cells, on and off, as rates are not negative."""

    selection = "none"

    def __init__(self, n_hidden: int = 128, *, signed: bool = False) -> None:
        self.n_hidden = n_hidden
        self.signed = signed

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Take mean and directions of `X`, shape (n_samples, n_inputs); `y` is ignored."""
        n_hidden, signed = check_count("n_hidden", self.n_hidden), check_flag("signed", self.signed)
        X = patterns_of(self, X, reset=True)
        self.mean_ = self.offset_ = X.mean(axis=0)
        axes = self._axes(X - self.mean_)[: n_hidden if signed else max(1, n_hidden // 2)]
        self.components_ = self.encoder_ = axes if signed else np.concatenate([axes, -axes])
        self.bias_ = np.zeros(len(self.components_))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        drive = (patterns_of(self, X, reset=False) - self.offset_) @ self.encoder_.T
        return drive if self.signed else np.maximum(drive, 0)

    def _axes(self, centred: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class PrincipalComponents(_Linear):
    """The directions of largest variance.

    Parameters
    ----------
    n_hidden : int
        Units at most: components if signed, else on and off cells, two for each component.
    signed : bool
        Whether a unit may be negative.

    Attributes
    ----------
    components_, encoder_ : ndarray of shape (n_hidden, n_inputs)
        In order of the variance along them; off cells after on cells.
    bias_ : ndarray of shape (n_hidden,)
        Zeros.
    mean_, offset_ : ndarray of shape (n_inputs,)
    n_features_in_ : int
    """

    def _axes(self, centred: np.ndarray) -> np.ndarray:
        variance, axes = np.linalg.eigh(centred.T @ centred)
        return axes.T[np.argsort(-variance, kind="stable")]

    def first(self, n_components: int) -> Self:
        """Return the same with the first components only.

        Parameters
        ----------
        n_components : int
        """
        check_is_fitted(self)
        n_known = len(self.components_) if self.signed else len(self.components_) // 2
        kept = np.arange(min(n_components, n_known))
        few = copy(self)
        rows = kept if self.signed else np.concatenate([kept, n_known + kept])
        few.components_ = few.encoder_ = self.components_[rows]
        few.bias_, few.n_hidden = self.bias_[rows], len(rows)
        return few


class Pixels(_Linear):
    """The inputs themselves, each about its mean: no code at all, as a reference.

    Parameters
    ----------
    n_hidden : int
        Inputs at most that are told, the first; on and off cells are two for each.
    signed : bool
        Whether a unit may be negative.

    Attributes
    ----------
    components_, encoder_, bias_, mean_, offset_, n_features_in_
        As those of `PrincipalComponents`, the directions those of the inputs.
    """

    def _axes(self, centred: np.ndarray) -> np.ndarray:
        return np.eye(centred.shape[1])
