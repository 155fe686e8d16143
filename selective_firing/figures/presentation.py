"""One presentation over time, as a figure; nothing global is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from selective_firing.figures.images import as_image
from selective_firing.figures.spiking import spiking_presentation
from selective_firing.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, canvas, headed, styled
from selective_firing.results.trace import SpikingTrace, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["presentation"]


@styled
def presentation(
    trace: Trace | SpikingTrace,
    n_losers: int = 60,
    *,
    image_shape: tuple[int, int] | None = None,
    title: str = "",
    into: Figure | SubFigure | None = None,
) -> Figure:
    """Draw one presentation over time, of the rate or of the spiking circuit.

    Membranes, inhibition, number of active units and the decisions; or spikes with the cycles of inhibition, and the
    membranes of a winner and a loser.

    Parameters
    ----------
    trace : Trace or SpikingTrace
    n_losers : int
        Losers to draw: those with the largest drives.
    image_shape : tuple of int, optional
        (height, width) of the stimulus, which is then drawn beside the membranes; of the rate circuit.
    title : str
        Of the whole: the data, or the model.
    into : Figure or SubFigure, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        That which was drawn into, or that which the sub-figure is part of.
    """
    if isinstance(trace, SpikingTrace):
        return spiking_presentation(trace, n_losers, title=title, into=into)
    figure, drawn = canvas(into, (WIDTH, 5.2))
    panels = drawn.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1.4))
    membranes, inhibition, count = panels
    _membranes(membranes, trace, n_losers)
    if image_shape is not None and trace.pattern.size:
        _stimulus(membranes, trace, image_shape)
    _inhibition(inhibition, trace)
    times, active = np.append(0.0, trace.time_ms), np.append(0, trace.n_active)
    count.plot(times, active, color="black", lw=0.9, marker=".", ms=3, label="active units")
    count.axhline(trace.k, color=GREY, lw=0.8, ls=":", label=f"k = {trace.k}")
    count.set(ylabel="active units", xlabel="time since stimulus onset (ms)")
    count.set(ylim=(0, 1.15 * max(trace.k, active.max())), xlim=(0, 1.03 * times[-1]))
    count.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    _moments(panels, trace)
    for ax in panels:
        low = bool(ax.child_axes)  # under the stimulus
        ax.legend(loc="lower left" if low else "center left", bbox_to_anchor=(1.03, 0.0) if low else (1.0, 0.5))
    for letter, ax, words in zip("abc", panels, (_headline(trace), "", ""), strict=True):
        ax.set_title(f"{letter}   {words}".rstrip())
    headed(drawn, title)
    return figure


def _headline(trace: Trace) -> str:
    """Return in words when k units were active for the first time, and when that was the decision."""
    decided = ", ".join(f"{moment:g}" for moment in trace.decisions_ms)
    if not _lasts(trace):
        return f"Stimulus {trace.stimulus}: decided after {decided} ms"
    first, winners = trace.reached_ms[0], trace.cycle_winners[0]
    then = trace.time_ms == first
    active = trace.u[then][0] > trace.levels[then]
    stayed = int((active & winners).sum())
    words = "the same winners" if stayed == winners.sum() else f"{stayed} of the {int(winners.sum())} winners"
    return f"Stimulus {trace.stimulus}: n = k after {first:g} ms, decided after {decided} ms; {words}"


def _lasts(trace: Trace) -> bool:
    """Whether there was one competition, and it went on after k units were active for the first time."""
    return len(trace.decisions_ms) == 1 and trace.reached_ms[0] < trace.decisions_ms[0]


def _moments(panels: np.ndarray, trace: Trace) -> None:
    """Draw the decisions into every panel, and the first moment of n = k if the decision comes later."""
    for ax in panels:
        first = ax is panels[0]
        if _lasts(trace):
            ax.axvline(trace.reached_ms[0], color=ORANGE, lw=1.0, ls=":", label="first n = k" if first else None)
        for number, moment in enumerate(trace.decisions_ms):
            ax.axvline(moment, color=ORANGE, lw=1.0, label="decision" if first and number == 0 else None)


def _membranes(ax: Axes, trace: Trace, n_losers: int) -> None:
    """Draw the membranes of the winners and of the losers with the largest drives, from the first step on."""
    ranked = np.argsort(-trace.drives[-1])
    winners, losers = ranked[trace.winners[ranked]], ranked[~trace.winners[ranked]]
    shown = losers[:n_losers]
    told = f"{losers.size} losers" if shown.size == losers.size else f"{shown.size} of {losers.size} losers"
    for units, colour, width, label in (
        (shown, LIGHT, 0.6, told),
        (winners, VERMILLION, 1.0, f"{winners.size} winners"),
    ):
        for line in ax.plot(trace.time_ms, trace.u[:, units], color=colour, lw=width)[:1]:
            line.set_label(label)
    ax.plot(trace.time_ms, trace.levels, color="black", lw=0.9, ls="--", label="firing threshold")
    ax.set(ylabel="membrane (drive units)")


def _stimulus(ax: Axes, trace: Trace, image_shape: tuple[int, int]) -> None:
    """Draw the stimulus beside the membranes."""
    image = as_image(trace.pattern, image_shape)
    beside = ax.inset_axes((1.03, 0.52, 0.17, 0.4))
    reach = float(np.abs(image).max())
    signed = image.min() < 0
    beside.imshow(image, cmap="RdBu_r" if signed else "gray_r", vmin=-reach if signed else 0, vmax=reach)
    beside.spines[:].set_visible(False)
    beside.set(xticks=[], yticks=[])
    beside.set_title("stimulus", fontweight="normal", fontsize=7)


def _inhibition(ax: Axes, trace: Trace) -> None:
    """Draw inhibition, its slow part by itself, and the drive that is needed to fire."""
    if trace.slow.size and not np.allclose(trace.slow, trace.inhibition, rtol=1e-6, atol=1e-12):
        ax.plot(trace.time_ms, trace.slow, color=BLUE, lw=0.9, ls=(0, (4, 2)), label="slow part of it")
    ax.plot(trace.time_ms, trace.inhibition, color=BLUE, label="inhibition")
    if not trace.lateral:
        _needed(ax, trace)
    highest = max(float(np.max(part, initial=0.0)) for part in (trace.inhibition, trace.slow, trace.drives))
    ax.set(ylabel="inhibition\n(drive units)", ylim=(0, 1.1 * max(highest, np.finfo(float).tiny)))


def _needed(ax: Axes, trace: Trace) -> None:
    """Draw the drive that would be needed to fire, and where it should end: between the drives of k and k + 1."""
    ax.plot(trace.time_ms, trace.needed_drive, color="black", ls="--", lw=0.9, label="drive needed to fire")
    starts = np.append(0, trace.decisions_ms[:-1])
    for start, end, drive in zip(starts, trace.decisions_ms, trace.drives, strict=True):
        drives = np.sort(np.maximum(drive, 0))[::-1]
        if trace.k < drives.size:
            ax.fill_between(
                [start, end], drives[trace.k], drives[trace.k - 1], color=GREEN, alpha=0.35, lw=0,
                label=None if start else "between drives\nk and k + 1",
            )  # fmt: skip
