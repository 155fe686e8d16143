"""Runs of a simulator side by side: each is a process of its own, so threads that wait for them are enough."""

from __future__ import annotations

import itertools
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from selective_firing.errors import SimulationError

__all__ = ["Together", "parts", "side_by_side"]

T = TypeVar("T")


class Together:
    """Processes that end together: once `end` was called none is left, and none starts any more."""

    def __init__(self) -> None:
        self._lock, self._started, self._over = threading.Lock(), list[subprocess.Popen[str]](), False

    def start(self, arguments: list[str], **options: Any) -> subprocess.Popen[str]:
        """Start a process, unless it is too late.

        Parameters
        ----------
        arguments : list of str
        **options : Any
            Of `subprocess.Popen`.

        Raises
        ------
        SimulationError
            If all were told to end.
        OSError
            If it cannot be started.
        """
        with self._lock:  # so that none can start unnoticed while the others are ended
            if self._over:
                raise SimulationError("a simulation beside this one has failed, or was interrupted.")
            process = subprocess.Popen(arguments, **options)
            self._started = [other for other in self._started if other.returncode is None]
            self._started.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs."""
        with self._lock:
            self._over = True
            for process in self._started:
                process.kill()


def parts(n: int, largest: int, n_jobs: int) -> list[slice]:
    """Return `n` rows as slices of at most `largest`, equal but for a row, and as many as keep all jobs busy.

    Parameters
    ----------
    n, largest, n_jobs : int

    Examples
    --------
    >>> parts(10, 100, 3)
    [slice(0, 3, None), slice(3, 6, None), slice(6, 10, None)]
    """
    rounds = -(-n // (largest * n_jobs))
    n_parts = min(n, rounds * n_jobs)
    ends = [n * part // n_parts for part in range(n_parts + 1)]
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


def side_by_side(run: Callable[[slice, Together], T], rows: list[slice], n_jobs: int) -> list[T]:
    """Return what `run` makes of each slice, in their order, `n_jobs` of them at a time.

    Parameters
    ----------
    run : callable
        Of a slice, and of what it is to start its processes with.
    rows : list of slice
    n_jobs : int

    Raises
    ------
    Exception
        What was raised by the slice that failed first; the others are then ended, as they are by Ctrl-C.
    """
    together = Together()
    if n_jobs == 1 or len(rows) == 1:
        return [run(part, together) for part in rows]
    failures: list[BaseException] = []

    def attempt(part: slice) -> T:
        try:
            return run(part, together)
        except BaseException as error:
            failures.append(error)  # of which the first is told: the others fail as they are ended for it
            together.end()
            raise

    with ThreadPoolExecutor(min(n_jobs, len(rows))) as pool:
        try:
            futures = [pool.submit(attempt, part) for part in rows]
            wait(futures, return_when=FIRST_EXCEPTION)
            if failures:
                raise failures[0]
            return [future.result() for future in futures]
        finally:
            together.end()
            pool.shutdown(wait=False, cancel_futures=True)
