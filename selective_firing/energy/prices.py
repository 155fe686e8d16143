"""From counts to ATP and joules: named, cited tables of what one spike, event or operation costs.

The neural ledger becomes ATP (and joules), the operations ledger joules; the two are never summed. Every figure is an
estimate, and no better than its table: show a conclusion with every table that it may hang on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real, check_scale, shown
from selective_firing.energy.items import ITEMS
from selective_firing.energy.ledger import check_duration

__all__ = [
    "ATP_JOULES", "HARDWARE", "NEURAL", "NEUROMORPHIC", "CostTable", "cost_ratio", "efficient_fraction", "resting_ATP",
]  # fmt: skip

ATP_JOULES = 8.3e-20
"""Free energy of one ATP in a living cell, 50 kJ/mol; under standard conditions it is 5e-20."""
RELEASE_PROBABILITY = 0.25
"""That a spike releases a vesicle at a synapse (Attwell & Laughlin 2001)."""
VESICLE_ATP = 1.64e5
"""For one vesicle of glutamate, all that follows from it included: receptors 1.4e5, presynaptic calcium 1.2e4,
recycling 1.1e4 (Attwell & Laughlin 2001)."""
VESICLES_PER_SPIKE = 2000
"""Of a cortical neuron: 8,000 boutons times `RELEASE_PROBABILITY` (Attwell & Laughlin 2001)."""
RESTING_ATP_PER_S = 3.42e8 + 1.02e8
"""That a silent neuron needs each second, and its share of glia (Attwell & Laughlin 2001)."""
RODENT_SPIKE_ATP = 3.84e8
"""The action potential of a whole neuron, 1.15e9 Na+ ions at 3 per ATP, currents overlapping fourfold (Attwell &
Laughlin 2001)."""
MAMMAL_SPIKE_ATP = 1.17e8
"""The efficient action potential, derived from the abstract of Howarth et al. (2012): at 4 Hz it takes 21 % of the
signalling energy, 59 % go to transmission and 20 % to rest. With the prices above these three shares come out, to the
percent, for 0.21 / 0.79 * (`VESICLES_PER_SPIKE` * `VESICLE_ATP` + `RESTING_ATP_PER_S` / 4) = 1.17e8 ATP. Scaling
`RODENT_SPIKE_ATP` by an overlap of 1.3 instead of 4 would give 1.25e8, and a share of 22 %."""
LOIHI_STEP_S = 1e-3
"""Of simulated time that one update of a neuron stands for: the circuits here take steps of 1 ms or less."""


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
    rest_per_s : float
        What each neuron costs in a second in which nothing happens.
    """

    name: str
    source: str
    ledger: str
    unit: str
    per: dict[str, float] = field(hash=False)
    rest_per_s: float = 0.0

    def __post_init__(self) -> None:
        unknown = self.per.keys() - ITEMS.keys()
        if unknown:
            raise ValueError(f"per must name items of the ledgers, got {sorted(unknown)}.")
        check_choice("ledger", self.ledger, ("neural", "operations"))
        check_choice("unit", self.unit, ("ATP", "J"))
        for item, cost in self.per.items():
            check_real(f"per[{item!r}]", cost, at_least=0)
        check_real("rest_per_s", self.rest_per_s, at_least=0)

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


def _by_unit(unit_cost: Mapping[str, float]) -> dict[str, float]:
    """Return the price of every item that is counted in spikes or synaptic events."""
    return {item: unit_cost[row.unit] for item, row in ITEMS.items() if row.unit in unit_cost}


def _neural(name: str, source: str, spike_ATP: float) -> CostTable:
    """Return a table in which all spikes cost the same, and all synaptic events.

    The network's own fan-out is charged, event by event, not the 2,000 vesicles that a cortical spike releases on
    average. Inhibitory events are charged like the others, which is an upper bound: chloride is near its equilibrium.
    """
    prices = {"spikes": spike_ATP, "synaptic events": RELEASE_PROBABILITY * VESICLE_ATP}
    return CostTable(name, source, "neural", "ATP", _by_unit(prices), RESTING_ATP_PER_S)


NEURAL = (
    _neural(
        "Attwell & Laughlin 2001", "J Cereb Blood Flow Metab 21:1133; action potential of a rodent axon",
        RODENT_SPIKE_ATP,
    ),
    _neural(
        "Howarth et al. 2012",
        "J Cereb Blood Flow Metab 32:1222; the same with the efficient action potential of mammals, derived from the "
        "21 % of the abstract",
        MAMMAL_SPIKE_ATP,
    ),
    CostTable(
        "cortical fan-out",
        "the latter, with the 2,000 vesicles that a cortical spike releases, wherever they go, for the network's own "
        "synaptic events",
        "neural",
        "ATP",
        _by_unit({"spikes": MAMMAL_SPIKE_ATP + VESICLES_PER_SPIKE * VESICLE_ATP}),
        RESTING_ATP_PER_S,
    ),
)  # fmt: skip
"""Tables for the neural ledger, in ATP."""

NEUROMORPHIC = (
    CostTable(
        "Loihi",
        "Davies et al. 2018, IEEE Micro 38:82, table 2, simulated before silicon: 23.6 pJ for a spike at a synapse, at "
        "least; 1.7 pJ for a spike within a tile; 52 pJ for the update of an inactive neuron, 81 pJ of an active one, "
        f"each {1e3 * LOIHI_STEP_S:g} ms",
        "neural",
        "J",
        _by_unit({"spikes": 1.7e-12 + (81 - 52) * 1e-12, "synaptic events": 23.6e-12}),
        52e-12 / LOIHI_STEP_S,
    ),
)
"""Tables for the neural ledger, in joules: what spikes cost on a chip whose neurons are updated step by step, each of
them, whatever model they are of."""

HARDWARE = (
    CostTable(
        "45 nm CMOS",
        "Horowitz 2014, ISSCC, pages 10-14, figure 1.1.9: 32-bit floating point at 0.9 V, add 0.9, multiply 3.7 pJ; a "
        "64-bit access to 8 kB of SRAM 10 pJ, so 5 pJ for a word",
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
        raise TypeError(f"table must be a CostTable, got {shown(table)}.")
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
