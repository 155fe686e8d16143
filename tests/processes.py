"""Processes that a test has started, and what they started in turn: found by a path in their environment."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")


def alive(folder: Path) -> list[str]:
    """Return the commands of the processes, but this one, that have `folder` in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.name != str(os.getpid()) and str(folder).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def wait_until(condition: Callable[[], object], seconds: float, every: float = 0.02) -> None:
    """Wait until the condition holds, looking every so many seconds; fail when `seconds` are over."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(every)
