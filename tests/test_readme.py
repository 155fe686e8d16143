"""The README's Python runs, in its order, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

from selective_firing.engine import simulate as door

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


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


def test_its_map_names_all_that_there_is_and_nothing_else():
    for package in ("selective_firing", "comparisons"):
        rows = README[README.index(f"| `{package}/` |") :].partition("\n\n")[0].splitlines()[2:]
        named = {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
        there = {path.name for path in (ROOT / package).iterdir() if not path.name.startswith("_")}
        assert named == there - {"errors.py", "py.typed"}


def test_its_first_figure_exists():
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
