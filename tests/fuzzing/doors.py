"""What is checked before anything runs: constructors, tables of parameters, requests to simulate, tables of data."""

from __future__ import annotations

import inspect
import json
import math
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sklearn.base import clone

from comparisons.rivals.registry import MODELS
from fuzzing.law import Kind, attempt, finite, holds
from fuzzing.values import ANYTHING, NUMBERS, SEEDS, Draw, pick, plain_table, table
from selective_firing import KWTAAutoencoder, RateParameters, SpikingParameters, Weights
from selective_firing._checks.arguments import check_patterns
from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine.build_key import build_key
from selective_firing.engine.request import Request

__all__ = ["KINDS", "RIVALS", "circuit_parameters", "names_of", "some_weights"]

RIVALS = tuple(dict.fromkeys(model.kind for model in MODELS.values() if model.kind is not KWTAAutoencoder))
TABLES = (RateParameters, SpikingParameters)


def names_of(kind: Any) -> list[str]:
    """Return the arguments of a constructor."""
    return [name for name in inspect.signature(kind.__init__).parameters if name != "self"]


def constructor(draw: Draw) -> None:
    kind = pick(draw, KWTAAutoencoder, *RIVALS)
    names = names_of(kind)
    given = draw(st.dictionaries(st.sampled_from(names), ANYTHING, min_size=1, max_size=3))
    if attempt(lambda: kind(**given).check_parameters() or True, *names):
        model = clone(kind(n_hidden=12, **{"k": 3} if "k" in names else {})).set_params(**given)
        attempt(lambda: model.check_parameters(), *names)
        holds(attempt(lambda: repr(model), *names), "a model that is right has no repr")


def _value(draw: Draw, f: Any, right: bool) -> Any:
    """Return a value for a parameter, right (as far as its own rule goes) or anything."""
    if not right:
        return draw(ANYTHING)
    if f.metadata["choices"]:
        return pick(draw, *f.metadata["choices"])
    if isinstance(f.default, bool):
        return draw(st.booleans())
    if isinstance(f.default, int):
        return pick(draw, 1, 2, 3, f.default)
    if f.metadata["unit"] == "mV" and f.name.startswith("v_"):
        return pick(draw, f.default, f.default - 5, f.default + 5)
    return pick(
        draw, f.default, f.default, 2 * f.default, f.default / 2, 0.0, 1.0, 1e-3, 1e3, 1e-12, 1e12, 1e-100, 1e100
    )


def circuit_parameters(draw: Draw, kind: Any) -> dict[str, Any]:
    """Return arguments of a table of parameters, right or not."""
    known = {f.name: f for f in fields(kind)}
    right = pick(draw, True, True, False)
    return {
        name: _value(draw, known[name], right) for name in draw(st.sets(st.sampled_from(sorted(known)), max_size=4))
    }


def parameter_table(draw: Draw) -> None:
    kind = pick(draw, *TABLES)
    given = circuit_parameters(draw, kind)
    made = attempt(lambda: kind(**given), *given)
    if made is None:
        return
    values = json.loads(json.dumps(made.as_dict()))
    holds(kind(**values) == made, "a table is not that of its own values")
    for f in fields(kind):
        value = getattr(made, f.name)
        kinds = (int, float, str, bool, tuple) if f.metadata["pair"] else (int, float, str, bool)
        holds(type(value) in kinds, f"{f.name} is kept as {type(value).__name__}")
        holds(isinstance(value, str) or np.isfinite(value).all(), f"{f.name} is {value}")
        holds(isinstance(f.default, int) <= isinstance(value, int), f"{f.name} is no int")


def some_weights(draw: Draw, n_hidden: int, n_inputs: int) -> Weights:
    """Return weights of many scales, some of them with doubles, biases and no mean."""
    rng = np.random.default_rng(draw(SEEDS))
    scale, patterns = pick(draw, 1.0, 1.0, 1e-6, 1e6), plain_table(draw, 4, n_inputs, scaled=False)
    w = rng.standard_normal((n_hidden, n_inputs))
    if draw(st.booleans()):
        w = w[rng.integers(0, n_hidden, n_hidden)]
    mean = scale * patterns.mean(axis=0) * draw(st.booleans())
    power = float(scale**2 * ((patterns - patterns.mean(axis=0)) ** 2).sum(axis=1).mean())
    bias = pick(draw, 0.0, 0.3, -0.3) * math.sqrt(power) * rng.random(n_hidden)
    return Weights(w, w, bias, mean, power, pick(draw, None, 1.0))


def request(draw: Draw) -> None:
    n_hidden, n_inputs, kind = draw(st.integers(1, 6)), draw(st.integers(1, 4)), pick(draw, *TABLES)
    given = circuit_parameters(draw, kind)
    parameters = attempt(lambda: kind(**given), *given)
    asked: dict[str, Any] = {
        "weights": some_weights(draw, n_hidden, n_inputs), "patterns": table(draw, 3, n_inputs)[0],
        "k": pick(draw, 1, n_hidden), "parameters": parameters,
    }  # fmt: skip
    if draw(st.booleans()):
        name = pick(draw, "w_in", "w_out", "bias", "mean", "power", "rate_gain")
        asked["weights"] = Weights(**vars(asked["weights"]) | {name: draw(ANYTHING)})
    names = ("weights", "patterns", "k", "parameters", "learning_rate", "homeostasis", "tied", "rng")
    asked |= draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=2))
    checked = attempt(
        lambda: Request.checked(**asked), *names, *(f"weights.{f.name}" for f in fields(Weights)), "n_cycles"
    )
    if checked is None:
        return
    values = attempt(lambda: initial_values(
        checked.weights, checked.parameters, k=checked.k, n_presentations=len(checked.patterns), tied=checked.tied,
        learning_rate=checked.learning_rate, homeostasis=checked.homeostasis, draws=checked.draws,
    ))  # fmt: skip
    for name, value in values.items():
        finite(name, value)
    for name in ("n_steps", "max_steps", "rest_steps", "loop_steps", "delay_steps", "refractory_steps"):
        for value in (value for key, value in values.items() if key.endswith(f".{name}")):
            holds(0 <= value < 2**31, f"{name} is {value}, which 32 bits do not hold")
    attempt(lambda: build_key(checked.weights, checked.parameters, 100))


def data_door(draw: Draw) -> None:
    n_samples, n_inputs = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    shown, numbers = table(draw, n_samples, n_inputs)
    name, width = pick(draw, "X", "code", "patterns"), pick(draw, None, n_inputs)
    checked = attempt(lambda: check_patterns(shown, width, name), name)
    if numbers is not None:
        holds(checked is not None, "a right table was refused")
        np.testing.assert_array_equal(checked, numbers)
    if checked is not None:
        finite(name, checked)
        holds(checked.flags.c_contiguous and checked.dtype == np.float64, "not as promised")


def model_of_data(draw: Draw) -> None:
    """A rival that has learned answers every guise of the same numbers alike, or refuses it."""
    kind, n_inputs = pick(draw, *RIVALS), draw(st.integers(1, 4))
    names = {"n_epochs": 1, "k": 2, "n_hidden": 5, "random_state": 0}
    model = kind(**{name: value for name, value in names.items() if name in names_of(kind)})
    model.fit(plain_table(draw, 6, n_inputs, scaled=False))
    shown, numbers = table(draw, 4, pick(draw, n_inputs, n_inputs, n_inputs + 1))
    for name in ("transform", "drive", "inverse_transform", "score"):
        found = attempt(lambda name=name: getattr(model, name)(shown), "X", "code")
        if found is not None and numbers is not None:
            np.testing.assert_array_equal(found, getattr(model, name)(numbers), err_msg=name)
        if found is not None:
            finite(name, found)


def number_is_kept(draw: Draw) -> None:
    """What is checked as a number is a plain one, and the one that was given."""
    from selective_firing._checks.arguments import check_count, check_real

    value = draw(NUMBERS)
    count, real = attempt(lambda: check_count("n", value), "n"), attempt(lambda: check_real("x", value), "x")
    holds(count is None or (type(count) is int and count == value), "a count is not kept")
    holds(real is None or (type(real) is float and math.isfinite(real)), "a number is not kept")


KINDS = {
    "constructors": Kind(constructor, 20),
    "parameter tables": Kind(parameter_table, 18),
    "requests": Kind(request, 12),
    "data at the door": Kind(data_door, 10),
    "data to fitted rivals": Kind(model_of_data, 7),
    "numbers": Kind(number_is_kept, 3),
}
