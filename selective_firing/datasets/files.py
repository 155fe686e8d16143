"""Patterns of your own: .npy, .npz and .csv. Nothing in a file is ever executed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from selective_firing._checks.arguments import check_count, check_patterns, check_real, shown
from selective_firing._checks.arrays import as_numbers, check_labels
from selective_firing._files.archives import check_archive
from selective_firing.datasets.dataset import Dataset
from selective_firing.datasets.tables import read_csv

__all__ = ["load"]


def load(
    path: str | Path,
    label_column: str | int | None = None,
    test_fraction: float | None = 0.2,
    seed: int = 0,
    *,
    index_column: str | int | None = None,
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """Return the patterns in a file, split at random, or all of them in their order.

    Parameters
    ----------
    path : path
        .npy: an array (n_samples, n_inputs), or (n_samples, height, width). .npz: such an array under the key X, labels
        under y if there are any. .csv: numbers separated by commas, one pattern a row, in UTF-8; a first row of names
        is allowed.
    label_column : str or int, optional
        Column of a .csv that holds the labels, by name or position, from 0; negative ones count from the end.
    test_fraction : float, optional
        Between 0 and 1, both excluded. None: nothing is held out, training and test patterns are all that there are,
        in the order of the file; what is then measured on test patterns has been learned from.
    seed : int
        Of the split.
    index_column : str or int, optional
        Column of a .csv that holds numbers or names of the rows, by name or position: it is left out.
    image_shape : tuple of int, optional
        (height, width). If it is not given, that of arrays of images, else a square if the patterns fit one.

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If there is no such file, or its content is not real numbers, finite, 2-D and of a row, or two to be split.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path must be an existing file, got {path}.")
    share = None if test_fraction is None else check_real("test_fraction", test_fraction, above=0)
    if share is not None and share >= 1:
        raise ValueError(f"test_fraction must be below 1, or None to split nothing, got {test_fraction}.")
    seed = check_count("seed", seed, at_least=0)
    X, y, found = _read(path, label_column, index_column)
    X = check_patterns(X)
    train, test, split = _split(len(X), share, seed)
    return Dataset(
        X_train=X[train], X_test=X[test], y_train=None if y is None else y[train],
        y_test=None if y is None else y[test], image_shape=_shape(image_shape, found, X.shape[1]), name=path.stem,
        provenance={"source": path.name} | split,
    )  # fmt: skip


def _split(n: int, share: float | None, seed: int) -> tuple[np.ndarray, np.ndarray, dict[str, str | int]]:
    """Return the rows to learn from, those to test with, and how they were parted."""
    if share is None:
        return np.arange(n), np.arange(n), {"split": "none: all patterns are in both parts"}
    if n < 2:
        raise ValueError(f"X must have at least 2 rows to be split, got {n}.")
    order = np.random.default_rng(seed).permutation(n)
    n_test = min(max(1, round(share * n)), n - 1)
    return order[n_test:], order[:n_test], {"split": f"random {1 - share:g}/{share:g}", "seed": seed}


def _read(
    path: Path, label_column: str | int | None, index_column: str | int | None
) -> tuple[np.ndarray, np.ndarray | None, tuple[int, int] | None]:
    """Return patterns, labels, and the shape of the images, where the file tells them."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return *read_csv(path, label_column, index_column), None
    if suffix not in (".npy", ".npz"):
        raise ValueError(f"path must end in .npy, .npz or .csv, got {path.name}.")
    for name, column in (("label_column", label_column), ("index_column", index_column)):
        if column is not None:
            raise ValueError(f"{name} must not be given for {suffix} (labels of an .npz are under y), got {column!r}.")
    X, y = _read_numpy(path)
    X = as_numbers("X", X)
    codes = None if y is None else check_labels("y", y, len(X))[1]
    if X.ndim != 3:
        return X, codes, None
    height, width = X.shape[1:]
    return X.reshape(len(X), height * width), codes, (height, width)


def _read_numpy(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        if path.suffix.lower() == ".npz":
            check_archive(path)
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content, None
        with content:
            if "X" not in content.files:
                raise ValueError(f"it must have an array X, got {', '.join(content.files) or 'nothing'}")
            return content["X"], content["y"] if "y" in content.files else None
    except Exception as error:  # a damaged file can raise anything: its header is read as Python's literals
        raise ValueError(f"path must hold numeric arrays without pickled objects, got {path.name}: {error}") from error


def _shape(wanted: object, found: tuple[int, int] | None, n_inputs: int) -> tuple[int, int] | None:
    """Return the shape of the images: the one that is wanted, if it fits, or found, or that of a square."""
    if wanted is None:
        side = round(n_inputs**0.5)
        return found or ((side, side) if side * side == n_inputs and side > 1 else None)
    if not isinstance(wanted, tuple | list) or len(wanted) != 2:
        raise ValueError(f"image_shape must be (height, width), got {shown(wanted)}.")
    height, width = (check_count("image_shape", side) for side in wanted)
    if n_inputs not in (height * width, 2 * height * width):
        raise ValueError(
            f"image_shape must have {n_inputs} pixels, or half of them for on and off channels, got {height} x {width}."
        )
    return height, width
