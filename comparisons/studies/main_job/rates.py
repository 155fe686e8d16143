"""Learning rates that are searched for once, and serve other seeds."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence
from typing import TypeVar

import numpy as np

from comparisons.studies.main_job.design import RATES_TRIED, Design
from selective_firing.protocol import Autoencoder

__all__ = ["tuned_once"]

Place = TypeVar("Place", bound=Hashable)


def tuned_once(
    design: Design,
    name: str,
    X: np.ndarray,
    known: MutableMapping[Place, float],
    place: Place,
    tried: Sequence[float] = RATES_TRIED,
) -> Autoencoder:
    """Return a rival that has learned, at the rate that is known for it, or else at the best of a search.

    Parameters
    ----------
    design : Design
    name : str
        Of `registry.MODELS`.
    X : ndarray of shape (n_samples, n_inputs)
    known : mutable mapping of float
        Learning rates by place; what the search finds is added.
    place : hashable
        What the rate is kept by.
    tried : sequence of float
        Rates to choose from, on held-out patterns.
    """
    if place in known:
        return design.rival(name, len(X), learning_rate=known[place]).fit(X)
    search = design.tuned(name, len(X), tried).fit(X)
    known[place] = search.best_params_["learning_rate"]
    return search.best_estimator_
