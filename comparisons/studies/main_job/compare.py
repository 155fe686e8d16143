"""The main job: circuit and rivals on the same data, width, k, seed and split; tables of what they do and cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from tqdm import tqdm

from comparisons.measuring.agreement import factorial, robustness
from comparisons.measuring.encoding import Encoding, by_itself
from comparisons.measuring.rows import ledgers, measured, rates_Hz
from comparisons.rivals.dense import DenseAutoencoder
from comparisons.rivals.random_weights import RandomWeights
from comparisons.rivals.registry import CIRCUIT, DENSE, RANDOM, TIED, TOPK
from comparisons.rivals.tied_sgd import TiedSGDAutoencoder
from comparisons.rivals.topk import TopKAutoencoder
from selective_firing._checks import check_count
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.engine.simulator import find_compiler
from selective_firing.parameters import Parameters, RateParameters, SpikingParameters
from selective_firing.protocol import Autoencoder
from selective_firing.results.response import Response

__all__ = ["Comparison", "Design", "compare"]

RATES_TRIED = (1e-3, 3e-3, 1e-2)
"""Learning rates of which backpropagation gets the best on a fifth of the training patterns held out."""
ROBUSTNESS_STIMULI = 200
"""Test stimuli for each of the 24 cells of the robustness table: a standard error of 3.5 % at worst."""

FIRST_CYCLE_MS = 40.0
"""In which the first race of the spiking circuit is over."""
WITHOUT_COMPILER = 40
"""Test stimuli for the table of weights and encoders if spikes are simulated on the numpy target: slow."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What all models have in common.

    Raises
    ------
    TypeError, ValueError
        If a value breaks a rule.
    """

    n_hidden: int = 128
    k: int = 10
    n_epochs: int = 10
    learning_rate: float = 1.0
    homeostasis: float = 0.0
    k_start: int | None = None
    seed: int = 0
    codegen: str = "auto"
    parameters: Parameters = field(default_factory=RateParameters)

    def __post_init__(self) -> None:
        check_count("seed", self.seed, at_least=0)
        self._circuit().check_parameters()

    def models(self, n_samples: int) -> dict[str, Autoencoder]:
        """Return the contestants, not yet fitted, for `n_samples` patterns; what is equal by design is given to all.

        The backpropagation rivals learn from a hundredth of the patterns at a time, at most 128, lest a small data set
        leave them with too few steps, and at a learning rate tuned for these data.
        """
        batch_size = min(128, max(8, n_samples // 100))
        descent = {"n_epochs": self.n_epochs, "batch_size": batch_size}
        width = {"n_hidden": self.n_hidden, "random_state": self.seed}
        return {
            CIRCUIT: self._circuit(),
            TIED: TiedSGDAutoencoder(**width, **self._local()),
            TOPK: self._tuned(TopKAutoencoder(**width, k=self.k, k_start=self.k_start, **descent)),
            DENSE: self._tuned(DenseAutoencoder(**width, **descent)),
            RANDOM: RandomWeights(**width, k=self.k),
        }

    def circuits(self) -> list[Parameters]:
        """Return both circuits, the one of this design with its constants; of the other's spikes the first cycle."""
        if isinstance(self.parameters, SpikingParameters):
            return [RateParameters(), self.parameters]
        return [self.parameters, SpikingParameters(presentation=FIRST_CYCLE_MS)]

    @property
    def n_crossed(self) -> int | None:
        """Test stimuli for the weights x encoder table: all, if the spiking circuit can be compiled."""
        return None if find_compiler() and self.codegen != "numpy" else WITHOUT_COMPILER

    def _local(self) -> dict[str, Any]:
        """Return what the circuit's learning rule is given, in the circuit or out of it."""
        names = ("k", "learning_rate", "n_epochs", "homeostasis", "k_start")
        return {name: getattr(self, name) for name in names}

    def _circuit(self) -> KWTAAutoencoder:
        return KWTAAutoencoder(
            self.n_hidden, **self._local(), circuit=self.parameters.circuit, parameters=self.parameters,
            codegen=self.codegen, random_state=self.seed, verbose=1,
        )  # fmt: skip

    def _tuned(self, model: Autoencoder) -> GridSearchCV:
        """Return `model` with a search for its learning rate, which sees training patterns only."""
        held_out = ShuffleSplit(1, test_size=0.2, random_state=self.seed)
        return GridSearchCV(model, {"learning_rate": list(RATES_TRIED)}, cv=held_out, error_score="raise")


@dataclass(frozen=True)
class Comparison:
    """All that was found.

    Attributes
    ----------
    table : DataFrame
        One row per model: reconstruction, selective firing, agreement with the top k.
    ledger : DataFrame
        One row per model, ledger, phase and item: mean count per stimulus.
    factorial, robustness : DataFrame
    response : Response
        Of the circuit to the test patterns, with the traces of a few.
    reconstructions : dict of str to ndarray
        Of the first test patterns.
    models : dict of str to fitted autoencoder
    timings_s : dict of str to float
    """

    data: Dataset
    design: Design
    table: pd.DataFrame
    ledger: pd.DataFrame
    factorial: pd.DataFrame
    robustness: pd.DataFrame
    response: Response
    reconstructions: dict[str, np.ndarray]
    models: dict[str, Autoencoder]
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


def compare(data: Dataset, design: Design, n_shown: int = 10, n_traced: int = 3) -> Comparison:
    """Fit every model on the training patterns and measure it on the test patterns.

    Parameters
    ----------
    data : Dataset
    design : Design
    n_shown, n_traced : int
        Test patterns whose reconstructions, and whose traces, are kept.
    """
    models, timings = design.models(len(data.X_train)), {}
    for name, model in (progress := tqdm(list(models.items()), desc="learning")):
        progress.set_postfix_str(name)
        start = time.perf_counter()
        model.fit(data.X_train)
        models[name] = getattr(model, "best_estimator_", model)
        timings[f"fit {name}"] = getattr(model, "refit_time_", time.perf_counter() - start)
    start = time.perf_counter()
    X, circuit, rng = data.X_test, models[CIRCUIT], np.random.default_rng(design.seed)
    response = circuit.simulate(X, traces=range(min(n_traced, len(X))))
    encodings = {name: by_itself(model, X) for name, model in models.items() if name != CIRCUIT}
    encodings = {CIRCUIT: Encoding(response.code, "circuit", response)} | encodings
    rates = {name: rates_Hz(models[name], encodings[name].code, data) for name in models}
    rows = [
        {"model": name} | measured(models[name], encodings[name], rates[name], data, design.k, design.seed)
        for name in models
    ]
    ledger = pd.concat(
        [ledgers(models[name], encodings[name], rates[name], data).assign(model=name) for name in models]
    )
    learned = {"circuit": circuit, TIED: models[TIED], TOPK: models[TOPK]}
    crossed = factorial(learned, X[: design.n_crossed], design.k, design.circuits(), design.codegen, rng)
    few = X[:ROBUSTNESS_STIMULI]
    robust = robustness(circuit, few, design.k, design.parameters, design.codegen, design.seed, progress=True)
    timings["measure"] = time.perf_counter() - start
    shown = {name: models[name].inverse_transform(encodings[name].code[:n_shown]) for name in models}
    return Comparison(data, design, pd.DataFrame(rows), ledger, crossed, robust, response, shown, models, timings)
