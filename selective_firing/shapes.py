"""What a simulator is compiled for, and where each circuit is described."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from selective_firing.parameters import Parameters, RateParameters, SpikingParameters
from selective_firing.weights import Weights

__all__ = ["CIRCUITS", "Shape", "example", "shape_of"]

CIRCUITS = {"rate": "selective_firing.circuit", "spiking": "selective_firing.spiking"}
"""Where each circuit is described: a room with `describe`, MONITORS and LEADER."""


@dataclass(frozen=True)
class Shape:
    """All that a simulator is compiled for; whatever else varies is handed over at run time."""

    n_inputs: int
    n_hidden: int
    dt: float
    n_rows: int
    noisy: bool
    circuit: str = "rate"
    n_interneurons: int = 0
    trains: bool = False
    cyclic: bool = False

    @property
    def monitors(self) -> dict[str, list[str]]:
        """What is recorded, by monitor."""
        return self.module.CYCLE_MONITORS if self.cyclic else self.module.MONITORS

    @property
    def module(self) -> ModuleType:
        """Where this circuit is described."""
        return import_module(CIRCUITS[self.circuit])

    @property
    def wanted(self) -> list[str]:
        """The variables that a simulation leaves behind."""
        records = [f"{monitor}.{name}" for monitor, names in self.monitors.items() for name in names]
        return [*records, "w_in.w", "w_out.w", "hidden.b"]


def shape_of(weights: Weights, parameters: Parameters, n_rows: int) -> Shape:
    """Return what a simulator must be compiled for; `n_rows` stimuli are in memory at a time."""
    common = (weights.n_inputs, weights.n_hidden, parameters.dt, n_rows, parameters.noise > 0, parameters.circuit)
    if isinstance(parameters, SpikingParameters):
        n_interneurons = int(parameters.n_interneurons)
        return Shape(*common, n_interneurons=n_interneurons, trains=parameters.input == "poisson")
    return Shape(*common, cyclic=parameters.competitions > 1)


def example(shape: Shape) -> Parameters:
    """Return parameters of a circuit of this shape."""
    common = {"dt": shape.dt, "noise": float(shape.noisy)}
    if shape.circuit == "rate":
        return RateParameters(**common, max_settle=shape.dt, loop_time=shape.dt, n_cycles=1.0 + shape.cyclic)
    return SpikingParameters(
        **common, presentation=shape.dt, n_interneurons=float(shape.n_interneurons), input_rate=1e-9,
        input="poisson" if shape.trains else "current",
    )  # fmt: skip
