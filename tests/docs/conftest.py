"""The handbook, built once for all tests of a session, without running any example."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
NEEDED = ("sphinx", "furo", "myst_parser", "numpydoc", "latex2mathml", "sphinx_gallery")


@pytest.fixture(scope="session")
def handbook(tmp_path_factory):
    """Return the folder of its HTML; warnings are errors."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f'the handbook needs {", ".join(missing)}: pip install ".[docs]"')
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of all workers: one builds, the others wait
    html, said = shared / "handbook", shared / "handbook.txt"
    with FileLock(shared / "handbook.lock"):
        if not said.exists():
            command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(shared / "doctrees")]
            done = subprocess.run([*command, "docs", str(html)], cwd=ROOT, capture_output=True, text=True, check=False)
            said.write_text(f"{done.returncode}\n{done.stdout}{done.stderr}")
    status, _, words = said.read_text().partition("\n")
    assert status == "0", words
    return html


@pytest.fixture(scope="session")
def pages(handbook):
    """Return all its pages but those that Sphinx makes of code."""
    found = sorted(path for path in handbook.rglob("*.html") if "_modules" not in path.parts)
    assert len(found) > 25
    return found
