"""A fitted model, or a fit on its way, as a file: an .npz of plain arrays with a JSON header."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing._files import read_archive, write_archive
from selective_firing.weights import Weights

__all__ = ["MODEL", "TRAINING", "load", "save"]

MODEL, TRAINING = "KWTAAutoencoder", "KWTAAutoencoder in training"


def save(path: str | Path, kind: str, settings: dict[str, Any], weights: Weights, learned: dict[str, Any]) -> None:
    """Write constructor arguments, weights and what else was learned, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; an earlier file is then still there.
    """
    state = asdict(weights) | learned
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    numbers = {name: value for name, value in state.items() if name not in arrays}
    write_archive(path, arrays, {"kind": kind, "settings": settings, "numbers": numbers})


def load(path: str | Path, kind: str) -> tuple[dict[str, Any], Weights, dict[str, Any]]:
    """Return settings, weights and what else was learned from a file that `save` wrote.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is damaged, of another kind, or its arrays do not fit each other.
    """
    arrays, header = read_archive(path, kind)
    try:
        state = arrays | header["numbers"]
        weights = Weights(**{name: state.pop(name) for name in Weights.__dataclass_fields__})
        fits = weights.w_in.shape == weights.w_out.shape == (weights.bias.size, weights.mean.size)
        if not (fits and weights.is_finite):
            raise ValueError("its weights are damaged")
        return header["settings"], weights, state
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"path must hold a whole {kind}, got {path}: {error}") from error
