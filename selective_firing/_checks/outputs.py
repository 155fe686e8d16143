"""Files and folders that results are written to: checked before anything is worked out."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["check_output_dir", "check_output_file"]

OWN = ".selective_firing_"
"""How the names of files begin that are not yet whole: other processes may be writing them."""


def check_output_file(name: str, path: str | Path) -> Path:
    """Return `path` if a file can be written there, or raise OSError.

    Parameters
    ----------
    name : str
    path : path
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{name} must be a file, got the directory {path}.")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"{name} must lie in an existing, writable directory, got {path}.")
    return path


def check_output_dir(path: str | Path, overwrite: bool = False, resumes: str = "") -> Path:
    """Return `path` as an existing, writable directory that holds no earlier run, or one to go on with, or raise.

    A run can go on where a directory of the name `resumes` lies.

    Raises
    ------
    FileExistsError
        If the directory is not empty and `overwrite` is false.
    PermissionError, NotADirectoryError
        If nothing can be written there.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path, prefix=OWN):  # of a name that no other process has
            pass
    except OSError as error:
        raise type(error)(f"output directory {path} must be writable: {error.strerror or error}.") from error
    holds = any(not found.name.startswith(OWN) for found in path.iterdir())  # first: another process may just begin
    if holds and not overwrite and not (resumes and (path / resumes).is_dir()):
        rule = f"be empty, or hold {resumes}/ of a run to go on with" if resumes else "be empty"
        mend = "choose another" if resumes else "choose another or pass --overwrite"
        raise FileExistsError(f"output directory {path} must {rule}; {mend}.")
    return path
