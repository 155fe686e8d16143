"""What a cached result depends on: the source files behind it, found by walking imports, and library versions."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path

__all__ = ["code_key", "sources_of"]

PACKAGES = ("selective_firing", "comparisons")
LIBRARIES = ("brian2", "numpy", "scikit-learn", "scipy")
"""Of which a number may change with the version."""


@functools.cache
def _file(module: str) -> Path | None:
    """Return the source file of a module of these packages, None if there is no such module."""
    package = module.partition(".")[0]
    if package not in PACKAGES:
        return None
    home = importlib.util.find_spec(package)  # of the package alone: to find a submodule, Python imports its parents
    if home is None or home.origin is None:
        return None
    place = Path(home.origin).parent.joinpath(*module.split(".")[1:])
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _file_of_yours(module: str) -> Path:
    """Return the source file of a module that is loaded: a model or a claim that is not of this project.

    Raises
    ------
    ValueError
        If it was typed into a session, so that no file says what it does.
    """
    path = getattr(sys.modules.get(module), "__file__", None)
    if path is None:
        raise ValueError(f"module must lie in a file, whose content a cached result can be known by, got {module}.")
    return Path(path)


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """Return the modules of these packages that a file imports, wherever in it, and the packages they lie in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(whole for name in names if name.partition(".")[0] in PACKAGES for whole in _with_packages(name))


def _with_packages(module: str) -> list[str]:
    """Return a module and the packages that it lies in, which importing it runs, too."""
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def sources_of(*modules: str) -> list[Path]:
    """Return the files of these modules and of all that they import of this project, directly or not.

    Code templates in a folder beside a file belong to it. A module of yours is one file, with what that imports of
    this project.

    Raises
    ------
    ValueError
        If there is no file of a module.
    """
    todo = [_file(name) or _file_of_yours(module) for module in modules for name in _with_packages(module)]
    files = set(todo)
    while todo:
        path = todo.pop()
        new = {file for name in _imports(path) if (file := _file(name))} - files
        files |= new | _beside(path)
        todo += new
    return sorted(files)


def _beside(path: Path) -> set[Path]:
    """Return the code templates that lie in a folder beside a source file."""
    return {file for pattern in ("templates/*.cpp", "templates/*.h") for file in path.parent.glob(pattern)}


@functools.cache
def code_key(*modules: str) -> str:
    """Return a hash of all code that these modules depend on, and of the versions of the libraries below it."""
    digest = hashlib.sha256(" ".join(version(name) for name in LIBRARIES).encode())
    for path in sources_of(*modules):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]
