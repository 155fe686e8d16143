"""The circuit against its laws: who wins, what is predicted, what is learned."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest
from fakes import scaled

from selective_firing import KWTAAutoencoder, build, read, theory
from selective_firing.circuits.rate import monitors
from selective_firing.engine.build_key import build_key
from selective_firing.engine.decode import verify
from selective_firing.engine.record_trace import trace
from selective_firing.engine.session import borrowed_session
from selective_firing.engine.simulate import simulate
from selective_firing.errors import DivergenceError, SimulationError
from selective_firing.parameters import RateParameters

MODES = [
    RateParameters(inhibition=inhibition, inhibition_start=start)
    for inhibition in ("subtractive", "threshold")
    for start in ("above", "zero")
]


def present(weights, patterns, k, parameters=None, **options):
    return simulate(weights, patterns, k, parameters, codegen="numpy", **options)


@pytest.mark.parametrize("parameters", MODES, ids=lambda p: f"{p.inhibition}-{p.inhibition_start}")
@pytest.mark.parametrize("k", [1, 4])
def test_winners_are_the_top_k(weights, patterns, k, parameters):
    response, _ = present(weights, patterns, k, parameters)
    np.testing.assert_array_equal(response.winners, theory.top_k(weights.drive(patterns), k))
    assert response.settled.all()
    assert not response.tied.any()


def test_all_units_can_win_when_all_are_driven(weights, patterns):
    excited = replace(weights, bias=np.full(24, 5.0))
    response, _ = present(excited, patterns[:5], 24)
    assert (response.n_active == 24).all()
    half, _ = present(excited, patterns[:5], 12)
    np.testing.assert_array_equal(half.winners, theory.top_k(excited.drive(patterns[:5]), 12))


def test_fewer_win_where_fewer_are_driven(weights, patterns):
    quiet = replace(weights, bias=np.full(24, -0.6))
    drive = quiet.drive(patterns[:8])
    driven = (drive > 0).sum(axis=1)
    assert (driven < 10).any()
    response, _ = present(quiet, patterns[:8], 10)
    np.testing.assert_array_equal(response.n_active, np.minimum(driven, 10))
    assert response.settled.all()


def test_the_code_is_the_drive_and_the_error_is_that_of_the_decoded_code(weights, patterns):
    response, _ = present(weights, patterns, 3)
    drive = weights.drive(patterns)
    np.testing.assert_allclose(response.code, np.where(response.winners, drive, 0), atol=1e-12)
    decoded = response.code @ weights.w_out + weights.mean
    np.testing.assert_allclose(response.squared_error, ((patterns - decoded) ** 2).sum(axis=1), rtol=1e-10)


@pytest.mark.parametrize("scale", [1e3, 1e-6])
def test_winners_and_learning_do_not_depend_on_the_scale_of_the_input(tied_weights, patterns, scale):
    one, after = present(tied_weights, patterns, 4, learning_rate=(0.5, 0.0), homeostasis=0.01)
    other, after_scaled = present(
        scaled(tied_weights, scale), scale * patterns, 4, learning_rate=(0.5, 0.0), homeostasis=0.01
    )
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_allclose(after_scaled.w_in, after.w_in, rtol=1e-9)
    np.testing.assert_allclose(after_scaled.bias, scale * after.bias, rtol=1e-9)


def test_permuted_units_win_permuted(weights, patterns, rng):
    order = rng.permutation(24)
    permuted = replace(weights, w_in=weights.w_in[order], w_out=weights.w_out[order], bias=weights.bias[order])
    one, _ = present(weights, patterns[:10], 4)
    other, _ = present(permuted, patterns[:10], 4)
    np.testing.assert_array_equal(other.winners, one.winners[:, order])


def test_flipping_every_sign_changes_no_winner(weights, patterns):
    flipped = replace(weights, w_in=-weights.w_in, mean=-weights.mean)
    one, _ = present(weights, patterns[:10], 4)
    other, _ = present(flipped, -patterns[:10], 4)
    np.testing.assert_array_equal(other.winners, one.winners)


def test_a_finer_time_step_changes_no_winner_and_settling_converges(weights, patterns):
    times = []
    for dt in (0.5, 0.25, 0.125):
        response, _ = present(weights, patterns[:10], 4, RateParameters(dt=dt))
        np.testing.assert_array_equal(response.winners, theory.top_k(weights.drive(patterns[:10]), 4))
        times.append(response.settling_time_ms.mean())
    assert abs(times[2] - times[1]) <= abs(times[1] - times[0]) + 0.5


def test_a_pattern_equal_to_the_mean_has_no_winner_and_no_nan(weights):
    still = replace(weights, bias=np.zeros(24))
    response, after = present(still, weights.mean[np.newaxis], 4, learning_rate=(1.0, 0.0))
    assert response.n_active[0] == 0
    assert response.settled[0]
    assert after.is_finite


def test_constant_data_without_power_is_legal(weights):
    nothing = replace(weights, mean=np.ones(20), power=0.0, bias=np.zeros(24))
    response, after = present(nothing, np.ones((3, 20)), 4, learning_rate=(1.0, 0.0))
    assert (response.n_active == 0).all()
    assert after.is_finite


def test_exact_ties_are_reported_and_the_nearer_side_of_k_wins(weights, patterns):
    twins = replace(weights, w_in=np.repeat(weights.w_in[:8], 3, axis=0), bias=np.repeat(weights.bias[:8], 3))
    response, _ = present(twins, patterns[:5], 4)
    assert response.tied.all()
    assert not response.settled.any()
    assert set(response.n_active) == {3}  # 4 lies nearer to 3 than to 6
    assert "Ties" in response.diagnose()[0]


@pytest.mark.parametrize("tied", [True, False])
def test_learning_is_the_rule_of_the_theory(weights, tied_weights, patterns, tied):
    start = tied_weights if tied else weights
    response, after = present(start, patterns, 4, learning_rate=(0.5, -0.01), tied=tied)
    expected = start
    for step, pattern in enumerate(patterns):
        winners = theory.top_k(expected.drive(pattern[np.newaxis]), 4)[0]
        np.testing.assert_array_equal(response.winners[step], winners)
        expected = theory.learning_step(expected, pattern, winners, 0.5 - 0.01 * step, tied)
    for name in ("w_in", "w_out", "bias"):
        np.testing.assert_allclose(getattr(after, name), getattr(expected, name), rtol=1e-9, atol=1e-12)


def test_tied_weights_stay_equal(tied_weights, patterns):
    _, after = present(tied_weights, patterns, 4, learning_rate=(0.5, 0.0))
    np.testing.assert_allclose(after.w_in, after.w_out, rtol=0, atol=1e-13)


def test_learning_is_the_numerical_gradient_at_fixed_winners(tied_weights, patterns):
    pattern, eta, h = patterns[0], 1e-3, 1e-6
    response, after = present(tied_weights, pattern[np.newaxis], 4, learning_rate=(eta, 0.0))
    centred = pattern - tied_weights.mean
    step = eta / max(tied_weights.power, float(centred @ centred))
    gradient = np.zeros_like(tied_weights.w_in)
    for index in np.ndindex(gradient.shape):
        losses = []
        for sign in (1, -1):
            w = tied_weights.w_in.copy()
            w[index] += sign * h
            losses.append(theory.winners_loss(replace(tied_weights, w_in=w, w_out=w), pattern, response.winners[0]))
        gradient[index] = (losses[0] - losses[1]) / (2 * h)
    moved = (after.w_in - tied_weights.w_in) / -step
    np.testing.assert_allclose(moved, gradient, atol=1e-6 * np.abs(gradient).max())


def test_homeostasis_moves_biases_towards_the_target_duty_cycle(tied_weights, patterns):
    response, after = present(tied_weights, patterns, 4, homeostasis=0.1)
    moved = after.bias - tied_weights.bias
    duty = response.winners.mean(axis=0)
    assert np.corrcoef(moved, duty)[0, 1] < -0.99
    _, unmoved = present(tied_weights, patterns, 4)
    np.testing.assert_array_equal(unmoved.bias, tied_weights.bias)


def test_chunks_are_joined_as_if_there_were_none(tied_weights, patterns, monkeypatch):
    whole, after = present(tied_weights, patterns, 4, learning_rate=(0.5, -0.01))
    monkeypatch.setattr("selective_firing.engine.simulate.chunk_rows", lambda n_inputs: 7)
    pieces, after_pieces = present(tied_weights, patterns, 4, learning_rate=(0.5, -0.01))
    np.testing.assert_array_equal(pieces.winners, whole.winners)
    np.testing.assert_allclose(after_pieces.w_in, after.w_in, rtol=1e-12)


def test_heterogeneous_thresholds_keep_the_count_but_not_the_winners(weights, patterns, rng):
    response, _ = present(weights, patterns, 4, RateParameters(threshold_cv=0.3), rng=rng)
    assert (response.n_active == 4).all()
    assert not np.array_equal(response.winners, theory.top_k(weights.drive(patterns), 4))


def test_noise_disturbs_the_winners_the_more_the_stronger_it_is(weights, patterns):
    ideal = theory.top_k(weights.drive(patterns), 4)
    wrong = []
    for noise in (1e-6, 0.02, 0.5):
        response, _ = present(weights, patterns, 4, RateParameters(noise=noise), rng=np.random.default_rng(1))
        wrong.append((response.winners != ideal).any(axis=1).mean())
    assert wrong[0] <= wrong[1] < wrong[2]


def test_a_delayed_loop_settles_later_and_less_exactly(weights, patterns):
    delayed, _ = present(weights, patterns, 4, RateParameters(loop_delay=3.0))
    instant, _ = present(weights, patterns, 4)
    assert delayed.settling_time_ms.mean() > 1.5 * instant.settling_time_ms.mean()
    assert (instant.n_active == 4).all()


def test_the_lag_compensated_membrane_follows_its_closed_form(weights, patterns):
    shown = trace(weights, patterns[0], 4, RateParameters())
    for step in (0, 3):
        time = shown.time_ms[step]
        risen = shown.drive * (1 - np.exp(-time / 5.0))
        level = risen - shown.u[step]  # the inhibition that the membrane has felt: the same for all
        np.testing.assert_allclose(level, level[0], rtol=1e-9)
    assert shown.n_active[-1] == 4
    np.testing.assert_array_equal(shown.u[-1] > 0, shown.winners)


@pytest.mark.parametrize(
    ("name", "damaged", "words"),
    [
        ("decisions.presentation", np.array([-1, 0, 2, 3]), "ended after 3 of 3 presentations"),
        ("decisions.step", np.ones(3), "arrays of the wrong size"),
        ("winners.i", np.arange(2), "arrays of the wrong size"),
        ("w_out.w", np.ones(479), "arrays of the wrong size"),
        ("w_in.w", np.full(480, np.nan), "numbers that are not finite"),
        ("decisions.squared_error", np.array([1, 1, np.inf, 1]), "numbers that are not finite"),
        ("decisions.squared_error", np.array([1, 1, 1, np.inf]), "learning diverged at presentation 2"),
    ],
)
def test_damaged_results_are_refused(weights, patterns, name, damaged, words):
    whole = {f"decisions.{name}": np.ones(4) for name in monitors("")["decisions"]} | {
        "decisions.presentation": np.arange(-1, 3), "decisions.n": np.array([0, 1, 1, 1]),
        "winners.i": np.arange(3), "winners.drive": np.ones(3),
        "w_in.w": np.ones(480), "w_out.w": np.ones(480), "hidden.b": np.ones(24),
    }  # fmt: skip
    shape = build_key(weights, RateParameters(), 3)
    verify(whole, shape, patterns[:3], 0, 0.5, weights)
    with pytest.raises(SimulationError, match=words):
        verify(whole | {name: damaged}, shape, patterns[:3], 0, 0.5, weights)


def test_what_is_not_finite_after_a_lesson_at_a_boundless_rate_has_diverged(weights, patterns):
    sizes = {"w_in.w": 480, "w_out.w": 480, "hidden.b": 24, "winners.i": 1, "winners.drive": 1}
    whole = {f"decisions.{name}": np.array([0.0, 1.0]) for name in monitors("")["decisions"]}
    whole |= {"decisions.presentation": np.array([-1, 0])} | {name: np.ones(size) for name, size in sizes.items()}
    shape, damaged = build_key(weights, RateParameters(), 1), np.append(np.full(479, np.nan), 0)
    for name in ("w_in.w", "w_out.w"):
        with pytest.raises(DivergenceError, match="learning diverged at presentation 0; learning_rate must be lower"):
            verify(whole | {name: damaged}, shape, patterns[:1], 0, 1e300, weights)
        with pytest.raises(SimulationError, match="numbers that are not finite"):
            verify(whole | {name: damaged}, shape, patterns[:1], 0, 0.5, weights)


def test_rates_are_in_hz_whoever_simulates(patterns):
    model = KWTAAutoencoder(12, 3, n_epochs=1, codegen="numpy", random_state=0).fit(patterns)
    estimator = model.simulate(patterns)
    alone, _ = simulate(model.weights_, patterns, 3, codegen="numpy")
    network = build(model.weights_, patterns, k=3)
    with borrowed_session("numpy"):
        network.run(2 * b2.second, namespace={})
        by_hand = read(network)
    for response in (alone, by_hand):
        np.testing.assert_allclose(response.rates_Hz, estimator.rates_Hz)
        assert response.provenance["rates"] == "the mean winner of the training patterns fires at 40 Hz"
    winning = estimator.rates_Hz[estimator.rates_Hz > 0]
    assert winning.mean() == pytest.approx(40, rel=1e-9)


def test_without_a_gain_the_mean_winner_of_these_stimuli_fires_at_40_hz(weights, patterns):
    response, _ = present(weights, patterns, 3, RateParameters(n_cycles=1))
    rates = response.rates_Hz
    assert rates[rates > 0].mean() == pytest.approx(40)
    assert "these stimuli" in response.provenance["rates"]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("rate", [1e9, 1e300])
def test_what_explodes_in_the_last_lesson_is_told(weights, patterns, rate):
    with pytest.raises(DivergenceError, match="learning diverged at presentation 0"):
        simulate(weights, patterns[:1], 3, learning_rate=rate, codegen="numpy")
