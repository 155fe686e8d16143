"""Circuits that explain away by lateral synapses, round by round, beside error units in cycles, and top-K."""

from __future__ import annotations

import copy
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from comparisons.measuring.accounts import beyond_input
from comparisons.measuring.encoding import by_itself
from comparisons.rivals.registry import CIRCUIT, ONE_COMPETITION, TOPK, WITH_CYCLES
from comparisons.studies.main_job.design import LATE, UPKEEP, Design
from selective_firing import energy, measures
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.engine.simulate import simulate
from selective_firing.learning.channels import as_shown
from selective_firing.learning.relay import relayed
from selective_firing.parameters import RateParameters
from selective_firing.results.response import Response

__all__ = ["VARIANTS", "Variant", "spent", "study", "summary"]

INTERNEURONS = (0.01, 0.1, 0.2)
"""Shares of n_hidden for which the interneurons are paid."""
PAID = 0.1
"""The share that is shown."""
TIMED = 8192
"""Presentations by which learning is timed, once its simulator is compiled."""
TIMES_K = (1.0, 1.5, 2.0, 3.0)
"""Winners of the top-K models, relative to the circuit's."""
RELAYS = (0.5, 0.25, 0.125)
"""Interneurons that relay lateral inhibition, as shares of n_hidden: their weights are found after learning."""


@dataclass(frozen=True)
class Variant:
    """A circuit, and how it learns.

    Attributes
    ----------
    parameters : RateParameters
    learning_rate, homeostasis : float
    """

    parameters: RateParameters
    learning_rate: float = 1.0
    homeostasis: float = UPKEEP


SWAPS = RateParameters(explain="lateral", late_share=LATE)
LOCAL = replace(SWAPS, transport=False)
DALE = replace(LOCAL, dale="yes", lateral_start="uniform")
VARIANTS: dict[str, Variant] = {
    ONE_COMPETITION: Variant(RateParameters(), homeostasis=1e-4),
    WITH_CYCLES: Variant(RateParameters(n_cycles=4), homeostasis=1e-4),
    "2 swaps": Variant(replace(SWAPS, n_swaps=2)),
    "3 swaps": Variant(replace(SWAPS, n_swaps=3)),
    "4 swaps": Variant(SWAPS),
    "4 swaps, no transport": Variant(LOCAL),
    "4 swaps, push-pull": Variant(replace(DALE, dale="push-pull"), learning_rate=0.5),
    "4 swaps, Dale": Variant(DALE, learning_rate=2.0),
}
"""The circuits that are compared. Settings were chosen on held-out training patterns of MNIST."""


def study(data: Dataset, design: Design, variants: Sequence[str], rivals: bool) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of one model after the other.

    Parameters
    ----------
    data : Dataset
    design : Design
        Width, k, passes, seed and target.
    variants : sequence of str
        Of `VARIANTS`.
    rivals : bool
        Whether top-K models are compared, too.

    Yields
    ------
    list of dict
        One row per round, with model, seed, k, round, nmse, n_active, exact (share of the stimuli with k active units),
        alive_fraction, settled, settling_time_ms, messages, the ATP beyond the input for each table and share of
        interneurons, and learned_per_cpu_s (presentations; compiled targets only). A circuit by Dale's law is followed
        by itself with interneurons that relay what its units take off each other, last round alone, unpaid, with
        relay_error.
    """
    for name in variants:
        variant = VARIANTS[name]
        own = replace(
            design, parameters=variant.parameters, learning_rate=variant.learning_rate, homeostasis=variant.homeostasis
        )
        model = cast("KWTAAutoencoder", own.models(len(data.X_train))[CIRCUIT])
        model.fit(data.X_train)
        response, speed = model.simulate(data.X_test), _speed(model, data.X_train[:TIMED])
        rounds = (response.at_cycle(number) for number in range(1, len(response.cycles) + 1))
        yield [
            {"model": name, "seed": design.seed, "k": design.k, "round": number, "learned_per_cpu_s": speed}
            | _row(model, found, data)
            for number, found in enumerate(rounds, start=1)
        ]
        if variant.parameters.dale == "yes":
            yield [_by_interneurons(model, data.X_test, design, share, name) for share in RELAYS]
    for k in sorted({min(design.n_hidden, round(design.k * times)) for times in TIMES_K}) if rivals else ():
        yield [_rival(data, replace(design, k=k))]


def _by_interneurons(model: KWTAAutoencoder, X: np.ndarray, design: Design, share: float, name: str) -> dict[str, Any]:
    """Return the last round's row of a circuit whose lateral inhibition a share of n_hidden interneurons relays."""
    n, parameters = energy.interneurons(design.n_hidden, share), cast("RateParameters", model.parameters)
    relay = relayed(model.weights_, n, np.random.default_rng(design.seed))
    shown = as_shown(X, relay.weights, parameters)
    response, _ = simulate(relay.weights, shown, model.k, parameters, codegen=model.codegen)
    active = (response.code > 0).sum(axis=1)
    return {
        "model": f"{name}, {n} interneurons relay", "seed": design.seed, "k": design.k, "round": len(response.cycles),
        "nmse": measures.nmse(X, model.inverse_transform(response.code), model.mean_),
        "n_active": float(active.mean()), "exact": float((active == model.k).mean()),
        "alive_fraction": 1.0 - float(measures.dead_fraction(response.code)),
        "settling_time_ms": float(response.settling_time_ms.mean()), "messages": float(_told(response).mean()),
        "relay_error": relay.error,
    }  # fmt: skip


def _speed(model: KWTAAutoencoder, X: np.ndarray) -> float:
    """Return presentations per second of a core, with learning, on a compiled target; else NaN."""
    if model.target_ != "cpp_standalone":
        return float("nan")
    other, before = copy.deepcopy(model), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    other.partial_fit(X)
    return len(X) / (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)


def _row(model: KWTAAutoencoder, response: Response, data: Dataset) -> dict[str, float]:
    """Return what is measured of one round."""
    active, X = (response.code > 0).sum(axis=1), data.X_test
    return {
        "nmse": measures.nmse(X, model.inverse_transform(response.code), model.mean_),
        "n_active": float(active.mean()), "exact": float((active == model.k).mean()),
        "alive_fraction": 1.0 - float(measures.dead_fraction(response.code)),
        "settled": float(response.settled.mean()), "settling_time_ms": float(response.settling_time_ms.mean()),
        "messages": float(_told(response).mean()),
        **{
            f"ATP beyond the input, {share:.0%} interneurons ({table})": cost
            for share in INTERNEURONS
            for table, cost in spent(model, response, data, share).items()
        },
    }  # fmt: skip


def _told(response: Response) -> np.ndarray:
    """Return how many changes of rates the winners told all others, by stimulus."""
    return response.events.get("hidden to hidden", np.zeros(response.n_samples)) / response.n_hidden


def spent(model: KWTAAutoencoder, response: Response, data: Dataset, interneurons: float) -> dict[str, float]:
    """Return the ATP of inference beyond the input's own spikes (`accounts.beyond_input`), mean per stimulus, by table.

    Parameters
    ----------
    model : fitted KWTAAutoencoder
    response : Response
        To the test patterns.
    data : Dataset
    interneurons : float
        Number of interneurons, as a share of n_hidden.
    """
    lateral, X = "hidden to hidden" in response.events, data.X_test
    ledger = energy.neural(
        X, response.rates_Hz, n_recruited=response.n_recruited,
        settling_time_s=response.settling_time_ms * 1e-3, told=_told(response) if lateral else None,
        earlier=[] if lateral else [(c.rates_Hz, model.inverse_transform(c.code)) for c in response.earlier],
        n_interneurons=energy.interneurons(response.n_hidden, interneurons),
    )  # fmt: skip
    return _beyond(ledger, data)


def _beyond(ledger: Mapping[str, np.ndarray], data: Dataset) -> dict[str, float]:
    counts = beyond_input(pd.Series({item: float(n.mean()) for item, n in ledger.items()}), data)
    return {table.name: float(table.total(counts)) for table in energy.NEURAL}


def _rival(data: Dataset, design: Design) -> dict[str, Any]:
    """Return the row of a top-K model, whose sort costs nothing."""
    search = design.models(len(data.X_train))[TOPK].fit(data.X_train)
    rival, X = getattr(search, "best_estimator_", search), data.X_test
    code = by_itself(rival, X).code
    gain = measures.rate_gain(code, rival.components_)
    rates = code * gain * np.linalg.norm(rival.components_, axis=1)
    cost = {
        f"ATP beyond the input, no interneurons ({name})": c
        for name, c in _beyond(energy.neural(X, rates), data).items()
    }
    return {
        "model": f"{TOPK}, k = {design.k}", "seed": design.seed, "k": design.k, "round": 0,
        "nmse": measures.nmse(X, rival.inverse_transform(code), rival.mean_),
        "n_active": float((code > 0).sum(axis=1).mean()), "alive_fraction": 1.0 - float(measures.dead_fraction(code)),
    } | cost  # fmt: skip


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the last round of each model: mean over seeds, the spread of NMSE, and energy and speed as ratios.

    Parameters
    ----------
    table : DataFrame
        All rows of `study`.
    """
    last = table[table["round"] == table.groupby("model")["round"].transform("max")]
    price = f"ATP beyond the input, {PAID:.0%} interneurons ({energy.NEURAL[1].name})"
    groups = last.groupby("model", sort=False)
    names = ["nmse", "n_active", "exact", "alive_fraction", "settling_time_ms", "messages", "learned_per_cpu_s"]
    found = groups[[name for name in names if name in last]].mean()
    found.insert(1, "spread", groups["nmse"].max() - groups["nmse"].min())
    if ONE_COMPETITION in found.index and price in last:
        cost = groups[price].mean()
        found["energy ratio"] = cost / cost[ONE_COMPETITION]
        found["time ratio"] = found["learned_per_cpu_s"][ONE_COMPETITION] / found["learned_per_cpu_s"]
    return found
