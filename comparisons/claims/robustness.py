"""Robustness to noise, and to the loss of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import curves
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.encoding import without
from comparisons.measuring.needed import needed
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, TOPK
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


def observe(lab: Lab) -> Observation:
    """Return error against the clean stimulus, stability of the winners, and accuracy of a read-out, as curves.

    Parameters
    ----------
    lab : Lab
    """
    X, rows = lab.data.X_test[:N_STIMULI], []
    y = None if lab.data.y_test is None else lab.data.y_test[:N_STIMULI]
    for name in (TOPK, CIRCUIT, CYCLES, DENSE, *lab.guests):
        model, rng = lab.fit(name), lab.rng  # every model meets the same noise
        fitted = lab.read_out(model)
        clean = model.transform(X)
        for kind, levels in LEVELS.items():
            for level in (0.0, *levels):
                damaged: Autoencoder = model
                if kind == LESION and level:
                    damaged = without(model, rng.permutation(lab.scene.n_hidden)[: round(level * lab.scene.n_hidden)])
                code = damaged.transform(corrupt(X, kind, level, lab, rng)) if level else clean
                row: dict[str, Any] = {"model": name, "corruption": kind, "level": f"{level:g}"}
                row["nmse"] = lab.nmse(model, code, X)
                row["rise"] = row["nmse"] - lab.nmse(model, clean, X)
                row["winners kept"] = float(measures.jaccard(code > 0, clean > 0).mean())
                if fitted is not None and y is not None:
                    row["accuracy"] = fitted.accuracy(code, y)
                rows.append(row)
    table = pd.DataFrame(rows)
    tables = {"Corrupted": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how much less a model's error rises than the dense one's.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    table = tables["Corrupted"]
    at = (table["corruption"] == GAUSSIAN) & (table["level"] == f"{ENDPOINT_LEVEL:g}")
    rise = table[at].set_index("model")["rise"]
    return float(rise[DENSE] - rise[name])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return a figure for each corruption, and one for the winners.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
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


def read(tables: dict[str, pd.DataFrame]) -> str:
    """Return the errors themselves at the level of the endpoint, beside the rises that the verdict is about.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Summarised over seeds.
    """
    table = tables["Corrupted"]
    at = table[(table["corruption"] == GAUSSIAN) & (table["level"] == f"{ENDPOINT_LEVEL:g}")]
    words = []
    for dataset, part in at.groupby("dataset", sort=False):
        error = part.set_index("model")["nmse"]
        found = ", ".join(f"{name} {error[name]:.3f}" for name in (DENSE, TOPK, CIRCUIT, CYCLES))
        words.append(f"{dataset}: {found}.")
    return f"NMSE against the clean stimulus under noise of {ENDPOINT_LEVEL:g}, not its rise: " + " ".join(words)


CLAIM = Claim(
    name="robustness",
    title="Robust to noise",
    claim="k-sparse codes are more robust to noise than dense ones: their error rises less.",
    design="Rise of the error against the clean stimulus under Gaussian noise of half the inputs' standard deviation, "
    "dense less top-K of equal width. Beside it salt and pepper, occlusion, contrast, and lesions of units; winners "
    "that stay, and a read-out fitted to clean codes.",
    endpoint=Endpoint("rise of NMSE under Gaussian noise, dense less top-K", "NMSE", 0.02),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    read=read,
    caveats=("A code that starts from a higher error has less to lose: the curves show error, not only its rise.",),
)
