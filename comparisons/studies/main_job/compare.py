"""The main job: circuit and rivals on the same data, width, k, seed and split; tables of what they do and cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.measuring.agreement import factorial, robustness
from comparisons.measuring.encoding import Encoding, by_itself
from comparisons.measuring.rows import ledgers, measured, rates_Hz
from comparisons.rivals.registry import CIRCUIT, TIED, TOPK
from comparisons.studies.main_job.design import Design
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.protocol import Autoencoder
from selective_firing.results.response import Response

__all__ = ["Comparison", "compare"]

ROBUSTNESS_STIMULI = 200
"""Test stimuli for each of the 24 cells of the robustness table: a standard error of 3.5 % at worst."""


@dataclass(frozen=True)
class Comparison:
    """All that was found.

    Attributes
    ----------
    data : Dataset
    design : Design
    table : DataFrame
        One row per model: reconstruction, selective firing, agreement with the top k.
    ledger : DataFrame
        One row per model, ledger, phase and item: mean count per stimulus.
    factorial, robustness : DataFrame
    response : Response
        Of the circuit to the test patterns, with the traces of a few.
    reconstructions : dict of str to ndarray
        Of the first test patterns.
    models : dict of str to fitted autoencoder
    timings_s : dict of str to float
    """

    data: Dataset
    design: Design
    table: pd.DataFrame
    ledger: pd.DataFrame
    factorial: pd.DataFrame
    robustness: pd.DataFrame
    response: Response
    reconstructions: dict[str, np.ndarray]
    models: dict[str, Autoencoder]
    timings_s: dict[str, float]

    @property
    def provenance(self) -> dict[str, Any]:
        """Whatever is needed to run this again."""
        return self.response.provenance | {
            "data": self.data.provenance,
            "models": {name: {k: v for k, v in model.get_params().items() if v is not None and k != "parameters"}
                       for name, model in self.models.items()},
            "timings_s": self.timings_s,
        }  # fmt: skip


def compare(data: Dataset, design: Design, n_shown: int = 10, n_traced: int = 3) -> Comparison:
    """Fit every model on the training patterns and measure it on the test patterns.

    Parameters
    ----------
    data : Dataset
    design : Design
    n_shown, n_traced : int
        Test patterns whose reconstructions, and whose traces, are kept.
    """
    models, timings = design.models(len(data.X_train)), {}
    for name, model in (progress := tqdm(list(models.items()), desc="learning")):
        progress.set_postfix_str(name)
        start = time.perf_counter()
        model.fit(data.X_train)
        models[name] = getattr(model, "best_estimator_", model)
        timings[f"fit {name}"] = getattr(model, "refit_time_", time.perf_counter() - start)
    start = time.perf_counter()
    X, circuit, rng = data.X_test, cast("KWTAAutoencoder", models[CIRCUIT]), np.random.default_rng(design.seed)
    response = circuit.simulate(X, traces=range(min(n_traced, len(X))))
    encodings = {name: by_itself(model, X) for name, model in models.items() if name != CIRCUIT}
    encodings = {CIRCUIT: Encoding(response.code, "circuit", response)} | encodings
    rates = {name: rates_Hz(models[name], encodings[name].code, data) for name in models}
    rows = [
        {"model": name} | measured(models[name], encodings[name], rates[name], data, design.k, design.seed)
        for name in models
    ]
    ledger = pd.concat(
        [ledgers(models[name], encodings[name], rates[name], data).assign(model=name) for name in models]
    )
    learned: dict[str, Autoencoder] = {"circuit": circuit, TIED: models[TIED], TOPK: models[TOPK]}
    crossed = factorial(learned, X[: design.n_crossed], design.k, design.circuits(), design.codegen, rng)
    few = X[:ROBUSTNESS_STIMULI]
    robust = robustness(circuit, few, design.k, design.parameters, design.codegen, design.seed, progress=True)
    timings["measure"] = time.perf_counter() - start
    shown = {name: models[name].inverse_transform(encodings[name].code[:n_shown]) for name in models}
    return Comparison(data, design, pd.DataFrame(rows), ledger, crossed, robust, response, shown, models, timings)
