"""What explaining away brings and costs: the circuit cycle by cycle, beside top-K with more winners, OMP and LASSO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import Encoding, by_itself, weights_of
from comparisons.measuring.front import at_error
from comparisons.measuring.intervals import half_width
from comparisons.rivals.coders import DICTIONARY, OMP, dictionary_code, solver_codes
from comparisons.rivals.registry import CIRCUIT, ONE_COMPETITION, SORTED_CYCLES, TOPK, WITH_CYCLES
from comparisons.studies.main_job.design import Design
from selective_firing import measures, theory
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.energy import HARDWARE, NEURAL
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder
from selective_firing.results.response import Response

__all__ = ["fitted", "matched", "profit", "study", "summary"]

TIMES_K = (1.0, 1.25, 1.5, 2.0, 3.0)
"""Winners of the top-K models, relative to the circuit's: among these is one that reconstructs as well."""
N_CODED = 1000
"""Test stimuli that OMP and LASSO code: they are slow."""
QUARTERS = ("least", "second", "third", "most")


def study(data: Dataset, design: Design, n_cycles: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return error and cost of every cycle and of the rivals, and which stimuli profit.

    Parameters
    ----------
    data : Dataset
    design : Design
    n_cycles : int
        Of the circuit that explains away.

    Returns
    -------
    rows : DataFrame
        Columns k, seed, model, cycle, n_active, nmse, alive_fraction, nominal_k (of top-K), settling_time_ms,
        overlap, redundant_pairs, and the costs.
    gains : DataFrame
        Of `profit`, with k and seed.
    """
    models = {name: fitted(data, design, cycles) for name, cycles in ((ONE_COMPETITION, 1), (WITH_CYCLES, n_cycles))}
    responses = {name: model.simulate(data.X_test) for name, model in models.items()}
    rows = pd.DataFrame([*_by_cycle(models, responses, data), *_rivals(models[WITH_CYCLES], data, design, n_cycles)])
    gains = profit(models[WITH_CYCLES], responses[WITH_CYCLES], data)
    return rows.assign(k=design.k, seed=design.seed), gains.assign(k=design.k, seed=design.seed)


def _by_cycle(
    models: Mapping[str, KWTAAutoencoder], responses: Mapping[str, Response], data: Dataset
) -> Iterator[dict[str, Any]]:
    for name, response in responses.items():
        for number in range(1, len(response.cycles) + 1):
            yield {"model": name, "cycle": number} | _row(models[name], response.at_cycle(number), data)


def _rivals(circuit: KWTAAutoencoder, data: Dataset, design: Design, n_cycles: int) -> Iterator[dict[str, Any]]:
    X = data.X_test
    for name, code in solver_codes(circuit, data.X_train, X[:N_CODED], design.k).items():
        yield {"model": name} | _measures(circuit, code, X[:N_CODED])
    code, X_hat = dictionary_code(
        data.X_train, X[:N_CODED], design.n_hidden, design.k, design.n_epochs, design.seed
    )  # fmt: skip
    error = measures.nmse(X[:N_CODED], X_hat, circuit.mean_)
    yield {"model": DICTIONARY, "n_active": float((code != 0).sum(axis=1).mean()), "nmse": error}
    for k in sorted({min(design.n_hidden, round(design.k * times)) for times in TIMES_K}):
        search = replace(design, k=k).models(len(data.X_train))[TOPK].fit(data.X_train)
        rival = getattr(search, "best_estimator_", search)
        encoding = by_itself(rival, X)
        row = {"model": f"{TOPK}, k = {k}", "nominal_k": k}
        yield row | _measures(rival, encoding.code, X) | costs(rival, encoding, data)
        if k == design.k:
            code = theory.explain_away(weights_of(rival), X, k, n_cycles)[-1]
            yield {"model": SORTED_CYCLES} | _measures(rival, code, X)


def fitted(data: Dataset, design: Design, n_cycles: int) -> KWTAAutoencoder:
    """Return the circuit of this design, of rate units, that has learned with so many cycles.

    Parameters
    ----------
    data : Dataset
    design : Design
    n_cycles : int
    """
    if not isinstance(design.parameters, RateParameters):
        raise TypeError(f"design must be of rate units to have cycles, got {design.parameters.circuit}.")
    cyclic = replace(design, parameters=design.parameters.changed(n_cycles=n_cycles))
    return cast("KWTAAutoencoder", cyclic.models(len(data.X_train))[CIRCUIT].fit(data.X_train))


def _row(model: KWTAAutoencoder, response: Response, data: Dataset) -> dict[str, float]:
    found = _measures(model, response.code, data.X_test)
    found["settling_time_ms"] = float(response.settling_time_ms.mean())
    return found | costs(model, Encoding(response.code, "circuit", response), data)


def _measures(model: Autoencoder, code: np.ndarray, X: np.ndarray) -> dict[str, float]:
    return {
        "n_active": float((code != 0).sum(axis=1).mean()),
        "nmse": measures.nmse(X, model.inverse_transform(code), model.mean_),
        "alive_fraction": 1.0 - float(measures.dead_fraction(np.abs(code))),
        "overlap": float(np.nanmean(measures.overlap(code, model.components_))),
        "redundant_pairs": float(measures.redundant_pairs(code != 0, model.components_).mean()),
    }


def matched(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each k what the circuit's last cycle costs, over what top-K costs that reconstructs as well.

    The winners, and the costs, of that top-K are read along the Pareto fronts of its models.

    Parameters
    ----------
    table : DataFrame
        Of `study`, one seed or several.
    """
    rows, priced = [], [name for name in table if name.startswith(("ATP", "neural nJ", "nJ"))]
    for (seed, k), part in table.groupby(["seed", "k"]):
        circuit = part[part["model"] == WITH_CYCLES].sort_values("cycle").iloc[-1]
        rivals = part[part["nominal_k"].notna()]
        read = at_error(rivals, circuit["nmse"], ["n_active", *priced])
        ratios = {f"{name}, circuit / top-K": circuit[name] / read[name] for name in priced}
        both = {name: circuit[name] for name in priced} | {f"{name} of top-K": read[name] for name in priced}
        rows.append(
            {"seed": seed, "k": k, "nmse": circuit["nmse"], "active units of top-K": read["n_active"]} | both | ratios
        )
    return pd.DataFrame(rows)


def profit(model: KWTAAutoencoder, response: Response, data: Dataset) -> pd.DataFrame:
    """Return which stimuli profit: the share of the error that the cycles take away, by overlap and by class.

    Parameters
    ----------
    model : KWTAAutoencoder
        With more than one cycle.
    response : Response
        To the test patterns.
    data : Dataset

    Returns
    -------
    DataFrame
        Columns group ("overlap" of the first winners, in quarters of the stimuli; "class"), value, n, gain, and before
        and after the cycles: overlap_before, overlap_after, redundant_pairs_before, redundant_pairs_after.
    """
    first, last = response.at_cycle(1), response
    found = {}
    for when, cycle in (("before", first), ("after", last)):
        found[f"overlap_{when}"] = np.nan_to_num(measures.overlap(cycle.code, model.components_))
        found[f"redundant_pairs_{when}"] = measures.redundant_pairs(cycle.winners, model.components_)
    order = np.argsort(np.argsort(found["overlap_before"], kind="stable"), kind="stable")
    groups = {"overlap": np.array(QUARTERS)[4 * order // order.size]}
    if data.y_test is not None:
        groups["class"] = data.y_test
    rows = []
    for group, labels in groups.items():
        for value in QUARTERS if group == "overlap" else np.unique(labels):
            mine = labels == value
            gain = 1 - last.squared_error[mine].sum() / first.squared_error[mine].sum()
            row = {"group": group, "value": str(value), "n": int(mine.sum()), "gain": float(gain)}
            rows.append(row | {name: float(value[mine].mean()) for name, value in found.items()})
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame, energies: pd.DataFrame) -> str:
    """Return the main figures in words: mean over seeds, and its 95 % t interval where there is more than one.

    Parameters
    ----------
    table : DataFrame
        The rows of `study`.
    energies : DataFrame
        Of `matched`.
    """
    words = []
    for k, part in table.groupby("k"):
        last = part[(part["model"] == WITH_CYCLES) & (part["cycle"] == part["cycle"].max())].set_index("seed")["nmse"]
        rival = part[part["model"] == f"{TOPK}, k = {k}"].set_index("seed")["nmse"]
        plain = part[part["model"] == ONE_COMPETITION].set_index("seed")["nmse"]
        best = part[part["model"] == OMP].set_index("seed")["nmse"]
        words.append(
            f"k = {k}: NMSE {_interval(last)} after {part['cycle'].max():.0f} cycles, {_interval(plain)} from a "
            f"circuit without (difference {_interval(last - plain)}), top-K {_interval(rival)} (difference "
            f"{_interval(last - rival)}), OMP {_interval(best)}."
        )
    for k, part in energies.groupby("k"):
        found = part.dropna()
        if found.empty:
            words.append(f"k = {k}: none of the top-K models brackets the circuit's error.")
            continue
        ratios = [found[f"{name} ({table.name}), circuit / top-K"].mean() for name, table in
                  (("ATP", NEURAL[1]), ("ATP beyond the input", NEURAL[1]), ("nJ", HARDWARE[0]))]  # fmt: skip
        words.append(
            f"k = {k}: top-K reconstructs as well with {found['active units of top-K'].mean():.1f} active units "
            f"({len(found)} of {len(part)} seeds); beside it the circuit spends {ratios[0]:.2f} times the ATP "
            f"({ratios[1]:.2f} beyond the input), and {ratios[2]:.1f} times the joules of a computer."
        )
    return "\n".join(words)


def _interval(values: pd.Series) -> str:
    """Return mean and half-width of the 95 % t interval, as text."""
    if len(values) < 2:
        return f"{values.mean():.4f}"
    return f"{values.mean():.4f} +- {half_width(values.std(ddof=1), len(values)):.4f}"
