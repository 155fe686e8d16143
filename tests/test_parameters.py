"""The parameter table: bounds, and every parameter of some effect."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest

from selective_firing import RateParameters, SpikingParameters
from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine.simulate import simulate


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
    "noise": 0.1, "n_cycles": 2.0, "feedback": 0.5, "late_share": 0.5, "explain": "lateral",
    "controller": "fixed", "pool_strength": 0.3, "hold": 5.0, "tau_cv": 0.1, "shrinkage": 0.1,
    "n_swaps": 3, "n_released": 2, "n_relax": 2,
    "least_change": 0.1, "transport": False, "lateral_rate": 0.2, "decay": 0.1, "dale": "yes",
}  # fmt: skip


MEANT = {
    RateParameters: {
        "tau_m": ("hidden.tau_m", 1e-3), "tau_i": ("inhibition.tau_i", 1e-3), "loop_time": ("inhibition.loop_steps", 1),
        "initial_gain": ("inhibition.initial_gain", 1), "gain_growth": ("inhibition.gain_growth", 1),
        "max_settle": ("inhibition.max_steps", 1), "loop_delay": ("inhibition.delay_steps", 1),
        "feedback": ("inhibition.feedback", 1), "late_share": ("inhibition.late_share", 1),
        "n_cycles": ("inhibition.n_cycles", 1), "hold": ("inhibition.hold_steps", 1),
    },
    SpikingParameters: {
        "presentation": ("conductor.n_steps", 10), "tau_input": ("hidden.tau_input", 1e-3),
        "input_rate": ("stimulus.most", 1e-4), "tau_m": ("hidden.tau_m", 1e-3), "v_rest": ("hidden.v_rest", 1e-3),
        "v_threshold": ("interneurons.v_threshold", 1e-3), "threshold_share": ("conductor.threshold_share", 1),
        "refractory": ("hidden.refractory_steps", 10), "n_interneurons": ("interneurons.number", 1),
        "tau_interneuron": ("interneurons.tau_interneuron", 1e-3),
        "inhibition_delay": ("interneurons.delay_steps", 10), "inhibition_strength": ("interneurons.opens", 0.1),
        "inhibition_decay": ("conductor.inhibition_decay", 1e-3), "v_inhibition": ("hidden.v_inhibition", 1e-3),
        "count_gain": ("hidden.count_gain", 1),
    },
}  # fmt: skip
"""What the simulation is given for a parameter, and per unit of it, with all others at their defaults."""


@pytest.mark.parametrize(
    ("table", "name", "factor"),
    [(table, name, factor) for table, meant in MEANT.items() for name in meant for factor in (1, 2)],
    ids=lambda value: getattr(value, "circuit", str(value)),
)
def test_a_parameter_becomes_what_it_means_in_si_units(weights, table, name, factor):
    needed = next(f for f in fields(table) if f.name == name).metadata["with"]
    others = {other: 4 if value == "above 1" else value for other, value in needed[:1]}
    base = table(**others)
    value = 2 if name == "n_cycles" else getattr(base, name) * (0.5 if name == "v_threshold" else 1) or 1.0
    if factor == 2 and name in ("feedback", "late_share"):
        factor = 0.5
    key, scale = MEANT[table][name]
    given = initial_values(weights, replace(base, **{name: factor * value}), k=3, n_presentations=5)
    assert given[key] == pytest.approx(factor * value * scale)


FASTER = {
    "tau_m": ({"phasic": 0.0, "initial_gain": 0.1}, 2.5), "tau_i": ({}, 0.5), "initial_gain": ({}, 0.04),
    "gain_growth": ({}, 1.2), "phasic": ({"phasic": 0.0}, 1.0),
}  # fmt: skip
"""What else is changed, and the value with which a competition that takes its time is decided sooner."""


@pytest.mark.parametrize("name", FASTER)
def test_a_loop_that_is_faster_decides_sooner(tied_weights, patterns, name):
    others, value = FASTER[name]
    slow = replace(RateParameters(initial_gain=0.02, dt=0.25, loop_time=1.0), **others)
    times = [
        simulate(tied_weights, patterns[:8], 4, parameters, codegen="numpy")[0].settling_time_ms.mean()
        for parameters in (slow, replace(slow, **{name: value}))
    ]
    assert times[1] < 0.97 * times[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"loop_delay": 0.4}, r"loop_delay must be a whole multiple of dt \(1 ms\): 0 or 1, got 0.4"),
        ({"loop_time": 1.5}, r"loop_time must be a whole multiple of dt \(1 ms\): 1 or 2, got 1.5"),
        ({"max_settle": 20.25, "dt": 0.5}, r"max_settle must be a whole multiple of dt \(0.5 ms\): 20 or 20.5"),
        ({"dt": 1e-300}, "loop_time must be less than 1e\\+09 steps of dt"),
        ({"phasic": 0.5, "inhibition": "threshold"}, "phasic must be left at 1.0 unless inhibition is subtractive"),
        (
            {"feedback": 0.5},
            "feedback must be left at 0.7 unless n_cycles is above 1 or explain is lateral: it has no effect, got 0.5",
        ),
    ],
)
def test_times_are_whole_steps_and_nothing_is_without_effect(values, words):
    with pytest.raises(ValueError, match=words):
        RateParameters(**values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"refractory": 30.05}, r"refractory must be a whole multiple of dt \(0.1 ms\): 30 or 30.1, got 30.05"),
        ({"presentation": 20.74}, r"presentation must be a whole multiple of dt \(0.1 ms\): 20.7 or 20.8"),
        ({"dt": 0.5}, r"inhibition_delay must be a whole multiple of dt \(0.5 ms\): 0 or 0.5, got 0.2"),
        ({"count_gain": 0.1}, "count_gain must be left at 0.06 unless readout is count"),
        ({"input_rate": 50}, "input_rate must be left at 100.0 unless input is poisson"),
    ],
)
def test_of_the_spiking_circuit_too(values, words):
    with pytest.raises(ValueError, match=words):
        SpikingParameters(**values)


def test_times_that_are_whole_steps_but_for_rounding_are_taken():
    assert SpikingParameters(dt=0.1, inhibition_delay=0.3, refractory=0.7).refractory == 0.7
    assert RateParameters(dt=0.025, loop_delay=0.075, loop_time=0.1).loop_delay == 0.075


LATERAL = RateParameters(explain="lateral")
LOCAL = replace(LATERAL, transport=False)
BESIDE = (
    dict.fromkeys(("feedback", "late_share"), RateParameters(n_cycles=2))
    | {"pool_strength": RateParameters(controller="proportional", hold=1.0)}
    | dict.fromkeys(("n_swaps", "n_released", "n_relax", "least_change", "transport", "shrinkage"), LATERAL)
    | dict.fromkeys(("lateral_rate", "decay", "dale"), LOCAL)
)
"""Parameters beside which another one has an effect."""


@pytest.mark.parametrize("name", sorted({f.name for f in fields(RateParameters)} - {"lateral_start", "n_interneurons"}))
def test_every_parameter_reaches_the_simulation(weights, name):
    base = BESIDE.get(name, RateParameters())
    start = [
        initial_values(weights, parameters, k=3, n_presentations=5)
        for parameters in (base, replace(base, **{name: CHANGES[name]}))
    ]
    assert any(key not in start[0] or not np.array_equal(value, start[0][key]) for key, value in start[1].items())


def test_a_quantity_is_taken_in_the_units_of_the_table_and_of_no_other_dimension():
    import brian2 as b2

    parameters = RateParameters(tau_m=10 * b2.ms, max_settle=0.2 * b2.second)
    assert (parameters.tau_m, parameters.max_settle) == (10.0, 200.0)
    assert SpikingParameters(v_rest=-0.07 * b2.volt, input="poisson", input_rate=1 * b2.kHz).v_rest == pytest.approx(
        -70.0
    )
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


def test_what_loses_its_effect_goes_back_to_its_default_when_a_table_is_changed():
    cyclic = RateParameters(n_cycles=4, feedback=0.5, late_share=0.9, phasic=0.5)
    assert cyclic.changed(n_cycles=1) == RateParameters(phasic=0.5)
    assert cyclic.changed(inhibition="threshold") == RateParameters(
        n_cycles=4, feedback=0.5, late_share=0.9, inhibition="threshold"
    )
    assert SpikingParameters(input="poisson", input_rate=50).changed(input="current") == SpikingParameters()
    with pytest.raises(ValueError, match=r"feedback must be left at 0\.7"):
        RateParameters().changed(feedback=0.5)


@pytest.mark.parametrize("name", ["tau_m", "tau_i", "max_settle"])
def test_no_time_is_so_long_that_a_step_of_it_is_lost_in_rounding(name):
    for dt in (1.0, 1e-300):
        others = {"dt": dt, "loop_time": dt, "max_settle": dt, "tau_m": dt, "tau_i": dt}
        with pytest.raises(ValueError, match=f"{name} must be less than 1e.09 steps of dt"):
            RateParameters(**others | {name: 1e17 * dt})
    assert RateParameters(tau_m=1e8).tau_m == 1e8
