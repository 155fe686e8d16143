"""What models share whose code is a sort: the k largest positive drives."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.shared.kept import Kept
from comparisons.rivals.topk import top_k
from selective_firing._checks.arguments import check_count
from selective_firing.protocol import Decoding, patterns_of

__all__ = ["Sorting"]


class Sorting(Kept, Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A model that has learned weights, somehow, and encodes by a sort.

    It is a `TransformerMixin` itself: scikit-learn's `set_output` knows a `transform` only of a class that is one.

    Attributes
    ----------
    k : int
        Number of winners.
    """

    k: int

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes, shape (n_samples, n_hidden): the k largest positive drives.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_inputs)
        """
        check_is_fitted(self)
        X = patterns_of(self, X, reset=False)
        return top_k(self.drive(X), check_count("k", self.k, at_most=len(self.components_)))
