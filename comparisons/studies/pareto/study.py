"""Error, active units and energy of every family of codes, for one number of winners after the other."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from comparisons.measuring.accounts import beyond_input
from comparisons.measuring.encoding import Encoding, by_itself, encode
from comparisons.measuring.front import front as unbeaten
from comparisons.measuring.intervals import means_and_halves
from comparisons.measuring.rows import inference
from comparisons.rivals.coders import NONNEGATIVE, OMP, greedy_codes
from comparisons.rivals.linear import PrincipalComponents
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    CYCLES,
    DENSE,
    MATRYOSHKA,
    NARROW,
    OMP_DICTIONARY,
    ONE_COMPETITION,
    PRINCIPAL,
    PURSUIT,
    SWAPS,
    TOPK,
    WITH_CYCLES,
)
from comparisons.studies.main_job.design import Design
from comparisons.studies.main_job.rates import tuned_once
from comparisons.studies.swaps.study import VARIANTS, Variant
from selective_firing import energy, measures
from selective_firing.datasets import Dataset
from selective_firing.protocol import Autoencoder

__all__ = ["CIRCUITS", "FAMILIES", "KS", "PRICE", "front", "study"]

KS = (1, 2, 5, 10, 20)
"""Numbers of winners."""
WIDER = 2
"""Dense layers and components are also tried with so many times the largest number of winners."""
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
        prices the ATP beyond the input, as the claims count it: a circuit pays for its competitions and interneurons, a
        tenth of its units; for all others the search for the code is free, so theirs is a lower bound.
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
    for name, variant in CIRCUITS.items():
        own = replace(
            design, parameters=variant.parameters, learning_rate=variant.learning_rate, homeostasis=variant.homeostasis
        )
        model = own.models(len(data.X_train))[CIRCUIT].fit(data.X_train)
        yield _row(name, model, encode(model, data.X_test), data)
    for name, code in greedy_codes(model, data.X_test, design.k, SOLVERS).items():
        yield _row(name, model, Encoding(code, "pursuit"), data)


def _rivals(data: Dataset, design: Design, rates: MutableMapping[tuple[str, int], float]) -> Iterator[dict[str, Any]]:
    for name in (*SORTERS, OMP_DICTIONARY):
        model = tuned_once(design, name, data.X_train, rates, (name, design.k))
        yield _row(name, model, by_itself(model, data.X_test), data)


def _few_units(
    data: Dataset, design: Design, rates: MutableMapping[tuple[str, int], float]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the rows of a dense layer of k units, and of k principal components, each of an on and an off cell."""
    k = min(design.k, *data.X_train.shape)
    dense = tuned_once(replace(design, n_hidden=k, k=k), DENSE, data.X_train, rates, (DENSE, k))
    for name, model in ((NARROW, dense), (PRINCIPAL, PrincipalComponents(2 * k).fit(data.X_train))):
        yield _row(name, model, by_itself(model, data.X_test), data)


def _row(
    family: str, model: Autoencoder, encoding: Encoding, data: Dataset
) -> dict[str, Any]:  # fmt: skip
    """Return the row of a code."""
    code = encoding.code
    fires = replace(encoding, code=np.abs(code))  # of either sign is a pair of cells
    counts = beyond_input(inference(model, fires, data)["neural"], data)
    return {
        "family": family, "n_hidden": len(model.components_),
        "nmse": measures.nmse(data.X_test, code @ model.components_ + model.offset_, model.mean_),
        "n_active": float((code != 0).sum(axis=1).mean()),
    } | {f"ATP beyond the input ({table.name})": float(table.total(counts)) for table in energy.NEURAL}  # fmt: skip


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
    for cost in ("n_active", PRICE):
        best = unbeaten(found["nmse"].to_numpy(), found[cost].to_numpy())
        found[f"on the front of {cost}"] = np.isin(np.arange(len(found)), best)
    return found
