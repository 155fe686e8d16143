"""What the two ledgers count."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ITEMS", "Item"]


@dataclass(frozen=True)
class Item:
    """One line of a ledger.

    Attributes
    ----------
    unit : str
        What is counted.
    meaning : str
        When one is.
    """

    unit: str
    meaning: str


ITEMS = {
    "input spikes": Item("spikes", "inputs fire in proportion to |x|, the strongest of a stimulus at 100 Hz"),
    "feed-forward events": Item("synaptic events", "every input spike reaches every hidden unit"),
    "winner spikes": Item(
        "spikes", "rate of the active units times the length of the presentation, and answers to the error"
    ),
    "loser transients": Item("spikes", "one spike of each unit that was recruited, and then silenced"),
    "lateral events": Item(
        "synaptic events", "every spike of a winner reaches every hidden unit, where these have lateral synapses"
    ),
    "interneuron spikes": Item(
        "spikes", "interneurons fire as the average winner does, as long as the presentation, if they are not counted"
    ),
    "inhibitory events": Item(
        "synaptic events", "changes of activity seen by interneurons, and whom their own spikes reach"
    ),
    "read-out events": Item("synaptic events", "every spike of an active unit reaches every error unit"),
    "error spikes": Item("spikes", "error units fire in proportion to |x - x_hat|, on the scale of the inputs"),
    "feedback events": Item("synaptic events", "error spikes reach the active units, or, to explain away, all units"),
    "synaptic updates": Item("updates", "changes of weights, encoding and decoding ones"),
    "multiply-accumulates": Item("operations", "encoder and decoder"),
    "comparisons": Item("operations", "of the selection"),
    "state updates": Item("operations", "of membranes and inhibition, step by step"),
    "memory words": Item("words", "weights and states that are read or written"),
}
"""By their names."""
