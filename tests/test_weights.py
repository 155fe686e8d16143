"""Weights that nobody learned, and those that another model did."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import selective_firing.weights
from comparisons import RandomWeights, TopKAutoencoder
from selective_firing import Weights, simulate


def test_each_unit_sees_as_many_inputs_as_asked_all_of_them_alike(rng):
    weights = Weights.sparse_random(200, 30, 6, rng)
    assert (np.count_nonzero(weights.w_in, axis=1) == 6).all()
    np.testing.assert_allclose(np.linalg.norm(weights.w_in, axis=1), 1)
    assert np.unique(weights.w_in).size == 2
    assert not weights.bias.any()
    assert not weights.mean.any()


def test_no_input_is_preferred_and_the_seed_decides(rng):
    counts = np.count_nonzero(Weights.sparse_random(6000, 24, 6, rng).w_in, axis=0)
    expected, spread = 6000 * 6 / 24, np.sqrt(6000 * 0.25 * 0.75)  # hypergeometric: a share of 6 in 24
    assert np.abs(counts - expected).max() < 4 * spread
    assert counts.std() > spread / 3
    one, same, other = (Weights.sparse_random(50, 24, 6, np.random.default_rng(seed)).w_in for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("given", "words"),
    [((0, 5, 2), "n_hidden must be"), ((5, 0, 2), "n_inputs must be"), ((5, 5, 6), "n_per_unit must be between 1 and"),
     ((5, 5, 0), "n_per_unit must be"), ((2**31, 5, 2), "n_hidden must be between"), ((5.0, 5, 2), "n_hidden must be")],
)  # fmt: skip
def test_what_makes_no_weights_is_refused(given, words, rng):
    with pytest.raises((TypeError, ValueError), match=words):
        Weights.sparse_random(*given, rng)
    with pytest.raises(TypeError, match="rng must be"):
        Weights.sparse_random(5, 5, 2, 0)


def test_the_circuit_encodes_with_the_weights_of_another_model_as_that_does(patterns):
    model = TopKAutoencoder(12, 3, n_epochs=2, random_state=0).fit(patterns)
    response, _ = simulate(Weights.of(model), patterns[:5], 3, codegen="numpy")
    np.testing.assert_allclose(response.code, model.transform(patterns[:5]), atol=1e-6)


def test_a_model_that_is_not_fitted_is_refused_by_name():
    with pytest.raises(TypeError, match=r"model must be a fitted autoencoder, got .* without encoder_, components_"):
        Weights.of(RandomWeights(5, 2))


def test_the_examples_give_what_they_show():
    done = doctest.testmod(selective_firing.weights)
    assert done.attempted > 2
    assert done.failed == 0
