"""The README's Python runs, in its order, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from selective_firing import simulate as door

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.compiled
def test_its_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        exec(block, names)
    explained = float(re.search(r"variance explained: ([\d.]+)", capsys.readouterr().out)[1])
    assert explained > 0.85
    assert not names["lesioned"].winners[:, :20].any()
    assert (names["lesioned"].n_active == 10).all()
    assert names["lesioned"].squared_error.mean() > names["intact"].squared_error.mean()


def test_its_map_names_files_that_exist():
    named = [
        name
        for row in re.findall(r"^\| (`.*?`) \|", README, flags=re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    ]
    rooms = [name for name in named if name.endswith((".py", "/"))]
    assert len(rooms) > 20
    for name in rooms:
        assert any((ROOT / folder / name).exists() for folder in ("", "selective_firing", "comparisons")), name
    assert (ROOT / re.search(r"!\[.*\]\((.*?)\)", README)[1]).exists()


def test_its_commands_are_options_of_the_command_line():
    assert door.TARGETS[0] == "auto"
    for command in (
        "selective-firing simulate",
        "selective-firing train",
        "selective-firing encode",
        "selective-firing-compare",
    ):
        assert command in README
