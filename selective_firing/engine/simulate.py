"""Present patterns to a circuit, on whichever target, and return what came back, verified."""

from __future__ import annotations

import functools
import platform
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from selective_firing._checks.arguments import check_choice, check_n_jobs
from selective_firing._files.side_by_side import Together, parts, side_by_side
from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import BuildKey, build_key
from selective_firing.engine.decode import calibrated, join, response, verify
from selective_firing.engine.kept.network import ready
from selective_firing.engine.request import Request
from selective_firing.engine.session import borrowed_session, collect, run_to_its_end
from selective_firing.errors import SimulationError
from selective_firing.parameters import CircuitParameters, SpikingParameters
from selective_firing.results.response import Response
from selective_firing.weights import Weights

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["TARGETS", "check_target", "choose_target", "chunk_rows", "prepare", "read", "simulate", "steps_of"]

TARGETS = ("auto", "cpp_standalone", "cython", "numpy")
WORTH_COMPILING = 25_000
"""Time steps that the numpy target does in about the time that a simulator takes to compile."""
TYPICAL_STEPS = 20
"""Of a presentation to the rate circuit."""


def chunk_rows(n_inputs: int) -> int:
    """Return how many stimuli one run holds: 64 MB of them, which bounds the memory of any number of epochs.

    Parameters
    ----------
    n_inputs : int
    """
    return int(np.clip(8_000_000 // n_inputs, 64, 8192))


@functools.cache
def _say_once(words: str) -> None:
    warnings.warn(words, RuntimeWarning, stacklevel=3)


def check_target(codegen: object) -> None:
    """Raise ValueError unless `codegen` is one of `TARGETS`."""
    check_choice("codegen", codegen, TARGETS)


def choose_target(codegen: str, n_steps: float, shape: BuildKey) -> str:
    """Return the target to run about `n_steps` on; without a compiler "auto" is numpy, and says so once.

    Parameters
    ----------
    codegen : str
    n_steps : float
    shape : BuildKey
    """
    check_target(codegen)
    if codegen == "numpy":
        return "numpy"
    if compiled.find_compiler() is None:
        if codegen != "auto":
            raise SimulationError(f'codegen="{codegen}" needs a C++ compiler and make; install them or use "numpy".')
        _say_once("no C++ compiler and make found: simulating on the slower numpy target.")
        return "numpy"
    if codegen == "auto":
        return "cpp_standalone" if n_steps >= WORTH_COMPILING or compiled.is_cached(shape) else "numpy"
    return codegen


def prepare(weights: Weights, parameters: CircuitParameters, codegen: str, expected: int) -> None:
    """Compile the simulator that `simulate` will ask for, if it is to be compiled, so that a clock may start after it.

    Parameters
    ----------
    weights : Weights
    parameters : RateParameters or SpikingParameters
    codegen : {"auto", "cpp_standalone", "cython", "numpy"}
    expected : int
        Presentations that the caller has in mind altogether.

    Raises
    ------
    SimulationError
        If there is no compiler, though one was asked for, or compiling fails.
    """
    shape = build_key(weights, parameters, chunk_rows(weights.n_inputs))
    if choose_target(codegen, steps_of(parameters) * expected, shape) == "cpp_standalone":
        compiled.simulator(shape)


def simulate(
    weights: Weights,
    patterns: np.ndarray,
    k: int,
    parameters: CircuitParameters | None = None,
    *,
    learning_rate: float | tuple[float, float] = 0.0,
    homeostasis: float = 0.0,
    tied: bool = True,
    codegen: str = "auto",
    rng: np.random.Generator | None = None,
    cells: np.random.Generator | None = None,
    expected: int = 0,
    remaining: tuple[float, float] = (1.0, 0.0),
    n_jobs: int | None = None,
) -> tuple[Response, Weights]:
    """Present `patterns` one after the other and return the response and the weights afterwards.

    Parameters
    ----------
    weights : Weights
    patterns : array-like of shape (n_samples, n_inputs)
        At most `chunk_rows(n_inputs)` of them are in memory as simulator input at a time.
    k : int
        Number of winners.
    parameters : RateParameters or SpikingParameters, optional
        They choose the circuit.
    learning_rate : float or tuple of float
        Dimensionless; of two numbers the first is the rate at the first presentation, the second its change from one to
        the next.
    homeostasis : float
    tied : bool
    codegen : {"auto", "cpp_standalone", "cython", "numpy"}
    rng : numpy.random.Generator, optional
        Source of threshold heterogeneity, noise and spike trains; ``default_rng(0)`` if not given.
    cells : numpy.random.Generator, optional
        Source of the differences between units (`threshold_cv`), `rng` if not given: to meet the same units again.
    expected : int
        Presentations that the caller has in mind altogether; what "auto" decides by.
    remaining : tuple of float
        Share of the presentations of a fit that are still to come at the first one, and its change from one to the
        next: what lateral synapses anneal homeostasis and `late_share` by.
    n_jobs : int, optional
        Compiled simulators that run at the same time, each with its part of the patterns; None is 1, -1 as many as
        there are cores. The response is the same, bit for bit. Without effect when the circuit learns, which it does
        from one pattern to the next, and on targets that are not compiled as a whole.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks a rule, or does not fit the weights; nothing is compiled before.
    SimulationError
        If a simulation fails or is incomplete.
    DivergenceError
        If learning explodes.
    """
    asked = Request.checked(
        weights, patterns, k, parameters, learning_rate=learning_rate, homeostasis=homeostasis, tied=tied, rng=rng,
        cells=cells, remaining=remaining,
    )  # fmt: skip
    jobs, rows = check_n_jobs(n_jobs), chunk_rows(weights.n_inputs)
    shape = build_key(weights, asked.parameters, rows)
    target = choose_target(codegen, steps_of(asked.parameters) * max(expected, len(asked.patterns)), shape)
    if target == "cpp_standalone" and not asked.learns:
        responses = _all_at_once(asked, shape, parts(len(asked.patterns), rows, jobs), jobs)
    else:
        run = _run_compiled if target == "cpp_standalone" else functools.partial(_run_here, target=target)
        responses = []
        for start in range(0, len(asked.patterns), rows):
            found, weights = _present(asked, weights, shape, slice(start, start + rows), run)
            responses.append(found)
    whole = join(responses, _provenance(asked.parameters, asked.k, target, weights))
    return calibrated(whole, asked.weights.rate_gain), weights


def _all_at_once(asked: Request, shape: BuildKey, chunks: list[slice], n_jobs: int) -> list[Response]:
    """Return the responses to chunks that do not depend on each other, as nothing is learned."""
    compiled.simulator(shape)  # once, before any run waits for it

    def present(chunk: slice, together: Together) -> Response:
        return _present(asked, asked.weights, shape, chunk, functools.partial(_run_compiled, together=together))[0]

    return side_by_side(present, chunks, n_jobs)


def _present(
    asked: Request, weights: Weights, shape: BuildKey, rows: slice, run: Callable[..., dict[str, np.ndarray]]
) -> tuple[Response, Weights]:
    """Present some of the patterns in one run, from `weights`."""
    chunk, parameters, (rate, change) = asked.patterns[rows], asked.parameters, asked.learning_rate
    values = initial_values(
        weights, parameters, k=asked.k, n_presentations=len(chunk), first_number=rows.start, draws=asked.draws,
        learning_rate=(rate + rows.start * change, change), homeostasis=asked.homeostasis, tied=asked.tied,
        remaining=(max(0.0, asked.remaining[0] + rows.start * asked.remaining[1]), asked.remaining[1]),
    )  # fmt: skip
    out = run(shape, values, chunk)
    verify(out, shape, chunk, rows.start, rate, weights, parameters.n_codes)
    after = replace(
        weights, bias=out["hidden.b"], w_in=out["w_in.w"].reshape(weights.w_in.shape[::-1]).T,
        w_out=out["w_out.w"].reshape(weights.w_out.shape),
        lateral=out["lateral.w"].reshape(shape.n_hidden, -1).T if shape.is_lateral else weights.lateral,
    )  # fmt: skip
    return response(out, chunk, weights, asked.k, parameters, rate > 0), after


def steps_of(parameters: CircuitParameters) -> float:
    """Return about how many time steps a presentation takes.

    Parameters
    ----------
    parameters : RateParameters or SpikingParameters
    """
    if isinstance(parameters, SpikingParameters):
        return parameters.presentation / parameters.dt
    return parameters.competitions * TYPICAL_STEPS


def _run_compiled(
    shape: BuildKey, values: dict, stimuli: np.ndarray, together: Together | None = None
) -> dict[str, np.ndarray]:
    tables = {"stimuli.values": stimuli} | ({"peaks.values": np.abs(stimuli).max(axis=1)} if shape.trains else {})
    return compiled.run(compiled.simulator(shape), values | tables, together)


def _run_here(shape: BuildKey, values: dict, stimuli: np.ndarray, target: str) -> dict[str, np.ndarray]:
    with borrowed_session(target):
        if target == "numpy":
            with ready(shape, stimuli, values) as kept:
                kept.run()
                return collect(kept.network, shape.wanted)
        network = shape.circuit_module.make(stimuli, values, dt=shape.dt)
        run_to_its_end(network, shape.circuit_module.CONDUCTOR_NAME)
        return collect(network, shape.wanted)


def _provenance(parameters: CircuitParameters, k: int, target: str, weights: Weights) -> dict:
    return {
        "circuit": parameters.circuit, "k": k, "n_inputs": weights.n_inputs, "parameters": parameters.as_dict(),
        "target": target,
        "compiler": compiled.find_compiler() if target != "numpy" else None,
        "versions": _versions() | {"python": platform.python_version()},
    }  # fmt: skip


@functools.cache
def _versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on: read from disk once, not for every chunk."""
    return {name: version(name) for name in ("selective-firing", "brian2", "numpy")}


def read(network: Network) -> Response:
    """Return the response of a network that `build` made and the user has run.

    Raises
    ------
    SimulationError
        If the network has not yet been run to its end.
    """
    import brian2 as b2

    asked: Request = network.request
    parameters = asked.parameters
    shape = build_key(asked.weights, parameters, len(asked.patterns))
    out = collect(network, shape.wanted)
    rate = asked.learning_rate[0]
    verify(out, shape, asked.patterns, 0, rate, asked.weights, parameters.n_codes)
    found = response(out, asked.patterns, asked.weights, asked.k, parameters, rate > 0)
    whole = join([found], _provenance(parameters, asked.k, b2.prefs.codegen.target, asked.weights))
    return calibrated(whole, asked.weights.rate_gain)
