"""Measures on codes that can be counted by hand, and against libraries that have the same measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import r2_score

from selective_firing import measures

ONE_HOT = np.eye(4)
UNIFORM = np.ones((4, 4))
BINARY = np.repeat([[1.0, 1.0, 0.0, 0.0]], 3, axis=0)


def test_sparseness_of_one_hot_uniform_and_binary_codes():
    np.testing.assert_allclose(measures.population_sparseness(ONE_HOT), 1)
    np.testing.assert_allclose(measures.lifetime_sparseness(ONE_HOT), 1)
    np.testing.assert_allclose(measures.population_sparseness(UNIFORM), 0, atol=1e-15)
    np.testing.assert_allclose(measures.lifetime_sparseness(UNIFORM), 0, atol=1e-15)
    np.testing.assert_allclose(measures.population_sparseness(BINARY), (1 - 2 / 4) / (1 - 1 / 4))


def test_gini_of_one_hot_uniform_and_binary_codes():
    np.testing.assert_allclose(measures.gini(ONE_HOT), 1 - 1 / 4)
    np.testing.assert_allclose(measures.gini(UNIFORM), 0, atol=1e-15)
    np.testing.assert_allclose(measures.gini(BINARY), 1 - 2 / 4)


def test_gini_is_half_the_relative_mean_difference(rng):
    rates = rng.random((3, 7))
    difference = np.abs(rates[:, :, None] - rates[:, None, :]).mean(axis=(1, 2))
    np.testing.assert_allclose(measures.gini(rates), difference / (2 * rates.mean(axis=1)))


def test_silent_units_are_counted_and_never_scored():
    rates = np.array([[1.0, 0.0], [0.0, 0.0]])
    assert np.isnan(measures.lifetime_sparseness(rates)).tolist() == [False, True]
    assert np.isnan(measures.population_sparseness(rates)).tolist() == [False, True]
    assert measures.n_silent(rates, axis=0) == measures.n_silent(rates, axis=1) == 1
    assert measures.dead_fraction(rates) == 0.5
    assert np.isnan(measures.class_selectivity(rates, [0, 1])[1])


def test_duty_cycle_and_active_fraction_count_what_is_above_zero():
    assert measures.duty_cycle(BINARY).tolist() == [1, 1, 0, 0]
    assert measures.active_fraction(BINARY) == 0.5


@given(arrays(float, (5, 4), elements=st.floats(0, 1e6)), st.floats(1e-6, 1e6))
def test_sparseness_ignores_scale_and_stays_between_0_and_1(rates, factor):
    rates = np.where(rates < 1e-3, 0, rates)
    for measure in (measures.lifetime_sparseness, measures.population_sparseness, measures.gini):
        values = measure(rates)
        np.testing.assert_allclose(measure(factor * rates), values, rtol=1e-9, atol=1e-9)
        known = values[~np.isnan(values)]
        assert ((known > -1e-12) & (known < 1 + 1e-12)).all()


@pytest.mark.parametrize("rates", [[1.0, 2.0], [[-1.0]], [[np.nan]], np.zeros((0, 3))])
def test_what_are_no_rates_is_refused(rates):
    with pytest.raises(ValueError, match="rates must be"):
        measures.lifetime_sparseness(rates)


def test_class_selectivity_of_a_unit_for_one_class_and_for_all(rng):
    labels = np.repeat([0, 1, 2], 4)
    rates = np.stack([labels == 1, np.ones(12), np.where(labels == 0, 3.0, 1.0)], axis=1)
    np.testing.assert_allclose(measures.class_selectivity(rates, labels), [1, 0, (3 - 1) / (3 + 1)])


def test_shuffled_labels_leave_only_what_rare_activity_gives(rng):
    labels = np.repeat([0, 1], 500)
    rates = np.stack([labels == 1, rng.random(1000)], axis=1)
    shuffled = measures.shuffled_class_selectivity(rates, labels, rng)
    assert (shuffled < 0.15).all()


@pytest.mark.parametrize("labels", [[0, 1], [1, 1, 1]])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(ValueError, match="labels must"):
        measures.class_selectivity(BINARY, labels)


def test_information_beyond_shuffles_is_lost_by_permutation_and_lifetime_sparseness_is_not():
    rng = np.random.default_rng(4)
    labels = rng.integers(5, size=1000)
    rates = (labels[:, np.newaxis] == np.arange(5)) * rng.random((1000, 5))
    permuted = rng.permuted(rates, axis=0)
    np.testing.assert_allclose(measures.lifetime_sparseness(permuted), measures.lifetime_sparseness(rates))
    told = measures.class_information_beyond_shuffles(rates, labels)
    share = (rates > 0).mean(axis=0)
    np.testing.assert_allclose(told, -share * np.log2(share) - (1 - share) * np.log2(1 - share), atol=0.005)
    assert np.abs(measures.class_information_beyond_shuffles(permuted, labels)).max() < 0.01
    rare = rng.random((60, 400)) < 0.05  # few stimuli, rare activity: nothing beyond chance
    chance = measures.class_information_beyond_shuffles(rare[:, rare.any(axis=0)], rng.integers(3, size=60))
    assert abs(chance.mean()) < 0.003


def test_information_beyond_shuffles_sees_rates_where_it_is_given_levels():
    labels = np.repeat([0, 1], 200)
    rates = np.where(labels == 1, 2.0, 1.0)[:, np.newaxis]
    assert measures.class_information_beyond_shuffles(rates, labels)[0] == pytest.approx(0, abs=1e-9)
    assert measures.class_information_beyond_shuffles(rates, labels, n_levels=2)[0] == pytest.approx(1, abs=0.01)


def test_the_mean_over_shuffles_is_that_of_all_permutations():
    from itertools import permutations

    from sklearn.metrics import mutual_info_score

    labels, rate = [0, 0, 1, 1, 2], np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    bits = [mutual_info_score(labels, np.array(order) > 0) / np.log(2) for order in permutations(rate)]
    told = mutual_info_score(labels, rate > 0) / np.log(2)
    found = measures.class_information_beyond_shuffles(rate[:, np.newaxis], labels)[0]
    assert found == pytest.approx(told - np.mean(bits))


def test_reliability_is_the_share_of_variance_that_repeats_share():
    rng = np.random.default_rng(5)
    signal, noise = rng.standard_normal((1, 2000, 6)), rng.standard_normal((3, 2000, 6))
    assert measures.repeat_reliability(2 * signal + noise) == pytest.approx(4 / 5, abs=0.02)
    assert measures.repeat_reliability(noise) == pytest.approx(0, abs=0.02)
    assert measures.repeat_reliability(np.broadcast_to(signal, (3, 2000, 6))) == pytest.approx(1)
    apart = rng.permuted(2 * signal + noise, axis=1)
    assert measures.repeat_reliability(apart) == pytest.approx(0, abs=0.02)
    silent = np.concatenate([2 * signal + noise, np.zeros((3, 2000, 2))], axis=2)
    assert measures.repeat_reliability(silent) == measures.repeat_reliability(2 * signal + noise)


def test_nmse_of_the_mean_is_one_and_of_perfection_zero(rng):
    X = rng.random((6, 5))
    mean = X.mean(axis=0)
    assert measures.nmse(X, np.broadcast_to(mean, X.shape), mean) == pytest.approx(1)
    assert measures.nmse(X, X, mean) == 0


def test_nmse_is_one_minus_the_variance_weighted_r2_of_scikit_learn(rng):
    X, X_hat = rng.random((2, 9, 5))
    r2 = r2_score(X, X_hat, multioutput="variance_weighted")
    assert measures.nmse(X, X_hat, X.mean(axis=0)) == pytest.approx(1 - r2)


def test_nmse_of_constant_data():
    X = np.ones((3, 2))
    assert measures.nmse(X, X, X[0]) == 0
    assert measures.nmse(X, 0 * X, X[0]) == np.inf


def test_nmse_does_not_depend_on_batches(rng):
    X, X_hat = rng.random((2, 8, 5))
    mean = rng.random(5)
    error = sum(measures.squared_error(X[i : i + 3], X_hat[i : i + 3]).sum() for i in (0, 3, 6))
    power = sum(((X[i : i + 3] - mean) ** 2).sum() for i in (0, 3, 6))
    assert measures.nmse(X, X_hat, mean) == pytest.approx(error / power)


def test_exactness_and_overlap_of_winners():
    winners = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    assert measures.exact_fraction(winners, 2) == pytest.approx(1 / 3)
    assert measures.exact_fraction(winners, [2, 1, 0]) == 1
    np.testing.assert_allclose(measures.jaccard(winners, winners[[1, 0, 2]]), [0.5, 0.5, 1])
    with pytest.raises(ValueError, match="one shape"):
        measures.jaccard(winners, winners[:, :2])


def test_rates_do_not_change_when_encoder_and_decoder_trade_scale(rng):
    code, components = rng.random((4, 3)), rng.random((3, 6))
    np.testing.assert_allclose(
        measures.rates_Hz(code * 5, components / 5, 2.0), measures.rates_Hz(code, components, 2.0)
    )
    gain = measures.rate_gain(code, components)
    assert measures.rates_Hz(code, components, gain).mean() == pytest.approx(40)
    assert measures.rate_gain(0 * code, components) == 0
