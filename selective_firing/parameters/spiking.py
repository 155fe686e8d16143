"""The constants of the spiking circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selective_firing.parameters.rules import Parameters, parameter

__all__ = ["SpikingParameters"]


@dataclass(frozen=True, kw_only=True)
class SpikingParameters(Parameters):
    """The spiking circuit; times in ms, potentials in mV.

    Raises
    ------
    TypeError, ValueError
        If a value is no number, not finite, out of bounds or not one of the choices.
    """

    circuit: ClassVar[str] = "spiking"
    longer_than_dt: ClassVar[tuple[str, ...]] = ("presentation",)
    in_steps: ClassVar[tuple[str, ...]] = ("presentation", "refractory", "inhibition_delay")

    dt: float = parameter(0.1, "ms", "time step of the simulation", above=0)
    presentation: float = parameter(100.0, "ms", "time for which a stimulus is shown", above=0)
    input: str = parameter(
        "current",
        "",
        "whether inputs drive the hidden cells as constant currents or as Poisson spike trains",
        choices=("current", "poisson"),
    )
    input_rate: float = parameter(
        100.0,
        "Hz",
        "rate of a stimulus's strongest input; others fire in proportion (input poisson)",
        above=0,
        with_=(("input", "poisson"),),
    )
    tau_input: float = parameter(
        5.0, "ms", "time constant of the input's synapses (input poisson)", above=0, with_=(("input", "poisson"),)
    )
    tau_m: float = parameter(20.0, "ms", "membrane time constant of the hidden cells", above=0)
    v_rest: float = parameter(-65.0, "mV", "resting and reset potential of all cells")
    v_threshold: float = parameter(-50.0, "mV", "firing threshold of all cells, above v_rest")
    threshold_share: float = parameter(
        0.0, "", "drive that just reaches the threshold, as a share of the stimulus norm; 0: 0.04 for up to ten "
        "winners, less for more, as the k-th drive falls", at_least=0,
    )  # fmt: skip
    refractory: float = parameter(30.0, "ms", "time for which a hidden cell rests after a spike", at_least=0)
    n_interneurons: int = parameter(10, "", "number of interneurons", at_least=1)
    tau_interneuron: float = parameter(200.0, "ms", "time over which an interneuron counts spikes", above=0)
    inhibition_delay: float = parameter(0.2, "ms", "from an interneuron's spike to its effect", at_least=0)
    inhibition_strength: float = parameter(
        20.0, "", "conductance that all interneurons open together, relative to the leak", at_least=0
    )
    inhibition_decay: float = parameter(5.0, "ms", "time constant of that conductance", above=0)
    conductance: str = parameter(
        "shared",
        "",
        "whether it is one conductance for all hidden cells, or each has its own, so that a network of `build` can "
        "inhibit them unequally (slower; the same if all are equal)",
        choices=("shared", "own"),
    )
    v_inhibition: float = parameter(-65.0, "mV", "reversal potential of inhibition (at v_rest it shunts)")
    readout: str = parameter(
        "latency",
        "",
        "whether a rate is read from the first spike or from the number of spikes",
        choices=("latency", "count"),
    )
    count_gain: float = parameter(
        0.06,
        "",
        "drive that one spike stands for, as a share of the stimulus norm (readout count)",
        above=0,
        with_=(("readout", "count"),),
    )
    threshold_cv: float = parameter(0.0, "", "coefficient of variation of the hidden cells' thresholds", at_least=0)
    noise: float = parameter(0.0, "mV", "standard deviation of the membrane noise", at_least=0)

    def _check_own(self) -> None:
        if self.v_threshold <= self.v_rest:
            raise ValueError(f"v_threshold must be above v_rest ({self.v_rest:g}), got {self.v_threshold:g}.")
        if self.input_rate * self.dt >= 1000:
            raise ValueError(
                f"input_rate must be below one spike per dt ({1000 / self.dt:g} Hz), got {self.input_rate:g}."
            )

    @property
    def is_random(self) -> bool:
        """Whether the same stimulus may be answered differently."""
        return super().is_random or self.input == "poisson"
