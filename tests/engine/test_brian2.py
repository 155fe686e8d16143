"""What is used of Brian2 beyond its documented interface: if one of these fails, Brian2 has changed under us."""

from __future__ import annotations

import inspect

import brian2 as b2
import numpy as np
import pytest
from brian2.codegen.runtime.numpy_rt.numpy_rt import NumpyCodeObject
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import all_devices, get_device, reset_device, runtime_device, set_device
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import Resetter, StateUpdater, Thresholder
from brian2.synapses.synapses import SynapticPathway
from brian2.utils.caching import cached

from selective_firing.engine.describe import _example
from selective_firing.engine.session import borrowed_session, translated_anew
from selective_firing.parameters import SpikingParameters


def test_a_session_is_borrowed_through_these():
    assert get_device() is runtime_device is all_devices["runtime"]
    assert callable(set_device)
    assert callable(reset_device)


def test_statements_are_translated_anew_through_these_and_come_out_as_those_that_are_looked_up(network):
    from brian2.codegen import translation
    from brian2.codegen.generators import base

    assert translation.make_statements is base.make_statements
    with translated_anew():
        anew = translation.make_statements
        assert anew is base.make_statements
        assert not hasattr(anew, "__wrapped__")
    looked_up = cached(anew)
    variables = dict(network["hidden"].variables)
    for code in ("rate += 2 * contrast", "rate = clip(rate, 0, 1)"):
        both = [make(code, variables, np.float64) for make in (anew, looked_up, looked_up)]
        assert len({repr(one) for one in both}) == 1


def test_a_simulator_is_built_through_these():
    assert callable(CPPStandaloneCodeObject.templater.derive)
    assert {"directory", "run", "compile", "with_output"} <= inspect.signature(
        CPPStandaloneDevice.build
    ).parameters.keys()
    assert callable(CPPStandaloneDevice.insert_code)
    assert callable(CPPStandaloneDevice.get_array_filename)
    for name in ("core.default_float_dtype", "codegen.cpp.headers", "codegen.cpp.extra_link_args"):
        assert name in b2.prefs


@pytest.fixture(scope="module")
def network():
    """A network that tests only read."""
    with borrowed_session("numpy"):
        return _example(SpikingParameters(noise=0.1), 3, 1.0)


def test_a_circuit_is_described_through_these(network):
    kinds = {type(obj) for obj in network.sorted_objects}
    assert {CodeRunner, Resetter, StateUpdater, Thresholder, SynapticPathway} <= kinds
    pathway = next(obj for obj in network.sorted_objects if isinstance(obj, SynapticPathway))
    assert {"code", "event", "prepost", "objname", "synapses"} <= {name for name in dir(pathway)}
    hidden = network["hidden"]
    assert hidden.method_choice.__name__ == "exponential_euler"
    assert {"spike", "win", "learn", "silent"} == hidden.events.keys() == hidden.thresholder.keys()
    assert hidden.variables["_spikespace"].owner.name == "hidden"
    assert hidden.variables["step"].owner.name == "conductor"  # of a linked variable: its source


def test_a_kept_network_is_given_other_constants_and_tables_and_runs_through_these(network):
    """And nothing happens without an event at synapses without delay, in what follows an event, or in a monitor."""
    assert {"variables_to_namespace", "before_run", "after_run"} <= {name for name in dir(NumpyCodeObject)}
    table = b2.TimedArray(np.zeros((2, 3)), dt=1 * b2.second)
    assert "numpy" in table.implementations
    other = b2.TimedArray(np.ones((2, 3)), dt=1 * b2.second)
    table.implementations = other.implementations
    assert table.implementations[NumpyCodeObject].get_code(network["hidden"])(0.0, 1) == 1.0
    for obj in network.sorted_objects:
        assert isinstance(obj.code_objects, list)
        if isinstance(obj, SynapticPathway):
            assert (obj.variables["delay"].get_value() == 0).all()
            assert f"_{obj.event}space" in obj.source.variables
        if isinstance(obj, b2.EventMonitor):
            assert f"_{obj.event}space" in obj.source.variables
        if isinstance(obj, Resetter | Thresholder):
            assert f"_{obj.event}space" in obj.group.variables


def test_synapses_from_all_to_all_are_numbered_by_source_then_target(network):
    """The template of the compiled synapses counts on it."""
    w_in = network["w_in"]
    n_post = len(network["hidden"])
    assert (w_in.i[:] * n_post + w_in.j[:] == range(len(w_in))).all()
