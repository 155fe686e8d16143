"""What makes a competition long: how close its k-th and next drives are; nothing global is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure, SubFigure

from selective_firing import measures
from selective_firing.figures.responses import settling_time_histogram
from selective_firing.figures.style import BLUE, ORANGE, WIDTH, canvas, headed, styled
from selective_firing.results.response import Response

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["competition"]

FEWEST = 10
"""Stimuli for each median."""


@styled
def competition(
    response: Response, drive: np.ndarray, *, title: str = "", into: Figure | SubFigure | None = None
) -> Figure:
    """Draw how long the first competition took, and how many losers were active on the way, against how close it was.

    How close is the gap between the k-th and the next drive, `measures.relative_gap`; stimuli that drive no more than k
    units, or that were not decided, have no place in b and c.

    Parameters
    ----------
    response : Response
    drive : ndarray of shape (n_samples, n_hidden)
        Of the hidden units by the same stimuli.
    title : str
        Of the whole: the data, or the model.
    into : Figure or SubFigure, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        That which was drawn into, or that which the sub-figure is part of.

    Raises
    ------
    ValueError
        If there are drives of another number of stimuli.
    """
    if len(drive) != response.n_samples:
        raise ValueError(f"drive must have a row for each of {response.n_samples} stimuli, got {len(drive)}.")
    first, gap = response.cycles[0], measures.relative_gap(drive, response.k)
    figure, drawn = canvas(into, (WIDTH, 2.7))
    panels = drawn.subplots(1, 3)
    settling_time_histogram(first, panels[0])
    known = np.isfinite(gap) & (gap > 0) & first.settled
    losers = np.maximum(first.n_recruited - first.n_active, 0)
    _against(panels[1], gap[known], first.settling_time_ms[known], "settling time (ms)")
    _against(panels[2], gap[known], losers[known], "losers that were active\non the way")
    for letter, ax in zip("abc", panels, strict=True):
        ax.set_title(f"{letter}   {ax.get_title(loc='left')}".rstrip())
    headed(drawn, title)
    return figure


def _against(ax: Axes, gap: np.ndarray, values: np.ndarray, words: str) -> None:
    """Draw one value of each stimulus against its gap, and the median of bins that hold as many stimuli each."""
    ax.scatter(100 * gap, values, s=5, lw=0, alpha=0.35, color=BLUE)
    bins = np.array_split(np.argsort(gap), min(8, gap.size // FEWEST)) if gap.size >= FEWEST else []
    if bins:
        middles = [100 * np.median(gap[rows]) for rows in bins]
        medians = [np.median(values[rows]) for rows in bins]
        ax.plot(middles, medians, color=ORANGE, marker="o", ms=3, lw=1.2, label="median")
        ax.legend(loc="upper right")
    ax.set(xscale="log", xlabel="gap between drives k and k + 1\n(% of the k-th)", ylabel=words)
    ax.set_ylim(0, 1.25 * max(float(np.max(values, initial=0)), 1.0))
    ax.set_title(f"{gap.size} stimuli", fontweight="normal")
