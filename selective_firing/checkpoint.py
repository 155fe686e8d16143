"""A fitted model as a file: an .npz of plain arrays with a JSON header."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing.response import read_archive, write_archive
from selective_firing.weights import Weights

__all__ = ["load", "save"]

KIND = "KWTAAutoencoder"


def save(path: str | Path, settings: dict[str, Any], weights: Weights, learned: dict[str, Any]) -> None:
    """Write a model: constructor arguments, weights and what else was learned."""
    state = asdict(weights) | learned
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    numbers = {name: value for name, value in state.items() if name not in arrays}
    write_archive(path, arrays, {"kind": KIND, "settings": settings, "numbers": numbers})


def load(path: str | Path) -> tuple[dict[str, Any], Weights, dict[str, Any]]:
    """Return settings, weights and what else was learned from a file that `save` wrote.

    Raises
    ------
    ValueError
        If the file is damaged, or its arrays do not fit each other.
    """
    arrays, header = read_archive(path, KIND)
    try:
        state = arrays | header["numbers"]
        weights = Weights(**{name: state.pop(name) for name in Weights.__dataclass_fields__})
        fits = weights.w_in.shape == weights.w_out.shape == (weights.bias.size, weights.mean.size)
        if not (fits and weights.is_finite):
            raise ValueError("its weights are damaged")
        return header["settings"], weights, state
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"path must hold a whole {KIND}, got {path}: {error}") from error
