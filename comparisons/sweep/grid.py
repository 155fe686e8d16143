"""Many experiments: a grid over data, models and seeds, one job each, and one flat row for each job."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import time
import tomllib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sklearn.model_selection import ParameterGrid

from comparisons.measuring.data_key import data_key
from comparisons.measuring.encoding import encode
from comparisons.measuring.rows import ledgers, measured, rates_Hz
from comparisons.rivals.guest import is_guest, module_of
from comparisons.rivals.registry import MODELS, named
from selective_firing import datasets
from selective_firing._code import code_key
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.engine import simulator as compiled
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder

__all__ = ["Job", "jobs", "parse", "read_grid", "run_job"]

NOT_VARIED = (
    "circuit", "parameters", "codegen", "initial_weights", "random_state", "n_jobs", "sparse_output", "verbose",
    "factory",
)  # fmt: skip
"""Arguments of the models that a sweep sets by other names, or not at all."""


@dataclass(frozen=True)
class Job:
    """One model on one data set with one seed.

    Attributes
    ----------
    settings : dict
        `dataset`, `model`, `seed`; options of the data (``data.n_samples``), constants of the circuit
        (``circuit.tau_m``), and whatever the model's constructor takes (`k`, `n_hidden`, `n_epochs`, ...).
    data_dir : str, optional
        Of the MNIST files.
    """

    settings: Mapping[str, Any]
    data_dir: str | None = None

    @property
    def data_key(self) -> str | None:
        """A hash of the files that the data are read from; None if they are not there."""
        return data_key(str(self.settings.get("dataset", "")) or "digits", self.data_dir)

    @property
    def key(self) -> str:
        """A hash of the settings, of what is in the files of the data, and of the code: equal keys mean equal rows."""
        name = str(self.settings.get("model", ""))
        yours = [code_key(module_of(name))] if is_guest(name) else []
        facts = json.dumps([dict(sorted(self.settings.items())), self.data_key, code_version(), *yours])
        return hashlib.sha256(facts.encode()).hexdigest()[:20]

    def under(self, prefix: str) -> dict[str, Any]:
        """Return the settings whose name starts with `prefix` and a dot, without it.

        Parameters
        ----------
        prefix : str
        """
        start = f"{prefix}."
        return {name.removeprefix(start): v for name, v in self.settings.items() if name.startswith(start)}

    def data(self) -> datasets.Dataset:
        """Return the data set."""
        return _load(self.settings["dataset"], self.data_dir, json.dumps(self.under("data")), self.data_key)

    def model(self) -> Autoencoder:
        """Return the model, checked, not yet fitted."""
        wanted = named(self.settings["model"])
        given = dict(wanted.own) | {name: v for name, v in self.settings.items() if name in arguments(wanted.kind)}
        if wanted.kind is KWTAAutoencoder:
            parameters = replace(given.get("parameters", RateParameters()), **self.under("circuit"))
            given |= {"parameters": parameters, "codegen": target()}
        model = wanted.kind(**given, random_state=self.settings["seed"])
        model.check_parameters()
        return model


def code_version() -> str:
    """Return a hash of all code that a row depends on, and of the versions of the libraries below it."""
    return code_key(__name__)[:12]


def target() -> str:
    """Return the target of every job: one for all, so that a row does not depend on what is in the cache."""
    return "cpp_standalone" if compiled.find_compiler() else "numpy"


def arguments(kind: type) -> list[str]:
    """Return what a sweep can vary of a model by the name of its constructor's argument."""
    return [name for name in inspect.signature(kind).parameters if name not in NOT_VARIED]


def read_grid(path: str | Path) -> dict[str, Any]:
    """Return the grid in a TOML file: names with a value or a list of them; ``[data]`` and ``[circuit]`` are tables.

    Parameters
    ----------
    path : path

    Raises
    ------
    ValueError
        If it is no TOML.
    """
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"grid must be a TOML file, got {path}: {error}") from error
    flat: dict[str, Any] = {}
    for name, value in content.items():
        flat |= {f"{name}.{inner}": v for inner, v in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def parse(words: Sequence[str]) -> dict[str, list[Any]]:
    """Return the grid that ``name=value,value`` words stand for.

    Parameters
    ----------
    words : sequence of str

    Raises
    ------
    ValueError
        If a word is of another form.
    """
    grid = {}
    for word in words:
        name, equals, values = word.partition("=")
        if not (name and equals and values):
            raise ValueError(f"vary must be name=value,value,..., got {word!r}.")
        grid[name] = [_value(value) for value in values.split(",")]
    return grid


def _value(text: str) -> Any:
    """Return a number or a truth value if `text` is one, `text` if not."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float) else text


def jobs(grid: Mapping[str, Any], data_dir: str | None = None) -> list[Job]:
    """Return the jobs of a grid, each once; what a model does not have is left out of its jobs.

    Parameters
    ----------
    grid : mapping
        Names as in `Job.settings`, each with a value or a list of values.
    data_dir : str, optional
        Of the MNIST files.

    Raises
    ------
    TypeError, ValueError
        If a name belongs to no model, or a value breaks a rule of its model.
    """
    grid = {"dataset": "digits", "model": "circuit", "seed": 0} | dict(grid)
    grid = {name: value if isinstance(value, list) else [value] for name, value in grid.items()}
    known = {"dataset", "model", "seed"}.union(*(arguments(model.kind) for model in MODELS.values()))
    for name, values in grid.items():
        if not values or not all(isinstance(value, str | int | float | bool) for value in values):
            raise ValueError(f"{name} must have one or more numbers or words, got {values!r}.")
        if name not in known and name.partition(".")[0] not in ("data", "circuit"):
            raise ValueError(f"grid must vary {', '.join(sorted(known))}, data.* or circuit.*, got {name!r}.")
    for word in grid["model"]:
        named(word)
    found = {}
    for settings in ParameterGrid(grid):
        kind = named(settings["model"]).kind
        job = Job({
            name: value for name, value in settings.items()
            if name in ("dataset", "model", "seed", *arguments(kind)) or name.startswith("data.")
            or (name.startswith("circuit.") and kind is KWTAAutoencoder)
        }, data_dir)  # fmt: skip
        job.model()
        found[job.key] = job
    return list(found.values())


@functools.lru_cache(maxsize=2)
def _load(name: str, data_dir: str | None, options: str, content: str | None) -> datasets.Dataset:
    """Return a data set; `content` tells one from another of the same name."""
    return datasets.from_name(name, data_dir, **json.loads(options))


def run_job(job: Job) -> dict[str, Any]:
    """Fit and measure; return one flat row, with the error if there was one.

    Parameters
    ----------
    job : Job
    """
    from threadpoolctl import threadpool_limits

    row, start = {"key": job.key, "error": ""} | dict(job.settings), time.perf_counter()
    try:
        with threadpool_limits(1):  # one core a job, and sums in one order wherever it runs
            data = job.data()
            model = job.model().fit(data.X_train)
            fitted = time.perf_counter()
            encoding = encode(model, data.X_test)
            rates = rates_Hz(model, encoding.code, data)
            row |= measured(model, encoding, rates, data, getattr(model, "k", None), job.settings["seed"])
            counts = ledgers(model, encoding, rates, data)
            row |= {f"{r.ledger} {r.phase}: {r.item} ({r.unit})": r.count for r in counts.itertuples(name="Row")}
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return row | {"error": f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"}
    timings = {"fit_s": fitted - start, "measure_s": time.perf_counter() - fitted}
    packages = {f"version {name}": version(name) for name in ("selective-firing", "brian2", "numpy")}
    return row | timings | packages | {"code": code_version(), "target": getattr(model, "target_", "")}
