"""Every way to count what a code costs that can be defended: a conclusion about energy must survive all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from comparisons.measuring.encoding import Encoding
from comparisons.measuring.rows import inference, rates_Hz
from selective_firing import energy
from selective_firing.datasets import Dataset
from selective_firing.energy import NEURAL, NEUROMORPHIC
from selective_firing.protocol import Autoencoder

__all__ = ["AXES", "PRICES", "REFERENCE", "RESTS", "RULES", "SHARES", "accounts", "beyond_input"]

PRICES = {table.name: table for table in (NEURAL[1], NEURAL[0], NEURAL[2], *NEUROMORPHIC)}
SHARES = {"10 %": 0.1, "1 %": 0.01, "20 %": 0.2}
"""Interneurons of a circuit, relative to its hidden units; one at least."""
RULES = ("40 Hz", "one gain")
"""What a rate is: the mean winner of each model fires at 40 Hz; or spikes are in proportion to amplitude, with one gain
for all models."""
RESTS = ("without", "with")
"""What neurons need while nothing happens; on a chip the updates of all of them."""
AXES = ("prices", "interneurons", "rates", "rest")
REFERENCE = dict(zip(AXES, (next(iter(PRICES)), next(iter(SHARES)), RULES[0], RESTS[0]), strict=True))
"""The way to count that is shown first; no verdict hangs on it alone."""
PRESENTATION_S = 0.1
"""What an input's spikes are counted for, whatever the model: longer competitions pay for more."""


def beyond_input(neural: pd.Series, data: Dataset) -> pd.Series:
    """Return a neural ledger without what the stimulus costs whoever encodes it: its own spikes in a presentation.

    Those that a longer competition needs stay, and so do the events of input spikes at the hidden units, of which a
    narrow model has fewer.

    Parameters
    ----------
    neural : Series
        Mean count per stimulus, by item.
    data : Dataset
        Whose test patterns were encoded.
    """
    own = energy.neural(data.X_test, np.zeros((len(data.X_test), 1)), duration_s=PRESENTATION_S)["input spikes"]
    return neural.where(neural.index != "input spikes", neural - float(own.mean()))


def accounts(model: Autoencoder, encoding: Encoding, data: Dataset, gain: float) -> pd.DataFrame:
    """Return what inference costs beyond the input, one row for each way to count.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    data : Dataset
    gain : float
        Hz per unit of amplitude, the same for all models, for the second of `RULES`.

    Returns
    -------
    DataFrame
        Columns prices, interneurons, rates, rest; and cost per stimulus: G ATP, or nJ where the prices are a chip's.
    """
    n_hidden, rows = len(model.components_), []
    gains = dict(zip(RULES, (None, gain), strict=True))
    rates = {rule: rates_Hz(model, encoding.code, data, own) for rule, own in gains.items()}
    for share, relative in SHARES.items():
        number = energy.interneurons(n_hidden, relative)
        rested = _neuron_seconds(model, encoding, number)
        for rule, own in gains.items():
            counts = beyond_input(inference(model, encoding, data, own, number, rates[rule])["neural"], data)
            for name, table in PRICES.items():
                spent, unit = float(table.total(counts)), 1e-9 if table.unit == "ATP" else 1e9
                for rest, seconds in zip(RESTS, (0.0, rested), strict=True):
                    cost = (spent + table.rest_per_s * seconds) * unit
                    rows.append((name, share, rule, rest, cost))
    return pd.DataFrame(rows, columns=[*AXES, "cost"])


def _neuron_seconds(model: Autoencoder, encoding: Encoding, number: int) -> float:
    """Return for how long how many neurons are kept alive: hidden units, interneurons, a circuit's error units."""
    n_hidden, n_inputs = model.components_.shape
    if encoding.response is None:
        relays = encoding.interneuron_spikes
        return (n_hidden + (0 if relays is None else relays.shape[1])) * PRESENTATION_S
    n_neurons = n_hidden + number + (n_inputs if encoding.response.earlier else 0)
    return n_neurons * float(np.maximum(PRESENTATION_S, encoding.response.settling_time_ms * 1e-3).mean())
