"""Clearer signals: a k-sparse code stands out from noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import curves
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, pixels, same_error, soft
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, INPUT, PURSUIT, RANDOM, SOFT, TIED, TOPK
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

LEVELS = (0.25, 0.5, 1.0)
"""Standard deviation of the input noise, relative to that of the inputs."""
ENDPOINT_LEVEL, N_STIMULI, N_REPEATS = 0.5, 100, 8


def observe(lab: Lab) -> Tables:
    """Return discriminability, signal-to-noise ratio, and accuracy of a read-out of every code under input noise."""
    rng, X, rows = lab.rng, lab.data.X_test[:N_STIMULI], []
    pairs = np.stack([rng.permutation(len(X)), rng.permutation(len(X))], axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    noise = rng.standard_normal((N_REPEATS, *X.shape))
    models = {name: lab.fit(name) for name in (TOPK, CIRCUIT, CYCLES, TIED, PURSUIT, DENSE, RANDOM, *lab.guests)}
    models |= {SOFT: lab.fit(SOFT, **soft(lab)), INPUT: pixels(lab)}
    for level in LEVELS:
        noisy = X + level * lab.rms * noise
        for name, model in models.items():
            rows.append({"model": name, "noise": f"{level:g}"} | _told(lab, model, noisy, pairs))
            rows[-1] |= _read(lab, model, noisy)

    def at_endpoint(model: Autoencoder) -> dict[str, float]:
        return _told(lab, model, X + ENDPOINT_LEVEL * lab.rms * noise, pairs)

    return {"Signal and noise": pd.DataFrame(rows), "Families under noise": family_rows(lab, at_endpoint)}


def _told(lab: Lab, model: Autoencoder, noisy: np.ndarray, pairs: np.ndarray) -> dict[str, float]:
    """Return error without noise, and how well a model's noisy codes tell stimuli apart."""
    codes = model.transform(noisy.reshape(-1, noisy.shape[2])) * np.linalg.norm(model.components_, axis=1)
    codes = codes.reshape(*noisy.shape[:2], -1)
    return {
        "nmse": lab.nmse(model, model.transform(lab.data.X_test)),
        "d'": float(np.mean(measures.d_prime(codes, pairs))),
        "signal-to-noise (dB)": measures.signal_to_noise_dB(codes),
    }


def _read(lab: Lab, model: Autoencoder, noisy: np.ndarray) -> dict[str, float]:
    """Return how often a read-out that was fitted to clean codes tells the class from noisy ones, if there are any."""
    fitted, y = lab.read_out(model), lab.data.y_test
    if fitted is None or y is None:
        return {}
    codes = model.transform(noisy.reshape(-1, noisy.shape[2]))
    return {"accuracy": fitted.accuracy(codes, np.tile(y[:N_STIMULI], len(noisy)))}


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return d' of a model's noisy code, of families that err as much without noise, of the input, and of others."""
    table = tables["Signal and noise"]
    at = table[table["noise"] == f"{ENDPOINT_LEVEL:g}"].set_index("model")
    same = same_error(tables["Families under noise"], float(at.loc[name, "nmse"]), "d'")
    others = (INPUT, CIRCUIT, CYCLES, PURSUIT, DENSE)
    return {name: float(at.loc[name, "d'"])} | same | {one: float(at.loc[one, "d'"]) for one in others}


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figures."""
    table = tables["Signal and noise"].assign(noise=lambda rows: rows["noise"].astype(float))
    words = {"noise": "input noise (SD / SD of inputs)", "signal-to-noise (dB)": "signal-to-noise of the code (dB)",
             "d'": "d' of a pair of stimuli (mean)", "accuracy": "read-out accuracy"}  # fmt: skip
    figures = {
        "Discriminability d' of pairs of stimuli against input noise": curves(table, "noise", "d'", words),
        "Signal-to-noise ratio of the code against input noise": curves(table, "noise", "signal-to-noise (dB)", words),
    }
    if "accuracy" in table:
        labelled = table.dropna(subset=["accuracy"])
        figures["Accuracy of a read-out of noisy codes, fitted to clean ones"] = curves(
            labelled, "noise", "accuracy", words
        )
    return figures


CLAIM = Claim(
    name="clearer",
    title="Clearer signals",
    claim="Noisy stimuli are told apart better by a k-sparse code than by another that reconstructs as well.",
    design="The same 100 test stimuli, eight times each with fresh Gaussian noise of half the inputs' standard "
    "deviation; mean d' of pairs, top-K against dense, principal and soft (L1) codes of the same error without "
    "noise. The noisy inputs are beside it. Units count by what they add to the reconstruction.",
    endpoint=Endpoint("d' of the noisy code, top-K over a rival, less 1", "share", 0.1),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=over(levels, SAME.values(), relative=True),
    invites=True,
    levels=levels,
    level="d'",
    draw=draw,
    caveats=(
        "d' is that of an observer who projects on the line between two mean codes. For the inputs under this noise, "
        "the same in all directions, no observer is better, and no code tells more than its input (data processing): "
        "they bound what can be reached, and are no rival.",
        "The signal-to-noise ratio of a code, in decibels, is no endpoint any more: it favours a code of few strong "
        "units, whether or not stimuli can be told apart.",
    ),
)
