"""The parameter table: bounds, the README made from it, every parameter of some effect."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from selective_firing import RateParameters
from selective_firing.circuits.initial_values import initial_values
from selective_firing.parameters import parameter_table

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_table_in_the_readme_is_that_of_the_code():
    assert f"<!-- parameters -->\n{parameter_table()}\n<!-- /parameters -->" in README


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"tau_m": 0}, ValueError, "tau_m must be above 0, got 0"),
        ({"tau_m": "5"}, TypeError, "tau_m must be a number, got '5'"),
        ({"noise": -0.1}, ValueError, "noise must be at least 0"),
        ({"noise": float("inf")}, ValueError, "noise must be finite"),
        ({"gain_growth": 0.9}, ValueError, "gain_growth must be at least 1"),
        ({"inhibition": "divisive"}, ValueError, "inhibition must be one of subtractive, threshold, got 'divisive'"),
        ({"max_settle": 0.5}, ValueError, r"max_settle must be at least dt \(1 ms\), got 0.5"),
    ],
)
def test_what_is_out_of_bounds_is_refused(values, error, words):
    with pytest.raises(error, match=words):
        RateParameters(**values)


CHANGES = {
    "tau_m": 7.0, "dt": 0.5, "inhibition": "threshold", "inhibition_start": "zero", "tau_i": 2.0, "loop_time": 2.0,
    "initial_gain": 0.2, "gain_growth": 1.2, "phasic": 0.5, "max_settle": 100.0, "loop_delay": 1.0, "threshold_cv": 0.1,
    "noise": 0.1, "n_cycles": 2.0, "feedback": 0.5, "late_share": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", [f.name for f in fields(RateParameters)])
def test_every_parameter_reaches_the_simulation(weights, name):
    base = RateParameters(n_cycles=2.0 if name in ("feedback", "late_share") else 1.0)
    start = [
        initial_values(weights, parameters, k=3, n_presentations=5, rng=np.random.default_rng(0))
        for parameters in (base, replace(base, **{name: CHANGES[name]}))
    ]
    assert any(key not in start[0] or not np.array_equal(value, start[0][key]) for key, value in start[1].items())
