"""Matching pursuit: the solver by hand, the gradient through it, and the autoencoder that it makes."""

from __future__ import annotations

import numpy as np
import pytest
from rivals.gradients import SMALL, hold_the_laws, numerical_gradient, small_network
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import MatchingPursuitAutoencoder, TopKAutoencoder
from comparisons.measuring.encoding import by_itself
from comparisons.rivals.pursuit.matching_pursuit import backward_through_pursuit
from comparisons.rivals.pursuit.solvers import matching_pursuit
from selective_firing import datasets

RIVAL = MatchingPursuitAutoencoder(6, 2, n_epochs=2, random_state=0)


def pursued(patterns, dictionary, k):
    """One pattern and one step at a time, with the patterns themselves."""
    code, left = np.zeros((len(patterns), len(dictionary))), patterns.copy()
    for row, rest in enumerate(left):
        for _ in range(k):
            unit = int(np.argmax(dictionary @ rest))
            rate = max(0.0, dictionary[unit] @ rest)
            code[row, unit] += rate
            rest -= rate * dictionary[unit]
    return code, left


@pytest.fixture
def network(rng):
    network = small_network(rng)
    network["decoder"] /= np.linalg.norm(network["decoder"], axis=1, keepdims=True)
    return network


@parametrize_with_checks([RIVAL])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def test_the_laws_of_rivals_hold():
    hold_the_laws(RIVAL)


def test_the_solver_takes_one_unit_after_another(network, rng):
    dictionary, patterns = network["decoder"], rng.standard_normal((30, 5))
    found = matching_pursuit(patterns @ dictionary.T, dictionary @ dictionary.T, 4)
    code, left = pursued(patterns, dictionary, 4)
    np.testing.assert_allclose(found.code, code, atol=1e-12)
    np.testing.assert_allclose(found.left, left @ dictionary.T, atol=1e-12)
    assert (np.count_nonzero(found.code, axis=1) < 4).any()  # a unit chosen twice, or nothing left that is positive


def test_what_resembles_nothing_gets_no_code():
    found = matching_pursuit(np.array([[-1.0, 0.0]]), np.eye(2), 2)
    assert not found.code.any()
    np.testing.assert_array_equal(found.left, [[-1, 0]])


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_gradient_goes_through_every_step(network, rng, k):
    patterns = rng.standard_normal((6, 5))

    def loss():
        _, left = pursued(patterns - network["offset"], network["decoder"], k)
        return (left**2).sum() / (2 * patterns.size)

    gradients, residual, _ = backward_through_pursuit(network, patterns, k)
    np.testing.assert_allclose(residual, pursued(patterns - network["offset"], network["decoder"], k)[1], atol=1e-12)
    assert set(gradients) == {"decoder", "offset"}
    for name in gradients:
        np.testing.assert_allclose(gradients[name], numerical_gradient(loss, network, name), rtol=1e-6, atol=1e-8)


def test_it_explains_away_what_a_sort_does_not_and_never_with_more_than_k():
    digits = datasets.digits()
    given = {"n_hidden": 64, "k": 8, "n_epochs": 6, "batch_size": 16, "learning_rate": 1e-2, "random_state": 0}
    pursuit, sort = (kind(**given).fit(digits.X_train) for kind in (MatchingPursuitAutoencoder, TopKAutoencoder))
    active = (pursuit.transform(digits.X_test) > 0).sum(axis=1)
    assert active.max() == 8
    assert active.mean() > 7.5
    assert pursuit.score(digits.X_test) > sort.score(digits.X_test) + 0.02
    np.testing.assert_allclose(np.linalg.norm(pursuit.components_, axis=1), 1, rtol=1e-5)
    assert pursuit.encoder_ is pursuit.components_ or np.array_equal(pursuit.encoder_, pursuit.components_)
    assert not pursuit.bias_.any()


def test_it_goes_on_learning_and_k_may_change_afterwards():
    model = MatchingPursuitAutoencoder(6, 2, learning_rate=1e-2, random_state=0).partial_fit(SMALL)
    before = model.score(SMALL)
    for _ in range(30):
        model.partial_fit(SMALL)
    assert model.score(SMALL) > before
    more = model.set_params(k=5).transform(SMALL)
    assert model.score(SMALL) > before
    assert (more > 0).sum() > 2 * len(SMALL)
    with pytest.raises(ValueError, match="k must be between 1 and 6, got 7"):
        model.set_params(k=7).transform(SMALL)


def test_its_selection_is_a_pursuit():
    encoding = by_itself(RIVAL.fit(SMALL), SMALL)
    assert encoding.selection == "pursuit"
    np.testing.assert_array_equal(encoding.lateral, (encoding.code > 0).sum(axis=1) * 6)
