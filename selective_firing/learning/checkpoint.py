"""The checkpoint of a fit: what it is known by, and how a fit goes on from it after a break."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing._checks.outputs import check_output_file
from selective_firing._files.archives import plain
from selective_firing._random import stream_key
from selective_firing.learning import model_file as checkpoint
from selective_firing.learning.channels import n_cells
from selective_firing.learning.fit import Training
from selective_firing.learning.pairing import given_weights
from selective_firing.parameters import CircuitParameters

__all__ = ["begun_with", "fingerprint", "resume", "save"]


def begun_with(
    X: np.ndarray, n_hidden: int, given: object, random_state: object, parameters: CircuitParameters
) -> dict[str, Any]:
    """Return what tells a fit from others with the same settings, for its checkpoint.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    n_hidden : int
    given : array-like of shape (n_hidden, n_inputs), optional
        As for `begin`, which raises the same.
    random_state : None, int, RandomState or Generator
    parameters : RateParameters or SpikingParameters
    """
    return {
        "data": fingerprint(X, given_weights(given, n_hidden, n_cells(X.shape[1], parameters))),
        "stream": stream_key(random_state),
    }


def resume(path: str | Path | None, settings: dict[str, Any]) -> Training | None:
    """Return the training that the checkpoint `path` holds, None if there is no such file yet.

    Parameters
    ----------
    path : path or None
    settings : dict
        What the fit was asked for; the checkpoint must have been made with the same.

    Raises
    ------
    ValueError
        If the file is damaged, or of another fit.
    OSError
        If there could be no file at `path`.
    """
    if path is None:
        return None
    check_output_file("checkpoint", path)
    settings = json.loads(json.dumps(settings, default=plain))  # as a file gives them back
    try:
        found, weights, state = checkpoint.load(path, checkpoint.TRAINING)
    except FileNotFoundError:
        return None
    for name in sorted(settings.keys() | found.keys()):
        if found.get(name) != settings.get(name):
            raise ValueError(
                f"checkpoint must be of this fit, but {path} was made with another {name} "
                f"({found.get(name)!r}, now {settings.get(name)!r}); choose another file."
            )
    try:
        return Training.from_state(weights, state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"checkpoint must be whole, got {path}: {error}") from error


def save(training: Training, path: str | Path | None, settings: dict[str, Any]) -> None:
    """Write a checkpoint for `resume`, whole or not at all.

    Parameters
    ----------
    training : Training
    path : path or None
        None writes nothing.
    settings : dict
        What the fit was asked for.
    """
    if path is not None:
        checkpoint.save(path, checkpoint.TRAINING, settings, training.weights, training.as_state())


def fingerprint(*arrays: np.ndarray | None) -> str:
    """Return a hash of the shapes and values of some arrays: what a checkpoint knows its data by.

    Parameters
    ----------
    *arrays : ndarray or None
        None is told from any array.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(None if array is None else array.shape).encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array, float).data)
    return digest.hexdigest()
