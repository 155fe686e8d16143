"""From counts to ATP and joules: named, cited tables of what one spike, event or operation costs.

The neural ledger becomes ATP (and joules), the operations ledger joules; the two are never summed. Every figure is an
estimate, and no better than its table: show a conclusion with every table that it may hang on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real, check_scale
from selective_firing.energy.ledger import ITEMS, check_duration

__all__ = ["ATP_JOULES", "HARDWARE", "NEURAL", "CostTable", "cost_ratio", "efficient_fraction", "resting_ATP"]

ATP_JOULES = 8.3e-20
"""Free energy of one ATP in a living cell, 50 kJ/mol; under standard conditions it is 5e-20."""
RELEASE_PROBABILITY = 0.25
"""That a spike releases a vesicle at a synapse (Attwell & Laughlin 2001)."""
VESICLE_ATP = 1.64e5
"""For one vesicle of glutamate, all that follows from it included (Attwell & Laughlin 2001)."""
RESTING_ATP_PER_S = 3.42e8 + 1.02e8
"""That a silent neuron needs each second, and its share of glia (Attwell & Laughlin 2001)."""


@dataclass(frozen=True)
class CostTable:
    """What each item of a ledger costs.

    Attributes
    ----------
    name, source : str
    ledger : {"neural", "operations"}
    unit : {"ATP", "J"}
    per : dict of str to float
        Cost of one, by item of the ledger; an item that is not here costs nothing.
    """

    name: str
    source: str
    ledger: str
    unit: str
    per: dict[str, float] = field(hash=False)

    def __post_init__(self) -> None:
        unknown = self.per.keys() - ITEMS.keys()
        if unknown:
            raise ValueError(f"per must name items of the ledgers, got {sorted(unknown)}.")
        check_choice("ledger", self.ledger, ("neural", "operations"))
        check_choice("unit", self.unit, ("ATP", "J"))
        for item, cost in self.per.items():
            check_real(f"per[{item!r}]", cost, at_least=0)

    def total(self, ledger: Mapping[str, np.ndarray | float]) -> np.ndarray | float:
        """Return the cost of a ledger, in `unit`; of the shape of its entries.

        Parameters
        ----------
        ledger : mapping of str to float or ndarray
            Counts by item, as the functions of `energy.ledger` return them; items without a price cost nothing.

        Raises
        ------
        ValueError
            If an item is of no ledger.
        """
        unknown = set(ledger.keys()) - ITEMS.keys()  # of a Series: its index
        if unknown:
            raise ValueError(f"ledger must hold items of the ledgers, got {sorted(unknown)}.")
        return sum(self.per.get(item, 0.0) * count for item, count in ledger.items())

    def joules(self, ledger: Mapping[str, np.ndarray | float]) -> np.ndarray | float:
        """Return the cost of a ledger in joules.

        Parameters
        ----------
        ledger : mapping of str to float or ndarray
            As for `total`.
        """
        return self.total(ledger) * (ATP_JOULES if self.unit == "ATP" else 1.0)


def _neural(name: str, source: str, spike_ATP: float) -> CostTable:
    """Return a table in which all spikes cost the same, and all synaptic events.

    The network's own fan-out is charged, event by event, not the 2,000 vesicles that a cortical spike releases on
    average. Inhibitory events are charged like the others, which is an upper bound: chloride is near its equilibrium.
    """
    event = RELEASE_PROBABILITY * VESICLE_ATP
    cost = {"spikes": spike_ATP, "synaptic events": event}
    return CostTable(name, source, "neural", "ATP", {i: cost[row.unit] for i, row in ITEMS.items() if row.unit in cost})


NEURAL = (
    _neural("Attwell & Laughlin 2001", "J Cereb Blood Flow Metab 21:1133; action potential of a rodent axon", 3.84e8),
    _neural(
        "Howarth et al. 2012",
        "J Cereb Blood Flow Metab 32:1222; the same with the efficient action potential of mammals",
        1.25e8,
    ),
    CostTable(
        "cortical fan-out",
        "the latter, with the 2,000 vesicles that a cortical spike releases, wherever they go, for the network's own "
        "synaptic events",
        "neural",
        "ATP",
        {item: 1.25e8 + 2000 * VESICLE_ATP for item, row in ITEMS.items() if row.unit == "spikes"},
    ),
)
"""Tables for the neural ledger."""

HARDWARE = (
    CostTable(
        "45 nm CMOS",
        "Horowitz 2014, ISSCC, 32-bit floating point at 0.9 V: add 0.9, multiply 3.7 pJ; a word of 8 kB SRAM 5 pJ",
        "operations",
        "J",
        {"multiply-accumulates": 4.6e-12, "comparisons": 0.9e-12, "state updates": 4.6e-12, "memory words": 5e-12},
    ),
    CostTable(
        "45 nm CMOS, arithmetic alone",
        "Horowitz 2014, ISSCC; no memory traffic, as spiking networks are often costed",
        "operations",
        "J",
        {"multiply-accumulates": 4.6e-12, "comparisons": 0.9e-12, "state updates": 4.6e-12},
    ),
    CostTable(
        "Loihi",
        "Davies et al. 2018, IEEE Micro 38:82, table 2, simulated before silicon: synaptic event 23.6, update of an "
        "inactive neuron 52 pJ",
        "operations",
        "J",
        {"multiply-accumulates": 23.6e-12, "state updates": 52e-12},
    ),
)
"""Tables for the operations ledger."""


def resting_ATP(n_neurons: int, duration_s: float) -> float:
    """Return what neurons and their glia need while nothing happens, whatever they code.

    Count all that there are: explaining away needs error neurons, one per input, in inference; a plain code does not.

    Parameters
    ----------
    n_neurons : int
        At least 0.
    duration_s : float
        At least 0.

    Returns
    -------
    float
        In ATP.

    Examples
    --------
    >>> resting_ATP(2, 0.5)
    444000000.0
    """
    return RESTING_ATP_PER_S * check_count("n_neurons", n_neurons, 0) * check_duration(duration_s)


def cost_ratio(table: CostTable, rate_Hz: float) -> float:
    """Return what an active neuron costs relative to a silent one, its synaptic events aside.

    Parameters
    ----------
    table : CostTable
        In ATP.
    rate_Hz : float
        Of the active neuron, at least 0.

    Returns
    -------
    float
        At least 1.

    Examples
    --------
    >>> round(cost_ratio(NEURAL[0], 40.0), 1)
    35.6
    """
    if not isinstance(table, CostTable):
        raise TypeError(f"table must be a CostTable, got {table!r}.")
    if table.unit != "ATP":
        raise ValueError(f"table must be in ATP, got {table.name!r} in {table.unit}.")
    rate_Hz = float(check_scale("rate_Hz", np.asarray(check_real("rate_Hz", rate_Hz, at_least=0))))
    return 1 + table.per["winner spikes"] * rate_Hz / RESTING_ATP_PER_S


def efficient_fraction(ratio: float) -> float:
    """Return the fraction of active neurons that carries most bits per ATP, for binary neurons.

    It solves p = (1 - p)^ratio, where the entropy H(p) over the cost 1 + (ratio - 1) p is largest.

    Parameters
    ----------
    ratio : float
        Cost of an active neuron relative to a silent one, at least 1.

    References
    ----------
    Levy & Baxter (1996), Energy efficient neural codes, Neural Comput 8:531.

    Examples
    --------
    >>> round(efficient_fraction(1.0), 6), round(efficient_fraction(45.5), 3)
    (0.5, 0.06)
    """
    from scipy.optimize import brentq

    ratio = check_real("ratio", ratio, at_least=1)
    return float(brentq(lambda p: p - (1 - p) ** ratio, 0.0, 1.0))
