"""Inputs that fire: their random numbers, their rates, and what they add up to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from selective_firing import KWTAAutoencoder, SpikingParameters
from selective_firing.circuits.random_numbers import counter_uniform
from selective_firing.engine.simulate import simulate
from selective_firing.weights import Weights

TRAINS = SpikingParameters(input="poisson", presentation=50.0, dt=0.5, inhibition_strength=0.0, inhibition_delay=0.0)


def test_the_numbers_are_uniform_and_depend_on_all_four_integers():
    numbers = counter_uniform(1, 2, np.arange(20_000), 3)
    assert stats.kstest(numbers, "uniform").pvalue > 0.01
    base = counter_uniform(1, 2, 3, 4)
    others = [counter_uniform(*words) for words in ((2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5))]
    assert all(other != base for other in others)
    np.testing.assert_array_equal(counter_uniform(1, 2, 3, np.arange(5))[4], base[0])


def test_neighbouring_inputs_and_steps_are_independent():
    grid = counter_uniform(7, 0, np.arange(400)[:, np.newaxis], np.arange(50))
    for a, b in ((grid[1:], grid[:-1]), (grid[:, 1:], grid[:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / np.sqrt(a.size)


def present(X, parameters=TRAINS, seed=0):
    n = X.shape[1]
    weights = Weights(np.eye(n), np.eye(n), np.zeros(n), np.zeros(n), 1.0)
    return simulate(weights, X, n, parameters, codegen="numpy", rng=np.random.default_rng(seed))[0]


def test_inputs_fire_in_proportion_to_the_stimulus_and_silent_ones_never():
    X = np.tile([1.0, 0.5, 0.25, 0.0], (20, 1))
    counts = present(X).events["input to hidden"] / 4
    expected = 100.0 * 0.05 * 1.75
    assert counts.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 20))
    assert present(np.zeros((2, 4))).events["input to hidden"].sum() == 0


def test_many_spikes_drive_a_cell_as_the_constant_current_does():
    X = np.tile([1.0, 0.6, 0.3], (6, 1))
    fast = replace(TRAINS, input_rate=1900.0, tau_input=1.0, readout="count", presentation=200.0, refractory=2.0,
                   threshold_share=0.2)  # fmt: skip
    by_trains, by_current = (
        present(X, parameters).spikes["hidden"].counts(6).mean(axis=0)
        for parameters in (fast, fast.changed(input="current"))
    )
    np.testing.assert_allclose(by_trains, by_current, rtol=0.1)


def test_negative_inputs_fire_and_inhibit():
    parameters = replace(TRAINS, input_rate=1900.0)
    response = present(np.array([[1.0, -1.0]]), parameters)
    np.testing.assert_array_equal(response.winners, [[True, False]])


def test_scale_does_not_matter_and_the_seed_does():
    X = np.random.default_rng(0).random((3, 5))
    one, other = present(X), present(1000 * X)
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_array_equal(one.n_flips, other.n_flips)
    assert present(X, seed=1).spikes["hidden"].time_ms.tolist() != one.spikes["hidden"].time_ms.tolist()


def test_the_estimator_repeats_its_trains(patterns):
    model = KWTAAutoencoder(8, 2, circuit="spiking", n_epochs=1, codegen="numpy", random_state=0, parameters=TRAINS)
    one, other = (model.fit(patterns[:5]).simulate(patterns[:3]) for _ in range(2))
    np.testing.assert_array_equal(one.spikes["hidden"].time_ms, other.spikes["hidden"].time_ms)


def test_a_rate_above_one_spike_a_step_is_refused():
    with pytest.raises(ValueError, match="input_rate must be below one spike per dt"):
        SpikingParameters(input="poisson", input_rate=1e4)
