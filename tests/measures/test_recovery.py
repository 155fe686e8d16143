"""Measures of what units found of the true features, on cases that can be counted, and whatever must not matter."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import datasets, measures


@pytest.fixture(scope="module")
def data():
    return datasets.synthetic_features(n_features=12, n_inputs=20, n_active=3, n_samples=500)


def every(components, data, code=None):
    """Return all measures, the code's too."""
    code = data.codes_test if code is None else code
    found = measures.feature_recovery(components, data.features)
    return np.array([
        measures.mean_max_cosine(components, data.features), *found.values(),
        measures.feature_uniqueness(components, data.features),
        measures.support_f1(code, data.factors_test, components, data.features),
    ])  # fmt: skip


def test_the_truth_itself_is_perfect(data):
    np.testing.assert_allclose(every(data.features, data), 1.0)


def test_neither_order_nor_scale_matters(data, rng):
    order, scale = rng.permutation(12), rng.uniform(0.1, 10, 12)
    moved = scale[:, None] * data.features[order]
    np.testing.assert_allclose(every(moved, data, data.codes_test[:, order]), 1.0)
    noisy = data.features + 0.1 * rng.standard_normal(data.features.shape)
    again = every(scale[:, None] * noisy[order], data, data.codes_test[:, order])
    np.testing.assert_allclose(again, every(noisy, data))


def test_a_negative_is_another_feature(data):
    flipped = data.features.copy()
    flipped[:3] *= -1
    cosine, precision, recall, f1, *_ = every(flipped, data)
    assert cosine < 0.9
    assert precision == recall == pytest.approx(9 / 12) == pytest.approx(f1)


def test_lost_doubled_and_dead_units_are_counted(data):
    units = data.features.copy()
    units[0] = units[1]  # one feature lost, another there twice
    units[2] = 0.0  # dead
    code = data.codes_test[:, [1, *range(1, 12)]]
    cosine, precision, recall, f1, unique, support = every(units, data, code)
    assert recall == pytest.approx(10 / 12)
    assert precision == pytest.approx(10 / 11)
    assert f1 == pytest.approx(20 / 23)
    assert unique == pytest.approx(10 / 11)
    overlaps = data.features @ data.features.T
    lost = [overlaps[feature, [1, *range(3, 12)]].max() for feature in (0, 2)]
    assert cosine == pytest.approx((10 + sum(lost)) / 12)
    assert 10 / 12 < support < 11 / 12  # one of the two that are left has the other's unit, by chance


def test_a_match_is_one_to_one_even_where_one_unit_is_nearest_to_two():
    features = np.array([[1.0, 0.0], [0.8, 0.6]])
    units = np.array([[1.0, 0.1], [0.0, 1.0]])
    assert measures.mean_max_cosine(units, features) > 0.92  # the first unit serves both
    assert measures.feature_recovery(units, features)["recall"] == 0.5
    assert measures.feature_recovery(units, features, threshold=0.5)["recall"] == 1.0
    assert measures.feature_uniqueness(units, features) == 1.0


def test_a_narrow_layer_is_not_blamed_for_its_width(data):
    few = every(data.features[:4], data, data.codes_test[:, :4])
    assert few[0] < 1
    np.testing.assert_allclose(few[1:], 1.0)
    dead = data.features[:4] * [[1.0], [1.0], [1.0], [0.0]]
    assert measures.feature_recovery(dead, data.features)["recall"] == 0.75
    assert measures.support_f1(data.codes_test[:, :4], data.factors_test, dead, data.features) == pytest.approx(0.75)


def test_support_is_the_f1_of_each_feature():
    features = np.eye(3)
    active = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    code = np.array([[2.0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 3, 0]])
    assert measures.support_f1(code, active, features, features) == pytest.approx(
        (2 / 3 + 1) / 2
    )  # the third is absent
    moved = measures.support_f1(code, active, features[::-1], features)  # the units' weights change, their activity not
    assert moved == pytest.approx((2 * 1 / 4 + 1) / 2)
    assert measures.support_f1(code[:, :1], active, features[:1], features) == pytest.approx(2 / 3)
    dead = np.array([[1.0, 0, 0], [0, 0, 0]])
    assert measures.support_f1(code[:, :2], active, dead, features) == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.filterwarnings("error")
def test_dead_units_and_absent_features_have_the_documented_value(data):
    dead = np.zeros((4, 20))
    assert measures.mean_max_cosine(dead, data.features) == 0
    assert measures.feature_recovery(dead, data.features) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert np.isnan(measures.feature_uniqueness(dead, data.features))
    assert measures.support_f1(np.ones((100, 4)), data.factors_test, dead, data.features) == 0
    nothing = np.zeros_like(data.factors_test)
    assert np.isnan(measures.support_f1(data.codes_test, nothing, data.features, data.features))


def test_features_that_are_none_are_refused(data):
    with pytest.raises(ValueError, match="features must not be all zeros, got 1 such"):
        measures.mean_max_cosine(data.features, np.vstack([data.features, np.zeros(20)]))
    for threshold in (0, 1.1, np.nan):
        with pytest.raises(ValueError, match="threshold must be"):
            measures.feature_recovery(data.features, data.features, threshold)
