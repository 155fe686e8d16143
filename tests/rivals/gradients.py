"""What tests of several rivals share: a small network, a numerical gradient, and laws that hold for every rival."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from selective_firing.errors import DivergenceError
from selective_firing.protocol import Autoencoder

__all__ = ["SMALL", "hold_the_laws", "numerical_gradient", "small_network"]

SMALL = np.random.default_rng(0).random((20, 5))


def small_network(rng: np.random.Generator) -> dict[str, np.ndarray]:
    w = rng.standard_normal((2, 7, 5))
    return {"encoder": w[0], "decoder": w[1], "bias": rng.standard_normal(7), "offset": rng.standard_normal(5)}


def numerical_gradient(loss: Callable[[], float], network: dict[str, np.ndarray], name: str) -> np.ndarray:
    gradient, step = np.zeros_like(network[name]), 1e-6
    for index in np.ndindex(gradient.shape):
        value = network[name][index]
        network[name][index] = value + step
        above = loss()
        network[name][index] = value - step
        gradient[index] = (above - loss()) / (2 * step)
        network[name][index] = value
    return gradient


def hold_the_laws(rival: Any, diverges: bool = True) -> None:
    """Protocol, seed, scale, refusals, and no half-fitted model."""
    one, other = clone(rival).fit(SMALL), clone(rival).fit(SMALL)
    assert isinstance(one, Autoencoder)
    np.testing.assert_array_equal(one.components_, other.components_)
    np.testing.assert_array_equal(one.transform(SMALL), other.transform(SMALL))
    assert not np.array_equal(one.components_, clone(rival).set_params(random_state=1).fit(SMALL).components_)
    drive = (SMALL - one.offset_) @ one.encoder_.T + one.bias_
    np.testing.assert_allclose(one.drive(SMALL), drive, atol=1e-12)
    np.testing.assert_allclose(one.reconstruct(SMALL), one.transform(SMALL) @ one.components_ + one.offset_, atol=1e-12)
    np.testing.assert_array_equal(one.mean_, SMALL.mean(axis=0))
    scaled = clone(rival).fit(1e3 * SMALL)
    np.testing.assert_allclose(scaled.reconstruct(1e3 * SMALL), 1e3 * one.reconstruct(SMALL), rtol=1e-3, atol=1.0)
    for name, value in (("n_hidden", 0), ("k", 0), ("k", rival.n_hidden + 1), ("n_epochs", 0)):
        with pytest.raises(ValueError, match=f"{name} must be"):
            clone(rival).set_params(**{name: value}).fit(SMALL)
    with pytest.raises(ValueError, match="X must have a largest magnitude"):
        clone(rival).fit(1e200 * SMALL)
    assert np.isfinite(clone(rival).fit(0 * SMALL).transform(SMALL)).all()
    if diverges:
        with pytest.raises(DivergenceError, match="learning_rate must be lower than 1e"):
            one.set_params(learning_rate=1e30).fit(SMALL)
        assert not hasattr(one, "components_")
