"""Figures of explaining away, from the tables of `explaining`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

from comparisons.measuring.looks import look_of
from comparisons.rivals.coders import DICTIONARY, OMP, REFITTED
from comparisons.rivals.registry import ONE_COMPETITION, SORTED_CYCLES, TOPK, WITH_CYCLES
from comparisons.studies.explaining.study import QUARTERS
from selective_firing.energy.prices import NEURAL
from selective_firing.figures.style import LIGHT, WIDTH, styled

__all__ = ["cycles", "profit"]

PRICE = f"ATP ({NEURAL[1].name})"
WORDS = {"overlap": "overlap of the first winners,\nin quarters of the stimuli", "class": "class"}
BESIDE = (ONE_COMPETITION, SORTED_CYCLES, REFITTED, OMP, DICTIONARY)
"""Models of one error, beside the curve of the cycles."""


def _line(name: str) -> dict[str, Any]:
    colour, marker = look_of(name)
    return {"color": colour, "marker": marker, "ms": 4}


def _spread(ax: Axes, rows: pd.DataFrame, x: str, y: str, **line: Any) -> None:
    """Draw the mean over seeds of y against x, with bars from the lowest to the highest seed."""
    seeds = rows.groupby("order", sort=True)
    mean, low, high = seeds[[x, y]].mean(), seeds[y].min(), seeds[y].max()
    ax.errorbar(mean[x], mean[y], yerr=[mean[y] - low, high - mean[y]], capsize=2, **line)


@styled
def cycles(table: pd.DataFrame) -> Figure:
    """Draw NMSE against cycles, beside its rivals, for each k; and below against the energy of inference.

    Parameters
    ----------
    table : DataFrame
        The rows of `study`.
    """
    ks = sorted(table["k"].unique())
    figure = Figure(figsize=(WIDTH + 0.4, 5.0))
    axes = figure.subplots(2, len(ks), squeeze=False, sharey="col")
    for (upper, lower), k in zip(axes.T, ks, strict=True):
        part = table[table["k"] == k].copy()
        part[PRICE] /= 1e9
        part["order"] = part["cycle"].fillna(part["nominal_k"])
        circuit, rivals = part[part["model"] == WITH_CYCLES], part[part["nominal_k"].notna()]
        _spread(upper, circuit, "cycle", "nmse", **_line(WITH_CYCLES), label=WITH_CYCLES)
        same = rivals[rivals["model"] == f"{TOPK}, k = {k}"]["nmse"].mean()
        upper.axhline(same, color=look_of(TOPK).colour, lw=1.2, ls="--", label="top-K, same k")
        last = circuit["cycle"].max()
        for step, name in enumerate(BESIDE):
            colour, marker = look_of(name)
            mean = part[part["model"] == name]["nmse"].mean()
            upper.plot(last + 0.6 + 0.3 * step, mean, color=colour, marker=marker, ms=5, ls="none", label=name)
        upper.set(title=f"k = {k}", xlabel="cycles", xticks=range(1, int(last) + 1), xlim=(0.6, last + 2.2))
        _spread(lower, circuit, PRICE, "nmse", **_line(WITH_CYCLES), label=WITH_CYCLES)
        _spread(lower, rivals, PRICE, "nmse", **_line(TOPK), ls="--", label="top-K, k to 3 k")
        lower.set(xlabel="energy (10\u2079 ATP per stimulus)")
        lower.xaxis.set_major_locator(MaxNLocator(5))
        for ax in (upper, lower):
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(MaxNLocator(5))
            ax.yaxis.set_major_formatter(ScalarFormatter())
            ax.yaxis.set_minor_formatter(NullFormatter())
            ax.grid(color=LIGHT, lw=0.4)
    for ax in axes[:, 0]:
        ax.set_ylabel("test NMSE")
    handles, names = axes[0, 0].get_legend_handles_labels()
    more, words = axes[1, 0].get_legend_handles_labels()
    figure.legend([*handles, *more[1:]], [*names, *words[1:]], loc="outside lower center", ncols=3)
    return figure


@styled
def profit(table: pd.DataFrame) -> Figure:
    """Draw how far the winners' predictions overlap before and after the cycles, and who profits from these.

    Parameters
    ----------
    table : DataFrame
        The gains of `study`.
    """
    groups = [name for name in ("overlap", "class") if (table["group"] == name).any()]
    figure = Figure(figsize=(WIDTH, 2.6))
    shares, *gains = figure.subplots(
        1, 1 + len(groups), width_ratios=[3, *(3 if g == "overlap" else 5 for g in groups)]
    )
    quarters = table[table["group"] == "overlap"].groupby("value").mean(numeric_only=True).loc[list(QUARTERS)]
    places = np.arange(len(quarters))
    for shift, name, colour in ((-0.2, "before", LIGHT), (0.2, "after", look_of(WITH_CYCLES).colour)):
        heights = 100 * quarters[f"overlap_{name}"]
        shares.bar(places + shift, heights, width=0.38, color=colour, label=f"{name} the cycles")
    shares.axhline(0, color="black", lw=0.6)
    shares.set(ylabel="overlap of winners\n(% of prediction's power)", xticks=places, xticklabels=quarters.index)
    shares.set_xlabel(WORDS["overlap"])
    shares.margins(y=0.25)
    shares.legend(loc="upper left")
    for ax, group in zip(gains, groups, strict=True):
        mean = table[table["group"] == group].groupby("value", sort=False)["gain"].mean()
        ax.bar(np.arange(mean.size), 100 * mean, color=look_of(WITH_CYCLES).colour, width=0.7)
        ax.set(xticks=np.arange(mean.size), xticklabels=mean.index, ylabel="error taken away (%)", xlabel=WORDS[group])
    return figure
