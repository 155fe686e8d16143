"""Checks at the door: each error names the argument, the rule and the value that broke it."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, SupportsInt, TypeGuard

import numpy as np

__all__ = [
    "LARGEST_SCALE", "SMALLEST_SCALE", "check_choice", "check_count", "check_flag", "check_kind", "check_n_jobs",
    "check_patterns", "check_real", "check_scale", "check_verbose",
    "check_whole", "is_integer", "naming", "refuse_others", "shown",
]  # fmt: skip

LARGEST_COUNT = 10**300
"""Where no other bound is set: what is larger is no float."""
LONGEST_SHOWN = 200
"""Letters of a value in a message."""
SMALLEST_SCALE, LARGEST_SCALE = 1e-150, 1e150
"""Between which the largest magnitude of patterns must lie: squares of what lies beyond leave the range of a float."""


def is_integer(value: object) -> TypeGuard[SupportsInt]:
    """Return whether `value` is an integer: a bool is none, nor is a NumPy time, which calls itself one."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_ | np.timedelta64)


def check_count(name: str, value: object, at_least: int = 1, at_most: int | None = None) -> int:
    """Return `value` as an int, or raise.

    The int is to be used in place of `value`: arithmetic of small NumPy integers wraps around.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : object
    at_least, at_most : int
        Bounds, both included.

    Raises
    ------
    TypeError
        If `value` is no integer; a bool counts as none.
    ValueError
        If it is below `at_least` or above `at_most`, or no float can hold it.
    """
    if not is_integer(value):
        raise TypeError(f"{name} must be an integer, got {shown(value)}.")
    count, most = int(value), LARGEST_COUNT if at_most is None else at_most
    if not at_least <= count <= most:
        free = "at least {0}" if count < at_least else "at most 1e300"
        rule = (free if at_most is None else "between {0} and {1}").format(at_least, most)
        raise ValueError(f"{name} must be {rule}, got {shown(count)}.")
    return count


def check_real(name: str, value: object, at_least: float = -math.inf, above: float = -math.inf) -> float:
    """Return `value` as a finite float that is >= `at_least` and > `above`, or raise.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : object
    at_least, above : float
        Lower bounds, the first included, the second not.

    Raises
    ------
    TypeError
        If `value` is no real number; a bool counts as none.
    ValueError
        If it is not finite, or breaks a bound.
    """
    if isinstance(value, bool | np.bool_ | np.timedelta64) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {shown(value)}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {shown(value)}.")
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least:g}, got {value}.")
    if number <= above:
        raise ValueError(f"{name} must be above {above:g}, got {value}.")
    return number


def shown(value: object) -> str:
    """Return any value in at most some words, for a message: to write it out may be long, warn, or fail.

    Parameters
    ----------
    value : object
    """
    try:
        with np.errstate(all="ignore"):
            words = repr(value)
    except Exception:  # Python writes out no integer of thousands of digits, and what others write is theirs
        return (
            "a number of thousands of digits" if isinstance(value, int) else f"a value of type {type(value).__name__}"
        )
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]} ..."


def check_whole(name: str, value: float) -> int:
    """Return `value` as an int, or raise ValueError if it is no whole number.

    Parameters
    ----------
    name : str
    value : float
    """
    if value != round(value):
        raise ValueError(f"{name} must be a whole number, got {value:g}.")
    return int(value)


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`, or raise ValueError.

    Parameters
    ----------
    name : str
    value : object
    choices : tuple[str, ...]
    """
    if not isinstance(value, str) or value not in choices:  # an array would be compared element by element
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}.")
    return str(value)


def refuse_others(others: dict[str, object]) -> None:
    """Raise TypeError for arguments of `fit` that it has not, by name; a weight of samples is one of them.

    Parameters
    ----------
    others : dict of str to object
    """
    if "sample_weight" in others:
        raise TypeError("sample_weight is not supported: all patterns count alike; repeat rows of X instead.")
    for name in others:
        raise TypeError(f"fit has no argument {name}.")


def check_flag(name: str, value: object) -> bool:
    """Return `value` as a bool, or raise TypeError if it is none, nor 0 or 1.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : object
    """
    if not isinstance(value, bool | np.bool_) and not (is_integer(value) and value in (0, 1)):
        raise TypeError(f"{name} must be True or False, got {shown(value)}.")
    return bool(value)


def check_verbose(value: object) -> bool:
    """Return whether progress is to be shown, or raise TypeError or ValueError.

    Parameters
    ----------
    value : object
        Of the argument `verbose`: a bool, or a level from 0.
    """
    return bool(value) if isinstance(value, bool | np.bool_) else check_count("verbose", value, at_least=0) > 0


def check_n_jobs(value: object) -> int:
    """Return how many jobs run at once: None is 1, -1 all cores that this process may use, -2 all but one; or raise.

    Parameters
    ----------
    value : object
        Of the argument `n_jobs`.
    """
    from joblib import cpu_count

    if value is not None and (not is_integer(value) or int(value) == 0):
        error = ValueError if is_integer(value) else TypeError
        raise error(f"n_jobs must be None or an integer other than 0, got {shown(value)}.")
    n_jobs = 1 if value is None else int(value)
    return n_jobs if n_jobs > 0 else max(1, cpu_count() + 1 + n_jobs)


@contextlib.contextmanager
def naming(name: str) -> Iterator[None]:
    """Let an error of scikit-learn's about a table tell the argument: some say what is wrong, but not with what.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        if not re.search(rf"\b{re.escape(name)}\b", str(error)):
            raise type(error)(f"{name} must be a table of finite real numbers: {error}") from error
        raise


def check_patterns(
    patterns: object, n_inputs: int | None = None, name: str = "X", smallest: float = SMALLEST_SCALE,
    sparse: bool = False,
) -> Any:  # fmt: skip
    """Return `patterns` as a finite, C-contiguous float64 array of shape (n_samples, n_inputs), or raise.

    Parameters
    ----------
    patterns : array-like of shape (n_samples, n_inputs)
    n_inputs : int, optional
        Width that they must have.
    name : str
        Of the argument, for the message.
    smallest : float
        As for `check_scale`.
    sparse : bool
        Whether sparse matrices are let through, as CSR.

    Raises
    ------
    TypeError, ValueError
        If `patterns` is not numeric, not 2-D, empty, not finite, sparse, not `n_inputs` wide, or out of scale.
    """
    from sklearn.utils.validation import check_array

    check_kind(name, patterns)
    with naming(name):
        checked = check_array(
            patterns, accept_sparse="csr" if sparse else False, dtype=float, order="C", input_name=name
        )
    if n_inputs is not None and checked.shape[1] != n_inputs:
        raise ValueError(f"{name} must have {n_inputs} columns, as at fit, got {checked.shape[1]}.")
    check_scale(name, checked.data if sparse and hasattr(checked, "toarray") else checked, smallest)
    return checked


def check_kind(name: str, values: Any) -> None:
    """Raise TypeError if an array, or a column of a frame, holds dates or words: they would be converted in silence.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : array-like
        Objects that are no words are let through: scikit-learn converts or refuses them.
    """
    if not hasattr(values, "dtype") and not hasattr(values, "dtypes"):
        try:
            values = np.asarray(values)
        except ValueError:  # rows of unequal length, which scikit-learn refuses
            return
    for dtype in list(values.dtypes) if hasattr(values, "dtypes") else [values.dtype]:
        if getattr(dtype, "kind", "f") in "mMSU":
            raise TypeError(f"{name} must hold real numbers, got {dtype}.")
    objects = getattr(getattr(values, "dtype", None), "kind", "") == "O"
    if objects and any(isinstance(value, str) for value in np.ravel(values)):
        raise ValueError(
            f"{name} must hold real numbers: could not convert words."
        )  # a ValueError, as scikit-learn has it


def check_scale(name: str, values: np.ndarray, smallest: float = SMALLEST_SCALE) -> np.ndarray:
    """Return finite `values` if their largest magnitude is 0 or between 1e-150 and 1e150, or raise ValueError.

    Parameters
    ----------
    name : str
    values : ndarray
    smallest : float
        In place of 1e-150: 0 for codes, which may be fainter than any pattern, and of which no squares are taken.
    """
    largest = float(max(values.max(initial=0.0), -values.min(initial=0.0)))  # of magnitudes there is no need of a copy
    if largest and not smallest <= largest <= LARGEST_SCALE:
        rule = f"a largest magnitude between {smallest:g} and {LARGEST_SCALE:g}"
        raise ValueError(f"{name} must have {rule}, got {largest:g}; rescale it.")
    return values
