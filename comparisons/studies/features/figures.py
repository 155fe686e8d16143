"""The figures of the study of features: what was found against the error, a panel for each data set."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from comparisons.measuring.intervals import means_and_halves
from comparisons.measuring.looks import look_of
from comparisons.rivals.registry import CYCLES, ONE_COMPETITION, RANDOM
from comparisons.studies.features.study import CIRCUITS, TRUTH
from selective_firing.figures.style import GREY, LIGHT, VERMILLION, WIDTH, styled

__all__ = ["SHOWN", "against_error"]

SHOWN = {
    "support_f1": "F1 of the code's support", "feature_f1": "F1 of features (cosine above 0.9)",
    "mean_max_cosine": "mean max cosine with true features",
}  # fmt: skip
CYCLE, SWAP = look_of(CYCLES), ("#000000", "s")
LINES = {
    "circuit, 1 to 8 cycles": ([name for name in CIRCUITS if "swap" not in name], *CYCLE, "-"),
    "circuit, 1 to 8 swaps": ([n for n in CIRCUITS if "swap" in n and "late" not in n], *SWAP, "-"),
    "the same, late share 0.75": ([n for n in CIRCUITS if "late" in n], *SWAP, ":"),
}
"""Circuits that differ in the number of rounds: a line each, with colour, marker and kind of line."""
COLUMNS = 4


@styled
def against_error(table: pd.DataFrame, measure: str) -> Figure:
    """Draw what was found of the true features against the error; bars: 95 % t interval over seeds.

    Random weights, which are far below, are left to the table.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.
    measure : str
        Of `SHOWN`.
    """
    sets = list(dict.fromkeys(table["dataset"]))
    n_rows = -(-(len(sets) + 1) // COLUMNS)
    figure = Figure(figsize=(WIDTH + 0.6, 0.4 + 2.0 * n_rows))
    axes = figure.subplots(n_rows, COLUMNS, squeeze=False).ravel()
    for letter, ax, name in zip("abcdefghijklmnop", axes, sets, strict=False):
        mine = table[table["dataset"] == name]
        _panel(ax, mine, measure)
        shape = f"{mine['n_hidden'].iloc[0]} units, k = {mine['k'].iloc[0]}"
        ax.set_title(f"{letter}  {name.replace('features-', '')}", loc="left")
        ax.text(0.97, 0.03, shape, transform=ax.transAxes, ha="right", fontsize=6, color=GREY)
    for ax in axes[len(sets) :]:
        ax.set_axis_off()
    handles, labels = axes[0].get_legend_handles_labels()
    axes[len(sets)].legend(handles, labels, loc="center left", bbox_to_anchor=(-0.15, 0.5), fontsize=6.5)
    figure.supxlabel("test NMSE (better to the left)", fontsize="medium")
    figure.supylabel(SHOWN[measure], fontsize="medium")
    return figure


def _panel(ax: Axes, table: pd.DataFrame, measure: str) -> None:
    means, halves = means_and_halves(table.groupby("model", sort=False)[["nmse", measure]])
    halves = halves.fillna(0.0)
    drawn = {name for names, *_ in LINES.values() for name in names}
    for label, (names, colour, marker, line) in LINES.items():
        known = [name for name in names if name in means.index]
        if known:
            style: dict[str, Any] = {
                "color": colour,
                "ls": line,
                "marker": marker,
                "ms": 3,
                "mfc": "white" if line == ":" else colour,
            }
            _points(ax, means.loc[known], halves.loc[known], measure, label=label, **style)
    for name in means.index:
        if name in drawn or name in (RANDOM, TRUTH):
            continue
        colour, marker = look_of(name)
        one = [name]
        _points(ax, means.loc[one], halves.loc[one], measure, label=name, color=colour, marker=marker, ms=5, ls="none")
    if ONE_COMPETITION in means.index:  # where both families of circuits set out
        x, y = means.loc[ONE_COMPETITION]
        ax.plot(x, y, ls="none", marker="o", ms=6, color=VERMILLION, label=ONE_COMPETITION, zorder=5)
    if TRUTH in means.index:
        ax.axhline(means.loc[TRUTH, measure], color=GREY, lw=0.7, ls="--", label=TRUTH, zorder=0)
    learned = means.drop([TRUTH, RANDOM], errors="ignore")
    low, high = learned[measure].min(), max(means[measure].max(), learned[measure].max())
    ax.set_ylim(low - 0.15 * max(high - low, 0.05), high + 0.15 * max(high - low, 0.05))
    ax.set_xscale("log")
    span = learned["nmse"].max() / learned["nmse"].min()
    ax.xaxis.set_major_locator(MaxNLocator(3, prune="both") if span < 5 else LogLocator(subs=(1, 3), numticks=6))
    if span > 300:
        ax.xaxis.set_major_locator(LogLocator(numticks=4))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(color=LIGHT, lw=0.4)


def _points(ax: Axes, means: pd.DataFrame, halves: pd.DataFrame, measure: str, **style: Any) -> None:
    ax.errorbar(means["nmse"], means[measure], yerr=halves[measure], elinewidth=0.6, lw=1, **style)
