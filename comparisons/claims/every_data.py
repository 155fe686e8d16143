"""Not optimal for every kind of data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.bits import N_TABLES, N_TOLD, bits_of_codes
from comparisons.lab.claim import Claim, Tables
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import families
from comparisons.rivals.coders import LASSO, OMP, solver_codes
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, DENSE, PRINCIPAL, PURSUIT, RANDOM, SOFT, TOPK
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "at_best"]

SPARSE = (TOPK, CIRCUIT, CYCLES, BATCH, PURSUIT, OMP)
"""Codes of k units; the best of them must lose, for the claim to hold."""
N_CODED = 300
"""Test patterns, patterns held out, and training patterns, that solvers code."""
BITS, HELD_OUT, EDGE = "Bits to tell a stimulus", "bits, held out", "at the edge of those tried"


def observe(lab: Lab) -> Tables:
    """Return the error and the bits of every model at every size, and at its best one."""
    table = pd.DataFrame([*_trained(lab), *_solved(lab)])
    return {BITS: at_best(table), "Families": table}


def _trained(lab: Lab) -> list[dict[str, object]]:
    """Return a row for each model and k, and for each member of the families of other codes."""
    ks = lab.scene.ks
    sizes = dict.fromkeys((TOPK, CIRCUIT, BATCH, PURSUIT, RANDOM), ks) | {CYCLES: ks[1:-1] or ks}
    tried = [(name, k, lab.fit(name, k=k)) for name, sizes_of in sizes.items() for k in sizes_of]
    tried += [(name, lab.scene.k, lab.fit(name)) for name in lab.guests]
    return [
        {"model": name, "size": size} | _told(lab, model, model.transform)
        for name, size, model in (*tried, *families(lab, signed=True))
    ]


def _solved(lab: Lab) -> list[dict[str, object]]:
    """Return rows of solvers on the weights of the circuit with each k: OMP with k units, LASSO with k on average."""

    def coder(model: Autoencoder, k: int, name: str) -> Callable[[np.ndarray], np.ndarray]:
        return lambda X: solver_codes(model, lab.data.X_train, X, k, (name,))[name]

    return [
        {"model": name, "size": k} | _told(lab, circuit, coder(circuit, k, name), N_CODED)
        for k in lab.scene.ks
        for circuit in (lab.fit(CIRCUIT, k=k),)
        for name in ((OMP, LASSO) if k == lab.scene.k else (OMP,))
    ]


def _told(
    lab: Lab, model: Autoencoder, coder: Callable[[np.ndarray], np.ndarray], n_coded: int | None = None
) -> dict[str, float]:
    """Return active units, error and bits of test patterns, and bits of patterns held out, coded for a decoder."""
    X, held_out = lab.data.X_test[:n_coded], lab.X_val[: n_coded or N_TOLD]
    known = lab.data.X_train[: n_coded or N_TABLES]
    code, learned = coder(X), coder(known)
    row = {"active units": float((code != 0).sum(axis=1).mean()), "nmse": lab.nmse(model, code, X)}
    row["bits"] = bits_of_codes(model, X[:N_TOLD], code[:N_TOLD], known, learned)
    return row | {HELD_OUT: bits_of_codes(model, held_out, coder(held_out), known, learned)}


def at_best(table: pd.DataFrame) -> pd.DataFrame:
    """Return of each model the row of the size that takes the least bits on patterns held out.

    Parameters
    ----------
    table : DataFrame
        Columns model, size, bits, and "bits, held out", and any other measures.
    """
    rows = []
    for name, part in table.groupby("model", sort=False):
        best = part.loc[part[HELD_OUT].idxmin()]
        edge = float(len(part) > 1 and best["size"] in (part["size"].min(), part["size"].max()))
        rows.append(best.drop(["model", "size"]).astype(float).to_dict() | {
            "model": name, "best size": float(best["size"]), EDGE: edge
        })  # fmt: skip
    return pd.DataFrame(rows)


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the bits of a model and of others, each at its best size."""
    found = tables[BITS].set_index("model")["bits"]
    others = (PRINCIPAL, *((*SPARSE, LASSO) if name == PRINCIPAL else ()), DENSE, SOFT)
    return {one: float(found[one]) for one in dict.fromkeys((name, *others))}


def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
    """Return by which share a code of k units takes more bits than PCA, each at its best size.

    On trial is PCA for all codes of k units, the strongest of which decides; or one of them.
    """
    found = tables[BITS].set_index("model")["bits"]
    pairs = {sparse: sparse for sparse in SPARSE} if name == PRINCIPAL else {PRINCIPAL: name}
    return pd.DataFrame(
        {"rival": rival, "effect": float(found[sparse] / found[PRINCIPAL]) - 1} for rival, sparse in pairs.items()
    )


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    words = {"bits": "bits to tell a stimulus", "nmse": "NMSE (test)"}
    return {"Bits and error of each model on each kind of data": dots(tables["Bits to tell a stimulus"], words)}


def read(tables: Tables) -> str:
    """Return the best code of k units, and what others need at their best, on each data set."""
    words = []
    for dataset, part in tables[BITS].groupby("dataset", sort=False):
        table = part.set_index("model")
        best = str(table.loc[list(SPARSE), "bits"].idxmin())
        found = ", ".join(
            f"{name} {table.loc[name, 'bits']:.4g} (size {table.loc[name, 'best size']:.3g}"
            f"{f', an edge in {table.loc[name, EDGE]:.0%} of seeds' if table.loc[name, EDGE] else ''})"
            for name in (best, PRINCIPAL, DENSE, SOFT)
        )
        words.append(f"{dataset}: {found}.")
    return "Bits of the best code of k units, and of others, at the size best on held-out patterns: " + " ".join(words)


CLAIM = Claim(
    name="every_data",
    title="Not for every data",
    claim="k-sparse coding is not optimal for every kind of data: PCA tells some in fewer bits.",
    design="Bits that tell a stimulus to the precision of the data: which units are active, their levels, and what "
    "is left over, each by an ideal entropy coder. The best of the codes of k units (top-K, BatchTopK, circuits, "
    "matching pursuit, OMP on the circuit's weights) against principal components, each with the k, or number, that "
    "takes the least bits on patterns held out; dense, soft (L1) and LASSO beside. Also data without sparse "
    "structure: Gaussian noise, and 8 dense factors.",
    endpoint=Endpoint(
        "bits of a code of k units over PCA, each of its best size, less 1", "share", 0.02, quantifier="some"
    ),
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
        "are made from as few. Cycles are tried with all but the smallest and largest k; models are tuned at the "
        "common k, not at each.",
    ),
)
