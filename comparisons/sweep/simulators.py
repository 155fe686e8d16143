"""The simulators that a sweep needs, compiled before its jobs begin: none then waits while another job's is built."""

from __future__ import annotations

import json
from collections.abc import Sequence

from comparisons.measuring.ahead import compile_quietly, shape_of
from comparisons.measuring.parallel import as_finished, in_order
from comparisons.sweep import grid
from comparisons.sweep.grid import Job
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import BuildKey
from selective_firing.engine.request import parameters_of

__all__ = ["compile_ahead", "shapes"]


def compile_ahead(todo: Sequence[Job], n_jobs: int = 1, progress: bool = False, everywhere: bool = False) -> None:
    """Compile what the circuits among some jobs need and the cache lacks.

    Parameters
    ----------
    todo : sequence of Job
    n_jobs : int
        Processes.
    progress : bool
        Whether bars are shown.
    everywhere : bool
        Whether jobs run on other hosts, whose caches only they know: workers then look for all simulators. A host that
        shares no cache with the one that compiled does so itself when a job needs it.
    """
    needed = shapes(todo, n_jobs)
    missing = [shape for shape in needed if everywhere or not compiled.is_cached(shape)]
    for _ in as_finished(
        [(compile_quietly, shape) for shape in missing], "compiling", n_jobs, progress and bool(missing)
    ):
        pass


def shapes(todo: Sequence[Job], n_jobs: int = 1) -> list[BuildKey]:
    """Return what has to be compiled for some jobs, each once.

    Parameters
    ----------
    todo : sequence of Job
    n_jobs : int
        Processes that read the data, of which only the width matters here.
    """
    if grid.target() != "cpp_standalone":
        return []
    models = [(job, model) for job in todo if isinstance(model := job.model(), KWTAAutoencoder)]
    examples = {_data_of(job): job for job, _ in models}
    widths = dict(zip(examples, in_order([(_width, job) for job in examples.values()], "data", n_jobs), strict=True))
    found: dict[BuildKey, None] = {}
    for job, model in models:
        n_inputs = widths[_data_of(job)]
        if n_inputs:
            parameters = parameters_of(model.circuit, model.parameters)
            found[shape_of(parameters, int(model.n_hidden), n_inputs)] = None
    return list(found)


def _data_of(job: Job) -> tuple[str | None, ...]:
    """Return what tells the data of one job from those of another."""
    return job.settings["dataset"], json.dumps(job.under("data")), job.data_dir, job.data_key


def _width(job: Job) -> int:
    """Return the number of inputs; 0 if the data cannot be had, which is for the job itself to tell."""
    try:
        return int(job.data().X_train.shape[1])
    except Exception:
        return 0
