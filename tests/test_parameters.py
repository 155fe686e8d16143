"""The parameter table: bounds, the README made from it, every parameter of some effect."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from selective_firing import RateParameters, SpikingParameters
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
        initial_values(weights, parameters, k=3, n_presentations=5)
        for parameters in (base, replace(base, **{name: CHANGES[name]}))
    ]
    assert any(key not in start[0] or not np.array_equal(value, start[0][key]) for key, value in start[1].items())


def test_a_quantity_is_taken_in_the_units_of_the_table_and_of_no_other_dimension():
    import brian2 as b2

    parameters = RateParameters(tau_m=10 * b2.ms, max_settle=0.2 * b2.second)
    assert (parameters.tau_m, parameters.max_settle) == (10.0, 200.0)
    assert SpikingParameters(v_rest=-0.07 * b2.volt, input_rate=1 * b2.kHz).v_rest == pytest.approx(-70.0)
    with pytest.raises(TypeError, match=r"tau_m must be a number or a quantity in ms, got 3\. mV"):
        RateParameters(tau_m=3 * b2.mV)
    with pytest.raises(TypeError, match=r"noise must be a number, got 3\. ms"):
        RateParameters(noise=3 * b2.ms)


def test_what_is_checked_is_kept_as_checked():
    parameters = RateParameters(tau_m=np.float32(8), n_cycles=np.int8(4), noise=0)
    assert [type(v) for v in (parameters.tau_m, parameters.n_cycles, parameters.noise)] == [float, int, float]
    assert RateParameters(n_cycles=4.0) == RateParameters(n_cycles=4)
    with pytest.raises(ValueError, match=r"n_cycles must be a whole number, got 2\.5"):
        RateParameters(n_cycles=2.5)


def test_a_misspelt_name_is_told_with_the_one_that_is_meant():
    with pytest.raises(TypeError, match="RateParameters has no parameter 'taum': did you mean 'tau_m'"):
        RateParameters(taum=3)
    with pytest.raises(TypeError, match="SpikingParameters has no parameter 'colour': it has dt, "):
        SpikingParameters(colour=3)
    with pytest.raises(TypeError, match="did you mean 'n_cycles'"):
        replace(RateParameters(), ncycles=3)


@pytest.mark.parametrize("parameters", [RateParameters(noise=0.1), SpikingParameters(n_interneurons=3)])
def test_a_table_survives_a_pickle_and_a_copy(parameters):
    assert pickle.loads(pickle.dumps(parameters)) == copy.deepcopy(parameters) == parameters
