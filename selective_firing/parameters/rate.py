"""The constants of the rate circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selective_firing.parameters.rules import Parameters, parameter

__all__ = ["MOST_CYCLES", "NORM_FLOOR", "RateParameters"]

MOST_CYCLES = 10_000
"""More competitions than a presentation can hold in any brain, and than their record should hold in memory."""


NORM_FLOOR = 0.5
"""Squared norm of decoding weights below which a winner's correction of its rate no longer grows."""
LATERAL = ("explain", "lateral")
SEARCHES = (("controller", "adaptive"), ("controller", "fixed"))


@dataclass(frozen=True, kw_only=True)
class RateParameters(Parameters):
    """The rate circuit; times in ms.

    Raises
    ------
    TypeError, ValueError
        If a value is no number, not finite, out of bounds or not one of the choices.
    """

    circuit: ClassVar[str] = "rate"
    longer_than_dt: ClassVar[tuple[str, ...]] = ("loop_time", "max_settle")
    in_steps: ClassVar[tuple[str, ...]] = ("loop_time", "max_settle", "loop_delay", "hold")

    tau_m: float = parameter(5.0, "ms", "membrane time constant of the hidden units", above=0)
    dt: float = parameter(1.0, "ms", "time step of the simulation", above=0)
    inhibition: str = parameter(
        "subtractive",
        "",
        "whether inhibition acts on the membrane or sets the firing threshold",
        choices=("subtractive", "threshold"),
    )
    inhibition_start: str = parameter(
        "above",
        "",
        "whether inhibition starts above every drive and is released, builds up from zero, or starts in proportion to "
        "the sum of the inputs",
        choices=("above", "zero", "feedforward"),
        with_=SEARCHES,
    )
    controller: str = parameter(
        "adaptive",
        "",
        "whether the pool adapts its gain, keeps it, or follows the number of active units without a search for k",
        choices=("adaptive", "fixed", "proportional"),
    )
    pool_strength: float = parameter(
        0.125, "", "inhibition by k active units, relative to the largest drive that the stimulus may evoke", above=0,
        with_=(("controller", "proportional"),),
    )  # fmt: skip
    n_interneurons: int = parameter(
        0,
        "",
        "interneurons that the pool stands for, each paid for as a cell; 0: a tenth of the hidden units",
        at_least=0,
    )
    hold: float = parameter(
        0.0, "ms", "time for which k units must have been active before a decision counts; of a proportional pool: for "
        "which their number has not changed", at_least=0,
    )  # fmt: skip
    tau_i: float = parameter(1.0, "ms", "time constant of the inhibitory loop", above=0)
    loop_time: float = parameter(1.0, "ms", "time after which the loop corrects itself again", above=0, with_=SEARCHES)
    initial_gain: float = parameter(
        0.1, "", "first gain of the loop, as a share of the first level", above=0, with_=SEARCHES
    )
    gain_growth: float = parameter(
        1.1, "", "factor on the gain per loop time without overshoot", at_least=1, with_=(("controller", "adaptive"),)
    )
    phasic: float = parameter(
        1.0,
        "",
        "share of the membrane's lag that fast inhibition makes up for (0: slow inhibition only, which a proportional "
        "pool's is)",
        at_least=0,
        with_=(("inhibition", "subtractive"),),
    )
    max_settle: float = parameter(
        500.0, "ms", "time after which a competition, each cycle's own, ends undecided", above=0
    )
    loop_delay: float = parameter(0.0, "ms", "delay of the inhibitory loop", at_least=0, with_=SEARCHES)
    threshold_cv: float = parameter(
        0.0, "", "coefficient of variation of the units' sensitivity to inhibition", at_least=0
    )
    tau_cv: float = parameter(0.0, "", "coefficient of variation of the units' membrane time constants", at_least=0)
    noise: float = parameter(
        0.0, "", "standard deviation of the membrane noise, relative to the stimulus norm", at_least=0
    )
    explain: str = parameter(
        "error",
        "",
        "who tells what the winners leave unexplained: error units, or lateral synapses of the hidden layer",
        choices=("error", "lateral"),
    )
    n_cycles: int = parameter(
        1,
        "",
        "competitions per presentation; before each but the first, the error drives all units",
        at_least=1,
        with_=(("explain", "error"),),
    )
    n_swaps: int = parameter(
        4, "", "rounds in which units are released and as many silenced, after the first competition", at_least=0,
        with_=(LATERAL,),
    )  # fmt: skip
    n_released: int = parameter(1, "", "units released in each of them", at_least=1, with_=(LATERAL,))
    n_relax: int = parameter(
        3, "", "times that the winners adapt to each other, one by one, after each competition", at_least=1,
        with_=(LATERAL,),
    )  # fmt: skip
    least_change: float = parameter(
        0.01, "", "smallest change of its rate that a winner tells, relative to the stimulus norm", at_least=0,
        with_=(LATERAL,),
    )  # fmt: skip
    shrinkage: float = parameter(
        0.0, "", "pull of a relaxing winner's rate towards 0, relative to that of its lateral weight on itself: less "
        "of what noise says is believed", at_least=0, with_=(LATERAL,),
    )  # fmt: skip
    feedback: float = parameter(
        0.7,
        "",
        "gain of what is unexplained, as a share of the one that lowers the winners' own error most; below 2",
        above=0,
        with_=(("n_cycles", "above 1"), LATERAL),
    )
    late_share: float | tuple[float, float] = parameter(
        0.75,
        "",
        "share of learning at the last competition; the rest, and all of the bias's, at the first; of two numbers the "
        "first at the start of learning, the second at its end",
        at_least=0,
        with_=(("n_cycles", "above 1"), LATERAL),
        pair=LATERAL,
    )
    transport: bool = parameter(
        True,
        "",
        "whether lateral and decoding weights may copy what encoding weights do; else each synapse learns by itself",
        with_=(LATERAL,),
    )
    dale: str = parameter(
        "no",
        "",
        "whether every synapse is excitatory or inhibitory for good, inputs being split into ON and OFF cells; by push "
        "and pull, lateral synapses may be of either sign",
        choices=("no", "yes", "push-pull"),
        with_=(("transport", False),),
    )
    lateral_start: str = parameter(
        "exact", "", "lateral weights before learning: products of the other weights, the same for all pairs, or none",
        choices=("exact", "uniform", "zero"), with_=(LATERAL,),
    )  # fmt: skip
    lateral_rate: float = parameter(
        0.5, "", "share of its error that a lateral synapse corrects in each lesson", at_least=0,
        with_=(("transport", False),),
    )  # fmt: skip
    decay: float = parameter(
        1e-4, "", "share of a winner's weights that is lost in a lesson at full learning rate", at_least=0,
        with_=(("transport", False),),
    )  # fmt: skip

    def _check_own(self) -> None:
        for name in ("n_cycles", "n_swaps", "n_relax"):
            if getattr(self, name) > MOST_CYCLES:
                raise ValueError(f"{name} must be at most {MOST_CYCLES}, got {getattr(self, name)}.")
        if self.feedback >= 2:
            raise ValueError(f"feedback must be below 2 (above, it raises the error), got {self.feedback:g}.")
        for share in np.atleast_1d(self.late_share):
            if share > 1:
                raise ValueError(f"late_share must be at most 1, got {share:g}.")
        if self.dale != "no" and self.n_swaps == 0:
            raise ValueError("n_swaps must be at least 1 with dale: after a single competition most units stay dead.")
        if self.controller == "proportional" and self.hold == 0:
            raise ValueError("hold must be above 0 ms with controller='proportional': nothing else ends its decisions.")
        one_by_one = self.inhibition_start == "feedforward" or self.controller == "proportional"
        if one_by_one and (self.is_lateral or self.n_cycles > 1):
            raise ValueError(
                "explain and n_cycles must be left alone with inhibition_start='feedforward' or "
                "controller='proportional', which know one competition per presentation, got "
                f"explain={self.explain!r}, n_cycles={self.n_cycles}."
            )
        if self.decay >= 1:
            raise ValueError(f"decay must be below 1, got {self.decay:g}.")

    @property
    def is_random(self) -> bool:
        """Whether the same stimulus may be answered differently."""
        return super().is_random or self.tau_cv > 0

    @property
    def is_lateral(self) -> bool:
        """Whether it explains away by lateral synapses."""
        return self.explain == "lateral"

    @property
    def competitions(self) -> int:
        """How many a presentation consists of."""
        return 1 + 2 * self.n_swaps if self.is_lateral else self.n_cycles

    @property
    def n_codes(self) -> int:
        """How many codes a presentation leaves behind: one at the end of each cycle, or of each round of swaps."""
        return 1 + self.n_swaps if self.is_lateral else self.n_cycles

    def late_share_at(self, remaining: float) -> float:
        """Return `late_share` when a share of the presentations is still to come.

        Parameters
        ----------
        remaining : float
            From 1, at the start of learning, to 0.
        """
        first, last = np.broadcast_to(self.late_share, 2)
        return float(last + (first - last) * remaining)
