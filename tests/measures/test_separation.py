"""Similarity of pairs, how much of it a layer takes away, and trials in order: counted by hand, and against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import measures


def test_correlations_are_those_of_numpy_in_the_documented_order(rng):
    patterns = rng.random((7, 20))
    expected = np.corrcoef(patterns)[np.triu_indices(7, 1)]
    np.testing.assert_allclose(measures.pairwise_similarity(patterns), expected, atol=1e-12)
    np.testing.assert_allclose(measures.pairwise_similarity(3 * patterns + 2), expected, atol=1e-12)


def test_the_cosine_of_binary_patterns_is_the_share_of_common_units(rng):
    patterns = rng.random((6, 30)).argsort(axis=1) < 5
    shared = (patterns.astype(int) @ patterns.T)[np.triu_indices(6, 1)] / 5
    np.testing.assert_allclose(measures.pairwise_similarity(patterns, "cosine"), shared)


def test_silent_and_constant_patterns_have_no_similarity():
    assert np.isnan(measures.pairwise_similarity([[0, 0], [1, 0]], "cosine")).all()
    assert np.isnan(measures.pairwise_similarity([[0.1, 0.1, 0.1], [1, 0, 0]])).all()  # 0.1 x 3 / 3 is not 0.1
    some = measures.pairwise_similarity([[0, 0], [1, 0], [1, 1]], "cosine")
    np.testing.assert_array_equal(np.isnan(some), [True, True, False])


def test_a_copy_separates_nothing_and_orthogonal_outputs_separate_all_there_was(rng):
    inputs = rng.random((8, 12))
    assert measures.pattern_separation(inputs, inputs @ np.linalg.qr(rng.standard_normal((12, 12)))[0], "cosine") == (
        pytest.approx(0, abs=1e-12)
    )
    whole = measures.pairwise_similarity(inputs, "cosine").mean()
    assert measures.pattern_separation(inputs, np.eye(8), "cosine") == pytest.approx(whole)
    assert measures.pattern_separation(np.eye(8), inputs, "cosine") == pytest.approx(-whole)


def test_pairs_without_a_similarity_are_left_out():
    inputs, outputs = [[1, 0], [1, 0], [1, 1]], [[0, 0], [1, 0], [0, 1]]
    assert measures.pattern_separation(inputs, outputs, "cosine") == pytest.approx(0.5**0.5)  # the last pair alone
    assert np.isnan(measures.pattern_separation(inputs, np.zeros((3, 2)), "cosine"))


def test_trials_in_any_order_are_put_by_repeat_and_stimulus(rng):
    codes = rng.random((3, 5, 4))
    stimuli = np.tile(np.arange(5), 3)
    np.testing.assert_array_equal(measures.by_repeat(codes.reshape(15, 4), stimuli), codes)
    order = rng.permutation(15)
    mixed = measures.by_repeat(codes.reshape(15, 4)[order], stimuli[order])
    np.testing.assert_array_equal(np.sort(mixed, axis=0), np.sort(codes, axis=0))
