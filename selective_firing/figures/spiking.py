"""Figures of one presentation to the spiking circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from selective_firing.figures.style import BLUE, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, canvas
from selective_firing.results.trace import SpikingTrace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["spiking_presentation"]


def spiking_presentation(
    trace: SpikingTrace, n_losers: int = 60, title: str = "", into: Figure | SubFigure | None = None
) -> Figure:
    """Draw the spikes of all populations, hidden cells sorted by drive, and the membranes of a winner and a loser.

    Parameters
    ----------
    trace : SpikingTrace
    n_losers : int
        Losers whose spikes are drawn: those with the largest drives.
    title : str
        Of the whole, before what happened: the data, or the model.
    into : Figure or SubFigure, optional
        Where to draw; a new figure if not given.
    """
    feeding = "inputs" in trace.spikes
    figure, drawn = canvas(into, (WIDTH, 6.2 if feeding else 5.2))
    panels = list(drawn.subplots(4 + feeding, 1, sharex=True, height_ratios=[2] * feeding + [3.4, 1.1, 2.2, 1.2]))
    if feeding:
        panel, table = panels.pop(0), trace.spikes["inputs"]
        panel.scatter(table.time_ms, table.unit, s=0.6, lw=0, color=GREY)
        panel.set(ylabel="input", ylim=(-0.5, table.n_units - 0.5))
    cells, interneurons, membranes, conductance = panels
    shown = int(trace.winners.sum()) + n_losers
    _hidden(cells, trace, min(shown, trace.drive.size))
    table = trace.spikes["interneurons"]
    interneurons.scatter(table.time_ms, table.unit, s=5, marker="|", lw=0.8, color=BLUE)
    interneurons.set(ylabel="inter-\nneuron", ylim=(-0.7, table.n_units - 0.3))
    _membranes(membranes, trace)
    conductance.plot(trace.time_ms, trace.conductance, color=BLUE)
    conductance.set(
        ylabel="inhibition\n(leak units)", ylim=(0, None), xlabel="time since stimulus onset (ms)",
        xlim=(0, trace.time_ms[-1]),
    )  # fmt: skip
    for ax in (cells, interneurons, membranes, conductance):
        for number, arrival in enumerate(trace.arrivals_ms):
            words = "inhibition arrives:\nend of a cycle" if ax is cells and number == 0 else None
            ax.axvline(arrival, color=ORANGE, lw=0.8, zorder=0, label=words)
    for letter, ax in zip("abcde", drawn.axes, strict=False):
        ax.set_title(letter)
    for ax in (cells, membranes):
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    count = trace.arrivals_ms.size
    words = f"{count} cycle{'s' * (count != 1)} in {trace.time_ms[-1]:.0f} ms"
    words = f"Stimulus {trace.stimulus}: {int(trace.winners.sum())} winners (k = {trace.k}), {words}"
    drawn.suptitle(f"{title}. {words}" if title else words, fontsize=9 if not title else 8)
    return figure


def _hidden(ax: Axes, trace: SpikingTrace, shown: int) -> None:
    """Draw the spikes of the `shown` most driven cells, the most driven on top."""
    rank = np.empty(trace.drive.size, int)
    rank[np.argsort(-trace.drive, kind="stable")] = np.arange(1, trace.drive.size + 1)
    table = trace.spikes["hidden"]
    wins = trace.winners[table.unit]
    for mask, colour, words in ((wins, VERMILLION, "winners"), (~wins, GREY, "other cells")):
        ax.scatter(
            table.time_ms[mask], rank[table.unit[mask]], s=14, marker="|", lw=1.2, color=colour,
            label=f"spikes of {words}",
        )  # fmt: skip
    ax.axhline(trace.k + 0.5, color=LIGHT, lw=0.8, label=f"k = {trace.k} cells with\nthe largest drives")
    ax.set(ylabel="hidden cell\n(rank of its drive)", ylim=(shown + 0.5, 0.3))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))


def _membranes(ax: Axes, trace: SpikingTrace) -> None:
    """Draw the membranes of the winner and of the loser with the largest drive."""
    ranked = np.argsort(-trace.drive, kind="stable")
    sides = (
        ("winner with the\nlargest drive", VERMILLION, [unit for unit in ranked if trace.winners[unit]]),
        ("loser with the\nlargest drive", GREY, [unit for unit in ranked if not trace.winners[unit]]),
    )
    for words, colour, units in sides:
        if units:
            ax.plot(trace.time_ms, trace.v_mV[:, units[0]], color=colour, lw=1.0, label=words)
    ax.axhline(trace.v_threshold_mV, color="black", lw=0.9, ls="--", label="firing threshold")
    ax.set(ylabel="membrane\n(mV)")
