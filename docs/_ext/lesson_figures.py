"""The figures of the lesson, drawn by the package from data that come with it, on light and on dark ground.

``lesson-figure NAME`` with a caption as its content; `FIGURES` lists the names. All seeds are fixed. Learning is that
of `TiedSGDAutoencoder`, the circuit's rule with a sort in the place of the competition, which leads to the same weights
and needs no compiler; the competition that is shown is simulated.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from comparisons import TiedSGDAutoencoder
from selective_firing import RateParameters, Weights, choose_k, datasets, energy, figures, measures
from selective_firing._code import code_key
from selective_firing.choice_of_k import Choice
from selective_firing.engine.record_trace import trace
from selective_firing.results.trace import Trace

FOLDER = Path(__file__).parents[1] / "generated"
MADE_BY = ("comparisons.rivals.tied_sgd", "selective_firing.choice_of_k", "selective_firing.engine.record_trace")
KS = (1, 2, 5, 10, 20, 40)
SHOWN = 3
"""Test image that the lesson follows."""
GROUNDS = {
    "light": {"ink": "#222222", "quiet": "#8a8a8a", "first": "#0072B2", "second": "#D55E00", "third": "#00795a"},
    "dark": {"ink": "#e6e6e6", "quiet": "#8f8f8f", "first": "#6cbcf0", "second": "#ff9a5c", "third": "#4fd3ad"},
}
"""Colours that stand out on either ground, and that colour-blind readers can tell apart."""


@functools.cache
def _digits() -> datasets.Dataset:
    return datasets.digits()


@functools.cache
def _fitted(k: int) -> TiedSGDAutoencoder:
    """Return a model of 128 units that has learned the digits with k winners."""
    return TiedSGDAutoencoder(128, k, random_state=0).fit(_digits().X_train)


@functools.cache
def _course() -> Trace:
    """Return the competition for the stimulus that the lesson follows, of which the winners must be the top k."""
    model, x = _fitted(10), _digits().X_test[SHOWN]
    power = float(((_digits().X_train - model.mean_) ** 2).sum(axis=1).mean())
    weights = Weights(model.encoder_, model.components_, model.bias_, model.mean_, power)
    course = trace(weights, x, 10, RateParameters())
    if set(np.flatnonzero(course.winners)) != set(np.argsort(model.drive(x[np.newaxis])[0])[-10:]):
        raise RuntimeError("The lesson says that the winners are the top k, and here they are not.")
    return course


def _image(ax: mpl.axes.Axes, pattern: np.ndarray, words: str) -> None:
    ax.imshow(pattern.reshape(_digits().image_shape), cmap="gray_r", vmin=0, vmax=_digits().X_train.max())
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, linewidth=0.5)
    ax.set_title(words)


def drives(colours: dict[str, str]) -> Figure:
    """Draw all drives of one stimulus, sorted, and where k cuts them."""
    x, model, k = _digits().X_test[SHOWN], _fitted(10), 10
    sorted_drives = np.sort(model.drive(x[np.newaxis])[0])[::-1]
    figure = Figure(figsize=(5.2, 2.3))
    left, right = figure.subplots(1, 2, width_ratios=(1, 4))
    _image(left, x, "stimulus")
    shades = [colours["second"]] * k + [colours["quiet"]] * (sorted_drives.size - k)
    right.bar(np.arange(1, sorted_drives.size + 1), sorted_drives, color=shades, width=0.8)
    right.axvline(k + 0.5, color=colours["first"], lw=1.2)
    right.annotate(f"k = {k}", (k + 2, 0.9 * sorted_drives[0]), color=colours["first"])
    right.set(xlabel="hidden units, the most driven first", ylabel="drive", xlim=(0, sorted_drives.size + 1))
    return figure


def kept(colours: dict[str, str]) -> Figure:
    """Draw what is left of one stimulus for several k, and the error of all test stimuli."""
    X, figure = _digits().X_test, Figure(figsize=(5.2, 3.5))
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.7))
    panels = above.subplots(1, len(KS) + 1)
    _image(panels[0], X[SHOWN], "stimulus")
    errors = []
    for ax, k in zip(panels[1:], KS, strict=True):
        model = _fitted(k)
        decoded = model.reconstruct(X)
        _image(ax, decoded[SHOWN], f"k = {k}")
        errors.append(measures.nmse(X, decoded, model.mean_))
    ax = below.subplots()
    ax.plot(KS, errors, "o-", color=colours["second"])
    for k, error in zip(KS, errors, strict=True):
        ax.annotate(f"{error:.2f}", (k, error), xytext=(4, 5), textcoords="offset points")
    ax.set(xscale="log", xticks=KS, xticklabels=KS, xlabel="k", ylabel="what is lost (NMSE)", ylim=(0, None))
    ax.minorticks_off()
    return figure


def selective(colours: dict[str, str]) -> Figure:
    """Draw who wins for which stimulus, sorted by class, and how selective units are beside random weights."""
    data, model = _digits(), _fitted(10)
    order = np.argsort(data.y_test, kind="stable")
    code = model.transform(data.X_test[order])
    stimuli, units = np.nonzero(code[:, :40])
    figure = Figure(figsize=(5.2, 3.0))
    raster, histogram = figure.subplots(1, 2, width_ratios=(1.7, 1))
    raster.plot(stimuli, units, ".", ms=1.6, color=colours["first"])
    edges = np.flatnonzero(np.diff(data.y_test[order])) + 1
    for edge in edges:
        raster.axvline(edge, color=colours["quiet"], lw=0.5)
    middles = (np.append(0, edges) + np.append(edges, len(order))) / 2
    raster.set(xticks=middles, xticklabels=np.unique(data.y_test), xlabel="test images, by digit", ylabel="hidden unit")
    raster.tick_params(axis="x", length=0)
    alike = TiedSGDAutoencoder(128, 10, learning_rate=0.0, n_epochs=1, random_state=0).fit(data.X_train)
    for name, fitted, colour in (("random weights", alike, "quiet"), ("learned", model, "second")):
        sparseness = measures.lifetime_sparseness(fitted.transform(data.X_test))
        histogram.hist(sparseness, np.linspace(0.5, 1, 26), color=colours[colour], alpha=0.75, label=name)
    histogram.set(xlabel="lifetime sparseness", ylabel="units")
    histogram.set_ylim(0, 1.35 * histogram.get_ylim()[1])
    histogram.legend(loc="upper left")
    return figure


def efficient(colours: dict[str, str]) -> Figure:
    """Draw bits per cost against the share of active neurons, for three prices of activity (Levy & Baxter 1996)."""
    p = np.linspace(0.001, 0.6, 600)
    entropy = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    figure = Figure(figsize=(5.2, 2.8))
    ax = figure.subplots()
    for ratio, colour in ((1, "quiet"), (10, "first"), (100, "second")):
        value = entropy / (1 + (ratio - 1) * p)
        best = energy.efficient_fraction(ratio)
        ax.plot(p, value / value.max(), color=colours[colour], label=f"active costs {ratio} times silent")
        ax.plot(best, 1, "o", color=colours[colour])
        ax.annotate(f"{best:.0%}", (best, 1), xytext=(0, 5), textcoords="offset points", ha="center")
    ax.set(xlabel="share of neurons that are active", ylabel="bits per cost\n(best = 1)", ylim=(0, 1.16), xlim=(0, 0.6))
    ax.legend(loc="lower center")
    return figure


def competition(colours: dict[str, str]) -> Figure:
    """Draw one simulated competition: membranes, inhibition, number of active units."""
    course, k = _course(), 10
    figure = Figure(figsize=(5.2, 4.4))
    membranes, inhibition, count = figure.subplots(3, 1, sharex=True, height_ratios=(2.2, 1.2, 1.2))
    for wins, colour, width, words in ((False, "quiet", 0.5, "losers"), (True, "second", 1.1, "winners")):
        lines = membranes.plot(course.time_ms, course.u[:, course.winners == wins], color=colours[colour], lw=width)
        lines[0].set_label(f"{len(lines)} {words}")
    membranes.axhline(0, color=colours["ink"], lw=0.8, ls="--", label="fires above")
    membranes.set(ylabel="membrane", ylim=(-1.5 * course.drive.max(), 0.6 * course.drive.max()))
    inhibition.plot(course.time_ms, course.inhibition, color=colours["first"], label="inhibition")
    inhibition.set(ylabel="inhibition", ylim=(0, None))
    ends = np.append(course.time_ms, course.time_ms[-1] + course.time_ms[0])
    count.step(
        ends, np.append(course.n_active, course.n_active[-1]), where="post", color=colours["ink"], label="active units"
    )
    count.axhline(k, color=colours["third"], ls=":", label=f"k = {k}")
    count.set(ylabel="active units", xlabel="time since stimulus onset (ms)", ylim=(0, None), xlim=(0, ends[-1]))
    for ax in (membranes, inhibition, count):
        ax.axvline(course.decision_ms, color=colours["third"], lw=1, label="decision" if ax is membranes else None)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure.align_ylabels()
    return figure


@functools.cache
def _choice() -> Choice:
    bars = datasets.bars(n_bars=2, n_samples=800)
    model = TiedSGDAutoencoder(32)
    return choose_k(bars.X_train, model, ks=(1, 2, 3, 4, 6, 8), n_seeds=3, random_state=0)


def choosing(colours: dict[str, str]) -> Figure:
    """Draw error and description length against k, for images with two bars each."""
    choice = _choice()
    table = choice.table[choice.table["k"] > 0]
    means = table.groupby("k")[["nmse", "bits"]].mean()
    figure = Figure(figsize=(5.2, 2.5))
    for ax, name, words, colour in zip(
        figure.subplots(1, 2), ("nmse", "bits"), ("error (NMSE)", "description (bits a stimulus)"), ("quiet", "second"),
        strict=True,
    ):  # fmt: skip
        ax.plot(table["k"], table[name], ".", color=colours[colour], ms=4)
        ax.plot(means.index, means[name], color=colours[colour])
        ax.axvline(choice.k, color=colours["third"], ls=":")
        ax.annotate(f" k = {choice.k}", (choice.k, ax.get_ylim()[1]), va="top", color=colours["third"])
        ax.set(xlabel="k", ylabel=words, xticks=means.index)
    return figure


FIGURES: dict[str, Callable[[dict[str, str]], Figure]] = {
    each.__name__: each for each in (drives, kept, selective, efficient, competition, choosing)
}


def draw(name: str, ground: str) -> Path:
    """Draw a figure for one ground, and return its file.

    Parameters
    ----------
    name : str
        Of `FIGURES`.
    ground : {"light", "dark"}
    """
    colours, path = GROUNDS[ground], FOLDER / f"{name}.{ground}.svg"
    ink = dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), colours["ink"]
    )
    sizes = dict.fromkeys(("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"), 9)
    sizes |= {"legend.fontsize": 8.5, "font.size": 8.5}
    more = {"axes.facecolor": "none", "figure.facecolor": "none", "savefig.facecolor": "none", "svg.hashsalt": name}
    with mpl.style.context(figures.STYLE), mpl.rc_context(ink | sizes | more):
        figure = FIGURES[name](colours)
        figure.savefig(path, metadata={"Date": None})
    return path


class LessonFigure(SphinxDirective):
    """A figure of the lesson; the content is its caption, `alt` says in words what it shows."""

    required_arguments = 1
    has_content = True
    option_spec = {"alt": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return a figure for each ground, of which the theme shows one."""
        name, found = self.arguments[0], nodes.figure(classes=["lesson"])
        for ground in GROUNDS:
            image = nodes.image(uri=f"/generated/{name}.{ground}.svg", alt=self.options["alt"])
            image["classes"] = [f"only-{ground}"]
            found += image
        caption = nodes.caption()
        words, messages = self.parse_inline(" ".join(self.content))
        caption += words
        found += [caption, *messages]
        self.set_source_info(found)
        return [found]


def draw_all(app: Sphinx) -> None:
    """Draw all figures, unless they are there and neither this file nor what it imports has changed."""
    FOLDER.mkdir(exist_ok=True)
    stamp, key = FOLDER / "drawn", code_key(*MADE_BY) + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == key:
        return
    for name in FIGURES:
        for ground in GROUNDS:
            draw(name, ground)
    stamp.write_text(key)


def setup(app: Sphinx) -> dict[str, bool]:
    """Draw the figures before pages are read."""
    app.add_directive("lesson-figure", LessonFigure)
    app.connect("builder-inited", draw_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
