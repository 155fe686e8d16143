"""The figure of the study of swaps."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from comparisons.measuring.looks import look_of
from comparisons.rivals.registry import ONE_COMPETITION, TOPK, WITH_CYCLES
from comparisons.studies.swaps.study import PAID
from selective_firing.energy.prices import NEURAL
from selective_firing.figures.style import LIGHT, WIDTH, styled

__all__ = ["swaps"]

PRICE = f"ATP beyond the input, {PAID:.0%} interneurons ({NEURAL[1].name})"
FREE = f"ATP beyond the input, no interneurons ({NEURAL[1].name})"
LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (10, 4)))
"""Of the circuits with lateral synapses, which share a colour."""


@styled
def swaps(table: pd.DataFrame) -> Figure:
    """Draw NMSE against the energy of inference: every circuit round by round, and top-K with more and more winners.

    What has no price, as interneurons that relay, is in the table alone.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.
    """
    figure = Figure(figsize=(WIDTH, 3.4))
    ax = figure.subplots()
    mean = table.groupby(["model", "round"], sort=False).mean(numeric_only=True).reset_index()
    lines = iter(LINES)
    for name in mean["model"].unique():
        rows = mean[mean["model"] == name]
        if name.startswith(TOPK) or rows[PRICE].isna().all():
            continue
        known = name in (ONE_COMPETITION, WITH_CYCLES)
        colour, marker = look_of(name) if known else (look_of(WITH_CYCLES).colour, "s")
        style = {"marker": marker, "ls": "-"} if known else {"marker": ".", "ls": next(lines)}
        ax.plot(rows[PRICE] / 1e9, rows["nmse"], color=colour if known else "black", ms=5, label=name, **style)
    rivals = mean[mean["model"].str.startswith(TOPK)]
    if len(rivals):
        colour, marker = look_of(TOPK)
        label = "top-K, k to 3 k (sort and pool free)"
        ax.plot(rivals[FREE] / 1e9, rivals["nmse"], color=colour, marker=marker, ms=4, ls="--", label=label)
    ax.set(xscale="log", xlabel="energy beyond the input (10\u2079 ATP per stimulus)", ylabel="test NMSE")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 4, 6, 8)))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(color=LIGHT, lw=0.4)
    figure.legend(loc="outside right upper", handlelength=3.5)
    return figure
