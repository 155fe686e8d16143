"""The circuits' parameters: name, value, unit, meaning and bounds, declared once and frozen.

The equations, the command line and the handbook's table are all fed from here.
"""

from __future__ import annotations

from dataclasses import fields

from selective_firing.parameters.rate import RateParameters
from selective_firing.parameters.rules import Parameters
from selective_firing.parameters.spiking import SpikingParameters

__all__ = [
    "BIAS_SCALE", "PARAMETERS", "CircuitParameters", "Parameters", "RateParameters", "SpikingParameters",
    "parameter_table",
]  # fmt: skip

BIAS_SCALE = 1 / 50
"""c squared: the bias is the weight of a constant input of c times the typical stimulus norm."""
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
        shown = f'"{f.default}"' if isinstance(f.default, str) else f"{f.default:g}"
        shown = str(f.default) if isinstance(f.default, bool) else shown
        choices = " or ".join(f'`"{choice}"`' for choice in f.metadata["choices"])
        meaning = f.metadata["meaning"] + (f": {choices}" if choices else "")
        rows.append(f"| `{f.name}` | {shown} | {f.metadata['unit'] or '-'} | {meaning} |")
    return "\n".join(rows)
