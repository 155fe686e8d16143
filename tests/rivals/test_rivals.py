"""The rivals: scikit-learn's contract, exactly k, units that stay alive, the circuit's twin; what they share."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from small_rivals import RIVALS, SMALL, each_rival

from comparisons import DenseAutoencoder, RandomWeights, TiedSGDAutoencoder, TopKAutoencoder
from comparisons.rivals.soft import SoftAutoencoder
from comparisons.rivals.topk import top_k
from selective_firing import KWTAAutoencoder, datasets, theory
from selective_firing.learning.history import History
from selective_firing.learning.k_schedule import k_of_each_pass
from selective_firing.protocol import Autoencoder
from selective_firing.weights import Weights


@parametrize_with_checks(RIVALS)
def test_each_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@each_rival
def test_each_keeps_the_protocol_and_its_seed(rival, patterns):
    one, other = clone(rival).fit(patterns), clone(rival).fit(patterns)
    assert isinstance(one, Autoencoder)
    np.testing.assert_array_equal(one.components_, other.components_)
    assert one.reconstruct(patterns).shape == patterns.shape
    assert one.drive(patterns).shape == (30, 6)


def test_auxk_keeps_more_units_alive():
    X = datasets.digits().X_train
    settings = {"n_epochs": 15, "learning_rate": 1e-2, "batch_size": 16, "dead_after": 1000, "random_state": 0}
    alive = [
        (TopKAutoencoder(64, 5, auxk=auxk, **settings).fit(X).transform(X) > 0).any(axis=0).mean()
        for auxk in (0.0, 1 / 32)
    ]
    assert alive[1] > alive[0] + 0.05


def test_top_k_keeps_exactly_k_also_with_ties_and_never_a_negative_drive():
    drive = np.array([[1.0, 1, 1, 1], [-1, -2, 3, -4], [0, 0, 0, 0]])
    np.testing.assert_array_equal(top_k(drive, 2), [[1, 1, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0]])


def test_top_k_agrees_with_the_closed_form(rng):
    drive = rng.standard_normal((50, 20))
    np.testing.assert_array_equal(top_k(drive, 5) > 0, theory.top_k(drive, 5))


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_top_k_learns_alike_whatever_the_scale_of_the_data(patterns, factor):
    model = TopKAutoencoder(10, 3, n_epochs=5, random_state=0)
    one, other = clone(model).fit(patterns), clone(model).fit(factor * patterns)
    assert other.score(factor * patterns) == pytest.approx(one.score(patterns), abs=1e-4)


def test_the_sorting_twin_learns_as_the_closed_form_says(patterns, tied_weights):
    twin = TiedSGDAutoencoder(24, 4, n_epochs=1, learning_rate=0.3, random_state=5)
    w, bias, centred = tied_weights.w_in.copy(), tied_weights.bias.copy(), patterns - tied_weights.mean
    twin._learn(w, bias, centred, np.full(len(patterns), 0.3), 4, History())
    expected = Weights(tied_weights.w_in, tied_weights.w_in, tied_weights.bias, tied_weights.mean, tied_weights.power)
    for pattern in patterns:
        winners = theory.top_k(expected.drive(pattern[np.newaxis]), 4)[0]
        expected = theory.learning_step(expected, pattern, winners, 0.3)
    np.testing.assert_allclose(w, expected.w_in, rtol=1e-9)
    np.testing.assert_allclose(bias, expected.bias, rtol=1e-9)


@pytest.mark.parametrize("homeostasis", [0.0, 0.05])
def test_circuit_and_twin_learn_the_same_weights(patterns, homeostasis):
    shared = {"learning_rate": 0.5, "n_epochs": 2, "homeostasis": homeostasis, "random_state": 3}
    circuit = KWTAAutoencoder(12, 3, codegen="numpy", **shared).fit(patterns)
    twin = TiedSGDAutoencoder(12, 3, **shared).fit(patterns)
    np.testing.assert_allclose(circuit.components_, twin.components_, rtol=1e-7)
    np.testing.assert_allclose(circuit.bias_, twin.bias_, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "plain", "small"),
    [
        (TiedSGDAutoencoder, {"learning_rate": 1, "n_epochs": 100, "k": 2, "k_start": 8},
         {"learning_rate": np.uint8(1), "n_epochs": np.int8(100), "k": np.uint8(2), "k_start": np.uint8(8)}),
        (TopKAutoencoder, {"batch_size": 3, "n_epochs": 100, "k": 2, "k_start": 8, "n_aux": 2, "dead_after": 100},
         {"batch_size": np.uint8(3), "n_epochs": np.int8(100), "k": np.uint8(2), "k_start": np.uint8(8),
          "n_aux": np.uint8(2), "dead_after": np.uint8(100)}),
        (DenseAutoencoder, {"batch_size": 3, "n_epochs": 100, "learning_rate": 0.5, "decay": 1},
         {"batch_size": np.uint8(3), "n_epochs": np.int8(100), "learning_rate": np.float16(0.5), "decay": np.uint8(1)}),
        (SoftAutoencoder, {"l1": 1, "batch_size": 3}, {"l1": np.uint8(1), "batch_size": np.int8(3)}),
        (RandomWeights, {"k": 2}, {"k": np.int8(2)}),
    ],
)  # fmt: skip
def test_small_numpy_numbers_are_as_good_as_any(kind, plain, small):
    one = kind(n_hidden=8, random_state=0, **plain).fit(SMALL)
    other = kind(n_hidden=np.uint8(8), random_state=0, **small).fit(SMALL)
    np.testing.assert_array_equal(one.components_, other.components_)
    np.testing.assert_array_equal(one.transform(SMALL), other.transform(SMALL))


def test_k_falls_to_its_value_over_the_first_half_of_the_passes():
    assert k_of_each_pass(10, 40, 6) == [40, 30, 20, 10, 10, 10]
    assert k_of_each_pass(10, 40, 1) == [10]
    assert k_of_each_pass(10, None, 3) == [10, 10, 10]


def test_the_circuit_and_its_twin_fall_alike(patterns):
    given = {"n_hidden": 12, "k": 2, "n_epochs": 4, "k_start": 8, "homeostasis": 1e-3, "random_state": 0}
    circuit = KWTAAutoencoder(**given, codegen="numpy").fit(patterns)
    twin = TiedSGDAutoencoder(**given).fit(patterns)
    np.testing.assert_allclose(circuit.components_, twin.components_, rtol=1e-9)
    constant = TiedSGDAutoencoder(**given | {"k_start": None}).fit(patterns)
    assert not np.allclose(constant.components_, twin.components_)


def test_top_k_keeps_as_many_as_each_pass_asks_for(patterns, monkeypatch):
    kept = []
    monkeypatch.setattr("comparisons.rivals.topk.top_k", lambda drive, k: kept.append(k) or top_k(drive, k))
    TopKAutoencoder(12, 2, n_epochs=4, k_start=8, random_state=0).fit(patterns)
    assert kept == [8, 5, 2, 2]


@pytest.mark.filterwarnings("error")
def test_the_largest_patterns_are_learned_without_a_warning(patterns):
    small, large = (TiedSGDAutoencoder(12, 2, random_state=0).fit(s * patterns) for s in (1.0, 1e149))
    np.testing.assert_allclose(large.components_, small.components_, rtol=1e-9)
