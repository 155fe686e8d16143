"""The look of all figures, and how they are written: nothing of the user's own settings is touched."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import matplotlib.style
from matplotlib.figure import Figure, SubFigure

from selective_firing._files.whole import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "BLUE", "GREEN", "GREY", "LIGHT", "ORANGE", "STYLE", "VERMILLION", "WIDTH", "canvas", "headed", "panel", "save",
    "show", "styled",
]  # fmt: skip

STYLE = Path(__file__).with_name("selective_firing.mplstyle")
BLUE, VERMILLION, GREEN, ORANGE, GREY, LIGHT = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#777777", "#CCCCCC"
"""Of the palette of Okabe & Ito, which colour-blind readers can tell apart; and two greys."""
WIDTH = 7.0
"""Of a figure, in inches: two columns of a journal."""


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Let `draw` use the package's style, and leave the user's own settings as they were.

    Parameters
    ----------
    draw : callable
        Function that returns a Figure.
    """

    @functools.wraps(draw)
    def in_style(*args: Any, **kwargs: Any) -> Figure:
        with matplotlib.style.context(STYLE):
            return draw(*args, **kwargs)

    return in_style


def canvas(into: Figure | SubFigure | None, size: tuple[float, float]) -> tuple[Figure, Figure | SubFigure]:
    """Return a figure to hand back, and what to draw into: the same, or the sub-figure that was given.

    Parameters
    ----------
    into : Figure or SubFigure, optional
        A new figure if not given.
    size : tuple of float
        Of a new one, width and height in inches.
    """
    drawn: Figure | SubFigure = Figure(figsize=size) if into is None else into
    owner = drawn
    while isinstance(owner, SubFigure):
        owner = owner.figure
    return owner, drawn


def headed(drawn: Figure | SubFigure, title: str) -> None:
    """Write a title above the left edge of a figure, if there is one.

    Parameters
    ----------
    drawn : Figure or SubFigure
    title : str
    """
    if title:
        drawn.suptitle(title, fontsize=8, x=0.01, ha="left")


def panel(ax: Axes | None, size: tuple[float, float] = (3.4, 2.5)) -> tuple[Figure, Axes]:
    """Return a figure to hand back, and the axes to draw into: those that were given, or the only ones of a new one.

    Parameters
    ----------
    ax : Axes, optional
    size : tuple of float
        Of a new figure, width and height in inches.
    """
    if ax is None:
        figure = Figure(figsize=size)
        return figure, figure.subplots()
    return canvas(ax.figure, size)[0], ax


def save(figure: Figure, stem: str | Path) -> list[Path]:
    """Write `figure` to `stem`.png and `stem`.pdf, each whole or not at all; return both paths.

    Parameters
    ----------
    figure : Figure
    stem : path
        Of the files, without a suffix.
    """
    stem, written, layout = Path(stem), [], figure.get_layout_engine()
    try:
        for kind in ("png", "pdf"):
            path = stem.with_name(f"{stem.name}.{kind}")
            with whole(path) as beside, matplotlib.style.context(STYLE):
                figure.savefig(beside, format=kind, metadata={"CreationDate": None} if kind == "pdf" else None)
            written.append(path)
            figure.set_layout_engine("none")  # everything has its place now, and finding it takes most of the time
    finally:
        figure.set_layout_engine(layout)
    return written


def show(figure: Figure) -> None:
    """Show `figure` as pyplot shows its own: in a window, below the cell of a notebook, on a page of a gallery.

    Figures of this package belong to nobody, so that none stays in memory; this hands one over to pyplot.

    Parameters
    ----------
    figure : Figure
    """
    import matplotlib.pyplot as plt

    def adopted(*_: Any, **__: Any) -> Figure:
        return figure

    plt.figure(FigureClass=cast(type[Figure], adopted))  # of which pyplot makes its next figure
    with matplotlib.style.context(STYLE):
        plt.show()
