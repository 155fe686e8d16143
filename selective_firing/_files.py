"""Files that are whole or not there: written beside, then renamed. Reading one executes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["check_archive", "read_archive", "scratch", "whole", "write_archive", "write_text"]

LARGEST_ARCHIVE = 16 * 2**30
"""Bytes that an archive may unpack to: more than any model or data set here, less than a decompression bomb."""
SCRATCH = f"selective_firing_{socket.gethostname()}_"


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; it becomes `path` if all goes well, and is gone if not."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    for old in path.parent.glob(f".{path.name}.*"):
        if not _is_alive(old.name.rpartition(".")[2]):  # left behind by a process that was killed
            old.unlink(missing_ok=True)
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_archive(path: str | Path, arrays: dict[str, np.ndarray], header: dict[str, Any]) -> None:
    """Write arrays and a JSON header to the .npz file `path`, which is replaced only by a whole one.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then still there.
    """
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header, default=np.ndarray.tolist)), **arrays)
        file.flush()
        os.fsync(file.fileno())


def read_archive(path: str | Path, kind: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return arrays and header of an .npz file that `write_archive` wrote.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is damaged or is not of this `kind`.
    """
    try:
        check_archive(path)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        found = header["kind"]
    except FileNotFoundError as error:
        raise FileNotFoundError(f"path must be an existing {kind} file, got {path}.") from error
    except Exception as error:
        raise ValueError(f"path must be a {kind} file of this package, got {path}: {error}") from error
    if found != kind:
        raise ValueError(f"path must be a {kind} file, got {path}, which holds a {found}.")
    return arrays, header


def check_archive(path: str | Path) -> None:
    """Raise ValueError if a zip archive would unpack to more than `LARGEST_ARCHIVE` bytes."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST_ARCHIVE:
        raise ValueError(f"it must unpack to at most {LARGEST_ARCHIVE:,} bytes, not {size:,}.")


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give a temporary directory that is gone afterwards, and sweep those of processes that were killed."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{SCRATCH}*"):
        if not _is_alive(old.name.removeprefix(SCRATCH).partition("_")[0]):
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}_", dir=parent) as folder:
        yield Path(folder)


def _is_alive(pid: str) -> bool:
    """Return whether a process of this number runs here; in doubt it does."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, PermissionError):
        return True
    return True
