"""The gallery: every script asks a question, runs as it is in a process of its own, and draws what it found."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "docs" / "examples").glob("plot_*.py"))
NEEDS = {"plot_07_neo_and_elephant": "elephant", "plot_14_mushroom_body": "drosolf"}
"""Packages of the optional extras."""
LONGEST_S = 600
"""With everything still to be compiled, on a machine that has other things to do; a guard, no measurement."""
RUN = """
import json, runpy, sys
import matplotlib.pyplot as plt

def named(ax):
    alike = {"x": ax.get_shared_x_axes().get_siblings(ax), "y": ax.get_shared_y_axes().get_siblings(ax)}
    return all(any(getattr(one, f"get_{side}label")() for one in ones) for side, ones in alike.items())

def words(ax):  # rows of images are named at their ticks
    ticks = [tick.get_text() for tick in ax.get_yticklabels()] if ax.images else []
    return [ax.get_xlabel(), ax.get_ylabel(), *(text for text in ticks if any(map(str.isalpha, text)))]

runpy.run_path(sys.argv[1], run_name="__main__")
found = [plt.figure(number) for number in plt.get_fignums()]
for figure in found:
    figure.savefig("figure.png")
print(json.dumps([{
    "named": [named(ax) for ax in figure.axes if ax.has_data() and not ax.images],
    "words": [text for ax in figure.axes for text in words(ax) if text],
} for figure in found]))
"""


def parts(script: Path) -> tuple[str, list[str]]:
    """Return the docstring and the cells of a script."""
    text = script.read_text()
    return ast.get_docstring(ast.parse(text)) or "", text.split("\n# %%\n")[1:]


def test_there_are_enough_of_them():
    assert len(SCRIPTS) >= 14
    assert (ROOT / "docs" / "examples" / "GALLERY_HEADER.rst").read_text().startswith("Examples\n========\n")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_asks_a_question_names_its_source_and_is_short(script):
    words, cells = parts(script)
    title, underline, *text = words.splitlines()
    assert title.endswith("?")
    assert underline == "=" * len(title)
    assert re.search(r"\b(19|20)\d\d\b", " ".join(text)), "the reference that it follows"
    assert len(cells) >= 2
    assert 30 <= sum(bool(line.strip()) for line in script.read_text().splitlines()) <= 80
    assert not re.search(r"^(def main|if __name__)", script.read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_figure_is_made_and_shown_in_one_cell(script):
    """A notebook shows what pyplot has at the end of a cell, and forgets it."""
    (cell,) = [cell for cell in parts(script)[1] if ".show(" in cell]
    made = "plt.subplots(" in script.read_text()
    assert made == ("plt.subplots(" in cell)


@pytest.mark.examples
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_runs_draws_one_figure_and_says_what_it_found(script, tmp_path):
    needed = NEEDS.get(script.stem)
    try:
        _ = needed and distribution(needed)
    except PackageNotFoundError:
        pytest.skip(f"needs the package {needed} of an optional extra")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=LONGEST_S, env=os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *_, finding, drawn = done.stdout.splitlines()
    (figure,) = json.loads(drawn)
    assert all(figure["named"])
    assert figure["words"]
    assert re.search(r"\d", finding), "the measured answer"
    assert finding.endswith(".")
    assert "nan" not in finding.split()
    assert {one.name for one in tmp_path.iterdir()} == {"figure.png"}, "nothing else is left behind"


def test_the_mushroom_body_says_what_to_install(tmp_path):
    script = ROOT / "docs" / "examples" / "plot_14_mushroom_body.py"
    hide = (
        "import importlib.metadata as m, runpy, sys\n"
        "def files(name): raise m.PackageNotFoundError(name)\n"
        "m.files = files\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert 'pip install "selective-firing[odours]"' in done.stderr
