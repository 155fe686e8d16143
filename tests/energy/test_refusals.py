"""What ledgers, prices and closed forms refuse, by the name of the argument."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import energy, theory

X, RATES, CODE = np.array([[0.0, 1.0, 0.5]]), np.array([[40.0, 20.0, 0.0, 0.0]]), np.array([[2.0, 1.0, 0.0, 0.0]])
RIGHT = {
    "neural": {"X": X, "rates_Hz": RATES},
    "neural_learning": {"X": X, "X_hat": X, "rates_Hz": RATES},
    "operations": {"X": X, "code": CODE, "selection": "sort"},
    "learning_operations": {"X": X, "code": CODE},
}
ARRAYS = [
    (name, argument) for name, given in RIGHT.items() for argument, value in given.items() if argument != "selection"
]


@pytest.mark.parametrize(("name", "argument"), ARRAYS)
@pytest.mark.parametrize(
    "bad", [lambda a: a * np.nan, lambda a: a * 1j, lambda a: a[:0], lambda a: a[0], lambda a: a.astype(str)],
    ids=["NaN", "complex", "empty", "1-D", "words"],
)  # fmt: skip
def test_ledgers_refuse_what_are_no_arrays_of_numbers(name, argument, bad):
    with pytest.raises((TypeError, ValueError), match=rf"\b{argument} must"):
        getattr(energy, name)(**(RIGHT[name] | {argument: bad(RIGHT[name][argument])}))


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("neural", {"rates_Hz": -RATES}, "rates_Hz must be at least 0, got -40"),
        ("neural", {"rates_Hz": np.vstack([RATES, RATES])}, r"rates_Hz must be of shape \(1, n_hidden\)"),
        ("neural", {"n_recruited": np.ones(2)}, r"n_recruited must be of shape \(1,\)"),
        ("neural", {"settling_time_s": np.array([-1.0])}, "settling_time_s must be at least 0"),
        ("neural", {"duration_s": -0.1}, "duration_s must be at least 0"),
        ("neural", {"earlier": [(RATES[:, :2], X)]}, "earlier must be of shape"),
        ("neural_learning", {"X_hat": X[:, :2]}, "X_hat must be of shape"),
        ("operations", {"selection": "circuit", "n_steps": np.ones(3)}, r"n_steps must be of shape \(1,\)"),
        ("operations", {"lateral": np.ones(2)}, r"lateral must be of shape \(1,\)"),
    ],
)
def test_ledgers_refuse_what_does_not_fit(name, changes, words):
    with pytest.raises(ValueError, match=words):
        getattr(energy, name)(**(RIGHT[name] | changes))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: energy.resting_ATP(-1, 1.0), "n_neurons must be at least 0"),
        (lambda: energy.resting_ATP(10**400, 1.0), "n_neurons must be at most 1e300, got 10000"),
        (lambda: energy.resting_ATP(10**5000, 1.0), "n_neurons must be at most 1e300, got a number of thousands"),
        (lambda: energy.resting_ATP(1, float("nan")), "duration_s must be finite"),
        (lambda: energy.cost_ratio(energy.NEURAL[0], -1.0), "rate_Hz must be at least 0"),
        (lambda: energy.cost_ratio(energy.HARDWARE[0], 1.0), "table must be in ATP"),
        (lambda: energy.NEURAL[0].total({"winner spike": 1.0}), "ledger must hold items"),
        (lambda: energy.CostTable("mine", "", "neural", "ATP", {"winner spikes": -1.0}), "at least 0, got -1"),
        (lambda: energy.CostTable("mine", "", "neural", "W", {}), "unit must be one of ATP, J"),
        (lambda: theory.latency([1.0, np.nan], 1.0, 20.0), "drive must be free of NaN"),
        (lambda: theory.latency(2.0, 0.0, 20.0), "threshold must be above 0"),
        (lambda: theory.latency(2.0, 1.0, -20.0), "tau_m must be above 0"),
        (lambda: theory.drive_of_latency(0.0, 1.0, 20.0), "time must be above 0, got 0"),
        (lambda: theory.firing_rate_Hz(2.0, 1.0, 20.0, -1.0), "refractory_ms must be at least 0"),
        (lambda: theory.inhibition_gap(0.5, 1.0, 1.0, 20.0), "kth_drive must be above threshold, got 0.5"),
        (lambda: theory.inhibition_gap(2.0, 1.0, -1.0, 20.0), "delay must be at least 0"),
        (lambda: theory.interneuron_epsp(0, 15.0), "k must be at least 1"),
        (lambda: theory.waiting_time_bound(4, 5, 200, 100, 0.1), "k must be between 1 and 4"),
        (lambda: theory.waiting_time_bound(4, 1, 100, 200, 0.1), "high_Hz must be between low_Hz and 1000, got 100"),
        (lambda: theory.waiting_time_bound(4, 1, 2000, 200, 0.1), "high_Hz must be between low_Hz and 1000"),
        (lambda: theory.waiting_time_bound(4, 1, 200, 100, 2.0), "failure must be at most 1"),
        (lambda: theory.top_k(np.ones((2, 3)), 4), "k must be between 1 and 3, got 4"),
        (lambda: theory.top_k(np.ones(3), 1), "drive must be of shape"),
    ],
)
def test_prices_and_closed_forms_refuse_what_has_no_answer(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.filterwarnings("error")
def test_the_waiting_time_at_the_ends_of_its_domain():
    assert theory.waiting_time_bound(64, 4, 200, 0, 0.1) == 0
    assert theory.waiting_time_bound(64, 4, 1000, 100, 0.1) == 0
    assert theory.waiting_time_bound(64, 4, 100, 100, 0.1) == np.inf
    assert theory.waiting_time_bound(64, 4, 0, 0, 0.1) == np.inf
    assert theory.waiting_time_bound(1, 1, 100, 50, 0.1) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda X: energy.neural(X, X, earlier=3), "earlier must be a sequence of pairs"),
        (lambda X: energy.learning_operations(X, X, [X]), "earlier must be a sequence of pairs"),
        (
            lambda X: energy.operations(X, X, selection=np.array(["sort"])),
            "selection must be one of circuit, sort, none",
        ),
        (lambda X: energy.cost_ratio("ATP", 40.0), "table must be a CostTable"),
        (lambda X: energy.cost_ratio(energy.NEURAL[0], 1e300), "rate_Hz must have a largest magnitude"),
        (lambda X: energy.resting_ATP(3, 1e300), "duration_s must be at most 1e\\+10, got 1e\\+300"),
        (lambda X: energy.neural(X, X, duration_s=1e300), "duration_s must be at most"),
        (lambda X: energy.neural(np.zeros((0, 2), complex), X), r"X must be of shape \(n_samples, n_inputs\)"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_of_another_type_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call(np.ones((3, 3)))
