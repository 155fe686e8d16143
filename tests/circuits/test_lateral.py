"""Explaining away by lateral synapses: the circuit is the theory, every round holds k winners, no lesson is free."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from selective_firing import KWTAAutoencoder, RateParameters, Response, theory
from selective_firing.engine import simulate as door
from selective_firing.engine.build_key import build_key
from selective_firing.engine.simulate import simulate
from selective_firing.weights import Weights

SWAPS = RateParameters(explain="lateral", n_swaps=2)
LOCAL = replace(SWAPS, transport=False)
DALE = replace(LOCAL, dale=True, lateral_start="uniform")
PAIRED = replace(DALE, dale="push-pull")
K = 4
RULES = (SWAPS, LOCAL, replace(SWAPS, late_share=1.0), replace(LOCAL, decay=0.5))


@pytest.fixture
def patterns(patterns):
    return patterns[:10]


def reconstructed(weights: Weights, code: np.ndarray) -> np.ndarray:
    return weights.mean + code @ weights.w_out


def squared(weights: Weights, X: np.ndarray, code: np.ndarray) -> np.ndarray:
    return ((X - reconstructed(weights, code)) ** 2).sum(axis=1)


@pytest.fixture
def apart(weights):
    """Weights whose encoders, decoders and lateral synapses have not yet come together."""
    w = weights.w_in
    return replace(weights, w_out=0.3 * w, lateral=0.7 * w @ w.T + 0.1)


@pytest.fixture
def positive(weights, patterns):
    """Weights of ON and OFF cells, none below 0, for the first patterns; and these as the cells show them."""
    from selective_firing.learning.channels import on_and_off

    rng = np.random.default_rng(3)
    w_in, w_out = 0.5 * np.abs(rng.standard_normal((2, 24, 40))) / np.sqrt(40)
    mean = patterns.mean(axis=0)
    bias, power = 0.05 * np.abs(weights.bias), weights.power

    def shown(crossed: bool) -> tuple[Weights, np.ndarray]:
        made = Weights(w_in, w_out, bias, np.zeros(40), power, None, w_in @ w_in.T, mean)
        return made, on_and_off(patterns[:6], mean, crossed)

    return shown


@pytest.mark.parametrize(
    "options",
    [{}, {"inhibition": "threshold"}, {"inhibition_start": "zero"}, {"n_released": 3}, {"n_relax": 1},
     {"least_change": 1e-6}, {"least_change": 0.1}, {"feedback": 1.2}, {"n_swaps": 0}],
    ids=str,
)  # fmt: skip
def test_every_round_ends_with_the_code_of_the_theory(tied_weights, patterns, options):
    parameters = replace(SWAPS, **options)
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


@pytest.mark.parametrize("parameters", RULES, ids=str)
def test_the_circuit_learns_as_the_theory_says(tied_weights, apart, patterns, parameters):
    weights = tied_weights if parameters.transport else apart
    _, learned = simulate(weights, patterns[:6], K, parameters, learning_rate=(0.5, -0.05), codegen="numpy")
    expected = weights
    for number, pattern in enumerate(patterns[:6]):
        expected = theory.learning_with_swaps(expected, pattern, K, 0.5 - 0.05 * number, parameters)
    for name in ("w_in", "w_out", "bias", "lateral"):
        np.testing.assert_allclose(getattr(learned, name), getattr(expected, name), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("parameters", [DALE, PAIRED], ids=["Dale", "push-pull"])
def test_by_dales_law_no_weight_changes_its_sign(positive, parameters):
    weights, shown = positive(parameters.dale == "push-pull")
    expected = learned = weights
    for pattern in shown:
        _, learned = simulate(learned, pattern[np.newaxis], K, parameters, learning_rate=2.0, codegen="numpy")
        expected = theory.learning_with_swaps(expected, pattern, K, 2.0, parameters)
        for name in ("w_in", "w_out", "lateral"):
            np.testing.assert_allclose(getattr(learned, name), getattr(expected, name), atol=1e-11, err_msg=name)
            assert getattr(learned, name).min() >= 0 or (name == "lateral" and parameters.dale == "push-pull")
    assert (learned.w_out == 0).any()  # some were about to


def test_lateral_weights_that_copy_stay_exact_and_come_to_be(tied_weights, patterns):
    exact = simulate(tied_weights, patterns, K, SWAPS, learning_rate=1.0, codegen="numpy")[1]
    np.testing.assert_allclose(exact.lateral, exact.w_in @ exact.w_in.T, atol=1e-13)
    wrong = replace(tied_weights, lateral=1.5 * tied_weights.lateral_matrix)
    late = replace(SWAPS, n_swaps=0, late_share=1.0)
    learned = simulate(wrong, patterns, K, late, learning_rate=1.0, codegen="numpy")[1]
    before = np.linalg.norm(wrong.lateral - wrong.w_in @ wrong.w_in.T)
    assert np.linalg.norm(learned.lateral - learned.w_in @ learned.w_in.T) < 0.9 * before


def test_a_lesson_contracts_the_error_of_copied_lateral_weights(tied_weights, patterns, rng):
    """Delta becomes (1 - h r') Delta (1 - r h'), h = eta'' r: nothing that is wrong can grow."""
    symmetric = rng.standard_normal((24, 24))
    wrong = replace(tied_weights, lateral=tied_weights.lateral_matrix + 0.1 * (symmetric + symmetric.T))
    parameters = replace(SWAPS, n_swaps=0, late_share=1.0)
    x = patterns[0] - tied_weights.mean
    rates = theory.explain_by_swaps(wrong, patterns[:1], K, parameters)[-1, 0]
    learned = theory.learning_with_swaps(wrong, patterns[0], K, 0.5, parameters)
    normal = max(tied_weights.power, float(x @ x))
    step = 0.5 / normal / max(1.0, float(rates @ rates) / normal)
    shrink = np.eye(24) - step * np.outer(rates, rates)
    delta = wrong.lateral - wrong.w_in @ wrong.w_in.T
    after = learned.lateral - learned.w_in @ learned.w_in.T
    np.testing.assert_allclose(after, shrink @ delta @ shrink, atol=1e-10)


def test_local_lateral_weights_learn_what_the_weights_do(apart, patterns):
    learned = apart
    still = replace(LOCAL, decay=0.0)
    for _ in range(6):
        learned = simulate(learned, patterns, K, still, learning_rate=1e-9, codegen="numpy")[1]
    won = simulate(learned, patterns, K, still, codegen="numpy")[0].winners.sum(axis=0) > 3
    wrong = np.abs(learned.lateral - learned.w_in @ learned.w_out.T)[:, won].mean()
    assert wrong < 0.5 * np.abs(apart.lateral - apart.w_in @ apart.w_out.T)[:, won].mean()


def test_the_last_lesson_is_the_gradient_at_the_final_code(tied_weights, patterns):
    x = patterns[0] - tied_weights.mean
    parameters = replace(SWAPS, late_share=1.0)
    code = theory.explain_by_swaps(tied_weights, patterns[:1], K, parameters)[-1, 0]
    learned = theory.learning_with_swaps(tied_weights, patterns[0], K, 0.1, parameters)
    normal = max(tied_weights.power, float(x @ x))
    rate, h = 0.1 / normal / max(1.0, float(code @ code) / normal), 1e-6
    for index in [(int(unit), j) for unit in np.flatnonzero(code) for j in (0, 7, 19)]:
        up, down = (tied_weights.w_out.copy() for _ in range(2))
        up[index] += h
        down[index] -= h
        slope = (((x - code @ up) ** 2).sum() - ((x - code @ down) ** 2).sum()) / (4 * h)
        assert learned.w_out[index] - tied_weights.w_out[index] == pytest.approx(-rate * slope, abs=1e-8)


def test_a_fit_anneals_rate_homeostasis_and_late_share(patterns, monkeypatch):
    """The weights of a fit are those of the theory, presentation by presentation, however many runs it takes."""
    parameters = replace(SWAPS, late_share=(0.6, 1.0))
    model = KWTAAutoencoder(12, 3, n_epochs=2, homeostasis=0.05, parameters=parameters, codegen="numpy", random_state=1)
    monkeypatch.setattr("selective_firing.learning.fit.chunk_rows", lambda _: 4)
    orders: list[np.ndarray] = []
    from selective_firing.learning import fit

    drawn = fit.presentation_order
    monkeypatch.setattr(fit, "presentation_order", lambda n, rng: orders.append(drawn(n, rng)) or orders[-1])
    learned = model.fit(patterns[:10]).weights_
    start = fit.begin(patterns[:10], 12, np.random.default_rng(1), None, True, parameters).weights
    expected, shown = start, np.concatenate(orders)
    for number, row in enumerate(shown):
        left = 1 - number / 20
        after = theory.learning_with_swaps(expected, patterns[row], 3, left, parameters, left)
        now = simulate(expected, patterns[row][np.newaxis], 3, parameters, learning_rate=left, codegen="numpy",
                       remaining=(left, 0.0))[0]  # fmt: skip
        moved = 0.05 * np.sqrt(expected.power / 50) * (3 / 12 - now.winners[0])
        expected = replace(after, bias=after.bias + moved * max(0.0, left - 1 / 20))
    for name in ("w_in", "lateral"):
        np.testing.assert_allclose(getattr(learned, name), getattr(expected, name), atol=1e-4, err_msg=name)


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


@pytest.mark.parametrize("parameters", [SWAPS, LOCAL, DALE, PAIRED], ids=["copied", "local", "Dale", "push-pull"])
def test_the_estimator_learns_keeps_and_shows_them(patterns, tmp_path, parameters):
    model = KWTAAutoencoder(12, 3, n_epochs=1, parameters=parameters, codegen="numpy", random_state=0).fit(patterns)
    assert model.components_.shape == model.encoder_.shape == (12, 20)
    np.testing.assert_allclose(model.mean_, patterns.mean(axis=0))
    response = model.simulate(patterns)
    loss = ((patterns - model.inverse_transform(response.code)) ** 2).sum(axis=1)
    if parameters.dale == "no":
        np.testing.assert_allclose(response.squared_error, loss, rtol=1e-9)
    model.save(tmp_path / "model.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.simulate(patterns).code, response.code)
    np.testing.assert_array_equal(loaded.weights_.lateral, model.weights_.lateral)
    response.save(tmp_path / "response.npz")
    assert len(Response.load(tmp_path / "response.npz").earlier) == 2


def test_chunks_do_not_matter(tied_weights, patterns, monkeypatch):
    learning = {"learning_rate": (0.5, -0.01), "remaining": (1.0, -0.02), "codegen": "numpy"}
    parameters = replace(SWAPS, late_share=(0.5, 1.0))
    whole, learned = simulate(tied_weights, patterns, K, parameters, homeostasis=0.01, **learning)
    monkeypatch.setattr(door, "chunk_rows", lambda _: 7)
    parts, other = simulate(tied_weights, patterns, K, parameters, homeostasis=0.01, **learning)
    np.testing.assert_array_equal(parts.winners, whole.winners)
    np.testing.assert_allclose(other.lateral, learned.lateral, rtol=1e-9, atol=1e-12)


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


def test_a_trace_shows_every_round(patterns):
    model = KWTAAutoencoder(12, 3, n_epochs=1, parameters=SWAPS, codegen="numpy", random_state=0).fit(patterns)
    response = model.simulate(patterns, traces=[2])
    trace = response.traces[0]
    assert trace.drives.shape == trace.cycle_winners.shape == (3, 12)
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


def test_the_figure_of_a_presentation_shows_no_drive_that_would_be_needed(patterns):
    from selective_firing import figures

    model = KWTAAutoencoder(12, 3, n_epochs=1, parameters=SWAPS, codegen="numpy", random_state=0).fit(patterns)
    trace = model.simulate(patterns, traces=[0]).traces[0]
    assert np.isnan(trace.needed_drive).all()
    _, inhibition, _ = figures.presentation(trace).axes
    assert [text.get_text() for text in inhibition.get_legend().get_texts()] == ["inhibition"]
