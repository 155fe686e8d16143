"""Arrays at the door of measures: real numbers of the right shape, flags, labels of any kind, or an error by name."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import numpy as np

from selective_firing._checks.arguments import shown

__all__ = [
    "MOST_PARTS",
    "Shape",
    "as_numbers",
    "as_objects",
    "check_flags",
    "check_generator",
    "check_labels",
    "check_numbers",
    "check_repeats",
    "check_values",
    "in_range",
    "near_one",
]

MOST_PARTS = 1_000_000
"""That values are cut into, bins or quantiles: more than there are stimuli, and no more than memory holds."""
Shape = tuple[int | str, ...]
"""Lengths that are asked for; a name stands for any length but 0."""


def check_numbers(
    name: str, values: object, shape: Shape, at_least: float = -math.inf, finite: bool = True
) -> np.ndarray:
    """Return `values` as an array of float64 and of the given shape, or raise.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : array-like
        Real numbers or bools.
    shape : tuple of int or str
        A name, as "n_samples", stands for any length but 0.
    at_least : float
        Lower bound, included.
    finite : bool
        Whether infinities are refused; NaN always is.

    Raises
    ------
    TypeError
        If `values` are not real numbers: complex, dates, words, objects, sparse.
    ValueError
        If the shape, the bound or finiteness is broken.
    """
    numbers = as_numbers(name, values)
    if len(numbers.shape) != len(shape) or not all(map(_fits, numbers.shape, shape)):
        wanted = ", ".join(map(str, shape)) + "," * (len(shape) == 1)
        raise ValueError(f"{name} must be of shape ({wanted}) and not empty, got {numbers.shape}.")
    if np.isnan(numbers).any():
        raise ValueError(f"{name} must be free of NaN, got {np.isnan(numbers).sum()} of them.")
    if finite and not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite, got {np.isinf(numbers).sum()} infinite values.")
    if numbers.min() < at_least:
        raise ValueError(f"{name} must be at least {at_least:g}, got {numbers.min():g}.")
    return numbers


def check_values(name: str, values: object, at_least: float = -math.inf, above: float = -math.inf) -> np.ndarray:
    """Return a number, or an array of any shape, as float64 without NaN, all >= `at_least` and > `above`; or raise.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : float or array-like
        Real; infinities may be kept out by the bounds.
    at_least, above : float
        Lower bounds, the first included, the second not.

    Raises
    ------
    TypeError, ValueError
        If `values` are not real numbers, one is NaN or breaks a bound.
    """
    numbers = as_numbers(name, values)
    if np.isnan(numbers).any():
        raise ValueError(f"{name} must be free of NaN, got {np.isnan(numbers).sum()} of them.")
    if (numbers < at_least).any():
        raise ValueError(f"{name} must be at least {at_least:g}, got {numbers.min():g}.")
    if above > -math.inf and (numbers <= above).any():
        raise ValueError(f"{name} must be above {above:g}, got {numbers.min():g}.")
    return numbers


def check_repeats(codes: object, n_repeats: int, n_samples: int) -> np.ndarray:
    """Return codes, shape (n_repeats, n_samples, n_units), of at least so many repeats and stimuli, or raise."""
    codes = check_numbers("codes", codes, ("n_repeats", "n_samples", "n_units"))
    if len(codes) < n_repeats or codes.shape[1] < n_samples:
        rule = f"(n_repeats >= {n_repeats}, n_samples >= {n_samples}, n_units)"
        raise ValueError(f"codes must be of shape {rule}, got {codes.shape}.")
    return codes


def check_generator(name: str, rng: object) -> None:
    """Raise TypeError unless `rng`, an argument of this name, is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{name} must be a numpy.random.Generator, as default_rng(0) makes one, got {shown(rng)}.")


def _fits(length: int, wanted: int | str) -> bool:
    return length > 0 if isinstance(wanted, str) else length == wanted


def as_numbers(name: str, values: object) -> np.ndarray:
    """Return an array of float64; TypeError names what holds anything but real numbers and bools.

    Parameters
    ----------
    name : str
    values : object
    """
    if hasattr(values, "toarray"):
        raise TypeError(f"{name} must be dense, got a sparse {type(values).__name__}.")
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from error
    if not array.size:  # of any kind: there is nothing that could be no number
        return np.zeros(array.shape)
    if array.dtype.kind not in "biuf":
        kind = "objects" if array.dtype == object else str(array.dtype)
        raise TypeError(f"{name} must hold real numbers, got {kind}.")
    return array.astype(np.float64, copy=False)


def check_flags(name: str, values: object, shape: Shape) -> np.ndarray:
    """Return `values`, which must be bools, or 0 and 1, as an array of bool and of the given shape.

    Parameters
    ----------
    name, values, shape
        As for `check_numbers`, which raises the same.
    """
    numbers = check_numbers(name, values, shape)
    if not ((numbers == 0) | (numbers == 1)).all():
        wrong = numbers[(numbers != 0) & (numbers != 1)][0]
        raise ValueError(f"{name} must be True or False, 1 or 0, got {wrong:g}.")
    return numbers == 1


def check_labels(name: str, labels: object, n_samples: int | str = "n_samples") -> tuple[np.ndarray, np.ndarray]:
    """Return the classes that there are, and which of them each label is.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    labels : array-like of shape (n_samples,)
        Numbers, words, bools, dates, or a mixture.
    n_samples : int or str
        Their number, if it is known.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Distinct labels in ascending order; a mixture that has no order, as they come.
    codes : ndarray of int, shape (n_samples,)
        ``classes[codes]`` are the labels.

    Raises
    ------
    ValueError
        If `labels` are of another shape, or one is None or NaN.
    TypeError
        If they are no labels at all.
    """
    array = np.asarray(labels) if hasattr(labels, "dtype") else as_objects(labels)
    if array.ndim != 1 or not _fits(len(array), n_samples):
        raise ValueError(f"{name} must be of shape ({n_samples},), got {array.shape}.")
    if array.dtype.kind in "biuSU":
        classes, codes = np.unique(array, return_inverse=True)
        return classes, codes.ravel()
    import pandas as pd  # knows every kind of missing value

    if pd.isna(array).any():
        raise ValueError(f"{name} must not be missing (None, NaN), got {int(pd.isna(array).sum())} such labels.")
    try:
        codes, found = pd.factorize(array, sort=False)
    except TypeError as error:
        raise TypeError(f"{name} must be numbers or words, one for each stimulus: {error}") from error
    found = np.asarray(found)
    try:
        order = np.argsort(found, kind="stable")
    except TypeError:
        return found, codes
    return found[order], np.argsort(order)[codes]


def as_objects(values: object) -> np.ndarray:
    """Return a list as an array of what it holds: NumPy would turn a NaN among words into the word nan.

    Parameters
    ----------
    values : object
    """
    try:
        return np.array(values, dtype=object)
    except ValueError:  # rows of unequal length: whatever they are, not one label for each stimulus
        return np.empty((0, 0), dtype=object)


def near_one(*arrays: np.ndarray, axis: int | None = None, beyond: int = 250) -> list[np.ndarray]:
    """Return arrays of one unit, times the power of two that brings the largest value of all to between 1/2 and 1.

    For measures that do not depend on the unit: squares stay in the range of a float, and no digit changes.

    Parameters
    ----------
    *arrays : ndarray
    axis : int, optional
        Along which largest values are taken, each with a power of its own.
    beyond : int
        Values of fewer powers of two, above or below 1, are left as they are.
    """
    peak = np.max([np.abs(array).max(axis=axis, keepdims=axis is not None, initial=0.0) for array in arrays], axis=0)
    exponent = np.frexp(peak)[1]
    if (np.abs(exponent) <= beyond).all():
        return list(arrays)
    return [np.ldexp(array, -exponent) for array in arrays]


@contextlib.contextmanager
def in_range(*names: str) -> Iterator[None]:
    """Let what is squared or multiplied beyond the range of a float be refused by name; also decorates functions.

    Parameters
    ----------
    *names : str
        Of the arguments.

    Raises
    ------
    ValueError
        If a number overflows inside.
    """
    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except (FloatingPointError, OverflowError) as error:
        rule = "of a scale at which their squares and products are numbers"
        raise ValueError(f"{', '.join(names)} must be {rule}; rescale: {error}.") from error
