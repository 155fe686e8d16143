"""Figures of one circuit: arrays or a Response in, a matplotlib Figure out; nothing global is touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from selective_firing.figures.spiking import spiking_presentation
from selective_firing.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, VERMILLION, WIDTH, styled
from selective_firing.results.response import Response
from selective_firing.results.trace import SpikingTrace, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "n_active_histogram",
    "presentation",
    "raster",
    "receptive_fields",
    "reconstructions",
    "settling_time_histogram",
]


@styled
def presentation(trace: Trace | SpikingTrace, n_losers: int = 60) -> Figure:
    """Draw one presentation over time, of the rate or of the spiking circuit.

    Membranes, inhibition, number of active units and the decisions; or spikes with the cycles of inhibition, and the
    membranes of a winner and a loser.

    Parameters
    ----------
    trace : Trace or SpikingTrace
    n_losers : int
        Losers to draw: those with the largest drives.
    """
    if isinstance(trace, SpikingTrace):
        return spiking_presentation(trace, n_losers)
    figure = Figure(figsize=(WIDTH - 0.6, 5.2))
    membranes, inhibition, count = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1.4))
    ranked = np.argsort(-trace.drives[-1])
    winners = [unit for unit in ranked if trace.winners[unit]]
    losers = [unit for unit in ranked if not trace.winners[unit]][:n_losers]
    for units, colour, width, label in (
        (losers, LIGHT, 0.6, f"{len(losers)} losers"),
        (winners, VERMILLION, 1.0, f"{len(winners)} winners"),
    ):
        for line in membranes.plot(trace.time_ms, trace.u[:, units], color=colour, lw=width)[:1]:
            line.set_label(label)
    threshold = trace.inhibition if trace.threshold else np.zeros(trace.time_ms.size)
    membranes.plot(trace.time_ms, threshold, color="black", lw=0.9, ls="--", label="firing threshold")
    reach = max(float(trace.drives.max()), np.finfo(float).tiny)
    membranes.set(ylabel="membrane (drive units)", ylim=(-2.0 * reach, 1.15 * reach))

    inhibition.plot(trace.time_ms, trace.inhibition, color=BLUE, label="inhibition")
    if not trace.lateral:
        _needed(inhibition, trace)
    inhibition.set(ylabel="inhibition\n(drive units)", ylim=(0, 1.6 * reach))

    step = trace.time_ms[0]
    ends = np.append(trace.time_ms, trace.time_ms[-1] + step)
    count.step(ends, np.append(trace.n_active, trace.n_active[-1]), where="post", color="black", label="active units")
    count.axhline(trace.k, color=GREY, lw=0.8, ls=":", label=f"k = {trace.k}")
    count.set(ylabel="active units", xlabel="time since stimulus onset (ms)", ylim=(0, None), xlim=(0, ends[-1]))
    count.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    for ax in (membranes, inhibition, count):
        for number, moment in enumerate(trace.decisions_ms):
            words = "decision" if ax is membranes and number == 0 else None
            ax.axvline(moment, color=ORANGE, lw=1.0, label=words)
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    moments = ", ".join(f"{moment:g}" for moment in trace.decisions_ms)
    membranes.set_title(f"Stimulus {trace.stimulus}: decided after {moments} ms")
    return figure


def _needed(ax: Axes, trace: Trace) -> None:
    """Draw the drive that would be needed to fire, and where it should end: between the drives of k and k + 1."""
    ax.plot(trace.time_ms, trace.needed_drive, color="black", ls="--", lw=0.9, label="drive needed to fire")
    starts = np.append(0, trace.decisions_ms[:-1])
    for start, end, drive in zip(starts, trace.decisions_ms, trace.drives, strict=True):
        drives = np.sort(np.maximum(drive, 0))[::-1]
        if trace.k < drives.size:
            ax.fill_between(
                [start, end], drives[trace.k], drives[trace.k - 1], color=GREEN, alpha=0.35, lw=0,
                label=None if start else "between drives\nk and k + 1",
            )  # fmt: skip


def _image(pattern: np.ndarray, image_shape: tuple[int, int] | None) -> np.ndarray:
    """Return a pattern as an image: of its shape, on minus off where it is twice as wide, or as one row."""
    if image_shape is None:
        return pattern[np.newaxis]
    size = image_shape[0] * image_shape[1]
    if pattern.size == 2 * size:
        pattern = pattern[:size] - pattern[size:]
    return pattern.reshape(image_shape)


@styled
def receptive_fields(
    components: np.ndarray,
    image_shape: tuple[int, int] | None,
    dead: np.ndarray | None = None,
    n_shown: int = 256,
) -> Figure:
    """Draw the decoding weights of each unit as an image, each on its own symmetric scale; dead units are framed.

    Parameters
    ----------
    components : ndarray of shape (n_hidden, n_inputs)
    image_shape : tuple of int or None
        Where it is None, weights are drawn as rows.
    dead : ndarray of bool, shape (n_hidden,), optional
        Units that won no stimulus.
    n_shown : int
        At most that many units, the first, are drawn.
    """
    shown = components[:n_shown]
    dead = np.zeros(len(components), bool) if dead is None else np.asarray(dead, bool)
    columns = int(np.ceil(np.sqrt(len(shown) * 1.4)))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(WIDTH, max(1.2, WIDTH / columns * rows + 0.5)))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for unit, (ax, field) in enumerate(zip(axes, shown, strict=False)):
        reach = max(float(np.abs(field).max()), 1e-300)
        ax.imshow(
            _image(field, image_shape), vmin=-reach, vmax=reach, aspect="auto" if image_shape is None else "equal"
        )
        if dead[unit]:
            ax.add_patch(_frame(ax))
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    more = f"; {len(shown)} of {len(components)} units" if len(shown) < len(components) else f" of {len(shown)} units"
    words = f"Decoding weights{more}: blue negative, red positive, each on its own scale"
    figure.suptitle(
        f"{words}; {int(dead.sum())} dead" + (" (black frame)" if dead.any() else ""), fontsize=8, x=0.01, ha="left"
    )
    return figure


def _frame(ax: Axes) -> Rectangle:
    return Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, ec="black", lw=2.5, clip_on=False)


@styled
def raster(response: Response, labels: np.ndarray | None = None, n_stimuli: int = 200) -> Figure:
    """Draw who won on which stimulus.

    Parameters
    ----------
    response : Response
    labels : ndarray of shape (n_samples,), optional
        Classes, by which the stimuli are sorted.
    n_stimuli : int
        The first that many stimuli are drawn.
    """
    winners = response.winners[:n_stimuli]
    order = np.arange(len(winners)) if labels is None else np.argsort(labels[:n_stimuli], kind="stable")
    stimuli, units = np.nonzero(winners[order])
    figure = Figure(figsize=(WIDTH, 3.6))
    ax = figure.subplots()
    size = 4.0 * min(1.0, 150 / len(winners))
    if labels is None:
        ax.scatter(stimuli, units, s=size, marker="s", lw=0, color=BLUE)
    else:
        sorted_labels = labels[:n_stimuli][order]
        edges = np.flatnonzero(np.diff(sorted_labels)) + 0.5
        starts, ends = np.r_[-0.5, edges], np.r_[edges, len(winners) - 0.5]
        colours = np.where(np.searchsorted(edges, stimuli) % 2 == 0, BLUE, VERMILLION)
        ax.scatter(stimuli, units, s=size, marker="s", lw=0, c=colours)
        for start, end in zip(starts, ends, strict=True):
            label = sorted_labels[int(start + 0.5)]
            ax.text((start + end) / 2, 1.01, str(label), transform=ax.get_xaxis_transform(), ha="center", fontsize=7)
            ax.axvline(end, color=LIGHT, lw=0.5)
    ax.set(
        xlabel="stimulus" if labels is None else "stimulus, sorted by class (class above)", ylabel="hidden unit",
        xlim=(-0.5, len(winners) - 0.5), ylim=(-0.5, response.n_hidden - 0.5),
    )  # fmt: skip
    return figure


@styled
def reconstructions(X: np.ndarray, decoded: Mapping[str, np.ndarray], image_shape: tuple[int, int] | None) -> Figure:
    """Draw stimuli beside what each model makes of them, all on the scale of the stimuli.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    decoded : mapping of str to ndarray of shape (n_samples, n_inputs)
        By name of the model.
    image_shape : tuple of int or None
    """
    rows = {"stimulus": X} | dict(decoded)
    signed = X.min() < 0
    reach = float(np.abs(X).max())
    scale = {"vmin": -reach, "vmax": reach} if signed else {"vmin": 0, "vmax": reach, "cmap": "gray_r"}
    figure = Figure(figsize=(WIDTH, 0.62 * len(rows) + 0.1))
    axes = figure.subplots(len(rows), len(X), squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, pattern in zip(line, images, strict=True):
            ax.imshow(_image(pattern, image_shape), **scale, aspect="auto" if image_shape is None else "equal")
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name.replace(" + ", "\n+ "), rotation=0, ha="right", va="center")
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    return figure


def _panel(ax: Axes | None) -> tuple[Figure, Axes]:
    if ax is not None:
        owner = ax.figure
        return owner if isinstance(owner, Figure) else owner.figure, ax
    figure = Figure(figsize=(3.4, 2.5))
    return figure, figure.subplots()


@styled
def n_active_histogram(response: Response, ax: Axes | None = None) -> Figure:
    """Draw how many units won on how many stimuli, into `ax` if it is given.

    Parameters
    ----------
    response : Response
    ax : Axes, optional
    """
    figure, ax = _panel(ax)
    counts = np.bincount(response.n_active, minlength=response.k + 2)
    ax.bar(np.arange(counts.size), counts, color=BLUE, width=0.8)
    ax.axvline(response.k, color=GREY, lw=0.8, ls=":", label=f"k = {response.k}")
    ax.set(xlabel="active units per stimulus", ylabel="stimuli", title="How many units won")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left")
    return figure


@styled
def settling_time_histogram(response: Response, ax: Axes | None = None) -> Figure:
    """Draw how long the competitions took, into `ax` if it is given; those without a decision are counted apart.

    Parameters
    ----------
    response : Response
    ax : Axes, optional
    """
    figure, ax = _panel(ax)
    times = response.settling_time_ms[response.settled]
    if times.size:
        dt = response.provenance["parameters"]["dt"]
        width = dt * max(1, round((times.max() - times.min()) / dt / 60))
        ax.hist(times, bins=np.arange(times.min() - width / 2, times.max() + width, width).tolist(), color=BLUE)
        ax.axvline(np.median(times), color=ORANGE, lw=1.0, label=f"median {np.median(times):g} ms")
        ax.legend(loc="upper right")
    undecided = int((~response.settled).sum())
    title = "Time to the decision" + (f" ({undecided} undecided)" if undecided else "")
    ax.set(xlabel="settling time (ms)", ylabel="stimuli", title=title)
    return figure
