"""Circuits and rivals on patterns whose features are known: who reconstructs, and who finds the features."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import stats

from comparisons.measuring.intervals import means_and_halves
from comparisons.measuring.needed import needed
from comparisons.rivals.coders import NONNEGATIVE, greedy_codes
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    MATRYOSHKA,
    OMP_DICTIONARY,
    ONE_COMPETITION,
    PURSUIT,
    RANDOM,
    TOPK,
)
from comparisons.rivals.shared.divergence import slowed_until_it_learns
from comparisons.studies.main_job.design import LATE, Design
from comparisons.studies.main_job.rates import tuned_once
from comparisons.studies.swaps.study import Variant
from selective_firing import datasets, measures
from selective_firing.datasets import Dataset
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder

__all__ = [
    "CIRCUITS",
    "MEASURES",
    "MODELS",
    "SETS",
    "TRUTH",
    "agreement",
    "load",
    "recovered",
    "scene",
    "study",
    "summary",
]

SETS: dict[str, dict[str, Any]] = {name: {} for name in datasets.FEATURES} | {"bars": {"n_bars": 3}}
"""Data sets and their options. Of bars there are always three, so that k can be right."""
MOST_UNITS = 64
"""As many units as features, but no more: the rest of a crowd are too rare to have units of their own."""
CIRCUITS: dict[str, Variant] = {
    ONE_COMPETITION if n == 1 else f"{n} cycles": Variant(RateParameters(n_cycles=n), homeostasis=1e-4)
    for n in (1, 2, 4, 8)
} | {
    f"{n} swap{'s' * (n > 1)}{words}": Variant(RateParameters(explain="lateral", n_swaps=n, late_share=share))
    for words, share, rounds in (("", LATE, (1, 2, 4, 8)), (", late share 0.75", 0.75, (1, 4)))
    for n in rounds
}
"""The late share rises from 0.9 to 1 with the passes, or stays 0.75; homeostasis is that of the study of swaps."""
RATES_TRIED = (1e-3, 3e-3, 1e-2, 3e-2)
"""Learning rates of which backpropagation gets the best on held-out patterns: few steps need high ones, too."""
RIVALS = (TOPK, BATCH, MATRYOSHKA, PURSUIT, OMP_DICTIONARY)
TRUTH = "true features"
"""Not learned: what non-negative OMP makes of the patterns if it knows the features."""
MODELS = (*CIRCUITS, *RIVALS, RANDOM, TRUTH)
MEASURES = {
    "nmse": "NMSE", "support_f1": "F1 of the code", "feature_f1": "F1 of features",
    "mean_max_cosine": "mean max cosine", "uniqueness": "uniqueness",
}  # fmt: skip


def load(name: str, seed: int) -> Dataset:
    """Return one of `SETS`; the seed draws its features, too.

    Parameters
    ----------
    name : str
    seed : int
    """
    return datasets.from_name(name, seed=seed, **SETS[name])


def scene(data: Dataset, n_hidden: int | None = None, k: int | None = None) -> tuple[int, int]:
    """Return width and k that suit a data set, unless they are given.

    Parameters
    ----------
    data : Dataset
        With known factors.
    n_hidden : int, optional
        As many as there are features, at most `MOST_UNITS`, if not given.
    k : int, optional
        The mean number of active features, rounded, if not given.
    """
    factors = needed(data.factors_train, "known factors")
    return n_hidden or min(factors.shape[1], MOST_UNITS), k or max(1, round(float(factors.sum(axis=1).mean())))


def study(
    data: Dataset, design: Design, rates: MutableMapping[str, float], names: Sequence[str] = MODELS
) -> Iterator[dict[str, Any]]:
    """Yield the row of one model after the other.

    Parameters
    ----------
    data : Dataset
        With known features.
    design : Design
        Width, k, passes, seed and target.
    rates : mutable mapping of str to float
        Learning rates by rival; one that is not there is tuned on held-out training patterns, and added.
    names : sequence of str
        Of `MODELS`.

    Yields
    ------
    dict
        dataset, model, seed, n_hidden, k, learning_rate, and what `recovered` measures.
    """
    features = needed(data.features, "known features")
    facts = {"dataset": data.name, "seed": design.seed, "n_hidden": design.n_hidden, "k": design.k}
    for name in names:
        row = {"model": name} | facts
        if name == TRUTH:
            known = SimpleNamespace(components_=features, offset_=np.zeros(data.n_inputs))
            code = greedy_codes(cast("Autoencoder", known), data.X_test, design.k, (NONNEGATIVE,))[NONNEGATIVE]
            yield row | recovered(features, code, code @ features, data)
            continue
        model, row["learning_rate"] = _fitted(name, data, design, rates)
        code = model.transform(data.X_test)
        yield row | recovered(model.components_, code, model.inverse_transform(code), data)


def _fitted(name: str, data: Dataset, design: Design, rates: MutableMapping[str, float]) -> tuple[Autoencoder, float]:
    """Return a model that has learned, and its learning rate; NaN if it has none."""
    if name in CIRCUITS:
        return _settled(CIRCUITS[name], data, design)
    if name == RANDOM:
        return design.models(len(data.X_train))[RANDOM].fit(data.X_train), float("nan")
    return tuned_once(design, name, data.X_train, rates, name, RATES_TRIED), rates[name]


def _settled(circuit: Variant, data: Dataset, design: Design) -> tuple[Autoencoder, float]:
    """Return a circuit that has learned; where it diverges, at half its learning rate, at a quarter, or an eighth."""
    own = replace(design, parameters=circuit.parameters, homeostasis=circuit.homeostasis)
    model = own.models(len(data.X_train))[CIRCUIT]
    return slowed_until_it_learns(
        lambda rate: model.set_params(learning_rate=rate).fit(data.X_train), circuit.learning_rate
    )


def recovered(components: np.ndarray, code: np.ndarray, X_hat: np.ndarray, data: Dataset) -> dict[str, float]:
    """Return how well test patterns are reconstructed, and what was found of the true features.

    Parameters
    ----------
    components : ndarray of shape (n_hidden, n_inputs)
        Decoding weights; those of units that are active for no test pattern do not count.
    code : ndarray of shape (n_samples, n_hidden)
        Of the test patterns.
    X_hat : ndarray of shape (n_samples, n_inputs)
        Their reconstruction.
    data : Dataset
        With known features.
    """
    features, active = needed(data.features, "known features"), needed(data.factors_test, "known factors")
    alive = np.flatnonzero(np.count_nonzero(code > 0, axis=0))
    living = np.zeros_like(components)
    living[alive] = components[alive]
    hits = measures.feature_recovery(living, features)
    return {
        "nmse": measures.nmse(data.X_test, X_hat, data.X_train.mean(axis=0)),
        "n_active": float((code > 0).sum(axis=1).mean()), "alive_fraction": alive.size / len(components),
        "mean_max_cosine": measures.mean_max_cosine(living, features),
        "precision": hits["precision"], "recall": hits["recall"], "feature_f1": hits["f1"],
        "support_f1": measures.support_f1(code, active, living, features),
        "uniqueness": measures.feature_uniqueness(living, features),
    }  # fmt: skip


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over seeds, and half-widths of their 95 % t intervals where there is more than one.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.
    """
    means, halves = means_and_halves(table.groupby(["dataset", "model"], sort=False)[list(MEASURES)])
    columns = {}
    for name, words in MEASURES.items():
        columns[words], columns[f"{words} \u00b1"] = means[name], halves[name]
    return pd.DataFrame(columns)


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's rank correlation, over models that learned, of low error with each measure of features.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.

    Returns
    -------
    DataFrame
        One row per data set: 1 if models that reconstruct better find more, -1 if they find less; NaN where all find
        as much. Means over seeds are compared.
    """
    learned = table[~table["model"].isin((RANDOM, TRUTH))]
    rows = []
    for name, part in learned.groupby("dataset", sort=False):
        mean = part.groupby("model")[list(MEASURES)].mean()
        row: dict[str, Any] = {"dataset": name}
        for measure in ("support_f1", "feature_f1", "mean_max_cosine"):
            varies = len(mean) > 1 and np.ptp(mean[measure]) > 0
            row[MEASURES[measure]] = float(stats.spearmanr(-mean["nmse"], mean[measure])[0]) if varies else np.nan
        rows.append(row)
    return pd.DataFrame(rows)
