"""How the number of winners falls over the passes of a fit."""

from __future__ import annotations

from selective_firing._checks.arguments import check_count

__all__ = ["MOST_EPOCHS", "check_k_start", "k_of_each_pass"]

MOST_EPOCHS = 10**6
"""More passes than anyone waits for."""


def check_k_start(k_start: int | None, k: int, n_hidden: int) -> int | None:
    """Return `k_start` if it is None, else as an int if it is a number of winners from `k` to `n_hidden`, or raise.

    Parameters
    ----------
    k_start, k : int
        Winners in the first pass, and in the last.
    n_hidden : int

    Raises
    ------
    TypeError, ValueError
        If `k_start` is no integer, or out of bounds.
    """
    return None if k_start is None else check_count("k_start", k_start, at_least=int(k), at_most=int(n_hidden))


def k_of_each_pass(k: int, k_start: int | None, n_epochs: int) -> list[int]:
    """Return the number of winners of each pass: it falls from `k_start` to `k` over the first half, and stays there.

    Starting with many winners keeps units alive that would win nothing under a small k from the start (Makhzani & Frey
    2013, arXiv 1312.5663, section 4.2.1).

    Parameters
    ----------
    k : int
    k_start : int or None
        In the first pass, if there is more than one; None for `k` throughout.
    n_epochs : int
        Number of passes.

    Examples
    --------
    >>> k_of_each_pass(10, 40, 6)
    [40, 30, 20, 10, 10, 10]
    """
    n_epochs = check_count("n_epochs", n_epochs, at_most=MOST_EPOCHS)
    k = int(k)  # differences of small unsigned integers would wrap around
    first, half = k if k_start is None else int(k_start), n_epochs // 2
    return [k if epoch >= half else round(first + (k - first) * epoch / half) for epoch in range(n_epochs)]
