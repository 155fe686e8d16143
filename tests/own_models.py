"""Models as users bring them, for tests: one of scikit-learn's, and one that is written from nothing."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import MiniBatchDictionaryLearning

__all__ = ["Mine", "dictionary", "negative"]


class Dictionary(MiniBatchDictionaryLearning):
    """With a decoder by a name that any version of scikit-learn lets it have."""

    def decode(self, code):
        return code @ self.components_


def dictionary(n_hidden, random_state):
    return Dictionary(
        n_hidden, alpha=0.1, max_iter=2, batch_size=64, fit_algorithm="cd", positive_code=True,
        transform_algorithm="lasso_cd", transform_alpha=0.1, random_state=random_state,
    )  # fmt: skip


class Mine:
    """The k largest overlaps with patterns that are remembered; it knows no scikit-learn."""

    def __init__(self, n_hidden, k):
        self.n_hidden, self.k = n_hidden, k

    def fit(self, X):
        self.mean = X.mean(axis=0)
        rows = np.resize(X - self.mean, (self.n_hidden, X.shape[1]))
        self.rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode(self, X):
        drive = np.maximum((X - self.mean) @ self.rows.T, 0)
        drive[drive < np.sort(drive, axis=1)[:, -self.k, None]] = 0
        return drive

    def decode(self, code):
        return code @ self.rows + self.mean


class Negative(Mine):
    def encode(self, X):
        return -super().encode(X)


def negative(**wishes):
    return Negative(wishes["n_hidden"], wishes["k"])
