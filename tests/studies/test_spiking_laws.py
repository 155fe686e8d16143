"""The laws of the spiking circuit, small: their tables hold against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from comparisons.studies.spiking import figures as spiking_figures
from comparisons.studies.spiking import gap as spiking_gap
from comparisons.studies.spiking import laws as spiking_laws
from selective_firing import SpikingParameters
from selective_firing.theory.race import waiting_time_bound

BASE = SpikingParameters(dt=0.5, presentation=40.0, inhibition_delay=0.0)


def test_half_points_of_a_logistic_curve_are_found(rng):
    distance = rng.random(4000)
    fired = rng.random(4000) < 1 / (1 + np.exp((distance - 0.3) / 0.05))
    assert spiking_gap.half_point(distance, fired) == pytest.approx(0.3, abs=0.02)
    assert spiking_gap.half_point(distance, distance < 0.6) == pytest.approx(0.6, abs=0.02)


def test_the_contract_has_a_row_per_condition_whose_shares_add_up(weights, patterns, monkeypatch):
    monkeypatch.setattr(spiking_laws, "VARIED", {"inhibition_delay": (0.0, 3.0)})
    monkeypatch.setattr(spiking_laws, "SHARES_OF_K", (1.0,))
    table = spiking_laws.contract(weights, patterns[:10], 4, BASE, "numpy")
    shares = table[[name for name in table if name[:2] == "n_" and name[2:].isdigit()]]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    at_once, late = table.iloc[0], table.iloc[1]
    assert late["n_active"] > at_once["n_active"]
    assert set(table["varied"]) == {"inhibition_delay", "k", "input: Poisson, Hz"}
    assert len(spiking_figures.contract(table).axes) == 6


def test_the_gap_follows_its_closed_form(monkeypatch, rng):
    from selective_firing.weights import Weights

    drives = np.concatenate([[0.5, 0.4, 0.3], 0.3 * (1 - rng.random(120))])[:, np.newaxis]
    weights = Weights(drives, drives, np.zeros(123), np.zeros(1), 1.0)
    monkeypatch.setattr(spiking_gap, "DELAYS", (0.5, 1.5))
    monkeypatch.setattr(spiking_gap, "TAUS", (15.0,))
    monkeypatch.setattr(spiking_gap, "GAP_DT", 0.1)
    table = spiking_gap.gap(weights, np.ones((2, 1)), 3, BASE, "numpy")
    np.testing.assert_allclose(table["measured"], table["closed_form"], rtol=0.25)
    assert (table.groupby("tau_m")["measured"].apply(lambda e: e.is_monotonic_increasing)).all()
    spiking_figures.gap(table)


def test_first_spikes_converge_with_the_first_order_in_dt():
    table = spiking_laws.convergence((0.4, 0.1))
    assert table["order"].iloc[-1] == pytest.approx(1, abs=0.2)
    spiking_figures.convergence(table)


def test_longer_races_are_safer_and_none_beats_the_bound():
    table = spiking_laws.settling(12, (2,), (2.0,), (0.01, 0.1), codegen="numpy", n_trials=8)
    longest = table[table["threshold"] == table["threshold"].max()]
    shortest = table[table["threshold"] == table["threshold"].min()]
    assert longest["correct_fraction"].mean() > shortest["correct_fraction"].mean()
    assert (longest["settling_time_ms"].to_numpy() > shortest["settling_time_ms"].to_numpy()).all()
    assert (table["settling_time_ms"] >= table["bound_ms"]).all()
    spiking_figures.settling(table)


def test_the_bound_grows_with_k_and_as_the_rates_come_together():
    assert waiting_time_bound(64, 16, 200, 100, 0.1) > waiting_time_bound(64, 1, 200, 100, 0.1)
    assert waiting_time_bound(64, 4, 200, 150, 0.1) > waiting_time_bound(64, 4, 200, 50, 0.1)
    p, q = 0.2, 0.1
    apart = (
        p * np.log(p / q)
        + (1 - p) * np.log((1 - p) / (1 - q))
        + q * np.log(q / p)
        + (1 - q) * np.log((1 - q) / (1 - p))
    )
    assert waiting_time_bound(64, 4, 200, 100, 0.1) == pytest.approx((0.9 * np.log(4 * 60 + 1) - 1) / apart)
    assert waiting_time_bound(64, 4, 200, 100, 0.95) == 0


def test_close_drives_are_confused_first(weights, patterns):
    table = spiking_gap.by_gap(weights, patterns, 4, replace(BASE, inhibition_delay=1.0), "numpy")
    assert table["gap"].is_monotonic_increasing
    assert table["jaccard"].iloc[-1] >= table["jaccard"].iloc[0]
