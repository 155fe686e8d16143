"""A response as a file: an .npz of plain arrays, nested ones by path, with a JSON header."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from selective_firing._files import read_archive, write_archive
from selective_firing.results.spikes import Spikes

if TYPE_CHECKING:
    from selective_firing.results.response import Response

__all__ = ["PER_STIMULUS", "read", "write"]

R = TypeVar("R", bound="Response")

PER_STIMULUS = (
    "n_active", "settled", "tied", "settling_time_ms", "n_recruited", "n_flips", "inhibition", "squared_error",
)  # fmt: skip
"""Arrays with a value for each stimulus."""
OTHERS = ("winner_units", "winner_drives", "strength_Hz", "winner_spikes", "winner_latency_ms")
CYCLE = "cycle "
"""What the folder of an earlier cycle is called, before its number."""


def write(path: str | Path, response: Response) -> None:
    """Write all of a response but the traces, whole or not at all."""
    write_archive(path, _arrays(response), {"kind": "Response", "provenance": response.provenance})


def read(path: str | Path, kind: type[R]) -> R:
    """Return the response that `write` wrote."""
    arrays, header = read_archive(path, "Response")
    return _response(arrays, header["provenance"], kind)


def _arrays(response: Response) -> dict[str, np.ndarray]:
    """Return all arrays, by name or path."""
    arrays = {name: getattr(response, name) for name in (*PER_STIMULUS, *OTHERS)}
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
