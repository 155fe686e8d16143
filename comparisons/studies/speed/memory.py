"""The most memory that simulators took while they ran."""

from __future__ import annotations

import math
import re
import threading
from pathlib import Path
from typing import Self

import numpy as np

__all__ = ["PeakMemory"]

LOOK_S = 0.005
"""How often is looked; the system keeps each process's peak, so only the very last pages can be missed."""


class PeakMemory:
    """While entered, looks for the largest simulator among the child processes of this one.

    Attributes
    ----------
    n_bytes : float
        Its peak; nan if there was none, or where there is no /proc. (What `getrusage` says of children counts the
        memory of the process that started them, too.)
    """

    def __init__(self) -> None:
        self.n_bytes = math.nan
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            for children in Path("/proc/self/task").glob("*/children"):  # of each thread
                for child in _words(children).split():
                    status = _words(Path("/proc", child, "status"))
                    found = re.search(r"VmHWM:\s+(\d+) kB", status)
                    if found and status.startswith("Name:\tmain\n"):
                        self.n_bytes = float(np.fmax(self.n_bytes, 1024 * int(found[1])))


def _words(path: Path) -> str:
    """Return what a file of the system says; nothing if its process has just ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
