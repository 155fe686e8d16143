"""The whole picture: error against active units and against energy, of all families, on one data set of the run."""

from __future__ import annotations

from typing import Any

import pandas as pd

from comparisons.lab.lab import Lab, Settings
from comparisons.lab.scenes import SCENES
from comparisons.measuring.parallel import in_order
from comparisons.studies.main_job.design import Design
from comparisons.studies.pareto.study import KS, study
from selective_firing._code import code_key

__all__ = ["CAPTION", "overview"]

N_SEEDS = 3
"""At most, from the first: a seed takes a minute."""
CAPTION = (
    "Every family at once: error against active units, and against energy beyond the input. Circuits pay for their "
    "competitions, for all others the search for a code is free. Learning rates by backpropagation are tuned on "
    "patterns held out; bars are 95 % t intervals over seeds."
)


def overview(settings: Settings, n_jobs: int = 1, progress: bool = False) -> pd.DataFrame:
    """Return the rows of `pareto.study` for the first data set of the run, and its first seeds.

    Parameters
    ----------
    settings : Settings
    n_jobs : int
        Processes.
    progress : bool
    """
    dataset = settings.data_sets[0]
    calls = [(_known, settings, dataset, seed) for seed in settings.seeds(dataset)[:N_SEEDS]]
    return pd.DataFrame([row for rows in in_order(calls, "overview", n_jobs, progress) for row in rows])


def _known(settings: Settings, dataset: str, seed: int) -> list[dict[str, Any]]:
    """Return the rows of one seed, from the cache if they are known."""
    keys = code_key(__name__), settings.data_key(dataset)
    return settings.memory.cache(_rows, ignore=["settings"])(dataset, seed, keys, settings=settings)


def _rows(dataset: str, seed: int, keys: tuple[str, str | None], settings: Settings) -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_limits

    scene = SCENES[dataset]
    ks = [k for k in KS if 2 * k <= scene.n_hidden]
    design = Design(n_hidden=scene.n_hidden, k=ks[0], n_epochs=scene.n_epochs, seed=seed, verbose=0)
    with threadpool_limits(1):
        return [row for found in study(Lab(settings, dataset, seed).data, design, ks) for row in found]
