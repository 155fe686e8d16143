"""What is measured of one model on one data set, the same for every model: a row of measures, and two ledgers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from comparisons.measuring.agreement import agreement
from comparisons.measuring.encoding import Encoding
from selective_firing import energy, measures
from selective_firing.datasets import Dataset
from selective_firing.protocol import Autoencoder

__all__ = ["inference", "ledgers", "measured", "of_inference", "rates_Hz"]


def rates_Hz(model: Autoencoder, code: np.ndarray, data: Dataset, gain: float | None = None) -> np.ndarray:
    """Return the rates that a code stands for, shape (n_samples, n_hidden).

    The same rule for every model: the mean winner on up to 2,000 training patterns fires at 40 Hz. The circuit knows
    its gain from learning.

    Parameters
    ----------
    model : fitted autoencoder
    code : ndarray of shape (n_samples, n_hidden)
    data : Dataset
    gain : float, optional
        Hz per unit of amplitude, in place of that rule.
    """
    if gain is not None:
        return measures.rates_Hz(code, model.components_, gain)
    if hasattr(model, "rate_gain_"):
        return measures.rates_Hz(code, model.components_, model.rate_gain_)
    sample = model.transform(data.X_train[:: max(1, len(data.X_train) // 2000)])
    return measures.rates_Hz(code, model.components_, measures.rate_gain(sample, model.components_))


def measured(
    model: Autoencoder, encoding: Encoding, rates: np.ndarray, data: Dataset, k: int | None = None, seed: int = 0
) -> dict[str, float]:
    """Return what one model did on the test patterns, all measures in one flat row.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    rates : ndarray of shape (n_samples, n_hidden)
        What `rates_Hz` made of it.
    data : Dataset
    k : int, optional
        Number of winners that the code is held against; without it there is no agreement with the top k.
    seed : int
        Of the shuffled labels.
    """
    code, X = encoding.code, data.X_test
    row = {
        "nmse": measures.nmse(X, model.inverse_transform(code), model.mean_),
        "n_active": float((code > 0).sum(axis=1).mean()),
        "active_fraction": float(measures.active_fraction(code)),
        "population_sparseness": float(np.nanmean(measures.population_sparseness(rates))),
        "lifetime_sparseness": float(np.nanmean(measures.lifetime_sparseness(rates))),
        "gini": float(np.nanmean(measures.gini(rates, axis=1))),
        "dead_fraction": float(measures.dead_fraction(code)),
    }
    if data.y_test is not None:
        shuffled = measures.shuffled_class_selectivity(rates, data.y_test, np.random.default_rng(seed))
        row["class_selectivity"] = float(np.nanmean(measures.class_selectivity(rates, data.y_test)))
        row["class_selectivity_shuffled"] = float(np.nanmean(shuffled))
    if k is not None:
        top = agreement(code > 0, model.drive(X), k)
        row |= {"exact_k_fraction": top["exact_fraction"], "jaccard_top_k": top["jaccard"]}
    if encoding.response is not None:
        row["settling_time_ms"] = float(encoding.response.settling_time_ms.mean())
        row["settled_fraction"] = float(np.mean([cycle.settled for cycle in encoding.response.cycles]))
        row["n_recruited"] = float(encoding.response.n_recruited.mean())
    return row


def ledgers(
    model: Autoencoder, encoding: Encoding, rates: np.ndarray, data: Dataset, *, gain: float | None = None,
    n_interneurons: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return both ledgers of one model, one row per item: mean count per stimulus.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    rates : ndarray of shape (n_samples, n_hidden)
        What `rates_Hz` made of it.
    data : Dataset
    gain : float, optional
        With which it did so.
    n_interneurons : int, optional
        Of a circuit, as for `energy.neural`; as many as its parameters say, if they do, if not given. Those of a rival
        are what its encoding says.
    """
    X, code, response = data.X_test, encoding.code, encoding.response
    competition: dict[str, Any] = {}
    steps, lateral, relays = encoding.n_steps, encoding.lateral, encoding.interneuron_spikes
    codes: list[tuple[np.ndarray, np.ndarray]] = []
    fired: list[tuple[np.ndarray, np.ndarray]] = []
    told: np.ndarray | None = None
    if response is not None and "hidden to hidden" in response.events:
        told = response.events["hidden to hidden"] / response.n_hidden
        lateral = told * code.shape[1]
    elif response is not None:
        codes = [(cycle.code, model.inverse_transform(cycle.code)) for cycle in response.earlier]
        fired = [(rates_Hz(model, earlier, data, gain), X_hat) for earlier, X_hat in codes]
    if response is not None:
        seconds, parameters = response.settling_time_ms * 1e-3, response.provenance["parameters"]
        competition = {"n_recruited": response.n_recruited, "settling_time_s": seconds}
        competition |= {"counted": response.counted}
        competition["n_interneurons"] = n_interneurons or parameters.get("n_interneurons") or None
        lasts_ms = np.full(response.n_samples, parameters.get("presentation", np.nan))  # the rate circuit ends at once
        steps = np.where(np.isnan(lasts_ms), response.settling_time_ms, lasts_ms) / parameters["dt"]
    elif relays is not None:
        lateral = _relayed(code.sum(axis=1), relays, code.shape[1])
        steps = steps * (1 + relays.shape[1] / code.shape[1])  # their states are stepped, too
    neural = energy.neural(X, rates, **competition, earlier=fired, told=told)
    if response is None:
        neural |= _between_units(neural["winner spikes"], encoding)
    parts = {
        ("neural", "inference"): neural,
        ("operations", "inference"): energy.operations(
            X,
            code,
            selection=encoding.selection,
            n_steps=steps,
            earlier=codes,
            lateral=lateral,
        ),
    }
    if hasattr(model, "n_iter_"):  # random weights learn nothing
        parts["neural", "learning"] = energy.neural_learning(X, model.inverse_transform(code), rates, earlier=fired)
        parts["operations", "learning"] = energy.learning_operations(X, code, codes)
    return pd.DataFrame(
        {"ledger": ledger, "phase": phase, "item": item, "unit": energy.ITEMS[item].unit,
         "count": float(count.mean())}
        for (ledger, phase), items in parts.items()
        for item, count in items.items()
    )  # fmt: skip


def _between_units(spikes: np.ndarray, encoding: Encoding) -> dict[str, np.ndarray]:
    """Return what a rival's units send each other, if they do: every spike reaches all others, or interneurons.

    These spike as often, relative to the units, as where the code is a count of spikes: one factor for all patterns.
    """
    code, relays = encoding.code, encoding.interneuron_spikes
    if relays is not None:
        relays = relays * (spikes.sum() / max(code.sum(), 1.0))
        events = _relayed(spikes, relays, code.shape[1])
        return {"interneuron spikes": relays.sum(axis=1), "inhibitory events": events}
    if encoding.selection == "circuit":
        return {"lateral events": spikes * (code.shape[1] - 1)}
    return {}


def _relayed(spikes: np.ndarray, relays: np.ndarray, n_hidden: int) -> np.ndarray:
    """Return how many synapses spikes of units, and of the interneurons that they inhibit each other through, reach."""
    number = relays.shape[1]
    return spikes * number + relays.sum(axis=1) * (n_hidden + number - 1)


def of_inference(ledger: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what inference takes, mean count per stimulus by item, of the neural and of the operations ledger.

    Parameters
    ----------
    ledger : DataFrame
        Of `ledgers`.
    """
    mine = ledger[ledger["phase"] == "inference"]
    return {name: part.set_index("item")["count"] for name, part in mine.groupby("ledger", sort=False)}


def inference(
    model: Autoencoder, encoding: Encoding, data: Dataset, gain: float | None = None, n_interneurons: int | None = None,
    rates: np.ndarray | None = None,
) -> dict[str, pd.Series]:  # fmt: skip
    """Return what inference takes, mean count per stimulus by item, of the neural and of the operations ledger.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    data : Dataset
    gain : float, optional
        As for `rates_Hz`.
    n_interneurons : int, optional
        As for `ledgers`.
    rates : ndarray of shape (n_samples, n_hidden), optional
        What `rates_Hz` made of the code with that gain, if it is known.
    """
    if rates is None:
        rates = rates_Hz(model, encoding.code, data, gain)
    return of_inference(ledgers(model, encoding, rates, data, gain=gain, n_interneurons=n_interneurons))
