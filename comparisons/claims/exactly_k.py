"""Exactly k units are active, whatever the input and however many hidden units there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables
from comparisons.lab.drawing import curves, dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.agreement import agreement, robustness
from comparisons.measuring.encoding import by_circuit, by_sort, by_threshold
from comparisons.rivals.registry import CIRCUIT, CYCLES, TOPK
from selective_firing import measures
from selective_firing.parameters import RateParameters, SpikingParameters

__all__ = ["CLAIM"]

N_PHASE, N_SPIKING = 100, 200
"""Test stimuli for each cell of the phase diagram, and for the spiking circuit."""
RIGHT = "k or all driven"
STRESS: dict[str, dict[str, Any]] = {
    "none": {}, "delay 2 ms": {"loop_delay": 2.0}, "noise 0.01": {"noise": 0.01},
    "unequal, CV 0.03": {"threshold_cv": 0.03},
}  # fmt: skip
SLOWER: dict[str, dict[str, Any]] = {
    "inhibition delayed by 2 ms": {"loop_delay": 2.0},
    "decisions held for 20 ms": {"hold": 20.0},
}
"""What only a circuit meets: a sort knows no time."""
GAPS = ("smallest", "small", "large", "largest")


def observe(lab: Lab) -> Tables:
    """Return the share of stimuli with exactly k active units under every condition."""
    conditions = pd.DataFrame(
        row | {"model": name} for name in (CIRCUIT, TOPK, CYCLES) for row in _conditions(lab, name)
    )
    circuit = lab.fit(CIRCUIT)
    tables = {"Exactly k, by condition": conditions, "Encoders at equal mean k": _encoders(lab)}
    if _has_phases(lab):
        few = lab.data.X_test[:N_PHASE]
        phases = robustness(circuit, few, lab.scene.k, seed=lab.seed)
        phases["value"] = phases["value"].map("{:g}".format)
        tables |= {"Phase diagram": phases, "By gap": _by_gap(lab)}
    return tables


def _has_phases(lab: Lab) -> bool:
    return lab.seed - lab.settings.seed < lab.settings.n_phases


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the share of stimuli to which k units, or all that are driven, are active, in the worst condition."""
    worst = tables["Exactly k, by condition"].groupby("model", sort=False)[RIGHT].min()
    others = tables["Encoders at equal mean k"].set_index("encoder")["exactly k"]
    return {name: float(worst[name]), "exactly k": float(_worst(tables, name))} | {
        one: float(others[one]) for one in ("inhibition, cells that spike", "fixed threshold", "E%-max")
    }


def _worst(tables: Tables, name: str) -> float:
    table = tables["Exactly k, by condition"]
    return float(table.loc[table["model"] == name, "exactly k"].min())


def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
    """Return the share of stimuli to which as many units are active as a sort of the same drives keeps."""
    return pd.DataFrame({"rival": ["a sort of its drives"], "effect": [levels(tables, name)[name]]})


def _conditions(lab: Lab, name: str) -> list[dict[str, Any]]:
    """Return a row for each width, k, brightness and, of the circuit, delay and hold; one is changed at a time."""
    n, k, X = lab.scene.n_hidden, lab.scene.k, lab.data.X_test
    rows = []
    for condition, changes, brightness in [
        ("as designed", {}, 1.0),
        ("half the width", {"n_hidden": n // 2}, 1.0),
        ("twice the width", {"n_hidden": 2 * n}, 1.0),
        ("half of k", {"k": k // 2}, 1.0),
        ("twice k", {"k": 2 * k}, 1.0),
        ("brightness / 2", {}, 0.5),
        ("brightness x 2", {}, 2.0),
    ]:
        if name == CYCLES and changes:  # cycles are on trial elsewhere
            continue
        model = lab.fit(name, **changes)
        code, wanted = model.transform(brightness * X), changes.get("k", k)
        rows.append({"condition": condition} | _kept(code, model.drive(brightness * X), wanted))
    if name == CIRCUIT:
        model = lab.fit(name)
        for condition, slower in SLOWER.items():
            code = by_circuit(model, X, k, replace(RateParameters(), **slower)).code
            rows.append({"condition": condition} | _kept(code, model.drive(X), k))
    return rows


def _kept(code: np.ndarray, drive: np.ndarray, k: int) -> dict[str, float]:
    """Return how many units are active, and whether they are as many, and the same, as a sort of the drives keeps."""
    n_active, top = (code > 0).sum(axis=1), agreement(code > 0, drive, k)
    return {
        "exactly k": float((n_active == k).mean()),
        RIGHT: top["exact_fraction"],
        "active units": float(n_active.mean()),
        "spread of active units": float(n_active.std()),
        "overlap with top k": top["jaccard"],
    }


def _encoders(lab: Lab) -> pd.DataFrame:
    """Return what other ways to a sparse code do with the circuit's weights, calibrated to k units on average."""
    model, k = lab.fit(CIRCUIT), lab.scene.k
    X, learned = lab.data.X_test[:N_SPIKING], lab.data.X_train[:2000]
    codes = {
        "sort": by_sort(model, X, k).code,
        "inhibition": by_circuit(model, X, k).code,
        "inhibition, cells that spike": by_circuit(model, X, k, SpikingParameters(presentation=40.0)).code,
        "fixed threshold": by_threshold(model, X, learned, k).code,
        "E%-max": by_threshold(model, X, learned, k, relative=True).code,
    }
    rows = []
    for encoder, code in codes.items():
        n_active = (code > 0).sum(axis=1)
        row = {"encoder": encoder, "exactly k": float((n_active == k).mean()), "active units": float(n_active.mean())}
        row |= {"spread of active units": float(n_active.std()), "nmse": lab.nmse(model, code, X)}
        rows.append(row | {"overlap with top k": agreement(code > 0, model.drive(X), k)["jaccard"]})
    return pd.DataFrame(rows)


def _by_gap(lab: Lab) -> pd.DataFrame:
    """Return how k and the winners fare where the k-th drive is close to the next, and where it is not."""
    model, k, X = lab.fit(CIRCUIT), lab.scene.k, lab.data.X_test[: 2 * N_PHASE]
    drive = model.drive(X)
    ranked = -np.sort(-drive, axis=1)
    gap = (ranked[:, k - 1] - ranked[:, k]) / np.maximum(ranked[:, k - 1], 1e-12)
    quarter = 4 * np.argsort(np.argsort(gap, kind="stable"), kind="stable") // gap.size
    top = by_sort(model, X, k).code > 0
    rows = []
    for stress, changes in STRESS.items():
        parameters = replace(RateParameters(), **changes)
        winners = by_circuit(model, X, k, parameters, rng=np.random.default_rng(lab.seed)).code > 0
        right, same = winners.sum(axis=1) == top.sum(axis=1), measures.jaccard(winners, top)
        rows += [{"stress": stress, "gap": words, RIGHT: float(right[quarter == place].mean()),
                  "overlap with top k": float(same[quarter == place].mean())}
                 for place, words in enumerate(GAPS)]  # fmt: skip
    return pd.DataFrame(rows)


def draw(tables: Tables) -> dict[str, Figure]:
    """Return figures of conditions, encoders and the phase diagram."""
    rows = tables["Exactly k, by condition"]
    figures = {
        "Share of test stimuli with exactly k active units in the circuit, by condition": dots(
            rows[rows["model"] == CIRCUIT],
            {"exactly k": "stimuli with exactly k\nactive units (share)", "overlap with top k": "overlap with top k"},
            rows="condition",
        ),
        "Ways to a sparse code at equal mean k: how often exactly k units are active, and who they are": dots(
            tables["Encoders at equal mean k"],
            {"exactly k": "exactly k (share)", "spread of active units": "spread of active\nunits (SD)",
             "overlap with top k": "overlap with top k"},
            rows="encoder",
        ),
    }  # fmt: skip
    if "Phase diagram" in tables:
        phases = tables["Phase diagram"].assign(value=lambda table: table["value"].astype(float))
        for measure, words in (("exact_fraction", "k active (share)"), ("jaccard", "overlap with top k")):
            figures[f"Phase diagram, {words}, against loop delay (ms), noise and spread of thresholds"] = curves(
                phases[phases["dataset"] == phases["dataset"].iloc[0]], "value", measure,
                {measure: words, "value": "value"}, hue="inhibition", panels="assumption",
            )  # fmt: skip
    return figures


def read(tables: Tables) -> str:
    """Return how the sort fares under the same conditions, and how often the circuit does as a sort would."""
    table, words = tables["Exactly k, by condition"], []
    for dataset, part in table.groupby("dataset", sort=False):
        worst = part.groupby("model")[["exactly k", RIGHT]].min()
        ours, sort, right = worst.loc[CIRCUIT, "exactly k"], worst.loc[TOPK, "exactly k"], worst.loc[CIRCUIT, RIGHT]
        words.append(
            f"{dataset}: circuit {ours:.1%}, top-K's sort {sort:.1%}; circuit, as many as a sort: {right:.1%}."
        )
    return "Exactly k in the worst condition (a sort has fewer where fewer drives are positive): " + " ".join(words)


CLAIM = Claim(
    name="exactly_k",
    title="Exactly k active",
    claim="Exactly k units are active, or all that are driven, whatever the input and the number of hidden units.",
    design="The circuit at half and twice its width, k and brightness of the stimuli, with inhibition delayed by 2 ms, "
    "and with decisions that must hold for 20 ms, against what a sort of its own drives keeps: k, or all that are "
    "driven; beside it exactly k, cycles, top-K, and, on the circuit's own weights, "
    "cells that spike, a fixed threshold and the E%-max rule, calibrated to k units on average.",
    endpoint=Endpoint("stimuli with k active units, or all driven ones, circuit, worst condition", "share", 0.95),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    depends=lambda lab: (_has_phases(lab),),
    effects=effects,
    on_trial=CIRCUIT,
    others=(CYCLES,),
    levels=levels,
    level="share of stimuli",
    draw=draw,
    read=read,
    caveats=(
        "Trivial for a sort, so the circuit is on trial. Where fewer than k units are driven no circuit and no sort "
        "has k positive ones; 'exactly k' among the references counts those as wrong.",
        "The phase diagram is drawn for the first data set, and made for the first seeds only.",
    ),
)
