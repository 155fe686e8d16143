"""Figures of weights and patterns, as images or as rows; nothing global is touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from selective_firing.figures.style import WIDTH, canvas, headed, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["as_image", "receptive_fields", "reconstructions"]


def as_image(pattern: np.ndarray, image_shape: tuple[int, int] | None) -> np.ndarray:
    """Return a pattern as an image: of `image_shape`, on minus off where it is twice as wide, or as one row without."""
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
    into: Figure | SubFigure | None = None,
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
    into : Figure or SubFigure, optional
        Where to draw; a new figure if not given.
    """
    shown = components[:n_shown]
    dead = np.zeros(len(components), bool) if dead is None else np.asarray(dead, bool)
    rows, columns = _grid(len(shown))
    figure, drawn = canvas(into, (WIDTH, max(1.2, WIDTH / columns * rows + 0.5)))
    axes = drawn.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for unit, (ax, field) in enumerate(zip(axes, shown, strict=False)):
        reach = max(float(np.abs(field).max()), 1e-300)
        ax.imshow(
            as_image(field, image_shape), vmin=-reach, vmax=reach, aspect="auto" if image_shape is None else "equal"
        )
        if dead[unit]:
            ax.add_patch(_frame(ax))
    if into is None:
        figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    more = f"; {len(shown)} of {len(components)} units" if len(shown) < len(components) else f" of {len(shown)} units"
    words = f"Decoding weights{more}: blue negative, red positive, each on its own scale"
    headed(drawn, f"{words}; {int(dead.sum())} dead" + (" (black frame)" if dead.any() else ""))
    return figure


def _grid(n: int) -> tuple[int, int]:
    """Return rows and columns for `n` images, somewhat wider than high, with as few places left empty as can be."""
    about = np.sqrt(1.4 * n)
    columns = range(max(1, int(0.75 * about)), int(1.4 * about) + 2)
    best = min(columns, key=lambda wide: (-n % wide, abs(wide - about)))
    return -(-n // best), best


def _frame(ax: Axes) -> Rectangle:
    return Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, ec="black", lw=2.5, clip_on=False)


@styled
def reconstructions(
    X: np.ndarray,
    decoded: Mapping[str, np.ndarray],
    image_shape: tuple[int, int] | None,
    into: Figure | SubFigure | None = None,
) -> Figure:
    """Draw stimuli beside what each model makes of them, all on the scale of the stimuli.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    decoded : mapping of str to ndarray of shape (n_samples, n_inputs)
        By name of the model.
    image_shape : tuple of int or None
    into : Figure or SubFigure, optional
        Where to draw; a new figure if not given.
    """
    rows = {"stimulus": X} | dict(decoded)
    signed = X.min() < 0
    reach = float(np.abs(X).max())
    scale = {"vmin": -reach, "vmax": reach} if signed else {"vmin": 0, "vmax": reach, "cmap": "gray_r"}
    figure, drawn = canvas(into, (WIDTH, 0.62 * len(rows) + 0.1))
    axes = drawn.subplots(len(rows), len(X), squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, pattern in zip(line, images, strict=True):
            ax.imshow(as_image(pattern, image_shape), **scale, aspect="auto" if image_shape is None else "equal")
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name.replace(" + ", "\n+ "), rotation=0, ha="right", va="center")
    if into is None:
        figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    return figure
