"""What one stimulus costs, recomputed from counts with pencil and paper, for every model and every way to count."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from fakes import FakeCircuit

from comparisons.measuring.accounts import PRICES, REFERENCE, SHARES, accounts
from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import Encoding, encode
from comparisons.rivals.linear import Pixels, PrincipalComponents
from comparisons.rivals.registry import INPUT, MODELS, PRINCIPAL
from selective_firing.datasets import Dataset

N_INPUTS, N_HIDDEN, K, GAIN = 6, 12, 3, 7.0
ATP = {"Attwell & Laughlin 2001": (3.84e8, 41_000.0), "Howarth et al. 2012": (1.17e8, 41_000.0),
       "cortical fan-out": (1.17e8 + 2000 * 1.64e5, 0.0)}  # fmt: skip
"""Of a spike and of a synaptic event."""
RESTING_ATP, PRESENTATION_S = 4.44e8, 0.1


def fitted(name, patterns):
    if name in (PRINCIPAL, INPUT):
        return {PRINCIPAL: PrincipalComponents, INPUT: Pixels}[name](4).fit(patterns)
    model = MODELS[name].kind(**MODELS[name].own)
    wishes = {"n_hidden": N_HIDDEN, "k": K, "n_epochs": 2, "random_state": 0, "codegen": "numpy"}
    return model.set_params(**{key: value for key, value in wishes.items() if key in model.get_params()}).fit(patterns)


def amplitudes(model, code):
    """Return what each unit adds to the reconstruction: its code times the length of its weights."""
    return [c * sqrt(sum(w * w for w in row)) for c, row in zip(code, model.components_, strict=True)]


def own_gain(model, patterns):
    """Return the Hz per amplitude with which the mean winner fires at 40 Hz."""
    if hasattr(model, "rate_gain_"):
        return model.rate_gain_
    known = [a for code in model.transform(patterns) for a in amplitudes(model, code) if a > 0]
    return 40.0 / (sum(known) / len(known))


def by_hand(model, encoding, x, gain, share):
    """Return spikes and synaptic events beyond the input's own spikes, seconds of the presentation, and neurons."""
    cycles = [encoding.code[0]]
    seconds, losers, number = PRESENTATION_S, 0.0, 0
    if encoding.response is not None:
        cycles = [cycle.code[0] for cycle in encoding.response.cycles]
        seconds = max(PRESENTATION_S, float(encoding.response.settling_time_ms[0]) / 1000)
        losers = max(float(encoding.response.n_recruited[0]) - sum(sum(code > 0) for code in cycles), 0.0)
        number = max(1, round(SHARES[share] * len(model.bias_)))
    n_hidden, n_inputs, brightest = len(model.components_), len(x), max(abs(value) for value in x)
    fed = sum(abs(value) for value in x) / brightest * 100 * seconds
    winners, errors = 0.0, 0.0
    for place, code in enumerate(cycles):
        winners += sum(gain * a for a in amplitudes(model, code)) * seconds / len(cycles)
        if place < len(cycles) - 1:  # the error is told, and each winner answers with a spike
            x_hat = model.inverse_transform(code[None])[0]
            errors += sum(abs(a - b) for a, b in zip(x, x_hat, strict=True)) / brightest * 100 * seconds / len(cycles)
            winners += sum(code > 0)
    active = sum(sum(code > 0) for code in cycles) / len(cycles)
    pool = number * winners / max(active, 1)
    events = fed * n_hidden + winners * n_inputs + errors * n_hidden + pool * n_hidden + (winners + losers) * number
    if encoding.interneuron_spikes is not None:  # counted where the code counts the units' own spikes
        number = encoding.interneuron_spikes.shape[1]
        pool = encoding.interneuron_spikes[0].sum() * winners / encoding.code[0].sum()
        events += winners * number + pool * (n_hidden + number - 1)
    elif encoding.response is None and encoding.selection == "circuit":
        events += winners * (n_hidden - 1)
    own = sum(abs(value) for value in x) / brightest * 100 * PRESENTATION_S
    neurons = n_hidden + number + (n_inputs if len(cycles) > 1 else 0)
    return (fed - own) + winners + losers + errors + pool, events, seconds, neurons


@pytest.fixture(scope="module")
def patterns():
    return np.random.default_rng(5).gamma(0.5, size=(40, N_INPUTS))


@pytest.mark.parametrize("name", [*MODELS, PRINCIPAL, INPUT])
def test_one_stimulus_of_each_model_to_the_last_digit(name, patterns):
    model = fitted(name, patterns)
    answered = np.flatnonzero(model.transform(patterns).any(axis=1))[-1]
    data = Dataset(X_train=patterns, X_test=patterns[[answered]], name="one")
    encoding = encode(model, data.X_test)
    table = priced(model, encoding, data)
    assert len(table) == len(PRICES) * len(SHARES) * 2 * 2
    assert dict(table.iloc[0].drop("cost")) == REFERENCE


def priced(model, encoding, data):
    """Return the costs by every way to count, each of them checked."""
    table = accounts(model, encoding, data, GAIN)
    for row in table.to_dict("records"):
        gain = GAIN if row["rates"] == "one gain" else own_gain(model, data.X_train)
        spikes, events, seconds, neurons = by_hand(model, encoding, data.X_test[0], gain, row["interneurons"])
        rests = row["rest"] == "with"
        if row["prices"] == "Loihi":  # pJ; a neuron is updated each ms
            cost = 1e-3 * (30.7 * spikes + 23.6 * events + rests * 52 * 1000 * seconds * neurons)
        else:
            spike, event = ATP[row["prices"]]
            cost = 1e-9 * (spike * spikes + event * events + rests * RESTING_ATP * seconds * neurons)
        assert row["cost"] == pytest.approx(cost, rel=1e-13), row
    return table


def test_a_competition_that_outlasts_the_presentation_is_paid_for_as_long_as_it_takes(patterns):
    model = FakeCircuit(N_HIDDEN, K, n_epochs=2, random_state=0).fit(patterns)
    data = Dataset(X_train=patterns, X_test=patterns[:1], name="one")
    costs_of = []
    for settling_ms in (18.0, 99.0, 250.0):
        response = replace(model.simulate(data.X_test), settling_time_ms=np.array([settling_ms]))
        costs_of.append(priced(model, Encoding(response.code, "circuit", response), data)["cost"])
    np.testing.assert_array_equal(costs_of[0], costs_of[1])  # as long as it ends in time it does not matter when
    assert (costs_of[2] > costs_of[1]).all()


def test_who_has_no_interneurons_pays_for_none_and_longer_competitions_for_more_input(patterns):
    data = Dataset(X_train=patterns, X_test=patterns[:3], name="few")
    model = fitted("top-K", patterns)
    table = accounts(model, encode(model, data.X_test), data, GAIN)
    assert table.groupby(["prices", "rates", "rest"])["cost"].nunique().eq(1).all()
    spent = costs(model, encode(model, data.X_test), data)
    own = sum(sum(x) / max(x) for x in data.X_test) / 3 * 10
    for prices, (spike, _) in ATP.items():
        beyond = spent[f"ATP ({prices})"] - spent[f"ATP beyond the input ({prices})"]
        assert beyond == pytest.approx(own * spike, rel=1e-9)
