"""Figures of contrasts: tables in, a matplotlib Figure out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from comparisons.measuring.intervals import means_and_halves
from selective_firing.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, styled

__all__ = ["against", "benchmark", "comparison_panel", "cost_laws", "factorial", "most_varied", "robustness"]

COLOURS = [VERMILLION, ORANGE, BLUE, GREEN, GREY]
MARKERS = ["o", "D", "s", "^", "v"]
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
    upper, middle = figure.subfigures(2, 1, height_ratios=(1, 2.3))
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
    ax.barh(rows, values, color=COLOURS[: len(table)], height=0.7)
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
        ax.plot(counts, rows, ls="none", marker=MARKERS[place], color=COLOURS[place], ms=3.5, label=model)
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set_xlim(-0.15, max(10.0, 3 * float(ledger["count"].max())))
    ax.set_yticks(range(len(items)), items)
    ax.set_ylim(len(items) - 0.5, -0.5)
    for row in range(len(items)):
        ax.axhline(row + 0.5, color=LIGHT, lw=0.4)
    ax.set_xlabel("count per stimulus")


@styled
def factorial(table: pd.DataFrame) -> Figure:
    """Draw the error of each set of weights under each encoder, from the table of `factorial.factorial`."""
    figure = Figure(figsize=(4.6, 2.2))
    ax = figure.subplots()
    weights = list(dict.fromkeys(table["weights"]))
    looks = {
        "circuit": (VERMILLION, "o", "encoded by the circuit"), "sort": (BLUE, "|", "encoded by sorting"),
        "spiking circuit": (GREEN, "x", "encoded by cells that spike"),
    }  # fmt: skip
    for encoder, (colour, marker, words) in looks.items():
        mine = table[table["encoder"] == encoder].set_index("weights")["nmse"].reindex(weights)
        if mine.isna().all():
            continue
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
    """Draw how exact k and the winners stay in a less than ideal circuit, from the table of `factorial.robustness`."""
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
            for kind, colour, marker in zip(kinds, (VERMILLION, BLUE), ("o", "s"), strict=False):
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


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@styled
def benchmark(table: pd.DataFrame) -> Figure:
    """Draw presentations learned per second, from the table of `benchmark.benchmark`."""
    figure = Figure(figsize=(WIDTH, 0.36 * len(table) + 0.7))
    ax = figure.subplots()
    rows = np.arange(len(table))
    ax.barh(rows, table["presentations_per_s"], color=BLUE, height=0.65)
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


def most_varied(table: pd.DataFrame) -> str | None:
    """Return the number, other than the seed, of which a sweep has most values; None if there is none."""
    settings = table.iloc[:, : table.columns.get_loc("nmse")] if "nmse" in table else table
    numbers = settings.select_dtypes("number").drop(columns="seed", errors="ignore").nunique()
    return numbers.idxmax() if len(numbers) and numbers.max() > 1 else None


@styled
def against(table: pd.DataFrame, x: str, y: str, hue: str = "model") -> Figure:
    """Draw a measure against a setting: a line for each `hue`, with the 95 % t interval of the mean over seeds.

    Parameters
    ----------
    table : DataFrame
        Of a sweep. Settings other than `x`, `hue` and the seed are averaged over: choose the rows before.
    x, y, hue : str
        Columns.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    for name, column in (("x", x), ("y", y), ("hue", hue)):
        if column not in table:
            raise ValueError(f"{name} must be a column of the table, got {column!r}.")
    figure = Figure(figsize=(WIDTH / 2, 2.8))
    ax = figure.subplots()
    for place, ((name, rows), colour, marker) in enumerate(zip(table.groupby(hue), COLOURS, MARKERS, strict=False)):
        mean, half = means_and_halves(rows.dropna(subset=[x, y]).groupby(x)[y])
        beside = mean.index * (1 + 0.012 * place)  # lines that coincide stay visible
        ax.errorbar(beside, mean, half.fillna(0), color=colour, marker=marker, ms=3.5, capsize=2, label=name)
    ax.set(xlabel=x, ylabel="NMSE (test; lower is better)" if y == "nmse" else y.replace("_", " "))
    if (table[x] > 0).all() and table[x].max() >= 8 * table[x].min():
        ax.set_xscale("log", base=2)
        ax.set_xticks(sorted(table[x].unique()), [f"{value:g}" for value in sorted(table[x].unique())], minor=False)
    ax.legend()
    seeds = table["seed"].nunique() if "seed" in table else 1
    if seeds > 1:
        ax.set_title(f"mean of {seeds} seeds, 95 % interval")
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
        ax.plot(rows["value"], 1e6 * rows["seconds"], color=VERMILLION, marker="o", ms=3.5, label="measured")
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
