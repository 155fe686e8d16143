"""What is done about learning that diverges: it is slowed down."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from selective_firing.errors import DivergenceError

__all__ = ["slowed_until_it_learns"]

Fitted = TypeVar("Fitted")


def slowed_until_it_learns(fit: Callable[[float], Fitted], rate: float) -> tuple[Fitted, float]:
    """Return what `fit` makes of a learning rate, or, where it diverges, of half of it, a quarter, or an eighth.

    Parameters
    ----------
    fit : callable
        From a learning rate to a fitted model.
    rate : float

    Returns
    -------
    fitted
        The model.
    rate : float
        At which it has learned.

    Raises
    ------
    DivergenceError, FloatingPointError
        If it diverges at an eighth, too.
    """
    for share in (1, 2, 4):
        with contextlib.suppress(DivergenceError, FloatingPointError):
            return fit(rate / share), rate / share
    return fit(rate / 8), rate / 8
