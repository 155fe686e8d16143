"""Better reconstruction, worse features: whether codes that explain away find less of what the patterns are made of."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.scenes import KNOWN
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, MATRYOSHKA, OMP_DICTIONARY, PURSUIT, SWAPS, TOPK
from comparisons.studies.features.study import CIRCUITS, MEASURES, recovered
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

AS_TUNED = {MATRYOSHKA: BATCH, OMP_DICTIONARY: PURSUIT}
"""Models that have no search of their own, and whose settings they take: the same arguments do the same there."""
AWAY, SORTS = (SWAPS, CYCLES, PURSUIT, OMP_DICTIONARY), (TOPK, BATCH, MATRYOSHKA, CIRCUIT)
"""Codes that explain away, and codes that pick all units at once."""
F1 = MEASURES["support_f1"]


def observe(lab: Lab) -> Tables:
    """Return error, and what was found of the true features, of codes that explain away and of others."""
    rows = []
    for name in (*AWAY, *SORTS, *lab.guests):
        model = _fitted(lab, name)
        code = model.transform(lab.data.X_test)
        found = recovered(model.components_, code, model.inverse_transform(code), lab.data)
        rows.append({"model": name} | {words: found[measure] for measure, words in MEASURES.items()})
    return {"Error and true features": pd.DataFrame(rows)}


def _fitted(lab: Lab, name: str) -> Autoencoder:
    if name == SWAPS:
        own = CIRCUITS["4 swaps"]
        return lab.fit(
            CIRCUIT, parameters=own.parameters, learning_rate=own.learning_rate, homeostasis=own.homeostasis,
            k_start=None,
        )  # fmt: skip
    return lab.fit(name, **lab.tuned.get(AS_TUNED.get(name, ""), {}))


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the F1 of each model's code."""
    found = tables["Error and true features"].set_index("model")[F1]
    return {one: float(found[one]) for one in dict.fromkeys((name, *found.index))}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    shown = {words: words for words in MEASURES.values()}
    return {"Error, and what was found of the true features, by each model": dots(*tables.values(), shown)}


def read(tables: Tables) -> str:
    """Return who errs least, and whose code tells most, on each data set."""
    words = []
    for dataset, part in tables["Error and true features"].groupby("dataset", sort=False):
        rows = part.set_index("model")
        least, most = rows["NMSE"].idxmin(), rows[F1].idxmax()
        words.append(
            f"On {dataset} {least} errs least (NMSE {rows.loc[least, 'NMSE']:.3f}, F1 {rows.loc[least, F1]:.2f}); the "
            f"code of {most} tells most (NMSE {rows.loc[most, 'NMSE']:.3f}, F1 {rows.loc[most, F1]:.2f})."
        )
    return " ".join(words)


CLAIM = Claim(
    name="worse_features",
    title="Better reconstruction, worse features",
    claim="Codes that explain away reconstruct better, but find fewer of the features that the patterns are made of.",
    design="Sums of six known features out of 64 in 32 dimensions, for which there are units enough, and out of 256 of "
    "which most are too rare to have a unit of their own (as where matching pursuit was found to fail): F1 of the "
    "code's support, units matched with features one to one. On trial is the circuit with four rounds of lateral "
    "swaps, against codes that pick all their units at once.",
    endpoint=Endpoint("F1 of the code, circuit with swaps less a rival", "F1", -0.05, "below"),
    data_sets=KNOWN,
    observe=observe,
    effects=over(levels, SORTS),
    on_trial=SWAPS,
    others=(CYCLES, PURSUIT, OMP_DICTIONARY),
    invites=True,
    levels=levels,
    level="F1 of the code's support",
    draw=draw,
    read=read,
    caveats=(
        "Patterns are exact sums of features; whether those of a brain's stimuli are is not known.",
        "Matryoshka learns with what was found for BatchTopK, the dictionary for OMP with what was found for MP-SAE; "
        "the circuit with swaps has its defaults.",
    ),
)
