"""Figures of contrasts: tables in, a matplotlib Figure out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from comparisons.measuring.looks import look_of
from selective_firing.figures.style import LIGHT, WIDTH, styled

__all__ = ["comparison_panel", "factorial", "robustness"]

SCORES = {
    "nmse": ("reconstruction error\n(NMSE, lower is better)", None),
    "lifetime_sparseness": ("lifetime sparseness\n(0 to 1)", (0, 1)),
    "class_selectivity": ("class selectivity\n(0 to 1; | shuffled labels)", (0, 1)),
    "jaccard_top_k": ("overlap with top k\n(Jaccard, 0 to 1)", (0, 1)),
}


@styled
def comparison_panel(table: pd.DataFrame, ledger: pd.DataFrame) -> Figure:
    """Draw what each model does, and what it costs in both ledgers.

    Parameters
    ----------
    table, ledger : DataFrame
        Of a `Comparison`.
    """
    scores = {name: words for name, words in SCORES.items() if name in table}
    figure = Figure(figsize=(WIDTH + 0.6, 7.2))
    upper, middle = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 2.3))[:, 0]
    axes = upper.subplots(1, len(scores), sharey=True)
    for ax, (column, (words, limits)) in zip(axes, scores.items(), strict=True):
        _bars(ax, table, column)
        ax.set(xlabel=words, xlim=(0, 1.3 * (limits[1] if limits else table[column].max())))
        if limits:
            ax.set_xticks([0, 0.5, 1])
    costs = middle.subplots(2, 2, height_ratios=(6, 4))
    for row, kind in zip(costs, ("neural", "operations"), strict=True):
        for ax, phase in zip(row, ("inference", "learning"), strict=True):
            _dots(ax, ledger[(ledger["ledger"] == kind) & (ledger["phase"] == phase)])
            ax.set_title(f"{kind}: " + ("to encode" if phase == "inference" else "more, to learn"))
    handles, names = costs[0, 0].get_legend_handles_labels()
    middle.legend(handles, names, loc="outside lower center", ncols=len(names))
    return figure


def _bars(ax: Axes, table: pd.DataFrame, column: str) -> None:
    rows = np.arange(len(table))
    values = table[column].to_numpy(float)
    ax.barh(rows, values, color=[look_of(name).colour for name in table["model"]], height=0.7)
    for row, value in zip(rows, values, strict=True):
        ax.annotate(f" {value:.3f}", (value, row), va="center", fontsize=6.5)
    if f"{column}_shuffled" in table:
        ax.plot(table[f"{column}_shuffled"], rows, ls="none", marker="|", ms=11, mew=1.4, color="black")
    ax.set_yticks(rows, table["model"])
    ax.set_ylim(len(table) - 0.4, -0.6)


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


@styled
def factorial(table: pd.DataFrame) -> Figure:
    """Draw the error of each set of weights under each encoder, from the table of `agreement.factorial`.

    Parameters
    ----------
    table : DataFrame
        Of `agreement.factorial`.
    """
    figure = Figure(figsize=(4.6, 2.2))
    ax = figure.subplots()
    weights = list(dict.fromkeys(table["weights"]))
    encoders = {
        "circuit": "encoded by the circuit", "sort": "encoded by sorting",
        "spiking circuit": "encoded by cells that spike",
    }  # fmt: skip
    for encoder, words in encoders.items():
        mine = table[table["encoder"] == encoder].set_index("weights")["nmse"].reindex(weights)
        if mine.isna().all():
            continue
        colour, marker = look_of(encoder)
        size = 16 if marker == "|" else 6
        ax.plot(mine, range(len(weights)), ls="none", marker=marker, color=colour, ms=size, mew=1.8, label=words)
    ax.set_yticks(range(len(weights)), [f"learned by {name}" for name in weights])
    ax.set(
        ylim=(len(weights) - 0.4, -0.6),
        xlim=(0, 1.15 * table["nmse"].max()),
        xlabel="reconstruction error (NMSE)",
        title="Weights x encoder",
    )
    ax.legend(loc="lower left")
    return figure


NAMES = {
    "loop_delay": "delay of the inhibitory loop",
    "inhibition_delay": "delay of inhibition",
    "noise": "membrane noise",
    "threshold_cv": "spread of sensitivity to inhibition\n(coefficient of variation)",
}


@styled
def robustness(table: pd.DataFrame) -> Figure:
    """Draw how exact k and the winners stay in a less than ideal circuit, from the table of `agreement.robustness`.

    Parameters
    ----------
    table : DataFrame
        Of `agreement.robustness`.
    """
    assumptions = list(dict.fromkeys(table["assumption"]))
    figure = Figure(figsize=(WIDTH, 4.0))
    axes = figure.subplots(2, len(assumptions), sharex="col", sharey=True, squeeze=False)
    measures = {
        "exact_fraction": "stimuli with exactly k winners\n(fraction)",
        "jaccard": "overlap with top k\n(mean Jaccard)",
    }
    for column, name in enumerate(assumptions):
        mine = table[table["assumption"] == name]
        values = sorted(mine["value"].unique())
        for line, (measure, words) in zip(axes, measures.items(), strict=True):
            ax = line[column]
            kinds = dict.fromkeys(mine["inhibition"])
            for place, kind in enumerate(kinds):
                colour, marker = look_of(kind, place)
                rows = mine[mine["inhibition"] == kind].set_index("value")[measure].reindex(values)
                ax.plot(range(len(values)), rows, color=colour, marker=marker, ms=4, label=f"{kind} inhibition")
            ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
            ax.set_ylim(-0.03, 1.05)
            ax.grid(axis="y", color=LIGHT, lw=0.4)
            if column == 0:
                ax.set_ylabel(words)
        unit = mine["unit"].iloc[0]
        relative = "\n(relative to the stimulus norm)" if name == "noise" else ""
        axes[1, column].set_xlabel(NAMES.get(name, name) + (f" ({unit})" if unit else relative))
    axes[0, 0].legend(loc="lower left")
    return figure
