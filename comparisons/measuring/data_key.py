"""What a cached result knows its data by: the content of the files that a data set is read from, wherever they lie."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from selective_firing.datasets import NAMES
from selective_firing.datasets.idx import MD5, named_files

__all__ = ["data_key"]


def data_key(name: str, data_dir: str | Path | None = None) -> str | None:
    """Return a hash of the files of a data set, "" if it has none, None if one of them is not there.

    Parameters
    ----------
    name : {"digits", "patches", "bars", "mnist"}, a name of `FEATURES`, or path
    data_dir : path, optional
        Directory of the MNIST files; otherwise $SELECTIVE_FIRING_DATA, or the files as published.
    """
    if name in NAMES and name != "mnist":
        return ""
    try:
        paths = named_files(data_dir) if name == "mnist" else [Path(name)]
        if not paths:
            return " ".join(MD5.values())  # what is downloaded is checked by these
        return " ".join(_content(path, *_version(path)) for path in paths)
    except OSError:
        return None


def _version(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@functools.lru_cache(maxsize=64)
def _content(path: Path, *version: int) -> str:
    """Return a hash of what is in a file; it is read again only if it was written since."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
