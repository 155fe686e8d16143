"""Measures of weights and of factors, on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import measures


def gabor(size: int = 12, **changes: float) -> np.ndarray:
    given = {"row": 6.0, "column": 5.0, "angle": 0.5, "frequency": 0.2, "along": 1.8, "across": 3.0, "phase": 1.0}
    p = given | changes
    y, x = np.indices((size, size))
    u = (x - p["column"]) * np.cos(p["angle"]) + (y - p["row"]) * np.sin(p["angle"])
    v = (y - p["row"]) * np.cos(p["angle"]) - (x - p["column"]) * np.sin(p["angle"])
    envelope = np.exp(-((u / p["along"]) ** 2 + (v / p["across"]) ** 2) / 2)
    return (envelope * np.cos(2 * np.pi * p["frequency"] * u + p["phase"])).ravel()


def test_participation_is_the_share_of_inputs_that_weigh_alike():
    weights = np.zeros((3, 16))
    weights[0, 3], weights[1, :4], weights[2] = 2.0, [-1, 1, 1, -1], 5.0
    np.testing.assert_allclose(measures.participation_ratio(weights), [1 / 16, 4 / 16, 1.0])
    assert np.isnan(measures.participation_ratio(np.zeros((1, 4)))).all()
    np.testing.assert_allclose(measures.participation_ratio(1e-200 * weights), [1 / 16, 4 / 16, 1.0])


def test_participation_of_gaussian_noise_is_a_third(rng):
    assert measures.participation_ratio(rng.standard_normal((20, 5000))).mean() == pytest.approx(1 / 3, abs=0.01)


def test_spread_is_relative_to_weights_everywhere():
    weights = np.zeros((3, 8, 8))
    weights[0], weights[1, 2, 5], weights[2, 3:5, 3:5] = 1.0, 3.0, -1.0
    spread = measures.spatial_spread(weights.reshape(3, -1), (8, 8))
    np.testing.assert_allclose(spread, [1.0, 0.0, np.sqrt(0.25 / (63 / 12))], atol=1e-9)
    with pytest.raises(ValueError, match="components must have 9 columns"):
        measures.spatial_spread(np.ones((1, 8)), (3, 3))


@pytest.mark.parametrize("changes", [{}, {"angle": 2.4, "frequency": 0.12}, {"row": 3.0, "phase": 2.5, "across": 2.0}])
def test_a_gabor_function_is_fitted_and_noise_is_not(changes, rng):
    clean = gabor(**changes)
    noise = rng.standard_normal(clean.size)
    noisy = clean + clean.std() / 3 * noise
    found = measures.gabor_fit(np.stack([clean, -7 * clean, noisy, noise, np.ones(clean.size)]), (12, 12))
    fits = found["r2"]
    assert fits[:2].min() > 0.99
    assert 0.7 < fits[2] < 0.99
    assert fits[3] < 0.5
    assert np.isnan(fits[4])
    assert np.isnan(found["along"][4])
    np.testing.assert_allclose(found["frequency"][:2], changes.get("frequency", 0.2), rtol=0.1)
    np.testing.assert_allclose(found["along"][:2], 1.8, rtol=0.1)
    np.testing.assert_allclose(found["row"][:2], changes.get("row", 6.0), atol=0.2)


def test_blobs_have_no_cycles_and_gratings_no_end():
    blob, grating = gabor(frequency=0.0, along=2.0, across=2.0, phase=0.0), gabor(along=1e3, across=1e3)
    found = measures.gabor_fit(np.stack([blob, grating]), (12, 12))
    assert found["r2"].min() > 0.99
    assert found["cycles"][0] < 0.2
    assert max(found["along"][1], found["across"][1]) > 4


def test_recovery_matches_each_factor_with_a_unit_of_its_own(rng):
    factors = rng.random((500, 3)) < 0.5
    code = np.column_stack([rng.random(500) * 0, 3.0 * factors[:, 2], 1.0 * ~factors[:, 0], 2.0 * factors[:, 1]])
    assert measures.factor_recovery(code, factors) == pytest.approx(1.0)
    assert measures.factor_recovery(code[:, :2], factors) == pytest.approx(1 / 3)


def test_the_gap_is_one_for_one_unit_a_factor_and_zero_for_two(rng):
    factors = rng.integers(2, size=(4000, 2))
    alone = np.column_stack([2.5 * factors[:, 0], 1.5 * factors[:, 1]])
    assert measures.mutual_information_gap(alone, factors) == pytest.approx(1.0, abs=0.01)
    assert measures.mutual_information_gap(np.hstack([alone, alone]), factors) == pytest.approx(0.0, abs=1e-9)


def test_dci_of_a_unit_for_each_factor_and_of_a_mixture(rng):
    factors = rng.integers(2, size=(600, 3))
    pure = measures.dci(1.5 * factors, factors, np.random.default_rng(0))
    assert pure["disentanglement"] > 0.9
    assert pure["completeness"] > 0.9
    assert pure["informativeness"] == 1.0
    mixed = measures.dci(factors @ rng.standard_normal((3, 3)), factors, np.random.default_rng(0))
    assert mixed["disentanglement"] < 0.7
    again = measures.dci(1.5 * factors, factors, np.random.default_rng(0))
    assert again == pure


@pytest.mark.parametrize("n_noise", [0, 48])
def test_dci_of_a_perfect_code_is_one_whatever_other_units_do(n_noise):
    rng = np.random.default_rng(1)
    factors = rng.integers(2, size=(600, 3))
    code = np.hstack([1.5 * factors, rng.random((600, n_noise))])
    assert set(measures.dci(code, factors, rng).values()) == {1.0}
    words = np.array(["left", "right"])[factors]
    assert set(measures.dci(code, words, rng).values()) == {1.0}
    in_order = np.argsort(factors[:, 0], kind="stable")  # the halves are drawn at random
    assert set(measures.dci(code[in_order], factors[in_order], rng).values()) == {1.0}


def test_purity_of_units_for_one_class_and_for_all():
    rates = np.array([[2.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    np.testing.assert_allclose(measures.class_purity(rates, np.array([0, 1, 2])), [1.0, 1 / 3])
