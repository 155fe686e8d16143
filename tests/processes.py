"""Processes that tests start, and what these start in turn: found by a path in their environment."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from selective_firing.engine.build_key import BuildKey

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")


BUILD = """
import json, sys
from selective_firing.engine.build_key import BuildKey
from selective_firing.engine.simulator import simulator
print(simulator(BuildKey(**json.loads(sys.argv[1]))))
"""


def to_build(shape: BuildKey) -> list[str]:
    """Return the command that builds a simulator of this shape, and prints where it is."""
    return [sys.executable, "-c", BUILD, json.dumps(asdict(shape))]


def building(shape: BuildKey) -> subprocess.Popen:
    """Return a process that builds a simulator of this shape, and prints where it is."""
    return subprocess.Popen(to_build(shape), stdout=subprocess.PIPE, text=True, start_new_session=True)


def on_a_small_disk(folder: Path, size: str, script: str, *arguments: object) -> subprocess.CompletedProcess:
    """Run a script with `folder` as a disk of so little room; skip the test where none can be made."""
    words = " ".join(map(str, arguments))
    mount = f"mount -t tmpfs -o size={size} none {folder} && exec {sys.executable} -c '{script}' {words}"
    done = subprocess.run(["unshare", "-r", "-m", "sh", "-c", mount], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")
    return done


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
