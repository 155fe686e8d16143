"""How sure a mean over seeds is: half-widths of Student's t interval, the same for every table and figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

__all__ = ["LEVEL", "half_width", "means_and_halves"]

LEVEL = 0.95
"""Of the intervals."""


def half_width(spread: Any, n: Any, level: float = LEVEL) -> Any:
    """Return the half-width of the t interval of a mean.

    Parameters
    ----------
    spread : float, array or Series
        Standard deviation of the values (ddof = 1).
    n : int, array or Series
        Their number; where it is 1 the spread, and so the half-width, is NaN.
    level : float
    """
    return spread / np.sqrt(n) * stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1))


def means_and_halves(groups: Any) -> tuple[Any, Any]:
    """Return means and half-widths of a pandas group-by object, of one column or of several.

    Parameters
    ----------
    groups : DataFrameGroupBy or SeriesGroupBy
    """
    return groups.mean(), half_width(groups.std(), groups.count())
