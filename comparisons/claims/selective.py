"""Selective firing: few units per stimulus, and few stimuli per unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, against
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, pixels, same_error
from comparisons.measuring.encoding import encode
from comparisons.measuring.rows import measured, rates_Hz
from comparisons.rivals.registry import BATCH, CIRCUIT, CYCLES, DENSE, INPUT, PURSUIT, RANDOM, TIED, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "explained"]

CORTEX = pd.DataFrame(
    [
        ("cortex, limit set by energy", "possibly fewer than 0.01", "Lennie 2003, Curr Biol 13:493"),
        ("cortex, best use of energy", "at most 0.15", "Attwell & Laughlin 2001, J Cereb Blood Flow Metab 21:1133"),
        ("mixed selectivity, optimum", "about 0.1", "Barak, Rigotti & Fusi 2013, J Neurosci 33:3844"),
    ],
    columns=["tissue", "active fraction", "source"],
)
"""Published fractions of active cells, as their abstracts give them."""


CLASS, RELIABLE = "class information", "reliability"
NOISE, N_STIMULI, N_REPEATS = 0.5, 100, 6
"""Of the repeats: standard deviation relative to that of the inputs, stimuli, and how often each is shown."""
N_LABELLED, N_UNITS = 1000, 128
"""Stimuli, and units of a model (every n-th), whose class information is computed."""


def observe(lab: Lab) -> Tables:
    """Return sparseness and selectivity of every model at the same k, and of families from coarse to fine."""
    rows = []
    names = (TOPK, CIRCUIT, CYCLES, TIED, BATCH, PURSUIT, DENSE, RANDOM, *lab.guests)
    for name, model in ({one: lab.fit(one) for one in names} | {INPUT: pixels(lab)}).items():
        encoding = encode(model, lab.data.X_test)
        rates = rates_Hz(model, encoding.code, lab.data)
        row = measured(model, encoding, rates, lab.data, seed=lab.seed)
        kept = ("n_active", "active_fraction", "population_sparseness", "lifetime_sparseness", "gini",
                "dead_fraction")  # fmt: skip
        found = {"model": name} | _selectivity(lab, model) | {key: row[key] for key in kept}
        if "class_selectivity" in row:
            found["class selectivity"] = row["class_selectivity"]
            found["beyond shuffled labels"] = row["class_selectivity"] - row["class_selectivity_shuffled"]
        rows.append(found)
    families = family_rows(lab, lambda model: _selectivity(lab, model))
    return {"Sparseness and selectivity": pd.DataFrame(rows), "Families": families}


def _selectivity(lab: Lab, model: Autoencoder) -> dict[str, float]:
    """Return error, reliability over noisy repeats, and which share of a unit's entropy the class explains."""
    X, data = lab.data.X_test, lab.data
    code = model.transform(X)
    noise = lab.rng.standard_normal((N_REPEATS, *X[:N_STIMULI].shape))
    noisy = X[:N_STIMULI] + NOISE * lab.rms * noise
    repeats = model.transform(noisy.reshape(-1, X.shape[1])).reshape(*noisy.shape[:2], -1)
    found = {"nmse": lab.nmse(model, code), RELIABLE: measures.repeat_reliability(repeats)}
    if data.y_test is not None:
        found[CLASS] = explained(code[:N_LABELLED], data.y_test[:N_LABELLED])
    return found


def explained(code: np.ndarray, labels: np.ndarray) -> float:
    """Return which share of the entropy of a unit's being active the class explains, beyond shuffles; mean of units.

    Units that are always or never active have no entropy, and count 0.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_units)
    labels : ndarray of shape (n_samples,)

    Examples
    --------
    >>> labels = np.repeat([0, 1], 50)
    >>> round(explained(np.stack([labels, 1 - labels, np.ones(100)], axis=1), labels), 2)  # two know all, one nothing
    0.66
    """
    few = code[:, :: max(1, -(-code.shape[1] // N_UNITS))]
    duty = (few > 0).mean(axis=0)
    varying = (duty > 0) & (duty < 1)
    if not varying.any():
        return 0.0
    entropy = -(duty * np.log2(np.where(varying, duty, 1)) + (1 - duty) * np.log2(np.where(varying, 1 - duty, 1)))
    bits = measures.class_information_beyond_shuffles(few[:, varying], labels)
    return float((bits / entropy[varying]).sum() / few.shape[1])


def _values(tables: Tables, name: str, measure: str) -> dict[str, float]:
    """Return a measure of a model, of families that err as much, and of others."""
    table = tables["Sparseness and selectivity"].set_index("model")
    same = same_error(tables["Families"], float(table.loc[name, "nmse"]), measure)
    others = {one: float(table.loc[one, measure]) for one in (RANDOM, CIRCUIT, CYCLES, DENSE, INPUT)}
    return {name: float(table.loc[name, measure])} | same | others


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the reliability of a model, of families that err as much, and of others."""
    return _values(tables, name, RELIABLE)


def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
    """Return by how much units of a model are more reliable, and know more of the class, than those of its rivals."""
    parts, table = [], tables["Sparseness and selectivity"]
    for measure in (RELIABLE, CLASS):
        if measure in table and table.set_index("model")[measure].notna()[name]:
            found = _values(tables, name, measure)
            part = against(found[name], {one: found[one] for one in (RANDOM, *SAME.values())})
            parts.append(part.assign(measure=measure))
    return pd.concat(parts, ignore_index=True)


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    table = tables["Sparseness and selectivity"]
    columns = {
        "active_fraction": "active units (share)",
        RELIABLE: "reliability over\nnoisy repeats",
    }
    if CLASS in table:
        columns[CLASS] = "entropy that the\nclass explains (share)"
    return {"Share of active units, reliability and class information of each model": dots(table, columns)}


def read(tables: Tables) -> str:
    """Return how the shares compare with published ones."""
    table = tables["Sparseness and selectivity"]
    shares = table[table["model"] == CIRCUIT].set_index("dataset")["active_fraction"]
    found = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
    words = "; ".join(f"{row[1]}: {row[2]} ({row[3]})" for row in CORTEX.itertuples())
    return f"The circuit's share of active units is set by k: {found}. Published: {words}."


CLAIM = Claim(
    name="selective",
    title="Selective firing",
    claim="Units of learned k-sparse codes fire selectively: to the same stimuli each time, and to those of a class.",
    design="Two measures that, unlike lifetime sparseness, depend on which stimuli a unit is active to: its "
    "reliability over six noisy repeats, and, where there are labels, the share of the entropy of its being active "
    "that the class explains beyond shuffles, which keep its duty cycle. Top-K against random weights with the same k, "
    "width and sort, and dense, principal and soft (L1) codes of the same error; both measures must agree.",
    endpoint=Endpoint("reliability, or class information, of a unit: top-K less a rival", "share", 0.02),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effects=effects,
    invites=True,
    levels=levels,
    level="reliability",
    draw=draw,
    read=read,
    caveats=(
        "Population sparseness is fixed by k, and lifetime sparseness nearly so: they are beside it, and no endpoints.",
        "Class selectivity is inflated for rarely active units: hence shuffled labels and random weights beside it. "
        "Dead units have no sparseness, and are counted apart.",
    ),
)
