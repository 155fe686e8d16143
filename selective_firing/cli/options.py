"""The options of a run that both command lines share, in groups as the help shows them; files that commands write."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from selective_firing import datasets
from selective_firing._files.archives import plain, write_text
from selective_firing.cli.constants import circuit_options, given_options
from selective_firing.parameters import PARAMETERS, CircuitParameters

__all__ = [
    "Circuit", "CircuitOptions", "DataOptions", "Learning", "LearningOfManyK", "LearningOptions", "Run", "RunOptions",
    "check_left_alone", "grouped", "write_json", "write_table",
]  # fmt: skip


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
    """How the hidden layer competes."""

    circuit: str = "rate"
    """whether the hidden layer has rate units or cells that spike"""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """constants of the circuit that were given"""

    @property
    def parameters(self) -> CircuitParameters:
        """The circuit's parameters, checked.

        Raises
        ------
        ValueError
            If one is of the other circuit, or breaks a rule.
        """
        own = PARAMETERS[self.circuit]
        for name in self.constants.keys() - {f.name for f in fields(own)}:
            raise ValueError(f"{name} must be left out: the {self.circuit} circuit has no such constant.")
        return own(**self.constants)


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What the circuit sees."""

    dataset: Annotated[str, tyro.conf.arg(aliases=("--data",))] = "digits"
    """digits, patches, bars, mnist, features (and features-correlated, ...), or a file: .npy, .npz (X, y) or .csv"""
    data_dir: Path | None = None
    """directory of the MNIST files; otherwise $SELECTIVE_FIRING_DATA, the cache or a download"""
    label_column: str | None = None
    """column of a .csv that holds the class labels, by name or position"""
    index_column: str | None = None
    """column of a .csv that numbers or names its rows, and is no input"""
    image_shape: str | None = None
    """height and width if the rows of a file are images: 12x9"""

    def load(self, seed: int = 0) -> datasets.Dataset:
        """Return the data set that was asked for.

        Parameters
        ----------
        seed : int
            Of what is drawn at random: the split of a file, patches, bars.
        """
        options = file_options(self.index_column, self.image_shape)
        return datasets.from_name(self.dataset, self.data_dir, seed, self.label_column, **options)


@dataclass(frozen=True, kw_only=True)
class WidthOptions:
    """How many units there are."""

    n_hidden: int = 128
    """number of hidden units"""


@dataclass(frozen=True, kw_only=True)
class LayerOptions(WidthOptions):
    """How many units there are, and how many of them win."""

    k: int = 10
    """number of winners per stimulus"""


@dataclass(frozen=True, kw_only=True)
class RateOptions:
    """How it learns."""

    n_epochs: int = 10
    """times that all patterns are presented"""
    learning_rate: float = 1.0
    """dimensionless learning rate of the circuit, which falls linearly to 0"""
    homeostasis: float = 0.0
    """step of the circuit's intrinsic plasticity that keeps units alive; 0 for none"""
    k_start: int | None = None
    """winners in the first pass, falling to k over the first half of the passes"""


@dataclass(frozen=True, kw_only=True)
class PlaceOptions:
    """How it runs, and where the results go."""

    seed: int = 0
    """seed of data, weights, order and noise"""
    target: Literal["auto", "cpp_standalone", "cython", "numpy"] = "auto"
    """target of Brian2: auto compiles when that pays and there is a compiler"""
    output_dir: Path = Path("results")
    """directory for tables, figures and models; it must be new or empty"""
    overwrite: bool = False
    """write into the directory even if it holds an earlier run"""


@dataclass(frozen=True, kw_only=True)
class RunOptions(CircuitOptions, DataOptions, LayerOptions, PlaceOptions):
    """What is simulated, on which data, and where the results go."""

    given: frozenset[str] = frozenset()
    """names of the options that were on the command line"""

    def load(self, seed: int | None = None) -> datasets.Dataset:
        """Return the data set that was asked for.

        Parameters
        ----------
        seed : int, optional
            In the place of that of the options.
        """
        return super().load(self.seed if seed is None else seed)


@dataclass(frozen=True, kw_only=True)
class LearningOptions(RunOptions, RateOptions):
    """The same, with learning."""


GROUPS: dict[type[Any], dict[str, type[Any]]] = {
    CircuitOptions: {},
    RunOptions: {"data": DataOptions, "layer": LayerOptions, "run": PlaceOptions},
    LearningOptions: {"data": DataOptions, "layer": LayerOptions, "learning": RateOptions, "run": PlaceOptions},
}
"""Of the options that a command takes, what the help shows together, beside the circuit's."""


def grouped(kind: type[Any], **others: type[Any]) -> Callable[..., Any]:
    """Return what makes options of `kind` from groups of them, one for each heading of the help.

    Parameters
    ----------
    kind : type
        `CircuitOptions`, `RunOptions` or `LearningOptions`.
    **others : type
        Groups in the place of the usual ones: of less options, the rest of which keep their defaults.
    """

    def made(**groups: Any) -> Any:
        flat = {name: value for group in groups.values() for name, value in vars(group).items()}
        known = {f.name for f in fields(kind)}
        constants = {name: value for name, value in flat.items() if name not in known and value is not None}
        told = {"given": given_options()} if "given" in known else {}
        return kind(**{name: value for name, value in flat.items() if name in known}, constants=constants, **told)

    groups = {**GROUPS[kind], **others, "circuit": circuit_options()}
    without_prefix: Any = tyro.conf.OmitArgPrefixes  # mypy takes no type that is made as the program runs
    made.__annotations__ = {name: without_prefix[group] for name, group in groups.items()}
    made.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter(name, Parameter.KEYWORD_ONLY, default=group()) for name, group in groups.items()]
    )
    return made


def check_left_alone(options: LearningOptions, names: tuple[str, ...], why: str) -> None:
    """Raise ValueError if one of some options was given, though the command has its own.

    Parameters
    ----------
    options : LearningOptions
    names : tuple of str
        Of options; "parameters" for the circuit's constants.
    why : str
        For the message.
    """
    usual = type(options)()
    for name in names:
        given = getattr(options, name)
        if given != getattr(usual, name):
            words = {"parameters": "constants"}.get(name, name)
            raise ValueError(f"{words} must be left alone: {why}, got {given}.")


Circuit = Annotated[CircuitOptions, tyro.conf.arg(name="", constructor_factory=partial(grouped, CircuitOptions))]
Run = Annotated[RunOptions, tyro.conf.arg(name="", constructor_factory=partial(grouped, RunOptions))]
Learning = Annotated[LearningOptions, tyro.conf.arg(name="", constructor_factory=partial(grouped, LearningOptions))]
LearningOfManyK = Annotated[
    LearningOptions, tyro.conf.arg(name="", constructor_factory=partial(grouped, LearningOptions, layer=WidthOptions))
]
"""Without k, which the command varies."""


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
    table : DataFrame
    """
    write_text(path, table.to_csv(index=False))
