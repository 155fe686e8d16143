"""The spiking circuit: races, volleys, read-out and learning against their closed forms."""

from __future__ import annotations

import brian2 as b2
import numpy as np
import pytest

from selective_firing import KWTAAutoencoder, Response, SpikingParameters, theory
from selective_firing.engine.build import build
from selective_firing.engine.record_trace import trace
from selective_firing.engine.session import borrowed_session
from selective_firing.engine.simulate import read, simulate
from selective_firing.theory.race import firing_rate_Hz, inhibition_gap, latency
from selective_firing.weights import Weights

SHORT = {"presentation": 40.0, "dt": 0.2}


def respond(weights, patterns, k, codegen="numpy", **changes):
    parameters = SpikingParameters(**SHORT | changes)
    return simulate(weights, patterns, k, parameters, codegen=codegen)[0]


def one_input(drives) -> Weights:
    """Return weights with which the pattern [1] gives these drives."""
    w = np.array(drives, float)[:, np.newaxis]
    return Weights(w, w / len(w), np.zeros(len(w)), np.zeros(1), 1.0)


def test_first_spikes_come_at_the_latency_of_the_closed_form():
    drives = np.array([0.06, 0.1, 0.2, 0.5])
    response = respond(one_input(drives), np.ones((1, 1)), 4, inhibition_strength=0.0, dt=0.02)
    expected = latency(drives, 0.04, 20.0)
    assert (np.abs(response.winner_latency_ms - expected) <= 0.02).all()
    np.testing.assert_allclose(response.winner_drives, drives, rtol=0.02)


def test_reading_converges_on_the_drive_as_dt_shrinks():
    drives = np.array([0.07, 0.13, 0.3])
    errors = [
        np.abs(
            respond(one_input(drives), np.ones((1, 1)), 3, dt=dt, inhibition_delay=0.0).winner_drives / drives - 1
        ).max()
        for dt in (0.4, 0.1, 0.025)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02


def test_without_inhibition_a_cell_fires_at_the_rate_of_the_f_I_curve():
    drives = np.array([0.05, 0.08, 0.3])
    response = respond(
        one_input(drives), np.ones((1, 1)), 3, inhibition_strength=0.0, presentation=200.0, refractory=5.0,
        readout="count",
    )  # fmt: skip
    expected = 0.2 * firing_rate_Hz(drives, 0.04, 20.0, 5.0)
    assert (np.abs(response.winner_spikes - expected) <= 1).all()


def test_the_race_is_won_by_the_top_k_when_inhibition_is_instant(weights, patterns):
    response = respond(weights, patterns[:8], 4, inhibition_delay=0.0, dt=0.05, tau_interneuron=1e4)
    ideal = theory.top_k(weights.drive(patterns[:8]), 4)
    np.testing.assert_array_equal(response.winners, ideal)
    assert response.settled.all()


@pytest.mark.parametrize("delay", [0.4, 1.0, 3.0])
def test_a_delay_lets_those_within_the_closed_form_of_the_gap_fire(delay):
    drives = np.concatenate([[0.5, 0.4, 0.3], 0.3 * (1 - np.linspace(0.004, 0.6, 60))])
    response = respond(one_input(drives), np.ones((1, 1)), 3, inhibition_delay=delay, dt=0.02, tau_interneuron=1e5)
    slowest = drives[response.winners[0]].min()
    measured = 1 - slowest / 0.3
    # a cell counts until the end of the step in which inhibition arrives: half a step each for both times
    low, high = (float(inhibition_gap(0.3, 0.04, delay + shift, 20.0)) for shift in (-0.04, 0.04))
    assert low - 0.011 <= measured <= high


def test_cycles_repeat_with_the_same_winners():
    response = respond(one_input([0.5, 0.45, 0.4, 0.1, 0.09]), np.ones((1, 1)), 3, presentation=200.0, readout="count")
    assert response.inhibition[0] >= 3
    np.testing.assert_array_equal(np.flatnonzero(response.winners[0])[:3], [0, 1, 2])
    assert response.winner_spikes[:3].min() >= response.winner_spikes[3:].max(initial=0)


def test_scale_does_not_matter(weights, patterns):
    one = respond(weights, patterns[:4], 4)
    big = Weights(weights.w_in, weights.w_out, 1000 * weights.bias, 1000 * weights.mean, 1e6 * weights.power)
    other = respond(big, 1000 * patterns[:4], 4)
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_allclose(other.winner_drives, 1000 * one.winner_drives)


def test_a_presentation_learns_by_the_rule_of_the_rate_circuit_at_the_rates_it_reads(tied_weights, patterns):
    parameters = SpikingParameters(**SHORT)
    response, after = simulate(tied_weights, patterns[:1], 4, parameters, learning_rate=(0.5, 0.0), codegen="numpy")
    expected = theory.learning_step(tied_weights, patterns[0], response.winners[0], 0.5, rates=response.code[0])
    for name in ("w_in", "w_out", "bias"):
        np.testing.assert_allclose(getattr(after, name), getattr(expected, name), rtol=1e-9, atol=1e-12)
    centred = patterns[0] - tied_weights.mean
    error = ((centred - response.code[0] @ tied_weights.w_out) ** 2).sum()
    assert response.squared_error[0] == pytest.approx(error)


@pytest.mark.compiled
def test_compiled_and_numpy_targets_agree(tied_weights, patterns):
    both = [
        simulate(tied_weights, patterns[:10], 4, SpikingParameters(**SHORT), learning_rate=(0.5, 0.0), codegen=codegen)
        for codegen in ("numpy", "cpp_standalone")
    ]
    (one, after), (other, after_compiled) = both
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_array_equal(one.n_flips, other.n_flips)
    np.testing.assert_allclose(after_compiled.w_in, after.w_in, rtol=0, atol=1e-9)


def test_a_stimulus_equal_to_the_mean_fires_nobody(tied_weights):
    quiet = Weights(tied_weights.w_in, tied_weights.w_out, np.zeros(24), tied_weights.mean, tied_weights.power)
    response = respond(quiet, quiet.mean[np.newaxis], 4)
    assert response.n_active[0] == 0
    assert response.settled[0]
    assert np.isfinite(response.squared_error).all()


def test_the_estimator_takes_it_and_its_model_can_be_saved(patterns, tmp_path):
    model = KWTAAutoencoder(
        12, 3, circuit="spiking", n_epochs=1, codegen="numpy", random_state=0,
        parameters=SpikingParameters(**SHORT, noise=0.1, threshold_cv=0.05),
    ).fit(patterns[:10])  # fmt: skip
    model.save(tmp_path / "model.npz")
    again = KWTAAutoencoder.load(tmp_path / "model.npz").simulate(patterns[:3])
    here = model.simulate(patterns[:3])
    np.testing.assert_array_equal(again.code, here.code)
    here.save(tmp_path / "response.npz")
    np.testing.assert_array_equal(Response.load(tmp_path / "response.npz").winner_spikes, here.winner_spikes)
    assert here.provenance["circuit"] == "spiking"
    with pytest.raises(TypeError, match="parameters must be a RateParameters"):
        model.set_params(circuit="rate").fit(patterns)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"v_threshold": -70.0}, "v_threshold must be above v_rest"),
        ({"n_interneurons": 2.5}, "n_interneurons must be a whole number"),
        ({"presentation": 0.01}, "presentation must be at least dt"),
        ({"readout": "phase"}, "readout must be one of latency, count"),
        ({"tau_m": 0}, "tau_m must be above 0"),
    ],
)
def test_bad_parameters_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        SpikingParameters(**changes)


def test_brian2s_own_monitors_of_spikes_see_what_the_response_holds(weights, patterns):
    parameters = SpikingParameters(presentation=40.0)
    with borrowed_session("numpy"):
        network = build(weights, patterns[:2], parameters, k=4)
        groups = [network[population] for population in ("hidden", "interneurons")]
        seen = [(group, b2.SpikeMonitor(group), b2.PopulationRateMonitor(group)) for group in groups]
        for _, *monitors in seen:
            network.add(monitors)
        network.run(1 * b2.second, namespace={})
        response = read(network)
    for group, spikes, rate in seen:
        expected = response.spikes[group.name]
        assert spikes.num_spikes == expected.unit.size > 0
        assert expected.stimulus.max() > 0
        shown = np.array(spikes.t_) * 1e3  # the first step comes before any stimulus
        np.testing.assert_array_equal(np.array(spikes.i), expected.unit)
        np.testing.assert_allclose(shown, expected.stimulus * 40.0 + expected.time_ms, atol=1e-6)
        assert np.sum(rate.rate_) * 1e-4 * len(group) == pytest.approx(spikes.num_spikes)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("codegen", ["numpy", pytest.param("cpp_standalone", marks=pytest.mark.compiled)])
def test_without_any_contrast_only_biases_make_cells_fire(codegen):
    weights = one_input([1.0, 2.0, 3.0])
    silent = respond(weights, np.zeros((1, 1)), 1, codegen)
    assert silent.n_active.tolist() == silent.n_recruited.tolist() == [0]
    excited = Weights(weights.w_in, weights.w_out, np.array([0.0, 0.1, 0.0]), weights.mean, 1.0)
    response = respond(excited, np.zeros((1, 1)), 1, codegen)
    np.testing.assert_array_equal(response.winners, [[False, True, False]])
    assert np.isfinite(response.squared_error).all()
    assert np.isfinite(response.code).all()


OPTIONS = {
    "current": {},
    "noise, unequal thresholds, counts": {"noise": 0.1, "threshold_cv": 0.02, "readout": "count"},
    "trains": {"input": "poisson", "noise": 0.1},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("codegen", ["numpy", pytest.param("cpp_standalone", marks=pytest.mark.compiled)])
def test_one_conductance_for_all_cells_gives_the_spikes_of_equal_ones(weights, patterns, codegen, options):
    rows = patterns[:3] if codegen == "numpy" else patterns  # as many as take a second
    one, each = (respond(weights, rows, 4, codegen, conductance=kind, **options) for kind in ("shared", "own"))
    assert one.spikes["hidden"].unit.size > 4 * len(rows)
    for population, spikes in one.spikes.items():
        for column in ("stimulus", "unit", "time_ms"):
            np.testing.assert_array_equal(getattr(spikes, column), getattr(each.spikes[population], column))
    np.testing.assert_array_equal(one.winner_units, each.winner_units)
    np.testing.assert_array_equal(one.winner_drives, each.winner_drives)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_a_shared_exponential_integrates_the_membrane_as_brian2_does(weights, patterns, options):
    one, each = (
        trace(weights, patterns[0], 4, SpikingParameters(**SHORT | options, conductance=kind))
        for kind in ("shared", "own")
    )
    assert one.conductance.max() > 15
    np.testing.assert_allclose(one.v_mV, each.v_mV, rtol=1e-12)
    np.testing.assert_allclose(one.conductance, each.conductance, rtol=1e-12)


def test_cells_with_a_conductance_of_their_own_can_be_inhibited_unequally(weights, patterns):
    with borrowed_session("numpy"):
        network = build(weights, patterns[:2], SpikingParameters(**SHORT, conductance="own"), k=4)
        network["inhibit"].ipsp.code = "g_post += opens_pre * int(j % 2 == 0)"
        monitor = b2.StateMonitor(network["hidden"], "g", record=True, clock=network["conductor"].clock)
        network.add(monitor)
        network.run(1 * b2.second, namespace={})
        assert (monitor.g[::2].max(axis=1) > 15).all()
        assert (monitor.g[1::2] == 0).all()
