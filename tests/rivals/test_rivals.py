"""The rivals: scikit-learn's contract, numerical gradients, and the known traps of AuxK."""

from __future__ import annotations

import contextlib
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import DenseAutoencoder, RandomWeights, TiedSGDAutoencoder, TopKAutoencoder
from comparisons.rivals.dense import backward, drives
from comparisons.rivals.optimizer import Adam, anneal, unit_rows, without_growth
from comparisons.rivals.soft import SoftAutoencoder
from comparisons.rivals.topk import auxiliary, samples_since_fired, top_k
from selective_firing import KWTAAutoencoder, datasets, theory
from selective_firing.errors import DivergenceError
from selective_firing.learning.k_schedule import k_of_each_pass
from selective_firing.protocol import Autoencoder
from selective_firing.weights import Weights

RIVALS = [
    TopKAutoencoder(6, 2, n_epochs=2, random_state=0),
    DenseAutoencoder(6, n_epochs=2, random_state=0),
    TiedSGDAutoencoder(6, 2, n_epochs=2, random_state=0),
    RandomWeights(6, 2, random_state=0),
]


@parametrize_with_checks(RIVALS)
def test_each_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_each_keeps_the_protocol_and_its_seed(rival, patterns):
    one, other = clone(rival).fit(patterns), clone(rival).fit(patterns)
    assert isinstance(one, Autoencoder)
    np.testing.assert_array_equal(one.components_, other.components_)
    assert one.reconstruct(patterns).shape == patterns.shape
    assert one.drive(patterns).shape == (30, 6)


@pytest.fixture
def network(rng):
    w = rng.standard_normal((2, 7, 5))
    return {"encoder": w[0], "decoder": w[1], "bias": rng.standard_normal(7), "offset": rng.standard_normal(5)}


def numerical_gradient(loss, network, name, step=1e-6):
    gradient = np.zeros_like(network[name])
    for index in np.ndindex(gradient.shape):
        value = network[name][index]
        network[name][index] = value + step
        above = loss()
        network[name][index] = value - step
        gradient[index] = (above - loss()) / (2 * step)
        network[name][index] = value
    return gradient


@pytest.mark.parametrize("k", [2, 7])
def test_backpropagation_is_the_numerical_gradient(network, rng, k):
    patterns = rng.standard_normal((4, 5))

    def loss():
        code = top_k(drives(network, patterns), k)
        return ((patterns - code @ network["decoder"] - network["offset"]) ** 2).sum() / (2 * patterns.size)

    gradients, _ = backward(network, patterns, top_k(drives(network, patterns), k))
    for name in network:
        np.testing.assert_allclose(gradients[name], numerical_gradient(loss, network, name), rtol=1e-6, atol=1e-8)


def test_the_auxiliary_gradient_is_numerical_with_the_residual_held_constant(network, rng):
    patterns, dead = rng.standard_normal((4, 5)), np.array([1, 3, 6])
    residual = rng.standard_normal((4, 5))
    variation = ((residual - residual.mean(axis=0)) ** 2).sum()

    def loss():
        code = top_k(drives(network, patterns)[:, dead], 2)
        return ((residual - code @ network["decoder"][dead]) ** 2).sum() / (2 * variation)

    gradients, code = auxiliary(network, patterns, drives(network, patterns), residual, dead, 2)
    assert (np.count_nonzero(code, axis=1) <= 2).all()
    for name in ("encoder", "decoder", "bias"):
        expected = numerical_gradient(loss, network, name)
        np.testing.assert_allclose(gradients[name], expected[dead], rtol=1e-6, atol=1e-8)
        np.testing.assert_array_equal(np.delete(expected, dead, axis=0), 0)
    expected = numerical_gradient(loss, network, "offset")
    np.testing.assert_allclose(gradients["offset"], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("dead", "residual"), [([], 1.0), ([0, 1], 0.0)])
def test_without_dead_units_or_error_the_auxiliary_gradient_is_zero_and_not_nan(network, dead, residual):
    patterns = np.ones((3, 5))
    gradients, _ = auxiliary(
        network, patterns, drives(network, patterns), np.full((3, 5), residual), np.array(dead, int), 4
    )
    assert all(not value.any() for value in gradients.values())


def test_fewer_dead_units_than_the_auxiliary_k_all_take_part(network, rng):
    patterns = rng.standard_normal((3, 5))
    _, code = auxiliary(network, patterns, np.ones((3, 7)), patterns, np.array([2, 4]), 100)
    assert (code > 0).all()


def test_the_silence_of_units_is_counted_in_samples():
    code = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, 0, 0]])
    np.testing.assert_array_equal(samples_since_fired(np.array([9, 9, 9]), code), [2, 12, 1])


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


def test_adam_takes_a_first_step_of_the_learning_rate():
    x = {"x": np.array([1.0, -2.0])}
    Adam(x).step({"x": np.array([0.3, -50.0])}, 0.1)
    np.testing.assert_allclose(x["x"], [0.9, -1.9], rtol=1e-6)


def test_annealing_is_flat_and_then_a_line_to_zero():
    assert [anneal(step, 10, 0.2) for step in (0, 8, 9, 10)] == pytest.approx([1, 1, 0.5, 0])
    assert anneal(9, 10, 0) == 1


def test_unit_rows_stay_unit_and_gradients_do_not_grow_them(rng):
    weights, gradient = rng.standard_normal((2, 4, 6))
    unit_rows(weights)
    np.testing.assert_allclose(np.linalg.norm(weights, axis=1), 1)
    without_growth(gradient, weights)
    np.testing.assert_allclose(np.einsum("ij,ij->i", gradient, weights), 0, atol=1e-12)
    model = TopKAutoencoder(6, 2, n_epochs=2, random_state=0).fit(rng.random((40, 5)))
    scale = np.linalg.norm(model.components_, axis=1)
    np.testing.assert_allclose(scale, scale[0], rtol=1e-5)


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_top_k_learns_alike_whatever_the_scale_of_the_data(patterns, factor):
    model = TopKAutoencoder(10, 3, n_epochs=5, random_state=0)
    one, other = clone(model).fit(patterns), clone(model).fit(factor * patterns)
    assert other.score(factor * patterns) == pytest.approx(one.score(patterns), abs=1e-4)


def test_the_sorting_twin_learns_as_the_closed_form_says(patterns, tied_weights):
    twin = TiedSGDAutoencoder(24, 4, n_epochs=1, learning_rate=0.3, random_state=5)
    w, bias, centred = tied_weights.w_in.copy(), tied_weights.bias.copy(), patterns - tied_weights.mean
    twin._learn(w, bias, centred, np.full(len(patterns), 0.3), 4)
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
    ("model", "words"),
    [
        (TopKAutoencoder(4, 5), "k must be between 1 and 4, got 5"),
        (TopKAutoencoder(4, 2, auxk=-1), "auxk must be at least 0"),
        (TopKAutoencoder(4, 2, n_aux=0), "n_aux must be at least 1"),
        (DenseAutoencoder(0), "n_hidden must be at least 1"),
        (DenseAutoencoder(4, batch_size=0), "batch_size must be at least 1"),
        (TiedSGDAutoencoder(4, 2, learning_rate=-1), "learning_rate must be at least 0"),
        (RandomWeights(4, 0), "k must be between 1 and 4, got 0"),
    ],
)
def test_bad_arguments_are_named(model, words, patterns):
    with pytest.raises(ValueError, match=words):
        model.fit(patterns)


SMALL = np.random.default_rng(0).random((20, 5))


@pytest.mark.parametrize("rival", [TopKAutoencoder(8, 2), TiedSGDAutoencoder(8, 2), RandomWeights(8, 2)])
def test_k_is_checked_against_what_was_learned(rival):
    model = clone(rival).fit(SMALL).set_params(k=9)
    for use in (model.transform, model.reconstruct, model.score):
        with pytest.raises(ValueError, match="k must be between 1 and 8, got 9"):
            use(SMALL)
    model.set_params(n_hidden=20)  # the constructor's width is of the next fit
    with pytest.raises(ValueError, match="k must be between 1 and 8, got 9"):
        model.transform(SMALL)
    assert ((model.set_params(k=8).transform(SMALL) > 0).sum(axis=1) <= 8).all()
    with pytest.raises(TypeError, match="k must be an integer"):
        model.set_params(k=2.5).transform(SMALL)


def test_what_goes_on_learning_keeps_its_width():
    model = TopKAutoencoder(8, 2, random_state=0).partial_fit(SMALL).set_params(n_hidden=20, k=12)
    with pytest.raises(ValueError, match="n_hidden must stay 8, as learned, got 20"):
        model.partial_fit(SMALL)


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


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_sorting_twin_stops_where_its_error_explodes(seed):
    X = np.random.default_rng(seed).random((8, 1))  # one pass took the weights to 1e26 and 1e92
    with pytest.raises(DivergenceError, match=r"diverged at presentation \d+; learning_rate must be lower than 1"):
        TiedSGDAutoencoder(10, 5, n_epochs=3, random_state=seed).fit(X)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rate", [1e154, 1e300, 1.7e308])
def test_the_sorting_twin_keeps_no_weights_that_exploded_unseen(rate):
    for seed in range(20):  # the last stimulus makes other units win than the one that exploded
        X, model = np.random.default_rng(seed).standard_normal((3, 2)), TiedSGDAutoencoder(3, 1, n_epochs=1)
        with contextlib.suppress(DivergenceError):
            model.set_params(learning_rate=rate, random_state=seed).fit(X)
            assert np.abs(model.reconstruct(X)).max() < 1e6


def test_patterns_as_faint_as_they_may_be_are_reconstructed():
    X = 1e-150 * (1 + 1e-6 * np.random.default_rng(0).random((5, 3)))  # all but equal: codes are fainter by far
    model = DenseAutoencoder(4, n_epochs=1, random_state=0).fit(X)
    assert 0 < model.transform(X).max() < 1e-150
    np.testing.assert_array_equal(model.reconstruct(X), model.inverse_transform(model.transform(X)))
    assert model.score(X) <= 1


@pytest.mark.parametrize("kind", [DenseAutoencoder, partial(TopKAutoencoder, k=2), SoftAutoencoder])
@pytest.mark.parametrize("rate", [1e10, 1e30, 1e300])
@pytest.mark.filterwarnings("error")
def test_backpropagation_stops_where_its_error_explodes(kind, rate):
    for given in ({}, {"n_epochs": 1}):
        with pytest.raises(DivergenceError, match="learning_rate must be lower than 1e"):
            kind(n_hidden=6, learning_rate=rate, random_state=0, **given).fit(SMALL)
    with pytest.raises(DivergenceError):
        kind(n_hidden=6, learning_rate=rate, random_state=0).partial_fit(SMALL)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
@pytest.mark.parametrize("scale", [1e-151, 1e151, 1e-300])
def test_patterns_out_of_scale_are_refused(rival, scale):
    with pytest.raises(ValueError, match="X must have a largest magnitude between 1e-150 and 1e"):
        clone(rival).fit(scale * np.sign(SMALL - 0.5))
    model = clone(rival).fit(SMALL)
    for use in (model.transform, model.drive):
        with pytest.raises(ValueError, match="X must have a largest magnitude"):
            use(scale * np.sign(SMALL - 0.5))


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_zeros_are_in_scale(rival):
    X = SMALL * [0, 1, 1, 1, 1e-300]
    assert np.isfinite(clone(rival).fit(X).transform(0 * X)).all()
    assert np.isfinite(clone(rival).fit(0 * X).transform(X)).all()


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
@pytest.mark.parametrize(
    "X", [np.full((4, 3), "2020-01-01", "datetime64[D]"), np.full((4, 3), "1"), [["1", "2"], ["3", "4"]],
          pd.DataFrame({"a": pd.to_datetime(["2020", "2021"]), "b": [1.0, 2.0]})],
    ids=["dates", "words", "lists", "frame"],
)  # fmt: skip
def test_dates_and_words_are_no_patterns(rival, X):
    with pytest.raises(TypeError, match="X must hold real numbers"):
        clone(rival).fit(X)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_words_among_objects_are_refused_as_scikit_learn_does(rival):
    with pytest.raises(ValueError, match="X must hold real numbers: could not convert words"):
        clone(rival).fit(np.full((4, 3), "1", object))


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


@pytest.mark.parametrize("kind", [TopKAutoencoder, TiedSGDAutoencoder, KWTAAutoencoder])
@pytest.mark.parametrize("k_start", [1, 13])
def test_k_starts_between_k_and_the_width(kind, k_start, patterns):
    with pytest.raises(ValueError, match="k_start must be"):
        kind(12, 2, k_start=k_start).fit(patterns)


@pytest.mark.parametrize("kind", [DenseAutoencoder, TopKAutoencoder, SoftAutoencoder])
def test_a_flag_is_true_or_false(kind, patterns):
    with pytest.raises(TypeError, match="unit_norm must be True or False"):
        kind(12, unit_norm="no").fit(patterns)
    with pytest.raises(TypeError, match="verbose must be an integer"):
        kind(12, verbose=np.ones(2)).fit(patterns)


@pytest.mark.parametrize("kind", [SoftAutoencoder, TiedSGDAutoencoder])
def test_learning_that_diverges_leaves_no_half_fitted_model(kind, patterns):
    model = kind(12).fit(patterns).set_params(learning_rate=1e12)
    with pytest.raises(DivergenceError):
        model.fit(patterns[:, :4])
    for use in (model.transform, model.drive, model.score):
        with pytest.raises(NotFittedError):
            use(patterns)


@pytest.mark.filterwarnings("error")
def test_the_largest_patterns_are_learned_without_a_warning(patterns):
    small, large = (TiedSGDAutoencoder(12, 2, random_state=0).fit(s * patterns) for s in (1.0, 1e149))
    np.testing.assert_allclose(large.components_, small.components_, rtol=1e-9)
