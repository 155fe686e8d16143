"""What both command lines share: the options of a run, the circuit's made from its parameter table."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from selective_firing import datasets
from selective_firing._files.archives import plain, swept_temporaries, write_text
from selective_firing.parameters import PARAMETERS, CircuitParameters

__all__ = ["CircuitOptions", "LearningOptions", "RunOptions", "command", "write_json", "write_table"]


def _options() -> list[tuple[str, Any, Any]]:
    """Return name, annotated type and default of the option for each row of the parameter tables of both circuits."""
    rows: dict[str, dict[str, Any]] = {}
    for circuit, table in PARAMETERS.items():
        for f in fields(table):
            rows.setdefault(f.name, {})[circuit] = f
    return [_option(name, by_circuit) for name, by_circuit in rows.items()]


def _option(name: str, by_circuit: dict[str, Any]) -> tuple[str, Any, Any]:
    """Return one option; where it is not given, the chosen circuit has its own default."""
    meanings: dict[str, list[str]] = {}
    for circuit, f in by_circuit.items():
        counted = isinstance(f.default, int | float) and not isinstance(f.default, bool)
        default = f"{f.default:g} {f.metadata['unit']}".strip() if counted else f.default
        meanings.setdefault(f.metadata["meaning"], []).append(f"{circuit}: {default}")
    words = "; ".join(f"{meaning} ({', '.join(defaults)})" for meaning, defaults in meanings.items())
    choices = next(iter(by_circuit.values())).metadata["choices"]
    default = next(iter(by_circuit.values())).default
    number = next(kind for kind in (bool, int, float, str) if isinstance(default, kind))
    kind = (Literal[choices] if choices else number) | None
    shown = "{" + ",".join(choices) + "}" if choices else number.__name__.upper()
    return name, Annotated[kind, tyro.conf.arg(help=words, help_behavior_hint="", metavar=shown)], field(default=None)


if TYPE_CHECKING:

    @dataclass(frozen=True)
    class Constants:
        """The circuit's constants, with their defaults in either circuit."""
else:
    Constants = make_dataclass("Constants", _options(), frozen=True)
    Constants.__doc__ = "The circuit's constants, with their defaults in either circuit."


def file_options(index_column: str | None, image_shape: str | None) -> dict[str, Any]:
    """Return the options of `datasets.load` that were given.

    Parameters
    ----------
    index_column : str or None
    image_shape : str or None
        Height and width, as in 12x9.

    Raises
    ------
    ValueError
        If the shape is of another form.
    """
    found: dict[str, Any] = {} if index_column is None else {"index_column": index_column}
    if image_shape is not None:
        sides = image_shape.lower().split("x")
        if len(sides) != 2 or not all(side.isdecimal() and int(side) > 0 for side in sides):
            raise ValueError(f"image_shape must be height x width, as in 12x9, got {image_shape!r}.")
        found["image_shape"] = tuple(int(side) for side in sides)
    return found


@dataclass(frozen=True, kw_only=True)
class CircuitOptions:
    """Which circuit."""

    circuit: Literal["rate", "spiking"] = "rate"
    """whether the hidden layer has rate units or cells that spike"""
    constants: tyro.conf.OmitArgPrefixes[Constants] = field(default_factory=Constants)
    """how the hidden layer competes"""

    @property
    def parameters(self) -> CircuitParameters:
        """The circuit's parameters, checked.

        Raises
        ------
        ValueError
            If one is of the other circuit, or breaks a rule.
        """
        given = {name: value for name, value in asdict(self.constants).items() if value is not None}
        own = PARAMETERS[self.circuit]
        for name in given.keys() - {f.name for f in fields(own)}:
            raise ValueError(f"{name} must be left out: the {self.circuit} circuit has no such constant.")
        return own(**given)


@dataclass(frozen=True, kw_only=True)
class RunOptions(CircuitOptions):
    """What is simulated, on which data, and where the results go."""

    dataset: str = "digits"
    """digits, patches, bars, mnist, features (and features-correlated, ...), or a file: .npy, .npz (X, y) or .csv"""
    data_dir: Path | None = None
    """directory of the MNIST files; otherwise $SELECTIVE_FIRING_DATA, the cache or a download"""
    label_column: str | None = None
    """column of a .csv that holds the class labels, by name or position"""
    index_column: str | None = None
    """column of a .csv that numbers or names its rows, and is no input"""
    image_shape: str | None = None
    """height and width if the rows of a file are images: 12x9"""
    n_hidden: int = 128
    """number of hidden units"""
    k: int = 10
    """number of winners per stimulus"""
    seed: int = 0
    """seed of data, weights, order and noise"""
    target: Literal["auto", "cpp_standalone", "cython", "numpy"] = "auto"
    """target of Brian2: auto compiles when that pays and there is a compiler"""
    output_dir: Path = Path("results")
    """directory for tables, figures and models; it must be new or empty"""
    overwrite: bool = False
    """write into the directory even if it holds an earlier run"""

    def load(self) -> datasets.Dataset:
        """Return the data set that was asked for."""
        options = file_options(self.index_column, self.image_shape)
        return datasets.from_name(self.dataset, self.data_dir, self.seed, self.label_column, **options)


@dataclass(frozen=True, kw_only=True)
class LearningOptions(RunOptions):
    """The same, with learning."""

    n_epochs: int = 10
    """times that all patterns are presented"""
    learning_rate: float = 1.0
    """dimensionless learning rate of the circuit, which falls linearly to 0"""
    homeostasis: float = 0.0
    """step of the circuit's intrinsic plasticity that keeps units alive; 0 for none"""
    k_start: int | None = None
    """winners in the first pass, falling to k over the first half of the passes"""


def command(commands: Mapping[str, Callable[..., None]], prog: str, description: str, args: list[str]) -> int:
    """Run one of `commands`; an error that the user can mend becomes one line, and exit status 2.

    Parameters
    ----------
    commands : Mapping[str, Callable[..., None]]
    prog : str
    description : str
    args : list[str]
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a console cannot show must not make a run fail at its end
            stream.reconfigure(errors="backslashreplace")
    news = logging.getLogger("selective_firing")
    news.setLevel(logging.INFO)
    news.addHandler(logging.StreamHandler())
    try:
        with swept_temporaries():
            tyro.extras.subcommand_cli_from_dict(dict(commands), prog=prog, description=description, args=args)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{prog}: interrupted", file=sys.stderr)
        return 130
    return 0


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path`, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, default=_as_json) + "\n")


def _as_json(value: Any) -> Any:
    """Return a number or an array of NumPy's as JSON knows it, all else as text."""
    try:
        return plain(value)
    except TypeError:
        return str(value)


def write_table(path: Path, table: Any) -> None:
    """Write a data frame to `path` as CSV, whole or not at all.

    Parameters
    ----------
    path : path
    table : Any
    """
    write_text(path, table.to_csv(index=False))
