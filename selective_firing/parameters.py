"""The circuit's parameters: name, value, unit, meaning and bounds, declared once and frozen.

The equations, the command line and the README's table are all fed from here.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, Field, asdict, dataclass, field, fields

from selective_firing.checks import check_choice, check_real

__all__ = ["RateParameters", "parameter_table"]

BIAS_SCALE = 1 / 50
"""c squared: the bias is the weight of a constant input of c times the typical stimulus norm."""


def parameter(
    default: float | str,
    unit: str,
    meaning: str,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    choices: tuple[str, ...] = (),
) -> Field:
    """Declare one parameter; `unit` is text, so that reading the table does not load Brian2."""
    metadata = {"unit": unit, "meaning": meaning, "above": above, "at_least": at_least, "choices": choices}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class RateParameters:
    """The rate circuit; times in ms.

    Raises
    ------
    TypeError, ValueError
        If a value is no number, not finite, out of bounds or not one of the choices.
    """

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
    )
    max_settle: float = parameter(500.0, "ms", "time after which a competition ends undecided", above=0)
    loop_delay: float = parameter(0.0, "ms", "delay of the inhibitory loop", at_least=0)
    threshold_cv: float = parameter(
        0.0, "", "coefficient of variation of the units' sensitivity to inhibition", at_least=0
    )
    noise: float = parameter(
        0.0, "", "standard deviation of the membrane noise, relative to the stimulus norm", at_least=0
    )

    def __post_init__(self) -> None:
        for f in fields(self):
            value, rule = getattr(self, f.name), f.metadata
            if rule["choices"]:
                check_choice(f.name, value, rule["choices"])
            else:
                check_real(f.name, value, rule["at_least"], rule["above"])
        for name in ("loop_time", "max_settle"):
            if getattr(self, name) < self.dt:
                raise ValueError(f"{name} must be at least dt ({self.dt:g} ms), got {getattr(self, name):g}.")

    def as_dict(self) -> dict[str, float | str]:
        """Return the values by name, ready for JSON."""
        return asdict(self)


def parameter_table(parameters: type = RateParameters) -> str:
    """Return the parameters as a Markdown table: name, default, unit, meaning."""
    rows = ["| parameter | default | unit | meaning |", "|---|---|---|---|"]
    for f in fields(parameters):
        default = "" if f.default is MISSING else f.default
        shown = f"{default:g}" if isinstance(default, float) else f'"{default}"'
        choices = " or ".join(f'`"{choice}"`' for choice in f.metadata["choices"])
        meaning = f.metadata["meaning"] + (f": {choices}" if choices else "")
        rows.append(f"| `{f.name}` | {shown} | {f.metadata['unit'] or '-'} | {meaning} |")
    return "\n".join(rows)
