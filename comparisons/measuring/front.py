"""What a family of models does at the error of another model, read along its Pareto front: one rule for all claims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["at_error", "front"]


def front(nmse: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return the rows of the models that no other one beats: none errs as little or less, and costs less.

    Parameters
    ----------
    nmse, cost : ndarray of shape (n_models,)
        The lower, the better. A model without a cost (NaN) is beaten.

    Returns
    -------
    ndarray of int
        In order of their errors, which rise while costs fall, both strictly.

    Examples
    --------
    >>> front(np.array([0.4, 0.2, 0.3, 0.1]), np.array([1.0, 2.0, 5.0, 4.0]))  # the third costs more, and errs more
    array([3, 1, 0])
    """
    order = np.lexsort((cost, nmse))
    order = order[np.isfinite(cost[order])]
    least = np.minimum.accumulate(np.append(np.inf, cost[order]))[:-1]
    return order[cost[order] < least]


def at_error(
    models: pd.DataFrame, nmse: float, columns: Sequence[str], *, along: str | None = None, error: str = "nmse"
) -> dict[str, float]:
    """Return what a family of models has in `columns` where it errs by `nmse`.

    A cost is read along its own front, in the logarithms of cost and error, so that it never rises with the error. What
    is no cost is read along the front of errors and sizes, straight against the logarithm of the error.

    Parameters
    ----------
    models : DataFrame
        One row per model of a family, of different k, width or penalty.
    nmse : float
    columns : sequence of str
        Costs, above 0; or, with `along`, measures of any kind.
    along : str, optional
        Column of the size of a model.
    error : str
        Column of the errors.

    Returns
    -------
    dict of str to float
        NaN where no model errs as little. Where the front ends before it errs as much, its cheapest, or smallest, model
        counts: it errs less, and the family can do no better.

    Examples
    --------
    >>> family = pd.DataFrame({"nmse": [0.4, 0.1], "ATP": [10.0, 40.0], "width": [2, 8], "bits": [1.0, 3.0]})
    >>> at_error(family, 0.2, ["ATP"])["ATP"].__round__(6), at_error(family, 0.2, ["bits"], along="width")
    (20.0, {'bits': 2.0})
    """
    errors = models[error].to_numpy(float)
    if along is not None:
        rows = front(errors, models[along].to_numpy(float))
        return {name: _read(errors[rows], models[name].to_numpy(float)[rows], nmse) for name in columns}
    found = {}
    for name in columns:
        cost = models[name].to_numpy(float)
        rows = front(errors, cost)
        found[name] = float(np.exp(_read(errors[rows], np.log(cost[rows]), nmse)))
    return found


def _read(errors: np.ndarray, values: np.ndarray, nmse: float) -> float:
    """Return the value at an error, straight in the error's logarithm; the last one where errors end, NaN before."""
    if not errors.size or nmse < errors[0]:
        return float("nan")
    tiny = np.finfo(float).tiny  # a model that copies errs by nothing
    return float(np.interp(np.log(max(nmse, tiny)), np.log(np.maximum(errors, tiny)), values))
