"""The circuit's parameters: name, value, unit, meaning and bounds, declared once and frozen.

The equations, the command line and the README's table are all fed from here.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from selective_firing._checks import check_choice, check_real, check_whole

__all__ = ["PARAMETERS", "CircuitParameters", "Parameters", "RateParameters", "SpikingParameters", "parameter_table"]

BIAS_SCALE = 1 / 50
"""c squared: the bias is the weight of a constant input of c times the typical stimulus norm."""
MOST_STEPS = 1e9
"""Of a time: steps are counted in 32 bits."""


def parameter(
    default: float | str,
    unit: str,
    meaning: str,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    choices: tuple[str, ...] = (),
    with_: tuple[str, str] | None = None,
) -> Any:
    """Declare one parameter, a count if its default is an int.

    `with_` names another parameter and the value of it (a choice, or "above 1") without which this one has no effect;
    then it must be left alone. `unit` is text, so that reading the table does not load Brian2. What is returned is a
    dataclass field; its type is that of the annotation.
    """
    metadata = {"unit": unit, "meaning": meaning, "above": above, "at_least": at_least, "choices": choices}
    metadata["with"] = with_
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the tables of both circuits share: every value is checked when a table is made, and kept as checked.

    A value may be a Brian2 quantity of the parameter's dimension: ``tau_m=10 * ms``.
    """

    circuit: ClassVar[str]
    longer_than_dt: ClassVar[tuple[str, ...]]
    in_steps: ClassVar[tuple[str, ...]]

    if TYPE_CHECKING:  # each table declares them in its own place
        dt: float
        tau_m: float
        threshold_cv: float
        noise: float

    def __new__(cls, *_: object, **given: object) -> Self:
        """Refuse a name that is not in the table, and say which one may be meant."""
        known = [f.name for f in fields(cls)]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                meant = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}."
                raise TypeError(f"{cls.__name__} has no parameter {name!r}: {meant}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for f in fields(self):
            value, rule = getattr(self, f.name), f.metadata
            if rule["choices"]:
                checked: str | float = check_choice(f.name, value, rule["choices"])
            else:
                checked = check_real(f.name, _number(f.name, value, rule["unit"]), rule["at_least"], rule["above"])
                if isinstance(f.default, int):
                    checked = check_whole(f.name, checked)
            object.__setattr__(self, f.name, checked)
        for name in self.longer_than_dt:
            if getattr(self, name) < self.dt:
                raise ValueError(f"{name} must be at least dt ({self.dt:g} ms), got {getattr(self, name):g}.")
        for name in self.in_steps:
            _check_steps(name, getattr(self, name), self.dt)
        for f in fields(self):
            if f.metadata["with"] and getattr(self, f.name) != f.default:
                other, needed = f.metadata["with"]
                if not _holds(getattr(self, other), needed):
                    raise ValueError(
                        f"{f.name} must be left at {f.default!r} unless {other} is {needed}: it has no effect, got "
                        f"{getattr(self, f.name)!r}."
                    )

    @property
    def is_random(self) -> bool:
        """Whether the same stimulus may be answered differently."""
        return self.noise > 0 or self.threshold_cv > 0

    @property
    def competitions(self) -> int:
        """How many a presentation consists of, one unless the circuit explains away."""
        return 1

    def as_dict(self) -> dict[str, float | str]:
        """Return the values by name, ready for JSON."""
        return asdict(self)


def _check_steps(name: str, time: float, dt: float) -> None:
    """Raise ValueError unless a time is a whole number of time steps."""
    steps = time / dt
    if not steps < MOST_STEPS:
        raise ValueError(f"{name} must be less than {MOST_STEPS:g} steps of dt ({dt:g} ms), got {time:g} ms.")
    if abs(steps - round(steps)) > 1e-6 * max(1.0, steps):
        below, above = (f"{dt * count:g}" for count in (math.floor(steps), math.ceil(steps)))
        raise ValueError(f"{name} must be a whole multiple of dt ({dt:g} ms): {below} or {above}, got {time:g}.")


def _holds(value: object, needed: str) -> bool:
    """Return whether a parameter has the value, or lies above the number, that another one needs."""
    return isinstance(value, int) and value > 1 if needed == "above 1" else value == needed


def _number(name: str, value: object, unit: str) -> object:
    """Return a Brian2 quantity as a number of `unit`, anything else as it is."""
    if not hasattr(value, "dim"):
        return value
    import brian2 as b2

    quantity, scale = b2.Quantity(value), getattr(b2, unit) if unit else b2.Quantity(1)
    if not b2.have_same_dimensions(quantity, scale):
        raise TypeError(f"{name} must be {f'a number or a quantity in {unit}' if unit else 'a number'}, got {value}.")
    return float(quantity / scale)


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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.feedback >= 2:
            raise ValueError(f"feedback must be below 2 (above, it raises the error), got {self.feedback:g}.")
        if self.late_share > 1:
            raise ValueError(f"late_share must be at most 1, got {self.late_share:g}.")

    @property
    def competitions(self) -> int:
        """How many a presentation consists of."""
        return self.n_cycles


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
        with_=("input", "poisson"),
    )
    tau_input: float = parameter(
        5.0, "ms", "time constant of the input's synapses (input poisson)", above=0, with_=("input", "poisson")
    )
    tau_m: float = parameter(20.0, "ms", "membrane time constant of the hidden cells", above=0)
    v_rest: float = parameter(-65.0, "mV", "resting and reset potential of all cells")
    v_threshold: float = parameter(-50.0, "mV", "firing threshold of all cells, above v_rest")
    threshold_share: float = parameter(
        0.04, "", "drive that just reaches the threshold, as a share of the stimulus norm", above=0
    )
    refractory: float = parameter(30.0, "ms", "time for which a hidden cell rests after a spike", at_least=0)
    n_interneurons: int = parameter(10, "", "number of interneurons", at_least=1)
    tau_interneuron: float = parameter(200.0, "ms", "time over which an interneuron counts spikes", above=0)
    inhibition_delay: float = parameter(0.2, "ms", "from an interneuron's spike to its effect", at_least=0)
    inhibition_strength: float = parameter(
        20.0, "", "conductance that all interneurons open together, relative to the leak", at_least=0
    )
    inhibition_decay: float = parameter(5.0, "ms", "time constant of that conductance", above=0)
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
        with_=("readout", "count"),
    )
    threshold_cv: float = parameter(0.0, "", "coefficient of variation of the hidden cells' thresholds", at_least=0)
    noise: float = parameter(0.0, "mV", "standard deviation of the membrane noise", at_least=0)

    def __post_init__(self) -> None:
        super().__post_init__()
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


CircuitParameters = RateParameters | SpikingParameters
PARAMETERS: dict[str, type[CircuitParameters]] = {
    "rate": RateParameters,
    "spiking": SpikingParameters,
}
"""The table of each circuit."""


def parameter_table(parameters: type[Parameters] = RateParameters) -> str:
    """Return the parameters as a Markdown table: name, default, unit, meaning.

    Parameters
    ----------
    parameters : type
        `RateParameters` or `SpikingParameters`.
    """
    rows = ["| parameter | default | unit | meaning |", "|---|---|---|---|"]
    for f in fields(parameters):
        default = "" if f.default is MISSING else f.default
        shown = f"{default:g}" if isinstance(default, int | float) else f'"{default}"'
        choices = " or ".join(f'`"{choice}"`' for choice in f.metadata["choices"])
        meaning = f.metadata["meaning"] + (f": {choices}" if choices else "")
        rows.append(f"| `{f.name}` | {shown} | {f.metadata['unit'] or '-'} | {meaning} |")
    return "\n".join(rows)
