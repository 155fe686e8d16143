"""The options of a circuit's constants, made from its parameter table; the help shows those of the chosen circuit."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import field, fields, make_dataclass
from typing import Annotated, Any, Literal

import tyro

from selective_firing.parameters import PARAMETERS

__all__ = ["WORDS", "circuit_options", "given_options"]

WORDS: ContextVar[tuple[str, ...]] = ContextVar("WORDS", default=())
"""What stands on the command line after the program's name."""
CHOICE = "whether the hidden layer has rate units or cells that spike"
OTHERS = "its constants are below; those of the {other} circuit: --circuit {other} --help"


def given_options() -> frozenset[str]:
    """Return the names of the options that are on the command line, as they are written in Python."""
    names = (word.removeprefix("--").partition("=")[0].replace("-", "_") for word in WORDS.get() if word[:2] == "--")
    return frozenset(plain for name in names for plain in (name, name.removeprefix("no_")))


def circuit_options() -> type[Any]:
    """Return a dataclass of the circuit and its constants.

    A run takes the constants of all circuits, to say of one that it is another circuit's; the help has only those of
    the circuit that is chosen.
    """
    words = WORDS.get()
    helps = not {"-h", "--help"}.isdisjoint(words)
    chosen = next((word for before, word in zip(("", *words), words, strict=False) if before == "--circuit"), "rate")
    chosen = next((word.partition("=")[2] for word in words if word.startswith("--circuit=")), chosen)
    tables = {chosen: PARAMETERS[chosen]} if helps and chosen in PARAMETERS else PARAMETERS
    others = [OTHERS.format(other=name) for name in PARAMETERS if name not in tables]
    meaning = "; ".join([CHOICE, *others])
    choice: Any = Annotated[Literal[tuple(PARAMETERS)], tyro.conf.arg(help=meaning)]
    rows: dict[str, dict[str, Any]] = {}
    for circuit, table in tables.items():
        for f in fields(table):
            rows.setdefault(f.name, {})[circuit] = f
    options = [_option(name, by_circuit, len(tables) > 1) for name, by_circuit in rows.items()]
    made = make_dataclass("Circuit", [("circuit", choice, field(default="rate")), *options], frozen=True)
    made.__doc__ = "How the hidden layer competes."
    return made


def _option(name: str, by_circuit: dict[str, Any], named: bool) -> tuple[str, Any, Any]:
    """Return one option; where it is not given, the chosen circuit has its own default."""
    meanings: dict[str, list[str]] = {}
    for circuit, f in by_circuit.items():
        counted = isinstance(f.default, int | float) and not isinstance(f.default, bool)
        default = f"{f.default:g} {f.metadata['unit']}".strip() if counted else str(f.default)
        meanings.setdefault(f.metadata["meaning"], []).append(f"{circuit}: {default}" if named else default)
    words = "; ".join(f"{meaning} ({', '.join(defaults)})" for meaning, defaults in meanings.items())
    first = next(iter(by_circuit.values()))
    choices = first.metadata["choices"]
    number = next(kind for kind in (bool, int, float, str) if isinstance(first.default, kind))
    kind: Any = (Literal[choices] if choices else number) | None
    shown = "{" + ",".join(choices) + "}" if choices else number.__name__.upper()
    if "tuple" in str(first.type):  # a number, or two: its start and its end
        kind, shown = kind | tuple[float, float], f"{shown} [{shown}]"
    return name, Annotated[kind, tyro.conf.arg(help=words, help_behavior_hint="", metavar=shown)], field(default=None)
