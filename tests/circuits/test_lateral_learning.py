"""What circuits with lateral synapses learn: as the theory says, by whatever rule, and no lesson is free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lateral_cases import DALE, LOCAL, PAIRED, RULES, SWAPS, K

from selective_firing import KWTAAutoencoder, Response, theory
from selective_firing.engine import simulate as door
from selective_firing.engine.simulate import simulate


@pytest.fixture
def patterns(patterns):
    return patterns[:10]


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
    for _ in range(4):
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


@pytest.mark.parametrize("parameters", [SWAPS, LOCAL, DALE, PAIRED], ids=["copied", "local", "Dale", "push-pull"])
def test_the_estimator_learns_keeps_and_shows_them(patterns, tmp_path, parameters):
    patterns = patterns[:5]
    model = KWTAAutoencoder(24, K, n_epochs=1, parameters=parameters, codegen="numpy", random_state=0).fit(patterns)
    assert model.components_.shape == model.encoder_.shape == (24, 20)
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
