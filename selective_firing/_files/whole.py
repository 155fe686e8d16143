"""One file that is whole or not there, on a disk that many hosts share: written without a name, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["FULL", "HOST", "is_old", "whole"]

HOST = re.sub(r"[^A-Za-z0-9]", "-", platform.node())[:60]
PART = f".selective_firing_{HOST}_"
"""How a file begins that this host has not finished; random digits and ".part" follow."""
LEFT_OVER_S = 86_400
"""Age at which what nobody has finished counts as left behind: a day without a byte written."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of errors that mean a full disk, or the end of the user's share of it."""
SWEPT: set[Path] = set()
"""Directories in which this process has already looked for what was left behind."""


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` if all goes well, and is gone if not.

    Any number of threads, processes and hosts may write one `path`: the last to finish counts. A link stays, and what
    it points to is written. Where the system can do it, the file has no name before it is whole, so that a process
    that is killed leaves nothing; elsewhere it has a random one beside `path`.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then still there.
    """
    target = _destination(Path(path))
    _sweep(target.parent)
    with _told(target):
        descriptor, named = _open_beside(target.parent)
        try:
            try:
                yield named or _nameless(descriptor)
                if target.exists() and hasattr(os, "fchmod"):
                    os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
                os.fsync(descriptor)
                named = named or _name(descriptor, target.parent)
            finally:
                os.close(descriptor)
            os.replace(named, target)
        finally:
            if named is not None:
                named.unlink(missing_ok=True)


def _destination(path: Path) -> Path:
    """Return the file that writing to `path` is about: itself, or what it links to."""
    if path.is_symlink():
        folder = path.parent.stat()
        shared = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
        if shared and path.lstat().st_uid not in (os.geteuid(), folder.st_uid):
            raise PermissionError(f"path must be no link of another user in a directory of everybody's, got {path}.")
        path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path must lie in an existing directory, got {path}; make {path.parent} first.")
    if path.is_dir():
        raise IsADirectoryError(f"path must be a file, got the directory {path}.")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OSError(f"path must be a regular file, got {path}, which is a device, a pipe or a circular link.")
    return path


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    """Let errors name the file that was asked for, and a full disk be called one."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            words = f"{os.strerror(error.errno)}: the disk is full, and {target} is as it was before; make room, or "
            raise OSError(error.errno, f"{words}choose a directory on another disk") from error
        if any(name and Path(str(name)).name.startswith(PART) for name in (error.filename, error.filename2)):
            raise type(error)(error.errno, error.strerror, str(target)) from error
        raise


def _open_beside(folder: Path) -> tuple[int, Path | None]:
    """Return a new file, open for writing, in `folder`, and its path if it must have one."""
    if hasattr(os, "O_TMPFILE"):
        with contextlib.suppress(OSError):  # not on every disk, NFS among them; what else is wrong shows below
            descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
            if _nameless(descriptor).exists():
                return descriptor, None
            os.close(descriptor)
    path = _part(folder)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666), path


def _nameless(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}")


def _part(folder: Path) -> Path:
    """Return a path that nobody has, and that nobody can foresee."""
    return folder / f"{PART}{secrets.token_hex(16)}.part"


def _name(descriptor: int, folder: Path) -> Path:
    """Give a file without a name a passing one."""
    path = _part(folder)
    os.link(_nameless(descriptor), path, src_dir_fd=descriptor, follow_symlinks=True)  # only so is the link followed
    return path


def _sweep(folder: Path) -> None:
    """Remove what processes of this host left in `folder` long ago; once in the life of this process."""
    if folder in SWEPT:
        return
    SWEPT.add(folder)
    for path in folder.glob(f"{PART}*.part"):
        with contextlib.suppress(OSError):
            if re.fullmatch(r"[0-9a-f]{32}\.part", path.name.removeprefix(PART)) and is_old(path):
                path.unlink()


def is_old(path: Path) -> bool:
    """Return whether nothing was written to a file, or into a directory, of ours for long.

    Parameters
    ----------
    path : path
    """
    found = path.lstat()
    return not stat.S_ISLNK(found.st_mode) and time.time() - found.st_mtime > LEFT_OVER_S
