"""The one-way street through the house, and its quick front door."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {"cache", "checks", "spikes", "storage"},
    {"parameters", "measures", "streams", "weights", "equations", "interchange", "race", "style", "traces"},
    {"cycles", "theory", "protocol", "response", "energy", "datasets", "settings"},
    {"wiring", "checkpoint", "poisson"},
    {"circuit", "spiking", "shapes"},
    {"compile"},
    {"building", "readings", "costs"},
    {"simulate"},
    {"tracing", "training"},
    {"autoencoder"},
    {"choose_k", "options", "spike_figures"},
    {"figures"},
    {"cli"},
]
FREE_OF_BRIAN2 = ["measures", "theory", "response", "parameters", "energy", "datasets", "figures", "weights", "streams"]


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if not path.name.startswith("__"))


def room(name: str) -> str:
    """Return the module of selective_firing that a dotted name lies in."""
    return name.split(".")[1] if "." in name else ""


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    for n in nodes:
        if isinstance(n, ast.ImportFrom):
            names |= {n.module} | {
                f"{n.module}.{a.name}" for a in n.names if n.module in ("selective_firing", "comparisons")
            }
    return names


def floor(path: Path) -> int:
    name = path.relative_to(ROOT / "selective_firing").parts[0].removesuffix(".py")
    return next(i for i, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", modules("selective_firing"), ids=lambda path: path.stem)
def test_a_floor_imports_only_lower_floors(path):
    here = path.relative_to(ROOT / "selective_firing").parts[0].removesuffix(".py")
    higher = set().union(*FLOORS[floor(path) :]) - {here}
    assert not {room(name) for name in imports(path) if name.startswith("selective_firing.")} & higher


@pytest.mark.parametrize("path", modules("selective_firing"), ids=lambda path: path.stem)
def test_the_house_next_door_is_never_looked_into(path):
    assert not any(name.split(".")[0] == "comparisons" for name in imports(path))


def test_what_reads_results_never_loads_brian2():
    rooms = [f"selective_firing.{name}" for name in FREE_OF_BRIAN2] + ["comparisons.topk", "comparisons.dense"]
    code = f"import sys, {', '.join(rooms)}; sys.exit('brian2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("brian2", "matplotlib", "sklearn", "pandas", "scipy")
    code = f"import sys, selective_firing, comparisons; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_file_is_longer_than_one_sitting():
    long = {p.name: n for p in modules("selective_firing") + modules("comparisons")
            if (n := len(p.read_text().splitlines())) > 300}  # fmt: skip
    assert not long
