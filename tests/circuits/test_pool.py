"""How the pool of inhibition looks for k: what each of its options means, on stimuli that can be decided."""

from __future__ import annotations

from dataclasses import replace

import brian2 as b2
import numpy as np
import pytest

from selective_firing import RateParameters, build, measures, theory
from selective_firing.engine.simulate import simulate
from selective_firing.weights import Weights

K = 4


def present(weights, patterns, **options):
    return simulate(weights, patterns, K, RateParameters(**options), codegen="numpy")[0]


def right(weights, patterns, response):
    return measures.jaccard(response.winners, theory.top_k(weights.drive(patterns), K)).mean()


@pytest.mark.parametrize("options", [{}, {"tau_cv": 0.2}], ids=str)
def test_a_decision_that_has_to_hold_comes_later_and_is_that_of_the_top_k(tied_weights, patterns, options):
    at_once, held = (present(tied_weights, patterns, hold=hold, **options) for hold in (0.0, 30.0))
    assert (held.settling_time_ms >= at_once.settling_time_ms + 30.0).all()
    assert held.settled.all()
    assert (held.n_active == K).all()
    assert right(tied_weights, patterns, held) == 1.0  # membranes have come to rest: whose are slow does not matter


def test_slow_inhibition_alone_does_not_hold_what_it_decides(tied_weights, patterns):
    response = present(tied_weights, patterns[:10], hold=30.0, phasic=0.0)
    assert response.settled.mean() < 0.8
    assert (response.n_active[response.settled] == K).all()
    assert "cut off by max_settle" in " ".join(response.diagnose())


def test_quick_membranes_win_races_that_they_should_not(tied_weights, patterns):
    shares = [right(tied_weights, patterns, present(tied_weights, patterns, tau_cv=cv)) for cv in (0.0, 0.2, 0.6)]
    assert shares[0] == 1.0 > shares[1] > shares[2]


@pytest.mark.usefixtures("on_numpy")
def test_a_gain_that_is_fixed_stays_as_it_is_and_misses_k_more_often(tied_weights, patterns):
    network = build(tied_weights, patterns[:3], RateParameters(controller="fixed"), k=K)
    seen = b2.StateMonitor(network["inhibition"], ["gain", "start_level"], record=True, clock=network["hidden"].clock)
    network.add(seen)
    network.run(10 * b2.second)
    np.testing.assert_allclose(seen.gain[0], 0.1 * seen.start_level[0])
    exact = [
        (present(tied_weights, patterns, controller=one, initial_gain=0.5, max_settle=60.0).n_active == K).mean()
        for one in ("adaptive", "fixed")
    ]
    assert exact[0] == 1.0 > exact[1]


@pytest.mark.usefixtures("on_numpy")
def test_inhibition_starts_in_proportion_to_the_sum_of_the_inputs(tied_weights, patterns):
    """On stimuli that are scaled, as on others: double the input, double the level at which inhibition starts."""
    table = np.stack([patterns[0], 2 * patterns[0], patterns[1]])
    network = build(tied_weights, table, RateParameters(inhibition_start="feedforward", phasic=0.0), k=K)
    seen = b2.StateMonitor(
        network["inhibition"], ["tonic", "presentation", "step"], record=True, clock=network["hidden"].clock, when="end"
    )
    network.add(seen)
    network.run(10 * b2.second)
    opening = [seen.tonic[0][(seen.presentation[0] == i) & (seen.step[0] == 0)][0] for i in range(3)]
    level = np.linalg.norm(tied_weights.w_in, axis=1).max() * np.sqrt(tied_weights.power) / tied_weights.mean.sum()
    np.testing.assert_allclose(opening, level * table.sum(axis=1))
    response = present(tied_weights, patterns, inhibition_start="feedforward")
    assert right(tied_weights, patterns, response) == 1.0


def test_a_proportional_pool_leaves_more_units_active_the_weaker_it_is(tied_weights, patterns):
    pools = {s: RateParameters(controller="proportional", hold=10.0, tau_i=10.0, pool_strength=s) for s in (0.1, 0.3)}
    weak, strong = (simulate(tied_weights, patterns, K, one, codegen="numpy")[0] for one in pools.values())
    assert (weak.n_active >= strong.n_active).all()
    assert weak.n_active.mean() > 1.5 * strong.n_active.mean()
    assert not (weak.settled & (weak.n_active != K)).any()
    drives = tied_weights.drive(patterns)
    for n, row, won in zip(weak.n_active, drives, weak.winners, strict=True):  # however many: they are the most driven
        assert set(np.flatnonzero(won)) == set(np.argsort(row)[::-1][:n])
    assert "does not look for k" in " ".join(weak.diagnose())


@pytest.mark.compiled
@pytest.mark.parametrize(
    "options",
    [{"inhibition_start": "feedforward"}, {"tau_cv": 0.2, "hold": 5.0}, {"controller": "proportional", "hold": 5.0}],
    ids=str,
)
def test_compiled_it_is_the_same(tied_weights, patterns, options):
    parameters = RateParameters(**options)
    one, other = (simulate(tied_weights, patterns, K, parameters, codegen=t)[0] for t in ("numpy", "cpp_standalone"))
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_allclose(one.settling_time_ms, other.settling_time_ms)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"controller": "proportional"}, "hold must be above 0 ms with controller='proportional'"),
        (
            {"controller": "fixed", "gain_growth": 1.2},
            r"gain_growth must be left at 1\.1 unless controller is adaptive",
        ),
        ({"pool_strength": 0.3}, r"pool_strength must be left at 0\.125 unless controller is proportional"),
        ({"controller": "proportional", "hold": 5.0, "loop_delay": 1.0}, "loop_delay must be left at"),
        ({"controller": "proportional", "hold": 5.0, "n_cycles": 2}, "n_cycles must be left alone"),
        ({"inhibition_start": "feedforward", "explain": "lateral"}, "know one competition per presentation"),
        ({"hold": 1.5}, r"hold must be a whole multiple of dt \(1 ms\): 1 or 2, got 1\.5"),
    ],
)
def test_what_has_no_effect_or_no_meaning_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        RateParameters(**options)


def test_inhibition_by_the_sum_of_inputs_needs_a_sum(tied_weights, patterns):
    w = tied_weights.w_in
    centred = Weights(w, w, tied_weights.bias, np.zeros(patterns.shape[1]), tied_weights.power)
    with pytest.raises(ValueError, match=r"sum of the mean input.* must be above 0, got 0"):
        present(centred, patterns, inhibition_start="feedforward")


def test_others_options_hold_beside_them(tied_weights, patterns):
    swaps = replace(RateParameters(explain="lateral", n_swaps=1), hold=5.0)
    response, _ = simulate(tied_weights, patterns[:5], K, swaps, codegen="numpy")
    quick, _ = simulate(tied_weights, patterns[:5], K, replace(swaps, hold=0.0), codegen="numpy")
    assert (response.settling_time_ms >= quick.settling_time_ms + 10.0).all()
    np.testing.assert_array_equal(response.winners, quick.winners)
