"""Learning, and calls in any order: rivals as they are, the circuit with its closed form in place of the simulator."""

from __future__ import annotations

import copy
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import strategies as st
from sklearn.base import clone

from comparisons import (
    BatchTopKAutoencoder,
    EINet,
    FoldiakNetwork,
    FrozenDecoderAutoencoder,
    JumpReLUAutoencoder,
    KrotovHopfield,
    RandomWeights,
    SAILnet,
    TiedSGDAutoencoder,
    TopKAutoencoder,
)
from fuzzing.doors import RIVALS, names_of
from fuzzing.law import Kind, attempt, finite, holds
from fuzzing.values import ANYTHING, SEEDS, Draw, pick, right_table, table
from selective_firing import KWTAAutoencoder, RateParameters, Response, SpikingParameters, Weights, theory
from selective_firing.engine.request import Request
from selective_firing.errors import DivergenceError

__all__ = ["KINDS", "closed_form", "ideal_response", "right_arguments"]

SORTING = (TopKAutoencoder, FrozenDecoderAutoencoder, TiedSGDAutoencoder, RandomWeights, KrotovHopfield)
ON_AVERAGE = (BatchTopKAutoencoder, JumpReLUAutoencoder, FoldiakNetwork, SAILnet, EINet)
"""Of which k is only the mean number of active units that is aimed at; the Matryoshka is one of the first kind."""


def right_arguments(draw: Draw, kind: Any) -> dict[str, Any]:
    """Return arguments of a constructor, each right by itself."""
    n_hidden = draw(st.integers(1, 8))
    choices: dict[str, Any] = {
        "n_hidden": (n_hidden,), "k": (1, n_hidden, (n_hidden + 1) // 2), "n_epochs": (1, 2, np.int8(3)),
        "batch_size": (1, np.uint8(3), 128, 10**30), "learning_rate": (0, 1e-3, 0.1, 1.0, 30.0, 1e-300, 1e10, 1e300),
        "decay": (0, 0.2, 1, 1e-300), "unit_norm": (True, False), "k_start": (None, n_hidden),
        "auxk": (0, 1 / 32, 1e3, 1e300), "n_aux": (None, 1, 10**30), "dead_after": (1, 2, 10**30), "l1": (0.0, 1.0,
        1e3, 1e300),
        "price": (0, 1.0, 1e300), "bandwidth": (1e-300, 0.03, 1e300), "n_prefixes": (1, 3, 10**30),
        "positive": (True,), "lateral": (0, 5.0, 1e300), "n_steps": (1, 50),
        "n_interneurons": (None, 1, np.int8(3), 10**30), "power": (1, 2.0, 3.5, 1e300),
        "rank": (2, 7, 10**30), "delta": (0, 0.4, 1e300),
        "homeostasis": (0.0, 0.1, 1e3, 1e300), "random_state": (0, None, 10**30), "verbose": (0, False),
        "tied": (True, False), "n_jobs": (None, 1, -1), "sparse_output": (False,),
        "dtype": ("float64", "float32"), "centre": (True, False), "early_stopping": (False, True),
        "validation_fraction": (0.1, 0.5, 1e-300), "n_iter_no_change": (1, 2, 10**30), "tol": (0, 1e-4, 1e300),
        "circuit": ("rate",), "codegen": ("numpy",), "initial_weights": (None,),
        "parameters": (None, RateParameters(n_cycles=2), RateParameters(noise=0.1, threshold_cv=0.1)),
    }  # fmt: skip
    usual = draw(st.sets(st.sampled_from(names_of(kind)), max_size=4))
    first = {"n_epochs": 1, "n_hidden": n_hidden, "random_state": 0}
    for name in names_of(kind):
        if name in usual or name == "k":
            first[name] = pick(draw, *choices[name])
    return {name: value for name, value in first.items() if name in names_of(kind)}


def fitted_rightly(model: Any, X: np.ndarray) -> None:
    """Hold the laws of a fitted model on patterns that are right."""
    n_hidden, k = len(model.components_), int(getattr(model, "k", len(model.components_)))
    circuit = isinstance(model, KWTAAutoencoder)
    found = attempt(lambda: (model.simulate if circuit else model.transform)(X), "X", "k", "n_hidden")
    if found is None:
        return
    code, settled = (found.code, found.settled) if circuit else (found, np.ones(len(X), bool))
    finite("code", code, (len(X), n_hidden))
    holds((code >= 0).all(), "a code is negative")
    drive = finite("drive", attempt(lambda: model.drive(X), "X"), code.shape)
    if isinstance(model, SORTING) and not isinstance(model, ON_AVERAGE):
        np.testing.assert_array_equal((code > 0).sum(axis=1), np.minimum(k, (drive > 0).sum(axis=1)))
    if hasattr(model, "k") and not isinstance(model, ON_AVERAGE):
        # where exact ties or too little time leave a competition undecided, the circuit says so
        holds(((code > 0).sum(axis=1)[settled] <= k).all(), "more than k are active")
    finite("reconstruction", attempt(lambda: model.reconstruct(X), "X"), X.shape)
    score = attempt(lambda: model.score(X), "X", "mean")
    known = bool((np.asarray(X) == model.mean_).all())  # nothing is left to explain, and may be got wrong
    holds(score is None or (score <= 1 and (known or np.isfinite(score))), f"score is {score}")
    holds(len(model.get_feature_names_out()) == n_hidden, "names of features")


def learning(draw: Draw) -> None:
    kind = pick(draw, *RIVALS)
    given, names = right_arguments(draw, kind), names_of(kind)
    if pick(draw, False, False, True):
        given[draw(st.sampled_from(names))] = draw(ANYTHING)
    shown, numbers = table(draw, draw(st.integers(1, 6)), draw(st.integers(1, 4)))
    model = attempt(lambda: kind(**given).fit(shown), "X", *names)
    if model is not None:
        for name in ("components_", "encoder_", "bias_", "offset_", "mean_"):
            finite(name, getattr(model, name))
        if numbers is not None:
            fitted_rightly(model, shown if hasattr(shown, "columns") else numbers)


def ideal_response(weights: Weights, X: np.ndarray, k: int, parameters: Any) -> Response:
    """Return what the circuit would answer if it sorted."""
    drive = weights.drive(X)
    winners = theory.top_k(drive, k)
    n, none = winners.sum(axis=1), np.zeros(len(X), int)
    error = ((X - weights.mean - np.where(winners, drive, 0) @ weights.w_out) ** 2).sum(axis=1)
    return Response(
        winner_units=np.nonzero(winners)[1].astype(np.int32), winner_drives=drive[winners], n_active=n, settled=n <= k,
        tied=n > k, settling_time_ms=1.0 * n, n_recruited=n, n_flips=n, inhibition=0.0 * n, squared_error=error,
        strength_Hz=np.linalg.norm(weights.w_out, axis=1), events={"hidden to error": none},
        provenance={"k": k, "circuit": "rate", "n_inputs": X.shape[1], "parameters": parameters.as_dict(),
        "target": "numpy"},
    )  # fmt: skip


def _closed_form(
    weights: Weights, patterns: Any, k: Any, parameters: Any = None, **how: Any
) -> tuple[Response, Weights]:
    passed = {name: how[name] for name in ("learning_rate", "homeostasis", "tied", "rng", "cells") if name in how}
    asked = Request.checked(weights, patterns, k, parameters, **passed)
    response = ideal_response(weights, asked.patterns, asked.k, asked.parameters)
    rate, change = asked.learning_rate
    with np.errstate(all="ignore"):
        for number, pattern in enumerate(asked.patterns if rate > 0 else []):
            winners = theory.top_k(weights.drive(pattern[np.newaxis]), asked.k)[0]
            power = max(weights.power, float(((pattern - weights.mean) ** 2).sum()))
            if power:
                weights = theory.learning_step(weights, pattern, winners, rate + number * change, asked.tied)
            if not weights.is_finite or np.abs(weights.w_out).max() > 1e6:
                raise DivergenceError(number, rate)
    return response, weights


@contextmanager
def closed_form() -> Iterator[None]:
    """Let estimators sort and learn by theory in place of simulating."""
    with (
        mock.patch("selective_firing.autoencoder.simulate", _closed_form),
        mock.patch("selective_firing.learning.fit.simulate", _closed_form),
    ):
        yield


def _equal(one: Any, other: Any, X: np.ndarray) -> None:
    """Hold that two models answer alike."""
    np.testing.assert_array_equal(one.drive(X), other.drive(X))
    np.testing.assert_array_equal(one.components_, other.components_)
    holds(vars(one).keys() == vars(other).keys(), f"attributes {vars(one).keys() ^ vars(other).keys()}")


def _step(draw: Draw, model: Any, folder: Path) -> Any:
    """Do one thing with a model, and return the model to go on with."""
    names, fitted = ["X", "code", "y", "path", "checkpoint", *names_of(type(model))], hasattr(model, "components_")
    width = model.n_features_in_ if fitted and pick(draw, True, True, False) else draw(st.integers(1, 3))
    X = right_table(draw, draw(st.integers(1, 4)), width)
    circuit = isinstance(model, KWTAAutoencoder)
    sequence = [
        "fit",
        "partial_fit",
        "set_params",
        "transform",
        "score",
        "clone",
        "pickle",
        "copy",
        "inverse_transform",
    ]
    match act := pick(draw, *sequence, *(("save", "simulate", "checkpoint") if circuit else ())):
        case "fit" | "partial_fit" | "transform" | "score":
            if hasattr(model, act):
                attempt(lambda: getattr(model, act)(X), *names, fitted=fitted)
        case "inverse_transform":
            code = right_table(draw, 2, len(model.components_) if fitted else 2)
            found = attempt(lambda: model.inverse_transform(code), *names, fitted=fitted)
            holds(found is None or np.isfinite(found).all(), "not finite")
        case "simulate":
            found = attempt(lambda: model.simulate(X), *names, fitted=fitted)
            if found is not None:
                finite("rates", found.rates_Hz, (len(X), len(model.components_)))
                found.diagnose()
        case "checkpoint":
            attempt(lambda: model.fit(X, checkpoint=folder / "fit.npz"), *names)
        case "set_params":
            name = draw(st.sampled_from(names_of(type(model))))
            value = draw(ANYTHING) if draw(st.booleans()) else right_arguments(draw, type(model)).get(name, 2)
            attempt(lambda: model.set_params(**{name: value}), *names)
        case "clone":
            return attempt(lambda: clone(model), *names) or model
        case "pickle" | "copy":
            whole = attempt(
                lambda: pickle.loads(pickle.dumps(model)) if act == "pickle" else copy.deepcopy(model), *names
            )
            if fitted and whole is not None:
                _equal(whole, model, right_table(draw, 2, model.n_features_in_))
        case "save":
            path = folder / "m.npz"
            attempt(lambda: model.save(path), *names, fitted=fitted)
            if path.exists():
                loaded = KWTAAutoencoder.load(path)
                _equal(loaded, model, right_table(draw, 2, model.n_features_in_))
                path.unlink()
    return model


def call_orders(draw: Draw) -> None:
    kind = pick(draw, *RIVALS, KWTAAutoencoder, KWTAAutoencoder, KWTAAutoencoder)
    model = kind(**right_arguments(draw, kind))
    with tempfile.TemporaryDirectory() as folder, closed_form():
        for _ in range(draw(st.integers(2, 6))):
            try:
                model = _step(draw, model, Path(folder))
            except BaseException:
                draw(st.just(model))  # for the report
                raise
            if hasattr(model, "components_"):
                finite("components_", model.components_)
                finite("bias_", model.bias_)
                if "duty_cycle_" in vars(model):
                    holds(((model.duty_cycle_ >= 0) & (model.duty_cycle_ <= 1)).all(), "duty cycle")


def circuit_learning(draw: Draw) -> None:
    """The estimator with any arguments, on any data."""
    given, names = right_arguments(draw, KWTAAutoencoder), names_of(KWTAAutoencoder)
    if draw(st.booleans()):
        given[draw(st.sampled_from(names))] = draw(ANYTHING)
    if given.get("parameters") is None and pick(draw, False, True):
        given["parameters"] = pick(draw, RateParameters(n_cycles=3, feedback=1.9), SpikingParameters(), "rate")
        given["circuit"] = pick(draw, "rate", "spiking")
    n_samples, n_inputs = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    if pick(draw, False, False, True):
        shape = pick(draw, (given["n_hidden"], n_inputs), (n_inputs, 2), (n_inputs,))
        w = np.random.default_rng(draw(SEEDS)).standard_normal(shape) if isinstance(shape[0], int) else None
        given["initial_weights"] = pick(draw, w, w, None if w is None else w.tolist(), None if w is None else w + 1j)
    shown, numbers = table(draw, n_samples, n_inputs)
    with closed_form():
        model = attempt(lambda: KWTAAutoencoder(**given).fit(shown), "X", *names)
        if model is not None:
            finite("rate_gain_", model.rate_gain_)
            if numbers is not None:
                fitted_rightly(model, shown if hasattr(shown, "columns") else numbers)


KINDS = {
    "rivals that learn": Kind(learning, 9),
    "call orders": Kind(call_orders, 8),
    "the estimator, by closed form": Kind(circuit_learning, 7),
}
