"""Worker processes that end when the process that asked for their work does, however that ended."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

__all__ = ["ending_with_us"]

LOOK_S = 0.2
"""How often a worker looks whether its parent is still there."""


def ending_with_us() -> dict[str, Any]:
    """Return arguments for `joblib.Parallel` by which its worker processes end with this one.

    On their own they go on with what they were given when the main process is killed, and then wait for more. Threads,
    and the workers of a cluster, are left alone.
    """
    return {"initializer": _end_with, "initargs": (os.getpid(),)}


def _end_with(parent: int) -> None:
    """Let this process end when it is no child of `parent`, or no longer."""
    if os.getpid() == parent:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        os._exit(1)  # at once: nobody waits for what it was working on

    threading.Thread(target=watch, name="watch parent", daemon=True).start()
