"""How sure a mean or a share is: the same intervals for every table and figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

__all__ = ["LEVEL", "half_width", "means_and_halves", "share_interval"]

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


def share_interval(share: Any, n: Any, level: float = LEVEL) -> tuple[Any, Any]:
    """Return the lower and upper end of the interval of a share of independent cases.

    By the score of Wilson (1927), J Am Stat Assoc 22:209, which says something of none and of all, too.

    Parameters
    ----------
    share : float, array or Series
        From 0 to 1.
    n : int, array or Series
        Of how many.
    level : float

    Examples
    --------
    >>> low, high = share_interval(0.0, 200)
    >>> f"{low:.4f} to {high:.4f}"
    '0.0000 to 0.0188'
    """
    z2 = stats.norm.ppf((1 + level) / 2) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
