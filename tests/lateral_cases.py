"""Circuits that explain away by lateral synapses, as their tests use them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selective_firing import RateParameters
from selective_firing.weights import Weights

SWAPS = RateParameters(explain="lateral", n_swaps=2)
LOCAL = replace(SWAPS, transport=False)
DALE = replace(LOCAL, dale=True, lateral_start="uniform")
PAIRED = replace(DALE, dale="push-pull")
K = 4
RULES = (SWAPS, LOCAL, replace(SWAPS, late_share=1.0), replace(LOCAL, decay=0.5))


def reconstructed(weights: Weights, code: np.ndarray) -> np.ndarray:
    return weights.mean + code @ weights.w_out


def squared(weights: Weights, X: np.ndarray, code: np.ndarray) -> np.ndarray:
    return ((X - reconstructed(weights, code)) ** 2).sum(axis=1)
