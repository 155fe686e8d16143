"""How many bits it takes to tell a lab's stimuli by the code of a model, and by what it leaves over."""

from __future__ import annotations

import numpy as np

from comparisons.lab.lab import Lab
from selective_firing import measures
from selective_firing.protocol import Autoencoder

__all__ = ["N_TABLES", "N_TOLD", "bits", "bits_of_codes"]

N_TABLES, N_TOLD = 2000, 1000
"""Training patterns that the tables of the entropy coder are made from, and patterns that are told, at most."""


def bits(lab: Lab, model: Autoencoder, X: np.ndarray | None = None) -> float:
    """Return the mean description length of the test patterns, or of `X`, by a model's code.

    Parameters
    ----------
    lab : Lab
    model : fitted autoencoder
    X : ndarray of shape (n_samples, n_inputs), optional
    """
    X, known = (lab.data.X_test if X is None else X)[:N_TOLD], lab.data.X_train[:N_TABLES]
    return bits_of_codes(model, X, model.transform(X), known, model.transform(known))


def bits_of_codes(
    model: Autoencoder, X: np.ndarray, code: np.ndarray, known: np.ndarray, code_known: np.ndarray
) -> float:
    """Return the mean description length of patterns by codes that somebody else has found for a model's decoder.

    Parameters
    ----------
    model : fitted autoencoder
    X, known : ndarray of shape (n_samples, n_inputs), (n_known, n_inputs)
        Patterns to tell, and those that the tables are made from.
    code, code_known : ndarray of shape (n_samples, n_hidden), (n_known, n_hidden)
    """
    told = measures.description_length(X, code, known, code_known, model.components_, model.offset_)
    return float(told.mean())
