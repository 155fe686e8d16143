"""What a simulator is compiled for, and where each circuit is described."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from selective_firing.circuits import rate, spiking
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
from selective_firing.weights import Weights

__all__ = ["CIRCUITS", "RESULTS", "BuildKey", "build_key", "example"]

CIRCUITS: dict[str, ModuleType] = {"rate": rate, "spiking": spiking}
"""Where each circuit is described: a module with `make`, `monitors` and CONDUCTOR_NAME."""
RESULTS = "results"
"""The file that a simulator leaves, in its scratch directory."""
LATERAL = ("copied", "local", "paired")
"""Ways in which lateral synapses explain away."""


@dataclass(frozen=True)
class BuildKey:
    """All that a simulator is compiled for; whatever else varies is handed over at run time.

    Attributes
    ----------
    n_inputs, n_hidden : int
    dt : float
        In ms.
    n_rows : int
        Stimuli in memory at a time.
    noisy, trains : bool
        Whether membranes are noisy, and inputs fire.
    circuit : str
    explains : {"", "cycles", "copied", "local", "paired"}
        How the rate circuit explains away: not at all, by error units in cycles, by lateral synapses that copy what
        other synapses do, that learn by themselves, or so with pairs of ON and OFF cells.
    n_interneurons : int
        Of the spiking circuit.
    own_conductances : bool
        Whether each of its cells has an inhibitory conductance of its own.
    own_taus, sums : bool
        Whether each unit of the rate circuit has a time constant of its own, and its pool hears the inputs' sum.
    """

    n_inputs: int
    n_hidden: int
    dt: float
    n_rows: int
    noisy: bool
    circuit: str = "rate"
    explains: str = ""
    n_interneurons: int = 0
    trains: bool = False
    own_conductances: bool = False
    own_taus: bool = False
    sums: bool = False

    @property
    def monitors(self) -> dict[str, list[str]]:
        """What is recorded, by monitor."""
        return self.circuit_module.monitors(self.explains)

    @property
    def circuit_module(self) -> ModuleType:
        """Where this circuit is described."""
        return CIRCUITS[self.circuit]

    @property
    def wanted(self) -> list[str]:
        """The variables that a simulation leaves behind."""
        records = [f"{monitor}.{name}" for monitor, names in self.monitors.items() for name in names]
        lateral = ["lateral.w"] if self.is_lateral else []
        return [*records, "w_in.w", "w_out.w", "hidden.b", *lateral]

    @property
    def is_lateral(self) -> bool:
        """Whether there are lateral synapses."""
        return self.explains in LATERAL


def build_key(weights: Weights, parameters: CircuitParameters, n_rows: int) -> BuildKey:
    """Return what a simulator must be compiled for; `n_rows` stimuli are in memory at a time.

    Parameters
    ----------
    weights : Weights
    parameters : RateParameters or SpikingParameters
    n_rows : int
    """
    common = (weights.n_inputs, weights.n_hidden, parameters.dt, n_rows, parameters.noise > 0, parameters.circuit)
    if isinstance(parameters, SpikingParameters):
        return BuildKey(
            *common, n_interneurons=parameters.n_interneurons, trains=parameters.input == "poisson",
            own_conductances=parameters.conductance == "own",
        )  # fmt: skip
    explains = "cycles" if parameters.competitions > 1 else ""
    if parameters.is_lateral:
        own = "paired" if parameters.dale == "push-pull" else "local"
        explains = "copied" if parameters.transport else own
    sums = parameters.inhibition_start == "feedforward"
    return BuildKey(*common, explains=explains, own_taus=parameters.tau_cv > 0, sums=sums)


POISSON: dict[str, Any] = {"input": "poisson", "input_rate": 1e-9}


def example(shape: BuildKey) -> CircuitParameters:
    """Return parameters of a circuit of this shape."""
    dt, noise = shape.dt, float(shape.noisy)
    if shape.circuit == "rate":
        options: dict[str, Any] = {"n_cycles": 2} if shape.explains == "cycles" else {}
        if shape.is_lateral:
            options = {"explain": "lateral", "transport": shape.explains == "copied"}
            options |= {"dale": "push-pull"} if shape.explains == "paired" else {}
        options |= {"tau_cv": 0.1} if shape.own_taus else {}
        options |= {"inhibition_start": "feedforward"} if shape.sums else {}
        return RateParameters(dt=dt, noise=noise, max_settle=dt, loop_time=dt, **options)
    return SpikingParameters(
        dt=dt, noise=noise, presentation=dt, refractory=0, inhibition_delay=0, n_interneurons=shape.n_interneurons,
        conductance="own" if shape.own_conductances else "shared",
        **POISSON if shape.trains else {},
    )  # fmt: skip
