"""Better disentanglement: units that stand for the factors behind the stimuli."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.decomposition import NMF, FastICA
from sklearn.exceptions import ConvergenceWarning

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, pixels, same_error
from comparisons.lab.scenes import FACTORS
from comparisons.measuring.needed import needed
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, DENSE, INPUT, PURSUIT, RANDOM, TIED, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

RECOVERY = "factor recovery"


ICA, NON_NEGATIVE = "ICA", "NMF"
"""Rivals that are told how many factors there are."""
MOST_STEPS = 400
"""Of either."""
N_FORESTS = 400
"""Stimuli whose factors forests are fitted to, for DCI."""


def observe(lab: Lab) -> Tables:
    """Return how well units follow the factors, and how stable features are over starts."""
    factors, rows = needed(lab.data.factors_test, "known factors"), []
    for name in (TOPK, CIRCUIT, CYCLES, TIED, BATCH, PURSUIT, DENSE, RANDOM, *lab.guests):
        model = lab.fit(name)
        code = model.transform(lab.data.X_test)
        row: dict[str, Any] = {
            "model": name,
            "nmse": lab.nmse(model, code),
            "stability over starts": lab.stability(name),
        }
        rows.append(row | _followed(code, factors, lab))
    for name, code in (_separated(lab) | {INPUT: pixels(lab).transform(lab.data.X_test)}).items():
        rows.append({"model": name} | _followed(code, factors, lab))

    def recovery(model: Autoencoder) -> dict[str, float]:
        code = model.transform(lab.data.X_test)
        return {"nmse": lab.nmse(model, code), RECOVERY: measures.factor_recovery(code, factors)}

    return {"Factors": pd.DataFrame(rows), "Families": family_rows(lab, recovery)}


def _followed(code: np.ndarray, factors: np.ndarray, lab: Lab) -> dict[str, float]:
    """Return how well units follow the factors; the mutual information gap is no measure where these are dependent."""
    parts = measures.dci(code[:N_FORESTS], factors[:N_FORESTS], lab.rng)
    found = {RECOVERY: measures.factor_recovery(code, factors)}
    return found | {f"DCI {part}": value for part, value in parts.items()}


def _separated(lab: Lab) -> dict[str, np.ndarray]:
    """Return the codes of the test patterns by ICA and by NMF, each with as many units as there are factors."""
    n_factors, X = needed(lab.data.factors_train, "known factors").shape[1], lab.data.X_train
    low = X.min()  # data must not be negative for NMF
    separators = {
        ICA: FastICA(n_factors, random_state=lab.seed, max_iter=MOST_STEPS, whiten="unit-variance"),
        NON_NEGATIVE: NMF(n_factors, init="nndsvda", random_state=lab.seed, max_iter=MOST_STEPS),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {
            name: one.fit(X - low).transform(np.maximum(lab.data.X_test - low, 0)) for name, one in separators.items()
        }


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return how well a model's units follow the factors, those of families that err as much, and of others."""
    table = tables["Factors"].set_index("model")
    same = same_error(tables["Families"], float(table.loc[name, "nmse"]), RECOVERY)
    others = (ICA, NON_NEGATIVE, RANDOM, CIRCUIT, CYCLES, PURSUIT, DENSE, INPUT)
    return {name: float(table.loc[name, RECOVERY])} | same | {one: float(table.loc[one, RECOVERY]) for one in others}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    words = {
        "factor recovery": "factor recovery\n(matched correlation)",
        "DCI disentanglement": "DCI\ndisentanglement",
        "stability over starts": "stability over starts\n(matched cosine)",
    }  # fmt: skip
    return {"Factor recovery, DCI and stability of each model on bars": dots(tables["Factors"], words)}


CLAIM = Claim(
    name="disentangled",
    title="Disentangled",
    claim="k-sparse codes disentangle the factors behind the data better than other unsupervised codes.",
    design="Bars that are present independently of each other, with correlations, and in a hierarchy, where a bar "
    "needs its group: mean absolute correlation of each bar with a unit of its own, top-K against ICA and NMF, which "
    "are told the number of bars, and dense, principal and soft (L1) codes of the same error. DCI, and features "
    "of two starts beside.",
    endpoint=Endpoint("factor recovery, top-K less a rival", "correlation", 0.05),
    data_sets=("bars", *FACTORS),
    observe=observe,
    effects=over(levels, (ICA, NON_NEGATIVE, *SAME.values())),
    invites=True,
    levels=levels,
    level="factor recovery",
    draw=draw,
    caveats=("Bars are parts of images: a friendly case for sparse codes, though no less so for NMF.",),
)
