"""The bars that only the whole of MNIST can test: `pytest -m mnist`, with SELECTIVE_FIRING_DATA set."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons import TiedSGDAutoencoder, TopKAutoencoder
from selective_firing import KWTAAutoencoder, RateParameters, datasets, theory

pytestmark = pytest.mark.mnist


@pytest.fixture(scope="module")
def mnist():
    return datasets.mnist()


@pytest.fixture(scope="module")
def circuit(mnist):
    return KWTAAutoencoder(256, 10, n_epochs=1, codegen="cpp_standalone", random_state=0).fit(mnist.X_train)


def test_one_online_epoch(mnist, circuit):
    response = circuit.simulate(mnist.X_test)
    power = ((mnist.X_test - circuit.mean_) ** 2).sum()
    twin = TiedSGDAutoencoder(256, 10, n_epochs=1, random_state=0).fit(mnist.X_train)
    error = response.squared_error.sum() / power
    assert error <= 0.260
    assert error == pytest.approx(1 - twin.score(mnist.X_test), rel=0.01)
    assert response.winners.any(axis=0).mean() >= 0.95
    np.testing.assert_array_equal(response.winners, theory.top_k(circuit.drive(mnist.X_test), 10))


@pytest.mark.parametrize(("n_epochs", "bar"), [(4, 0.240), (20, 0.214)])
def test_the_standard_top_k_is_strong(mnist, n_epochs, bar):
    model = TopKAutoencoder(256, 10, n_epochs=n_epochs, random_state=0).fit(mnist.X_train)
    assert 1 - model.score(mnist.X_test) <= bar


def test_with_cycles_the_circuit_beats_the_top_k_of_its_own_k(mnist):
    parameters = RateParameters(n_cycles=4)
    model = KWTAAutoencoder(256, 10, n_epochs=4, homeostasis=1e-4, parameters=parameters, random_state=0)
    response = model.fit(mnist.X_train).simulate(mnist.X_test)
    assert response.squared_error.sum() / ((mnist.X_test - model.mean_) ** 2).sum() <= 0.2323
    assert (response.n_active == 10).all()
    assert (model.duty_cycle_ > 0).mean() >= 0.99
