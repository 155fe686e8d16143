"""How the gap between drives decides who wins among cells that spike: E, below which inhibition comes too late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from tqdm import tqdm

from selective_firing import measures, theory
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import SpikingParameters
from selective_firing.results.response import Response
from selective_firing.theory.race import inhibition_gap
from selective_firing.weights import Weights

__all__ = ["by_gap", "gap", "half_point", "present"]

DELAYS, TAUS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0), (10.0, 15.0, 20.0, 25.0, 30.0)
GAP_NOISE, GAP_DT = 0.1, 0.05


def present(
    weights: Weights, X: np.ndarray, k: int, parameters: SpikingParameters, codegen: str, seed: int
) -> Response:
    """Return what the circuit leaves behind, with noise of a seed.

    Parameters
    ----------
    weights : Weights
    X : ndarray of shape (n_samples, n_inputs)
    k : int
    parameters : SpikingParameters
    codegen : str
        Target of Brian2.
    seed : int
    """
    return simulate(weights, X, k, parameters, codegen=codegen, rng=np.random.default_rng(seed))[0]


def by_gap(
    weights: Weights, X: np.ndarray, k: int, base: SpikingParameters, codegen: str = "auto", seed: int = 0
) -> pd.DataFrame:
    """Return the agreement with the top k in quarters of the stimuli, sorted by the gap between drives k and k + 1.

    Parameters
    ----------
    weights : Weights
        Of a trained circuit.
    X : ndarray of shape (n_samples, n_inputs)
        Stimuli.
    k : int
    base : SpikingParameters
        The circuit.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and of unequal cells.

    Returns
    -------
    DataFrame
        Columns quarter, gap (median, as a share of the k-th drive), exact_fraction, jaccard.
    """
    drive = np.sort(weights.drive(X), axis=1)[:, ::-1]
    relative = (drive[:, k - 1] - drive[:, k]) / np.abs(drive[:, k - 1])
    response, ideal = present(weights, X, k, base, codegen, seed), theory.top_k(weights.drive(X), k)
    overlap = measures.jaccard(response.winners, ideal)
    quarters = np.array_split(np.argsort(relative), 4)
    return pd.DataFrame(
        {"quarter": number + 1, "gap": np.median(relative[rows]),
         "exact_fraction": (response.n_active[rows] == k).mean(), "jaccard": overlap[rows].mean()}
        for number, rows in enumerate(quarters)
    )  # fmt: skip


def half_point(distance: np.ndarray, fired: np.ndarray) -> float:
    """Return the distance at which a cell fires with probability 1/2, by logistic regression.

    Parameters
    ----------
    distance : ndarray of shape (n_cells,)
    fired : ndarray of bool, shape (n_cells,)
    """
    scale = max(float(distance.std()), np.finfo(float).tiny)
    z = distance / scale

    def loss(p: np.ndarray) -> float:
        argument = p[0] - np.exp(p[1]) * z
        return float(np.logaddexp(0, np.where(fired, -argument, argument)).mean())

    starts = [
        minimize(loss, (a, b), method="Nelder-Mead", options={"maxiter": 2000}) for a in (0.0, 2.0) for b in (0.0, 3.0)
    ]
    offset, slope = min(starts, key=lambda found: found.fun).x
    return float(offset / np.exp(slope) * scale)


def gap(
    weights: Weights, X: np.ndarray, k: int, base: SpikingParameters, codegen: str = "auto", seed: int = 0
) -> pd.DataFrame:
    """Return how far below the k-th drive a cell may be and still fire before inhibition arrives: E, in noise.

    E is where a cell beyond the k-th fires with probability 1/2, all stimuli and cells taken together; the closed form
    is `race.inhibition_gap` at the median over stimuli, for the delay of the synapse and half a time step (an
    interneuron fires within the step in which its k-th input comes).

    Parameters
    ----------
    weights : Weights
        Of a trained circuit.
    X : ndarray of shape (n_samples, n_inputs)
        Stimuli.
    k : int
    base : SpikingParameters
        The circuit, of which one parameter at a time is changed.
    codegen : str
        Target of Brian2.
    seed : int
        Of noise and of unequal cells.

    Returns
    -------
    DataFrame
        Columns inhibition_delay, tau_m (ms), measured, closed_form (shares of the k-th drive), relative_to_max (the
        same boundary as a share of the largest drive, as in de Almeida, Idiart & Lisman 2009), paper (delay / tau_m,
        their approximation), n_active.
    """
    drive = weights.drive(X)
    ranked = np.sort(drive, axis=1)[:, ::-1]
    kth, top = ranked[:, k - 1], ranked[:, 0]
    share = base.threshold_share or theory.threshold_share_at(k, weights.n_hidden)
    theta = share * np.linalg.norm(X - weights.mean, axis=1)
    usable = kth > 1.05 * theta
    beyond = drive < kth[:, np.newaxis]
    distance, from_top = 1 - drive / kth[:, np.newaxis], 1 - drive / top[:, np.newaxis]
    near = beyond & (distance < 1) & usable[:, np.newaxis]
    rows = []
    for tau_m, delay in tqdm([(tau, d) for tau in TAUS for d in DELAYS], desc="E%-max", leave=False):
        changed = replace(base, tau_m=tau_m, inhibition_delay=delay, noise=GAP_NOISE, dt=GAP_DT, tau_interneuron=1e4,
                          refractory=max(base.refractory, 60.0), presentation=60.0)  # fmt: skip
        response = present(weights, X, k, changed, codegen, seed)
        closed = inhibition_gap(kth[usable], theta[usable], delay + GAP_DT / 2, tau_m)
        fired = response.winners
        rows.append({
            "inhibition_delay": delay, "tau_m": tau_m, "measured": half_point(distance[near], fired[near]),
            "closed_form": float(np.median(closed)), "relative_to_max": half_point(from_top[near], fired[near]),
            "paper": delay / tau_m, "n_active": float(response.n_active.mean()),
        })  # fmt: skip
    return pd.DataFrame(rows)
