"""Data sets: patterns to learn from, split once, with what is known about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from selective_firing.datasets.dataset import Dataset
from selective_firing.datasets.features import synthetic_features
from selective_firing.datasets.files import load
from selective_firing.datasets.idx import mnist
from selective_firing.datasets.images import bars, digits, patches

__all__ = [
    "FEATURES", "NAMES", "Dataset", "bars", "digits", "from_name", "load", "mnist", "patches", "synthetic_features",
]  # fmt: skip

FEATURES: dict[str, dict[str, Any]] = {
    "features": {},
    "features-correlated": {"structure": "correlated"},
    "features-hierarchical": {"structure": "hierarchical"},
    "features-noisy": {"noise": 1.0},
    "features-superposed": {"n_inputs": 32},
    "features-crowded": {"n_features": 256, "skew": 1.0},
}
"""Sets of patterns made of known features: what sets each of them apart."""
NAMES = ("digits", "patches", "bars", "mnist", *FEATURES)


def from_name(
    name: str | Path,
    data_dir: str | Path | None = None,
    seed: int = 0,
    label_column: str | int | None = None,
    **options: Any,
) -> Dataset:
    """Return a data set by its name, or from a file.

    Parameters
    ----------
    name : {"digits", "patches", "bars", "mnist"}, a name of `FEATURES`, or path
    data_dir : path, optional
        Directory of the MNIST files.
    seed : int
        Of what is drawn at random: patches, bars, features, the split of a file.
    label_column : str or int, optional
        Column of a .csv that holds the labels, by name or position.
    **options
        Of the function that makes the data set: `n_samples`, `size`, ..., or of `load`: `index_column`, `image_shape`.

    Raises
    ------
    ValueError
        If `name` is neither a data set nor an existing file.
    TypeError
        If the data set has no such option.

    Examples
    --------
    >>> from_name("bars", size=3, n_samples=10)
    Dataset(bars: 8 train, 2 test, 9 inputs, 6 factors)
    """
    if name == "mnist":
        return mnist(data_dir, **options)
    if name == "digits":
        return digits(**options)
    if name == "patches":
        return patches(seed=seed, **options)
    if name == "bars":
        return bars(seed=seed, **options)
    if name in FEATURES:
        return replace(synthetic_features(seed=seed, **(FEATURES[str(name)] | options)), name=str(name))
    if Path(name).suffix:
        return load(name, label_column, seed=seed, **options)
    raise ValueError(f"dataset must be one of {', '.join(NAMES)} or a .npy, .npz or .csv file, got {str(name)!r}.")
