"""Spikes as they are kept, traced, counted and handed to other tools."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons.studies.spiking.statistics import fano_factor, isi_cv, pairwise_correlation
from selective_firing import SpikingParameters, figures
from selective_firing.engine.record_trace import trace
from selective_firing.engine.simulate import simulate
from selective_firing.results.response import Response
from selective_firing.results.spikes import Spikes


@pytest.fixture(scope="module")
def setting():
    from selective_firing.weights import Weights

    rng = np.random.default_rng(3)
    X = rng.random((8, 12)) * (rng.random((8, 12)) < 0.6)
    w = rng.standard_normal((16, 12)) / np.sqrt(12)
    weights = Weights(w, w, np.zeros(16), X.mean(axis=0), 1.0)
    parameters = SpikingParameters(
        input="poisson", dt=0.5, presentation=150.0, readout="count", input_rate=400.0, inhibition_delay=0.0
    )
    return weights, X, parameters


@pytest.fixture(scope="module")
def response(setting):
    weights, X, parameters = setting
    return simulate(weights, X, 3, parameters, codegen="numpy", rng=np.random.default_rng(0))[0]


def test_every_spike_is_kept_with_its_stimulus_cell_and_time(response):
    table = response.spikes["hidden"]
    counts = table.counts(response.n_samples)
    np.testing.assert_array_equal(counts.sum(axis=1), response.n_flips)
    np.testing.assert_array_equal((counts > 0).sum(axis=1), response.n_recruited)
    np.testing.assert_array_equal(counts[response.winners], response.winner_spikes)
    first = [
        table.of(s).time_ms[table.of(s).unit == u].min() for s, u in zip(*np.nonzero(response.winners), strict=True)
    ]
    np.testing.assert_allclose(first, response.winner_latency_ms)
    assert (table.time_ms > 0).all()
    assert (table.time_ms <= 150).all()


def test_chunks_are_joined_with_their_stimuli_renumbered():
    part = Spikes(np.array([0, 1]), np.array([2, 0]), np.array([1.0, 2.0]), 3)
    joined = Spikes.join([part, part], [2, 2])
    np.testing.assert_array_equal(joined.stimulus, [0, 1, 2, 3])
    np.testing.assert_array_equal(joined.counts(4)[2], [0, 0, 1])


def test_the_ledger_counts_what_was_fired(response):
    counted = response.counted
    np.testing.assert_array_equal(counted["winner spikes"] + counted["loser transients"], response.n_flips)
    np.testing.assert_array_equal(
        counted["winner spikes"], (response.spikes["hidden"].counts(8) * response.winners).sum(1)
    )
    np.testing.assert_array_equal(counted["read-out events"], 12 * counted["winner spikes"])
    np.testing.assert_array_equal(counted["feed-forward events"], 16 * counted["input spikes"])
    interneurons = response.spikes["interneurons"]
    np.testing.assert_array_equal(counted["interneuron spikes"], np.bincount(interneurons.stimulus, minlength=8))


def test_a_file_keeps_the_spikes(response, tmp_path):
    response.save(tmp_path / "r.npz")
    again = Response.load(tmp_path / "r.npz")
    assert again.spikes.keys() == response.spikes.keys()
    for name, table in response.spikes.items():
        np.testing.assert_array_equal(again.spikes[name].time_ms, table.time_ms)
        assert again.spikes[name].n_units == table.n_units
    frame = again.spikes_frame()
    assert len(frame) == sum(table.unit.size for table in response.spikes.values())
    assert frame.loc[frame["population"] == "hidden", "winner"].all()


def test_a_trace_shows_the_same_cells_at_every_step(setting):
    weights, X, parameters = setting
    shown = trace(weights, X[5], 3, parameters, rng=np.random.default_rng(0), index=5)
    whole = simulate(weights, X[:6], 3, parameters, codegen="numpy", rng=np.random.default_rng(0))[0]
    np.testing.assert_array_equal(shown.spikes["hidden"].time_ms, whole.spikes["hidden"].of(5).time_ms)
    np.testing.assert_array_equal(shown.winners, whole.winners[5])
    assert shown.spikes["inputs"].unit.size == whole.events["input to hidden"][5] / 16
    fired = shown.spikes["hidden"]
    rows = np.rint(fired.time_ms / 0.5).astype(int) - 1
    np.testing.assert_allclose(shown.v_mV[rows, fired.unit], -65)  # reset in the step of the spike
    arrived = np.rint(shown.arrivals_ms / 0.5).astype(int) - 1
    assert (shown.conductance[arrived] > shown.conductance[arrived - 1]).all()
    figure = figures.presentation(shown)
    assert all(ax.get_ylabel() for ax in figure.axes)
    assert "time" in figure.axes[-1].get_xlabel()


def test_the_rate_circuit_has_no_spikes_to_give(setting):
    weights, X, _ = setting
    rate = simulate(weights, X[:2], 3, codegen="numpy")[0]
    assert rate.counted == {}
    assert rate.spikes_frame().empty
    with pytest.raises(ValueError, match='circuit must be "spiking"'):
        rate.to_neo()


def test_neo_keeps_trains_and_annotations_through_a_file(response, tmp_path):
    neo = pytest.importorskip("neo")
    pytest.importorskip("nixio")
    block = response.to_neo([1, 4])
    assert [segment.annotations["stimulus"] for segment in block.segments] == [1, 4]
    with neo.NixIO(str(tmp_path / "spikes.nix"), "ow") as file:
        file.write_block(block)
    with neo.NixIO(str(tmp_path / "spikes.nix"), "ro") as file:
        again = file.read_block()
    for segment, other in zip(block.segments, again.segments, strict=True):
        assert len(segment.spiketrains) == len(other.spiketrains) > 0
        for train, back in zip(segment.spiketrains, other.spiketrains, strict=True):
            np.testing.assert_array_equal(train.magnitude, back.magnitude)
            for name in ("population", "unit", "stimulus", "winner"):
                assert train.annotations[name] == back.annotations[name]
    with pytest.raises(ValueError, match="stimuli must be"):
        response.to_neo([8])


def test_elephants_statistics_are_those_of_the_definitions(setting):
    pytest.importorskip("elephant")
    weights, X, parameters = setting
    same = simulate(
        weights, np.repeat(X[:1], 12, axis=0), 3, parameters, codegen="numpy", rng=np.random.default_rng(1)
    )[0]
    table = same.spikes["hidden"]
    counts = table.counts(12)
    fires = counts[:, counts.any(axis=0)]
    assert fano_factor(same) == pytest.approx((fires.var(axis=0) / fires.mean(axis=0)).mean())
    intervals = [
        np.diff(np.sort(table.time_ms[(table.stimulus == s) & (table.unit == u)])) for s, u in np.argwhere(counts >= 3)
    ]
    assert isi_cv(same) == pytest.approx(np.mean([i.std() / i.mean() for i in intervals]))


def test_cells_that_fire_together_correlate():
    together = np.array([[0, 0], [1, 1], [2, 2]])
    assert pairwise_correlation(together) == pytest.approx(1)
    assert pairwise_correlation(np.array([[0, 2], [1, 1], [2, 0]])) == pytest.approx(-1)
    assert np.isnan(pairwise_correlation(np.zeros((3, 2))))
