"""A stimulus is called settled only if as many won as should: the circuit's loop as a NumPy model, many times over."""

from __future__ import annotations

import numpy as np
import pytest
from loop_model import compete, driven

from selective_firing.circuits.initial_values import rest_steps
from selective_firing.engine.decode import _rate
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import RateParameters
from selective_firing.weights import Weights

N_STIMULI = 2000
VARIANTS = {
    "as it is": {},
    "slow membranes": {"tau_m": 100.0},
    "cut short": {"max_settle": 20.0},
    "cut short, slow inhibition only": {"max_settle": 20.0, "phasic": 0.0},
    "delayed": {"loop_delay": 2.0},
    "delayed and cut short": {"loop_delay": 3.0, "max_settle": 40.0},
    "builds up": {"inhibition_start": "zero"},
    "threshold": {"inhibition": "threshold"},
    "threshold, delayed": {"inhibition": "threshold", "loop_delay": 1.0},
    "threshold, cut short": {"inhibition": "threshold", "max_settle": 20.0},
    "held": {"hold": 10.0},
    "held, slow inhibition only": {"hold": 5.0, "phasic": 0.0},
    "held, delayed": {"hold": 5.0, "loop_delay": 1.0},
    "fixed gain": {"controller": "fixed"},
    "fixed gain, threshold": {"controller": "fixed", "inhibition": "threshold", "initial_gain": 0.3},
    "a proportional pool": {"controller": "proportional", "hold": 5.0, "tau_i": 5.0},
    "a proportional pool, threshold": {"controller": "proportional", "hold": 3.0, "inhibition": "threshold"},
    "a strong proportional pool": {"controller": "proportional", "hold": 5.0, "pool_strength": 0.4},
    "by the inputs' sum": {"inhibition_start": "feedforward"},
    "unequal membranes": {"tau_cv": 0.3},
    "unequal membranes, held": {"tau_cv": 0.3, "hold": 20.0},
}


def circuit(n_hidden: int = 6, n_inputs: int = 4) -> Weights:
    w = np.random.default_rng(1).standard_normal((n_hidden, n_inputs))
    return Weights(w, w, np.zeros(n_hidden), np.full(n_inputs, 0.25), float(n_inputs))


@pytest.mark.parametrize("k", [1, 3, 6])
@pytest.mark.parametrize("variant", VARIANTS)
def test_settled_is_never_claimed_falsely(variant, k):
    weights, parameters = circuit(), RateParameters(**VARIANTS[variant])
    X = np.random.default_rng(k).standard_normal((N_STIMULI, 4))
    decided = compete(weights, X, k, parameters)
    found = _rate({"winners.drive": np.zeros(0)}, decided, k, parameters, weights)
    as_should = found["n_active"] == np.minimum(k, driven(weights, X))
    assert not (found["settled"] & ~as_should).any()
    if not VARIANTS[variant]:
        assert found["settled"].mean() > 0.99
    if parameters.max_settle < rest_steps(parameters) * parameters.dt:
        assert not (found["settled"] & (found["n_active"] < k)).any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_model_is_the_circuit(variant):
    weights, parameters = circuit(), RateParameters(**VARIANTS[variant])
    X = np.random.default_rng(5).standard_normal((12, 4))
    response, _ = simulate(weights, X, 3, parameters, codegen="numpy")
    decided = compete(weights, X, 3, parameters)
    np.testing.assert_array_equal(response.n_active, decided["n"])
    np.testing.assert_allclose(response.settling_time_ms, decided["step"] * parameters.dt)
    found = _rate({"winners.drive": np.zeros(0)}, decided, 3, parameters, weights)
    np.testing.assert_array_equal(response.settled, found["settled"])


def test_what_cut_a_competition_short_is_told_with_what_to_raise():
    weights = circuit()
    X = np.random.default_rng(0).standard_normal((40, 4))
    cut, _ = simulate(weights, X, 6, RateParameters(max_settle=20.0), codegen="numpy")
    words = " ".join(cut.diagnose())
    assert "cut off by max_settle (20 ms)" in words
    assert "30 tau_m = 150 ms" in words
    assert "Too little drive" not in words
    whole, _ = simulate(weights, X, 6, RateParameters(), codegen="numpy")
    assert "Too little drive" in " ".join(whole.diagnose())
    assert "Not settled" not in " ".join(whole.diagnose())


def test_cycles_claim_nothing_falsely_either():
    weights, parameters = circuit(), RateParameters(n_cycles=3, tau_m=20.0, max_settle=100.0)
    response, _ = simulate(weights, np.random.default_rng(2).standard_normal((20, 4)), 6, parameters, codegen="numpy")
    assert not any((cycle.settled & (cycle.n_active < 6)).any() for cycle in response.cycles)


def test_the_bars_image_without_a_bar_is_not_called_settled_with_fewer_than_are_driven():
    rng = np.random.default_rng(0)
    w = rng.standard_normal((10, 5))
    w *= 1e-5 / np.abs(w).max()
    excited = Weights(w, w, 0.1 + 2e-5 * rng.random(10), np.zeros(5), 1.0)  # drives that differ by little
    response, _ = simulate(excited, 1e-6 * np.ones((1, 5)), 4, RateParameters(), codegen="numpy")
    assert response.n_active[0] == 4 or not response.settled[0]
    assert (excited.drive(1e-6 * np.ones((1, 5))) > 0).all()


def test_steps_without_inhibition_do_not_wrap_around_for_the_slowest_membranes():
    tau_m = 5e8
    assert rest_steps(RateParameters(tau_m=tau_m)) == 2**31 - 1
    weights, parameters = circuit(), RateParameters(tau_m=tau_m, max_settle=20.0)
    response, _ = simulate(weights, np.ones((1, 4)), 6, parameters, codegen="numpy")
    assert not response.settled.any()
