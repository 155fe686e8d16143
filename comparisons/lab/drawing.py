"""Two kinds of figures that most claims need: curves and dots, one panel a data set, intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from comparisons.measuring.intervals import means_and_halves
from comparisons.measuring.looks import look_of
from selective_firing.figures.style import LIGHT, WIDTH, styled

__all__ = ["curves", "dots"]

Place = Literal["outside lower center", "outside upper center"]

TITLES = {
    "loop_delay": "loop delay (ms)",
    "noise": "membrane noise (SD / norm)",
    "threshold_cv": "spread of thresholds (CV)",
}  # fmt: skip
"""What the parameters of the circuit are called in words."""


@styled
def curves(
    table: pd.DataFrame, x: str, y: str, words: Mapping[str, str], hue: str = "model", *, log_x: bool = False,
    log_y: bool = False, panels: str = "dataset",
) -> Figure:  # fmt: skip
    """Draw `y` against `x`, a line for each `hue` and a panel for each of `panels`; bars: 95 % t interval over seeds.

    Parameters
    ----------
    table : DataFrame
        One row per seed.
    x, y, hue, panels : str
        Columns. Where `x` differs between seeds, of a group of equal "step", its mean is drawn.
    words : mapping of str to str
        What axes are labelled with, by column.
    log_x, log_y : bool
        Whether axes are logarithmic.
    """
    names = list(dict.fromkeys(table[panels]))
    figure, axes = _panels(len(names))
    for ax, name in zip(axes, names, strict=True):
        mine = table[table[panels] == name].dropna(subset=[x, y])
        for place, (one, rows) in enumerate(mine.groupby(hue, sort=False)):
            colour, marker = look_of(one, place)
            by = rows.groupby("step" if "step" in rows else x, sort=True)
            mean, half = means_and_halves(by[y])
            ax.errorbar(
                by[x].mean(),
                mean,
                half.fillna(0),
                color=colour,
                marker=marker,
                ms=3.5,
                lw=1,
                capsize=1.5,
                label=one,
                elinewidth=0.7,
            )
        ax.set_title(name if panels == "dataset" else "")
        if panels != "dataset":
            ax.set_xlabel(TITLES.get(name, words.get(x, x)))
        if log_x:
            _logarithmic(ax, "x", mine[x])
        if log_y:
            _logarithmic(ax, "y", mine[y])
        if not log_y and mine[y].between(0, 1).all() and mine[y].max() > 0.5:
            ax.set_ylim(-0.03, 1.05)
    axes[0].set_ylabel(words.get(y, y))
    if panels == "dataset":  # one label for all: side by side they would collide
        figure.supxlabel(words.get(x, x), fontsize="medium")
    _legend(figure, axes, "outside upper center")
    return figure


@styled
def dots(
    table: pd.DataFrame, measures: Mapping[str, str], rows: str = "model", *, panels: str = "dataset", zero: bool = True
) -> Figure:
    """Draw measures of each model, a panel for each measure, one marker for each data set; bars: 95 % t interval.

    Parameters
    ----------
    table : DataFrame
        One row per seed.
    measures : mapping of str to str
        Column, and what its axis is labelled with.
    rows, panels : str
        Column of what stands below each other, and of what has a marker of its own.
    zero : bool
        Whether axes start at 0.
    """
    names, data_sets = list(dict.fromkeys(table[rows])), list(dict.fromkeys(table[panels]))
    figure, axes = _panels(len(measures), height=0.9 + 0.3 * len(names), sharey=True)
    for ax, (measure, words) in zip(axes, measures.items(), strict=True):
        for place, dataset in enumerate(data_sets):
            colour, marker = look_of(dataset, place)
            mine = table[table[panels] == dataset].dropna(subset=[measure]).groupby(rows, sort=False)[measure]
            mean, half = means_and_halves(mine)
            height = [names.index(name) + 0.14 * (place - (len(data_sets) - 1) / 2) for name in mean.index]
            ax.errorbar(
                mean, height, xerr=half.fillna(0), ls="none", marker=marker, ms=4, color=colour, capsize=1.5,
                label=dataset, elinewidth=0.7,
            )  # fmt: skip
        ax.set_xlabel(words)
        if zero:
            ax.set_xlim(left=min(0, ax.get_xlim()[0]))
        for row in range(len(names) - 1):
            ax.axhline(row + 0.5, color=LIGHT, lw=0.4)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    _legend(figure, axes)
    return figure


def _logarithmic(ax: Axes, which: str, values: pd.Series) -> None:
    """Make an axis logarithmic, its numbers written out: those that occur, if they are few, else 1, 2, 5, 10, ..."""
    getattr(ax, f"set_{which}scale")("log")
    axis, known = getattr(ax, f"{which}axis"), sorted(values.unique())
    if len(known) > 7:
        powers = range(math.floor(math.log10(known[0])), math.ceil(math.log10(known[-1])) + 1)
        leads = (1, 2, 5) if known[-1] < 1e4 else (1,)
        known = [value for power in powers for lead in leads if known[0] <= (value := lead * 10.0**power) <= known[-1]]
    axis.set_major_locator(FixedLocator(_apart(known)))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g}" if value < 1e4 else f"{value:.0e}".replace("+0", ""))
    )
    axis.set_minor_locator(NullLocator())


def _apart(ticks: Sequence[float]) -> list[float]:
    """Return the ticks but those that would touch the one before: a seventh of the axis lies between any two."""
    kept: list[float] = []
    for tick in ticks:
        if not kept or math.log(tick / kept[-1]) > math.log(ticks[-1] / ticks[0]) / 7:
            kept.append(tick)
    return kept


def _panels(n: int, height: float = 2.5, sharey: bool = False) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(3.4 if n == 1 else max(WIDTH * min(n, 4) / 4, 5.2), height))
    return figure, figure.subplots(1, n, sharey=sharey, squeeze=False)[0]


def _legend(figure: Figure, axes: Sequence[Axes], loc: Place = "outside lower center") -> None:
    found: dict[str, Artist] = {}
    for ax in axes:
        handles, names = ax.get_legend_handles_labels()
        found |= dict(zip(names, handles, strict=True)) | found
    figure.legend(list(found.values()), list(found), loc=loc, ncols=min(len(found), 2 if len(axes) < 3 else 4))
