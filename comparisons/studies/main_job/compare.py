"""The main job: circuit and rivals on the same data, width, k, seed and split; tables of what they do and cost."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.measuring.accounts import PRICES, REFERENCE, beyond_input
from comparisons.measuring.agreement import factorial, robustness, variants
from comparisons.measuring.ahead import compile_quietly, shape_of
from comparisons.measuring.encoding import Encoding, encode
from comparisons.measuring.rows import ledgers, measured, of_inference, rates_Hz
from comparisons.rivals.registry import CIRCUIT, NARROW, PRINCIPAL, SWAPS, TIED, TOPK
from comparisons.studies.main_job.design import Design
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.engine.build_key import BuildKey
from selective_firing.engine.simulate import choose_target, steps_of
from selective_firing.parameters import CircuitParameters, RateParameters
from selective_firing.protocol import Autoencoder
from selective_firing.results.response import Response
from selective_firing.results.trace import Trace

__all__ = ["SHOWN", "Comparison", "compare"]

SHOWN = (CIRCUIT, SWAPS, TOPK, NARROW, PRINCIPAL)
"""Models of the main figure."""
ROBUSTNESS_STIMULI = 200
"""Test stimuli for each of the 24 cells of the robustness table: a standard error of 3.5 % at worst."""
HOLD_MS = 20.0
"""For which n = k has to last in the trace that goes on after the first moment of it."""


@dataclass(frozen=True)
class Comparison:
    """All that was found.

    Attributes
    ----------
    data : Dataset
    design : Design
    table : DataFrame
        One row per model: reconstruction, selective firing, agreement with the top k.
    ledger : DataFrame
        One row per model, ledger, phase and item: mean count per stimulus.
    seeds : DataFrame
        The same measures as in `table`, one row per model of `SHOWN` and seed.
    factorial, robustness : DataFrame
    response : Response
        Of the circuit to the test patterns, with the traces of a few.
    reconstructions : dict of str to ndarray
        Of the first test patterns.
    models : dict of str to fitted autoencoder
    held : Trace or None
        Of the first test pattern, when a decision counts only once n = k has lasted for `HOLD_MS`; of a rate circuit
        with one competition per presentation that decides at the first n = k, else None.
    timings_s : dict of str to float
    """

    data: Dataset
    design: Design
    table: pd.DataFrame
    ledger: pd.DataFrame
    seeds: pd.DataFrame
    factorial: pd.DataFrame
    robustness: pd.DataFrame
    response: Response
    reconstructions: dict[str, np.ndarray]
    models: dict[str, Autoencoder]
    held: Trace | None
    timings_s: dict[str, float]

    @property
    def provenance(self) -> dict[str, Any]:
        """Whatever is needed to run this again."""
        return self.response.provenance | {
            "data": self.data.provenance,
            "models": {name: {k: v for k, v in model.get_params().items() if v is not None and k != "parameters"}
                       for name, model in self.models.items()},
            "timings_s": self.timings_s,
        }  # fmt: skip


def compare(data: Dataset, design: Design, n_shown: int = 10, n_traced: int = 3, n_seeds: int = 1) -> Comparison:
    """Fit every model on the training patterns and measure it on the test patterns.

    Parameters
    ----------
    data : Dataset
    design : Design
    n_shown, n_traced : int
        Test patterns whose reconstructions, and whose traces, are kept.
    n_seeds : int
        Repetitions of those of the main figure that learn, the first with the seed of the design; without a compiler
        there is one.
    """
    with _beside() as beside:
        models, timings = _learned(data, design, beside)
        others = range(design.seed + 1, design.seed + (n_seeds if design.is_compiled else 1))
        again = [beside.submit(_again, data, replace(design, seed=seed), models) for seed in others]
        start = time.perf_counter()
        X, circuit, rng = data.X_test, cast("KWTAAutoencoder", models[CIRCUIT]), np.random.default_rng(design.seed)
        response = circuit.simulate(X, traces=range(min(n_traced, len(X))))
        held = _held(circuit, X[:1], design.parameters)
        encodings = {name: encode(model, X) for name, model in models.items() if name != CIRCUIT}
        encodings = {CIRCUIT: Encoding(response.code, "circuit", response)} | encodings
        rates = {name: rates_Hz(models[name], encodings[name].code, data) for name in models}
        counts = {name: ledgers(models[name], encodings[name], rates[name], data) for name in models}
        rows = [{"model": m} | _row(models[m], encodings[m], rates[m], counts[m], data, design.seed) for m in models]
        ledger = pd.concat(table.assign(model=name) for name, table in counts.items())
        learned: dict[str, Autoencoder] = {"circuit": circuit, TIED: models[TIED], TOPK: models[TOPK]}
        crossed = factorial(learned, X[: design.n_crossed], design.k, design.circuits(), design.codegen, rng)
        few = X[:ROBUSTNESS_STIMULI]
        robust = robustness(circuit, few, design.k, design.parameters, design.codegen, design.seed, progress=True)
        own = {row["model"]: row | {"seed": design.seed} for row in rows}
        seeds = [own[name] for name in SHOWN if name in own] + [row for future in again for row in future.result()]
        timings["measure"] = time.perf_counter() - start
    return Comparison(
        data=data, design=design, table=pd.DataFrame(rows), ledger=ledger, seeds=pd.DataFrame(seeds),
        factorial=crossed, robustness=robust, response=response, models=models, timings_s=timings, held=held,
        reconstructions={name: models[name].inverse_transform(encodings[name].code[:n_shown]) for name in models},
    )  # fmt: skip


def _held(circuit: KWTAAutoencoder, X: np.ndarray, parameters: CircuitParameters) -> Trace | None:
    """Return the trace of one pattern that stays on until n = k has lasted, if the circuit ends at the first."""
    if not isinstance(parameters, RateParameters) or parameters.competitions > 1 or parameters.hold > 0:
        return None
    patient, dt = copy.copy(circuit), parameters.dt
    patient.parameters = parameters.changed(hold=dt * round(HOLD_MS / dt))
    trace = patient.simulate(X, traces=[0]).traces[0]
    return trace if isinstance(trace, Trace) else None


@contextlib.contextmanager
def _beside() -> Iterator[Executor]:
    """Lend a thread; simulators are processes, so one that waits for them does a core's work. Ctrl-C empties it."""
    pool = ThreadPoolExecutor(1)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _learned(data: Dataset, design: Design, beside: Executor) -> tuple[dict[str, Autoencoder], dict[str, float]]:
    """Return all models, fitted, and seconds that it took by name; lateral synapses learn beside the others."""
    models = design.models(len(data.X_train)) | design.beside(len(data.X_train))
    ahead = {name: beside.submit(_fitted, models[name], data) for name in models if name == SWAPS}
    builds = [beside.submit(compile_quietly, shape) for shape in _shapes(design, *data.X_train.shape)]
    timings = {}
    for name, model in (progress := tqdm(list(models.items()), desc="learning")):
        progress.set_postfix_str(name)
        models[name], timings[f"fit {name}"] = ahead[name].result() if name in ahead else _fitted(model, data)
    wait(builds)  # targets, and so last digits, shall not depend on who is done first
    return models, timings


def _shapes(design: Design, n_samples: int, n_inputs: int) -> list[BuildKey]:
    """Return what measuring needs compiled, if the circuit is compiled to learn; none of it then keeps anybody waiting.

    Circuits with noise have fewer presentations than a simulator is worth, which takes another core's time, though.
    """
    learning = shape_of(design.parameters, design.n_hidden, n_inputs)
    n_steps = steps_of(design.parameters) * design.n_epochs * n_samples
    if not design.is_compiled or choose_target(design.codegen, n_steps, learning) != "cpp_standalone":
        return []
    circuits = [*design.circuits(), *(circuit for *_, circuit in variants(design.parameters))]
    return list(dict.fromkeys(shape_of(circuit, design.n_hidden, n_inputs) for circuit in circuits))


def _fitted(model: Any, data: Dataset) -> tuple[Autoencoder, float]:
    """Return the best model of a search, or the model, that has learned, and in how many seconds it did by itself."""
    start = time.perf_counter()
    model.fit(data.X_train)
    taken = time.perf_counter() - start
    return getattr(model, "best_estimator_", model), getattr(model, "refit_time_", taken)


def _again(data: Dataset, design: Design, known: Mapping[str, Autoencoder]) -> list[dict[str, Any]]:
    """Return rows of the models of the main figure with this design's seed, and learning rates as known."""
    n_samples, rows = len(data.X_train), []
    own = design.models(n_samples) | design.beside(n_samples)
    for name in (name for name in SHOWN if name in known):
        model: Any = own[name]
        if hasattr(model, "estimator"):  # a search, whose outcome is known
            model = model.estimator.set_params(learning_rate=known[name].get_params()["learning_rate"])
        if name in (CIRCUIT, SWAPS):
            model.set_params(verbose=0)  # beside others, whose progress is shown
        model.fit(data.X_train)
        encoding = encode(model, data.X_test)
        rates = rates_Hz(model, encoding.code, data)
        counts = ledgers(model, encoding, rates, data)
        rows.append({"model": name, "seed": design.seed} | _row(model, encoding, rates, counts, data, design.seed))
    return rows


def _row(
    model: Autoencoder, encoding: Encoding, rates: np.ndarray, counts: pd.DataFrame, data: Dataset, seed: int
) -> dict[str, float]:
    """Return all measures of a model, and the energy beyond the input by the first way to count of the claims."""
    spent = PRICES[REFERENCE["prices"]].total(beyond_input(of_inference(counts)["neural"], data))
    return measured(model, encoding, rates, data, getattr(model, "k", None), seed) | {"ATP_beyond_input": float(spent)}
