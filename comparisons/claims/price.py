"""The price of competition: what it costs the circuit that it cannot sort."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import dots
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import Encoding, by_circuit, by_sort, encode
from comparisons.measuring.rows import inference
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE
from selective_firing.energy.items import ITEMS
from selective_firing.energy.prices import NEURAL
from selective_firing.parameters import RateParameters

__all__ = ["CLAIM"]

BEYOND = f"ATP beyond the input ({NEURAL[1].name})"
VARIANTS: dict[str, dict[str, Any]] = {
    "inhibition starts high": {},
    "inhibition builds up": {"inhibition_start": "zero"},
    "threshold inhibition, starts high": {"inhibition": "threshold"},
    "threshold inhibition, builds up": {"inhibition": "threshold", "inhibition_start": "zero"},
}
N_STIMULI = 500


def observe(lab: Lab) -> Observation:
    """Return what every kind of competition costs over a sort on the same weights, and where dense costs as much.

    Parameters
    ----------
    lab : Lab
    """
    X, k, data = lab.data.X_test[:N_STIMULI], lab.scene.k, lab.data.head(N_STIMULI)
    model = lab.fit(CIRCUIT)
    ideal = costs(model, by_sort(model, X, k), data)
    rows, items = [], []
    for variant, changes in VARIANTS.items():
        encoding = by_circuit(model, X, k, replace(RateParameters(), **changes))
        rows.append({"variant": variant} | _row(lab, encoding, costs(model, encoding, data), ideal))
        if not changes:
            items = inference(model, encoding, data)["neural"].astype(float).reset_index()
            items.insert(1, "unit", [ITEMS[item].unit for item in items["item"]])
    cyclic = lab.fit(CYCLES)
    encoding = encode(cyclic, X)
    rows.append({"variant": "four cycles"} | _row(lab, encoding, costs(cyclic, encoding, data), ideal))
    table = pd.DataFrame(rows)
    price = table.set_index("variant")[f"{BEYOND}, over a sort"]["inhibition starts high"]
    tables = {"Kinds of competition": table, "The circuit's ledger": items, "Break-even with dense": _break_even(lab)}
    return Observation(float(price), tables)


def _row(lab: Lab, encoding: Encoding, spent: dict[str, float], ideal: dict[str, float]) -> dict[str, float]:
    response = encoding.simulated
    names = [name for name in spent if name.startswith("ATP beyond")]
    return {
        "settling time (ms)": float(response.settling_time_ms.mean()),
        "units recruited": float(response.n_recruited.mean()),
        "settled": float(response.settled.mean()),
        "active units": float(response.n_active.mean()),
    } | {f"{name}, over a sort": spent[name] / ideal[name] - 1 for name in names}


def _break_even(lab: Lab) -> pd.DataFrame:
    """Return at which k the circuit costs as much beyond the input as a dense layer of equal width does."""
    data, X = lab.data.head(N_STIMULI), lab.data.X_test[:N_STIMULI]
    dense = lab.fit(DENSE)
    limit = costs(dense, encode(dense, X), data)[BEYOND]
    models = {k: lab.fit(CIRCUIT, k=k) for k in lab.scene.ks}
    spent = [costs(model, encode(model, X), data)[BEYOND] for model in models.values()]
    slope, intercept = np.polyfit(list(models), spent, 1)
    found = {"ATP of dense": limit, "ATP for each further winner": slope, "break-even k": (limit - intercept) / slope}
    return pd.DataFrame([{"what": "circuit against dense"} | {name: float(value) for name, value in found.items()}])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figure.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Kinds of competition"]
    words = {
        f"{BEYOND}, over a sort": "ATP beyond the input,\nover a sort (share)",
        "settling time (ms)": "settling\ntime (ms)",
        "units recruited": "units recruited",
    }
    return {"Cost over an ideal sort, settling time and units recruited, by kind of competition": dots(
        table, words, rows="variant"
    )}  # fmt: skip


CLAIM = Claim(
    name="price",
    title="The price of competition",
    claim="Picking k winners by inhibition costs a circuit noticeably more than an ideal sort would.",
    design="The circuit against a sort on the very same weights and stimuli: ATP per stimulus beyond the input's "
    f"own spikes ({NEURAL[1].name}): inhibition, losers' transients, longer presentations. Beside it inhibition "
    "that starts high or builds up, four cycles, and the k at which a dense layer costs no more.",
    endpoint=Endpoint("extra ATP beyond the input, circuit over a sort on the same weights", "share", 0.1),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    draw=draw,
    caveats=("Ours, not the textbook's. A sort has no neural counterpart: the comparison is with a lower bound. Four "
             "cycles have weights of their own, learned with cycles, and reconstruct better.",),
)  # fmt: skip
