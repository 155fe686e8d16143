"""What is held equal on each data set; and data without sparse structure, as controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from selective_firing import datasets
from selective_firing.datasets import Dataset

__all__ = ["CONTROLS", "SCENES", "Scene", "load"]

CONTROLS = ("noise", "low rank")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all models have in common on one data set.

    Attributes
    ----------
    n_hidden, k, n_epochs : int
    ks : tuple of int
        Those that k is varied over.
    batch_sizes : tuple of int
        Those that the search for settings chooses from.
    n_samples : int, optional
        Training patterns that each seed draws; all if not given.
    options : mapping
        Of the function that makes the data set.
    """

    n_hidden: int
    k: int
    n_epochs: int
    ks: tuple[int, ...]
    batch_sizes: tuple[int, ...] = (16, 64)
    n_samples: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


SCENES = {
    "digits": Scene(n_hidden=128, k=10, n_epochs=10, ks=(2, 3, 5, 10, 20, 40)),
    "bars": Scene(n_hidden=64, k=4, n_epochs=6, ks=(1, 2, 4, 8, 16)),
    "patches": Scene(n_hidden=128, k=10, n_epochs=3, ks=(2, 3, 5, 10, 20, 40), options={"n_samples": 15_000}),
    "mnist": Scene(n_hidden=256, k=10, n_epochs=2, ks=(2, 5, 10, 25, 50), batch_sizes=(64, 256), n_samples=30_000),
    "noise": Scene(n_hidden=128, k=10, n_epochs=3, ks=(10,)),
    "low rank": Scene(n_hidden=128, k=10, n_epochs=3, ks=(10,)),
}
"""By data set."""


@lru_cache(maxsize=2)
def load(dataset: str, seed: int, data_dir: str | None) -> Dataset:
    """Return a data set; the seed draws it, where it is drawn.

    Parameters
    ----------
    dataset : str
        A name of `SCENES`.
    seed : int
    data_dir : str or None
        Of the MNIST files.
    """
    if dataset in CONTROLS:
        return _control(dataset, np.random.default_rng(seed))
    return datasets.from_name(dataset, data_dir, seed, **SCENES[dataset].options)


def _control(dataset: str, rng: np.random.Generator, n_samples: int = 5000, n_inputs: int = 64) -> Dataset:
    """Return Gaussian noise, or Gaussian data of 8 dense factors and a little noise."""
    X = rng.standard_normal((n_samples, n_inputs))
    if dataset == "low rank":
        X = rng.standard_normal((n_samples, 8)) @ rng.standard_normal((8, n_inputs)) / np.sqrt(8) + 0.1 * X
    n_test = n_samples // 5
    return Dataset(X_train=X[n_test:], X_test=X[:n_test], name=dataset, image_shape=(8, 8))
