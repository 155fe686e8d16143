"""Both ledgers, counted by hand on a stimulus of three inputs and a layer of four units."""

from __future__ import annotations

import numpy as np
import pytest

from selective_firing import energy

X = np.array([[0.0, 1.0, 0.5]])
RATES = np.array([[40.0, 20.0, 0.0, 0.0]])
CODE = np.array([[2.0, 1.0, 0.0, 0.0]])


def test_the_neural_ledger_of_a_sort():
    counts = {name: value.item() for name, value in energy.neural(X, RATES).items()}
    assert counts == pytest.approx({
        "input spikes": 15,  # (1 + 0.5) * 100 Hz * 0.1 s
        "feed-forward events": 60,  # each to 4 units
        "winner spikes": 6,  # (40 + 20) Hz * 0.1 s
        "loser transients": 0,
        "inhibitory events": 0,
        "read-out events": 18,  # each to 3 error units
    })  # fmt: skip


def test_a_circuit_pays_for_its_selection_and_for_nothing_else():
    one = {name: np.array([value]) for name, value in {"n_recruited": 5, "settling_time_s": 0.02}.items()}
    circuit, sort = energy.neural(X, RATES, **one), energy.neural(X, RATES)
    assert circuit["loser transients"].item() == 3
    assert circuit["interneuron spikes"].item() == 3  # a tenth of four units is one, which fires as the mean winner
    assert circuit["inhibitory events"].item() == 3 * 4 + (6 + 3) * 1  # to every unit; and every spike of theirs to it
    for item in set(sort) - {"loser transients", "inhibitory events"}:
        assert circuit[item] == sort[item]
    wide = energy.neural(X, np.pad(RATES, ((0, 0), (0, 36))), **one)  # forty units
    assert wide["interneuron spikes"].item() == 4 * 3


def test_a_pool_stands_for_a_tenth_of_the_hidden_units_unless_it_is_said():
    assert [energy.interneurons(n) for n in (3, 128, 256)] == [1, 13, 26]
    assert [energy.interneurons(128, share) for share in (0.0, 0.01, 0.2, 1.0)] == [1, 1, 26, 128]
    told = energy.neural(X, np.pad(RATES, ((0, 0), (0, 124))), settling_time_s=np.array([0.02]), n_interneurons=4)
    assert told["interneuron spikes"].item() == 4 * 3
    with pytest.raises(ValueError, match=r"n_hidden must be at least 1, got 0"):
        energy.interneurons(0)
    with pytest.raises(ValueError, match=r"share must be at least 0, got -0.1"):
        energy.interneurons(10, -0.1)
    with pytest.raises(ValueError, match=r"share must be at most 1, got 2"):
        energy.interneurons(10, 2)


def test_what_learning_adds_to_the_neural_ledger():
    counts = energy.neural_learning(X, X + np.array([[0.2, 0, 0]]), RATES)
    assert counts["error spikes"].item() == pytest.approx(2)
    assert counts["feedback events"].item() == pytest.approx(4)
    assert counts["synaptic updates"].item() == 2 * 2 * 3


def test_operations_give_credit_for_zero_inputs():
    sort = energy.operations(X, CODE, selection="sort")
    assert sort["multiply-accumulates"].item() == 2 * 4 + 2 * 3
    assert sort["comparisons"].item() == 4 * np.log2(2)
    assert energy.operations(X, CODE, selection="none")["comparisons"].item() == 4
    circuit = energy.operations(X, CODE, selection="circuit", n_steps=np.array([20.0]))
    assert circuit["comparisons"].item() == circuit["state updates"].item() == 80
    assert energy.learning_operations(X, CODE)["multiply-accumulates"].item() == 3 * 2 * 3


def test_a_pursuit_compares_once_a_winner_and_lateral_products_are_products():
    pursuit = energy.operations(X, CODE, selection="pursuit", lateral=np.array([8.0]))
    plain = energy.operations(X, CODE, selection="none")
    assert pursuit["comparisons"].item() == 4 * 2
    assert pursuit["multiply-accumulates"].item() == plain["multiply-accumulates"].item() + 8
    assert pursuit["memory words"].item() == plain["memory words"].item() + 8 + 4
    assert energy.operations(X, 0 * CODE, selection="pursuit")["comparisons"].item() == 4


def test_a_silent_stimulus_costs_no_spikes():
    counts = energy.neural(0 * X, 0 * RATES)
    assert all(value.item() == 0 for value in counts.values())


@pytest.mark.parametrize("selection", ["circuit", "magic"])
def test_a_selection_that_cannot_be_priced_is_refused(selection):
    with pytest.raises(ValueError, match=r"n_steps must be given|selection must be one of"):
        energy.operations(X, CODE, selection=selection)


def test_every_item_has_a_unit_and_a_meaning():
    items = energy.neural(X, RATES, told=np.ones(1), n_interneurons=1) | energy.neural_learning(X, X, RATES)
    items |= energy.operations(X, CODE, selection="sort") | energy.learning_operations(X, CODE)
    assert set(items) == set(energy.ITEMS)


def test_cycles_of_explaining_away_are_charged():
    before, X_hat = np.array([[20.0, 20.0, 20.0, 0.0]]), X - np.array([[0.0, 0.5, 0.5]])
    counts = {name: value.item() for name, value in energy.neural(X, RATES, earlier=[(before, X_hat)]).items()}
    assert counts["winner spikes"] == pytest.approx(60 * 0.05 + 60 * 0.05 + 3)  # half the time each, and one answer
    assert counts["error spikes"] == pytest.approx(1.0 * 100 * 0.05)
    assert counts["feedback events"] == pytest.approx(4 * counts["error spikes"])
    assert counts["read-out events"] == pytest.approx(3 * counts["winner spikes"])
    assert counts["input spikes"] == 15  # once, for the whole presentation
    transients = energy.neural(X, RATES, n_recruited=np.array([8]), earlier=[(before, X_hat)])["loser transients"]
    assert transients.item() == 8 - 2 - 3


def test_learning_with_cycles_has_two_lessons():
    before, X_hat = np.array([[20.0, 20.0, 20.0, 0.0]]), X - np.array([[0.0, 0.5, 0.5]])
    counts = energy.neural_learning(X, X + np.array([[0.2, 0, 0]]), RATES, earlier=[(before, X_hat)])
    assert counts["synaptic updates"].item() == 2 * (3 + 2) * 3
    assert counts["error spikes"].item() == pytest.approx(1)  # in half of the presentation
    assert counts["feedback events"].item() == 0  # the last lesson needs none, the first one's is inference
    code = np.array([[1.0, 1.0, 1.0, 0.0]])
    operations = energy.learning_operations(X, CODE, [(code, X_hat)])
    assert operations["multiply-accumulates"].item() == (2 * 3 + 2) * 3


def test_who_competes_for_longer_than_a_presentation_pays_for_it():
    slow = energy.neural(X, RATES, settling_time_s=np.array([0.2]))
    assert slow["winner spikes"].item() == pytest.approx(12)
    assert slow["input spikes"].item() == pytest.approx(30)


def test_cycles_cost_operations():
    alone = energy.operations(X, CODE, selection="sort")
    code, X_hat = np.array([[1.0, 1.0, 1.0, 0.0]]), X - np.array([[0.0, 0.5, 0.5]])
    twice = energy.operations(X, CODE, selection="sort", earlier=[(code, X_hat)])
    more = twice["multiply-accumulates"] - alone["multiply-accumulates"]
    assert more.item() == 2 * 4 + 3 * 3 * 3  # the error encoded; winners decoded, told the error, and answering


def test_messages_are_spikes_and_reach_every_hidden_unit():
    alone = {name: value.item() for name, value in energy.neural(X, RATES).items()}
    few, many = (energy.neural(X, RATES, told=np.array([told])) for told in (1, 1000))
    assert few["winner spikes"].item() == alone["winner spikes"] > 1
    assert few["lateral events"].item() == alone["winner spikes"] * RATES.shape[1]
    assert many["winner spikes"].item() == 1000
    assert many["lateral events"].item() == 1000 * RATES.shape[1]
    assert many["read-out events"].item() == 1000 * X.shape[1]


def test_interneurons_fire_as_the_average_winner_does_and_are_paid():
    transients = {"n_recruited": np.array([4])}
    plain = {name: value.item() for name, value in energy.neural(X, RATES, **transients).items()}
    pooled = {name: value.item() for name, value in energy.neural(X, RATES, **transients, n_interneurons=3).items()}
    n_active, n_hidden = np.count_nonzero(RATES), RATES.shape[1]
    assert pooled["interneuron spikes"] == pytest.approx(3 * plain["winner spikes"] / n_active)
    heard = 3 * (plain["winner spikes"] + plain["loser transients"])
    assert pooled["inhibitory events"] == pytest.approx(pooled["interneuron spikes"] * n_hidden + heard)
    assert pooled["winner spikes"] == plain["winner spikes"]
    with pytest.raises(ValueError, match="n_interneurons must be at least 1"):
        energy.neural(X, RATES, n_interneurons=0)
