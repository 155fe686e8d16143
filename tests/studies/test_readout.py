"""Classes read out of frozen codes: chosen on training patterns held out, and the test patterns looked at once."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from comparisons.measuring.readout import HINGE, LOGISTIC, read_out
from comparisons.rivals.registry import CIRCUIT, DENSE, TOPK
from comparisons.rivals.topk import top_k
from comparisons.studies.main_job.design import Design
from comparisons.studies.readout import study as studies
from comparisons.studies.readout.study import FIRST, LAST, _choices, _chosen, study
from selective_firing import KWTAAutoencoder, RateParameters
from selective_firing.datasets import Dataset

N_TRAIN, HELD_OUT, CS, ALPHAS = 60, 20, (0.01, 1.0), (1, 2)
WAYS = [(LOGISTIC, 0.01), (LOGISTIC, 1.0), (HINGE, 0.001), (HINGE, 0.1)]
"""Losses and penalties that are tried."""


@pytest.fixture(scope="module")
def data():
    """Four classes, each a prototype under noise that confuses some of them."""
    rng = np.random.default_rng(0)
    prototypes, y = rng.random((4, 12)), rng.integers(0, 4, N_TRAIN + 20)
    X = prototypes[y] + 0.35 * rng.standard_normal((len(y), 12))
    return Dataset(
        X_train=X[:N_TRAIN], X_test=X[N_TRAIN:], y_train=y[:N_TRAIN], y_test=y[N_TRAIN:], name="prototypes",
        image_shape=(3, 4), provenance={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def design():
    return Design(n_hidden=10, k=3, k_start=5, n_epochs=1, codegen="numpy")


@pytest.fixture(scope="module")
def table(data, design):
    return study(data, design, ALPHAS, CS, HELD_OUT).set_index("model")


def test_every_model_and_the_inputs_have_a_row(table):
    assert table.index.tolist() == [CIRCUIT, TOPK, DENSE, "raw inputs"]
    assert table.loc[[CIRCUIT, TOPK, DENSE], "nmse"].between(0, 1.5).all()
    assert np.isnan(table.loc["raw inputs", "nmse"])
    assert (table.loc[[CIRCUIT, TOPK], "units read"] <= 3 * table.loc[[CIRCUIT, TOPK], "alpha"]).all()
    assert table.loc[[CIRCUIT, TOPK], "units read"].min() > 2
    assert table.loc[[DENSE, "raw inputs"], "alpha"].tolist() == [1, 1]
    assert set(table["decision"]) == {LAST}
    spent = [name for name in table if name.startswith("ATP")]
    assert (table.loc[[CIRCUIT, TOPK, DENSE], spent] > 0).all(axis=None)


def test_the_penalty_is_chosen_on_what_is_held_out_and_the_test_error_that_of_all_labels(table, data):
    X, y, first = data.X_train, data.y_train, N_TRAIN - HELD_OUT
    errors = {
        (loss, C): 1 - read_out(X[:first], y[:first], C, loss=loss).accuracy(X[first:], y[first:]) for loss, C in WAYS
    }
    assert len({errors[LOGISTIC, C] for C in CS}) == len(CS)
    assert len(set(errors.values())) > len(CS)
    row, best = table.loc["raw inputs"], min(errors, key=errors.get)
    assert ((row["loss"], row["C"]), row["validation_error"]) == (best, errors[best])
    assert row["test_error"] == 1 - read_out(X, y, best[1], loss=best[0]).accuracy(data.X_test, data.y_test)


def test_the_read_out_that_is_tested_is_the_one_that_was_chosen(table, data, design, monkeypatch):
    asked = []

    def recorded(code, labels, C, loss):
        asked.append((len(labels), loss, C))
        return read_out(code, labels, C, loss=loss)

    monkeypatch.setattr(studies, "read_out", recorded)
    row = study(data, design, ALPHAS, CS, HELD_OUT, rivals=False).set_index("model").loc[CIRCUIT]
    tried = [(N_TRAIN - HELD_OUT, loss, C) for loss, C in WAYS]
    further = (N_TRAIN - HELD_OUT, LOGISTIC, 3.0)  # of either number of winners, as 1 is the best; 3 is not better
    assert asked[:-1] == [*tried, further] * len(ALPHAS)
    assert asked[-1] == (N_TRAIN, row["loss"], row["C"])
    assert row["test_error"] == table.loc[CIRCUIT, "test_error"]


def test_weaker_penalties_are_tried_while_the_weakest_is_the_best(data):
    X, y, first = data.X_train, data.y_train, N_TRAIN - HELD_OUT
    choice = _chosen({(1, LAST): None}, data, (0.01, 0.02), first)
    fits = (read_out(X[:first], y[:first], C, loss=choice.loss) for C in choice.C * 3.0 ** np.arange(-2, 2))
    *tried, weaker = (1 - fitted.accuracy(X[first:], y[first:]) for fitted in fits)
    assert (choice.loss, choice.C) == (LOGISTIC, pytest.approx(9 * 0.02))
    assert (np.diff(tried) < 0).all()
    assert tried[-1] == choice.error <= weaker


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_sparse_and_dense_codes_give_one_table(table, data, design, monkeypatch, share):
    monkeypatch.setattr(studies, "SPARSE", share)
    found = study(data, design, ALPHAS, CS, HELD_OUT, rivals=False).set_index("model").loc[CIRCUIT]
    for name in ("alpha", "loss", "C", "units read", "validation_error", "test_error"):
        assert found[name] == table.loc[CIRCUIT, name], name


def test_test_labels_decide_nothing(table, data, design):
    other = replace(data, y_test=3 - data.y_test)
    found = study(other, design, ALPHAS, CS, HELD_OUT, rivals=False).set_index("model")
    assert found.index.tolist() == [CIRCUIT]
    chosen = ["alpha", "loss", "C", "validation_error", "units read", "nmse"]
    assert found.loc[CIRCUIT, chosen].tolist() == table.loc[CIRCUIT, chosen].tolist()
    assert found.loc[CIRCUIT, "test_error"] != table.loc[CIRCUIT, "test_error"]


LATERAL, CYCLES = RateParameters(explain="lateral", n_swaps=1), RateParameters(n_cycles=2)


def circuit(parameters, **given):
    return KWTAAutoencoder(10, 3, n_epochs=1, parameters=parameters, codegen="numpy", random_state=0, **given)


@pytest.mark.parametrize("parameters", [LATERAL, CYCLES, LATERAL.changed(transport=False)])
def test_a_circuit_that_explains_away_is_read_at_its_first_decision_too(data, parameters):
    model, X = circuit(parameters).fit(data.X_train[:30]), data.X_test[:10]
    choices = _choices(model, (1, 2), 3)
    assert set(choices) == {(1, LAST), (1, FIRST), (2, FIRST)}
    response, first = model.simulate(X), choices[1, FIRST].transform(X)
    np.testing.assert_allclose(first, top_k(model.drive(X), 3), rtol=1e-9)
    np.testing.assert_allclose(choices[2, FIRST].transform(X), top_k(model.drive(X), 6), rtol=1e-9)
    np.testing.assert_array_equal(choices[1, LAST].transform(X), response.code)
    assert np.abs(first - response.code).max() > 0.01
    assert (model.parameters, model.k) == (parameters, 3)


def test_all_is_chosen_on_what_is_held_out_by_a_model_that_has_not_seen_it(data, design):
    cycles, X, y, first = replace(design, parameters=CYCLES), data.X_train, data.y_train, N_TRAIN - HELD_OUT
    Cs = (0.01, 1.0, 10.0)  # the last is the best for no code, so none is tried beyond it
    ways = [(LOGISTIC, C) for C in Cs] + [(HINGE, C / 10) for C in Cs]
    row = study(data, cycles, (1, 2), Cs, HELD_OUT, rivals=False).set_index("model").loc[CIRCUIT]
    model = circuit(CYCLES, k_start=5).fit(X[:first])
    codes = {
        (1, FIRST): top_k(model.drive(X), 3), (2, FIRST): top_k(model.drive(X), 6), (1, LAST): model.transform(X),
    }  # fmt: skip
    errors = {
        (*choice, *way): 1 - read_out(code[:first], y[:first], way[1], loss=way[0]).accuracy(code[first:], y[first:])
        for (choice, code), way in itertools.product(codes.items(), ways)
    }
    assert len(set(errors.values())) > 1
    chosen = row["alpha"], row["decision"], row["loss"], row["C"]
    assert row["validation_error"] == min(errors.values()) == errors[chosen]
    read = _choices(circuit(CYCLES, k_start=5).fit(X), (chosen[0],), 3)[chosen[:2]]
    fitted = read_out(read.transform(X), y, chosen[3], loss=chosen[2])
    found = fitted.accuracy(read.transform(data.X_test), data.y_test)
    assert row["test_error"] == pytest.approx(1 - found)


@pytest.mark.parametrize(
    ("parameters", "choices"),
    [
        (LATERAL.changed(transport=False, dale="yes", lateral_start="uniform"), {(1, LAST)}),
        (LATERAL.changed(n_swaps=0), {(1, LAST), (1, FIRST), (2, FIRST)}),
        (RateParameters(), {(1, LAST), (2, LAST)}),
    ],
)
def test_which_decisions_and_how_many_winners_there_are_to_read(parameters, choices):
    model = circuit(parameters).fit(np.eye(6) if parameters.dale == "no" else np.vstack([np.eye(6), 1 - np.eye(6)]))
    assert set(_choices(model, (1, 2), 3)) == choices


@pytest.mark.parametrize("C", [0.03, 3.0])
def test_a_margin_is_the_least_sum_of_squared_hinges_and_squared_weights(data, C):
    """No step away from what was found lowers |w|^2 / 2 + C sum max(0, 1 - s (w . x + b))^2, b weighed as a weight."""
    code = np.maximum(data.X_train, 0)
    found = read_out(code, data.y_train, C, loss=HINGE)
    x = np.hstack([code / found.scale, np.ones((len(code), 1))])
    w = np.hstack([found.classifier.coef_, found.classifier.intercept_[:, np.newaxis]])
    sign = np.where(data.y_train == found.classifier.classes_[:, np.newaxis], 1, -1)
    slope = w - 2 * C * (np.maximum(0, 1 - sign * (w @ x.T)) * sign) @ x
    assert np.abs(slope).max() < 1e-3 * 2 * C * np.abs(sign @ x).max()
    assert found.scale == code[code > 0].mean() == read_out(data.X_train, data.y_train).scale  # which is below 0, too
    with pytest.raises(TypeError, match="loss must be 'logistic' for probabilities, got 'squared hinge'"):
        found.log_probabilities(code)


@pytest.mark.parametrize("loss", [LOGISTIC, HINGE])
def test_a_sparse_code_is_read_as_a_dense_one(data, loss):
    code = np.maximum(data.X_train - 0.8, 0)
    dense, sparse = (read_out(x, data.y_train, 1.0, loss=loss) for x in (code, csr_matrix(code)))
    assert sparse.scale == dense.scale
    np.testing.assert_allclose(sparse.classifier.coef_, dense.classifier.coef_, atol=1e-3)
    assert sparse.accuracy(csr_matrix(code), data.y_train) == dense.accuracy(code, data.y_train) > 0.6


def test_an_unknown_loss_is_refused(data):
    with pytest.raises(ValueError, match="loss must be one of logistic, squared hinge, got 'hinge'"):
        read_out(data.X_train, data.y_train, loss="hinge")
