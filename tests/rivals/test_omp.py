"""Orthogonal matching pursuit on given weights, and a dictionary that is learned for it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from rivals.gradients import SMALL, hold_the_laws, numerical_gradient
from scipy.optimize import nnls
from sklearn.decomposition import SparseCoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import MatchingPursuitAutoencoder, OMPDictionary, RandomWeights
from comparisons.measuring.encoding import by_itself
from comparisons.rivals.coders import BEST, NONNEGATIVE, OMP, SIGNED_BEST, greedy_codes, solver_codes
from comparisons.rivals.pursuit.solvers import orthogonal_pursuit, with_swaps
from selective_firing import datasets

RIVALS = [
    OMPDictionary(6, 2, n_epochs=2, random_state=0),
    OMPDictionary(6, 2, positive=False, n_epochs=2, random_state=0),
]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def dictionary(rng):
    return unit(rng.standard_normal((16, 8)))


@pytest.fixture
def patterns(rng):
    return rng.standard_normal((60, 8))


def coded(patterns, dictionary, k, positive):
    return orthogonal_pursuit(patterns @ dictionary.T, dictionary @ dictionary.T, k, positive)


def errors(code, patterns, dictionary):
    return ((patterns - code @ dictionary) ** 2).sum(axis=1)


def slow_nonnegative(pattern, dictionary, k):
    """Greedy choice, non-negative least squares of SciPy's, until k units are active or none helps."""
    chosen = []
    while True:
        rates = nnls(dictionary[chosen].T, pattern)[0] if chosen else np.zeros(0)
        chosen, rates = [u for u, r in zip(chosen, rates, strict=True) if r > 0], rates[rates > 0]
        left = dictionary @ (pattern - rates @ dictionary[chosen])
        left[chosen] = -1
        if len(chosen) == k or left.max() < 1e-6:
            return sorted(chosen)
        chosen.append(int(left.argmax()))


@parametrize_with_checks(RIVALS)
def test_each_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rival", RIVALS)
def test_the_laws_of_rivals_hold(rival):
    hold_the_laws(rival)


def test_signed_codes_are_those_of_scikit_learn(patterns, dictionary):
    expected = SparseCoder(dictionary, transform_algorithm="omp", transform_n_nonzero_coefs=4).transform(patterns)
    np.testing.assert_allclose(coded(patterns, dictionary, 4, False), expected, atol=1e-10)


def test_positive_codes_are_those_of_an_active_set_method(patterns, dictionary):
    code = coded(patterns, dictionary, 4, True)
    assert code.min() == 0
    for row, pattern in zip(code, patterns, strict=True):
        chosen = np.flatnonzero(row)
        np.testing.assert_allclose(row[chosen], nnls(dictionary[chosen].T, pattern)[0], atol=1e-10)
    slow = [slow_nonnegative(pattern, dictionary, 4) for pattern in patterns]
    same = [list(np.flatnonzero(row)) == chosen for row, chosen in zip(code, slow, strict=True)]
    assert np.mean(same) > 0.95
    assert (np.count_nonzero(code, axis=1) == 4).mean() > 0.9


@pytest.mark.parametrize("positive", [False, True])
def test_what_few_units_made_is_found_and_nothing_more(rng, positive):
    dictionary = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    truth = np.zeros((20, 8))
    for row in truth:
        row[rng.choice(8, 3, replace=False)] = rng.uniform(0.5, 2, 3) * (1 if positive else rng.choice([-1, 1], 3))
    np.testing.assert_allclose(coded(truth @ dictionary, dictionary, 6, positive), truth, atol=1e-12)


def test_doubles_and_zeros_do_no_harm(patterns, dictionary):
    doubled = np.vstack([dictionary, dictionary[:3], -dictionary[3:5], np.zeros((1, 8))])
    for positive in (False, True):
        code = coded(patterns, doubled, 8, positive)
        assert np.isfinite(code).all()
        assert np.abs(code).max() < 1e3
        assert not coded(0 * patterns, doubled, 4, positive).any()


@pytest.mark.parametrize("positive", [False, True])
def test_swaps_never_raise_an_error_and_come_near_the_best_of_all(patterns, dictionary, positive):
    drive, gram, k = patterns @ dictionary.T, dictionary @ dictionary.T, 3
    code = orthogonal_pursuit(drive, gram, k, positive)
    swapped = with_swaps(code, drive, gram, positive)
    before, after = errors(code, patterns, dictionary), errors(swapped, patterns, dictionary)
    assert (after <= before + 1e-12).all()
    assert np.count_nonzero(swapped, axis=1).max() <= k
    assert (swapped >= 0).all() or not positive
    best = np.full(len(patterns), np.inf)
    for chosen in combinations(range(16), k):
        rows = dictionary[list(chosen)]
        if positive:
            rates = np.array([nnls(rows.T, pattern)[0] for pattern in patterns])
        else:
            rates = np.linalg.lstsq(rows.T, patterns.T, rcond=None)[0].T
        best = np.minimum(best, ((patterns - rates @ rows) ** 2).sum(axis=1))
    assert (after >= best - 1e-10).all()
    assert (after - before).sum() < 0.4 * (best - before).sum()


def test_codes_on_given_weights_are_for_these_whatever_their_norms(patterns):
    model = RandomWeights(16, 3, random_state=0).fit(patterns)
    codes = greedy_codes(model, patterns, 3, (OMP, NONNEGATIVE, BEST, SIGNED_BEST))
    loss = {name: ((patterns - model.inverse_transform(code)) ** 2).sum() for name, code in codes.items()}
    assert loss[SIGNED_BEST] < loss[OMP] < loss[NONNEGATIVE]
    assert loss[BEST] < loss[NONNEGATIVE]
    np.testing.assert_allclose(codes[OMP], solver_codes(model, patterns, patterns, 3, (OMP,))[OMP], atol=1e-10)
    model.components_ = model.components_ * np.arange(1, 17)[:, np.newaxis]
    other = greedy_codes(model, patterns, 3)
    assert set(other) == {OMP, NONNEGATIVE, BEST}
    np.testing.assert_allclose(other[BEST] * np.arange(1, 17), codes[BEST], atol=1e-10)


def test_many_patterns_are_coded_in_parts(monkeypatch, patterns):
    model = RandomWeights(16, 3, random_state=0).fit(patterns)
    whole = greedy_codes(model, patterns, 3)[BEST]
    monkeypatch.setattr("comparisons.rivals.coders.N_AT_ONCE", 7)
    np.testing.assert_allclose(greedy_codes(model, patterns, 3)[BEST], whole, atol=1e-12)


def test_the_dictionary_descends_with_its_codes_held(rng):
    model = OMPDictionary(7, 3, random_state=0).fit(SMALL)
    network = {name: value.astype(float) for name, value in model._network.items()}
    network["decoder"] = network["encoder"] = unit(rng.standard_normal((7, 5)))
    model._network, patterns = network, rng.standard_normal((6, 5))
    gradients, *_ = model._gradients(patterns)

    def loss():
        """With rates refitted on the chosen units: their slope vanishes."""
        total = 0.0
        for row, pattern in zip(code, patterns - network["offset"], strict=True):
            chosen = np.flatnonzero(row)
            rates = np.linalg.lstsq(network["decoder"][chosen].T, pattern, rcond=None)[0]
            total += ((pattern - rates @ network["decoder"][chosen]) ** 2).sum()
        return total / (2 * patterns.size)

    code = coded(patterns - network["offset"], network["decoder"], 3, True)
    assert set(gradients) == {"decoder", "offset"}
    for name in gradients:
        np.testing.assert_allclose(gradients[name], numerical_gradient(loss, network, name), rtol=1e-5, atol=1e-8)


def test_its_own_dictionary_beats_one_that_was_learned_for_matching_pursuit():
    digits = datasets.digits()
    X = digits.X_train[::3]
    given = {"n_hidden": 48, "k": 6, "n_epochs": 6, "batch_size": 16, "learning_rate": 1e-2, "random_state": 0}
    pursuit = MatchingPursuitAutoencoder(**given).fit(X)
    own, signed = (OMPDictionary(**given, positive=positive).fit(X) for positive in (True, False))
    scores = [model.score(digits.X_test) for model in (pursuit, own, signed)]
    assert scores[0] < scores[1] < scores[2]
    assert ((own.transform(digits.X_test) > 0).sum(axis=1) == 6).mean() > 0.99
    assert ((signed.transform(digits.X_test) != 0).sum(axis=1) == 6).all()
    assert signed.transform(digits.X_test).min() < 0
    assert by_itself(own, digits.X_test).selection == "pursuit"


def test_the_sign_is_a_flag():
    with pytest.raises(TypeError, match="positive must be True or False"):
        OMPDictionary(6, 2, positive="no").fit(SMALL)
