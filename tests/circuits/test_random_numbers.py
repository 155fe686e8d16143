"""Noise: as large as it is said to be, independent between units, steps and stimuli, the same on every target."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from selective_firing.circuits.initial_values import Draws
from selective_firing.circuits.random_numbers import counter_normal, counter_uniform
from selective_firing.engine.record_trace import trace
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import RateParameters, SpikingParameters
from selective_firing.weights import Weights


def numbers(shape=(8, 50, 60)) -> np.ndarray:
    """Numbers by stimulus, step and unit."""
    stimulus, step, unit = np.indices(shape)
    return counter_normal(7, stimulus, step, unit)


def test_they_are_standard_normal():
    found = numbers().ravel()
    assert abs(found.mean()) < 4 / np.sqrt(found.size)
    assert found.std() == pytest.approx(1, abs=4 / np.sqrt(2 * found.size))
    assert stats.kstest(found, "norm").pvalue > 1e-3
    uniform = counter_uniform(7, *np.indices((8, 50, 60)))
    assert stats.kstest(uniform.ravel(), "uniform").pvalue > 1e-3


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["stimuli", "steps", "units"])
def test_neighbours_are_independent(axis):
    found = numbers()
    for lag in (1, 2):
        one, other = (np.moveaxis(found, axis, 0)[part] for part in (slice(lag, None), slice(None, -lag)))
        for of in (np.asarray, np.square):  # neither values nor sizes go together
            assert abs(np.corrcoef(of(one).ravel(), of(other).ravel())[0, 1]) < 4.5 / np.sqrt(one.size)


def test_other_seeds_are_other_numbers():
    one, other = (counter_normal(seed, 0, *np.indices((50, 60))) for seed in (1, 2))
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4.5 / np.sqrt(one.size)


def undriven(n: int) -> Weights:
    """Units that no stimulus drives."""
    return Weights(np.zeros((n, 1)), np.zeros((n, 1)), np.zeros(n), np.zeros(1), 1.0)


@pytest.mark.parametrize("tau_m", [5.0, 15.0])
def test_membrane_noise_of_the_rate_circuit_has_the_deviation_that_is_said(tau_m):
    parameters = RateParameters(noise=0.2, tau_m=tau_m, inhibition="threshold", max_settle=400.0)
    shown = trace(undriven(1500), np.array([3.0]), 1500, parameters, rng=np.random.default_rng(1))
    settled = shown.u[int(5 * tau_m) :: int(3 * tau_m)]  # apart enough to be independent
    assert settled.std() == pytest.approx(0.2 * 3.0, rel=0.03)
    assert abs(settled.mean()) < 4 * 0.6 / np.sqrt(settled.size)


@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_membrane_noise_of_the_spiking_circuit_has_the_deviation_that_is_said(dt):
    parameters = SpikingParameters(noise=0.5, presentation=200.0, dt=dt, v_threshold=0.0, inhibition_delay=0.0)
    shown = trace(undriven(400), np.array([3.0]), 3, parameters, rng=np.random.default_rng(1))
    settled = shown.v_mV[int(100 / dt) :: int(50 / dt)]
    assert settled.std() == pytest.approx(0.5, rel=0.06)
    assert settled.mean() == pytest.approx(-65, abs=0.1)


def test_thresholds_differ_by_the_coefficient_of_variation_that_is_said():
    draws = Draws.of(RateParameters(threshold_cv=0.05), 20_000, np.random.default_rng(0))
    assert draws.sensitivity.std() == pytest.approx(0.05, rel=0.02)
    assert draws.sensitivity.mean() == pytest.approx(1, abs=0.002)


def test_the_next_stimulus_sees_other_noise():
    drive = 0.04 * np.linspace(1.5, 3, 30)
    w = drive[:, np.newaxis]
    weights = Weights(w, w, np.zeros(30), np.zeros(1), 1.0)
    parameters = SpikingParameters(
        noise=0.5, presentation=60.0, dt=0.2, inhibition_strength=0.0, refractory=100.0, threshold_share=0.04
    )
    response, _ = simulate(weights, np.ones((12, 1)), 30, parameters, codegen="numpy")
    assert (response.n_active == 30).all()
    first = np.zeros((12, 30))
    first[np.repeat(np.arange(12), 30), response.winner_units] = response.winner_latency_ms
    jitter = first - first.mean(axis=0)
    assert jitter.std() > 0.1
    assert abs(np.corrcoef(jitter[1:].ravel(), jitter[:-1].ravel())[0, 1] + 1 / 12) < 0.2


@pytest.mark.parametrize("parameters", [
    RateParameters(noise=0.05, threshold_cv=0.05),
    RateParameters(noise=0.05, n_cycles=3),
    SpikingParameters(noise=0.3, presentation=30.0, threshold_cv=0.05),
], ids=["rate", "cycles", "spiking"])  # fmt: skip
@pytest.mark.compiled
def test_both_targets_see_the_same_noise(weights, patterns, parameters):
    rows = patterns[:8]
    here, there = (
        simulate(weights, rows, 4, parameters, codegen=codegen, rng=np.random.default_rng(3))[0]
        for codegen in ("numpy", "cpp_standalone")
    )
    np.testing.assert_array_equal(here.winners, there.winners)
    np.testing.assert_array_equal(here.settling_time_ms, there.settling_time_ms)
    np.testing.assert_allclose(here.winner_drives, there.winner_drives, rtol=1e-9)


def test_noise_does_not_depend_on_how_stimuli_are_split_into_runs(weights, patterns, monkeypatch):
    parameters = RateParameters(noise=0.1, threshold_cv=0.1)
    whole, _ = simulate(weights, patterns, 4, parameters, codegen="numpy", rng=np.random.default_rng(2))
    monkeypatch.setattr("selective_firing.engine.simulate.chunk_rows", lambda n_inputs: 7)
    parts, _ = simulate(weights, patterns, 4, parameters, codegen="numpy", rng=np.random.default_rng(2))
    np.testing.assert_array_equal(whole.winners, parts.winners)
    np.testing.assert_array_equal(whole.settling_time_ms, parts.settling_time_ms)
