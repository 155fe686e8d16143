"""Better disentanglement: units that stand for the factors behind the stimuli."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.needed import needed
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, RANDOM, TIED, TOPK
from selective_firing import measures

__all__ = ["CLAIM"]


def observe(lab: Lab) -> Observation:
    """Return how well units follow the bars, and how stable features are over starts.

    Parameters
    ----------
    lab : Lab
    """
    rows = []
    for name in (TOPK, CIRCUIT, CYCLES, TIED, DENSE, RANDOM, *lab.guests):
        model = lab.fit(name)
        row: dict[str, Any] = {"model": name, "stability over starts": lab.stability(name)}
        code, factors = model.transform(lab.data.X_test), needed(lab.data.factors_test, "known factors")
        row["factor recovery"] = measures.factor_recovery(code, factors)
        row["MIG"] = measures.mutual_information_gap(code, factors)
        row |= {f"DCI {part}": value for part, value in measures.dci(code, factors, lab.rng).items()}
        rows.append(row)
    table = pd.DataFrame(rows)
    tables = {"Factors": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how much better a model's units follow the factors than the dense one's.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    recovery = tables["Factors"].set_index("model")["factor recovery"]
    return float(recovery[name] - recovery[DENSE])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    words = {
        "factor recovery": "factor recovery\n(matched correlation)", "MIG": "mutual\ninformation gap",
        "DCI disentanglement": "DCI\ndisentanglement",
        "stability over starts": "stability over starts\n(matched cosine)",
    }  # fmt: skip
    return {"Factor recovery, MIG, DCI and stability of each model on bars": dots(tables["Factors"], words)}


CLAIM = Claim(
    name="disentangled",
    title="Disentangled",
    claim="k-sparse codes disentangle the factors behind the data better than dense ones.",
    design="Bars that are present independently of each other, the only data here whose factors are known: mean "
    "absolute correlation of each bar with a unit of its own, top-K less dense of equal width; MIG and DCI, and "
    "features of two starts.",
    endpoint=Endpoint("factor recovery, top-K less dense", "correlation", 0.05),
    data_sets=("bars",),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    caveats=("One synthetic data set, made of parts: a friendly case for sparse codes.",),
)
