"""Every public function and class says what each of its arguments is."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator

import pytest

PACKAGES = ("selective_firing", "comparisons")


def modules(package: str) -> list[str]:
    """Return the modules of a package, the package itself among them; __main__ would run."""
    whole = importlib.import_module(package)
    found = pkgutil.walk_packages(whole.__path__, f"{package}.")
    return [package, *(module.name for module in found if not module.name.endswith("__main__"))]


def public(module: str) -> Iterator[tuple[str, Callable]]:
    """Yield name and object of whatever a module defines and offers: functions, classes, and their methods."""
    content = importlib.import_module(module)
    for name in getattr(content, "__all__", ()):
        one = inspect.unwrap(getattr(content, name)) if callable(getattr(content, name)) else None
        if getattr(one, "__module__", None) != module or not (inspect.isclass(one) or inspect.isfunction(one)):
            continue
        yield name, one
        for inner, member in vars(one).items() if inspect.isclass(one) else ():
            member = getattr(member, "__func__", member)  # of a class method
            if inspect.isfunction(member) and not inner.startswith("_") and member.__name__ == inner:
                yield f"{name}.{inner}", member


def arguments(one: Callable) -> list[str]:
    """Return the names of the arguments; none for a protocol, an enumeration or an error."""
    if getattr(one, "_is_protocol", False) or (inspect.isclass(one) and issubclass(one, Exception | enum.Enum)):
        return []
    return [name for name in inspect.signature(one).parameters if name not in ("self", "cls", "_")]


def undocumented(one: Callable) -> list[str]:
    """Return the arguments that the docstring does not name, nor a line below the field of a dataclass."""
    words = inspect.getdoc(one) or ""
    if dataclasses.is_dataclass(one):
        said = [f.name for f in dataclasses.fields(one) if f.metadata.get("meaning")]  # tables of parameters
        sources = "\n".join(inspect.getsource(kind) for kind in one.__mro__[:-1])
        said += re.findall(r'^    (\w+): [^\n]*\n    """\S', sources, flags=re.MULTILINE)
        words = " ".join([words, *said])
    return [name for name in arguments(one) if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_argument_is_documented(package):
    every = [(f"{module}.{name}", one) for module in modules(package) for name, one in public(module)]
    assert len(every) > 20
    assert not [name for name, one in every if not inspect.getdoc(one)]
    assert not {name: missing for name, one in every if (missing := undocumented(one))}


def test_what_is_missing_is_found():
    def call(first, second=1, **others):
        """Return `first`, and second_hand others."""

    assert undocumented(call) == ["second"]
