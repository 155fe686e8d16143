"""A response as a file: an .npz of plain arrays, nested ones by path, with a JSON header."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real
from selective_firing._files.archives import check_arrays, read_archive, write_archive
from selective_firing.parameters import PARAMETERS
from selective_firing.results.spikes import Spikes

if TYPE_CHECKING:
    from selective_firing.results.response import Response

__all__ = ["PER_STIMULUS", "read", "write"]

R = TypeVar("R", bound="Response")

STIMULI, WINNERS, COUNT = ("stimuli",), ("winners",), "iu"
KINDS = {
    "n_active": (COUNT, STIMULI), "settled": ("b", STIMULI), "tied": ("b", STIMULI), "settling_time_ms": ("f", STIMULI),
    "n_recruited": (COUNT, STIMULI), "n_flips": (COUNT, STIMULI), "inhibition": ("f", STIMULI),
    "squared_error": ("f", STIMULI), "winner_units": (COUNT, WINNERS), "winner_drives": ("f", WINNERS),
    "strength_Hz": ("f", ("units",)), "winner_spikes": (COUNT, ("spiking winners",)),
    "winner_latency_ms": ("f", ("spiking winners",)),
}  # fmt: skip
"""Of all arrays: the kind of their numbers, and their axes."""
PER_STIMULUS = tuple(name for name, (_, axes) in KINDS.items() if axes == STIMULI)
"""Arrays with a value for each stimulus."""
SPIKES = {"stimulus": (COUNT, ("spikes",)), "unit": (COUNT, ("spikes",)), "time_ms": ("f", ("spikes",))}
TIMES = {"dt", "tau_m", "max_settle", "presentation"}
"""Parameters that are told with a response."""
CYCLE = "cycle "
"""What the folder of an earlier cycle is called, before its number."""


def write(path: str | Path, response: Response) -> None:
    """Write all of a response but the traces, whole or not at all.

    Parameters
    ----------
    path : path
    response : Response
    """
    write_archive(path, _arrays(response), {"kind": "Response", "provenance": response.provenance})


def read(path: str | Path, kind: type[R]) -> R:
    """Return the response that `write` wrote.

    Parameters
    ----------
    path : path
    kind : type[R]
    """
    arrays, header = read_archive(path, "Response")
    try:
        response = _response(arrays, _provenance(header["provenance"]), kind)
        _check(response)
        for earlier in response.earlier:
            _check(earlier)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"path must hold a whole Response, got {path}: {error}") from error
    return response


def _provenance(found: Any) -> dict[str, Any]:
    """Return a provenance that holds what a response reads in it, or raise TypeError or ValueError."""
    if not isinstance(found, dict) or not isinstance(parameters := found.get("parameters", {}), dict):
        raise TypeError(f"its provenance must be a table, with one of parameters, not {found!r}")
    check_count("its k", found["k"])
    if "circuit" in found:
        check_choice("its circuit", found["circuit"], tuple(PARAMETERS))
    if "n_inputs" in found:
        check_count("its n_inputs", found["n_inputs"])
    for name in TIMES & parameters.keys():
        check_real(f"its {name}", parameters[name], above=0)
    return found


def _check(response: Response) -> None:
    """Raise ValueError unless every array of a response is of the right kind and as long as it should be."""
    own = {name: getattr(response, name) for name in KINDS}
    own |= {f"events/{name}": count for name, count in response.events.items()}
    check_arrays(own, KINDS | {f"events/{name}": (COUNT, STIMULI) for name in response.events})
    if response.n_active.sum() != response.winner_units.size or not _below(response.winner_units, response.n_hidden):
        raise ValueError("its winners are not those of its stimuli")
    for table in response.spikes.values():
        check_arrays({name: getattr(table, name) for name in SPIKES}, SPIKES)
        if not (_below(table.stimulus, response.n_samples) and _below(table.unit, table.n_units)):
            raise ValueError("its spikes are not those of its stimuli and units")


def _below(numbers: np.ndarray, limit: int) -> bool:
    """Return whether all are from 0 to below a limit."""
    return bool(((numbers >= 0) & (numbers < limit)).all())


def _arrays(response: Response) -> dict[str, np.ndarray]:
    """Return all arrays, by name or path."""
    arrays = {name: getattr(response, name) for name in KINDS}
    events = {f"events/{name}": count for name, count in response.events.items()}
    spikes = {
        f"spikes/{population}/{name}": np.asarray(column)
        for population, table in response.spikes.items()
        for name, column in vars(table).items()
    }
    cycles = {
        f"{CYCLE}{number}/{name}": array
        for number, earlier in enumerate(response.earlier)
        for name, array in _arrays(earlier).items()
    }
    return arrays | events | spikes | cycles


def _response(arrays: dict[str, np.ndarray], provenance: dict[str, Any], kind: type[R]) -> R:
    """Return a response from what `_arrays` gave."""
    plain: dict[str, Any] = {name: array for name, array in arrays.items() if "/" not in name}
    folders: dict[str, dict[str, np.ndarray]] = {}
    for path in (name for name in arrays if "/" in name):
        folder, name = path.split("/", 1)
        folders.setdefault(folder, {})[name] = arrays[path]
    spikes: dict[str, dict[str, Any]] = {}
    for path, column in folders.pop("spikes", {}).items():
        population, name = path.split("/")
        spikes.setdefault(population, {})[name] = column
    events = folders.pop("events", {})
    order = sorted(folders, key=lambda folder: int(folder.removeprefix(CYCLE)))
    return kind(
        **plain, events=events, provenance=provenance,
        spikes={name: Spikes(**table | {"n_units": int(table["n_units"])}) for name, table in spikes.items()},
        earlier=tuple(_response(folders[name], provenance, kind) for name in order),
    )  # fmt: skip
