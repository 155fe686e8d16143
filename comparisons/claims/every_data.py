"""Not optimal for every kind of data."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.bits import bits, bits_of_codes
from comparisons.lab.claim import Claim, Tables
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, same_error
from comparisons.rivals.coders import LASSO, OMP, solver_codes
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    CYCLES,
    DENSE,
    PRINCIPAL,
    PURSUIT,
    RANDOM,
    SAME_PRINCIPAL,
    TOPK,
)
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

SPARSE = (TOPK, CIRCUIT, CYCLES, BATCH, PURSUIT, OMP)
"""Codes of k units; the best of them must lose, for the claim to hold."""
N_CODED = 300
"""Test patterns, and training patterns, that solvers code."""


def observe(lab: Lab) -> Tables:
    """Return the error and the bits of every model, and of families from coarse to fine.

    Parameters
    ----------
    lab : Lab
    """

    def told(model: Autoencoder) -> dict[str, float]:
        code = model.transform(lab.data.X_test)
        active = float((code != 0).sum(axis=1).mean())
        return {"active units": active, "nmse": lab.nmse(model, code), "bits": bits(lab, model)}

    names = (TOPK, CIRCUIT, CYCLES, BATCH, PURSUIT, DENSE, RANDOM, *lab.guests)
    rows = [{"model": name} | told(lab.fit(name)) for name in names]
    return {
        "Bits to tell a stimulus": pd.DataFrame([*rows, *_solvers(lab)]),
        "Families": family_rows(lab, told, signed=True),
    }


def _solvers(lab: Lab) -> list[dict[str, object]]:
    """Return rows of solvers on the circuit's weights: OMP with k units, LASSO with k on average."""
    model, rows = lab.fit(CIRCUIT), []
    X, known = lab.data.X_test[:N_CODED], lab.data.X_train[:N_CODED]
    codes = [solver_codes(model, lab.data.X_train, patterns, lab.scene.k, (OMP, LASSO)) for patterns in (X, known)]
    for name in (OMP, LASSO):
        code, learned = codes[0][name], codes[1][name]
        row: dict[str, object] = {"model": name, "active units": float((code != 0).sum(axis=1).mean())}
        row |= {"nmse": lab.nmse(model, code, X), "bits": bits_of_codes(model, X, code, known, learned)}
        rows.append(row)
    return rows


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the bits of a model and of families that err as much; of PCA on trial, those of the codes of k units.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    table = tables["Bits to tell a stimulus"].set_index("model")
    if name == PRINCIPAL:
        best = str(table.loc[list(SPARSE), "bits"].idxmin())
        others = {one: float(table.loc[one, "bits"]) for one in (*SPARSE, LASSO, DENSE)}
        same = same_error(tables["Families"], float(table.loc[best, "nmse"]), "bits")
        return {f"{rival} as {best}": value for rival, value in same.items()} | others
    same = same_error(tables["Families"], float(table.loc[name, "nmse"]), "bits")
    return {name: float(table.loc[name, "bits"])} | same


def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
    """Return by which share a code of k units takes more bits than PCA of the same error.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        PCA for all codes of k units, the strongest of which decides; or one of them.
    dataset : str
    """
    rows = []
    for sparse in SPARSE if name == PRINCIPAL else (name,):
        found = levels(tables, sparse)
        rival = sparse if name == PRINCIPAL else SAME_PRINCIPAL
        rows.append({"rival": rival, "effect": found[sparse] / found[SAME_PRINCIPAL] - 1})
    return pd.DataFrame(rows)


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    words = {"bits": "bits to tell a stimulus", "nmse": "NMSE (test)"}
    return {"Bits and error of each model on each kind of data": dots(tables["Bits to tell a stimulus"], words)}


def read(tables: Tables) -> str:
    """Return the best code of k units, and what families of its error need, on each data set.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Summarised over seeds.
    """
    words = []
    for dataset in tables["Families"]["dataset"].unique():
        mine = {title: table[table["dataset"] == dataset] for title, table in tables.items()}
        table = mine["Bits to tell a stimulus"].set_index("model")
        best = str(table.loc[list(SPARSE), "bits"].idxmin())
        found = levels(mine, best)
        same = ", ".join(f"{name} {found[name]:.4g}" for name in SAME.values() if found[name] == found[name])
        words.append(f"{dataset}: {best} {found[best]:.4g}, {same}.")
    return "Bits of the best code of k units, and of others that err as much: " + " ".join(words)


CLAIM = Claim(
    name="every_data",
    title="Not for every data",
    claim="k-sparse coding is not optimal for every kind of data: PCA of the same error tells some in fewer bits.",
    design="Bits that tell a stimulus to the precision of the data: which units are active, their levels, and what is "
    "left over, each by an ideal entropy coder. The best of the codes of k units (top-K, BatchTopK, circuits, matching "
    "pursuit, OMP on the circuit's weights) against principal components of its error; dense, soft (L1) and LASSO "
    "beside. Also data without sparse structure: Gaussian noise, and 8 dense factors.",
    endpoint=Endpoint("bits of a code of k units over PCA of the same error, less 1", "share", 0.02, quantifier="some"),
    data_sets=("digits", "bars", "patches", "noise", "low rank"),
    observe=observe,
    effects=effects,
    on_trial=PRINCIPAL,
    others=(TOPK, CIRCUIT, CYCLES),
    invites=True,
    levels=levels,
    level="bits per stimulus",
    draw=draw,
    read=read,
    caveats=(
        "The claim says that there are such data: one kind is enough. Low-rank data of 8 factors are PCA's own ground.",
        "Bits of the weights themselves are not counted. Solvers code a few hundred patterns only, and their tables "
        "are made from as few.",
    ),
)
