"""JumpReLU: the straight-through gradient against what a finite change of the threshold does."""

from __future__ import annotations

import numpy as np
import pytest
from rivals.gradients import SMALL, hold_the_laws, numerical_gradient, small_network
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import JumpReLUAutoencoder
from comparisons.measuring.encoding import by_itself
from comparisons.rivals.dense import drives
from comparisons.rivals.descent.jump_relu import backward_with_jumps
from selective_firing import datasets

RIVAL = JumpReLUAutoencoder(6, 2, n_epochs=2, random_state=0)


@parametrize_with_checks([RIVAL])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def test_the_laws_of_rivals_hold():
    hold_the_laws(RIVAL)


def error(network, patterns):
    drive = drives(network, patterns)
    code = drive * (drive > np.exp(network["log_threshold"]))
    return ((patterns - code @ network["decoder"] - network["offset"]) ** 2).sum() / (2 * patterns.size)


def test_all_but_the_thresholds_have_the_numerical_gradient(rng):
    network, patterns = small_network(rng) | {"log_threshold": np.log(rng.uniform(0.1, 1, 7))}, rng.random((4, 5))
    gradients, residual, _ = backward_with_jumps(network, patterns, 2, 3.0, 1e-3)
    assert (residual**2).sum() / (2 * patterns.size) == pytest.approx(error(network, patterns))
    for name in ("encoder", "decoder", "bias", "offset"):
        expected = numerical_gradient(lambda: error(network, patterns), network, name)
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("price", [0.0, 0.7])
def test_thresholds_have_the_gradient_of_what_many_patterns_lose(rng, price):
    """Patterns so many that some lie at every threshold: then its jumps, one by one, add up to a slope."""
    weights = rng.standard_normal((2, 3, 2))
    network = {"encoder": weights[0], "decoder": weights[1], "bias": np.zeros(3), "offset": np.zeros(2)}
    network["log_threshold"] = np.log([0.3, 0.5, 0.8])
    patterns, width, k = rng.uniform(-2, 2, (60_000, 2)), 0.05, 2

    def loss():
        n_active = (drives(network, patterns) > np.exp(network["log_threshold"])).sum(axis=1).mean()
        return error(network, patterns) + price / 2 * (n_active / k - 1) ** 2

    gradients, *_ = backward_with_jumps(network, patterns, k, price, width)
    for unit in range(3):
        threshold = np.exp(network["log_threshold"][unit])
        losses = []
        for moved in (threshold + width / 2, threshold - width / 2):
            network["log_threshold"][unit] = np.log(moved)
            losses.append(loss())
        network["log_threshold"][unit] = np.log(threshold)
        slope = threshold * (losses[0] - losses[1]) / width  # by the logarithm of the threshold
        assert gradients["log_threshold"][unit] == pytest.approx(slope, rel=0.1, abs=2e-3)


def test_its_mean_number_of_active_units_is_what_was_aimed_at_and_no_pattern_s():
    digits = datasets.digits()
    numbers = []
    for k in (5, 10):
        model = JumpReLUAutoencoder(64, k, n_epochs=10, batch_size=16, random_state=0).fit(digits.X_train)
        n_active = (model.transform(digits.X_train) > 0).sum(axis=1)
        assert n_active.mean() == pytest.approx(k, rel=0.2)
        assert n_active.min() < n_active.mean() - 2 < n_active.mean() + 2 < n_active.max()
        numbers.append(n_active.mean())
        assert model.score(digits.X_test) > 0.65
    assert numbers[1] > 1.5 * numbers[0]
    assert len(set(model.threshold_)) > 50
    drive = model.drive(digits.X_test)
    np.testing.assert_array_equal(model.transform(digits.X_test), np.where(drive > model.threshold_, drive, 0))
    assert by_itself(model, digits.X_test).selection == "none"


def test_thresholds_start_where_k_are_active():
    model = JumpReLUAutoencoder(16, 4, n_epochs=1, learning_rate=0, random_state=0).fit(SMALL)
    assert (model.transform(SMALL) > 0).sum(axis=1).mean() == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"price": -1}, "price must be at least 0"), ({"bandwidth": 0}, "bandwidth must be above 0")],
)
def test_bad_arguments_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        JumpReLUAutoencoder(6, 2, **given).fit(SMALL)
