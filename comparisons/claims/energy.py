"""Efficient coding, less energy."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables
from comparisons.lab.drawing import curves
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, families, same_error
from comparisons.lab.scenes import SCENES
from comparisons.measuring.accounts import AXES, PRICES, REFERENCE, accounts
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import encode
from comparisons.measuring.front import at_error
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, PRINCIPAL, SOFT, TOPK
from selective_firing import measures
from selective_firing.energy.prices import NEURAL, cost_ratio, efficient_fraction
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

N_STIMULI = 2000
BEYOND = f"G ATP beyond the input ({REFERENCE['prices']})"
WAYS, MODELS = "Costs by every way to count", "Error, costs and bits"


def observe(lab: Lab) -> Tables:
    """Return error, costs and bits of every model at every k, and of families of models of other kinds."""
    ks = lab.scene.ks
    tried = [(name, k, lab.fit(name, k=k)) for name in (TOPK, CIRCUIT) for k in ks]
    tried += [(CYCLES, k, lab.fit(CYCLES, k=k)) for k in ks[1:-1]]
    rows, ways = [], []
    for name, size, model in (*tried, *families(lab)):
        row, counted = _row(lab, model)
        rows.append({"model": name, "size": size} | row)
        ways.append(counted.assign(model=name, size=size, nmse=row["nmse"]))
    return {MODELS: pd.DataFrame(rows), WAYS: pd.concat(ways, ignore_index=True)}


def _row(lab: Lab, model: Autoencoder) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what a model does and costs, and what it costs by every way to count."""
    X, data = lab.data.X_test[:N_STIMULI], lab.data.head(N_STIMULI)
    encoding = encode(model, X)
    code, counted = encoding.code, accounts(model, encoding, data, lab.gain)
    row: dict[str, Any] = {"nmse": lab.nmse(model, code, X), "active units": float((code > 0).sum(axis=1).mean())}
    row[BEYOND] = float(counted["cost"].iloc[0])
    row |= {name: nJ for name, nJ in costs(model, encoding, data).items() if name.startswith("nJ")}
    row["Gaussian bits"] = measures.gaussian_bits(X, model.inverse_transform(code))
    if (fitted := lab.read_out(model)) and (y := lab.data.y_test) is not None:
        believed, classes = fitted.log_probabilities(code), fitted.classifier.classes_
        row["class bits"] = measures.class_information(believed, y[:N_STIMULI], classes)
    for bits in ("Gaussian bits", "class bits"):
        if bits in row:
            row[f"{bits} per G ATP"] = row[bits] / row[BEYOND]
    return row, counted


def effects(tables: Tables, name: str, dataset: str) -> pd.DataFrame:
    """Return what a model saves, at the error that it has with the common k, over others, by every way to count."""
    return pd.DataFrame(
        {"rival": rival, "effect": 1 - found[name] / found[rival]} | way
        for way, found in _by_way(tables, name, dataset)
        for rival in SAME.values()
    )


def levels(tables: Tables, name: str, dataset: str) -> dict[str, float]:
    """Return the cost, by the first way to count: of a model, of families that err as much, of others at the same k."""
    table = tables[MODELS]
    common = table[table["size"] == SCENES[dataset].k].set_index("model")[BEYOND]
    wide = table[table["model"] == DENSE].sort_values("size")[BEYOND].iloc[-1]
    others = {one: float(common[one]) for one in (TOPK, CYCLES) if one in common.index}
    return next(_by_way(tables, name, dataset))[1] | others | {DENSE: float(wide)}


def _by_way(tables: Tables, name: str, dataset: str) -> Any:
    """Yield each way to count, and with it the cost of a model, and of families that err as much."""
    for keys, part in tables[WAYS].groupby(list(AXES), sort=False):
        mine = part[part["model"] == name]
        nmse = float(mine.loc[mine["size"] == SCENES[dataset].k, "nmse"].iloc[0])
        rivals = part[part["model"].isin((DENSE, PRINCIPAL, SOFT))]
        found = {name: at_error(mine, nmse, ["cost"])["cost"]} | same_error(rivals, nmse, "cost", cost=True)
        yield dict(zip(AXES, keys, strict=True)), found


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figures."""
    table = tables[MODELS].rename(columns={"size": "step"})
    words = {"nmse": "NMSE (test)", BEYOND: "G ATP per stimulus beyond\nthe input (estimate)", "active units":
             "active units", "Gaussian bits per G ATP": "Gaussian bits per G ATP", "class bits per G ATP":
             "class bits per G ATP"}  # fmt: skip
    figures = {
        f"Error against energy beyond the input ({REFERENCE['prices']}), k, width or penalty varied": curves(
            table[table["nmse"] > 1e-6], BEYOND, "nmse", words, log_x=True, log_y=True
        ),
        "Bits of a Gaussian rate-distortion estimate per ATP against active units": curves(
            table[table["nmse"] > 1e-6], "active units", "Gaussian bits per G ATP", words, log_x=True
        ),
    }
    if "class bits per G ATP" in table:
        figures["Bits about the class per ATP against active units"] = curves(
            table.dropna(subset=["class bits per G ATP"]), "active units", "class bits per G ATP", words, log_x=True
        )
    return figures


def read(tables: Tables) -> str:
    """Return how far the ways to count lie apart, and where the optimum lies."""
    words = []
    for dataset in tables[WAYS]["dataset"].unique():
        mine = {title: table[table["dataset"] == dataset] for title, table in tables.items()}
        saved = effects(mine, CIRCUIT, dataset).dropna()
        if len(saved):
            least, most = (saved.loc[saved["effect"].agg(which)] for which in ("idxmax", "idxmin"))
            words.append(
                f"{dataset}: the circuit costs {1 - least['effect']:.2f} ({_way(least)}) to {1 - most['effect']:.2f} "
                f"({_way(most)}) times what a rival of the same error does."
            )
    optimum = [f"{efficient_fraction(cost_ratio(table, 40.0)):.3f} ({table.name})" for table in NEURAL[:2]]
    words.append(
        f"Levy & Baxter's optimum for binary neurons at 40 Hz is an active fraction of {' or '.join(optimum)}; "
        "Attwell & Laughlin (2001) find at most 0.15 at 4 Hz."
    )
    return " ".join(words)


def _way(row: pd.Series) -> str:
    rest = f"{row['rest']} {'updates' if row['prices'] not in {table.name for table in NEURAL} else 'rest'}"
    return f"{row['rival']}; {row['prices']}, {row['interneurons']} interneurons, {row['rates']}, {rest}"


CLAIM = Claim(
    name="energy",
    title="Less energy",
    claim="k-sparse coding is efficient: it costs less energy than any other code that reconstructs as well.",
    design="The circuit, which pays for its selection, against dense, principal and soft (L1) codes of the same error: "
    "all that inference costs beyond the input's own spikes, along the Pareto front of each family, the circuit's over "
    "its ks too, at the error that it has with the common k. Counted in "
    f"{len(PRICES)} tables of prices, with interneurons for 1, 10 and 20 % of the hidden units, with a mean winner of "
    "40 Hz or one gain for all, with and without rest; all must agree. ATP and joules are never summed.",
    endpoint=Endpoint("saving beyond the input at equal error, circuit against a rival", "share", 0.1),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effects=effects,
    on_trial=CIRCUIT,
    others=(TOPK, CYCLES),
    levels=levels,
    level=BEYOND,
    draw=draw,
    read=read,
    caveats=(
        "All energies are estimates from counts. Top-K's sort has no neural counterpart, and pays for none: what it "
        "saves is a bound. Principal components are two cells each, on and off, as rates are not negative.",
        "A computer's operations (nJ of 45 nm CMOS) are beside it, and count in no verdict: neurons are on trial.",
        "Class bits and Gaussian bits are two estimators of different things; neither is an entropy of k.",
    ),
)
