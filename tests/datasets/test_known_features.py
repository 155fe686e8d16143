"""Patterns made of known features: what is said of them is so."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import datasets
from selective_firing.datasets.features import CHILDREN, GROUP


@pytest.mark.parametrize("name", datasets.FEATURES)
def test_patterns_are_sums_of_their_features(name):
    data = datasets.from_name(name, n_samples=400, noise=0.0)
    assert data.name == name
    assert len(data.X_train) == 320
    assert data.features.shape == (data.factors_test.shape[1], data.n_inputs)
    np.testing.assert_allclose(np.linalg.norm(data.features, axis=1), 1)
    for X, codes, factors in ((data.X_train, data.codes_train, data.factors_train),
                              (data.X_test, data.codes_test, data.factors_test)):  # fmt: skip
        np.testing.assert_allclose(codes @ data.features, X, atol=1e-12)
        np.testing.assert_array_equal(codes > 0, factors)
        assert (factors.sum(axis=1) == 6).all()
        assert codes[factors].min() >= 0.5
        assert codes[factors].max() <= 1.5


def test_independent_features_do_not_know_of_each_other():
    factors = datasets.synthetic_features(n_samples=20_000).factors_train
    np.testing.assert_allclose(factors.mean(axis=0), 6 / 64, atol=0.01)
    pairs = np.corrcoef(factors.T.astype(float))[np.triu_indices(64, 1)]
    assert np.abs(pairs).max() < 0.05  # -1/63 on average, because their number is fixed


def test_correlated_features_come_in_groups():
    data = datasets.synthetic_features(structure="correlated", n_samples=20_000)
    pairs = np.corrcoef(data.factors_train.T.astype(float))
    group = np.arange(64) // GROUP
    same = (group[:, None] == group) & ~np.eye(64, dtype=bool)
    assert pairs[same].min() > 0.08
    assert pairs[group[:, None] != group].max() < 0.05
    np.testing.assert_allclose(data.factors_train.mean(axis=0), 6 / 64, atol=0.015)


def test_skewed_features_are_the_rarer_the_later_they_come():
    data = datasets.from_name("features-crowded", n_samples=20_000)
    shares = data.factors_train.mean(axis=0)
    assert (data.factors_train.sum(axis=1) == 6).all()
    assert (np.diff(shares[:8]) < 0).all()
    np.testing.assert_allclose(shares[32:64].sum() / shares[128:].sum(), np.log(2) / np.log(2), rtol=0.1)
    first = datasets.synthetic_features(n_features=5, n_active=1, skew=1.0, n_samples=50_000).factors_train.mean(axis=0)
    np.testing.assert_allclose(first, 1 / np.arange(1, 6) / (1 / np.arange(1, 6)).sum(), atol=0.01)


def test_a_child_never_comes_without_its_parent():
    factors = datasets.synthetic_features(structure="hierarchical", n_samples=2000).factors_train
    n_parents = 64 // (1 + CHILDREN)
    parents, children = factors[:, :n_parents], factors[:, n_parents:].reshape(-1, CHILDREN, n_parents)
    assert not (children & ~parents[:, None]).any()
    assert 0.2 < children[:, 0, 0][parents[:, 0]].mean() < 0.35
    assert (parents & ~children.any(axis=1)).any()  # nor is a parent always with one
    assert factors.any(axis=0).all()


def test_noise_is_relative_to_the_patterns():
    clean, noisy = (datasets.synthetic_features(noise=noise, seed=3) for noise in (0.0, 0.3))
    left = noisy.X_train - clean.X_train
    assert np.sqrt((left**2).sum() / (clean.X_train**2).sum()) == pytest.approx(0.3, rel=0.01)
    np.testing.assert_array_equal(noisy.codes_train, clean.codes_train)


def test_a_seed_repeats_and_another_makes_other_features():
    one, same, other = (datasets.synthetic_features(n_samples=20, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.X_train, same.X_train)
    assert not np.array_equal(one.features, other.features)
    np.testing.assert_array_equal(one.head(2).codes_test, one.codes_test[:2])


def test_no_model_starts_from_the_features_because_it_has_their_seed():
    from comparisons import RandomWeights
    from selective_firing.measures import mean_max_cosine

    data = datasets.synthetic_features(n_samples=50)
    started, others = (RandomWeights(64, random_state=seed).fit(data.X_train).components_ for seed in (0, 1))
    assert mean_max_cosine(started, data.features) == pytest.approx(mean_max_cosine(others, data.features), abs=0.05)
    assert mean_max_cosine(started, data.features) < 0.4


def test_bars_show_what_each_of_them_looks_like():
    data = datasets.bars(size=4, n_bars=1, n_samples=200)
    np.testing.assert_array_equal(data.factors_train @ data.features, data.X_train)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_active": 65},
        {"n_features": 1},
        {"structure": "deep"},
        {"noise": -1.0},
        {"n_samples": 1},
        {"skew": -1.0},
        {"skew": 1.0, "structure": "correlated"},
    ],
    ids=str,
)
def test_features_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        datasets.synthetic_features(**wrong)


def test_every_set_of_features_is_known_to_command_line_and_sweeps(tmp_path):
    from comparisons.measuring.data_key import data_key
    from comparisons.sweep.grid import jobs
    from selective_firing.cli.options import RunOptions

    for name in datasets.FEATURES:
        assert RunOptions(dataset=name, seed=2).load().provenance["seed"] == 2
        assert data_key(name) == ""
    job, *_ = jobs({"dataset": ["features"], "data.noise": 0.1, "model": "random"})
    assert job.data().provenance["noise"] == 0.1
