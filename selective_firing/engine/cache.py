"""The cache of compiled simulators: where it is, what it holds, and its bound."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Entry", "cache_dir", "clear", "entries", "lock", "mark_used", "trim"]

LARGEST_CACHE = 500_000_000
"""Bytes on the disk after which simulators that have not been used for long give way."""
IN_USE_S = 3600
"""Seconds for which a simulator counts as in use after its last start: it is not removed."""


@dataclass(frozen=True)
class Entry:
    """One compiled simulator.

    Attributes
    ----------
    path : Path
    shape : dict
        What it was compiled for.
    n_bytes : int
        On the disk.
    used_s : float
        When it was last started, in seconds since the epoch.
    """

    path: Path
    shape: dict
    n_bytes: int
    used_s: float


def cache_dir() -> Path:
    """Return where compiled simulators are kept: $SELECTIVE_FIRING_CACHE or the user's cache directory."""
    import platformdirs

    return Path(os.environ.get("SELECTIVE_FIRING_CACHE") or platformdirs.user_cache_dir("selective_firing"))


def lock(home: Path):
    """Return the lock that a process holds while it builds or removes the simulator `home`."""
    from filelock import FileLock

    return FileLock(f"{home}.lock")


def mark_used(home: Path) -> None:
    """Note that the simulator `home` was started now; where nothing can be written, nothing is noted."""
    try:
        os.utime(home / "manifest.json")
    except OSError:
        return


def entries() -> list[Entry]:
    """Return the simulators in the cache, the one used last first."""
    found = []
    for manifest in cache_dir().glob("*/manifest.json"):
        try:
            shape = json.loads(manifest.read_text())["shape"]
            n_bytes = sum(path.stat().st_blocks * 512 for path in manifest.parent.rglob("*"))
            found.append(Entry(manifest.parent, shape, n_bytes, manifest.stat().st_mtime))
        except (OSError, ValueError, KeyError, TypeError):  # another process is removing it, or it is damaged
            continue
    return sorted(found, key=lambda entry: -entry.used_s)


def trim(largest: int = LARGEST_CACHE) -> None:
    """Remove the simulators that were used longest ago until the cache has at most `largest` bytes."""
    total = 0
    for entry in entries():
        total += entry.n_bytes
        if total > largest and time.time() - entry.used_s > IN_USE_S:
            _remove(entry)


def clear() -> int:
    """Remove every simulator, and return how many bytes that freed."""
    return sum(_remove(entry) for entry in entries())


def _remove(entry: Entry) -> int:
    with lock(entry.path):
        (entry.path / "manifest.json").unlink(missing_ok=True)  # from now on it counts as absent
        shutil.rmtree(entry.path, ignore_errors=True)
    return entry.n_bytes
