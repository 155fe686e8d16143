"""Bits, signal-to-noise and discriminability, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from selective_firing import measures
from selective_firing.energy.prices import NEURAL, RESTING_ATP_PER_S, cost_ratio, efficient_fraction


def test_class_bits_are_entropy_less_cross_entropy():
    labels = np.array([0, 0, 0, 1, 2, 2])
    shares = np.array([3, 1, 2]) / 6
    certain = np.log(np.eye(3)[labels] + 1e-300)
    assert measures.class_information(certain, labels) == pytest.approx(entropy(shares, base=2))
    assert measures.class_information(np.log(np.tile(shares, (6, 1))), labels) == pytest.approx(0.0)
    assert measures.class_information(np.log(np.tile([0.1, 0.8, 0.1], (6, 1))), labels) < 0
    with pytest.raises(ValueError, match="labels must be of shape"):
        measures.class_information(certain, labels[:-1])


def test_gaussian_bits_are_the_rate_distortion_function(rng):
    variances = np.array([16.0, 4.0, 1.0])
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    source = rng.standard_normal((200_000, 3)) * np.sqrt(variances)
    error = rng.standard_normal(source.shape) * np.sqrt(np.minimum(variances, 2.0))
    X = source @ axes.T
    bits = measures.gaussian_bits(X, X - error @ axes.T)
    assert bits == pytest.approx(0.5 * np.log2(variances[:2] / 2.0).sum(), abs=0.02)  # the third axis tells nothing
    assert measures.gaussian_bits(X, np.tile(X.mean(axis=0), (len(X), 1))) == pytest.approx(0.0, abs=1e-6)
    assert measures.gaussian_bits(X, X) == np.inf


def test_signal_to_noise_is_the_ratio_of_variances(rng):
    signal, noise = 2.0 * rng.standard_normal((1, 400, 30)), rng.standard_normal((20, 400, 30))
    assert measures.signal_to_noise_dB(signal + noise) == pytest.approx(20 * np.log10(2), abs=0.2)
    assert measures.signal_to_noise_dB(7 * (signal + noise)) == pytest.approx(20 * np.log10(2), abs=0.2)
    assert measures.signal_to_noise_dB(np.broadcast_to(signal, (2, 400, 30))) == np.inf
    weak = measures.signal_to_noise_dB(0.25 * signal + noise[:2])  # two repeats: half of the noise is taken off
    assert weak == pytest.approx(20 * np.log10(0.5), abs=0.5)


def test_d_prime_is_the_distance_in_standard_deviations(rng):
    means = np.zeros((3, 2))
    means[1, 0], means[2] = 3.0, [0.0, 0.0]
    codes = means + rng.standard_normal((4000, 3, 2))
    found = measures.d_prime(codes, np.array([[0, 1], [1, 0], [0, 2]]))
    np.testing.assert_allclose(found[:2], 3.0, atol=0.15)
    few = rng.standard_normal((8, 400, 50))  # many units, few repeats: noise must not be taken for a difference
    none = measures.d_prime(few, np.stack([np.arange(200), np.arange(200, 400)], axis=1))
    assert abs(none.mean()) < 0.3
    still = measures.d_prime(np.broadcast_to(means, (4, 3, 2)), np.array([[0, 1], [0, 2]]))
    np.testing.assert_array_equal(still, [np.inf, 0.0])


@pytest.mark.parametrize(
    ("n_units", "n_repeats", "n_pairs"),
    [(2, 4, 400), (20, 4, 400), (20, 30, 100), (128, 4, 600), (128, 8, 200), (784, 4, 1200), (784, 12, 300)],
)
def test_d_prime_is_unbiased_in_many_dimensions_from_few_repeats(n_units, n_repeats, n_pairs):
    rng = np.random.default_rng(3)
    direction = rng.standard_normal((n_pairs, n_units))
    apart = 3.0 * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    means = rng.standard_normal((n_pairs, n_units))
    noise = rng.standard_normal((n_repeats, 2 * n_pairs, n_units))
    pairs = np.arange(2 * n_pairs).reshape(2, -1).T
    found = measures.d_prime(0.1 * (np.concatenate([means, means + apart]) + noise), pairs)
    assert found.mean() == pytest.approx(3.0, rel=0.05)
    assert np.median(found) == pytest.approx(3.0, rel=0.05)


def test_d_prime_takes_the_noise_along_the_line_and_its_correlations():
    rng = np.random.default_rng(0)
    mixing, apart = np.array([[1.0, 0.0], [0.9, 0.4]]), np.array([[0.0, 0.0], [3.0, 3.0], [3.0, -3.0]])
    codes = apart + rng.standard_normal((3000, 3, 2)) @ mixing.T
    covariance = mixing @ mixing.T
    expected = [line @ line / np.sqrt(line @ covariance @ line) for line in apart[1:]]
    np.testing.assert_allclose(measures.d_prime(codes, [[0, 1], [0, 2]]), expected, rtol=0.05)


@pytest.mark.parametrize("codes", [np.zeros((4, 3)), np.zeros((1, 4, 3))])
def test_codes_must_be_repeated(codes):
    with pytest.raises(ValueError, match="codes must be of shape"):
        measures.signal_to_noise_dB(codes)
    with pytest.raises(ValueError, match="codes must be of shape"):
        measures.d_prime(codes, np.array([[0, 1]]))


@pytest.mark.parametrize("ratio", [1.0, 2.0, 10.0, 100.0])
def test_the_most_efficient_fraction_has_most_bits_per_cost(ratio):
    p = np.linspace(1e-4, 0.999, 20_000)
    bits = -(p * np.log2(p) + (1 - p) * np.log2(1 - p)) / (1 + (ratio - 1) * p)
    best = efficient_fraction(ratio)
    assert best == pytest.approx(p[bits.argmax()], abs=1e-3)
    assert bits.max() == pytest.approx(-np.log2(1 - best), rel=1e-4)


def test_an_active_neuron_costs_what_its_spikes_do_beside_rest():
    assert cost_ratio(NEURAL[0], 40.0) == pytest.approx(1 + 3.84e8 * 40 / RESTING_ATP_PER_S)
    with pytest.raises(ValueError, match="ratio must be at least 1"):
        efficient_fraction(0.5)
