"""README and handbook: their Python runs, each page's in its order, and what they name exists."""

from __future__ import annotations

import functools
import io
import re
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest import mock
from urllib.parse import unquote, urlsplit

import pytest

from comparisons import cli as comparing
from selective_firing.cli import main as firing

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
WRITTEN = [path for path in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in path.parts]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "README.md", *WRITTEN)}
SCRIPTS = ROOT / "docs" / "examples"
MAP = (ROOT / "CONTRIBUTING.md").read_text()
PROGRAMS = {"selective-firing": firing.main, "selective-firing-compare": comparing.main}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


RUNNING = [name for name, text in PAGES.items() if blocks(text, "python")]


@pytest.fixture
def borrowed_target():
    """Pages may choose Brian2's target, for themselves."""
    from brian2 import prefs

    before = prefs.codegen.target
    yield
    prefs.codegen.target = before


@pytest.mark.parametrize("page", RUNNING)
def test_its_python_runs(page, tmp_path, monkeypatch, capsys, borrowed_target):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in blocks(PAGES[page], "python"):
        exec(block, names)
    explained = re.findall(r"variance explained: ([\d.]+)", capsys.readouterr().out)
    assert all(float(share) > 0.85 for share in explained)
    assert explained or page not in ("README.md", "docs/index.md", "docs/guides/explaining_away.md")
    if page == "docs/guides/from_brian2.md":
        assert not names["lesioned"].winners[:, :20].any()
        assert (names["lesioned"].n_active == 10).all()
        assert names["lesioned"].squared_error.mean() > names["intact"].squared_error.mean()


def test_most_pages_have_something_to_run():
    assert len(RUNNING) >= 10


def test_the_map_names_all_that_there_is_and_nothing_else():
    for package in ("selective_firing", "comparisons"):
        rows = MAP[MAP.index(f"| `{package}/` |") :].partition("\n\n")[0].splitlines()[2:]
        named = {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
        there = {path.name for path in (ROOT / package).iterdir() if not path.name.startswith("_")}
        assert named == there - {"errors.py", "py.typed"}


def test_the_readme_is_a_page_and_shows_code_before_one_scrolls():
    assert len(README.splitlines()) <= 160
    assert README[: README.index("```python")].count("\n") < 30
    assert "\n".join(README.splitlines()[:40]).count("```") >= 2


def test_its_two_commands_are_what_they_have_been():
    commands = [block.strip() for block in blocks(README, "sh")[:2]]
    assert commands == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/selective-firing-compare",
        'python3 -m venv .venv && .venv/bin/pip install ".[test]" && .venv/bin/python -m pytest',
    ]


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_what_it_links_to_exists(page):
    text = re.sub(r"^(`{3,4}).*?^\1$", "", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE)
    for address in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(address)
        if parts.scheme or not parts.path:
            continue
        target = (ROOT / page).parent / unquote(parts.path)
        if target.is_relative_to(SCRIPTS) and not SCRIPTS.exists():
            continue  # a copy without the gallery
        assert target.exists(), address


@functools.cache
def help_of(program: str, *words: str) -> str:
    """Return what ``program words --help`` prints."""
    printed = io.StringIO()
    with mock.patch.object(sys, "argv", [program, *words, "--help"]), redirect_stdout(printed), suppress(SystemExit):
        PROGRAMS[program]()
    return printed.getvalue()


def test_the_commands_and_options_that_pages_show_are_there():
    seen = set()
    for text in (*PAGES.values(), MAP):
        for line in (line.partition(" #")[0] for block in blocks(text, "sh") for line in block.splitlines()):
            found = re.search(r"(?:^|/| )(selective-firing(?:-compare)?)(?= |$)(.*)", line)
            if not found:
                continue
            program, words = found[1], found[2].split()
            command = words[0] if words and not words[0].startswith("-") else "run"
            circuit = ("--circuit", "spiking") if "--circuit spiking" in found[2] else ()
            shown = help_of(program, command, *circuit)
            assert f"usage: {program} {command} " in shown, line
            options = re.findall(r"(?<=\s)--[a-z][a-z-]+", found[2])
            assert [option for option in options if option not in shown] == [], line
            seen.add((program, command))
    assert len(seen) >= 10
