"""Hard thresholding complicates optimisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import clone

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import soft
from comparisons.rivals.coders import OMP, solver_codes
from comparisons.rivals.registry import CIRCUIT, DENSE, PLAIN, SOFT, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "refitted"]

N_CODED = 300
"""Test patterns whose codes are refitted, and which OMP codes."""
STEPS, COURSE_BATCH, COURSE_RATE = 40, 64, 3e-3
"""Of a course of learning, after each of which the validation error is looked at."""


def observe(lab: Lab) -> Tables:
    """Return dead units, errors of support and coefficients, and the course of learning, with and without remedies."""
    k, rows = lab.scene.k, []
    more = min(4 * k, lab.scene.n_hidden)
    variants: dict[str, tuple[str, dict[str, Any]]] = {
        PLAIN: (PLAIN, {}),
        "top-K, AuxK": (TOPK, {"auxk": 1 / 32, "k_start": None}),
        "top-K, k annealing": (TOPK, {"auxk": 0.0, "k_start": more}),
        "top-K, both": (TOPK, {"auxk": 1 / 32, "k_start": more}),
        "circuit, no remedy": (CIRCUIT, {"homeostasis": 0.0, "k_start": None}),
        "circuit, homeostasis": (CIRCUIT, {"homeostasis": 1e-3, "k_start": None}),
        "circuit, k annealing": (CIRCUIT, {"homeostasis": 0.0, "k_start": more}),
        DENSE: (DENSE, {}),
        SOFT: (SOFT, soft(lab)),
    }
    for variant, (name, changes) in variants.items():
        model = lab.fit(name, **changes)
        rows.append({"variant": variant} | _row(lab, name, model))
        if variant in (PLAIN, DENSE, SOFT):
            rows[-1] |= _course(lab, model)
    return {"With and without remedies": pd.DataFrame(rows)}


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the share of dead units of a variant, and of others; the circuit's is that without remedy."""
    dead = tables["With and without remedies"].set_index("variant")["dead units"]
    mine = "circuit, no remedy" if name == CIRCUIT else name
    return {one: float(dead[one]) for one in dict.fromkeys((mine, SOFT, DENSE, "top-K, both", "circuit, no remedy"))}


def _row(lab: Lab, name: str, model: Autoencoder) -> dict[str, float]:
    code, X = model.transform(lab.data.X_test), lab.data.X_test[:N_CODED]
    row = {"nmse": lab.nmse(model, code), "active units": float((code > 0).sum(axis=1).mean())}
    row["dead units"] = measures.dead_fraction(model.transform(lab.data.X_train))
    if name != DENSE:
        row["nmse, same support refitted"] = lab.nmse(model, refitted(model, code[:N_CODED], X), X)
        row["nmse, OMP's support"] = lab.nmse(model, solver_codes(model, X, X, lab.scene.k, (OMP,))[OMP], X)
    return row


def refitted(model: Autoencoder, code: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return the codes of least error with the same active units: what is left is the error of the choice of units.

    Parameters
    ----------
    model : fitted autoencoder
    code : ndarray of shape (n_samples, n_hidden)
    X : ndarray of shape (n_samples, n_inputs)
        What it is the code of.
    """
    best = np.zeros_like(code)
    for row, active in enumerate(code > 0):
        if active.any():
            best[row, active] = np.linalg.lstsq(model.components_[active].T, X[row] - model.offset_, rcond=None)[0]
    return best


def _course(lab: Lab, model: Autoencoder) -> dict[str, float]:
    """Return how much the validation error rises in a course of small steps, as a share of how much it falls in all.

    A step is three batches of 64, at one learning rate for all, from the start.
    """
    fresh = clone(model).set_params(batch_size=COURSE_BATCH, learning_rate=COURSE_RATE)
    size, mean, errors = 3 * COURSE_BATCH, lab.data.X_train.mean(axis=0), []
    for step in range(STEPS):
        rows = np.arange(step * size, (step + 1) * size) % len(lab.data.X_train)
        fresh.partial_fit(lab.data.X_train[rows])
        errors.append(np.log(measures.nmse(lab.X_val[:500], fresh.reconstruct(lab.X_val[:500]), mean)))
    change = np.diff(errors)
    return {"roughness": float(np.maximum(change, 0).sum() / max(-np.minimum(change, 0).sum(), 1e-12))}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figures."""
    table = tables["With and without remedies"]
    first = {
        "dead units": "dead units (share)",
        "nmse": "NMSE (test)",
        "roughness": "rises / falls of\nlog validation error",
    }
    second = {"nmse": "NMSE", "nmse, same support refitted": "NMSE, same support,\nleast squares",
              "nmse, OMP's support": "NMSE, OMP"}  # fmt: skip
    return {
        "Dead units, error and roughness of learning, with and without remedies": dots(table, first, rows="variant"),
        "Error of the code, of its support with the best coefficients, and of OMP": dots(
            table.dropna(subset=["nmse, OMP's support"]), second, rows="variant"
        ),
    }


def read(tables: Tables) -> str:
    """Return how much seeds vary."""
    table, words = tables["With and without remedies"], []
    for dataset, part in table.groupby("dataset", sort=False):
        spread = part.set_index("variant")["nmse \u00b1"]
        words.append(f"{dataset} {spread[PLAIN]:.4f} and {spread[DENSE]:.4f}")
    return "Half-width of the interval of NMSE over seeds, top-K without remedy and dense: " + "; ".join(words) + "."


CLAIM = Claim(
    name="optimisation",
    title="Hard to optimise",
    claim="Hard thresholding complicates optimisation: units die that dense and soft models keep.",
    design="Share of units that are active for none of the training patterns: top-K without any remedy less dense and "
    "soft (L1) ones, at equal width, data, seeds and presentations; the L1 penalty leaves about k units active. Beside "
    "it AuxK, homeostasis and k annealing; least squares on the same support parts the error of coefficients from "
    "that of the choice.",
    endpoint=Endpoint("dead units, top-K without remedy less a rival", "share", 0.05),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=over(levels, (DENSE, SOFT)),
    on_trial=PLAIN,
    others=(CIRCUIT,),
    levels=levels,
    level="dead units (share)",
    draw=draw,
    read=read,
    caveats=(
        "Roughness is measured at a constant learning rate from the start, for the models learned by backpropagation.",
    ),
)
