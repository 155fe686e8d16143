"""A fitted model, or a fit on its way, as a file: an .npz of plain arrays with a JSON header, checked whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real
from selective_firing._checks.arrays import check_numbers
from selective_firing._files.archives import check_arrays, plain, read_archive, write_archive
from selective_firing._random import as_generator, generator_of, state_of
from selective_firing.learning.history import History
from selective_firing.learning.pairing import given_weights
from selective_firing.parameters import PARAMETERS
from selective_firing.weights import Weights

__all__ = ["MODEL", "TRAINING", "load", "load_model", "save", "save_model", "settings_of"]

MODEL, TRAINING = "KWTAAutoencoder", "KWTAAutoencoder in training"
LEARNED = ("n_iter_", "rate_gain_", "target_", "_encoding_seed", "duty_cycle_")
"""Attributes of a fitted model beside its weights, its random stream, and the names of its features."""

OF_WEIGHTS = ("w_in", "w_out", "bias", "mean", "power", "lateral", "pattern_mean")
"""What is kept of the weights; their gain is an attribute of the model."""
MATRIX, UNITS = ("f", ("units", "inputs")), ("f", ("units",))
WEIGHTS = {"w_in": MATRIX, "w_out": MATRIX, "bias": UNITS, "mean": ("f", ("inputs",)),
           "lateral": ("f", ("units", "units")), "pattern_mean": ("f", ("patterns",))}  # fmt: skip
ARRAYS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    MODEL: WEIGHTS | {"duty_cycle_": UNITS, "initial_weights": MATRIX},
    TRAINING: WEIGHTS | {"wins": UNITS, "order": ("i", ("presentations",)), "held_out": ("i", ("others",))},
}
"""All arrays that a file may hold: the kind of their numbers, and their axes."""

BESIDE = ("history", "mean_")
"""In the header, where versions that know nothing of it leave it alone."""
DEFAULTS = {"sparse_output": False, "dtype": "float64", "centre": True, "early_stopping": False,
            "validation_fraction": 0.1, "n_iter_no_change": 5, "tol": 1e-4}  # fmt: skip
"""Arguments that are left out where they are as usual: versions that had none of them read the file, too."""


def _count(name: str, value: Any) -> None:
    check_count(name, value, at_least=0)


def _size(name: str, value: Any) -> None:
    check_real(name, value, at_least=0)


def _target(name: str, value: Any) -> None:
    check_choice(name, value, ("", "cpp_standalone", "cython", "numpy"))


def _names(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{name} must be a list of names, got {value!r}")


def _stream(name: str, value: Any) -> None:
    generator_of(value)


NUMBERS: dict[str, dict[str, Callable[[str, Any], None]]] = {
    MODEL: {"power": _size, "n_iter_": _count, "rate_gain_": _size, "target_": _target, "_encoding_seed": _count,
            "rng": _stream, "feature_names_in_": _names},
    TRAINING: {"power": _size, "encoding_seed": _count, "epoch": _count, "position": _count, "target": _target,
               "rng": _stream},
}  # fmt: skip
"""All else that a file may hold beside the settings, each with its check."""
OPTIONAL = ("initial_weights", "feature_names_in_", "lateral", "pattern_mean", "held_out")


def save(path: str | Path, kind: str, settings: dict[str, Any], weights: Weights, learned: dict[str, Any]) -> None:
    """Write constructor arguments, weights and what else was learned, whole or not at all.

    Parameters
    ----------
    path : path
    kind : str
    settings : dict
    weights : Weights
    learned : dict

    Raises
    ------
    OSError
        If it cannot be written; an earlier file is then still there.
    """
    state = {name: getattr(weights, name) for name in OF_WEIGHTS if getattr(weights, name) is not None} | learned
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    numbers = {name: value for name, value in state.items() if name not in arrays}
    beside = {name: numbers.pop(name) for name in BESIDE if name in numbers}
    write_archive(path, arrays, {"kind": kind, "settings": settings, "numbers": numbers} | beside)


def load(path: str | Path, kind: str) -> tuple[dict[str, Any], Weights, dict[str, Any]]:
    """Return settings, weights and what else was learned from a file that `save` wrote.

    Parameters
    ----------
    path : path
    kind : str

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is damaged, of another kind, of a newer format, or what it holds does not fit together.
    """
    arrays, header = read_archive(path, kind)
    try:
        check_arrays(arrays, ARRAYS[kind])
        numbers, allowed = header["numbers"], NUMBERS[kind]
        known = {*ARRAYS[kind], *allowed}
        optional = {*OPTIONAL, *(("rng",) if kind == MODEL and "format" not in header else ())}
        missing = known - {*arrays, *numbers} - optional
        if missing or not {*numbers} <= {*allowed}:
            raise ValueError(f"it must hold {', '.join(sorted(known))}, not {', '.join(sorted({*arrays, *numbers}))}")
        for name, value in numbers.items():
            allowed[name](f"its {name}", value)
        if not isinstance(header["settings"], dict):
            raise TypeError("its settings must be a table")
        state = arrays | numbers
        weights = Weights(**{name: state.pop(name) for name in OF_WEIGHTS if name in state})
        if "history" in header:
            state["history"] = History.of(header["history"])
        if "mean_" in header:
            state["mean_"] = check_numbers("its mean_", header["mean_"], weights.mean.shape)
        return header["settings"], weights, state
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"path must hold a whole {kind}, got {path}: {error}") from error


def settings_of(model: Any) -> dict[str, Any]:
    """Return the arguments of a model's constructor as JSON can hold them.

    Parameters
    ----------
    model : KWTAAutoencoder
    """
    settings = model.get_params(deep=False) | {"initial_weights": None}
    del settings["n_jobs"]  # of the machine, and nothing depends on it
    for name, usual in DEFAULTS.items():
        if settings[name] == usual:
            del settings[name]
    settings["parameters"] = model.parameters and model.parameters.as_dict()
    if not isinstance(model.random_state, int | None):
        settings["random_state"] = None
    return {name: plain(value) if isinstance(value, Number) else value for name, value in settings.items()}


def save_model(path: str | Path, model: Any, settings: dict[str, Any]) -> None:
    """Write a fitted model and the arguments of its constructor.

    Parameters
    ----------
    path : path
    model : KWTAAutoencoder
    settings : dict
        The arguments, as JSON can hold them.

    Raises
    ------
    TypeError, ValueError
        If an argument was set to what breaks a rule, or to another width than was learned.
    """
    model.check_parameters()
    _check_width(model, model.weights_)
    given = given_weights(model.initial_weights, model.weights_.n_hidden, model.weights_.n_inputs)
    learned = {name: getattr(model, name) for name in LEARNED} | {"rng": state_of(model._rng)}
    if hasattr(model, "feature_names_in_"):
        learned["feature_names_in_"] = list(model.feature_names_in_)
    if given is not None:
        learned["initial_weights"] = given
    if model._mean is not None:
        learned["mean_"] = model._mean.tolist()
    learned["history"] = model._history.as_state()
    save(path, MODEL, settings, model.weights_, learned)


def load_model(path: str | Path, kind: type) -> Any:
    """Return the model that `save_model` wrote, with all that it had learned.

    Parameters
    ----------
    path : path
    kind : type
        `KWTAAutoencoder`, or what was derived of it.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load`; also if an argument of its constructor breaks a rule.
    """
    settings, weights, learned = load(path, MODEL)
    try:
        own = PARAMETERS[settings["circuit"]]
        parameters = settings["parameters"] and own(**settings["parameters"])
        given = {"parameters": parameters, "initial_weights": learned.pop("initial_weights", None)}
        model = kind(**settings | given)
        model.check_parameters()
        _check_width(model, weights)
        rng = learned.pop("rng", None)
        model._rng = generator_of(rng) if rng else as_generator(model.random_state)
        if "feature_names_in_" in learned:
            learned["feature_names_in_"] = np.array(learned["feature_names_in_"], dtype=object)
            if len(learned["feature_names_in_"]) != weights.n_inputs:
                raise ValueError(f"feature_names_in_ must be {weights.n_inputs} names")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"path must hold a whole {MODEL}, got {path}: {error}") from error
    model._mean = learned.pop("mean_", None)
    model._remember(learned.pop("history", None) or History())
    model._show(replace(weights, rate_gain=learned.pop("rate_gain_")))
    for name, value in learned.items():
        setattr(model, name, value)
    return model


def _check_width(model: Any, weights: Weights) -> None:
    if model.n_hidden != weights.n_hidden:
        raise ValueError(f"n_hidden must be {weights.n_hidden}, as was learned, got {model.n_hidden}.")
