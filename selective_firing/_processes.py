"""Worker processes that end when the process that asked for their work does, however that ended."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["in_worker"]

LOOK_S = 0.2
"""How often a worker looks whether its parent is still there."""
WATCHED: set[int] = set()
"""The parent that a thread of this process watches, once there is one."""


def in_worker(parent: int, call: Callable, *args: Any) -> Any:
    """Return ``call(*args)``; if this is a worker process of `parent`, it ends with that.

    joblib's own workers go on with what they were given when the main process is killed. Threads, and workers of a
    cluster, which are no children of `parent`, are left alone.

    Parameters
    ----------
    parent : int
        Number of the process that hands out the work.
    call : callable
    *args
    """
    if os.getpid() != parent:
        if os.getppid() == parent:
            _watch(parent)
        elif multiprocessing.current_process().name.startswith(
            "LokyProcess"
        ):  # joblib's: orphaned before its first job
            os._exit(1)
    return call(*args)


def _watch(parent: int) -> None:
    """Let this process end when it is no child of `parent` any more."""
    if parent in WATCHED:
        return
    WATCHED.add(parent)

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        os._exit(1)  # at once: what it was working on nobody waits for

    threading.Thread(target=look, name="watch parent", daemon=True).start()
