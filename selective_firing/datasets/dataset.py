"""What every data set here is."""

from __future__ import annotations

from dataclasses import dataclass, field
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

    @property
    def n_inputs(self) -> int:
        """Width of a pattern."""
        return self.X_train.shape[1]
