"""Figures of the response to many stimuli: who won, how many, and how long it took; nothing global is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from selective_firing.figures.style import BLUE, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, panel, styled
from selective_firing.results.response import Response

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["n_active_histogram", "raster", "settling_time_histogram"]


@styled
def raster(
    response: Response, labels: np.ndarray | None = None, n_stimuli: int = 200, ax: Axes | None = None
) -> Figure:
    """Draw who won on which stimulus, into `ax` if it is given.

    Parameters
    ----------
    response : Response
    labels : ndarray of shape (n_samples,), optional
        Classes, by which the stimuli are sorted.
    n_stimuli : int
        The first that many stimuli are drawn.
    ax : Axes, optional
    """
    winners = response.winners[:n_stimuli]
    order = np.arange(len(winners)) if labels is None else np.argsort(labels[:n_stimuli], kind="stable")
    stimuli, units = np.nonzero(winners[order])
    figure, ax = panel(ax, (WIDTH, 3.6))
    size = 4.0 * min(1.0, 150 / len(winners))
    if labels is None:
        ax.scatter(stimuli, units, s=size, marker="s", lw=0, color=BLUE)
    else:
        sorted_labels = labels[:n_stimuli][order]
        edges = np.flatnonzero(np.diff(sorted_labels)) + 0.5
        starts, ends = np.r_[-0.5, edges], np.r_[edges, len(winners) - 0.5]
        colours = np.where(np.searchsorted(edges, stimuli) % 2 == 0, BLUE, VERMILLION)
        ax.scatter(stimuli, units, s=size, marker="s", lw=0, c=colours)
        for start, end in zip(starts, ends, strict=True):
            label = sorted_labels[int(start + 0.5)]
            ax.text((start + end) / 2, 1.01, str(label), transform=ax.get_xaxis_transform(), ha="center", fontsize=7)
            ax.axvline(end, color=LIGHT, lw=0.5)
    ax.set(
        xlabel="stimulus" if labels is None else "stimulus, sorted by class (class above)", ylabel="hidden unit",
        xlim=(-0.5, len(winners) - 0.5), ylim=(-0.5, response.n_hidden - 0.5),
    )  # fmt: skip
    return figure


@styled
def n_active_histogram(response: Response, ax: Axes | None = None) -> Figure:
    """Draw how many units won on how many stimuli, into `ax` if it is given.

    Parameters
    ----------
    response : Response
    ax : Axes, optional
    """
    figure, ax = panel(ax)
    counts = np.bincount(response.n_active, minlength=response.k + 2)
    ax.bar(np.arange(counts.size), counts, color=BLUE, width=0.8)
    ax.axvline(response.k, color=GREY, lw=0.8, ls=":", label=f"k = {response.k}")
    ax.set(xlabel="active units per stimulus", ylabel="stimuli", title="How many units won")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left")
    return figure


@styled
def settling_time_histogram(response: Response, ax: Axes | None = None) -> Figure:
    """Draw how long the competitions took, into `ax` if it is given; those without a decision are counted apart.

    Parameters
    ----------
    response : Response
    ax : Axes, optional
    """
    figure, ax = panel(ax)
    times = response.settling_time_ms[response.settled]
    if times.size:
        dt = response.provenance["parameters"]["dt"]
        width = dt * max(1, round((times.max() - times.min()) / dt / 60))
        ax.hist(times, bins=np.arange(times.min() - width / 2, times.max() + width, width).tolist(), color=BLUE)
        ax.axvline(np.median(times), color=ORANGE, lw=1.0, label=f"median {np.median(times):g} ms")
        ax.legend(loc="upper right")
    undecided = int((~response.settled).sum())
    title = "Time to the decision" + (f" ({undecided} undecided)" if undecided else "")
    ax.set(xlabel="settling time (ms)", ylabel="stimuli", title=title)
    return figure
