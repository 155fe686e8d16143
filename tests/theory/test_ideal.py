"""Closed forms of the circuit: their values, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selective_firing import theory


def test_a_membrane_starts_where_it_starts_and_ends_at_its_drive():
    time = np.array([0.0, 5.0, np.inf])
    expected = [1.0, 2.0 - np.exp(-1.0), 2.0]
    np.testing.assert_allclose(theory.membrane(3.0, 1.0, time, tau_m=5.0, start=1.0), expected)


def test_the_threshold_falls_to_the_inhibition():
    assert theory.effective_threshold(2.0, 1e9, 5.0) == 2.0
    assert theory.effective_threshold(2.0, 5.0 * np.log(2), 5.0) == pytest.approx(4.0)
    assert theory.effective_threshold(2.0, 1e-300, 1e300) == np.inf


def test_weights_of_zero_let_no_cycle_raise_the_error(tied_weights):
    nothing = replace(tied_weights, w_in=0 * tied_weights.w_in, w_out=0 * tied_weights.w_out)
    assert theory.stable_gain(nothing) == np.inf
    assert theory.n_rises(nothing, 5.0) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": 1}, "weights must be Weights"),
        ({"X": np.ones((2, 3))}, r"X must be of shape \(n_samples, 20\)"),
        ({"X": np.full((2, 20), np.nan)}, "X must be free of NaN"),
        ({"k": 25}, "k must be between 1 and 24"),
        ({"n_cycles": 10**9}, "n_cycles must be between 1 and 1000"),
        ({"feedback": "much"}, "feedback must be a number"),
    ],
)
def test_cycles_refuse_what_they_cannot_use(tied_weights, patterns, changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        theory.explain_away(**{"weights": tied_weights, "X": patterns, "k": 3, "n_cycles": 2} | changes)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: theory.membrane(None, 1.0, 1.0, 5.0, 0.0), "drive must hold real numbers"),
        (lambda: theory.membrane(1.0, 1.0, 1.0, 0.0, 0.0), "tau_m must be above 0"),
        (lambda: theory.effective_threshold(1.0, 0.0, 5.0), "time must be above 0"),
        (
            lambda: theory.latency([1.0, 2.0], [1.0, 2.0, 3.0], 5.0),
            r"threshold must be a number or of the shape of drive",
        ),
    ],
)
def test_closed_forms_name_what_is_wrong(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


@pytest.mark.filterwarnings("error")
def test_the_gap_of_no_delay_is_0_however_far_the_drive_is_above_the_threshold():
    assert theory.inhibition_gap(1e150, 1.0, delay=0, tau_m=1.0) == 0
    assert theory.inhibition_gap(1e150, 1.0, delay=1e-12, tau_m=1.0) == pytest.approx(1.0)
    assert theory.inhibition_gap(2.0, 1.0, delay=1e-20, tau_m=1.0) == pytest.approx(1e-20)


@pytest.mark.filterwarnings("error")
def test_what_lies_beyond_all_numbers_is_infinite_without_a_warning():
    assert theory.drive_of_latency(1e-9, 1e150, 1e150 * 1e150) == np.inf
    assert theory.firing_rate_Hz(1.7e305, 1e-9, 1.0) == np.inf
