"""Classes read out of frozen codes: chosen on training patterns held out, and the test patterns looked at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from comparisons.measuring.readout import read_out
from comparisons.rivals.registry import CIRCUIT, DENSE, TOPK
from comparisons.rivals.topk import top_k
from comparisons.studies.main_job.design import Design
from comparisons.studies.readout.study import FIRST, LAST, _decisions, study
from selective_firing import KWTAAutoencoder, RateParameters
from selective_firing.datasets import Dataset

N_TRAIN, HELD_OUT, CS, ALPHAS = 80, 30, (0.01, 1.0), (1, 2)


@pytest.fixture(scope="module")
def data():
    """Four classes, each a prototype under noise that confuses some of them."""
    rng = np.random.default_rng(0)
    prototypes, y = rng.random((4, 12)), rng.integers(0, 4, N_TRAIN + 40)
    X = prototypes[y] + 0.35 * rng.standard_normal((len(y), 12))
    return Dataset(
        X_train=X[:N_TRAIN], X_test=X[N_TRAIN:], y_train=y[:N_TRAIN], y_test=y[N_TRAIN:], name="prototypes",
        image_shape=(3, 4), provenance={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def design():
    return Design(n_hidden=10, k=3, k_start=5, n_epochs=2, codegen="numpy")


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
    errors = {C: 1 - read_out(X[:first], y[:first], C).accuracy(X[first:], y[first:]) for C in CS}
    assert len(set(errors.values())) == len(CS)
    row, best = table.loc["raw inputs"], min(errors, key=errors.get)
    assert (row["C"], row["validation_error"]) == (best, errors[best])
    assert row["test_error"] == 1 - read_out(X, y, best).accuracy(data.X_test, data.y_test)


def test_test_labels_decide_nothing(table, data, design):
    other = replace(data, y_test=3 - data.y_test)
    found = study(other, design, ALPHAS, CS, HELD_OUT, rivals=False).set_index("model")
    assert found.index.tolist() == [CIRCUIT]
    chosen = ["alpha", "C", "validation_error", "units read", "nmse"]
    assert found.loc[CIRCUIT, chosen].tolist() == table.loc[CIRCUIT, chosen].tolist()
    assert found.loc[CIRCUIT, "test_error"] != table.loc[CIRCUIT, "test_error"]


LATERAL, CYCLES = RateParameters(explain="lateral", n_swaps=1), RateParameters(n_cycles=2)


@pytest.mark.parametrize("parameters", [LATERAL, CYCLES])
def test_a_circuit_that_explains_away_is_read_at_its_first_decision_too(data, parameters):
    model = KWTAAutoencoder(10, 3, n_epochs=1, parameters=parameters, codegen="numpy", random_state=0)
    decisions = _decisions(model.fit(data.X_train[:30]))
    assert list(decisions) == [FIRST, LAST]
    X = data.X_test[:10]
    response, first = model.simulate(X), decisions[FIRST].transform(X)
    np.testing.assert_allclose(first, top_k(model.drive(X), 3), rtol=1e-9)
    np.testing.assert_array_equal(decisions[LAST].transform(X), response.code)
    assert np.abs(first - response.code).max() > 0.01
    assert model.parameters == parameters


def test_which_decision_is_read_is_chosen_on_what_is_held_out(data, design):
    cycles = replace(design, parameters=CYCLES)
    row = study(data, cycles, (1, 2), CS, HELD_OUT, rivals=False).set_index("model").loc[CIRCUIT]
    model = KWTAAutoencoder(10, 3, n_epochs=2, parameters=CYCLES, k_start=5, codegen="numpy", random_state=0)
    model.fit(data.X_train)
    X, y, first = data.X_train, data.y_train, N_TRAIN - HELD_OUT
    errors = {
        (decision, alpha, C): 1 - read_out(code[:first], y[:first], C).accuracy(code[first:], y[first:])
        for decision, alpha, code in (
            (FIRST, 1, top_k(model.drive(X), 3)), (FIRST, 2, top_k(model.drive(X), 6)), (LAST, 1, model.transform(X)),
        )
        for C in CS
    }  # fmt: skip
    assert len(set(errors.values())) > 1
    assert row["validation_error"] == min(errors.values()) == errors[row["decision"], row["alpha"], row["C"]]


def test_without_weight_transport_there_is_no_first_decision_alone(data):
    dale = RateParameters(explain="lateral", n_swaps=1, transport=False)
    model = KWTAAutoencoder(10, 3, n_epochs=1, parameters=dale, codegen="numpy", random_state=0).fit(data.X_train[:9])
    assert _decisions(model) == {LAST: model}
