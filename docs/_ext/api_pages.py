"""A page for each package of the API, written into ``reference/api`` before the sources are read."""

from __future__ import annotations

import collections
import dataclasses
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

API = {
    "selective_firing": "The circuit: what `from selective_firing import ...` offers, folders aside.",
    "comparisons": "Rivals of the circuit: `from comparisons import ...`. All have the same methods.",
    "selective_firing.datasets": "Stimuli: made, shipped with scikit-learn, or read from files.",
    "selective_firing.measures": "Arrays in, numbers out; every measure names its source and has a countable example.",
    "selective_firing.energy": "From counts of spikes and operations to ATP and joules, by cited tables.",
    "selective_firing.figures": "Results in, a matplotlib Figure out.",
    "selective_firing.theory": "Closed forms, and ideal circuits that sort: what simulations are tested against.",
}
"""What is documented, and a line on each."""


def write_api(app: Sphinx) -> None:
    """Write a page for each package of `API`, on all that it offers.

    Parameters
    ----------
    app : Sphinx
    """
    folder = Path(app.srcdir) / "reference" / "api"
    folder.mkdir(exist_ok=True)
    for package, words in API.items():
        path, text = folder / f"{package}.rst", _api_page(package, words)
        if not path.exists() or path.read_text() != text:  # what is unchanged is not read again
            path.write_text(text)


def _api_page(package: str, words: str) -> str:
    """Return reStructuredText for one package: a list of what can be called, then all names, one after the other."""
    content = importlib.import_module(package)
    offered = {name: getattr(content, name) for name in content.__all__ if not name.startswith("_")}
    offered = {name: one for name, one in offered.items() if not inspect.ismodule(one)}
    callables = [name for name, one in offered.items() if callable(one)]
    lines = [package, "=" * len(package), "", words.replace("`", "``"), "", f".. currentmodule:: {package}", ""]
    lines += [".. autosummary::", "", *(f"   {name}" for name in callables)]
    for name in callables:
        is_class = inspect.isclass(offered[name])
        lines += ["", f".. auto{'class' if is_class else 'function'}:: {name}"]
        lines += ["   :members:", "   :inherited-members: object"] if is_class else []
    constants = {name: one for name, one in offered.items() if name not in callables}
    told = _told(content) if constants else {}
    for name, one in constants.items():
        lines += ["", f".. py:data:: {name}", *_value(one), "", *(f"   {line}" for line in told[name].splitlines())]
    return "\n".join(lines) + "\n"


def _value(one: object) -> list[str]:
    """Return the option that shows a value, if it is short."""
    return [f"   :value: {one!r}"] if isinstance(one, str | int | float) else []


def _told(package: ModuleType) -> dict[str, str]:
    """Return what is said below each constant, in any module of a package."""
    inside = [each.name for each in pkgutil.iter_modules(package.__path__) if not each.name.startswith("_")]
    found: dict[str, str] = collections.defaultdict(str)
    for name in (package.__name__, *(f"{package.__name__}.{each}" for each in inside)):
        documented = ModuleAnalyzer.for_module(name).find_attr_docs()
        found |= {attribute: "\n".join(lines) for (owner, attribute), lines in documented.items() if not owner}
    return found


def _plain_bars(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Let |x| in a docstring be a norm, not a substitution of reStructuredText."""
    lines[:] = [line if line.lstrip().startswith((">>>", "...")) else line.replace("|", r"\|") for line in lines]


def _own_signature(
    app: Sphinx, what: str, name: str, obj: object, options: object, given: str | None, returned: str | None
) -> tuple[str, str | None] | None:
    """Show what a table of parameters takes, not the door before it that knows misspelt names."""
    if inspect.isclass(obj) and dataclasses.is_dataclass(obj):
        signature = inspect.signature(obj.__init__)
        taken = [each.replace(annotation=each.empty) for each in list(signature.parameters.values())[1:]]
        return str(signature.replace(parameters=taken, return_annotation=signature.empty)), returned
    return None


def _leave_out(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave out what scikit-learn adds to every estimator for the routing of metadata."""
    return True if name == "get_metadata_routing" or re.fullmatch(r"set_\w+_request", name) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before sources are looked for, and let docstrings of this project be read as they are meant."""
    app.connect("builder-inited", write_api)
    app.connect("autodoc-process-docstring", _plain_bars)
    app.connect("autodoc-process-signature", _own_signature)
    app.connect("autodoc-skip-member", _leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
