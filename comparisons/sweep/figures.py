"""The figure of a sweep: a measure against the setting that was varied most."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from comparisons.measuring.intervals import means_and_halves
from comparisons.measuring.looks import look_of
from selective_firing.figures.style import WIDTH, styled

__all__ = ["against", "most_varied"]


def most_varied(table: pd.DataFrame) -> str | None:
    """Return the number, other than the seed, of which a sweep has most values; None if there is none.

    Parameters
    ----------
    table : DataFrame
        Of a sweep.
    """
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
    for place, (name, rows) in enumerate(table.groupby(hue)):
        colour, marker = look_of(name, place)
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
