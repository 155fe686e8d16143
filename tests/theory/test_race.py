"""Closed forms of the race: against each other, and against the membrane equation integrated finely."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing.theory.race import (
    drive_of_latency,
    firing_rate_Hz,
    inhibition_gap,
    interneuron_epsp,
    latency,
    threshold_share_at,
)


def test_latency_is_when_the_integrated_membrane_reaches_threshold():
    v, step, time = 0.0, 1e-4, 0.0
    while v < 1.0:
        v += step * (2.5 - v) / 20.0
        time += step
    assert latency(2.5, 1.0, 20.0) == pytest.approx(time, rel=1e-3)


def test_a_drive_below_threshold_never_fires_and_a_higher_one_fires_sooner():
    assert np.isinf(latency([-1.0, 0.0, 0.5, 1.0], 1.0, 20.0)).all()
    assert (np.diff(latency([1.1, 2.0, 5.0, 50.0], 1.0, 20.0)) < 0).all()


def test_the_drive_read_from_a_latency_is_the_drive():
    drive = np.array([1.01, 2.0, 30.0])
    np.testing.assert_allclose(drive_of_latency(latency(drive, 1.0, 20.0), 1.0, 20.0), drive)


def test_the_gap_is_that_of_the_slowest_cell_that_fires_before_inhibition_arrives():
    kth, delay = 4.0, 1.5
    last = kth * (1 - inhibition_gap(kth, 1.0, delay, 20.0))
    assert latency(last, 1.0, 20.0) == pytest.approx(latency(kth, 1.0, 20.0) + delay)
    assert inhibition_gap(kth, 1.0, 0.0, 20.0) == 0
    assert inhibition_gap(kth, 1.0, 0.01, 20.0) == pytest.approx(0.01 / 20.0 * (kth - 1.0), rel=0.01)


def test_the_f_I_curve_counts_one_spike_per_latency_and_rest():
    assert firing_rate_Hz(2.0, 1.0, 20.0, 5.0) == pytest.approx(1000 / (20 * np.log(2) + 5))
    assert firing_rate_Hz(0.5, 1.0, 20.0) == 0


def test_the_threshold_falls_as_the_kth_of_normal_drives_does(rng):
    """Up to ten winners it stays; then it is in proportion to the k-th largest of many draws."""
    kth = np.sort(rng.standard_normal((400, 256)), axis=1)[:, ::-1].mean(axis=0)  # mean k-th largest
    shares = {k: threshold_share_at(k, 256) for k in (1, 10, 20, 40, 80)}
    assert shares[1] == shares[10] == 0.04
    for k in (20, 40, 80):
        assert shares[k] / shares[10] == pytest.approx(kth[k - 1] / kth[9], rel=0.05)
    assert threshold_share_at(200, 256) == threshold_share_at(9, 9) * 0.05 == 0.002


@pytest.mark.parametrize("k", [1, 2, 10, 100])
def test_k_spikes_suffice_and_one_fewer_does_not(k):
    epsp = interneuron_epsp(k, 15.0)
    assert k * epsp > 15.0 > (k - 1) * epsp
