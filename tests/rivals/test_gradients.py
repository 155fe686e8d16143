"""What rivals learn by: numerical gradients, the known traps of AuxK, and the optimizer's steps."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons import TopKAutoencoder
from comparisons.rivals.dense import backward, drives
from comparisons.rivals.optimizer import Adam, anneal, unit_rows, without_growth
from comparisons.rivals.topk import auxiliary, samples_since_fired, top_k


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
