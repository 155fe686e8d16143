"""The layers that pyproject.toml lists, the quick import, and files that are read in one sitting."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
PACKAGES = ("selective_firing", "comparisons")
FREE_OF_BRIAN2 = (
    "autoencoder", "datasets", "energy", "figures", "learning.pairing", "measures", "parameters", "results.response",
    "theory", "weights",
)  # fmt: skip
MOST_ENTRIES = 14


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_a_layer_imports_only_lower_layers(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_what_reads_results_never_loads_brian2():
    names = [f"selective_firing.{name}" for name in FREE_OF_BRIAN2] + ["comparisons.rivals", "comparisons.measuring"]
    code = f"import sys, {', '.join(names)}; sys.exit('brian2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("brian2", "matplotlib", "sklearn", "pandas", "scipy")
    code = f"import sys, selective_firing, comparisons; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_file_is_longer_than_one_sitting():
    assert not {path.name: n for path in sources() if (n := len(path.read_text().splitlines())) > 300}


def test_no_folder_is_too_full_to_be_looked_through():
    folders = Counter(path.parent for path in sources())
    assert not {str(folder): n for folder, n in folders.items() if n > MOST_ENTRIES + (folder.name == "claims")}


def test_no_two_files_of_tests_have_one_name():
    """Or pytest could collect only the first of them."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert not [name for name, n in names.items() if n > 1]
