"""The Brian2 network in the user's hands, and the user's own session around it."""

from __future__ import annotations

import brian2 as b2
import numpy as np
import pytest
from brian2.devices.device import reset_device

from selective_firing import SpikingParameters, theory
from selective_firing.engine import build as building
from selective_firing.engine.kept.network import KeptNetwork
from selective_firing.engine.simulate import read, simulate
from selective_firing.errors import SimulationError

pytestmark = pytest.mark.usefixtures("on_numpy")


def test_a_built_network_gives_the_response_of_the_simulation(weights, patterns):
    network = building.build(weights, patterns[:5], k=4)
    network.run(10 * b2.second)
    response, _ = simulate(weights, patterns[:5], 4, codegen="numpy")
    np.testing.assert_array_equal(read(network).code, response.code)


def test_lesioned_cells_never_win_and_the_next_ones_do(weights, patterns):
    network = building.build(weights, patterns[:5], k=4)
    network["hidden"].background[:10] = -1e9
    network.run(10 * b2.second)
    winners = read(network).winners
    expected = theory.top_k(weights.drive(patterns[:5])[:, 10:], 4)
    assert not winners[:, :10].any()
    np.testing.assert_array_equal(winners[:, 10:], expected)


def test_a_monitor_of_the_users_sees_the_hidden_layer(weights, patterns):
    network = building.build(weights, patterns[:2], k=4)
    seen = b2.StateMonitor(network["hidden"], "u", record=[0, 1], clock=network["hidden"].clock)
    network.add(seen)
    network.run(10 * b2.second)
    assert seen.u.shape[0] == 2
    assert np.isfinite(seen.u).all()


def test_a_network_that_was_not_run_has_no_response(weights, patterns):
    with pytest.raises(SimulationError, match="0 of 5 presentations"):
        read(building.build(weights, patterns[:5], k=4))


@pytest.mark.parametrize("k", [0, 25, 2.0, True])
def test_build_checks_k(weights, patterns, k):
    with pytest.raises((TypeError, ValueError), match="k must be"):
        building.build(weights, patterns, k=k)


def session() -> tuple:
    return (
        b2.prefs.codegen.target,
        b2.defaultclock.dt_,
        type(b2.get_device()).__name__,
        np.random.get_state()[1].sum(),  # noqa: NPY002 - the legacy global state is what must stay as it was
    )


def test_the_users_session_is_left_as_it_was(weights, patterns):
    b2.prefs.codegen.target = "cython"
    b2.defaultclock.dt = 0.25 * b2.ms
    before = session()
    simulate(weights, patterns[:2], 4, codegen="numpy")
    assert session() == before
    b2.defaultclock.dt = 0.1 * b2.ms


def test_the_users_session_is_left_as_it_was_after_ctrl_c(weights, patterns, monkeypatch):
    def interrupt(*args, **options):
        raise KeyboardInterrupt

    before = session()
    monkeypatch.setattr(KeptNetwork, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        simulate(weights, patterns[:2], 4, codegen="numpy")
    assert session() == before


def test_the_users_own_standalone_device_stays_active(weights, patterns):
    b2.set_device("cpp_standalone", build_on_run=False)
    try:
        response, _ = simulate(weights, patterns[:2], 4, codegen="numpy")
        assert (response.n_active == 4).all()
        assert type(b2.get_device()).__name__ == "CPPStandaloneDevice"
    finally:
        b2.device.reinit()
        reset_device()


def test_a_magic_network_before_between_and_after_is_untouched(weights, patterns):
    cell = b2.NeuronGroup(1, "dv/dt = -v / (10*ms) : 1", method="exact", name="users_cell")
    cell.v = 1
    values = []
    for _ in range(3):
        b2.run(10 * b2.ms)
        values.append(cell.v[0])
        simulate(weights, patterns[:2], 4, codegen="numpy")
    np.testing.assert_allclose(values, np.exp([-1, -2, -3]), rtol=1e-9)


def test_the_spiking_circuit_can_be_built_and_lesioned(weights, patterns):
    parameters = SpikingParameters(dt=0.5, presentation=30.0, inhibition_delay=0.0)
    network = building.build(weights, patterns[:3], parameters, k=4)
    network["hidden"].background[:10] = -1e9
    network.run(10 * b2.second)
    response = read(network)
    assert not response.winners[:, :10].any()
    assert response.winners.any(axis=1).all()
