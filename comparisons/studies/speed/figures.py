"""Figures of speed: ways to learn online beside each other, and the time of a presentation as the circuit grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from comparisons.measuring.looks import look_of
from comparisons.rivals.registry import CIRCUIT
from selective_firing.figures.style import GREY, WIDTH, styled

__all__ = ["benchmark", "cost_laws"]


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@styled
def benchmark(table: pd.DataFrame) -> Figure:
    """Draw presentations learned per second, from the table of `benchmark.benchmark`.

    Parameters
    ----------
    table : DataFrame
        Of `benchmark.benchmark`.
    """
    figure = Figure(figsize=(WIDTH, 0.36 * len(table) + 0.7))
    ax = figure.subplots()
    rows = np.arange(len(table))
    ours = [look_of(CIRCUIT).colour if "circuit" in name else GREY for name in table["implementation"]]
    ax.barh(rows, table["presentations_per_s"], color=ours, height=0.65)
    for row, speed, ratio in zip(rows, table["presentations_per_s"], table["ratio"], strict=True):
        ax.annotate(f" {_three_digits(speed)}/s, {_three_digits(ratio)} x", (speed, row), va="center", fontsize=7)
    ax.set_xscale("log")
    ax.set_xlim(right=30 * table["presentations_per_s"].max())
    ax.set_yticks(rows, table["implementation"])
    ax.set(
        ylim=(len(table) - 0.4, -0.6),
        xlabel="presentations learned per second, one core (x: relative to the textbook script)",
    )
    return figure


@styled
def cost_laws(table: pd.DataFrame, exponents: Mapping[str, float]) -> Figure:
    """Draw the time of a presentation against width, k and active inputs, beside what memory must move for it.

    Parameters
    ----------
    table : DataFrame
        Of `comparisons.studies.speed.cost_laws.cost_laws`.
    exponents : mapping of str to float
    """
    words = {"n_hidden": "hidden units", "k": "winners k", "active_inputs": "active inputs"}
    figure = Figure(figsize=(WIDTH, 2.6))
    axes = figure.subplots(1, len(exponents), sharey=True, squeeze=False)[0]
    for ax, (name, rows) in zip(axes, table.groupby("varied", sort=False), strict=True):
        colour, marker = look_of(CIRCUIT)
        ax.plot(rows["value"], 1e6 * rows["seconds"], color=colour, marker=marker, ms=3.5, label="measured")
        ax.plot(rows["value"], 1e6 * rows["floor_s"], color=GREY, ls="--", label="floor: bytes touched / bandwidth")
        title = f"time $\\propto$ {words[name]}$^{{{exponents[name]:.2f}}}$"
        ax.set(xscale="log", yscale="log", xlabel=words[name], title=title)
        ax.set_xticks(rows["value"], [f"{value:g}" for value in rows["value"]])
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_minor_locator(NullLocator())
    axes[0].set_ylabel("time of a learned\npresentation (\u00b5s)")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure
