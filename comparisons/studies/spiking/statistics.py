"""Statistics of the spiking code: sparseness and correlation of counts, and through Elephant ISI and Fano factor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from selective_firing import measures
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import SpikingParameters
from selective_firing.results.response import Response
from selective_firing.weights import Weights

__all__ = ["fano_factor", "isi_cv", "pairwise_correlation", "statistics"]

REPEATS = 40
"""Presentations of one stimulus, over which the Fano factor is taken."""
FEWEST_SPIKES = 3
"""Below which a train has no coefficient of variation of its intervals."""


def pairwise_correlation(counts: np.ndarray) -> float:
    """Return the mean correlation, over stimuli, of the spike counts of two cells, of all pairs of cells that fire.

    Parameters
    ----------
    counts : ndarray of shape (n_samples, n_units)
    """
    varied = counts[:, counts.std(axis=0) > 0]
    if varied.shape[1] < 2:
        return float("nan")
    return float(np.corrcoef(varied.T)[np.triu_indices(varied.shape[1], 1)].mean())


def isi_cv(response: Response) -> float:
    """Return the mean coefficient of variation of the interspike intervals of hidden cells, by Elephant.

    Parameters
    ----------
    response : Response
        Of the spiking circuit.

    Raises
    ------
    ImportError
        If Elephant is not installed.
    """
    from elephant.statistics import cv, isi

    trains = [
        train for segment in response.to_neo().segments for train in segment.spiketrains
        if train.annotations["population"] == "hidden" and len(train) >= FEWEST_SPIKES
    ]  # fmt: skip
    return float(np.mean([cv(isi(train).magnitude) for train in trains])) if trains else float("nan")


def fano_factor(response: Response) -> float:
    """Return the mean Fano factor of hidden cells over presentations of one and the same stimulus, by Elephant.

    Parameters
    ----------
    response : Response
        To one stimulus, over and over.

    Raises
    ------
    ImportError
        If Elephant is not installed.
    """
    from elephant.statistics import fanofactor

    trains: dict[int, list] = {}
    for segment in response.to_neo(silent=True).segments:
        for train in segment.spiketrains:
            if train.annotations["population"] == "hidden":
                trains.setdefault(train.annotations["unit"], []).append(train)
    factors = [fanofactor(repeats) for repeats in trains.values() if any(len(train) for train in repeats)]
    return float(np.mean(factors)) if factors else float("nan")


def statistics(
    weights: Weights, X: np.ndarray, k: int, base: SpikingParameters, codegen: str = "auto", seed: int = 0
) -> pd.DataFrame:
    """Return one row for constant currents and one for Poisson inputs.

    Parameters
    ----------
    weights : Weights
        Of a trained circuit.
    X : ndarray of shape (n_samples, n_inputs)
        Stimuli.
    k : int
    base : SpikingParameters
        The circuit; its input is changed.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and of unequal cells.

    Returns
    -------
    DataFrame
        Columns input, spikes_per_stimulus, lifetime_sparseness, population_sparseness, pairwise_correlation (all of
        counts); isi_cv and fano_factor, which are missing without Elephant.
    """
    rows = []
    for kind in ("current", "poisson"):
        parameters, rng = base.changed(input=kind), np.random.default_rng(seed)
        response, _ = simulate(weights, X, k, parameters, codegen=codegen, rng=rng)
        counts = response.spikes["hidden"].counts(response.n_samples)
        row = {
            "input": kind, "spikes_per_stimulus": float(counts.sum(axis=1).mean()),
            "lifetime_sparseness": float(np.nanmean(measures.lifetime_sparseness(counts))),
            "population_sparseness": float(np.nanmean(measures.population_sparseness(counts))),
            "pairwise_correlation": pairwise_correlation(counts),
        }  # fmt: skip
        try:
            same, _ = simulate(weights, np.repeat(X[:1], REPEATS, axis=0), k, parameters, codegen=codegen, rng=rng)
            row |= {"isi_cv": isi_cv(response), "fano_factor": fano_factor(same)}
        except ImportError:
            pass
        rows.append(row)
    return pd.DataFrame(rows)
