"""Many jobs at once, on processes or a Dask cluster: results come as they are finished, with a bar of progress.

What makes a run resumable is up to the caller: a sweep writes each row as it comes and leaves finished jobs out, the
claims' jobs ask a cache themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from selective_firing._files.processes import ending_with_us

__all__ = ["Call", "as_finished", "backend", "in_order"]

Call = tuple[Callable[..., Any], *tuple[Any, ...]]
"""A function, and its arguments."""


@contextlib.contextmanager
def backend(scheduler: str | None) -> Iterator[None]:
    """Let joblib hand its jobs to a Dask scheduler, if one is given.

    Parameters
    ----------
    scheduler : str or None
        Its address, ``tcp://...``.

    Raises
    ------
    ImportError
        If there is a scheduler but no Dask.
    """
    if scheduler is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("scheduler needs Dask: pip install 'selective-firing[cluster]'.") from error
    with Client(scheduler, timeout="30s") as client, parallel_config("dask", client=client):
        yield


def as_finished(
    calls: Sequence[Call], words: str, n_jobs: int = 1, progress: bool = False, n_known: int = 0
) -> Iterator[tuple[int, Any]]:
    """Yield number and result of each call, whichever is done first.

    Parameters
    ----------
    calls : sequence of tuple
        Functions with their arguments, to be pickled.
    words : str
        Before the bar of progress.
    n_jobs : int
        Processes; on a cluster its workers decide.
    progress : bool
        Whether a bar is shown.
    n_known : int
        Further jobs, done earlier, that the bar counts.
    """
    done = Parallel(n_jobs=n_jobs, return_as="generator_unordered", **ending_with_us())(
        delayed(_numbered)(number, *call) for number, call in enumerate(calls)
    )
    yield from tqdm(done, words, len(calls) + n_known, initial=n_known, disable=not progress, unit="job")


def in_order(calls: Sequence[Call], words: str, n_jobs: int = 1, progress: bool = False) -> list[Any]:
    """Return the results of all calls in the order of the calls.

    Parameters
    ----------
    calls, words, n_jobs, progress
        As for `as_finished`.
    """
    found = dict(as_finished(calls, words, n_jobs, progress))
    return [found[number] for number in range(len(calls))]


def _numbered(number: int, call: Callable[..., Any], *arguments: Any) -> tuple[int, Any]:
    return number, call(*arguments)
