"""What a cached result depends on is found by walking imports, and nothing is forgotten."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from selective_firing._code import code_key, sources_of

ROOT = Path(__file__).parents[1]


def names(*modules: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in sources_of(*modules) if ROOT in path.parents}


def test_a_simulator_depends_on_its_equations_and_templates_and_on_no_figure():
    found = names("selective_firing.engine.compile")
    for name in (
        "circuits/rate.py", "circuits/cycles.py", "circuits/spiking.py", "circuits/time_step.py", "theory/race.py",
        "engine/templates/synapses.cpp", "parameters/rate.py",
    ):  # fmt: skip
        assert f"selective_firing/{name}" in found
    assert not any(part in name for name in found for part in ("figures", "/learning/", "comparisons"))


@pytest.mark.parametrize("module", ["selective_firing.engine.compile", "comparisons.rivals.topk"])
def test_whatever_importing_it_loads_is_found(module):
    code = f"""
import sys
import {module}
packages = ("selective_firing", "comparisons")
print("\\n".join(m.__file__ for name, m in sys.modules.items() if name.partition(".")[0] in packages))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {str(Path(path).relative_to(ROOT)) for path in loaded} <= names(module)


def test_imports_within_functions_count():
    source = ROOT / "comparisons/lab/lab.py"
    assert any(isinstance(node, ast.ImportFrom) for node in ast.walk(ast.parse(source.read_text())))
    assert "selective_firing/autoencoder.py" in names("selective_firing.choice_of_k")  # imported within a function


def test_another_content_is_another_key(tmp_path, monkeypatch):
    mine = tmp_path / "mine.py"
    mine.write_text("from selective_firing.errors import SimulationError\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("mine")
    assert names("mine") == {"selective_firing/errors.py", "selective_firing/__init__.py"}
    before = code_key("mine")
    code_key.cache_clear()
    mine.write_text("from selective_firing.errors import SimulationError  # changed\n")
    assert code_key("mine") != before


def test_code_without_a_file_is_refused():
    with pytest.raises(ValueError, match="module must lie in a file"):
        sources_of("typed_into_a_session")
