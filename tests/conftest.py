"""Fixtures: small circuits and their closed form; numpy target unless a test says otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing.weights import Weights


def pytest_configure(config):
    import matplotlib

    matplotlib.use("agg")


@pytest.fixture
def rng():
    return np.random.default_rng(20240)


@pytest.fixture
def patterns(rng):
    """Thirty sparse, non-negative patterns of 20 inputs."""
    return rng.random((30, 20)) * (rng.random((30, 20)) < 0.6)


@pytest.fixture
def weights(rng, patterns):
    """A circuit of 24 hidden units with distinct encoding and decoding weights and biases."""
    w_in, w_out = rng.standard_normal((2, 24, 20)) / np.sqrt(20)
    mean = patterns.mean(axis=0)
    power = float(((patterns - mean) ** 2).sum(axis=1).mean())
    return Weights(w_in, w_out, 0.1 * rng.standard_normal(24), mean, power)


@pytest.fixture
def tied_weights(weights):
    return Weights(weights.w_in, weights.w_in, weights.bias, weights.mean, weights.power)
