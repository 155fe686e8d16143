"""Explaining away: every cycle is a competition of its own, lowers the error, and the circuit learns from the last."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from fakes import scaled

from selective_firing import KWTAAutoencoder, RateParameters, Response, theory
from selective_firing.engine import simulate as door
from selective_firing.engine.build import build
from selective_firing.engine.build_key import build_key
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import BIAS_SCALE

CYCLES = RateParameters(n_cycles=4)


@pytest.mark.parametrize(
    "options", [{}, {"inhibition": "threshold"}, {"inhibition_start": "zero"}, {"feedback": 1.0}], ids=str
)
def test_the_winners_of_every_cycle_are_the_top_k(weights, patterns, options):
    parameters = replace(CYCLES, **options)
    response, _ = simulate(weights, patterns, 4, parameters, codegen="numpy")
    ideal = theory.explain_away(weights, patterns, 4, 4, parameters.feedback)
    assert len(response.cycles) == 4
    for cycle, code in zip(response.cycles, ideal, strict=True):
        np.testing.assert_array_equal(cycle.winners, code > 0)
        np.testing.assert_allclose(cycle.code, code, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(cycle.n_active, np.minimum(4, (code > 0).sum(axis=1)))
        error = patterns - weights.mean - code @ weights.w_out
        np.testing.assert_allclose(cycle.squared_error, (error**2).sum(axis=1), rtol=1e-9)
        assert cycle.settled.all()


def test_the_first_cycle_is_the_circuit_without_cycles(weights, patterns):
    alone, _ = simulate(weights, patterns, 4, codegen="numpy")
    first = simulate(weights, patterns, 4, CYCLES, codegen="numpy")[0].earlier[0]
    np.testing.assert_array_equal(first.code, alone.code)
    np.testing.assert_array_equal(first.settling_time_ms, alone.settling_time_ms)
    np.testing.assert_array_equal(first.n_flips, alone.n_flips)
    for name, count in alone.events.items():
        np.testing.assert_array_equal(first.events[name], count, err_msg=name)


def test_one_cycle_is_compiled_as_before(weights):
    assert not build_key(weights, RateParameters(n_cycles=1), 64).explains
    assert build_key(weights, CYCLES, 64).explains == "cycles"


def test_cycles_lower_the_error_and_cost_time_and_events(tied_weights, patterns):
    cycles = simulate(tied_weights, patterns, 4, CYCLES, codegen="numpy")[0].cycles
    assert cycles[-1].squared_error.mean() < cycles[0].squared_error.mean()
    for before, after in pairwise(cycles):
        assert (after.settling_time_ms > before.settling_time_ms).all()
        assert (after.n_recruited > before.n_recruited).all()
        for name in ("hidden to error", "error to hidden", "inhibition to hidden"):
            assert (after.events[name] > before.events[name]).all(), name
    dense = tied_weights.n_inputs * tied_weights.n_hidden  # an error at every input
    winners = 4 * tied_weights.n_inputs
    np.testing.assert_array_equal(cycles[1].events["error to hidden"], dense + winners)
    np.testing.assert_array_equal(cycles[1].events["hidden to error"], 3 * winners)


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_cycles_do_not_depend_on_the_scale(weights, patterns, factor):
    response, learned = simulate(weights, patterns[:8], 4, CYCLES, learning_rate=(0.5, 0.0), codegen="numpy")
    other, after = simulate(
        scaled(weights, factor), factor * patterns[:8], 4, CYCLES, learning_rate=(0.5, 0.0), codegen="numpy"
    )
    np.testing.assert_array_equal(other.winners, response.winners)
    np.testing.assert_allclose(after.w_out, learned.w_out, rtol=1e-9, atol=1e-12)


def test_the_circuit_learns_as_the_theory_says(weights, patterns):
    _, learned = simulate(weights, patterns[:6], 4, CYCLES, learning_rate=(0.5, 0.0), codegen="numpy")
    expected = weights
    for pattern in patterns[:6]:
        expected = theory.learning_with_cycles(expected, pattern, 4, 0.5, 4, CYCLES.feedback, CYCLES.late_share)
    for name in ("w_in", "w_out", "bias"):
        np.testing.assert_allclose(getattr(learned, name), getattr(expected, name), rtol=1e-8, atol=1e-11)


def final_loss(w: np.ndarray, centred: np.ndarray, rates: np.ndarray) -> float:
    """Half the squared error of a given code."""
    return 0.5 * float(((centred - rates @ w) ** 2).sum())


def best_loss(w: np.ndarray, centred: np.ndarray, winners: np.ndarray) -> float:
    """Half the squared error of the best code of given winners."""
    rates = np.linalg.lstsq(w[winners].T, centred, rcond=None)[0]
    return 0.5 * float(((centred - rates @ w[winners]) ** 2).sum())


def numerical_gradient(loss, w: np.ndarray, h: float = 1e-6) -> np.ndarray:
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[index] = h
        gradient[index] = (loss(w + step) - loss(w - step)) / (2 * h)
    return gradient


def test_the_late_lesson_is_the_gradient_at_the_final_code(tied_weights, patterns):
    pattern = patterns[0]
    centred = pattern - tied_weights.mean
    learned = theory.learning_with_cycles(tied_weights, pattern, 4, 0.1, n_cycles=5, late_share=1.0)
    rate = 0.1 / max(tied_weights.power, float(centred @ centred))
    code = theory.explain_away(tied_weights, pattern[np.newaxis], 4, 5)[-1, 0]
    gradient = numerical_gradient(lambda w: final_loss(w, centred, code), tied_weights.w_out)
    np.testing.assert_allclose(learned.w_out - tied_weights.w_out, -rate * gradient, atol=1e-8)


def test_after_many_cycles_the_late_lesson_is_the_gradient_of_the_best_code(tied_weights, patterns):
    """The winners' delta is 0 there, so that the code's own dependence on the weights drops out."""
    pattern = patterns[0]
    centred = pattern - tied_weights.mean
    code = theory.explain_away(tied_weights, pattern[np.newaxis], 4, 2000)[-1, 0]
    winners = code > 0
    error = centred - code @ tied_weights.w_out
    assert np.abs(tied_weights.w_out[winners] @ error).max() < 1e-6
    learned = theory.learning_with_cycles(tied_weights, pattern, 4, 0.1, n_cycles=2000, late_share=1.0)
    rate = 0.1 / max(tied_weights.power, float(centred @ centred))
    gradient = numerical_gradient(lambda w: best_loss(w, centred, winners), tied_weights.w_out)
    np.testing.assert_allclose(learned.w_out - tied_weights.w_out, -rate * gradient, atol=1e-6)


@pytest.mark.parametrize("late_share", [0.0, 1.0])
def test_the_ends_of_late_share(weights, patterns, late_share):
    parameters = replace(CYCLES, late_share=late_share)
    _, learned = simulate(weights, patterns[:4], 4, parameters, learning_rate=(0.5, 0.0), codegen="numpy")
    expected = weights
    for pattern in patterns[:4]:
        expected = theory.learning_with_cycles(expected, pattern, 4, 0.5, 4, CYCLES.feedback, late_share)
    np.testing.assert_allclose(learned.w_in, expected.w_in, rtol=1e-8, atol=1e-11)
    if late_share == 1.0:
        np.testing.assert_array_equal(learned.bias, weights.bias)


def test_one_cycle_learns_as_the_circuit_without(weights, patterns):
    first = theory.explain_away(weights, patterns[:1], 4, 1)[0, 0]
    alone = theory.learning_step(weights, patterns[0], first > 0, 0.5)
    np.testing.assert_array_equal(theory.learning_with_cycles(weights, patterns[0], 4, 0.5, 1).w_out, alone.w_out)


def test_below_the_bound_no_cycle_raises_the_error(tied_weights, patterns, monkeypatch):
    bound = theory.stable_gain(tied_weights)
    monkeypatch.setattr(theory.ideal, "best_gain", lambda *_: np.full(len(patterns), bound))
    codes = theory.explain_away(tied_weights, patterns, 4, 30, feedback=1.0)
    squared = ((patterns - tied_weights.mean - codes @ tied_weights.w_out) ** 2).sum(axis=2)
    assert (np.diff(squared, axis=0) <= 1e-9 * squared[:-1]).all()
    assert theory.n_rises(tied_weights, bound) == theory.n_rises(tied_weights, 0.0) == 0
    assert theory.n_rises(tied_weights, 3 * bound) == 2


def test_the_error_rises_no_more_often_than_the_bound_allows(tied_weights, patterns):
    response, _ = simulate(tied_weights, patterns, 4, RateParameters(n_cycles=16, feedback=1.9), codegen="numpy")
    errors = np.array([cycle.squared_error for cycle in response.cycles])
    gains = [
        theory.best_gain(tied_weights, patterns - tied_weights.mean - c.code @ tied_weights.w_out, c.winners)
        for c in response.cycles
    ]
    rises = (np.diff(errors, axis=0) > 1e-9 * errors[:-1]).sum(axis=0)
    assert rises.max() > 0
    assert rises.max() <= theory.n_rises(tied_weights, 1.9 * float(np.max(gains)))


@pytest.mark.parametrize(
    "options", [{"noise": 0.01}, {"threshold_cv": 0.05}, {"loop_delay": 1.0, "inhibition": "threshold"}], ids=str
)
def test_cycles_of_an_imperfect_circuit(tied_weights, patterns, options, rng):
    parameters = replace(CYCLES, **options)
    response, _ = simulate(tied_weights, patterns, 4, parameters, codegen="numpy", rng=rng)
    for cycle in response.cycles:
        exact = cycle.n_active == 4
        np.testing.assert_array_equal(cycle.settled, exact | (cycle.n_active < 4) & cycle.settled)
        assert exact.mean() > 0.8
        error = patterns - tied_weights.mean - cycle.code @ tied_weights.w_out
        np.testing.assert_allclose(cycle.squared_error, (error**2).sum(axis=1), rtol=1e-9)


def test_homeostasis_goes_by_the_last_winners(tied_weights, patterns):
    alone, _ = simulate(tied_weights, patterns[:1], 4, CYCLES, codegen="numpy")
    _, moved = simulate(tied_weights, patterns[:1], 4, CYCLES, homeostasis=0.1, codegen="numpy")
    step = 0.1 * np.sqrt(BIAS_SCALE * tied_weights.power)
    np.testing.assert_allclose(moved.bias - tied_weights.bias, step * (4 / 24 - alone.winners[0]), atol=1e-12)


def test_ties_in_a_cycle_are_reported(tied_weights, patterns):
    w = tied_weights.w_out.copy()
    w[1::2] = w[::2]  # every unit has a double: no threshold parts them
    twins = replace(tied_weights, w_in=w, w_out=w, bias=np.zeros(24))
    response, _ = simulate(twins, patterns[:3], 3, replace(CYCLES, max_settle=60.0), codegen="numpy")
    assert not response.earlier[0].settled.any()
    assert any(line.startswith("Cycle 1: Ties") or line.startswith("Cycle 1: Not") for line in response.diagnose())


def test_a_share_of_the_best_gain_lowers_the_error_as_the_formula_says(weights, patterns):
    code = theory.explain_away(weights, patterns, 4, 1)[0]
    error = patterns - weights.mean - code @ weights.w_out
    delta = np.where(code > 0, error @ weights.w_out.T, 0.0)
    swing = delta @ weights.w_out
    best = theory.best_gain(weights, error, code > 0)
    for share in (0.5, 1.0, 1.5, 2.0):
        change = ((error - (share * best)[:, np.newaxis] * swing) ** 2 - error**2).sum(axis=1)
        expected = -share * (2 - share) * (delta**2).sum(axis=1) ** 2 / (swing**2).sum(axis=1)
        np.testing.assert_allclose(change, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [("n_cycles", 2.5, "whole number"), ("n_cycles", 0.0, "at least 1"), ("feedback", 2.0, "below 2"),
     ("feedback", 0.0, "above 0"), ("late_share", 1.5, "at most 1")],
)  # fmt: skip
def test_parameters_of_cycles_are_checked(name, value, rule):
    with pytest.raises(ValueError, match=f"{name} must be.*{rule}"):
        RateParameters(**{name: value})


def test_a_response_with_cycles_survives_its_file_and_its_chunks(weights, patterns, tmp_path, monkeypatch):
    whole, _ = simulate(weights, patterns, 4, CYCLES, codegen="numpy")
    monkeypatch.setattr(door, "chunk_rows", lambda _: 7)
    parts, _ = simulate(weights, patterns, 4, CYCLES, codegen="numpy")
    whole.save(tmp_path / "response.npz")
    for other in (parts, Response.load(tmp_path / "response.npz")):
        assert len(other.earlier) == 3
        for cycle, same in zip(other.cycles, whole.cycles, strict=True):
            np.testing.assert_allclose(cycle.code, same.code, rtol=1e-12)
            np.testing.assert_array_equal(cycle.events["error to hidden"], same.events["error to hidden"])
            assert cycle.k == 4


def test_a_pattern_without_winners_stays_without_and_costs_no_more_time(weights):
    silent = weights.mean[np.newaxis]
    response, _ = simulate(replace(weights, bias=weights.bias * 0 - 1), silent, 4, CYCLES, codegen="numpy")
    for cycle in response.cycles:
        assert cycle.n_active[0] == 0
        assert cycle.settled[0]
        np.testing.assert_allclose(cycle.squared_error, 0, atol=1e-20)
    waits = np.diff([cycle.settling_time_ms[0] for cycle in response.cycles])
    np.testing.assert_array_equal(waits, 1.0)


def test_cycles_need_tied_weights_to_learn_whoever_asks(weights, patterns):
    refused = pytest.raises(ValueError, match="n_cycles must be 1 with tied=False")
    with refused:
        KWTAAutoencoder(8, 2, tied=False, parameters=CYCLES).fit(np.eye(8))
    for ask in (simulate, build):
        with refused:
            ask(weights, patterns, k=4, parameters=CYCLES, tied=False)


def test_a_mean_far_above_the_power_is_no_divergence(weights, patterns):
    """Before the first stimulus the error is the mean itself, and with equal patterns the power is 0."""
    far = replace(weights, w_in=weights.w_out, mean=weights.mean + 1e7, power=0.0, bias=np.zeros(24))
    for parameters in (CYCLES, RateParameters()):
        response, learned = simulate(far, patterns, 4, parameters, learning_rate=1e-3, codegen="numpy")
        assert response.n_samples == len(patterns)
        assert np.isfinite(learned.w_out).all()
        assert (learned.w_out != far.w_out).any()


@pytest.mark.compiled
@pytest.mark.parametrize("k", [4, 7])
def test_compiled_cycles_are_the_same(weights, patterns, k):
    results = [
        simulate(weights, patterns, k, CYCLES, learning_rate=(0.5, 0.0), codegen=target)
        for target in ("numpy", "cpp_standalone")
    ]
    (here, here_w), (compiled, compiled_w) = results
    for a, b in zip(here.cycles, compiled.cycles, strict=True):
        np.testing.assert_array_equal(a.winners, b.winners)
        np.testing.assert_allclose(a.code, b.code, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(here_w.w_out, compiled_w.w_out, rtol=1e-9, atol=1e-12)


def test_the_estimator_reconstructs_better_with_cycles():
    rng = np.random.default_rng(0)
    X = np.abs(rng.standard_normal((50, 6)) @ rng.standard_normal((6, 12)))
    common = {"n_hidden": 16, "k": 3, "n_epochs": 2, "random_state": 0, "codegen": "numpy"}
    model = KWTAAutoencoder(**common, parameters=RateParameters(n_cycles=3)).fit(X)
    response = model.simulate(X[:20])
    errors = [cycle.squared_error.sum() for cycle in response.cycles]
    assert errors[-1] < errors[0]
    np.testing.assert_array_equal(model.transform(X[:20]), response.code)
    for cycle in response.cycles:  # each is as calibrated, and known, as the last
        np.testing.assert_array_equal(cycle.rates_Hz, cycle.code * response.strength_Hz)
        assert cycle.provenance == response.provenance
