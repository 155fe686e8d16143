"""Data sets: patterns to learn from, split once, with what is known about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from selective_firing.datasets.dataset import Dataset
from selective_firing.datasets.files import load
from selective_firing.datasets.idx import mnist
from selective_firing.datasets.images import bars, digits, patches

__all__ = ["NAMES", "Dataset", "bars", "digits", "from_name", "load", "mnist", "patches"]

NAMES = ("digits", "patches", "bars", "mnist")


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
    name : {"digits", "patches", "bars", "mnist"} or path
    data_dir : path, optional
        Directory of the MNIST files.
    seed : int
        Of what is drawn at random: patches, bars, the split of a file.
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
    if Path(name).suffix:
        return load(name, label_column, seed=seed, **options)
    raise ValueError(f"dataset must be one of {', '.join(NAMES)} or a .npy, .npz or .csv file, got {str(name)!r}.")
