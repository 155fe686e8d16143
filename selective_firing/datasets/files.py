"""Patterns of your own: .npy, .npz and .csv. Nothing in a file is ever executed."""

from __future__ import annotations

import csv
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from selective_firing._checks import check_count, check_patterns, check_real
from selective_firing._files import check_archive
from selective_firing.datasets.dataset import Dataset

__all__ = ["load"]

LABEL_NAMES = ("label", "labels", "class", "target", "y")
"""Of columns that hold labels more often than inputs."""


def load(path: str | Path, label_column: str | int | None = None, test_fraction: float = 0.2, seed: int = 0) -> Dataset:
    """Return the patterns in a file, split at random.

    Parameters
    ----------
    path : path
        .npy: an array (n_samples, n_inputs). .npz: such an array under the key X, labels under y if there are any.
        .csv: numbers, one pattern a row; a first row of names is allowed.
    label_column : str or int, optional
        Column of a .csv that holds the labels, by name or index.
    test_fraction : float
        Between 0 and 1, both excluded.
    seed : int
        Of the split.

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If there is no such file, or its content is not numeric, finite, 2-D and of at least two rows.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path must be an existing file, got {path}.")
    if check_real("test_fraction", test_fraction, above=0) >= 1:
        raise ValueError(f"test_fraction must be below 1, got {test_fraction}.")
    check_count("seed", seed, at_least=0)
    if path.suffix == ".csv":
        X, y = _read_csv(path, label_column)
    elif path.suffix in (".npy", ".npz"):
        X, y = _read_numpy(path)
    else:
        raise ValueError(f"path must end in .npy, .npz or .csv, got {path.name}.")
    X = check_patterns(X)
    if y is not None and y.shape != (len(X),):
        raise ValueError(f"y must be of shape ({len(X)},), got {y.shape}.")
    if len(X) < 2:
        raise ValueError(f"X must have at least 2 rows to be split, got {len(X)}.")
    order = np.random.default_rng(seed).permutation(len(X))
    n_test = min(max(1, round(test_fraction * len(X))), len(X) - 1)
    test, train = order[:n_test], order[n_test:]
    return Dataset(
        X_train=X[train], X_test=X[test], y_train=None if y is None else y[train],
        y_test=None if y is None else y[test], image_shape=_square(X.shape[1]), name=path.stem,
        provenance={"source": path.name, "split": f"random {1 - test_fraction:g}/{test_fraction:g}", "seed": seed},
    )  # fmt: skip


def _square(n_inputs: int) -> tuple[int, int] | None:
    """Return the shape of a square image of `n_inputs` pixels, if there is one."""
    side = round(n_inputs**0.5)
    return (side, side) if side * side == n_inputs and side > 1 else None


def _read_numpy(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        if path.suffix == ".npz":
            check_archive(path)
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content, None
        with content:
            if "X" not in content.files:
                raise ValueError(f"it must have an array X, got {', '.join(content.files) or 'nothing'}")
            X, y = content["X"], content["y"] if "y" in content.files else None
    except (ValueError, EOFError, OSError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"path must hold numeric arrays without pickled objects, got {path.name}: {error}") from error
    return X, None if y is None else np.unique(y, return_inverse=True)[1].ravel()


def _read_csv(path: Path, label_column: str | int | None) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"path must hold comma-separated text, got {path.name}: {error}") from error
    if not rows:
        raise ValueError(f"path must hold at least one row, got {path.name}.")
    names = None if all(map(_is_number, rows[0])) or _labels_only(rows, label_column) else rows[0]
    first = 0 if names is None else 1
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(f"row {number} of {path.name} must have {len(rows[0])} values, got {len(row)}.")
    column = _column(label_column, names, len(rows[0]))
    labels = None if column is None else np.array([row.pop(column) for row in rows[first:]])
    for number, row in enumerate(rows[first:], start=first + 1):
        for place, value in enumerate(row, start=1):
            if not _is_number(value):
                found = "got none; leave out patterns with missing values" if not value.strip() else f"got {value!r}"
                raise ValueError(f"every value of {path.name} must be a number: row {number}, column {place}, {found}.")
    X = np.array(rows[first:], dtype=float)
    taken = [name for name in names or () if column is None and name.strip().lower() in LABEL_NAMES]
    if taken:
        warnings.warn(
            f"column {taken[0]!r} is learned as an input; name it as label_column if it is none.", stacklevel=4
        )
    return X, None if labels is None else np.unique(labels, return_inverse=True)[1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _labels_only(rows: list[list[str]], label_column: str | int | None) -> bool:
    """Return whether the first row is data whose only word is its label."""
    if not str(label_column).lstrip("-").isdigit():
        return False
    label_column = int(label_column)
    words = [index for index, value in enumerate(rows[0]) if not _is_number(value)]
    return words == [label_column % len(rows[0])] and len(rows) > 1 and not _is_number(rows[1][words[0]])


def _column(label_column: str | int | None, names: list[str] | None, width: int) -> int | None:
    if names is None and isinstance(label_column, str) and label_column.lstrip("-").isdigit():
        label_column = int(label_column)
    if label_column is None or isinstance(label_column, int):
        if label_column is not None and not -width <= label_column < width:
            raise ValueError(f"label_column must be below the number of columns ({width}), got {label_column}.")
        return label_column
    if names is None or label_column not in names:
        found = ", ".join(names) if names else "a file without names"
        raise ValueError(f"label_column must be one of the columns, got {label_column!r} ({found}).")
    return names.index(label_column)
