"""Explaining away beside its rivals: codes of known problems, costs that add up, tables that can be read."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from comparisons.rivals import coders
from comparisons.rivals.coders import DICTIONARY, LASSO, OMP, REFITTED
from comparisons.rivals.registry import SORTED_CYCLES, WITH_CYCLES
from comparisons.studies.explaining import figures as explaining_figures
from comparisons.studies.explaining import study as explaining
from comparisons.studies.main_job.design import Design
from selective_firing import KWTAAutoencoder, RateParameters, datasets, measures


@pytest.fixture(scope="module")
def data():
    digits = datasets.digits()
    few = {"X_train": 80, "y_train": 80, "X_test": 40, "y_test": 40}
    return replace(digits, **{name: getattr(digits, name)[:n] for name, n in few.items()})


DESIGN = Design(n_hidden=24, k=3, n_epochs=1, codegen="numpy")


@pytest.fixture(scope="module")
def circuits(data):
    """The circuits that the study compares, by their number of cycles; tests only read them."""
    return {n_cycles: explaining.fitted(data, DESIGN, n_cycles) for n_cycles in (1, 3)}


@pytest.fixture(scope="module")
def studied(data, circuits):
    def fitted(given, design, n_cycles):
        assert given is data
        assert design == DESIGN
        return circuits[n_cycles]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explaining, "fitted", fitted)
        return explaining.study(data, DESIGN, n_cycles=3)


def test_solvers_find_a_sparse_code_on_orthogonal_units(rng):
    units = np.linalg.qr(rng.standard_normal((12, 12)))[0]
    code = np.where(np.arange(12) < 3, rng.random((40, 12)) + 1.0, 0.0)
    model = KWTAAutoencoder(12, 3, n_epochs=1, codegen="numpy").fit(code @ units)
    model.components_, model.offset_ = 2.0 * units, np.zeros(12)
    found = coders.solver_codes(model, code @ units, code @ units, 3)
    np.testing.assert_allclose(found[OMP], code / 2, atol=1e-9)
    np.testing.assert_allclose(found[REFITTED], np.where(found[LASSO] > 0, code / 2, 0), atol=1e-9)
    assert (found[LASSO] >= 0).all()
    assert (found[LASSO] > 0).sum(axis=1).mean() <= 3.0
    soft = np.maximum(code - (code - 2.0 * found[LASSO])[code > 0].mean(), 0)  # on orthogonal units: a soft threshold
    np.testing.assert_allclose(2.0 * found[LASSO], soft, atol=1e-3)


def test_a_learned_dictionary_codes_with_k_units(data):
    code, X_hat = coders.dictionary_code(data.X_train, data.X_test, 24, 3, 5, 0)
    assert ((code != 0).sum(axis=1) <= 3).all()
    assert measures.nmse(data.X_test, X_hat, data.X_train.mean(axis=0)) < 0.8


def test_every_model_and_cycle_has_its_row(studied):
    rows, _ = studied
    assert list(rows[rows["model"] == WITH_CYCLES]["cycle"]) == [1, 2, 3]
    assert {OMP, LASSO, REFITTED, DICTIONARY, SORTED_CYCLES, "top-K, k = 3", "top-K, k = 9"} <= set(rows["model"])
    circuit = rows[rows["model"] == WITH_CYCLES]
    assert circuit["nmse"].iloc[-1] < circuit["nmse"].iloc[0]
    for name in [name for name in rows if "ATP" in name or "nJ" in name]:
        assert (np.diff(circuit[name]) > 0).all(), name


def test_each_cycle_costs_what_the_circuit_stopped_there_would_have_cost(data, circuits):
    model = copy.deepcopy(circuits[3])
    response = model.simulate(data.X_test)
    model.parameters = replace(RateParameters(), n_cycles=2.0)
    stopped = model.simulate(data.X_test)
    cut = response.at_cycle(2)
    np.testing.assert_array_equal(cut.code, stopped.code)
    np.testing.assert_array_equal(cut.n_recruited, stopped.n_recruited)
    for name, count in stopped.events.items():
        np.testing.assert_array_equal(cut.events[name], count, err_msg=name)
    encodings = [explaining.Encoding(r.code, "circuit", r) for r in (cut, stopped)]
    assert explaining.costs(model, encodings[0], data) == explaining.costs(model, encodings[1], data)
    with pytest.raises(ValueError, match="cycle must be between 1 and 3"):
        response.at_cycle(4)


def test_who_profits(studied, data):
    _, gains = studied
    by_class = gains[gains["group"] == "class"]
    assert by_class["n"].sum() == len(data.X_test)
    quarters = gains[gains["group"] == "overlap"].set_index("value")["overlap_before"]
    assert quarters["least"] < quarters["second"] < quarters["third"] < quarters["most"]


def test_matched_energy_is_read_between_two_models():
    names = ["ATP (mine)", "nJ (mine)"]
    table = pd.DataFrame(
        [[WITH_CYCLES, 1, 5, 0.2, 10.0, 1.0], [WITH_CYCLES, 2, 5, 0.1, 30.0, 3.0],
         ["top-K, k = 5", None, 5, 0.2, 10.0, 1.0],
         ["top-K, k = 10", None, 10, 0.05, 20.0, 2.0], [SORTED_CYCLES, None, 5, 0.15, np.nan, np.nan]],
        columns=["model", "cycle", "n_active", "nmse", *names],
    ).assign(k=5, seed=0, nominal_k=[None, None, 5, 10, None])  # fmt: skip
    row = explaining.matched(table).iloc[0]
    assert row["active units of top-K"] == pytest.approx(50**0.5)  # half way between 0.2 and 0.05 on a log scale
    assert row["ATP (mine), circuit / top-K"] == pytest.approx(30 / 200**0.5)
    assert row["nJ (mine) of top-K"] == pytest.approx(2**0.5)
    beyond = explaining.matched(table.replace({"nmse": {0.1: 0.01}})).iloc[0]
    assert np.isnan(beyond["active units of top-K"])


def test_figures_and_summary(studied):
    rows, gains = studied
    other = rows.assign(seed=1, n_active=rows["n_active"] - 0.01, nmse=1.1 * rows["nmse"])
    two = pd.concat([rows, other])
    words = explaining.summary(two, explaining.matched(two))
    assert "k = 3" in words
    assert "+-" in words
    figure = explaining_figures.cycles(two)
    drawn = [len(line.get_xdata()) for line in figure.axes[1].get_lines() if line.get_linestyle() == "--"]
    assert drawn == [4]  # one point for each number of winners (3, 4, 6, 9), the seeds together
    assert [ax.get_title(loc="left") or ax.get_title() for ax in figure.axes[:1]] == ["k = 3"]
    assert len(explaining_figures.profit(gains).axes) == 3
    assert len(explaining_figures.profit(gains[gains["group"] == "overlap"]).axes) == 2


def test_overlap_of_predictions_counted_by_hand():
    units = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]])
    codes = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [2, 0, 0, 1], [0, 0, 0, 0]], float)
    found = measures.overlap(codes, units)
    np.testing.assert_allclose(found[:3], [0.0, 0.5, 1 - 5.0])
    assert np.isnan(found[3])
    np.testing.assert_array_equal(measures.redundant_pairs(codes > 0, units), [0, 1, 0, 0])
