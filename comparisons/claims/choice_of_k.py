"""k must be chosen with care, and per data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons import TiedSGDAutoencoder
from comparisons.lab.bits import bits
from comparisons.lab.claim import Claim, Tables, searched
from comparisons.lab.drawing import curves
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import TUNING_SEED, Lab, Settings
from comparisons.lab.scenes import SCENES
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import encode
from comparisons.rivals.registry import CIRCUIT, TOPK
from selective_firing import datasets, measures
from selective_firing._code import code_key
from selective_firing.choice_of_k import choose_k
from selective_firing.energy.prices import NEURAL

__all__ = ["CLAIM"]

DATA_SETS = ("digits", "bars", "patches", "mnist")
TRUE_KS = (2, 4, 8)
EDGE = "at the edge of those tried"
N_STIMULI = 2000
ATP = f"ATP ({NEURAL[1].name})"
BEST = {
    "nmse": "min", "bits, held out": "min", "Gaussian bits": "max", "Gaussian bits per G ATP": "max",
    "read-out accuracy": "max", "stability over starts": "max", "factor recovery": "max",
}  # fmt: skip
"""What each criterion wants."""


def observe(lab: Lab) -> Tables:
    """Return every criterion against k, the best k's of other data sets, and what `choose_k` says of bars."""
    rows = [_row(lab, name, k) for name in (TOPK, CIRCUIT) for k in lab.scene.ks]
    table = pd.DataFrame(rows)
    tables = {"Criteria against k": table, "Best k by each criterion": _best(table), "Other data": _elsewhere(lab)}
    if _has_choices(lab):
        tables["choose_k where k is known"] = _chosen(lab.seed)
    return tables


def _has_choices(lab: Lab) -> bool:
    return lab.dataset == "bars" and lab.seed - lab.settings.seed < lab.settings.n_choices


def _others(lab: Lab) -> list[tuple[str, dict[str, Any], str | None]]:
    """Return each other data set of the run, what the search found for top-K there, and which files it is read from."""
    run = [name for name in DATA_SETS if name in lab.settings.data_sets and name != lab.dataset]
    names = run or [name for name in DATA_SETS[:2] if name != lab.dataset]
    return [(name, searched(lab.settings, TOPK, name)[0], lab.settings.data_key(name)) for name in names]


def _elsewhere(lab: Lab) -> pd.DataFrame:
    """Return the best k of each other data set of the run, by bits on patterns held out, with the tuning seed."""
    cached = lab.settings.memory.cache(_best_bits, ignore=["settings"])
    rows = []
    for name, tuned, data_key in _others(lab):
        keys = code_key(__name__), data_key
        best, tried = cached(name, tuned, keys, settings=lab.settings), SCENES[name].ks
        rows.append({"other": name, "best k": float(best), EDGE: float(best in (min(tried), max(tried)))})
    return pd.DataFrame(rows)


def _best_bits(dataset: str, tuned: dict[str, Any], keys: tuple[str, str | None], settings: Settings) -> int:
    lab = Lab(settings, dataset, TUNING_SEED, {TOPK: tuned})
    return min(lab.scene.ks, key=lambda k: bits(lab, lab.fit(TOPK, k=k), lab.X_val))


def effects(tables: Tables, name: str, dataset: str) -> pd.DataFrame:
    """Return which share of bits more a model takes with the best k of another data set than with its own.

    Its own is the best on patterns held out. Bits at a k that was not tried are read straight in log k.
    """
    found = levels(tables, name, dataset)
    mine, *others = found.values()
    rivals = [rival.removeprefix("with ") for rival in list(found)[1:]]
    return pd.DataFrame({"rival": rivals, "effect": [other / mine - 1 for other in others]})


def levels(tables: Tables, name: str, dataset: str) -> dict[str, float]:
    """Return a model's bits with its best k, and with those of other data sets."""
    table, others = tables["Criteria against k"], tables["Other data"]
    mine = table[table["model"] == name].sort_values("k").set_index("k")

    def at(k: float) -> float:
        return float(np.interp(np.log(k), np.log(mine.index.to_numpy(float)), mine["bits"]))

    own = float(mine["bits, held out"].idxmin())
    return {f"{name}, its own best k": at(own)} | {
        f"with the best k of {row['other']}": at(row["best k"]) for row in others.to_dict("records")
    }


def _row(lab: Lab, name: str, k: int) -> dict[str, Any]:
    X, model = lab.data.X_test[:N_STIMULI], lab.fit(name, k=k)
    encoding = encode(model, X)
    X_hat = model.inverse_transform(encoding.code)
    row: dict[str, Any] = {"model": name, "k": k, "nmse": lab.nmse(model, encoding.code, X)}
    row |= {"bits": bits(lab, model), "bits, held out": bits(lab, model, lab.X_val)}
    row["Gaussian bits"] = measures.gaussian_bits(X, X_hat)
    energy = costs(model, encoding, lab.data.head(N_STIMULI))[ATP]
    row["Gaussian bits per G ATP"] = 1e9 * row["Gaussian bits"] / energy
    if name == TOPK:
        row["stability over starts"] = lab.stability(name, k=k)
    if (fitted := lab.read_out(model)) and (y := lab.data.y_test) is not None:
        row["read-out accuracy"] = fitted.accuracy(encoding.code, y[:N_STIMULI])
    if lab.data.factors_test is not None:
        row["factor recovery"] = measures.factor_recovery(encoding.code, lab.data.factors_test[:N_STIMULI])
    return row


def _best(table: pd.DataFrame) -> pd.DataFrame:
    """Return the k that each criterion likes best, and whether none beyond it was tried."""
    rows = []
    for name, part in table.groupby("model", sort=False):
        for criterion, wanted in BEST.items():
            if criterion in part and part[criterion].notna().any():
                place = part[criterion].idxmin() if wanted == "min" else part[criterion].idxmax()
                best = float(part.loc[place, "k"])
                edge = float(best in (part["k"].min(), part["k"].max()))
                rows.append({"model": name, "criterion": criterion, "best k": best, EDGE: edge})
    return pd.DataFrame(rows)


def _chosen(seed: int) -> pd.DataFrame:
    """Return what `choose_k` recommends for bars with a known number per image, and for noise that has none."""
    rows = []
    for true in (*TRUE_KS, None):
        data = datasets.bars(size=16, n_bars=true or 4, n_samples=3000, seed=seed)
        X = data.X_train
        if true is None:
            X = np.random.default_rng(seed).standard_normal(X.shape)
        model = TiedSGDAutoencoder(n_hidden=64, n_epochs=10)
        choice = choose_k(X, model, random_state=seed)
        row = {"bars per image": str(true or "none: noise"), "clear": float(choice.is_clear)}
        row["right"] = float(choice.k == true)  # None for noise
        rows.append(row | {"recommended k": np.nan if choice.k is None else float(choice.k)})
    return pd.DataFrame(rows)


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figures."""
    table = tables["Criteria against k"]
    words = {
        "nmse": "NMSE (test)",
        "k": "k",
        "Gaussian bits": "Gaussian bits per stimulus",
        "bits": "bits per stimulus",
    }
    top = table[table["model"] == TOPK]
    return {
        "Bits to tell a stimulus, by code and what it leaves over, against k": curves(
            table, "k", "bits", words, log_x=True
        ),
        "Error against k": curves(table, "k", "nmse", words, log_x=True, log_y=True),
        "Gaussian rate-distortion bits against k": curves(table, "k", "Gaussian bits", words, log_x=True),
        "Bits per ATP against k": curves(table, "k", "Gaussian bits per G ATP", words, log_x=True),
        "Stability of top-K's features over starts against k": curves(
            top, "k", "stability over starts", {"k": "k", "stability over starts": "matched cosine"}, log_x=True
        ),
    }


def read(tables: Tables) -> str:
    """Return how far apart the best k's are, and how often `choose_k` is right."""
    best = tables["Best k by each criterion"]
    words = []
    for dataset, part in best[best["model"] == TOPK].groupby("dataset", sort=False):
        found = ", ".join(
            f"{row['criterion']} {row['best k']:.3g}{f' (an edge in {row[EDGE]:.0%} of seeds)' if row[EDGE] else ''}"
            for row in part.to_dict("records")
        )
        words.append(f"{dataset}: {found}.")
    others = tables["Other data"]
    edges = ", ".join(dict.fromkeys(others.loc[others[EDGE] > 0, "other"]))
    if edges:
        words.append(f"The best k of these other data sets is the smallest or largest tried: {edges}.")
    known = tables.get("choose_k where k is known")
    if known is not None:
        found = ", ".join(f"{row['bars per image']} {row['right']:.0%}" for row in known.to_dict("records"))
        words.append(f"choose_k is right about the number of bars per image in these shares of seeds: {found}.")
    return "Mean best k of top-K by each criterion: " + " ".join(words)


CLAIM = Claim(
    name="choice_of_k",
    title="k needs care",
    claim="k must be chosen per data set: that of another one wastes bits.",
    design="Bits that tell a stimulus by its code and what it leaves over (which units, levels, residual), which too "
    "small and too large a k waste alike: top-K with the best k of each other data set of the run, chosen there on "
    "patterns held out, against its own, chosen likewise. Every criterion against k, the best k by each, and what "
    "choose_k says of bars whose number is known.",
    endpoint=Endpoint("bits with the best k of another data set over those with its own, less 1", "share", 0.02),
    data_sets=DATA_SETS,
    observe=observe,
    depends=lambda lab: (_has_choices(lab), _others(lab)),
    effects=effects,
    others=(CIRCUIT,),
    levels=levels,
    level="bits per stimulus",
    draw=draw,
    read=read,
    caveats=("k's are compared as numbers, not as shares of the hidden units, of which data sets have 64 to 256. The "
             "secondary rows tell by how much criteria disagree about the best k. Models are tuned at the common k, "
             "not at each.",),
)  # fmt: skip
