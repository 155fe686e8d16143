"""What every data set here is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from selective_firing._checks.arguments import check_count

__all__ = ["Dataset"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """Patterns to learn from and patterns to test on. Two are equal only if they are the same object.

    Attributes
    ----------
    X_train, X_test : ndarray of float64, shape (n_samples, n_inputs)
    y_train, y_test : ndarray of int, shape (n_samples,), or None
        Class labels.
    factors_train, factors_test : ndarray of bool, shape (n_samples, n_factors), or None
        What generated each pattern, where that is known.
    features : ndarray of shape (n_factors, n_inputs), or None
        What each factor looks like by itself, where that is known.
    codes_train, codes_test : ndarray of shape (n_samples, n_factors), or None
        How much of each feature is in each pattern, where patterns are sums of them.
    image_shape : tuple of int or None
        (height, width). Patterns twice as wide hold an on image, then an off image.
    name : str
    provenance : dict
        Source, parameters and split, as JSON can hold them.

    Examples
    --------
    >>> Dataset(X_train=np.zeros((3, 4)), X_test=np.ones((1, 4)), y_train=np.array([0, 1, 1]), name="mine")
    Dataset(mine: 3 train, 1 test, 4 inputs, 2 classes)
    """

    X_train: np.ndarray
    X_test: np.ndarray
    name: str
    y_train: np.ndarray | None = None
    y_test: np.ndarray | None = None
    factors_train: np.ndarray | None = None
    factors_test: np.ndarray | None = None
    features: np.ndarray | None = None
    codes_train: np.ndarray | None = None
    codes_test: np.ndarray | None = None
    image_shape: tuple[int, int] | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        parts = [f"{len(self.X_train):,} train", f"{len(self.X_test):,} test", f"{self.n_inputs:,} inputs"]
        if self.y_train is not None:
            parts.append(f"{len(np.unique(self.y_train)):,} classes")
        if self.factors_train is not None:
            parts.append(f"{self.factors_train.shape[1]:,} factors")
        return f"{type(self).__name__}({self.name}: {', '.join(parts)})"

    def head(self, n: int) -> Dataset:
        """Return the same with the first test patterns only.

        Parameters
        ----------
        n : int
            How many; all of them if they are fewer.

        Examples
        --------
        >>> Dataset(X_train=np.zeros((3, 4)), X_test=np.ones((2, 4)), name="mine").head(1)
        Dataset(mine: 3 train, 1 test, 4 inputs)
        """
        n = check_count("n", n)
        few = {name: value[:n] for name in ("X_test", "y_test", "factors_test", "codes_test")
               if (value := getattr(self, name)) is not None}  # fmt: skip
        return replace(self, **few)

    @property
    def n_inputs(self) -> int:
        """Width of a pattern."""
        return self.X_train.shape[1]
