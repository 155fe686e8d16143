"""The cache of compiled simulators: where it is, what it holds, what of it may be run, and its bound."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import stat
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selective_firing.errors import SimulationError

if TYPE_CHECKING:
    from filelock import FileLock

__all__ = [
    "Entry", "cache_dir", "check_owner", "clear", "damage", "entries", "left_over", "lock", "mark_used", "remove",
    "seal", "trim",
]  # fmt: skip

LARGEST_CACHE = 500_000_000
"""Bytes on the disk after which simulators that have not been used for long give way."""
IN_USE_S = 3600
"""Seconds for which a simulator counts as in use after its last start: it is not removed."""
OURS = re.compile(r"([0-9a-f]{20})(\.[a-z0-9_]{8}|\.lock)?")
"""Names in the cache: a simulator; one that is being built or removed; the lock of both."""
MANIFEST = "manifest.json"


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

    named = os.environ.get("SELECTIVE_FIRING_CACHE")
    return Path(named or platformdirs.user_cache_dir("selective_firing")).absolute()


def lock(home: Path, wait: bool = True) -> FileLock:
    """Return the lock that a process holds while it builds or removes the simulator `home`; it may refuse to wait."""
    from filelock import FileLock

    return FileLock(f"{home}.lock", timeout=-1 if wait else 0)


def mark_used(home: Path) -> None:
    """Note that the simulator `home` was started now; where nothing can be written, nothing is noted."""
    try:
        os.utime(home / MANIFEST)
    except OSError:
        return


def check_owner(home: Path) -> None:
    """Raise SimulationError if the simulator `home` is another user's, or others may write to it."""
    for path in (home, home / MANIFEST, home / "main", home / "static_arrays"):
        try:
            found = path.stat()
        except OSError:
            continue  # what is missing is told by `damage`
        foreign = hasattr(os, "geteuid") and found.st_uid != os.geteuid()
        if foreign or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = f"belongs to user {found.st_uid}" if foreign else "can be written by others"
            raise SimulationError(
                f"a simulator must be yours alone to be run, but {path} {why}: remove {home} (selective-firing cache "
                "--clear), or set SELECTIVE_FIRING_CACHE to a directory of your own."
            )


def seal(home: Path) -> None:
    """Note in a simulator's manifest what it is made of, and bring it to the disk, so that no crash can halve it.

    Parameters
    ----------
    home : path
    """
    manifest = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
    files = [path for path in home.rglob("*") if path.is_file() and path.name != MANIFEST]
    content = {str(path.relative_to(home)): path.stat().st_size for path in files}
    manifest |= {"content": content, "checksum": _checksum(home / "main")}
    (home / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for path in (*home.rglob("*"), home, home.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def damage(home: Path) -> str | None:
    """Return what is wrong with the simulator `home`, None if it is as it was built."""
    try:
        manifest = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        for name, size in manifest["content"].items():
            found = (home / name).stat().st_size
            if found != size:
                return f"{name} has {found} bytes, not {size}"
        if not os.access(home / "main", os.X_OK):
            return "main cannot be executed"
        if _checksum(home / "main") != manifest["checksum"]:
            return "main has other content"
        if not all(isinstance(manifest[name], dict) for name in ("shape", "types", "sizes")):
            return "its manifest is damaged"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "its manifest is damaged"
    return None


def _checksum(path: Path) -> int:
    found = path.stat()
    return _checksum_of(path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@functools.lru_cache(maxsize=64)
def _checksum_of(path: Path, *version: int) -> int:
    """Return the checksum of a file; it is read again only if it was written since."""
    return zlib.crc32(path.read_bytes())


def entries() -> list[Entry]:
    """Return the simulators in the cache, the one used last first."""
    found = []
    for manifest in cache_dir().glob(f"*/{MANIFEST}"):
        shape = _shape(manifest)
        with contextlib.suppress(OSError):  # another process is removing it
            if shape is not None and "." not in manifest.parent.name:
                found.append(Entry(manifest.parent, shape, _n_bytes(manifest.parent), manifest.stat().st_mtime))
    return sorted(found, key=lambda entry: -entry.used_s)


def _shape(manifest: Path) -> dict[str, Any] | None:
    """Return what a simulator was compiled for, None if that cannot be read."""
    try:
        shape = json.loads(manifest.read_text(encoding="utf-8"))["shape"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return shape if isinstance(shape, dict) else None


def _n_bytes(path: Path) -> int:
    return sum(inner.lstat().st_blocks * 512 for inner in (path, *path.rglob("*")))


def left_over() -> list[Path]:
    """Return what is in the cache beside whole simulators: damaged ones, and those whose building was cut off."""
    return [
        path for path in _ours()
        if path.suffix != ".lock" and ("." in path.name or _shape(path / MANIFEST) is None)
    ]  # fmt: skip


def _ours() -> list[Path]:
    """Return all in the cache directory that is the cache's: what has a name of its kind, or is a simulator."""
    try:
        found = sorted(cache_dir().iterdir())
    except OSError:
        return []
    return [
        path for path in found
        if OURS.fullmatch(path.name) or ((path / "main").exists() and (path / MANIFEST).exists())
    ]  # fmt: skip


def trim(largest: int = LARGEST_CACHE) -> None:
    """Remove the simulators used longest ago until the cache has at most `largest` bytes, and what was left behind."""
    total = 0
    for entry in entries():
        total += entry.n_bytes
        if total > largest and time.time() - entry.used_s > IN_USE_S:
            _remove_unless_busy(entry.path)
    for path in left_over():
        _remove_unless_busy(path)


def clear() -> int:
    """Remove all that is the cache's, but what is being built right now; return how many bytes that freed."""
    whole = [entry.path for entry in entries()]
    freed = sum(_remove_unless_busy(path) for path in dict.fromkeys((*whole, *left_over())))
    for path in cache_dir().glob("*.lock"):
        home = path.with_suffix("")
        if OURS.fullmatch(path.name) or home in whole:
            with _unless_busy(home) as free:
                if free and not home.exists():
                    path.unlink(missing_ok=True)  # while it is held: whoever waits for it makes another
    return freed


@contextlib.contextmanager
def _unless_busy(home: Path) -> Iterator[bool]:
    """Hold the lock of a simulator, or say that another process does or that none can be had."""
    from filelock import Timeout

    held = lock(home, wait=False)
    try:
        held.acquire()
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        held.release()


def _remove_unless_busy(path: Path) -> int:
    """Remove a simulator, or what is left of one; return how many bytes that freed."""
    match = OURS.fullmatch(path.name)
    with _unless_busy(path.with_name(match[1]) if match else path) as free:
        return remove(path) if free else 0


def remove(path: Path) -> int:
    """Remove a simulator whose lock is held: at once for whoever looks for it, then file by file.

    Parameters
    ----------
    path : path
    """
    if not path.is_dir() or path.is_symlink():
        return 0
    going = path.with_name(f"{path.name.partition('.')[0]}.removed_")
    with contextlib.suppress(OSError):
        n_bytes = _n_bytes(path)
        if path != going:
            shutil.rmtree(going, ignore_errors=True)
            os.replace(path, going)
        shutil.rmtree(going, ignore_errors=True)
        return n_bytes
    return 0
