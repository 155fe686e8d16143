"""Figures of contrasts: tables in, a matplotlib Figure out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from comparisons.measuring.intervals import half_width, means_and_halves, share_interval
from comparisons.measuring.looks import look_of
from comparisons.rivals.registry import CIRCUIT, NARROW, PRINCIPAL
from selective_firing.figures.style import LIGHT, WIDTH, headed, styled

__all__ = ["comparison_panel", "robustness"]

SCORES = {
    "nmse": ("reconstruction error\n(NMSE, test patterns)", 1.0),
    "ATP_beyond_input": ("energy beyond the input\n(10\u2079 ATP per stimulus)", 1e-9),
    "class_selectivity": ("class selectivity\n(| with shuffled labels)", 1.0),
}
"""Panels of the main figure: what an axis is called, and what its numbers are multiplied by."""
CALLED = {CIRCUIT: "circuit, one competition", NARROW: "dense, {k} units", PRINCIPAL: "PCA, {k} components"}
"""What models are called in it, if not by their names."""


@styled
def comparison_panel(seeds: pd.DataFrame, ledger: pd.DataFrame, title: str, k: int) -> Figure:
    """Draw what models do and cost with k active units, or numbers; bars: 95 % t interval over seeds.

    Parameters
    ----------
    seeds, ledger : DataFrame
        Of a `Comparison`.
    title : str
        Of the data and of what all have in common.
    k : int
    """
    names = list(dict.fromkeys(seeds["model"]))
    words = [CALLED.get(name, name).format(k=k) for name in names]
    scores = {name: scale for name, scale in SCORES.items() if name in seeds}
    figure = Figure(figsize=(WIDTH + 0.6, 2.1 + 2.9))
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(2.1, 2.9))[:, 0]
    axes = upper.subplots(1, len(scores), sharey=True)
    for letter, ax, (column, (label, scale)) in zip("abc", axes, scores.items(), strict=False):
        _points(ax, seeds, column, scale, names)
        ax.set_xlabel(label)
        ax.set_title(letter, loc="left", fontweight="bold")
    axes[0].set_yticks(range(len(names)), words)
    figure.suptitle(title, fontsize="medium")
    kinds = {"neural": "neurons, to encode", "operations": "a computer, to encode"}
    panels = lower.subplots(1, len(kinds), width_ratios=(5, 4))
    for letter, ax, (kind, words_of) in zip("def", panels, kinds.items(), strict=False):
        mine = ledger[(ledger["ledger"] == kind) & (ledger["phase"] == "inference") & ledger["model"].isin(names)]
        _dots(
            ax,
            mine[mine.groupby("item")["count"].transform("max") > 0].sort_values(
                "model", key=_place(names), kind="stable"
            ),
        )
        ax.set_title(f"{letter}   {words_of}", loc="left", fontweight="bold")
    handles, drawn = panels[0].get_legend_handles_labels()
    called = dict(zip(names, words, strict=True))
    lower.legend(
        handles,
        [called[name] for name in drawn],
        loc="outside lower center",
        ncols=len(names),
        fontsize=6.5,
        columnspacing=1.0,
    )
    return figure


def _place(names: list[str]) -> Callable[[pd.Series], pd.Series]:
    """Return what makes models' names sortable in this order."""
    return lambda column: column.map(names.index)


def _points(ax: Axes, seeds: pd.DataFrame, column: str, scale: float, names: list[str]) -> None:
    """Draw the mean of a measure over seeds, with its interval, and write it beside."""
    means, halves = means_and_halves(seeds.groupby("model")[column])
    for row, name in enumerate(names):
        colour, marker = look_of(name)
        mean, half = scale * means[name], scale * (0.0 if pd.isna(halves[name]) else halves[name])
        ax.barh(row, mean, color=colour, height=0.62, alpha=0.35)
        ax.errorbar(mean, row, xerr=half, color=colour, marker=marker, ms=4, capsize=2)
        ax.annotate(f" {mean:.3g}", (mean + half, row), (4, 0), textcoords="offset points", va="center", fontsize=6.5)
        if f"{column}_shuffled" in seeds:
            chance = seeds.loc[seeds["model"] == name, f"{column}_shuffled"].mean()
            ax.plot(chance, row, ls="none", marker="|", ms=11, mew=1.4, color="black")
    ax.set_xlim(0, 1.28 * scale * float((means + halves.fillna(0)).max()))
    ax.set_ylim(len(names) - 0.4, -0.6)


def _dots(ax: Axes, ledger: pd.DataFrame) -> None:
    """Draw one line per item and one mark per model; zero lies at the left edge."""
    items, models = list(dict.fromkeys(ledger["item"])), list(dict.fromkeys(ledger["model"]))
    for place, model in enumerate(models):
        counts = ledger[ledger["model"] == model].set_index("item")["count"].reindex(items)
        rows = np.arange(len(items)) + 0.15 * (place - (len(models) - 1) / 2)
        colour, marker = look_of(model)
        ax.plot(counts, rows, ls="none", marker=marker, color=colour, ms=3.5, label=model)
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set_xlim(-0.15, max(10.0, 3 * float(ledger["count"].max())))
    ax.set_yticks(range(len(items)), items)
    ax.set_ylim(len(items) - 0.5, -0.5)
    for row in range(len(items)):
        ax.axhline(row + 0.5, color=LIGHT, lw=0.4)
    ax.set_xlabel("count per stimulus")


NAMES = {
    "loop_delay": "delay of the inhibitory loop",
    "inhibition_delay": "delay of inhibition",
    "noise": "membrane noise",
    "threshold_cv": "spread of sensitivity to inhibition\n(coefficient of variation)",
}


MEASURES = {
    "exact_fraction": "stimuli that had not\nexactly k winners",
    "jaccard": "overlap with the top k\nthat is missing (1 - Jaccard)",
}
"""Drawn is how far each is from 1."""


@styled
def robustness(table: pd.DataFrame, title: str = "") -> Figure:
    """Draw how exact k and the winners stay in a less than ideal circuit, from the table of `agreement.robustness`.

    Bars: 95 % intervals over stimuli, of a share by Wilson's score, of a mean overlap by Student's t. Axes are linear
    below the share of a single stimulus, lest none at all have no place.

    Parameters
    ----------
    table : DataFrame
        Of `agreement.robustness`.
    title : str
        Of the data and the circuit.
    """
    assumptions = list(dict.fromkeys(table["assumption"]))
    one = 1 / float(table["n_stimuli"].max())
    figure = Figure(figsize=(WIDTH, 4.2))
    axes = figure.subplots(2, len(assumptions), sharex="col", sharey=True, squeeze=False)
    for column, name in enumerate(assumptions):
        mine = table[table["assumption"] == name]
        values = sorted(mine["value"].unique())
        for ax, measure in zip(axes[:, column], MEASURES, strict=True):
            for place, (kind, rows) in enumerate(mine.groupby("inhibition", sort=False)):
                _missed(ax, rows.set_index("value").reindex(values), measure, str(kind), place)
            ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
            ax.set_yscale("symlog", linthresh=one, linscale=0.5)
            ax.set_yticks([0, 0.01, 0.1, 1], ["0", "1 %", "10 %", "100 %"])
            ax.minorticks_off()
            ax.set_ylim(-0.15 * one, 1.0)
            ax.grid(axis="y", color=LIGHT, lw=0.4)
        unit = mine["unit"].iloc[0]
        unit = unit if isinstance(unit, str) else ""  # a table that was read has none
        relative = "\n(relative to the stimulus norm)" if name == "noise" else ""
        axes[1, column].set_xlabel(NAMES.get(name, name) + (f" ({unit})" if unit else relative))
    for letter, ax in zip("abcdefgh", axes.ravel(), strict=False):
        ax.set_title(letter)
    for ax, words in zip(axes[:, 0], MEASURES.values(), strict=True):
        ax.set_ylabel(words)
    axes[0, 0].legend(loc="upper right")
    headed(figure, title)
    return figure


def _missed(ax: Axes, rows: pd.DataFrame, measure: str, kind: str, place: int) -> None:
    """Draw how far a measure is from 1 at each value, with its interval; kinds stand beside each other."""
    missed = (1 - rows[measure]).clip(lower=0)
    if measure == "exact_fraction":
        low, high = share_interval(missed, rows["n_stimuli"])
    else:
        half = half_width(rows["jaccard_sd"], rows["n_stimuli"])
        low, high = (missed - half).clip(lower=0), (missed + half).clip(upper=1)
    colour, marker = look_of(kind, place)
    at = np.arange(len(rows)) + 0.12 * (place - 0.5)
    beside = np.array([missed - np.minimum(low, missed), np.maximum(high, missed) - missed])
    ax.errorbar(
        at, missed, yerr=beside, color=colour, marker=marker, ms=4, capsize=2, elinewidth=0.8, clip_on=False,
        label=f"{kind} inhibition",
    )  # fmt: skip
