"""Arguments, right and wrong: numbers of every type and size, what is no number, tables of every kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from brian2 import Hz, Quantity, ms, mV
from hypothesis import strategies as st

__all__ = ["ANYTHING", "COUNTS", "NUMBERS", "OTHERS", "SEEDS", "pick", "plain_table", "right_table", "table"]

Draw = Callable[..., Any]
SEEDS = st.integers(0, 2**32 - 1)

COUNTS = st.sampled_from(
    [1, 2, 3, 5, 0, -1, np.int8(2), np.uint8(3), np.int64(4), np.uint64(2), 2**31, 2**63, 10**30, -(10**30)]
)
"""Integers; those that are right are small."""
NUMBERS = st.one_of(
    COUNTS,
    st.floats(),
    st.floats(0, 3),
    st.sampled_from([
        np.float32(0.5), np.float64(2), np.float16(0.25), np.longdouble(1), Fraction(1, 3), 5e-324, 1e-300, 1e-160,
        1e-9,
        1e9, 1e160, 1e300, float("nan"), float("inf"), -float("inf"), 0.0, -0.0, np.float32("inf"), 10**400,
    ]),
)  # fmt: skip
OTHERS = st.sampled_from([
    None, True, False, np.bool_(True), "", "ab", "3", b"x", 1j, np.complex64(1), Decimal("1.5"), [1], [], (1, 2), {},
    {1},
    np.array(3), np.array([1, 2]), np.array([]), np.ones((2, 2)), np.array(["a"]), 5 * ms, 3 * mV, 2 * Hz, Quantity(2),
    object(), int, np.datetime64("2020-01-01"), np.timedelta64(3, "s"), pd.NA, pd.NaT, pd.Timestamp("2020"),
    pd.Series([1, 2]), pd.DataFrame({"a": [1]}), range(3), np.random.default_rng, np.ma.masked, ...,
])  # fmt: skip
ANYTHING = st.one_of(NUMBERS, OTHERS)
SCALES = st.sampled_from(
    [1.0, 1.0, 1.0, 1e-3, 1e3, 1e-9, 1e9, 1e-149, 1e149, 1e-151, 1e151, 1e-160, 1e160, 1e-310, 1e300]
)
"""Of patterns; those beyond 1e-150 and 1e150 are to be refused."""


def pick(draw: Draw, *choices: Any) -> Any:
    """Return one of several things."""
    return draw(st.sampled_from(choices))


def plain_table(draw: Draw, n_samples: int, n_inputs: int, scaled: bool = True) -> np.ndarray:
    """Return an array of float64: random, with zeros, doubles, constants, columns of zeros, of many scales."""
    rng = np.random.default_rng(draw(SEEDS))
    X = pick(draw, rng.random, rng.standard_normal)((n_samples, n_inputs))
    X *= rng.random(X.shape) < pick(draw, 1.0, 0.5, 0.0)
    if n_samples and n_inputs:
        match pick(draw, "", "", "double", "constant", "zero column", "outlier", "offset"):
            case "double":
                X = X[rng.integers(0, n_samples, n_samples)]
            case "constant":
                X[:] = X[0, 0]
            case "zero column":
                X[:, 0] = 0
            case "outlier":
                X[-1] *= 1e6
            case "offset":
                X += 1e6
    with np.errstate(over="ignore", under="ignore"):
        return X * (draw(SCALES) if scaled else 1.0)


def right_table(draw: Draw, n_samples: int, n_inputs: int) -> np.ndarray:
    """Return patterns that no door refuses."""
    X = plain_table(draw, n_samples, n_inputs)
    largest = np.abs(X).max(initial=0)
    return X if not largest or 1e-149 < largest < 1e149 else X / largest


def table(draw: Draw, n_samples: int, n_inputs: int) -> tuple[Any, np.ndarray | None]:
    """Return a table in some guise, and its numbers, None if it must be refused or may be."""
    X = plain_table(draw, n_samples, n_inputs)
    guise = pick(
        draw, "plain", "plain", "list", "frame", "int", "bool", "uint8", "float32", "fortran", "strided", "read-only",
        "longdouble", "objects", "nan", "inf", "complex", "words", "word objects", "dates", "vector", "cube", "scalar",
        "sparse", "ragged", "masked", "categories", "missing", "nothing", "none", "mixed", "matrix", "quantity", "half",
    )  # fmt: skip
    narrow = np.clip(X, -100, 100)
    right: dict[str, Callable[[], Any]] = {
        "plain": lambda: X, "list": X.tolist, "frame": lambda: pd.DataFrame(X,
        columns=[f"c{i}" for i in range(n_inputs)]),
        "int": lambda: narrow.astype(int), "bool": lambda: X > 0, "uint8": lambda: np.abs(narrow).astype(np.uint8),
        "float32": lambda: narrow.astype(np.float32), "half": lambda: narrow.astype(np.float16),
        "fortran": lambda: np.asfortranarray(X), "strided": lambda: np.repeat(X, 2, axis=1)[:, ::2],
        "longdouble": lambda: X.astype(np.longdouble), "objects": lambda: X.astype(object),
        "read-only": lambda: _locked(X), "mixed": lambda: pd.DataFrame({i: X[:, i] > i for i in range(n_inputs)}),
    }  # fmt: skip
    if guise in right:
        shown = right[guise]()
        values = np.asarray(shown, dtype=float) if n_samples and n_inputs else None
        largest = 0.0 if values is None else float(np.abs(values).max())
        return shown, values if values is not None and (not largest or 1e-150 <= largest <= 1e150) else None
    wrong: dict[str, Callable[[], Any]] = {
        "nan": lambda: _with(X, np.nan), "inf": lambda: _with(X, -np.inf), "complex": lambda: X + 1j,
        "words": lambda: X.astype(str), "word objects": lambda: X.astype(str).astype(object),
        "dates": lambda: np.full(X.shape, np.datetime64("2020-01-01")), "vector": lambda: X.ravel(),
        "cube": lambda: X[np.newaxis], "scalar": lambda: 3.0, "sparse": lambda: scipy.sparse.csr_array(X),
        "ragged": lambda: [[1.0, 2.0], [1.0]], "masked": lambda: np.ma.masked_greater(X, 0),
        "categories": lambda: pd.DataFrame({i: pd.Categorical(["a"] * n_samples) for i in range(n_inputs)}),
        "missing": lambda: pd.DataFrame({i: pd.array([None] * n_samples, "Int64") for i in range(n_inputs)}),
        "nothing": lambda: np.zeros((pick(draw, 0, n_samples), 0)), "none": lambda: None,
        "matrix": lambda: scipy.sparse.coo_matrix(X), "quantity": lambda: X * mV,
    }  # fmt: skip
    return wrong[guise](), None


def _locked(X: np.ndarray) -> np.ndarray:
    view = X.view()
    view.flags.writeable = False
    return view


def _with(X: np.ndarray, value: float) -> np.ndarray:
    X = X.copy()
    X.ravel()[-1:] = value
    return X
