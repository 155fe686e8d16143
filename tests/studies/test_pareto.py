"""The whole picture: a row for each family and k, energy as the ledger says, a front that nobody beats."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from comparisons import RandomWeights, cli
from comparisons.measuring.encoding import Encoding
from comparisons.measuring.rows import rates_Hz
from comparisons.rivals.coders import NONNEGATIVE
from comparisons.rivals.registry import CYCLES, NARROW, ONE_COMPETITION, PRINCIPAL, SWAPS, TOPK
from comparisons.studies.main_job.design import Design
from comparisons.studies.pareto.figures import LINES, _apart, pareto
from comparisons.studies.pareto.study import CIRCUITS, FAMILIES, PRICE, _row, front, study
from comparisons.studies.swaps.study import Variant
from selective_firing import RateParameters, datasets, energy


@pytest.fixture(scope="module")
def data():
    digits = datasets.digits()
    few = {"X_train": 15, "y_train": 15, "X_test": 6, "y_test": 6}
    return replace(digits, **{name: getattr(digits, name)[:n] for name, n in few.items()})


@pytest.fixture(scope="module")
def table(data):
    design, rates = Design(n_hidden=20, n_epochs=1, codegen="numpy"), {}
    with pytest.MonkeyPatch.context() as patch:  # fewer rounds than they are called after: on the numpy target
        patch.setitem(CIRCUITS, CYCLES, Variant(RateParameters(n_cycles=2)))
        patch.setitem(CIRCUITS, SWAPS, Variant(RateParameters(explain="lateral", n_swaps=1)))
        found = pd.DataFrame([row for rows in study(data, design, (2, 4), rates) for row in rows])
    assert set(rates) == {(name, k) for name in (TOPK, "BatchTopK", "Matryoshka", "MP-SAE", "OMP dictionary")
                          for k in (2, 4)} | {("dense", k) for k in (2, 4, 8)}  # fmt: skip
    return found


def test_every_family_has_a_row_for_each_k(table):
    for family in FAMILIES:
        ks = table.loc[table["family"] == family, "k"].tolist()
        assert ks == ([2, 4, 8] if family in (NARROW, PRINCIPAL) else [2, 4]), family
    assert table.notna().all().all()
    rows = table.set_index(["family", "k"])
    assert rows.loc[(PRINCIPAL, 4), "n_active"] == rows.loc[(SWAPS, 4), "n_active"] == 4
    assert rows.loc[(NARROW, 4), "n_hidden"] == 4
    assert rows.loc[(NONNEGATIVE, 4), "nmse"] <= rows.loc[(SWAPS, 4), "nmse"] + 0.05
    assert set(LINES) == set(FAMILIES)


def test_circuits_pay_for_what_is_free_for_others(table):
    cost = table.set_index(["family", "k"])[PRICE]
    assert cost[ONE_COMPETITION, 4] > 1.1 * cost[TOPK, 4]
    assert cost[SWAPS, 4] > cost[ONE_COMPETITION, 4]
    assert cost[PRINCIPAL, 4] < cost[TOPK, 4]  # fewer cells hear the input
    assert cost[NONNEGATIVE, 4] < cost[SWAPS, 4]


def test_energy_is_what_claims_count_beyond_the_input(data, table):
    code, model = np.zeros((6, 20)), RandomWeights(20, 2, random_state=0).fit(data.X_train)
    code[:, 3] = [1, -2, 3, 1, -2, 3]
    row = _row("mine", model, Encoding(code, "pursuit"), data)
    gain = rates_Hz(model, np.eye(20), data)[3, 3]
    spikes = 0.1 * gain * 2  # in a tenth of a second, whatever the sign
    arriving = energy.neural(data.X_test, np.abs(code))["input spikes"].mean() * 20
    ledger = {"winner spikes": spikes, "read-out events": spikes * 64, "feed-forward events": arriving}
    for prices in energy.NEURAL:
        assert row[f"ATP beyond the input ({prices.name})"] == pytest.approx(prices.total(ledger))
    assert row["n_active"] == 1


def test_nobody_beats_the_front(table):
    found = front(pd.concat([table, table.assign(seed=1)]))
    for price in ("n_active", PRICE):
        on = found[f"on the front of {price}"]
        assert on.any()
        best = found[on].sort_values(price)
        assert (np.diff(best["nmse"]) <= 0).all()
        for _, row in found[~on].iterrows():
            assert ((best[price] <= row[price]) & (best["nmse"] <= row["nmse"])).any()


def test_labels_lie_apart_and_in_order(rng):
    for heights in (np.zeros(5), np.sort(rng.random(12)), np.arange(3.0)):
        placed = _apart(heights, 0.1)
        assert np.diff(placed).min() >= 0.1 - 1e-12
        assert placed.mean() == pytest.approx(heights.mean())
    np.testing.assert_array_equal(_apart(np.arange(3.0), 0.1), np.arange(3.0))


def test_the_figure_names_every_family_and_the_data(table):
    figure = pareto(pd.concat([table, table.assign(seed=1)]))
    left, right = figure.axes
    assert {text.get_text() for text in left.texts} == {line.words for line in LINES.values()}
    assert left.get_title(loc="left") == "a   digits, 20 hidden units, 2 seeds"
    assert "ATP" in right.get_xlabel()
    assert len(left.lines) >= len(FAMILIES)


def test_the_command_writes_table_front_and_figure(tmp_path, monkeypatch, data, table):
    monkeypatch.setattr("comparisons.studies.pareto.study.study", lambda *_: iter([table.to_dict("records")]))
    monkeypatch.setattr(sys, "argv", ["compare", "pareto", "--n-seeds", "2", "--output-dir", str(tmp_path)])
    assert cli.main() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"pareto.csv", "front.csv", "pareto.png", "pareto.pdf"}
    assert len(pd.read_csv(tmp_path / "pareto.csv")) == 2 * len(table)


@pytest.mark.parametrize(
    "given", [["--k-start", "20"], ["--learning-rate", "0.5"], ["--k", "200"], ["--n-seeds", "0"]], ids=str
)
def test_what_a_family_would_not_heed_is_refused(given, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["compare", "pareto", *given, "--output-dir", str(tmp_path)])
    assert cli.main() == 2
    assert "must be" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
