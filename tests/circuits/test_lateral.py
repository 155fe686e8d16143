"""Explaining away by lateral synapses: the circuit is the theory, every round holds k winners, no lesson is free."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from lateral_cases import DALE, LOCAL, PAIRED, SWAPS, K, reconstructed, squared

from selective_firing import KWTAAutoencoder, RateParameters, theory
from selective_firing.engine.build_key import build_key
from selective_firing.engine.simulate import simulate


@pytest.fixture
def patterns(patterns):
    return patterns[:10]


@pytest.mark.parametrize(
    "options",
    [{}, {"inhibition": "threshold"}, {"inhibition_start": "zero"}, {"n_released": 3}, {"n_relax": 1},
     {"least_change": 1e-6}, {"least_change": 0.1}, {"feedback": 1.2}, {"n_swaps": 0}, {"shrinkage": 0.3}],
    ids=str,
)  # fmt: skip
def test_every_round_ends_with_the_code_of_the_theory(tied_weights, patterns, options):
    parameters, patterns = replace(SWAPS, **options), patterns[:6]
    response, _ = simulate(tied_weights, patterns, K, parameters, codegen="numpy")
    ideal = theory.explain_by_swaps(tied_weights, patterns, K, parameters)
    assert len(response.cycles) == 1 + parameters.n_swaps
    for found, code in zip(response.cycles, ideal, strict=True):
        np.testing.assert_allclose(found.code, code, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found.squared_error, squared(tied_weights, patterns, code), rtol=1e-9)
        assert found.n_active.max() <= K
        assert found.settled.all()


def test_swaps_find_better_winners_than_the_first_competition(tied_weights, patterns):
    rounds = simulate(tied_weights, patterns, K, replace(SWAPS, n_swaps=4), codegen="numpy")[0].cycles
    errors = [cycle.squared_error.mean() for cycle in rounds]
    assert errors[-1] < 0.97 * errors[0]
    assert (rounds[0].winners != rounds[-1].winners).any()
    for before, after in pairwise(rounds):
        assert (after.settling_time_ms > before.settling_time_ms).all()
        assert (after.events["hidden to hidden"] >= before.events["hidden to hidden"]).all()


def test_no_error_unit_takes_part_in_inference(tied_weights, apart, patterns):
    response, _ = simulate(tied_weights, patterns, K, SWAPS, codegen="numpy")
    assert not response.events["error to hidden"].any()
    _, lessons = (simulate(apart, patterns[:3], K, LOCAL, codegen="numpy", learning_rate=rate)[0] for rate in (0, 0.1))
    np.testing.assert_array_equal(lessons.events["error to hidden"], 2 * 20 * 24)


def test_messages_are_what_lateral_synapses_carry(tied_weights, patterns):
    all_told, _ = simulate(tied_weights, patterns, K, replace(SWAPS, n_swaps=0, least_change=0.0), codegen="numpy")
    told = all_told.events["hidden to hidden"] / 24  # all rates, a sweep of all, and two of nearly all
    assert (told <= K + 3 * K).all()
    assert told.mean() > 3 * K
    deaf, _ = simulate(tied_weights, patterns, K, replace(SWAPS, n_swaps=0, least_change=1e3), codegen="numpy")
    np.testing.assert_array_equal(deaf.events["hidden to hidden"], 24 * K)
    np.testing.assert_array_equal(deaf.code, simulate(tied_weights, patterns, K, codegen="numpy")[0].code)


@pytest.mark.parametrize("n_swaps", [0, 2])
def test_a_relaxed_code_is_the_best_of_its_winners(tied_weights, patterns, n_swaps):
    """Where no rate is cut off at 0: with many sweeps, and nothing kept secret."""
    parameters = replace(SWAPS, n_swaps=n_swaps, n_relax=300, least_change=0.0)
    code = theory.explain_by_swaps(tied_weights, patterns, K, parameters)[-1]
    error = patterns - reconstructed(tied_weights, code)
    delta = np.where(code > 0, error @ tied_weights.w_out.T, 0.0)
    np.testing.assert_allclose(delta, 0, atol=1e-8)


def test_relaxing_never_raises_the_error(tied_weights, patterns):
    before = np.full(len(patterns), np.inf)
    for n_relax in range(1, 8):
        for least in (0.0, 0.05):
            parameters = replace(SWAPS, n_swaps=0, n_relax=n_relax, least_change=least)
            code = theory.explain_by_swaps(tied_weights, patterns, K, parameters)[-1]
            errors = squared(tied_weights, patterns, code)
            if least == 0:
                assert (errors <= before + 1e-12).all()
                before = errors
            start = squared(tied_weights, patterns, np.where(code > 0, tied_weights.drive(patterns), 0.0))
            assert (errors <= start + 1e-9).sum() >= 0.9 * len(patterns)


def test_the_hidden_layer_can_tell_the_squared_error(tied_weights, patterns):
    code = theory.explain_by_swaps(tied_weights, patterns, K, SWAPS)[-1]
    drive = (patterns - tied_weights.mean) @ tied_weights.w_in.T
    field = drive - code @ tied_weights.lateral_matrix.T
    power = ((patterns - tied_weights.mean) ** 2).sum(axis=1)
    found = theory.unexplained(power, drive, field, code)
    np.testing.assert_allclose(found, squared(tied_weights, patterns, code), rtol=1e-9)


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_swaps_do_not_depend_on_the_scale(tied_weights, patterns, factor):
    larger = replace(
        tied_weights, bias=tied_weights.bias * factor, mean=tied_weights.mean * factor,
        power=tied_weights.power * factor**2,
    )  # fmt: skip
    one, learned = simulate(tied_weights, patterns[:6], K, SWAPS, learning_rate=0.5, codegen="numpy")
    other, after = simulate(larger, factor * patterns[:6], K, SWAPS, learning_rate=0.5, codegen="numpy")
    np.testing.assert_array_equal(other.winners, one.winners)
    np.testing.assert_allclose(after.w_out, learned.w_out, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(after.lateral, learned.lateral, rtol=1e-8, atol=1e-12)


def test_the_order_of_units_does_not_matter(apart, patterns, rng):
    order = rng.permutation(24)
    moved = replace(
        apart, w_in=apart.w_in[order], w_out=apart.w_out[order], bias=apart.bias[order],
        lateral=apart.lateral[np.ix_(order, order)],
    )  # fmt: skip
    one, learned = simulate(apart, patterns[:6], K, LOCAL, learning_rate=0.5, codegen="numpy")
    other, after = simulate(moved, patterns[:6], K, LOCAL, learning_rate=0.5, codegen="numpy")
    np.testing.assert_allclose(other.code, one.code[:, order], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(after.lateral, learned.lateral[np.ix_(order, order)], rtol=1e-9, atol=1e-12)


@pytest.mark.compiled
@pytest.mark.parametrize("parameters", [SWAPS, LOCAL, PAIRED], ids=["copied", "local", "paired"])
def test_targets_agree(tied_weights, apart, positive, patterns, parameters):
    weights, shown = (tied_weights if parameters.transport else apart), patterns[:6]
    if parameters.dale == "push-pull":
        weights, shown = positive(True)
    results = [
        simulate(weights, shown, K, parameters, learning_rate=0.5, homeostasis=0.01, codegen=target)
        for target in ("numpy", "cpp_standalone")
    ]
    (here, learned), (there, other) = results
    np.testing.assert_array_equal(here.winners, there.winners)
    np.testing.assert_array_equal(here.settling_time_ms, there.settling_time_ms)
    for name in ("w_in", "w_out", "bias", "lateral"):
        np.testing.assert_allclose(getattr(learned, name), getattr(other, name), rtol=1e-10, atol=1e-13, err_msg=name)


@pytest.mark.parametrize(
    "options", [{"noise": 0.01}, {"threshold_cv": 0.05}, {"loop_delay": 1.0, "inhibition": "threshold"}], ids=str
)
def test_swaps_of_an_imperfect_circuit(tied_weights, patterns, options, rng):
    response, _ = simulate(tied_weights, patterns, K, replace(SWAPS, **options), codegen="numpy", rng=rng)
    ideal = theory.explain_by_swaps(tied_weights, patterns, K, SWAPS)[-1]
    assert (response.n_active == K).mean() > 0.8
    assert response.squared_error.mean() < 1.1 * squared(tied_weights, patterns, ideal).mean()


def test_a_competition_that_is_cut_off_is_told(tied_weights, patterns):
    response, _ = simulate(tied_weights, patterns[:4], K, replace(SWAPS, max_settle=3.0), codegen="numpy")
    assert not response.settled.any()
    assert any("max_settle" in line for line in response.diagnose())


def test_a_pattern_without_winners_stays_without(tied_weights):
    silent = replace(tied_weights, bias=tied_weights.bias * 0 - 1)
    response, _ = simulate(silent, tied_weights.mean[np.newaxis], K, SWAPS, codegen="numpy")
    assert [cycle.n_active[0] for cycle in response.cycles] == [0, 0, 0]
    assert response.settled[0]


def test_lateral_synapses_are_built_only_where_asked_for(weights):
    assert not build_key(weights, RateParameters(), 64).is_lateral
    kinds = [build_key(weights, parameters, 64).explains for parameters in (SWAPS, LOCAL, DALE, PAIRED)]
    assert kinds == ["copied", "local", "local", "paired"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"explain": "lateral", "n_cycles": 2}, "n_cycles must be left at 1 unless explain is error"),
     ({"n_swaps": 2}, "n_swaps must be left at 4 unless explain is lateral"),
     ({"late_share": (0.5, 1.0), "n_cycles": 2}, "late_share must be one number unless explain is lateral"),
     ({"explain": "lateral", "late_share": (0.5, 1.5)}, "late_share must be at most 1"),
     ({"explain": "lateral", "dale": True}, "dale must be left at 'no' unless transport is False"),
     ({"explain": "lateral", "transport": False, "dale": True, "n_swaps": 0}, "n_swaps must be at least 1 with dale"),
     ({"explain": "lateral", "transport": False, "decay": 1.0}, "decay must be below 1"),
     ({"explain": "lateral", "n_relax": 0}, "n_relax must be at least 1")],
)  # fmt: skip
def test_what_cannot_be_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        RateParameters(**options)


def test_untied_weights_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"tied must be True with explain='lateral'.*transport=False"):
        KWTAAutoencoder(8, 2, tied=False, parameters=SWAPS).fit(np.eye(8))


@pytest.fixture(scope="module")
def traced(shared_patterns):
    """The responses of a model to some of the patterns that it has learned, the third traced."""
    shown = shared_patterns[:5]
    model = KWTAAutoencoder(24, K, n_epochs=1, parameters=SWAPS, codegen="numpy", random_state=0).fit(shown)
    return model.simulate(shown, traces=[2])


def test_a_trace_shows_every_round(traced):
    response, trace = traced, traced.traces[0]
    assert trace.drives.shape == trace.cycle_winners.shape == (3, 24)
    for row, cycle in enumerate(response.cycles):
        np.testing.assert_allclose(trace.drives[row], cycle.code[2], atol=1e-12)
        np.testing.assert_array_equal(trace.cycle_winners[row], cycle.winners[2])
        assert trace.decisions_ms[row] == cycle.settling_time_ms[2]


def test_the_circuit_in_words_is_that_of_lateral_synapses():
    from selective_firing import describe

    words = describe(LOCAL)
    assert "lateral: hidden -> hidden" in words
    assert "w = clip(w + taught_pre * (field_post - seen_post), lowest, inf) * kept_pre" in words
    assert "gamma cycles" not in words


def test_the_figure_of_a_presentation_shows_no_drive_that_would_be_needed(traced):
    from selective_firing import figures

    trace = traced.traces[0]
    assert np.isnan(trace.needed_drive).all()
    _, inhibition, _ = figures.presentation(trace).axes
    assert [text.get_text() for text in inhibition.get_legend().get_texts()] == ["slow part of it", "inhibition"]
