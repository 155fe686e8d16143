"""Robustness to noise, and to the loss of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import curves
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, pixels, same_error, soft
from comparisons.measuring.encoding import without
from comparisons.measuring.needed import needed
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, DENSE, INPUT, PURSUIT, SOFT, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "corrupt"]

LEVELS = {
    "Gaussian noise (SD / SD of inputs)": (0.25, 0.5, 1.0),
    "salt and pepper (share of inputs)": (0.05, 0.1, 0.2),
    "occlusion (side of the square / side)": (0.25, 0.5),
    "contrast (taken away)": (0.5, 0.75),
    "lesion (share of units)": (0.1, 0.3, 0.5),
}
GAUSSIAN, *_, LESION = LEVELS
ENDPOINT_LEVEL, N_STIMULI = 0.5, 1000


def corrupt(X: np.ndarray, kind: str, level: float, lab: Lab, rng: np.random.Generator) -> np.ndarray:
    """Return the patterns X, shape (n_samples, n_inputs), corrupted as `LEVELS` say; lesions leave them.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    kind : str
        A name of `LEVELS`.
    level : float
    lab : Lab
        Whose training patterns say what is usual.
    rng : Generator
    """
    mean = lab.data.X_train.mean(axis=0)
    if kind.startswith("Gaussian"):
        return X + level * lab.rms * rng.standard_normal(X.shape)
    if kind.startswith("salt"):
        extremes = rng.choice([lab.data.X_train.min(), lab.data.X_train.max()], X.shape)
        return np.where(rng.random(X.shape) < level, extremes, X)
    if kind.startswith("contrast"):
        return mean + (1 - level) * (X - mean)
    if kind.startswith("occlusion"):
        height, width = needed(lab.data.image_shape, "an image shape")
        side = (round(level * height), round(level * width))
        covered = X.reshape(-1, height, width).copy()
        rows, columns = (
            rng.integers(0, full - part + 1, len(X)) for full, part in zip((height, width), side, strict=True)
        )
        for image, row, column in zip(covered, rows, columns, strict=True):
            there = slice(row, row + side[0]), slice(column, column + side[1])
            image[there] = mean.reshape(height, width)[there]
        return covered.reshape(X.shape)
    return X


def observe(lab: Lab) -> Tables:
    """Return error against the clean stimulus, stability of the winners, and accuracy of a read-out, as curves."""
    X, rows = lab.data.X_test[:N_STIMULI], []
    models = {name: lab.fit(name) for name in (TOPK, CIRCUIT, CYCLES, BATCH, PURSUIT, DENSE, *lab.guests)}
    models |= {SOFT: lab.fit(SOFT, **soft(lab)), INPUT: pixels(lab)}
    for name, model in models.items():
        rows += _curves(lab, name, model, X)

    def noisy(model: Autoencoder) -> dict[str, float]:
        under = model.transform(corrupt(X, GAUSSIAN, ENDPOINT_LEVEL, lab, lab.rng))
        return {"nmse": lab.nmse(model, model.transform(X), X), "under noise": lab.nmse(model, under, X)}

    return {"Corrupted": pd.DataFrame(rows), "Families under noise": family_rows(lab, noisy)}


def _curves(lab: Lab, name: str, model: Autoencoder, X: np.ndarray) -> list[dict[str, Any]]:
    """Return a row for each corruption and level; every model meets the same noise."""
    rng, rows, n_hidden = lab.rng, [], len(model.components_)
    fitted, y = lab.read_out(model), None if lab.data.y_test is None else lab.data.y_test[:N_STIMULI]
    clean = model.transform(X)
    for kind, levels in LEVELS.items():
        for level in (0.0, *levels):
            damaged = model
            if kind == LESION and level:
                damaged = without(model, rng.permutation(n_hidden)[: round(level * n_hidden)])
            code = damaged.transform(corrupt(X, kind, level, lab, rng)) if level else clean
            row: dict[str, Any] = {"model": name, "corruption": kind, "level": f"{level:g}"}
            row["nmse"] = lab.nmse(model, code, X)
            row["rise"] = row["nmse"] - lab.nmse(model, clean, X)
            row["winners kept"] = float(measures.jaccard(code > 0, clean > 0).mean())
            if fitted is not None and y is not None:
                row["accuracy"] = fitted.accuracy(code, y)
            rows.append(row)
    return rows


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the error under noise of a model, of the families that err as much without noise, and of others."""
    table = tables["Corrupted"]
    at = table[(table["corruption"] == GAUSSIAN) & (table["level"] == f"{ENDPOINT_LEVEL:g}")].set_index("model")
    clean = float(at.loc[name, "nmse"] - at.loc[name, "rise"])
    same = same_error(tables["Families under noise"], clean, "under noise")
    others = {one: float(at.loc[one, "nmse"]) for one in (CIRCUIT, CYCLES, PURSUIT, DENSE, INPUT) if one in at.index}
    return {name: float(at.loc[name, "nmse"])} | same | others


def draw(tables: Tables) -> dict[str, Figure]:
    """Return a figure for each corruption, and one for the winners."""
    table = tables["Corrupted"].assign(level=lambda rows: rows["level"].astype(float))
    figures = {}
    for kind in LEVELS:
        mine = table[table["corruption"] == kind]
        figures[f"Error against the clean stimulus, by {kind}"] = curves(
            mine, "level", "nmse", {"level": kind, "nmse": "NMSE (clean stimulus)"}
        )
    noisy = table[table["corruption"] == GAUSSIAN]
    figures["Winners that stay under Gaussian noise"] = curves(
        noisy, "level", "winners kept", {"level": GAUSSIAN, "winners kept": "winners kept (Jaccard)"}
    )
    if "accuracy" in table:
        figures["Accuracy of a read-out of clean codes under Gaussian noise"] = curves(
            noisy.dropna(subset=["accuracy"]), "level", "accuracy", {"level": GAUSSIAN, "accuracy": "read-out accuracy"}
        )
    return figures


CLAIM = Claim(
    name="robustness",
    title="Robust to noise",
    claim="k-sparse codes are more robust to noise than others that reconstruct as well: they err less under it.",
    design="Error against the clean stimulus under Gaussian noise of half the inputs' standard deviation, top-K and "
    "dense, principal and soft (L1) codes of the same error without noise. Beside it other models as they are, the "
    "noisy stimulus itself, salt and pepper, occlusion, contrast, lesions; winners that stay, and a read-out fitted to "
    "clean codes.",
    endpoint=Endpoint("NMSE under Gaussian noise, top-K less a rival of equal clean error", "NMSE", -0.02, "below"),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effects=over(levels, SAME.values()),
    invites=True,
    levels=levels,
    level="NMSE under noise",
    draw=draw,
    caveats=(
        "A code that errs more has less to lose: hence equal clean errors, read between models of a family. Dense of "
        f"equal width copies; the input itself has the error of the noise alone, {ENDPOINT_LEVEL**2:g}.",
    ),
)
