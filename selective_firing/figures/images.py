"""Figures of weights and patterns, as images or as rows; nothing global is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from selective_firing.figures.style import WIDTH, canvas, headed, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["as_image", "receptive_fields", "reconstructions"]

GAP = 0.05
"""Between images, in widths of one."""


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
    figure, drawn = canvas(into, (WIDTH, max(1.2, WIDTH / columns * rows + 0.25)))
    ax = drawn.subplots()
    ax.set_axis_off()
    scaled = [field / max(float(np.abs(field).max()), 1e-300) for field in shown]
    for frame in _tile(ax, scaled, columns, image_shape, vmin=-1, vmax=1)[dead[: len(shown)]]:
        ax.add_patch(Rectangle(frame[:2], *frame[2:], fill=False, ec="black", lw=2.5, clip_on=False))
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


def _tile(
    ax: Axes, patterns: Sequence[np.ndarray], columns: int, image_shape: tuple[int, int] | None, **scale: Any
) -> np.ndarray:
    """Draw patterns in rows, all in the same axes: axes of their own would take most of the time of a figure.

    Returns
    -------
    ndarray of shape (n_patterns, 4)
        Left and upper edge, width and height of each.
    """
    height, frames = 1.0 if image_shape is None else image_shape[0] / image_shape[1], []
    for number, pattern in enumerate(patterns):
        row, column = divmod(number, columns)
        x, y = column * (1 + GAP), row * (height + GAP)
        ax.imshow(as_image(pattern, image_shape), extent=(x, x + 1, y + height, y), interpolation="none", **scale)
        frames.append((x, y, 1.0, height))
    found = np.array(frames)
    ax.set(
        xlim=(0, columns * (1 + GAP) - GAP), ylim=(found[-1, 1] + height, 0),
        aspect="auto" if image_shape is None else "equal",
    )  # fmt: skip
    return found


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
    scale: dict[str, Any] = {"vmin": -reach if signed else 0.0, "vmax": reach} | ({} if signed else {"cmap": "gray_r"})
    figure, drawn = canvas(into, (WIDTH, 0.62 * len(rows) + 0.1))
    ax = drawn.subplots()
    frames = _tile(ax, [pattern for images in rows.values() for pattern in images], len(X), image_shape, **scale)
    first = frames[:: len(X)]
    ax.set_yticks(first[:, 1] + first[:, 3] / 2, [name.replace(" + ", "\n+ ") for name in rows])
    ax.set_xticks([])
    ax.tick_params(length=0, labelsize="medium")
    ax.spines[:].set_visible(False)
    if into is None:
        figure.set_layout_engine("constrained", w_pad=0.06, h_pad=0.01, wspace=0.02, hspace=0.02)
    return figure
