"""Interneurons that relay lateral inhibition: as many as the matrix has parts suffice, and none keeps a unit's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lateral_cases import DALE

from selective_firing.engine.simulate import simulate
from selective_firing.learning.relay import relayed
from selective_firing.weights import Weights


@pytest.fixture
def made_of_three(rng):
    """A circuit whose lateral weights three interneurons can pass on, but for each unit's own."""
    inhibition, excitation = rng.random((12, 3)), rng.random((3, 12))
    lateral = inhibition @ excitation
    np.fill_diagonal(lateral, 5.0)
    w = rng.random((12, 7))
    return Weights(w, w, np.zeros(12), np.zeros(7), 1.0, None, lateral)


def test_as_many_interneurons_as_there_are_parts_pass_all_on(made_of_three):
    relay = relayed(made_of_three, 3)
    assert relay.error < 0.02
    assert relayed(made_of_three, 1).error > 5 * relay.error
    assert (relay.excitation >= 0).all()
    assert (relay.inhibition >= 0).all()
    lateral = relay.weights.lateral
    np.testing.assert_array_equal(np.diag(lateral), 5.0)  # adaptation is nobody else's
    apart = ~np.eye(12, dtype=bool)
    np.testing.assert_allclose(lateral[apart], (relay.inhibition @ relay.excitation)[apart])
    assert repr(relay).startswith("Relay(3 interneurons for 12 hidden units, error 0.0")


def test_the_same_start_gives_the_same_relay(made_of_three):
    one, same, other = (relayed(made_of_three, 2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.excitation, same.excitation)
    assert (one.excitation != other.excitation).any()


def test_a_relayed_circuit_explains_away_as_well_as_interneurons_pass_it_on(positive):
    weights, shown = positive(False)
    w = weights.w_in.copy()
    w[:12, ::2] = w[12:, 1::2] = 0  # two families, which do not inhibit each other
    weights = replace(weights, w_in=w, w_out=w, lateral=w @ w.T)

    def error(relay):
        return simulate(relay, shown, 4, DALE, codegen="numpy")[0].squared_error.sum()

    direct, many, one = (error(w) for w in (weights, *(relayed(weights, n).weights for n in (24, 1))))
    assert many == pytest.approx(direct, rel=0.02)
    assert one > 1.1 * direct


def test_what_is_inhibited_by_less_than_nothing_is_refused(made_of_three):
    signed = replace(made_of_three, lateral=made_of_three.lateral - 1)
    with pytest.raises(ValueError, match=r"weights.lateral must be at least 0 \(dale=True\), got -"):
        relayed(signed, 3)
    with pytest.raises(ValueError, match="n_interneurons must be between 1 and 12, got 13"):
        relayed(made_of_three, 13)
