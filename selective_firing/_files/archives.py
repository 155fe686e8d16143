"""Files that are whole or not there, on disks that many hosts share. Reading one executes nothing."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing._checks.arguments import is_integer
from selective_firing._files.whole import FULL, HOST, is_old, whole

__all__ = [
    "check_archive",
    "check_arrays",
    "is_full",
    "plain",
    "read_archive",
    "scratch",
    "swept_temporaries",
    "whole",
    "write_archive",
    "write_text",
]

LARGEST_ARCHIVE = 16 * 2**30
"""Bytes that an archive may unpack to: more than any model or data set here, less than a decompression bomb."""
FORMAT = 1
"""Of the archives written here: raised by one when they hold what an older version could not read. 0 is unnumbered."""
SCRATCH = f"selective_firing_{HOST}_"
"""How a scratch directory of this host begins."""


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")


def plain(value: Any) -> Any:
    """Return an array, a number or a bool of any type as JSON knows it: as it is checked and counted with.

    Parameters
    ----------
    value : Any
    """
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if is_integer(value):
        return int(value)
    if isinstance(value, Real):  # a Fraction, too, and a long double, whose own item() is a long double again
        return float(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a file holds numbers, text and arrays, got {value!r}.")


def write_archive(path: str | Path, arrays: dict[str, np.ndarray], header: dict[str, Any]) -> None:
    """Write arrays and a JSON header to the .npz file `path`, which is replaced only by a whole one.

    The header also gets the number of the format, and the version of this package.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is then still there.
    TypeError
        If the header holds what JSON cannot.
    """
    words = json.dumps({"format": FORMAT, "version": version("selective-firing")} | header, default=plain)
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, header=np.array(words), **arrays)  # type: ignore[arg-type]


def read_archive(path: str | Path, kind: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return arrays and header of an .npz file that `write_archive` wrote.

    Parameters
    ----------
    path : path
    kind : str

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is damaged, is not of this `kind`, or was written by a newer version in a format unknown here.
    """
    try:
        check_archive(path)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        found, form, author = header["kind"], int(header.get("format", 0)), header.get("version", "unknown")
    except FileNotFoundError as error:
        raise FileNotFoundError(f"path must be an existing {kind} file, got {path}.") from error
    except Exception as error:
        raise ValueError(f"path must be a {kind} file of this package, got {path}: {error}") from error
    if form > FORMAT:
        raise ValueError(
            f"path must be a file that this version can read, got {path}: written by version {author}, format {form}; "
            f"version {version('selective-firing')} reads up to {FORMAT}: upgrade selective-firing."
        )
    if found != kind:
        raise ValueError(f"path must be a {kind} file, got {path}, which holds a {found}.")
    return arrays, header


def check_archive(path: str | Path) -> None:
    """Raise ValueError if a zip archive would unpack to more than `LARGEST_ARCHIVE` bytes.

    Parameters
    ----------
    path : path
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST_ARCHIVE:
        raise ValueError(f"it must unpack to at most {LARGEST_ARCHIVE:,} bytes, not {size:,}.")


def check_arrays(arrays: Mapping[str, np.ndarray], allowed: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    """Check the arrays of a file against the list of those that it may hold.

    Parameters
    ----------
    arrays : mapping of str to ndarray
    allowed : mapping of str to tuple
        For each name the kinds of numbers (NumPy's letters, such as "f" or "iu") and the axes: those of one name must
        be of one length in all arrays.

    Raises
    ------
    ValueError
        If an array is not among them, of another kind or shape, or not finite.
    """
    lengths: dict[str, tuple[int, str]] = {}
    for name, array in arrays.items():
        if name not in allowed:
            raise ValueError(f"its arrays must be among {', '.join(allowed)}, not {name}")
        kinds, axes = allowed[name]
        if array.dtype.kind not in kinds or array.ndim != len(axes):
            found = f"{array.dtype} of shape {array.shape}"
            raise ValueError(f"its {name} must have {len(axes)} axes and numbers of kind {kinds}, not {found}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"its {name} must be finite")
        for axis, length in zip(axes, array.shape, strict=True):
            known, where = lengths.setdefault(axis, (length, name))
            if length != known:
                raise ValueError(f"its {name} must have {known} {axis} as {where} has, not {length}")


def is_full(folder: Path) -> bool:
    """Return whether nothing more can be written into a directory: what was written last may be cut off, unsaid.

    Parameters
    ----------
    folder : path
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\1" * 65_536)
            probe.flush()
    except OSError as error:
        return error.errno in FULL
    return False


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give a temporary directory that is gone afterwards, and sweep those of processes that were killed."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{SCRATCH}*"):
        with _held(old) as free:
            if free and old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))
        with _held(folder, wait=True):
            if not folder.is_dir():  # swept by another process before it was held
                continue
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        return


@contextlib.contextmanager
def swept_temporaries() -> Iterator[None]:
    """Let temporary files of Brian2 lie in a `scratch` directory until this process ends, so that a kill leaves none.

    Brian2 writes a log, and a copy of the script, when it is imported, and removes them when the process ends by
    itself; where it is there already they are the user's.
    """
    if "brian2" in sys.modules:
        yield
        return
    with contextlib.ExitStack() as until_the_end:
        try:
            folder = str(until_the_end.enter_context(scratch()))
        except OSError:  # there is no place for temporary files: not every command needs one
            yield
            return
        atexit.register(until_the_end.pop_all().close)  # before Brian2's own, and so called after it
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]


@contextlib.contextmanager
def _held(folder: Path, wait: bool = False) -> Iterator[bool]:
    """Hold a directory, and say whether nobody else does; where that cannot be asked, old ones count as free.

    The system lets go of it when this process ends, however it ends.
    """
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (ImportError, OSError):
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        free = os.fstat(descriptor).st_uid == os.geteuid()
    except BlockingIOError:
        free = False
    except OSError:
        free = is_old(folder)
    try:
        yield free
    finally:
        os.close(descriptor)
