"""Selective firing: few units per stimulus, and few stimuli per unit."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.encoding import encode
from comparisons.measuring.rows import measured, rates_Hz
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, RANDOM, TIED, TOPK

__all__ = ["CLAIM"]

CORTEX = pd.DataFrame(
    [
        ("cortex, limit set by energy", "possibly fewer than 0.01", "Lennie 2003, Curr Biol 13:493"),
        ("cortex, best use of energy", "at most 0.15", "Attwell & Laughlin 2001, J Cereb Blood Flow Metab 21:1133"),
        ("mixed selectivity, optimum", "about 0.1", "Barak, Rigotti & Fusi 2013, J Neurosci 33:3844"),
    ],
    columns=["tissue", "active fraction", "source"],
)
"""Published fractions of active cells, as their abstracts give them."""


def observe(lab: Lab) -> Observation:
    """Return sparseness and selectivity of every model at the same k.

    Parameters
    ----------
    lab : Lab
    """
    rows = []
    for name in (TOPK, CIRCUIT, CYCLES, TIED, DENSE, RANDOM, *lab.guests):
        model = lab.fit(name)
        encoding = encode(model, lab.data.X_test)
        rates = rates_Hz(model, encoding.code, lab.data)
        row = measured(model, encoding, rates, lab.data, seed=lab.seed)
        kept = ("nmse", "n_active", "active_fraction", "population_sparseness", "lifetime_sparseness", "gini",
                "dead_fraction")  # fmt: skip
        found = {"model": name} | {key: row[key] for key in kept}
        if "class_selectivity" in row:
            found["class selectivity"] = row["class_selectivity"]
            found["beyond shuffled labels"] = row["class_selectivity"] - row["class_selectivity_shuffled"]
        rows.append(found)
    table = pd.DataFrame(rows)
    lifetime = table.set_index("model")["lifetime_sparseness"]
    table["beyond random"] = ((table["lifetime_sparseness"] - lifetime[RANDOM]) / (1 - lifetime[RANDOM])).astype(float)
    tables = {"Sparseness and selectivity": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return how much of what random weights leave a model's lifetime sparseness takes.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    return float(tables["Sparseness and selectivity"].set_index("model")["beyond random"][name])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Sparseness and selectivity"]
    columns = {
        "active_fraction": "active units (share)",
        "lifetime_sparseness": "lifetime sparseness",
        "dead_fraction": "dead units (share)",
    }
    if "beyond shuffled labels" in table:
        columns["beyond shuffled labels"] = "class selectivity\nbeyond shuffled labels"
    return {"Share of active units, lifetime sparseness and class selectivity of each model": dots(table, columns)}


def read(tables: dict[str, pd.DataFrame]) -> str:
    """Return how the shares compare with published ones.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Summarised over seeds.
    """
    table = tables["Sparseness and selectivity"]
    shares = table[table["model"] == CIRCUIT].set_index("dataset")["active_fraction"]
    found = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
    words = "; ".join(f"{row[1]}: {row[2]} ({row[3]})" for row in CORTEX.itertuples())
    return f"The circuit's share of active units is set by k: {found}. Published: {words}."


CLAIM = Claim(
    name="selective",
    title="Selective firing",
    claim="Learned k-sparse codes fire selectively: few units per stimulus, and few stimuli per unit.",
    design="Top-K against random weights with the same k, width and sort, whose lifetime sparseness is already "
    "near 1 because each unit then wins rarely: what learning adds, as a share of what is left. Beside them the "
    "circuit with one and four cycles, its twin that sorts, and dense.",
    endpoint=Endpoint(
        "lifetime sparseness of top-K beyond that of random weights, of what these leave to 1", "share", 0.1
    ),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    read=read,
    caveats=(
        "Population sparseness is fixed by k, and lifetime sparseness nearly so: 'not supported' says that learning "
        "adds little to what a sort of random drives does, not that the code is unselective.",
        "Class selectivity is inflated for rarely active units: hence shuffled labels and random weights beside it. "
        "Dead units have no sparseness, and are counted apart.",
    ),
)
