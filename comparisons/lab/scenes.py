"""What is held equal on each data set; bars that depend on each other, and data without sparse structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

from selective_firing import datasets
from selective_firing.datasets import Dataset

__all__ = ["CONTROLS", "FACTORS", "KNOWN", "SCENES", "Scene", "load"]

CONTROLS = ("noise", "low rank")
FACTORS = CORRELATED, HIERARCHICAL = ("bars, correlated", "bars, hierarchical")
"""Bars whose presence is not independent."""
KNOWN = ("features-superposed", "features-crowded")
"""Sums of known features."""
GROUP, SHARED = 4, 0.5
"""Neighbouring bars that go together; what decides about a bar has this share of its variance from its group."""


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
    like : str, optional
        The data set whose search for settings serves this one, too.
    """

    n_hidden: int
    k: int
    n_epochs: int
    ks: tuple[int, ...]
    batch_sizes: tuple[int, ...] = (16, 64)
    n_samples: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    like: str | None = None


SCENES = {
    "digits": Scene(n_hidden=128, k=10, n_epochs=10, ks=(1, 2, 3, 5, 10, 20, 40)),
    "bars": Scene(n_hidden=64, k=4, n_epochs=6, ks=(1, 2, 4, 8, 16)),
    "patches": Scene(n_hidden=128, k=10, n_epochs=3, ks=(1, 2, 3, 5, 10, 20, 40), options={"n_samples": 15_000}),
    "mnist": Scene(n_hidden=256, k=10, n_epochs=2, ks=(1, 2, 5, 10, 25, 50), batch_sizes=(64, 256), n_samples=30_000),
    CORRELATED: Scene(n_hidden=64, k=4, n_epochs=6, ks=(4,), like="bars"),
    HIERARCHICAL: Scene(n_hidden=64, k=4, n_epochs=6, ks=(4,), like="bars"),
    KNOWN[0]: Scene(n_hidden=64, k=6, n_epochs=10, ks=(6,)),
    KNOWN[1]: Scene(n_hidden=64, k=6, n_epochs=10, ks=(6,), like=KNOWN[0]),
    "noise": Scene(n_hidden=128, k=10, n_epochs=3, ks=(1, 3, 10, 30)),
    "low rank": Scene(n_hidden=128, k=10, n_epochs=3, ks=(1, 3, 10, 30)),
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
    if dataset in FACTORS:
        return _bars(dataset, np.random.default_rng(seed))
    return datasets.from_name(dataset, data_dir, seed, **SCENES[dataset].options)


def _bars(dataset: str, rng: np.random.Generator, n_samples: int = 5000, size: int = 8) -> Dataset:
    """Return bars in groups of neighbours, each bar in an eighth of the images, as independent ones are.

    Correlated: what decides about a bar is normal, and half of its variance that of its group. Hierarchical: a group is
    there or not, evenly, and a bar only with its group.
    """
    common = rng.standard_normal((n_samples, 2 * size // GROUP)).repeat(GROUP, axis=1)
    own = rng.standard_normal((n_samples, 2 * size))
    if dataset == CORRELATED:
        factors = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own > stats.norm.isf(1 / size)
    else:
        factors = (common > 0) & (own > stats.norm.isf(2 / size))
    X = (factors[:, :size, np.newaxis] | factors[:, np.newaxis, size:]).reshape(n_samples, -1).astype(float)
    n_test = n_samples // 5
    return Dataset(
        X_train=X[n_test:], X_test=X[:n_test], factors_train=factors[n_test:], factors_test=factors[:n_test],
        name=dataset, image_shape=(size, size),
    )  # fmt: skip


def _control(dataset: str, rng: np.random.Generator, n_samples: int = 5000, n_inputs: int = 64) -> Dataset:
    """Return Gaussian noise, or Gaussian data of 8 dense factors and a little noise."""
    X = rng.standard_normal((n_samples, n_inputs))
    if dataset == "low rank":
        X = rng.standard_normal((n_samples, 8)) @ rng.standard_normal((8, n_inputs)) / np.sqrt(8) + 0.1 * X
    n_test = n_samples // 5
    return Dataset(X_train=X[n_test:], X_test=X[:n_test], name=dataset, image_shape=(8, 8))
