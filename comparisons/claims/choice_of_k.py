"""k must be chosen with care, and per data set; too small a k discards information."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons import TiedSGDAutoencoder
from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import curves
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.scenes import SCENES
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import encode
from comparisons.rivals.registry import CIRCUIT, TOPK
from selective_firing import datasets, measures
from selective_firing.choice_of_k import choose_k
from selective_firing.energy.prices import NEURAL

__all__ = ["CLAIM"]

SMALL = 4
"""The small k of the endpoint is this many times smaller than the common one."""
TRUE_KS = (2, 4, 8)
N_STIMULI = 2000
ATP = f"ATP ({NEURAL[1].name})"
BEST = {
    "nmse": "min", "Gaussian bits": "max", "Gaussian bits per 1e9 ATP": "max", "read-out accuracy": "max",
    "stability over starts": "max", "factor recovery": "max",
}  # fmt: skip
"""What each criterion wants."""


def observe(lab: Lab) -> Observation:
    """Return every criterion against k, and what `choose_k` says of bars of which the true k is known.

    Parameters
    ----------
    lab : Lab
    """
    rows = [_row(lab, name, k) for name in (TOPK, CIRCUIT) for k in lab.scene.ks]
    table = pd.DataFrame(rows)
    tables = {"Criteria against k": table, "Best k by each criterion": _best(table)}
    if lab.dataset == "bars" and lab.seed < lab.settings.n_choices:
        tables["choose_k where k is known"] = _chosen(lab.seed)
    return Observation(effect(tables, TOPK, lab.dataset), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str) -> float:
    """Return which share of its bits a model loses with the small k.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    table, k = tables["Criteria against k"], SCENES[dataset].k
    bits = table[table["model"] == name].set_index("k")["Gaussian bits"]
    return float(1 - bits[max(1, k // SMALL)] / bits[k])


def _row(lab: Lab, name: str, k: int) -> dict[str, Any]:
    X, model = lab.data.X_test[:N_STIMULI], lab.fit(name, k=k)
    encoding = encode(model, X)
    X_hat = model.inverse_transform(encoding.code)
    row: dict[str, Any] = {"model": name, "k": k, "nmse": lab.nmse(model, encoding.code, X)}
    row["Gaussian bits"] = measures.gaussian_bits(X, X_hat)
    energy = costs(model, encoding, lab.data.head(N_STIMULI))[ATP]
    row["Gaussian bits per 1e9 ATP"] = 1e9 * row["Gaussian bits"] / energy
    if name == TOPK:
        row["stability over starts"] = lab.stability(name, k=k)
    if (fitted := lab.read_out(model)) and (y := lab.data.y_test) is not None:
        row["read-out accuracy"] = fitted.accuracy(encoding.code, y[:N_STIMULI])
    if lab.data.factors_test is not None:
        row["factor recovery"] = measures.factor_recovery(encoding.code, lab.data.factors_test[:N_STIMULI])
    return row


def _best(table: pd.DataFrame) -> pd.DataFrame:
    """Return the k that each criterion likes best."""
    rows = []
    for name, part in table.groupby("model", sort=False):
        for criterion, wanted in BEST.items():
            if criterion in part and part[criterion].notna().any():
                place = part[criterion].idxmin() if wanted == "min" else part[criterion].idxmax()
                rows.append({"model": name, "criterion": criterion, "best k": float(part.loc[place, "k"])})
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


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figures.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Criteria against k"]
    words = {"nmse": "NMSE (test)", "k": "k", "Gaussian bits": "Gaussian bits per stimulus"}
    top = table[table["model"] == TOPK]
    return {
        "Error against k": curves(table, "k", "nmse", words, log_x=True, log_y=True),
        "Gaussian rate-distortion bits against k": curves(table, "k", "Gaussian bits", words, log_x=True),
        "Bits per ATP against k": curves(table, "k", "Gaussian bits per 1e9 ATP", words, log_x=True),
        "Stability of top-K's features over starts against k": curves(
            top, "k", "stability over starts", {"k": "k", "stability over starts": "matched cosine"}, log_x=True
        ),
    }


def read(tables: dict[str, pd.DataFrame]) -> str:
    """Return how far apart the best k's are, and how often `choose_k` is right.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Summarised over seeds.
    """
    best = tables["Best k by each criterion"]
    words = []
    for dataset, part in best[best["model"] == TOPK].groupby("dataset", sort=False):
        most = tables["Criteria against k"].query("dataset == @dataset")["k"].max()
        found = ", ".join(
            f"{row['criterion']} {row['best k']:.3g}{' (largest tried)' if row['best k'] == most else ''}"
            for row in part.to_dict("records")
        )
        words.append(f"{dataset}: {found}.")
    known = tables.get("choose_k where k is known")
    if known is not None:
        found = ", ".join(f"{row['bars per image']} {row['right']:.0%}" for row in known.to_dict("records"))
        words.append(f"choose_k is right about the number of bars per image in these shares of seeds: {found}.")
    return "Mean best k of top-K by each criterion: " + " ".join(words)


CLAIM = Claim(
    name="choice_of_k",
    title="k needs care",
    claim="k must be chosen with care, and per data set: too small a k discards information.",
    design=f"Top-K at the common k and at a {SMALL}th of it, everything else equal: Gaussian rate-distortion bits "
    "of the reconstruction. Every criterion against k, the best k by each, and what choose_k says of bars whose "
    "number is known.",
    endpoint=Endpoint(f"share of Gaussian bits lost at k / {SMALL}, top-K", "share", 0.1),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effect=effect,
    others=(CIRCUIT,),
    draw=draw,
    read=read,
    caveats=("That fewer numbers tell less is nearly a tautology; the secondary rows, by how much criteria disagree "
             "about the best k, are the claim's substance. Models are tuned at the common k, not at each.",),
)  # fmt: skip
