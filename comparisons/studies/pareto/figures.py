"""The whole picture on one page, from the table of `study`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

from comparisons.measuring.intervals import means_and_halves
from comparisons.rivals.coders import NONNEGATIVE, OMP
from comparisons.rivals.registry import (
    BATCH,
    CYCLES,
    MATRYOSHKA,
    NARROW,
    OMP_DICTIONARY,
    ONE_COMPETITION,
    PRINCIPAL,
    PURSUIT,
    SWAPS,
    TOPK,
)
from comparisons.studies.pareto.study import FAMILIES, PRICE
from selective_firing.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, styled

__all__ = ["pareto"]


class Line(NamedTuple):
    """How a family is drawn, and what it is called beside its line."""

    colour: str
    marker: str
    style: str
    width: float
    words: str


SKY, PURPLE = "#56B4E9", "#CC79A7"
LINES = {
    ONE_COMPETITION: Line(VERMILLION, "o", "-", 1.6, "circuit, one competition"),
    CYCLES: Line(ORANGE, "D", "-", 1.6, "circuit, 4 cycles"),
    SWAPS: Line("#000000", "s", "-", 2.0, "circuit, 4 lateral swaps"),
    TOPK: Line(BLUE, "s", "--", 1.0, "top-K"), BATCH: Line(BLUE, "h", ":", 1.0, "BatchTopK"),
    MATRYOSHKA: Line(SKY, "p", ":", 1.0, "Matryoshka"), PURSUIT: Line(SKY, "8", "--", 1.0, "MP-SAE"),
    OMP_DICTIONARY: Line(GREY, "d", "--", 1.0, "dictionary trained for OMP"),
    NONNEGATIVE: Line(GREY, "v", ":", 1.0, "swaps' weights, OMP \u2265 0"),
    OMP: Line(GREY, "<", ":", 1.0, "swaps' weights, signed OMP"),
    NARROW: Line(GREEN, "^", "-.", 1.0, "dense, narrow"), PRINCIPAL: Line(PURPLE, "X", "-.", 1.0, "PCA"),
}  # fmt: skip
"""Circuits have thick lines, what sorts is blue, solvers are grey, codes without selection have dashes and dots."""


@styled
def pareto(table: pd.DataFrame) -> Figure:
    """Draw NMSE against active units, and against energy; bars: 95 % t interval over seeds.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.
    """
    figure = Figure(figsize=(WIDTH + 1.2, 4.2))
    left, right = figure.subplots(1, 2, sharey=True)
    names = [name for name in FAMILIES if name in set(table["family"])]
    ends = {}
    for name in names:
        mine = table[table["family"] == name]
        mine = mine.assign(**{PRICE: mine[PRICE] / 1e9})
        means, halves = means_and_halves(mine.groupby("k")[["n_active", PRICE, "nmse"]])
        line = LINES[name]
        look = {"color": line.colour, "marker": line.marker, "ls": line.style, "lw": line.width}
        for ax, x in ((left, "n_active"), (right, PRICE)):
            ax.errorbar(
                means[x], means["nmse"], yerr=halves["nmse"].fillna(0), ms=3.5, elinewidth=0.7, capsize=1.5, **look
            )  # fmt: skip
        ends[name] = float(means["n_active"].iloc[-1]), float(means["nmse"].iloc[-1])
    for ax, words in ((left, "active units (PCA: components)"), (right, "energy beyond the input (10\u2079 ATP)")):
        ax.set(xscale="log", yscale="log", xlabel=f"{words} per stimulus")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        ax.grid(color=LIGHT, lw=0.4)
    left.xaxis.set_major_locator(FixedLocator(sorted(table["k"].unique())))
    left.set_ylabel("test NMSE")
    _label(left, ends)
    for across, up, words, align in (
        (0.03, 0.03, "the search for the code\nis free for all but circuits", "left"),
        (0.97, 0.9, "circuits pay for\ntheir competitions", "right"),  # above their lines, which lie to the right
    ):
        right.text(across, up, words, transform=right.transAxes, ha=align, va="bottom", fontsize=6.5, color=GREY)
    n_seeds, n_hidden = table["seed"].nunique(), table.loc[table["family"] != NARROW, "n_hidden"].max()
    seeds = f"{n_seeds} seed{'s' * (n_seeds > 1)}"
    left.set_title(f"a   {table['dataset'].iloc[0]}, {n_hidden} hidden units, {seeds}", loc="left", fontweight="bold")
    right.set_title("b", loc="left", fontweight="bold")
    return figure


def _label(ax: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Write the name of each line at its end, at the right of the axes, none over another."""
    low, high = np.log10(ax.get_ylim())
    heights = {name: (np.log10(y) - low) / (high - low) for name, (_, y) in ends.items()}
    order = sorted(heights, key=heights.__getitem__)
    placed = _apart(np.array([heights[name] for name in order]), 0.062)
    placed -= max(0.0, placed[-1] - 1) + min(0.0, placed[0])  # within the axes
    x_low, x_high = np.log10(ax.get_xlim())
    for name, height in zip(order, placed, strict=True):
        x = (np.log10(ends[name][0]) - x_low) / (x_high - x_low)
        ax.annotate(
            LINES[name].words, (x, heights[name]), (1.03, height), "axes fraction", "axes fraction", va="center",
            fontsize=6.5, color=LINES[name].colour, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": LINES[name].colour, "lw": 0.5, "shrinkA": 1, "shrinkB": 2,
                        "relpos": (0, 0.5)},
        )  # fmt: skip


def _apart(heights: np.ndarray, gap: float) -> np.ndarray:
    """Return ascending heights moved as little as it takes to lie `gap` apart (pooling of neighbours that touch)."""
    steps = gap * np.arange(len(heights))
    groups: list[list[float]] = []
    for value in heights - steps:  # apart they must not descend: isotonic regression
        groups.append([value])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    return np.concatenate([np.full(len(group), np.mean(group)) for group in groups]) + steps
