"""Not optimal for every kind of data."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.rivals.coders import OMP, solver_codes
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, NARROW, RANDOM, TOPK
from selective_firing import measures

__all__ = ["CLAIM"]

PRINCIPAL = "PCA, k components"
N_CODED = 500
"""Test patterns that OMP codes."""


def observe(lab: Lab) -> Observation:
    """Return the error of every model that says k numbers about a stimulus, and of dense, which says more.

    Parameters
    ----------
    lab : Lab
    """
    X, k, rows = lab.data.X_test, lab.scene.k, []
    for name in (TOPK, CIRCUIT, CYCLES, DENSE, RANDOM, *lab.guests):
        model = lab.fit(name)
        code = model.transform(X)
        rows.append({"model": name, "numbers": float((code > 0).sum(axis=1).mean()), "nmse": lab.nmse(model, code)})
    narrow, circuit = lab.fit(DENSE, n_hidden=k), lab.fit(CIRCUIT)
    rows.append({"model": NARROW, "numbers": float(k), "nmse": lab.nmse(narrow, narrow.transform(X))})
    greedy = solver_codes(circuit, lab.data.X_train, X[:N_CODED], k, (OMP,))[OMP]
    rows.append({"model": OMP, "numbers": float(k), "nmse": lab.nmse(circuit, greedy, X[:N_CODED])})
    pca = PCA(k).fit(lab.data.X_train)
    error = measures.nmse(X, pca.inverse_transform(pca.transform(X)), pca.mean_)
    rows.append({"model": PRINCIPAL, "numbers": float(k), "nmse": error})
    table = pd.DataFrame(rows)
    tables = {"Error with k numbers": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how much a model's error is above that of PCA.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    nmse = tables["Error with k numbers"].set_index("model")["nmse"]
    return float(nmse[name] - nmse[PRINCIPAL])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    return {"Error of each model on each kind of data": dots(tables["Error with k numbers"], {"nmse": "NMSE (test)"})}


CLAIM = Claim(
    name="every_data",
    title="Not for every data",
    claim="k-sparse coding is not optimal for every kind of data: for some, PCA with as many numbers is better.",
    design="Top-K against PCA with k components, which says as many numbers about a stimulus, and need not say "
    "which: error on test patterns, the lower the better. Also data without sparse structure: Gaussian noise, and "
    "8 dense factors.",
    endpoint=Endpoint("NMSE, top-K less PCA with k components", "NMSE", 0.02, quantifier="some"),
    data_sets=("digits", "bars", "patches", "noise", "low rank"),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    caveats=(
        "The claim says that there are such data: one kind is enough. Low-rank data of 8 factors are PCA's own ground.",
        "A sparse code also tells which units are active, which takes bits that are not counted here.",
    ),
)
