"""E-I Net: its start, spikes and rules by hand, what interneurons bring, and what they cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rivals.gradients import SMALL

from comparisons import EINet
from comparisons.measuring.accounts import _neuron_seconds
from comparisons.measuring.encoding import Encoding
from comparisons.measuring.rows import inference, rates_Hz
from selective_firing import datasets


def test_ei_net_s_spikes_and_rules_by_hand():
    given = {"learning_rate": 0, "n_epochs": 1, "n_steps": 40, "n_interneurons": 2, "lateral": 5, "homeostasis": 2}
    model = EINet(2, 1, **given, random_state=0).fit(SMALL)
    network = model._network
    network["forward"], network["threshold"] = np.array([[2.0, 0, 0, 0, 0], [1.5, 0, 0, 0, 0]]), np.array([1.0, 1.0])
    network["excite"], network["inhibit"] = np.array([[1.0, 0.2], [0.3, 0.8]]), np.array([[0.1, 0.05], [0.2, 0]])
    network["among"], network["interneurons"] = np.array([[0, 0.3], [0.5, 0]]), np.array([0.9, 0.7])
    u, v, y, z, counts, held = (np.zeros(2) for _ in range(6))
    for _ in range(40):
        u, v = (
            np.exp(-0.1) * u + 0.1 * np.array([2.0, 1.5]) - network["inhibit"] @ z,
            np.exp(-0.2) * v + network["excite"] @ y - network["among"] @ z,
        )
        y, z = (u >= 1).astype(float), (v >= network["interneurons"]).astype(float)
        u[y > 0], v[z > 0] = 0, 0
        counts, held = counts + y, held + z
    found = model._spikes(np.array([[1.0, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0]]))
    np.testing.assert_array_equal(found[0], [counts, [0, 0]])
    np.testing.assert_array_equal(found[1], [held, [0, 0]])
    assert counts.min() > 0 < held.min()
    inputs = model._inputs(SMALL[:6])
    network["threshold"] -= 0.9  # so that cells fire
    before, (y, z) = {name: value.copy() for name, value in network.items()}, model._spikes(inputs)
    assert y.mean() > 0.2 < z.mean()
    model._learn(inputs, 0.01)
    q = np.mean([np.outer(a, x) - a[:, np.newaxis] ** 2 * before["forward"] for a, x in zip(y, inputs, strict=True)], 0)
    np.testing.assert_allclose(network["forward"], before["forward"] + 0.01 * 0.04 * q)
    for name, post, pre, rate in (("excite", z, y, 0.14), ("inhibit", y, z, 0.14), ("among", z, z, 0.3)):
        together = np.mean([np.outer(a, b) for a, b in zip(post, pre, strict=True)], axis=0)
        w = before[name] + 0.05 * rate * (together - np.outer(post.mean(0), pre.mean(0)) * (1 + before[name]))
        np.testing.assert_allclose(network[name], np.maximum(w, 0) * (1 if name != "among" else 1 - np.eye(2)))
    np.testing.assert_allclose(network["threshold"], before["threshold"] + 0.02 * (y.mean(axis=0) - 1 / 2))
    expected = before["interneurons"] + 0.02 * (z.mean(axis=0) - 1)
    np.testing.assert_allclose(network["interneurons"], expected)


@pytest.mark.parametrize(("n_hidden", "k", "number"), [(128, 10, 16), (400, 8, 49), (64, 40, 8)])
def test_ei_net_begins_with_its_share_of_interneurons_and_as_many_active_cells_as_are_aimed_at(n_hidden, k, number):
    X = datasets.digits().X_train[:400]
    model = EINet(n_hidden, k, learning_rate=0, n_epochs=1, random_state=0).fit(X)
    for weights in (model._network["forward"], model.to_interneurons_):
        np.testing.assert_allclose(np.linalg.norm(weights, axis=1), 1)
    assert model.to_interneurons_.min() >= 0
    assert model.to_interneurons_.shape == (number, n_hidden)
    assert not model.from_interneurons_.any()
    assert not model.among_interneurons_.any()
    np.testing.assert_array_equal(model._network["interneurons"], np.full(number, 2.0))
    drive = model._inputs(X) @ model._network["forward"].T
    least = np.maximum(np.quantile(drive, 1 - k / n_hidden, axis=0), 0.5 * drive.std(axis=0))
    np.testing.assert_allclose(model._network["threshold"], 0.1 * least / (1 - np.exp(-0.1)))
    share = (model.transform(X) > 0).mean()
    assert 0.9 * min(k / n_hidden, 0.25) < share <= 1.02 * k / n_hidden  # a steady drive takes long to its level
    np.testing.assert_array_equal(model.drive(X) > 0, drive > least)


def test_ei_net_s_interneurons_decorrelate_without_a_negative_weight():
    digits, correlations, scores = datasets.digits(), [], []
    given = {"n_interneurons": 16, "n_epochs": 16, "batch_size": 25, "random_state": 0}
    for lateral in (0.0, 30.0):
        model = EINet(48, 6, lateral=lateral, **given).fit(digits.X_train[::3])
        code = model.transform(digits.X_train[::3])
        assert code.sum(axis=1).mean() == pytest.approx(6, rel=0.25)
        assert code.std(axis=0).min() > 0
        correlations.append(np.abs(np.corrcoef(code.T)[~np.eye(48, dtype=bool)]).mean())
        scores.append(model.score(digits.X_test))
    assert correlations[1] < 0.85 * correlations[0]
    assert scores[1] > scores[0] + 0.1
    for weights, shape in (
        (model.to_interneurons_, (16, 48)), (model.from_interneurons_, (48, 16)), (model.among_interneurons_, (16, 16)),
    ):  # fmt: skip
        assert weights.shape == shape
        assert weights.min() >= 0 < weights.max()
    assert not np.diagonal(model.among_interneurons_).any()
    found, held = model.spikes(digits.X_train[::3])
    np.testing.assert_array_equal(found, code)
    np.testing.assert_allclose(held.mean(), 2 * 6 / 48, rtol=0.5)
    assert held.shape == (len(code), 16)


def test_interneurons_are_paid_as_often_as_the_units_that_reach_them():
    data = datasets.Dataset(X_train=SMALL, X_test=SMALL, name="small")
    model = EINet(6, 2, n_epochs=2, n_interneurons=3, random_state=0).fit(SMALL)
    code = np.array([[2.0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 4]] * 10)  # 5 spikes of units on average
    held = np.array([[1.0, 0, 0], [0, 3, 0]] * 10)  # and 2 of interneurons
    encoding = Encoding(code, "circuit", n_steps=np.full(20, 50.0), interneuron_spikes=held)
    rates = rates_Hz(model, code, data)
    found, plain = (
        inference(model, given, data) for given in (encoding, Encoding(code, "sort", n_steps=np.full(20, 50.0)))
    )
    spikes = 0.1 * rates.sum(axis=1).mean()
    assert found["neural"]["winner spikes"] == pytest.approx(spikes)
    assert found["neural"]["interneuron spikes"] == pytest.approx(spikes * 2 / 5)
    assert found["neural"]["inhibitory events"] == pytest.approx(spikes * 3 + spikes * 2 / 5 * (6 + 2))
    name = "multiply-accumulates"
    assert found["operations"][name] == plain["operations"][name] + 5 * 3 + 2 * (6 + 2)
    assert found["operations"]["state updates"] == 50 * (6 + 3)
    seconds = [_neuron_seconds(model, given, 1) for given in (encoding, replace(encoding, interneuron_spikes=None))]
    assert seconds == pytest.approx([0.1 * (6 + 3), 0.1 * 6])
