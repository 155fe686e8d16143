"""Interpretable, localised features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, pixels, same_error, soft
from comparisons.measuring.needed import needed
from comparisons.measuring.rows import rates_Hz
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, DENSE, INPUT, PURSUIT, RANDOM, SOFT, TIED, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

GABOR, CYCLES_LEAST, N_FITTED = 0.7, 0.2, 48
"""R^2 above which weights count as a Gabor function; cycles in a standard deviation of its envelope that make it
band-pass; units that are fitted (every n-th of those alive)."""
RATIO = "participation ratio"


def observe(lab: Lab) -> Tables:
    """Return how local, how Gabor-like and how pure the units of each model are; dead units are left out."""
    X, shape, rows = lab.data.X_test, needed(lab.data.image_shape, "an image shape"), []
    models = {name: lab.fit(name) for name in (TOPK, CIRCUIT, CYCLES, TIED, BATCH, PURSUIT, DENSE, RANDOM, *lab.guests)}
    for name, model in (models | {SOFT: lab.fit(SOFT, **soft(lab)), INPUT: pixels(lab)}).items():
        code = model.transform(X)
        row: dict[str, Any] = {"model": name, "nmse": lab.nmse(model, code)}
        row |= _shapes(lab.alive(model), shape, lab.dataset)
        if lab.data.y_test is not None:
            rates = rates_Hz(model, code, lab.data)
            row["class purity"] = float(np.nanmean(measures.class_purity(rates, lab.data.y_test)))
        rows.append(row)

    def local(model: Autoencoder) -> dict[str, float]:
        ratio = measures.participation_ratio(lab.alive(model))
        return {"nmse": lab.nmse(model, model.transform(X)), RATIO: float(np.nanmean(ratio))}

    return {"Receptive fields": pd.DataFrame(rows), "Families": family_rows(lab, local)}


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the share of inputs that a model's weights fall on, of families of the same error, and of others."""
    table = tables["Receptive fields"].set_index("model")
    same = same_error(tables["Families"], float(table.loc[name, "nmse"]), RATIO)
    others = (CIRCUIT, CYCLES, PURSUIT, RANDOM, DENSE, INPUT)
    return {name: float(table.loc[name, RATIO])} | same | {one: float(table.loc[one, RATIO]) for one in others}


def _shapes(components: np.ndarray, image_shape: tuple[int, int], dataset: str) -> dict[str, float]:
    found = {
        RATIO: float(np.nanmean(measures.participation_ratio(components))),
        "spatial spread": float(np.nanmean(measures.spatial_spread(components, image_shape))),
    }
    if dataset == "patches":
        few = components[:: max(1, len(components) // N_FITTED)][:N_FITTED]
        fits = measures.gabor_fit(few, image_shape)
        wide = np.maximum(fits["along"], fits["across"])
        local = (wide > 1) & (wide < max(image_shape) / 3)
        found["Gabor fit alone"] = float(np.mean(fits["r2"] > GABOR))
        found["Gabor-like units"] = float(np.mean((fits["r2"] > GABOR) & local & (fits["cycles"] > CYCLES_LEAST)))
    return found


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    table = tables["Receptive fields"]
    words = {
        "participation ratio": "participation ratio of\nweights (share of inputs)",
        "spatial spread": "spatial spread\n(1: everywhere)",
        "Gabor-like units": f"local, oriented, band-pass:\nGabor fit R² > {GABOR} (share)",
        "class purity": "class purity\nof activity",
    }
    known = {name: text for name, text in words.items() if name in table}
    return {f"Receptive fields of each model: {', '.join(known)}": dots(table, known)}


CLAIM = Claim(
    name="localised",
    title="Localised features",
    claim="k-sparse coding learns localised features, more so than other codes that reconstruct as well.",
    design="Decoding weights of the units that are active for some training pattern: the effective share of inputs "
    "they fall on, top-K against dense, principal and soft (L1) codes of the same error, and random weights. Gabor "
    "fits on natural patches and class purity on digits beside it. The input itself is as local as can be, and no "
    "rival: it codes nothing.",
    endpoint=Endpoint(
        "participation ratio of decoding weights, top-K less a rival of the same error",
        "share of inputs",
        -0.05,
        "below",
    ),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=over(levels, (*SAME.values(), RANDOM)),
    invites=True,
    levels=levels,
    level="participation ratio",
    draw=draw,
    caveats=(
        f"Gabor fits are made for at most {N_FITTED} units of a model. The patches come from two photographs: the test "
        "patches from the right part of each, a demonstration rather than natural statistics.",
        "Blobs and gratings pass a Gabor fit: Gabor-like are those whose envelope is wider than a pixel and "
        "narrower than a third of the patch, with a wave of at least 0.2 cycles in its standard deviation. The "
        "participation ratio tells how few inputs weigh, wherever they lie; the spatial spread tells how near they "
        "are.",
        "Localised is not interpretable: no human has judged these features.",
    ),
)
