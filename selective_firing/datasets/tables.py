"""Tables of patterns as text: .csv, read by pandas; what spreadsheets and pandas add to it is recognised, and named."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np

from selective_firing._checks.arguments import is_integer
from selective_firing._checks.arrays import check_labels

__all__ = ["read_csv"]

LABEL_NAMES = ("label", "labels", "class", "target", "y")
"""Of columns that hold labels more often than inputs."""
INDEX_NAMES = ("", "index", "id", "row", "unnamed: 0")
"""Of columns that count rows more often than they are inputs."""
MISSING = ("", "na", "n/a", "nan", "<na>", "null")
NUMBER_LIKE = re.compile(r"[\s\d.,+\-%$€'eE]+")
DECIMAL_COMMA = re.compile(r"\d,\d")
DECIMAL = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
POSITION = re.compile(r"-?\d{1,9}")
"""Of a column, in words: no more digits than any table needs, as `int` refuses thousands of them."""
Column = str | int | None


def read_csv(path: Path, label_column: Column, index_column: Column) -> tuple[np.ndarray, np.ndarray | None]:
    """Return patterns, and the number of the class of each if a column holds labels.

    The first row holds names if it holds words, and no numbers but the 0, 1, 2, ... with which pandas names columns;
    those alone are refused, as they could be a pattern.

    Parameters
    ----------
    path : path
        Text in UTF-8, separated by commas, with decimal points.
    label_column, index_column : str, int or None
        Columns of labels, and of the numbers or names of rows, by name or position.

    Returns
    -------
    X : ndarray of shape (n_samples, n_inputs)
    y : ndarray of int, shape (n_samples,), or None

    Raises
    ------
    TypeError, ValueError
        If the file is no such text, a value is no number, or a column is not there, or neither a name nor a position.
    """
    label_column, index_column = _column("label_column", label_column), _column("index_column", index_column)
    text = _text(path)
    lines = _first_rows(text, path)
    names = _names(lines[0], lines[1:], label_column, index_column, path.name)
    width = len(lines[0])
    label = _position("label_column", label_column, names, width)
    index = _position("index_column", index_column, names, width)
    if label is not None and label == index:
        raise ValueError(f"label_column must be another than index_column, got column {label} for both.")
    X, labels = _values(text, path.name, width, names is not None, label, index)
    if index is None:
        _check_index(X, labels, label, names, path.name)
    if label is None:
        taken = [name for name in names or () if name.strip().lower() in LABEL_NAMES]
        if taken:
            warnings.warn(
                f"column {taken[0]!r} is learned as an input; name it as label_column if it is none.", stacklevel=4
            )
        return X, None
    for number, word in enumerate(labels, start=1 + (names is not None)):
        if word.strip().lower() in MISSING:
            raise ValueError(f"label_column must hold a label in every row, got {word!r} in row {number}.")
    return X, check_labels("labels", np.array(labels))[1]


def _text(path: Path) -> str:
    """Return what is in the file, without a byte order mark."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"path must hold comma-separated text in UTF-8, got {path.name}: {error}") from error
    if "\0" in text:
        raise ValueError(f"path must hold comma-separated text in UTF-8, got {path.name} with NUL bytes.")
    return text


def _first_rows(text: str, path: Path, n_rows: int = 50) -> list[list[str]]:
    """Return the first rows, if there are any and they are separated by commas."""
    rows = _rows(text, path.name)
    first = [row for row, _ in zip(rows, range(n_rows), strict=False)]
    if not first:
        raise ValueError(f"path must hold at least one row, got {path.name}.")
    for row in first[:2]:
        joined = ",".join(row)
        for separator, name in ((";", "semicolons"), ("\t", "tabs")):
            parts = joined.split(separator)
            if len(parts) > 1 and all("," not in part or DECIMAL.fullmatch(part.strip()) for part in parts):
                comma = " and with decimal commas" if DECIMAL_COMMA.search(joined) else ""
                raise ValueError(
                    f"path must be separated by commas, with decimal points, got {path.name} separated by {name}"
                    f"{comma}; write it with to_csv(sep=',', decimal='.')."
                )
    return first


def _rows(text: str, name: str) -> Iterator[list[str]]:
    """Yield the rows that are not empty."""
    try:
        yield from (row for row in csv.reader(io.StringIO(text, newline="")) if row)
    except csv.Error as error:
        raise ValueError(f"path must hold comma-separated text, got {name}: {error}") from error


def _names(
    first: list[str], others: list[list[str]], label_column: Column, index_column: Column, file: str
) -> list[str] | None:
    """Return the first row if it holds names, None if it is a pattern; or raise if it could be both."""
    named = [column for column in (label_column, index_column) if isinstance(column, str) and column in first]
    if named:
        return first
    placed = {int(c) % len(first) for c in (label_column, index_column) if c is not None and _is_position(c)}
    rest = [cell.strip() for place, cell in enumerate(first) if place not in placed]
    words = [cell for cell in rest if _is_word(cell)]
    values = [cell for cell in rest if cell and not _is_word(cell)]
    counted = values == [str(number) for number in range(len(values))]
    if words:
        return first if counted else None
    if not counted and values != [str(number) for number in range(1, len(values) + 1)]:
        return None
    if not first[0].strip() and values:  # the corner of a pandas frame: row names below, column names beside
        return first
    integers = any(cell.strip().lstrip("+-").isdigit() for row in others for cell in row)
    if values and ((counted and len(values) >= 3) or (others and not integers)):
        raise ValueError(
            f"row 1 of {file} must be a pattern or names, got {', '.join(values[:3])}, ..., which pandas writes for "
            "columns without names; write the file with to_csv(index=False, header=False), or name the columns."
        )
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _is_word(text: str) -> bool:
    """Return whether a cell is no number, nothing that is written like one, and no mark of a missing value."""
    return not _is_number(text) and not NUMBER_LIKE.fullmatch(text) and text.strip().lower() not in MISSING


def _column(argument: str, column: object) -> Column:
    """Return a name, or a position as a plain int, or raise TypeError."""
    if column is None or isinstance(column, str):
        return column
    if not is_integer(column):
        raise TypeError(f"{argument} must be a name or a position, got {column!r}.")
    return int(column)


def _is_position(column: str | int) -> bool:
    return isinstance(column, int) or bool(POSITION.fullmatch(column))


def _position(argument: str, column: Column, names: list[str] | None, width: int) -> int | None:
    """Return which column is meant, by its name or by its position; or raise."""
    if column is None:
        return None
    if isinstance(column, str) and names is not None and column in names:
        if names.count(column) > 1:
            raise ValueError(f"{argument} must be the name of one column, got {column!r}, of {names.count(column)}.")
        return names.index(column)
    if not _is_position(column):
        found = ", ".join(names) if names else "a file without names"
        raise ValueError(f"{argument} must be one of the columns, got {column!r} ({found}).")
    if not -width <= int(column) < width:
        raise ValueError(f"{argument} must be below the number of columns ({width}), got {column}.")
    return int(column) % width


def _values(
    text: str, file: str, width: int, has_names: bool, label: int | None, index: int | None
) -> tuple[np.ndarray, list[str]]:
    """Return the numbers, and the words of the label column; or raise, and name the first cell that is no number."""
    import pandas as pd

    inputs = [place for place in range(width) if place not in (label, index)]
    if not inputs:
        raise ValueError(f"path must hold at least one column of inputs, got {file} with {width}.")
    types = {place: np.float64 if place in inputs else str for place in range(width)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # pandas drops what the first row has no name for
            frame = pd.read_csv(
                io.StringIO(text), header=0 if has_names else None, names=range(width), dtype=types, index_col=False,
                keep_default_na=False, float_precision="round_trip", on_bad_lines="error",
            )  # fmt: skip
        X = frame[inputs].to_numpy(np.float64)
        whole = not np.isnan(X).any()
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning):
        whole = False
    if not whole:
        _explain(text, file, width, has_names, (label, index))
    if not len(X):
        raise ValueError(f"path must hold at least one row of numbers, got {file}.")
    return X, [] if label is None else frame[label].tolist()


def _explain(text: str, file: str, width: int, has_names: bool, left_out: tuple[int | None, int | None]) -> NoReturn:
    """Raise ValueError for the first row or value that is not as it must be."""
    for number, row in enumerate(_rows(text, file), start=1):
        if len(row) != width:
            raise ValueError(f"row {number} of {file} must have {width} values, got {len(row)}.")
        if number == 1 and has_names:
            continue
        for place, value in enumerate(row):
            missing = value.strip().lower() == "nan"
            if place in left_out or (_is_number(value) and not missing):
                continue
            found = "got NaN; leave out patterns with missing values" if missing else f"got {value!r}"
            if not value.strip():
                found = "got none; leave out patterns with missing values"
            elif DECIMAL_COMMA.search(value):
                found += "; write numbers with a decimal point, and no separator of thousands"
            elif _is_word(value) and number == 1:
                found += "; name the column of labels as label_column"
            raise ValueError(f"every value of {file} must be a number: row {number}, column {place + 1}, {found}.")
    raise ValueError(f"path must hold numbers in a form that pandas reads, got {file}.")


def _check_index(X: np.ndarray, labels: list[str], label: int | None, names: list[str] | None, file: str) -> None:
    """Raise ValueError, or warn, if the first column counts the rows."""
    if label == 0:
        return
    name = None if names is None else names[0].strip().lower()
    counts = len(X) >= 3 and any(np.array_equal(X[:, 0], np.arange(len(X)) + start) for start in (0, 1))
    from_zero = counts and X[0, 0] == 0
    mend = "pass index_column=0, or write the file with to_csv(index=False)"
    if name == "" or (counts and name in INDEX_NAMES) or (from_zero and name is None and X.shape[1] > 1):
        what = "has no name" if name == "" else "counts the rows"
        raise ValueError(f"column 1 of {file} must be an input, got one that {what}, as an index does; {mend}.")
    if from_zero and X.shape[1] > 1:
        warnings.warn(f"column 1 of {file} counts the rows and is learned as an input; if not, {mend}.", stacklevel=5)
