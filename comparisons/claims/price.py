"""The price of competition: what it costs the circuit that it cannot sort."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables
from comparisons.lab.drawing import dots
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.accounts import AXES, REFERENCE, SHARES, accounts
from comparisons.measuring.encoding import Encoding, by_circuit, by_sort, encode
from comparisons.measuring.rows import inference
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE
from selective_firing.datasets import Dataset
from selective_firing.energy import ITEMS, interneurons
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

SORT = "a sort, same weights"
AS_IT_IS = "inhibition starts high"
VARIANTS: dict[str, dict[str, Any]] = {
    AS_IT_IS: {},
    "inhibition builds up": {"inhibition_start": "zero"},
    "threshold inhibition, starts high": {"inhibition": "threshold"},
    "threshold inhibition, builds up": {"inhibition": "threshold", "inhibition_start": "zero"},
}
EXTRA = "beyond the input, over a sort"
N_STIMULI = 500


def observe(lab: Lab) -> Tables:
    """Return what every kind of competition costs over a sort on the same weights, and where dense costs as much."""
    X, k, data = lab.data.X_test[:N_STIMULI], lab.scene.k, lab.data.head(N_STIMULI)
    model, cyclic = lab.fit(CIRCUIT), lab.fit(CYCLES)

    def counted(one: Autoencoder, encoding: Encoding) -> pd.DataFrame:
        return accounts(one, encoding, data, lab.gain)

    ideal = counted(model, by_sort(model, X, k))
    encodings = {name: by_circuit(model, X, k, replace(RateParameters(), **VARIANTS[name])) for name in VARIANTS}
    ways = {name: counted(model, encoding) for name, encoding in encodings.items()}
    n = lab.scene.n_hidden
    shares = {share: interneurons(n, relative) / n for share, relative in SHARES.items()}
    encodings["four cycles"] = encode(cyclic, X)
    ways["four cycles"] = counted(cyclic, encodings["four cycles"])
    spent = {
        name: table.assign(sort=ideal["cost"], share=table["interneurons"].map(shares)) for name, table in ways.items()
    }
    rows = [{"variant": name} | _row(encodings[name], table) for name, table in spent.items()]
    return {
        "Kinds of competition": pd.DataFrame(rows),
        "The circuit's ledger": _ledger(model, encodings[AS_IT_IS], data),
        "By every way to count": pd.concat([table.assign(variant=name) for name, table in spent.items()]),
        "Break-even with dense": _break_even(lab),
    }


def _ledger(model: Autoencoder, encoding: Encoding, data: Dataset) -> pd.DataFrame:
    """Return the mean count of each item per stimulus, with interneurons for each share of the hidden units."""
    counts = {
        f"{share} interneurons": inference(model, encoding, data, None, interneurons(len(model.bias_), relative))[
            "neural"
        ]
        for share, relative in SHARES.items()
    }
    table = pd.DataFrame(counts).astype(float).reset_index(names="item")
    table.insert(1, "unit", [ITEMS[item].unit for item in table["item"]])
    return table


def _row(encoding: Encoding, spent: pd.DataFrame) -> dict[str, float]:
    """Return how a competition went, and what it costs over a sort: the first way to count, the least and the most."""
    response, extra = encoding.simulated, spent["cost"] / spent["sort"] - 1
    return {
        "settling time (ms)": float(response.settling_time_ms.mean()),
        "units recruited": float(response.n_recruited.mean()),
        "settled": float(response.settled.mean()),
        "active units": float(response.n_active.mean()),
        EXTRA: float(extra.iloc[0]),
        f"{EXTRA}, least": float(extra.min()),
        f"{EXTRA}, most": float(extra.max()),
    }


def _break_even(lab: Lab) -> pd.DataFrame:
    """Return at which k the circuit costs as much beyond the input as a dense layer of equal width does."""
    data, X = lab.data.head(N_STIMULI), lab.data.X_test[:N_STIMULI]

    def cost(model: Autoencoder) -> float:
        return float(accounts(model, encode(model, X), data, lab.gain)["cost"].iloc[0])

    limit, spent = cost(lab.fit(DENSE)), [cost(lab.fit(CIRCUIT, k=k)) for k in lab.scene.ks]
    slope, intercept = np.polyfit(lab.scene.ks, spent, 1)
    found = {
        "G ATP of dense": limit,
        "G ATP for each further winner": slope,
        "break-even k": (limit - intercept) / slope,
    }
    return pd.DataFrame([{"what": "circuit against dense"} | {name: float(value) for name, value in found.items()}])


def effects(tables: Tables, name: str = CIRCUIT, dataset: str = "") -> pd.DataFrame:
    """Return what the circuit costs over a sort, by every way to count that tells them apart.

    Circuit and sort have the same weights, and the gain is the circuit's: both rules for rates are one here.
    """
    table = tables["By every way to count"]
    mine = table[(table["variant"] == AS_IT_IS) & (table["rates"] == REFERENCE["rates"])]
    axes = [axis for axis in AXES if axis != "rates"]
    return mine[axes].assign(rival=SORT, effect=mine["cost"] / mine["sort"] - 1).reset_index(drop=True)


def levels(tables: Tables, name: str = CIRCUIT, dataset: str = "") -> dict[str, float]:
    """Return what a sort and every kind of competition cost: the first way to count."""
    table = tables["By every way to count"].groupby("variant", sort=False).first()
    return {SORT: float(table["sort"].iloc[0])} | {str(variant): float(cost) for variant, cost in table["cost"].items()}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figure."""
    table = tables["Kinds of competition"]
    words = {
        EXTRA: "cost beyond the input,\nover a sort (share)",
        "settling time (ms)": "settling\ntime (ms)",
        "units recruited": "units recruited",
    }
    return {"Cost over an ideal sort, settling time and units recruited, by kind of competition": dots(
        table, words, rows="variant"
    )}  # fmt: skip


def read(tables: Tables) -> str:
    """Return with how many interneurons the price passes the margin: it is straight in their number."""
    table, words = tables["By every way to count"], []
    mine = table[(table["variant"] == AS_IT_IS) & (table["rates"] == REFERENCE["rates"])]
    for dataset, part in mine.groupby("dataset", sort=False):
        passed = {}
        for (prices, rest), way in part.groupby(["prices", "rest"], sort=False):
            slope, start = np.polyfit(way["share"], way["cost"] / way["sort"] - 1, 1)
            passed[f"{prices}, {rest} rest"] = (CLAIM.endpoint.margin - start) / slope if slope > 0 else np.inf
        ends = [f"{_share(passed[way])} ({way})" for way in (min(passed, key=passed.__getitem__),
                                                            max(passed, key=passed.__getitem__))]  # fmt: skip
        words.append(f"{dataset}: {' to '.join(dict.fromkeys(ends))}.")
    return "Interneurons, as a share of the hidden units, with which the price passes the margin: " + " ".join(words)


def _share(share: float) -> str:
    return "none at all" if share <= 0 else "more than there are hidden units" if share > 1 else f"{share:.1%}"


CLAIM = Claim(
    name="price",
    title="The price of competition",
    claim="Picking k winners by inhibition costs a circuit noticeably more than an ideal sort would.",
    design="The circuit against a sort on the very same weights and stimuli: all that inference costs beyond the "
    "input's own spikes in 100 ms: interneurons for as long as winners fire, losers' transients, longer presentations. "
    "Every table of prices, 1, 10 and 20 % interneurons, with and without rest; all must agree. "
    "Beside it inhibition that builds up, four cycles, and the k at which a dense layer costs no more.",
    endpoint=Endpoint("extra cost beyond the input, circuit over a sort on the same weights", "share", 0.1),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=effects,
    on_trial=CIRCUIT,
    others=(),
    levels=levels,
    level=f"G ATP beyond the input ({REFERENCE['prices']})",
    draw=draw,
    read=read,
    caveats=("Ours, not the textbook's. A sort has no neural counterpart: the comparison is with a lower bound. Four "
             "cycles have weights of their own, learned with cycles, and reconstruct better.",),
)  # fmt: skip
