"""What the explorer shows is what the models do: decoded again, and held against their own numbers."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from fakes import pretended

from comparisons import DenseAutoencoder, TopKAutoencoder
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import Encoding, by_itself
from comparisons.report import explorer
from selective_firing import KWTAAutoencoder, RateParameters, datasets, measures

KS = (2, 4)
N_HIDDEN = 24


@pytest.fixture(scope="module")
def data():
    digits = datasets.digits()
    return replace(digits, X_train=digits.X_train[:200], y_train=None)


@pytest.fixture(scope="module")
def models(data):
    few = data.X_train[:12]
    cyclic = RateParameters(n_cycles=2.0)
    circuits = {
        k: KWTAAutoencoder(N_HIDDEN, k, n_epochs=1, codegen="numpy", random_state=0, parameters=parameters).fit(few)
        for k, parameters in zip(KS, (None, cyclic), strict=True)
    }
    rivals = {k: TopKAutoencoder(N_HIDDEN, k, n_epochs=2, batch_size=16, random_state=0).fit(few) for k in KS}
    return circuits, rivals, DenseAutoencoder(N_HIDDEN, n_epochs=2, batch_size=16, random_state=0).fit(few)


@pytest.fixture(scope="module")
def explored(data, models):
    return explorer.explore(data, *models, n_stimuli=1)


@pytest.fixture(scope="module")
def stimuli(data):
    """The first stimulus of the first class, as a data set of its own."""
    rows = [int(np.flatnonzero(data.y_test == 0)[0])]
    return [replace(data, X_test=data.X_test[[row]], y_test=data.y_test[[row]]) for row in rows]


def _levels(text, shape=(-1, 8, 8)):
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape).astype(float)


def test_it_is_json_and_complete(explored):
    assert json.loads(json.dumps(explored, allow_nan=False)) == explored
    assert [each["name"] for each in explored["stimuli"]] == ["class 0"]
    assert explored["k"] == list(KS)
    assert explored["shape"] == [8, 8]
    assert not explored["signed"]
    assert explored["cost_table"] == "Howarth et al. 2012"
    assert [len(explored[name]) for name in ("circuit", "topk", "dense")] == [2, 2, 1]


def test_images_are_those_of_the_models_on_the_scale_of_the_stimulus(explored, models, stimuli):
    _, rivals, dense = models
    for i, one in enumerate(stimuli):
        reach = one.X_test.max()
        np.testing.assert_allclose(
            _levels(explored["stimuli"][i]["image"])[0].ravel(), 255 * one.X_test[0] / reach, atol=0.5
        )
        for model, view in [(rivals[k], explored["topk"][j][i]) for j, k in enumerate(KS)] + [
            (dense, explored["dense"][i])
        ]:
            X_hat = model.reconstruct(one.X_test)
            expected = 255 * np.clip(X_hat[0] / reach, 0, 1)
            np.testing.assert_allclose(_levels(view["image"])[0].ravel(), expected, atol=0.51)
            assert view["error"] == pytest.approx(measures.nmse(one.X_test, X_hat, model.mean_), rel=1e-3)


def test_costs_are_those_of_the_tables(explored, models, stimuli):
    circuits, rivals, dense = models
    for i, one in enumerate(stimuli):
        pairs = [(dense, by_itself(dense, one.X_test), explored["dense"][i])]
        for j, k in enumerate(KS):
            response = circuits[k].simulate(one.X_test)
            encoding = Encoding(response.code, "circuit", response)
            pairs.append((circuits[k], encoding, explored["circuit"][j]["views"][i]))
            pairs.append((rivals[k], by_itself(rivals[k], one.X_test), explored["topk"][j][i]))
        for model, encoding, view in pairs:
            expected = costs(model, encoding, one)["ATP (Howarth et al. 2012)"]
            assert sum(view["ATP"]) == pytest.approx(expected, rel=1e-3)
    groups = dict(
        zip(
            explored["groups"],
            zip(*(each["views"][0]["ATP"] for each in explored["circuit"]), strict=True),
            strict=True,
        )
    )
    assert groups["explaining away"][0] == 0 < groups["explaining away"][1]
    assert explored["topk"][0][0]["ATP"][2] == 0


def test_winners_come_with_their_rates_and_fields(explored, models, stimuli):
    for j, k in enumerate(KS):
        circuit, found = models[0][k], explored["circuit"][j]
        fields = _levels(found["fields"]) - 128
        assert len(fields) == len(found["units"])
        for unit, field in zip(found["units"], fields, strict=True):
            assert np.corrcoef(field.ravel(), circuit.components_[unit])[0, 1] > 0.999
            assert np.abs(field).max() == 127
        for one, view in zip(stimuli, found["views"], strict=True):
            rates = circuit.simulate(one.X_test).rates_Hz[0]
            units = [found["units"][index] for index in view["winners"]]
            np.testing.assert_allclose(view["rates"], rates[units], rtol=1e-3)
            assert view["rates"] == sorted(view["rates"], reverse=True)
            assert len(units) == view["n_active"] == k


def test_the_course_ends_with_k_winners(explored):
    for j, k in enumerate(KS):
        for view in explored["circuit"][j]["views"]:
            course = view["course"]
            assert course["n_active"][0] == course["time_ms"][0] == 0
            assert course["n_active"][-1] == k
            assert course["time_ms"][-1] == course["decisions_ms"][-1] == view["decision_ms"]
            assert len(course["decisions_ms"]) == (1 if j == 0 else 2)
            assert (np.diff(course["time_ms"]) > 0).all()


def test_each_field_is_kept_once_and_found_again(data):
    for found in pretended(data, n_stimuli=4)["circuit"]:
        assert len(_levels(found["fields"])) == len(found["units"]) == len(set(found["units"]))
        won = {unit for view in found["views"] for unit in view["winners"]}
        assert won == set(range(len(found["units"])))


def test_only_the_strongest_winners_are_kept(data, monkeypatch):
    monkeypatch.setattr(explorer, "MOST_FIELDS", 3)
    few, more = (each["views"][0] for each in pretended(data, n_stimuli=1)["circuit"][:2])
    assert [few["n_active"], len(few["winners"]), len(few["rates"])] == [2, 2, 2]
    assert [more["n_active"], len(more["winners"]), len(more["rates"])] == [5, 3, 3]


def test_signed_images_have_zero_in_the_middle():
    levels = _levels(explorer._bytes(np.array([[[-2.0, 0.0], [1.0, 4.0]]]), 2.0, True), (2, 2))
    np.testing.assert_array_equal(levels, [[1, 128], [192, 255]])
    nothing = _levels(explorer._bytes(np.zeros((1, 2, 2)), 0.0, False), (2, 2))
    np.testing.assert_array_equal(nothing, np.zeros((2, 2)))


def test_patterns_become_images():
    halves = np.array([[1.0, 0.0, 0.0, 2.0, 0.0, 3.0, 0.0, 0.0]])
    np.testing.assert_array_equal(explorer.as_images(halves, (2, 2)), [[[1, -3], [0, 2]]])
    assert explorer.as_images(halves, None).shape == (1, 1, 8)


def test_stimuli_are_of_all_classes_or_spread_evenly(data):
    assert explorer._chosen(replace(data, X_test=data.X_test[:40], y_test=None), 4) == [0, 10, 20, 30]
    few = replace(data, X_test=data.X_test[:12], y_test=data.y_test[:12] % 2)
    rows = explorer._chosen(few, 3)
    assert len(set(rows)) == 3
    assert set(few.y_test[rows]) == {0, 1}


def test_what_cannot_be_explored_is_refused(data, models):
    circuits, rivals, dense = models
    with pytest.raises(ValueError, match=r"same k's, got \[2, 4\] and \[2\]"):
        explorer.explore(data, circuits, {2: rivals[2]}, dense)
    with pytest.raises(ValueError, match="n_stimuli must be"):
        explorer.explore(replace(data, X_test=data.X_test[:3]), circuits, rivals, dense, n_stimuli=4)
    spiking = KWTAAutoencoder(N_HIDDEN, 2, circuit="spiking")
    with pytest.raises(ValueError, match="rate units, got circuit='spiking'"):
        explorer.explore(data, {2: spiking}, {2: rivals[2]}, dense)
