"""Weights crossed with encoders, and the circuit crossed with what an ideal circuit leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.measuring.encoding import Encoding, by_circuit, by_sort
from selective_firing import measures, theory
from selective_firing.parameters import CircuitParameters, RateParameters
from selective_firing.protocol import Autoencoder

__all__ = ["ASSUMPTIONS", "ENCODERS", "agreement", "factorial", "robustness", "variants"]

ASSUMPTIONS = {
    "rate": {
        "loop_delay": ("ms", (0.0, 1.0, 2.0, 3.0)),
        "noise": ("", (0.0, 0.003, 0.01, 0.03)),
        "threshold_cv": ("", (0.0, 0.01, 0.03, 0.1)),
    },
    "spiking": {
        "inhibition_delay": ("ms", (0.0, 1.0, 2.0, 3.0)),
        "noise": ("mV", (0.0, 0.1, 0.3, 1.0)),
        "threshold_cv": ("", (0.0, 0.01, 0.03, 0.1)),
    },
}
"""What an ideal circuit leaves out, for either circuit: unit and values of each parameter."""
KINDS = {"rate": ("subtractive", "threshold"), "spiking": ("spiking",)}
"""Of inhibition."""
ENCODERS = {"rate": "circuit", "spiking": "spiking circuit"}
"""What either circuit is called where encoders are compared."""


def agreement(winners: np.ndarray, drive: np.ndarray, k: int) -> dict[str, float]:
    """Return how often as many units won as should, and how well they overlap with the top k.

    Parameters
    ----------
    winners : ndarray of bool, shape (n_samples, n_hidden)
    drive : ndarray of shape (n_samples, n_hidden)
    k : int
    """
    ideal = theory.top_k(drive, k)
    return {
        "exact_fraction": float((winners.sum(axis=1) == ideal.sum(axis=1)).mean()),
        "jaccard": float(measures.jaccard(winners, ideal).mean()),
    }


def factorial(
    models: Mapping[str, Autoencoder],
    X: np.ndarray,
    k: int,
    circuits: Sequence[CircuitParameters] = (RateParameters(),),
    codegen: str = "auto",
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return one row per model and encoder: error of the reconstruction, and agreement with the top k.

    The encoders are "circuit" (of rate units), "spiking circuit" and "sort".

    Parameters
    ----------
    models : mapping of str to fitted autoencoder
        Named by where their weights come from.
    X : ndarray of shape (n_samples, n_inputs)
        Test patterns.
    k : int
    circuits : sequence of RateParameters or SpikingParameters
        The circuits that encode.
    codegen, rng
        Of the circuits.
    """
    rows, expected = [], len(X) * len(models)
    for name, model in models.items():
        encodings: dict[str, Encoding] = {
            ENCODERS[parameters.circuit]: by_circuit(model, X, k, parameters, codegen, rng, expected)
            for parameters in circuits
        }
        encodings["sort"] = by_sort(model, X, k)
        for encoder, encoding in encodings.items():
            decoded = encoding.code @ model.components_ + model.offset_
            row = {"weights": name, "encoder": encoder, "nmse": measures.nmse(X, decoded, model.mean_)}
            rows.append(row | agreement(encoding.code > 0, model.drive(X), k))
    return pd.DataFrame(rows)


def robustness(
    model: Autoencoder,
    X: np.ndarray,
    k: int,
    parameters: CircuitParameters | None = None,
    codegen: str = "auto",
    seed: int = 0,
    progress: bool = False,
) -> pd.DataFrame:
    """Return how exact k and the winners stay when the loop is delayed, noisy, or its cells differ.

    Parameters
    ----------
    model : fitted autoencoder
        Whose weights the circuit has.
    X : ndarray of shape (n_samples, n_inputs)
    k : int
    parameters : RateParameters or SpikingParameters, optional
        The ideal circuit.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and unequal cells.
    progress : bool

    Returns
    -------
    DataFrame
        One row per kind of inhibition, assumption and value: columns inhibition, assumption, value, unit,
        n_stimuli, exact_fraction, jaccard, jaccard_sd (over stimuli), nmse, settling_time_ms.
    """
    drive, rows = model.drive(X), []
    ideal, grid = theory.top_k(drive, k), variants(parameters or RateParameters())
    alike = Counter(variant.noise > 0 for *_, variant in grid)  # what a simulator is compiled for
    for kind, name, unit, value, variant in tqdm(grid, desc="robustness", disable=not progress, leave=False):
        expected = len(X) * alike[variant.noise > 0]
        response = by_circuit(model, X, k, variant, codegen, np.random.default_rng(seed), expected).simulated
        decoded = response.code @ model.components_ + model.offset_
        row = {"inhibition": kind, "assumption": name, "value": value, "unit": unit, "n_stimuli": len(X)}
        row |= agreement(response.winners, drive, k)
        row |= {"jaccard_sd": float(np.std(measures.jaccard(response.winners, ideal), ddof=min(1, len(X) - 1)))}
        row |= {"nmse": measures.nmse(X, decoded, model.mean_)}
        rows.append(row | {"settling_time_ms": float(response.settling_time_ms.mean())})
    return pd.DataFrame(rows)


def variants(base: CircuitParameters) -> list[tuple[str, str, str, float, CircuitParameters]]:
    """Return kind of inhibition, assumption, unit, value and the circuit of every row of `robustness`.

    Parameters
    ----------
    base : RateParameters or SpikingParameters
        The ideal circuit.
    """
    return [
        (kind, name, unit, value, _changed(base, kind, name, value))
        for kind in KINDS[base.circuit]
        for name, (unit, values) in ASSUMPTIONS[base.circuit].items()
        for value in values
        if base.takes(name, value)
    ]


def _changed(base: CircuitParameters, kind: str, name: str, value: float) -> CircuitParameters:
    """Return parameters with another kind of inhibition, where there is a choice, and another value of one."""
    changes: dict[str, Any] = {name: value} | ({"inhibition": kind} if base.circuit == "rate" else {})
    return base.changed(**changes)
