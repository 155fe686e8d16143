"""Interpretable, localised features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.needed import needed
from comparisons.measuring.rows import rates_Hz
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, RANDOM, TIED, TOPK
from selective_firing import measures

__all__ = ["CLAIM"]

GABOR, CYCLES_LEAST, N_FITTED = 0.7, 0.2, 48
"""R^2 above which weights count as a Gabor function; cycles in a standard deviation of its envelope that make it
band-pass; units that are fitted (every n-th of those alive)."""
PRINCIPAL = "principal components"


def observe(lab: Lab) -> Observation:
    """Return how local, how Gabor-like and how pure the units of each model are; dead units are left out.

    Parameters
    ----------
    lab : Lab
    """
    X, shape, rows = lab.data.X_test, needed(lab.data.image_shape, "an image shape"), []
    for name in (TOPK, CIRCUIT, CYCLES, TIED, DENSE, RANDOM, *lab.guests):
        model = lab.fit(name)
        code = model.transform(X)
        alive = (code > 0).any(axis=0)
        row: dict[str, Any] = {"model": name} | _shapes(model.components_[alive], shape, lab.dataset)
        if lab.data.y_test is not None:
            rates = rates_Hz(model, code, lab.data)
            row["class purity"] = float(np.nanmean(measures.class_purity(rates, lab.data.y_test)))
        rows.append(row)
    components = PCA(min(lab.scene.n_hidden, X.shape[1])).fit(lab.data.X_train).components_
    rows.append({"model": PRINCIPAL} | _shapes(components, shape, lab.dataset))
    table = pd.DataFrame(rows)
    tables = {"Receptive fields": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how much a model's weights fall on fewer inputs than the dense one's.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    ratio = tables["Receptive fields"].set_index("model")["participation ratio"]
    return float(ratio[DENSE] - ratio[name])


def _shapes(components: np.ndarray, image_shape: tuple[int, int], dataset: str) -> dict[str, float]:
    found = {
        "participation ratio": float(np.nanmean(measures.participation_ratio(components))),
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


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
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
    claim="k-sparse coding learns interpretable, localised features.",
    design="Decoding weights of the units that are alive: the effective share of inputs they fall on, top-K "
    "against dense of equal width; Gabor fits on natural patches, class purity on digits; random weights and "
    "principal components beside.",
    endpoint=Endpoint("participation ratio of decoding weights, dense less top-K", "share of inputs", 0.05),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effect=effect,
    invites=True,
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
