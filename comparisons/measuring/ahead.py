"""Simulators that will be needed, compiled before they are: nobody then waits for them."""

from __future__ import annotations

import numpy as np

from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import BuildKey, build_key
from selective_firing.engine.simulate import chunk_rows
from selective_firing.parameters import CircuitParameters
from selective_firing.weights import Weights

__all__ = ["compile_quietly", "shape_of"]


def shape_of(parameters: CircuitParameters, n_hidden: int, n_inputs: int) -> BuildKey:
    """Return what is compiled for a circuit, whatever its weights.

    Parameters
    ----------
    parameters : RateParameters or SpikingParameters
    n_hidden, n_inputs : int
    """
    w = np.broadcast_to(0.0, (n_hidden, n_inputs))
    return build_key(Weights(w, w, w[:, 0], w[0], 1.0), parameters, chunk_rows(n_inputs))


def compile_quietly(shape: BuildKey) -> None:
    """Compile a simulator, unless it is there; what goes wrong is told by whoever needs it.

    Parameters
    ----------
    shape : BuildKey
    """
    try:
        compiled.simulator(shape)
    except Exception:
        return
