"""The other side of a claim: families of models, from coarse to fine, and what they do where they err as one on trial.

A dense layer of twice as many units as inputs copies; what a sparse code must be held against is a dense one that
reconstructs as badly. Families are fitted once for each lab, and every claim reads them by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from comparisons.lab.lab import Lab
from comparisons.measuring.front import at_error
from comparisons.rivals.linear import Pixels, PrincipalComponents
from comparisons.rivals.registry import (
    DENSE,
    PRINCIPAL,
    SAME_DENSE,
    SAME_PRINCIPAL,
    SAME_SOFT,
    SOFT,
)
from selective_firing.protocol import Autoencoder

__all__ = ["PENALTIES", "SAME", "families", "family_rows", "pixels", "principal", "same_error", "soft", "widths"]

SAME = {DENSE: SAME_DENSE, PRINCIPAL: SAME_PRINCIPAL, SOFT: SAME_SOFT}
WIDTHS = (2, 4, 8, 16, 32, 64, 128)
"""Of dense autoencoders, beside k and the common width; narrower ones than that."""
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Of soft ones, all of the common width."""
N_COMPONENTS = 14
"""Numbers of principal components that are tried, evenly spaced in logarithms, up to all."""


def widths(lab: Lab) -> list[int]:
    """Return the widths of the family of dense models.

    Parameters
    ----------
    lab : Lab
    """
    n_hidden = lab.scene.n_hidden
    return sorted({*(width for width in (*WIDTHS, lab.scene.k) if width < n_hidden), n_hidden})


def principal(lab: Lab, n_samples: int | None = None, *, signed: bool = False) -> PrincipalComponents:
    """Return all principal components of the training patterns.

    Parameters
    ----------
    lab : Lab
    n_samples : int, optional
        Of the first so many patterns only.
    signed : bool
        Whether a unit may be negative.
    """
    n_units = lab.data.n_inputs * (1 if signed else 2)
    return PrincipalComponents(n_units, signed=signed).fit(lab.data.X_train[:n_samples])


def pixels(lab: Lab) -> Pixels:
    """Return the inputs themselves as a model.

    Parameters
    ----------
    lab : Lab
    """
    return Pixels(2 * lab.data.n_inputs).fit(lab.data.X_train)


def families(
    lab: Lab,
    names: tuple[str, ...] = (DENSE, PRINCIPAL, SOFT),
    n_samples: int | None = None,
    *,
    signed: bool = False,
) -> Iterator[tuple[str, int, Autoencoder]]:
    """Yield family, size and model: dense ones of many widths, principal components, soft ones of many penalties.

    Parameters
    ----------
    lab : Lab
    names : tuple of str
        Which families.
    n_samples : int, optional
        Learn from the first so many patterns only.
    signed : bool
        Whether principal components are signed units, not on and off cells.
    """
    if DENSE in names:
        for width in widths(lab):
            yield DENSE, width, lab.fit(DENSE, n_samples=n_samples, n_hidden=width)
    if PRINCIPAL in names:
        whole, n_inputs = principal(lab, n_samples, signed=signed), lab.data.n_inputs
        for number in sorted({round(size) for size in np.geomspace(1, n_inputs, N_COMPONENTS)}):
            yield PRINCIPAL, number, whole.first(number)
    if SOFT in names:
        for size, l1 in enumerate(sorted(PENALTIES, reverse=True), start=1):
            yield SOFT, size, lab.fit(SOFT, n_samples=n_samples, l1=l1)


def soft(lab: Lab) -> dict[str, Any]:
    """Return the penalty of the soft model with about k active units on patterns held out.

    Parameters
    ----------
    lab : Lab
    """
    counts = {l1: (lab.fit(SOFT, l1=l1).transform(lab.X_val[:500]) > 0).sum(axis=1).mean() for l1 in PENALTIES}
    return {"l1": min(counts, key=lambda l1: abs(np.log(max(counts[l1], 0.1) / lab.scene.k)))}


def family_rows(lab: Lab, measure: Callable[[Autoencoder], Mapping[str, Any]], **given: Any) -> pd.DataFrame:
    """Return a row for each model of each family: model, size, and what is measured of it.

    The size is a width, a number of components, or, of soft models, the rank of the penalty, the largest first.

    Parameters
    ----------
    lab : Lab
    measure : callable
        From a model to a row; with its clean error, "nmse".
    **given
        As for `families`.
    """
    return pd.DataFrame({"model": name, "size": size, **measure(model)} for name, size, model in families(lab, **given))


def same_error(
    table: pd.DataFrame, nmse: float, column: str, *, cost: bool = False, error: str = "nmse"
) -> dict[str, float]:
    """Return what each family has in a column where it errs by `nmse`; NaN for one that does not, or is not there.

    Parameters
    ----------
    table : DataFrame
        Of `family_rows`.
    nmse : float
    column : str
    cost : bool
        Whether the column is a cost, of which the least counts; else models are in order of their sizes.
    error : str
        Column of the errors.

    Returns
    -------
    dict of str to float
        By the names of `SAME`.
    """
    along = None if cost else "size"
    return {
        same: at_error(table[table["model"] == name], nmse, [column], along=along, error=error)[column]
        for name, same in SAME.items()
    }
