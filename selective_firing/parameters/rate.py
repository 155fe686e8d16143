"""The constants of the rate circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selective_firing.parameters.rules import Parameters, parameter

__all__ = ["MOST_CYCLES", "RateParameters"]

MOST_CYCLES = 10_000
"""More competitions than a presentation can hold in any brain, and than their record should hold in memory."""


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
    in_steps: ClassVar[tuple[str, ...]] = ("loop_time", "max_settle", "loop_delay")

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
        "whether inhibition starts above every drive and is released, or builds up from zero",
        choices=("above", "zero"),
    )
    tau_i: float = parameter(1.0, "ms", "time constant of the inhibitory loop", above=0)
    loop_time: float = parameter(1.0, "ms", "time after which the loop corrects itself again", above=0)
    initial_gain: float = parameter(0.1, "", "first gain of the loop, as a share of the first level", above=0)
    gain_growth: float = parameter(1.1, "", "factor on the gain per loop time without overshoot", at_least=1)
    phasic: float = parameter(
        1.0,
        "",
        "share of the membrane's lag that fast inhibition makes up for (0: slow inhibition only)",
        at_least=0,
        with_=("inhibition", "subtractive"),
    )
    max_settle: float = parameter(
        500.0, "ms", "time after which a competition, each cycle's own, ends undecided", above=0
    )
    loop_delay: float = parameter(0.0, "ms", "delay of the inhibitory loop", at_least=0)
    threshold_cv: float = parameter(
        0.0, "", "coefficient of variation of the units' sensitivity to inhibition", at_least=0
    )
    noise: float = parameter(
        0.0, "", "standard deviation of the membrane noise, relative to the stimulus norm", at_least=0
    )
    n_cycles: int = parameter(
        1, "", "competitions per presentation; before each but the first, the error drives all units", at_least=1
    )
    feedback: float = parameter(
        0.7,
        "",
        "gain of that drive, as a share of the one that lowers the winners' own error most; below 2",
        above=0,
        with_=("n_cycles", "above 1"),
    )
    late_share: float = parameter(
        0.75,
        "",
        "share of learning at the last competition; the rest, and all of the bias's, at the first",
        at_least=0,
        with_=("n_cycles", "above 1"),
    )

    def _check_own(self) -> None:
        if self.n_cycles > MOST_CYCLES:
            raise ValueError(f"n_cycles must be at most {MOST_CYCLES}, got {self.n_cycles}.")
        if self.feedback >= 2:
            raise ValueError(f"feedback must be below 2 (above, it raises the error), got {self.feedback:g}.")
        if self.late_share > 1:
            raise ValueError(f"late_share must be at most 1, got {self.late_share:g}.")

    @property
    def competitions(self) -> int:
        """How many a presentation consists of."""
        return self.n_cycles
