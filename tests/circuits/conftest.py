"""Weights of circuits with lateral synapses; networks that are run by hand."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest

from selective_firing.weights import Weights


@pytest.fixture
def on_numpy():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    yield
    b2.prefs.codegen.target = before


@pytest.fixture
def apart(weights):
    """Weights whose encoders, decoders and lateral synapses have not yet come together."""
    w = weights.w_in
    return replace(weights, w_out=0.3 * w, lateral=0.7 * w @ w.T + 0.1)


@pytest.fixture
def positive(weights, patterns):
    """Weights of ON and OFF cells, none below 0, for the first patterns; and these as the cells show them."""
    from selective_firing.learning.channels import on_and_off

    rng = np.random.default_rng(3)
    w_in, w_out = 0.5 * np.abs(rng.standard_normal((2, 24, 40))) / np.sqrt(40)
    mean = patterns.mean(axis=0)
    bias, power = 0.05 * np.abs(weights.bias), weights.power

    def shown(crossed: bool) -> tuple[Weights, np.ndarray]:
        made = Weights(w_in, w_out, bias, np.zeros(40), power, None, w_in @ w_in.T, mean)
        return made, on_and_off(patterns[:6], mean, crossed)

    return shown
