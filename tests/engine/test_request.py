"""One place checks what a simulation is asked for, whoever asks: errors name the argument, before anything runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selective_firing import KWTAAutoencoder, RateParameters, SpikingParameters, build, simulate
from selective_firing.engine.record_trace import trace
from selective_firing.engine.request import Request

BAD = {
    "k of 0": ({"k": 0}, ValueError, "k must be between 1 and 24, got 0"),
    "k beyond the width": ({"k": 25}, ValueError, "k must be between 1 and 24, got 25"),
    "k that is no integer": ({"k": 2.5}, TypeError, "k must be an integer, got 2.5"),
    "another width": ({"patterns": np.ones((3, 19))}, ValueError, "patterns must have 20 columns, as at fit, got 19"),
    "one pattern as a vector": ({"patterns": np.ones(20)}, ValueError, "2D array"),
    "no pattern": ({"patterns": np.ones((0, 20))}, ValueError, "0 sample"),
    "not a number": ({"patterns": np.full((2, 20), np.nan)}, ValueError, "patterns contains NaN"),
    "complex": ({"patterns": np.ones((2, 20), complex)}, ValueError, "[Cc]omplex"),
    "parameters by name": ({"parameters": "spiking"}, TypeError, "parameters must be RateParameters or Spiking"),
    "a seed": ({"rng": 3}, TypeError, "rng must be a numpy.random.Generator, got 3"),
}  # fmt: skip
LEARNING = {
    "negative rate": ({"learning_rate": -1.0}, ValueError, "learning_rate must be at least 0"),
    "rate that is not finite": ({"learning_rate": np.inf}, ValueError, "learning_rate must be finite"),
    "negative homeostasis": ({"homeostasis": -1.0}, ValueError, "homeostasis must be at least 0"),
    "tied by a word": ({"tied": "no"}, TypeError, "tied must be True or False"),
    "cycles untied": ({"tied": False, "parameters": RateParameters(n_cycles=2)}, ValueError, "n_cycles must be 1"),
}


def ask_trace(weights, patterns, k, parameters=None, rng=None):
    return trace(weights, patterns, k, parameters or RateParameters(), rng=rng)


@pytest.mark.parametrize("ask", [simulate, build, ask_trace])
@pytest.mark.parametrize("case", BAD)
def test_what_breaks_a_rule_is_named(weights, patterns, ask, case):
    given, error, words = BAD[case]
    if ask is ask_trace and case == "one pattern as a vector":
        pytest.skip("a trace is of one pattern")
    with pytest.raises(error, match=words):
        ask(**{"weights": weights, "patterns": patterns, "k": 3} | given)


@pytest.mark.parametrize("ask", [simulate, build])
@pytest.mark.parametrize("case", LEARNING)
def test_of_learning_too(tied_weights, patterns, ask, case):
    given, error, words = LEARNING[case]
    with pytest.raises(error, match=words):
        ask(**{"weights": tied_weights, "patterns": patterns, "k": 3} | given)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"w_out": np.ones((24, 19))}, r"weights.w_out must be of shape \(24, 20\), got \(24, 19\)"),
        ({"bias": np.ones(3)}, r"weights.bias must be of shape \(24,\)"),
        ({"mean": np.full(20, np.nan)}, "weights.mean must be finite real numbers"),
        ({"w_in": np.ones((24, 20), complex)}, "weights.w_in must be finite real numbers, got complex128"),
        ({"w_in": np.ones(24)}, "weights.w_in must be of shape"),
        ({"power": -1.0}, "weights.power must be at least 0"),
        ({"rate_gain": float("nan")}, "weights.rate_gain must be finite"),
        ({"w_in": np.full((24, 20), 1e160)}, "weights.w_in must be at most 1e\\+150, got 1e\\+160"),
    ],
)
def test_weights_that_do_not_fit_each_other_are_refused(weights, patterns, changes, words):
    with pytest.raises(ValueError, match=words):
        simulate(replace(weights, **changes), patterns, 3)


@pytest.mark.parametrize("codegen", ["numpy", "cpp_standalone"])
def test_another_width_is_refused_on_every_target(weights, patterns, codegen):
    with pytest.raises(ValueError, match="patterns must have 20 columns"):
        simulate(weights, patterns[:, :11], 3, codegen=codegen)


@pytest.mark.parametrize(
    "parameters", [RateParameters(noise=0.1, threshold_cv=0.1), SpikingParameters(input="poisson")]
)
def test_without_a_generator_the_draws_are_those_of_seed_0(weights, parameters):
    ask = Request.checked(weights, np.ones((1, 20)), 3, parameters)
    seeded = Request.checked(weights, np.ones((1, 20)), 3, parameters, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(ask.draws.sensitivity, seeded.draws.sensitivity)
    assert (ask.draws.noise_seed, ask.draws.train_seed) == (seeded.draws.noise_seed, seeded.draws.train_seed)


def test_a_model_meets_the_same_units_when_it_learns_and_when_it_encodes(patterns):
    parameters = RateParameters(threshold_cv=0.3)
    model = KWTAAutoencoder(12, 3, n_epochs=2, parameters=parameters, codegen="numpy", random_state=0)
    seen = []
    import selective_firing.engine.simulate as engine

    original = engine.initial_values
    engine.initial_values = lambda *a, **b: seen.append(b["draws"].sensitivity) or original(*a, **b)
    try:
        model.fit(patterns).transform(patterns)
    finally:
        engine.initial_values = original
    assert len(seen) >= 3
    for sensitivity in seen:
        np.testing.assert_array_equal(sensitivity, seen[0])
