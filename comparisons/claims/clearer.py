"""Clearer signals: a k-sparse code stands out from noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import curves
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, INPUT, RANDOM, TIED, TOPK
from selective_firing import measures

__all__ = ["CLAIM"]

LEVELS = (0.25, 0.5, 1.0)
"""Standard deviation of the input noise, relative to that of the inputs."""
ENDPOINT_LEVEL, N_STIMULI, N_REPEATS = 0.5, 100, 8


def observe(lab: Lab) -> Observation:
    """Return signal-to-noise ratio and discriminability of every code under input noise.

    Parameters
    ----------
    lab : Lab
    """
    rng = lab.rng
    X = lab.data.X_test[:N_STIMULI]
    pairs = np.stack([rng.permutation(len(X)), rng.permutation(len(X))], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    rows = []
    for level in LEVELS:
        noisy = X + level * lab.rms * rng.standard_normal((N_REPEATS, *X.shape))
        for name in (TOPK, CIRCUIT, CYCLES, TIED, DENSE, RANDOM, INPUT, *lab.guests):
            codes = noisy if name == INPUT else _codes(lab, name, noisy)
            found = {"signal-to-noise (dB)": measures.signal_to_noise_dB(codes)}
            found["d'"] = float(np.nanmedian(measures.d_prime(codes, pairs)))
            rows.append({"model": name, "noise": f"{level:g}"} | found)
    table = pd.DataFrame(rows)
    tables = {"Signal and noise": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how many decibels a model's signal-to-noise ratio is above the dense one's.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    table = tables["Signal and noise"]
    at = table[table["noise"] == f"{ENDPOINT_LEVEL:g}"].set_index("model")["signal-to-noise (dB)"]
    return float(at[name] - at[DENSE])


def _codes(lab: Lab, name: str, noisy: np.ndarray) -> np.ndarray:
    model = lab.fit(name)
    codes = model.transform(noisy.reshape(-1, noisy.shape[2])) * np.linalg.norm(model.components_, axis=1)
    return codes.reshape(*noisy.shape[:2], -1)


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figures.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Signal and noise"].assign(noise=lambda rows: rows["noise"].astype(float))
    words = {"noise": "input noise (SD / SD of inputs)", "signal-to-noise (dB)": "signal-to-noise of the code (dB)",
             "d'": "d' of a pair of stimuli (median)"}  # fmt: skip
    return {
        "Signal-to-noise ratio of the code against input noise": curves(table, "noise", "signal-to-noise (dB)", words),
        "Discriminability d' of pairs of stimuli against input noise": curves(table, "noise", "d'", words),
    }


CLAIM = Claim(
    name="clearer",
    title="Clearer signals",
    claim="A k-sparse code has a better signal-to-noise ratio than a dense one.",
    design="The same 100 test stimuli, eight times each with fresh Gaussian noise of half the inputs' standard "
    "deviation; top-K against dense of equal width. Units count by what they add to the reconstruction.",
    endpoint=Endpoint("signal-to-noise ratio of the code, top-K less dense", "dB", 1.0),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    caveats=("d' is that of an observer who projects on the line between two mean codes, not of the best one.",),
)
