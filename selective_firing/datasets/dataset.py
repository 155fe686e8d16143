"""What every data set here is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["Dataset"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Patterns to learn from and patterns to test on.

    Attributes
    ----------
    X_train, X_test : ndarray of float64, shape (n_samples, n_inputs)
    y_train, y_test : ndarray of int, shape (n_samples,), or None
        Class labels.
    factors_train, factors_test : ndarray of bool, shape (n_samples, n_factors), or None
        What generated each pattern, where that is known.
    image_shape : tuple of int or None
        (height, width). Patterns twice as wide hold an on image, then an off image.
    name : str
    provenance : dict
        Source, parameters and split, as JSON can hold them.
    """

    X_train: np.ndarray
    X_test: np.ndarray
    name: str
    y_train: np.ndarray | None = None
    y_test: np.ndarray | None = None
    factors_train: np.ndarray | None = None
    factors_test: np.ndarray | None = None
    image_shape: tuple[int, int] | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    def head(self, n: int) -> Dataset:
        """Return the same with the first `n` test patterns only."""
        few = {name: value[:n] for name in ("X_test", "y_test", "factors_test")
               if (value := getattr(self, name)) is not None}  # fmt: skip
        return replace(self, **few)

    @property
    def n_inputs(self) -> int:
        """Width of a pattern."""
        return self.X_train.shape[1]
