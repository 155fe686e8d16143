"""The recommended k: true on bars, none without structure; the bits and the stability it rests on, by hand."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from comparisons import DenseAutoencoder, TiedSGDAutoencoder
from selective_firing import datasets
from selective_firing.choice_of_k import choose_k
from selective_firing.measures import description_length, feature_stability, stability

MODEL = TiedSGDAutoencoder(24, n_epochs=4)


def bars(n_bars: int, seed: int) -> np.ndarray:
    return datasets.bars(size=8, n_bars=n_bars, n_samples=1000, seed=seed).X_train


@pytest.fixture(scope="module")
def choice():
    return choose_k(bars(2, 0), MODEL, n_seeds=3, random_state=0)


def test_example_of_the_docstring():
    assert doctest.testmod(stability).failed == 0


def test_the_same_features_in_any_order_and_of_any_length_are_stable(rng):
    features = rng.standard_normal((6, 20))
    others = features[rng.permutation(6)] * rng.uniform(0.1, 9, (6, 1))
    assert feature_stability(features, others) == pytest.approx(1)


def test_a_feature_and_its_negative_are_not_the_same():
    assert feature_stability(np.eye(2), -np.eye(2)[:, ::-1]) == pytest.approx(0)
    assert feature_stability([[1.0, 0.0]], [[-1.0, 0.0]]) == pytest.approx(-1)


def test_the_match_is_one_to_one_and_the_best_of_all():
    features = [[1.0, 0.0], [1.0, 0.1]]  # both are nearest to the first of the others
    cosine = 0.1 / np.hypot(1, 0.1)
    assert feature_stability(features, [[1.0, 0.0], [0.0, 1.0]]) == pytest.approx((1 + cosine) / 2)


def test_dead_features_are_left_out_and_missing_partners_count_as_nothing():
    assert feature_stability([[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 0.0]]) == pytest.approx(1)
    assert feature_stability(np.eye(4), np.eye(4)[:1]) == pytest.approx(1 / 4)
    assert feature_stability(np.eye(4), np.zeros((4, 4))) == 0
    assert np.isnan(feature_stability(np.zeros((2, 3)), np.zeros((1, 3))))


@pytest.mark.parametrize("others", [np.ones(3), np.ones((2, 4))])
def test_features_of_other_inputs_cannot_be_matched(others):
    with pytest.raises(ValueError, match=r"components and others must be 2-D and of one width, got \(2, 3\)"):
        feature_stability(np.ones((2, 3)), others)


def test_a_fair_coin_takes_one_bit(rng):
    coins = rng.integers(2, size=(2, 500, 30)).astype(float)
    none = np.zeros((500, 1))
    bits = description_length(coins[0], none, coins[1], none, np.zeros((1, 30)), np.full(30, 0.5))
    assert bits.mean() == pytest.approx(30, rel=0.01)


def test_normal_numbers_take_their_differential_entropy(rng):
    X = rng.standard_normal((2, 2000, 10))
    none = np.zeros((2000, 1))
    bits = description_length(X[0], none, X[1], none, np.zeros((1, 10)), np.zeros(10))
    width = np.ptp(X[1]) / 256
    assert bits.mean() == pytest.approx(10 * np.log2(np.sqrt(2 * np.pi * np.e) / width), rel=0.01)


def test_a_perfect_code_takes_the_bits_of_its_support_only(rng):
    active = rng.random((2, 4000, 4)) < 0.5
    patterns, code = np.kron(active, np.ones(5)), active.astype(float)
    bits = description_length(patterns[0], code[0], patterns[1], code[1], np.kron(np.eye(4), np.ones(5)), np.zeros(20))
    assert bits.mean() == pytest.approx(4, abs=0.05)


def test_what_overshoots_the_range_costs_nothing(rng):
    active = rng.random((400, 4)) < 0.5
    patterns, code = np.kron(active, np.ones(5)), active.astype(float)
    once, twice = (
        description_length(patterns, code, patterns, code, np.kron(np.eye(4), np.full(5, gain)), np.zeros(20)).mean()
        for gain in (1.0, 2.0)
    )
    assert twice == pytest.approx(once, abs=0.05)


@pytest.mark.parametrize(("n_bars", "seed"), [(2, 1), (3, 0)])
def test_it_recommends_the_true_number_of_bars(n_bars, seed):
    choice = choose_k(bars(n_bars, seed), MODEL, n_seeds=3, random_state=seed)
    assert choice.k == n_bars
    assert choice.low <= n_bars <= choice.high


@pytest.mark.parametrize("control", ["noise", "permuted"])
def test_it_says_so_without_structure(rng, control):
    X = rng.standard_normal((800, 64)) if control == "noise" else rng.permuted(bars(2, 0), axis=0)
    choice = choose_k(X, MODEL, n_seeds=2, random_state=0)
    assert choice.k is None
    assert not choice.is_clear
    assert (choice.low, choice.high) == (0, 0)
    assert choice.reason.startswith("no clear k: no code describes the stimuli in fewer bits than none")


def test_a_choice_tells_what_it_rests_on(choice):
    assert choice.is_clear
    assert choice.k == 2
    assert 0.5 < choice.votes <= 1
    assert list(choice.table) == ["k", "seed", "nmse", "bits", "stability", "n_active"]
    by_k = choice.table.groupby("k").mean()
    assert {0, 1, 2, 3} <= set(by_k.index)
    assert by_k.bits.idxmin() == 2
    assert by_k.nmse[0] == pytest.approx(1, abs=1e-9)
    assert by_k.n_active[2] == pytest.approx(2, abs=0.05)
    assert by_k.stability[2] > 0.8
    assert "the best k is 2" in choice.reason


def test_the_same_seed_gives_the_same_choice():
    one, other = (choose_k(bars(2, 0)[:200], MODEL, [1, 2], n_seeds=2, random_state=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)
    assert (one.k, one.low, one.high, one.votes, one.reason) == (
        other.k, other.low, other.high, other.votes, other.reason,
    )  # fmt: skip


@pytest.mark.parametrize("ks", [[1], [3, 5]])
def test_a_best_k_at_the_end_of_those_tried_is_not_clear(ks):
    choice = choose_k(bars(2, 0), MODEL, ks, n_seeds=2, random_state=0)
    assert choice.k is None
    assert "at the end of those tried" in choice.reason
    assert set(choice.table.k) == {0, *ks}


def test_where_more_winners_change_nothing_the_fewest_are_best():
    X = bars(2, 0)
    choice = choose_k(X, TiedSGDAutoencoder(16, n_epochs=10), [1, 2, 4, 8], n_seeds=2, random_state=0)
    assert choice.k == 2


def test_the_model_is_left_as_it_is_and_progress_is_printed(capsys):
    model = TiedSGDAutoencoder(8, 3, n_epochs=1, random_state=7)
    choose_k(bars(2, 0)[:100], model, [1], n_seeds=2, random_state=0, verbose=1)
    assert model.get_params() == TiedSGDAutoencoder(8, 3, n_epochs=1, random_state=7).get_params()
    assert not hasattr(model, "components_")
    assert capsys.readouterr().out.startswith("k = 1: ")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ks": []}, ValueError, "ks must hold at least one k"),
        ({"ks": [0]}, ValueError, "ks must be between 1 and 24, got 0"),
        ({"ks": [25]}, ValueError, "ks must be between 1 and 24, got 25"),
        ({"ks": [1.5]}, TypeError, "ks must be an integer"),
        ({"n_seeds": 1}, ValueError, "n_seeds must be at least 2, got 1"),
        ({"validation": 0}, ValueError, "validation must be above 0"),
        ({"validation": 1.0}, ValueError, "validation must leave stimuli on both sides, got 1.0 of 10"),
        ({"validation": 0.01}, ValueError, "validation must leave stimuli on both sides, got 0.01 of 10"),
        ({"model": DenseAutoencoder(4)}, TypeError, "model must be an estimator with n_hidden, k and random_state"),
        ({"model": 3}, TypeError, "model must be an estimator with n_hidden, k and random_state, got 3"),
        ({"X": np.ones((10, 4))}, ValueError, "X must have more than one value, got 1.0 only"),
        ({"X": np.ones(4)}, ValueError, "Expected 2D array"),
        ({"X": np.ones(4)}, ValueError, "X must be a table of finite real numbers"),
        ({"ks": 3}, TypeError, "ks must be integers, or None to search, got 3"),
        ({"n_seeds": 10**9}, ValueError, "n_seeds must be at most 1000, got 1000000000"),
        ({"verbose": "no"}, TypeError, "verbose must be an integer"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message):
        choose_k(**({"X": np.eye(10), "model": MODEL} | arguments))


def test_the_model_is_the_circuit_if_none_is_given():
    with pytest.raises(ValueError, match="ks must be between 1 and 128, got 129"):
        choose_k(np.eye(10), ks=[129])
