"""Cost tables: the published splits of a cortical neuron's budget, and ledgers costed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import energy
from selective_firing.energy import prices as costs

VESICLES_PER_SPIKE = 2000  # 8,000 boutons that release with probability 1/4


@pytest.mark.parametrize(
    ("table", "published"),
    [(costs.NEURAL[0], (0.47, 0.40, 0.13)), (costs.NEURAL[1], (0.21, 0.59, 0.20))],
    ids=["Attwell & Laughlin 2001", "Howarth et al. 2012"],
)
def test_a_neuron_at_4_hz_spends_as_published(table, published):
    spikes = table.total({"winner spikes": 4.0})
    vesicles = table.total({"read-out events": 4.0 * VESICLES_PER_SPIKE / costs.RELEASE_PROBABILITY})
    parts = np.array([spikes, vesicles, costs.resting_ATP(1, 1.0)])
    np.testing.assert_allclose(parts / parts.sum(), published, atol=0.012)


def test_every_spike_and_every_synaptic_event_is_paid():
    X, rates = np.array([[1.0, 0.5]]), np.array([[40.0, 0.0]])
    ledger = energy.neural(X, rates, earlier=[(rates, X / 2)])
    spikes = 15 + (4 + 1) + 0.75 * 100 * 0.05  # inputs; winners, who answer once; errors for half the time
    events = 15 * 2 + 5 * 2 + 0.75 * 100 * 0.05 * 2  # each reaches both units of the other layer
    expected = spikes * 3.84e8 + events * 0.25 * 1.64e5
    np.testing.assert_allclose(costs.NEURAL[0].total(ledger), expected)
    np.testing.assert_allclose(costs.NEURAL[0].joules(ledger), expected * 8.3e-20)
    np.testing.assert_allclose(costs.NEURAL[2].total(ledger), spikes * (1.17e8 + 2000 * 1.64e5))
    loihi = costs.NEUROMORPHIC[0]
    np.testing.assert_allclose(loihi.joules(ledger), spikes * 30.7e-12 + events * 23.6e-12)
    np.testing.assert_allclose(loihi.rest_per_s * 0.1, 100 * 52e-12)  # an update each millisecond, of every neuron


def test_the_efficient_spike_is_what_the_published_share_leaves_to_it():
    others = VESICLES_PER_SPIKE * costs.VESICLE_ATP + costs.RESTING_ATP_PER_S / 4
    assert 0.21 / 0.79 * others == pytest.approx(costs.MAMMAL_SPIKE_ATP, rel=3e-3)
    assert round(100 * 1.25e8 / (1.25e8 + others)) == 22  # of the other way to derive it


def test_the_operations_ledger_in_joules():
    code = np.array([[1.0, 0.0, 0.0, 0.0]])
    ledger = energy.operations(np.array([[1.0, 1.0]]), code, selection="none")
    assert ledger["multiply-accumulates"].item() == 10
    np.testing.assert_allclose(costs.HARDWARE[1].joules(ledger), 10 * 4.6e-12 + 4 * 0.9e-12)
    assert costs.HARDWARE[0].joules(ledger) > costs.HARDWARE[1].joules(ledger)


def test_a_table_names_items_that_exist():
    with pytest.raises(ValueError, match="per must name items"):
        costs.CostTable("mine", "nowhere", "neural", "ATP", {"thoughts": 1.0})
    with pytest.raises(ValueError, match="rest_per_s must be at least 0"):
        costs.CostTable("mine", "nowhere", "neural", "ATP", {}, -1.0)
