"""Error, active units and energy of every family of codes, for one number of winners after the other."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from comparisons.measuring.intervals import means_and_halves
from comparisons.rivals.coders import NONNEGATIVE, OMP, greedy_codes
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    CYCLES,
    DENSE,
    MATRYOSHKA,
    NARROW,
    OMP_DICTIONARY,
    ONE_COMPETITION,
    PURSUIT,
    TOPK,
    WITH_CYCLES,
)
from comparisons.studies.main_job.design import Design
from comparisons.studies.swaps.study import PAID, VARIANTS, Variant, spent
from selective_firing import energy, measures
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset

__all__ = ["CIRCUITS", "FAMILIES", "KS", "PRICE", "PRINCIPAL", "SWAPS", "front", "study", "without_selection"]

KS = (1, 2, 5, 10, 20)
"""Numbers of winners."""
WIDER = 2
"""Dense layers and components are also tried with so many times the largest number of winners."""
SWAPS, PRINCIPAL = "circuit, 4 swaps", "PCA"
CIRCUITS: dict[str, Variant] = {
    ONE_COMPETITION: VARIANTS[ONE_COMPETITION], CYCLES: VARIANTS[WITH_CYCLES], SWAPS: VARIANTS["4 swaps"]
}  # fmt: skip
SORTERS = (TOPK, BATCH, MATRYOSHKA, PURSUIT)
SOLVERS = (NONNEGATIVE, OMP)
"""They code with the weights of the circuit with swaps."""
FAMILIES = (*CIRCUITS, *SORTERS, OMP_DICTIONARY, *SOLVERS, NARROW, PRINCIPAL)
PRICE = f"ATP beyond the input ({energy.NEURAL[1].name})"


def study(
    data: Dataset, design: Design, ks: Sequence[int] = KS, rates: MutableMapping[tuple[str, int], float] | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of all families for one k after the other; at last those of dense layers and components alone.

    Parameters
    ----------
    data : Dataset
    design : Design
        Width, passes, seed and target; its k and its circuit's constants are not used.
    ks : sequence of int
        Numbers of winners; dense layers have as many units, and PCA as many components.
    rates : mutable mapping of (str, int) to float, optional
        Learning rates by rival and k; one that is not there is tuned on held-out training patterns, and added.

    Yields
    ------
    list of dict
        dataset, family, k, seed, n_hidden, nmse, n_active (mean number of units that are not silent), and by table of
        prices the ATP beyond the input's spikes and their events, in which a circuit pays its competitions and
        interneurons, a tenth of its units, and all others what `without_selection` says.
    """
    known: MutableMapping[tuple[str, int], float] = {} if rates is None else rates
    facts = {"dataset": data.name, "seed": design.seed}
    for k in ks:
        mine = replace(design, k=k)
        rows = [*_circuits(data, mine), *_rivals(data, mine, known), *_few_units(data, mine, known)]
        yield [facts | {"k": k} | row for row in rows]
    most = min(WIDER * max(ks), data.n_inputs)
    yield [facts | {"k": most} | row for row in _few_units(data, replace(design, k=min(most, design.n_hidden)), known)]


def _circuits(data: Dataset, design: Design) -> Iterator[dict[str, Any]]:
    """Yield the rows of circuits, and of the solvers on the weights of the last."""
    X = data.X_test
    for name, variant in CIRCUITS.items():
        own = replace(
            design, parameters=variant.parameters, learning_rate=variant.learning_rate, homeostasis=variant.homeostasis
        )
        model = cast("KWTAAutoencoder", own.models(len(data.X_train))[CIRCUIT].fit(data.X_train))
        response = model.simulate(X)
        cost = {f"ATP beyond the input ({table})": atp for table, atp in spent(model, response, X, PAID).items()}
        yield _row(name, response.code, model.inverse_transform(response.code), data, design.n_hidden) | cost
    for name, code in greedy_codes(model, X, design.k, SOLVERS).items():
        cost = without_selection(code, model.components_, X)
        yield _row(name, code, code @ model.components_ + model.offset_, data, design.n_hidden) | cost


def _rivals(data: Dataset, design: Design, rates: MutableMapping[tuple[str, int], float]) -> Iterator[dict[str, Any]]:
    for name in (*SORTERS, OMP_DICTIONARY):
        model = _tuned(name, data, design, rates)
        code = model.transform(data.X_test)
        cost = without_selection(code, model.components_, data.X_test)
        yield _row(name, code, model.inverse_transform(code), data, design.n_hidden) | cost


def _few_units(
    data: Dataset, design: Design, rates: MutableMapping[tuple[str, int], float]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the rows of a dense layer of k units, and of k principal components, whose scores may be negative."""
    X, k = data.X_test, min(design.k, *data.X_train.shape)
    model = _tuned(DENSE, data, replace(design, n_hidden=k, k=k), rates)
    code = model.transform(X)
    cost = without_selection(code, model.components_, X)
    yield _row(NARROW, code, model.inverse_transform(code), data, k) | cost
    pca = PCA(k).fit(data.X_train)
    scores = pca.transform(X)
    yield _row(PRINCIPAL, scores, pca.inverse_transform(scores), data, k) | without_selection(
        scores, pca.components_, X
    )


def _tuned(name: str, data: Dataset, design: Design, rates: MutableMapping[tuple[str, int], float]) -> Any:
    place, n_samples = (name, design.k), len(data.X_train)
    if place in rates:
        return design.rival(name, n_samples, learning_rate=rates[place]).fit(data.X_train)
    search = design.tuned(name, n_samples).fit(data.X_train)
    rates[place] = search.best_params_["learning_rate"]
    return search.best_estimator_


def _row(family: str, code: np.ndarray, X_hat: np.ndarray, data: Dataset, n_hidden: int) -> dict[str, Any]:
    return {
        "family": family, "n_hidden": n_hidden,
        "nmse": measures.nmse(data.X_test, X_hat, data.X_train.mean(axis=0)),
        "n_active": float((code != 0).sum(axis=1).mean()),
    }  # fmt: skip


def without_selection(code: np.ndarray, components: np.ndarray, X: np.ndarray) -> dict[str, float]:
    """Return the ATP beyond the input of a code that costs nothing to find: a lower bound, by table of prices.

    The mean active unit fires at 40 Hz, in proportion to the size of its rate; one of either sign is a pair of cells.

    Parameters
    ----------
    code : ndarray of shape (n_samples, n_hidden)
    components : ndarray of shape (n_hidden, n_inputs)
    X : ndarray of shape (n_samples, n_inputs)
    """
    size = np.abs(code)
    ledger = energy.neural(X, measures.rates_Hz(size, components, measures.rate_gain(size, components)))
    counts = {item: float(count.mean()) for item, count in ledger.items()}
    for shared in ("input spikes", "feed-forward events"):
        counts.pop(shared)
    return {f"ATP beyond the input ({table.name})": float(table.total(counts)) for table in energy.NEURAL}


def front(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over seeds by family and k, half-widths of their 95 % t intervals, and who is on the front.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.

    Returns
    -------
    DataFrame
        Columns family and k; nmse, n_active and the price, each with its half-width; and for either of the last two
        whether none has less of it and less error (means).
    """
    names = ["nmse", "n_active", PRICE]
    means, halves = means_and_halves(table.groupby(["family", "k"], sort=False)[names])
    found = means.join(halves, rsuffix=" \u00b1").reset_index()
    for price in ("n_active", PRICE):
        cost, error = found[price].to_numpy(), found["nmse"].to_numpy()
        beaten = (cost <= cost[:, np.newaxis]) & (error <= error[:, np.newaxis])
        beaten &= (cost < cost[:, np.newaxis]) | (error < error[:, np.newaxis])
        found[f"on the front of {price}"] = ~beaten.any(axis=1)
    return found
