"""Figures of the laws of the spiking circuit, from the tables of `laws`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from comparisons.measuring.looks import SERIES
from selective_firing.figures.style import BLUE, GREY, LIGHT, VERMILLION, WIDTH, styled
from selective_firing.theory.race import waiting_time_bound

__all__ = ["contract", "convergence", "gap", "settling"]

WORDS = {
    "inhibition_delay": "delay of inhibition (ms)", "noise": "membrane noise (mV)", "dt": "time step dt (ms)",
    "k": "winners (k)", "n_interneurons": "interneurons",
    "input: Poisson, Hz": "Poisson inputs,\npeak rate (Hz)",
}  # fmt: skip


@styled
def contract(table: pd.DataFrame) -> Figure:
    """Draw the distribution of active cells against each condition, and their overlap with the top k.

    Parameters
    ----------
    table : DataFrame
        Of `laws.contract`.
    """
    names = list(dict.fromkeys(table["varied"]))
    figure = Figure(figsize=(WIDTH + 0.6, 4.4))
    axes = figure.subplots(2, len(names), sharey="row", squeeze=False, width_ratios=[
        max(2, (table["varied"] == name).sum()) for name in names
    ])  # fmt: skip
    for (upper, lower), name in zip(axes.T, names, strict=True):
        rows = table[table["varied"] == name].reset_index(drop=True)
        for place, row in rows.iterrows():
            shares = row[[f"n_{number}" for number in range(2 * int(row["k"]) + 1)]].to_numpy(float)
            relative = np.arange(shares.size) / row["k"]
            shown = shares > 0
            upper.scatter(np.full(shown.sum(), place), relative[shown], s=60 * shares[shown], color=BLUE, lw=0)
        upper.axhline(1, color=GREY, lw=0.8, ls=":", zorder=0)
        lower.plot(
            rows.index, rows["jaccard"], color=VERMILLION, marker="o", ms=4, label="overlap with top k (Jaccard)"
        )
        lower.plot(
            rows.index, rows["within_1_fraction"], color=BLUE, marker="s", ms=4, label="stimuli within k \u00b1 1"
        )
        for ax in (upper, lower):
            ax.set_xticks(rows.index, [f"{value:g}" for value in rows["value"]])
            ax.set_xlim(-0.6, len(rows) - 0.4)
            ax.grid(axis="y", color=LIGHT, lw=0.4)
        lower.set_xlabel(WORDS[name] if "\n" in WORDS[name] else WORDS[name].replace(" (", "\n("))
        lower.set_ylim(-0.03, 1.05)
    axes[0, 0].set_ylabel("active cells / k\n(area: share of stimuli)")
    axes[1, 0].set_ylabel("share")
    handles, names = axes[1, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


@styled
def gap(table: pd.DataFrame) -> Figure:
    """Draw the measured E against its closed form, and against the delay beside the rule of E%-max.

    Parameters
    ----------
    table : DataFrame
        Of `gap.gap`.
    """
    fit = stats.linregress(table["closed_form"], table["measured"])
    figure = Figure(figsize=(WIDTH, 3.2))
    left, right = figure.subplots(1, 2)
    for (tau_m, rows), (colour, marker) in zip(table.groupby("tau_m"), SERIES, strict=False):
        left.plot(
            100 * rows["closed_form"], 100 * rows["measured"], ls="none", marker=marker, ms=4, color=colour,
            label=f"{tau_m:g} ms",
        )  # fmt: skip
        right.plot(rows["inhibition_delay"], 100 * rows["relative_to_max"], color=colour, marker=marker, ms=3.5)
        right.plot(rows["inhibition_delay"], 100 * rows["paper"], color=colour, lw=0.8, ls=":")
    reach = 105 * max(table["closed_form"].max(), table["measured"].max())
    left.plot([0, reach], [0, reach], color="black", lw=0.8, ls="--")
    left.set(
        xlabel="closed form of E (% below the k-th drive)", ylabel="measured E (% below the k-th drive)",
        title=f"slope {fit.slope:.2f}, $R^2$ = {fit.rvalue**2:.3f}",
    )  # fmt: skip
    left.legend(title="membrane time\nconstant")
    right.set(
        xlabel="delay of inhibition (ms)", ylabel="E (% below the largest drive)",
        title="relative to the maximum\n(dotted: delay / time constant)",
    )  # fmt: skip
    return figure


@styled
def convergence(table: pd.DataFrame) -> Figure:
    """Draw the error of first spikes against dt.

    Parameters
    ----------
    table : DataFrame
        Of `laws.convergence`.
    """
    figure = Figure(figsize=(3.6, 2.8))
    ax = figure.subplots()
    ax.plot(table["dt"], table["latency_error_ms"], color=VERMILLION, marker="o", ms=4, label="measured")
    ax.plot(table["dt"], table["dt"] / 2, color=GREY, ls="--", lw=0.9, label="dt / 2")
    ax.set(xscale="log", yscale="log", xlabel="time step dt (ms)", ylabel="mean error of the\nfirst spike (ms)")
    ax.set_xticks(table["dt"], [f"{dt:g}" for dt in table["dt"]])
    ax.minorticks_off()
    ax.legend()
    return figure


@styled
def settling(table: pd.DataFrame) -> Figure:
    """Draw how reliable a race between Poisson trains is against the time that it takes.

    Parameters
    ----------
    table : DataFrame
        Of `laws.settling`.
    """
    ratios = sorted(table["ratio"].unique())
    figure = Figure(figsize=(WIDTH, 2.8))
    axes = figure.subplots(1, len(ratios), sharey=True, squeeze=False)[0]
    for ax, ratio in zip(axes, ratios, strict=True):
        for (k, rows), (colour, marker) in zip(table[table["ratio"] == ratio].groupby("k"), SERIES, strict=False):
            ax.plot(
                rows["settling_time_ms"], rows["correct_fraction"], color=colour, marker=marker, ms=4, label=f"k = {k}"
            )
            n, high = int(rows["n"].iloc[0]), float(rows["high_Hz"].iloc[0])
            shares = np.linspace(0.05, 0.999, 200)
            bound = np.array([waiting_time_bound(n, k, high, high / ratio, 1 - share) for share in shares])
            ax.plot(bound[bound > 0], shares[bound > 0], color=colour, ls=":", lw=1.0)
        ax.set(title=f"rates {ratio:g} : 1", xlabel="time to settle (ms)", xscale="log", ylim=(-0.03, 1.05))
        ax.set_xlim(left=1)
    axes[0].set_ylabel("trials with the right k\n(dotted: lower bound on time)")
    axes[0].legend()
    return figure
