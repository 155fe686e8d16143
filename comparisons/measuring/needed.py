"""What a data set may lack, and a measure cannot do without: labels, factors, the shape of an image."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["needed"]

T = TypeVar("T")


def needed(value: T | None, what: str) -> T:
    """Return a value that a data set may lack.

    Parameters
    ----------
    value : object
    what : str
        Its name.

    Raises
    ------
    ValueError
        If it lacks it.
    """
    if value is None:
        raise ValueError(f"data must have {what}.")
    return value
