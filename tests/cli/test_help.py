"""What the command lines say of themselves, and that what they say is so."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import re
import subprocess
import sys
from dataclasses import fields

import pytest

import comparisons.cli
import selective_firing.cli.main
from selective_firing import _elapsed
from selective_firing.cli.command import command, examples
from selective_firing.parameters import PARAMETERS

PROGRAMS = {
    "selective-firing": selective_firing.cli.main.COMMANDS,
    "selective-firing-compare": comparisons.cli.COMMANDS,
}
EVERY = [(program, name) for program, commands in PROGRAMS.items() for name in commands]


@pytest.fixture
def help_of(monkeypatch, capsys):
    """Return what a command's help prints, on wide lines."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def shown(program: str, *words: str) -> str:
        assert command(PROGRAMS[program], program, "", [*words, "--help"]) == 0
        return capsys.readouterr().out

    return shown


def options_of(shown: str) -> set[str]:
    return {word.strip(",").removeprefix("--").replace("-", "_") for word in shown.split() if word.startswith("--")}


def test_without_a_command_it_says_what_there_is(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["selective-firing"])
    assert selective_firing.cli.main.main() == 0
    printed = capsys.readouterr()
    assert all(f"• {name}" in printed.out for name in selective_firing.cli.main.COMMANDS)
    assert printed.err == ""


@pytest.mark.parametrize("words", [("--circuit", "spiking"), ("--circuit=spiking",), ("--circuit", "rate"), ()])
def test_help_has_the_constants_of_the_chosen_circuit_only(help_of, words):
    chosen = "spiking" if "spiking" in "".join(words) else "rate"
    own = {f.name for f in fields(PARAMETERS[chosen])}
    others = {f.name for name, table in PARAMETERS.items() if name != chosen for f in fields(table)} - own
    shown = help_of("selective-firing", "train", *words)
    assert own <= options_of(shown)
    assert not others & options_of(shown)
    assert f"--circuit {'rate' if chosen == 'spiking' else 'spiking'} --help" in shown


def test_numbers_that_are_counted_are_shown_as_integers(help_of):
    shown = help_of("selective-firing", "train")
    for circuit in ("rate", "spiking"):
        shown = help_of("selective-firing", "train", "--circuit", circuit)
        for f in fields(PARAMETERS[circuit]):
            if isinstance(f.default, int) and not isinstance(f.default, bool):
                assert f"--{f.name.replace('_', '-')} INT" in shown


def test_options_stand_in_groups(help_of):
    shown = help_of("selective-firing-compare", "run")
    heads = re.findall(r"^ ((?:\w+ )?options) *$", shown, flags=re.MULTILINE)
    assert heads == ["options", "data options", "layer options", "learning options", "run options", "circuit options"]


@pytest.mark.parametrize(("program", "name"), EVERY)
def test_help_ends_with_two_examples_that_are_understood(help_of, program, name):
    function, called = PROGRAMS[program][name], []
    lines = examples(function)
    assert len(lines) == 2
    assert help_of(program, name).rstrip().endswith("\n".join(["examples:", *(f"  {line}" for line in lines)]))

    @functools.wraps(function)
    def stub(**given):
        called.append(inspect.signature(function).bind(**given))

    for line in lines:
        asked, *words = line.split()
        assert (asked, words[0]) == (program, name)
        assert command(PROGRAMS[program] | {name: stub}, program, "", words) == 0
    assert len(called) == 2


def test_k_is_called_k_in_every_command(help_of):
    found = {name: options_of(help_of("selective-firing-compare", name)) for name in comparisons.cli.COMMANDS}
    assert not [name for name, options in found.items() if "ks" in options]
    assert {name for name, options in found.items() if "k" in options} == {*found} - {"sweep", "report"}
    assert "--k INT [INT ...]" in help_of("selective-firing-compare", "cycles").replace(
        "[INT [INT ...]]", "INT [INT ...]"
    )


CONSOLES = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.mark.parametrize("console", CONSOLES, ids=["ascii", "C"])
@pytest.mark.parametrize("words", ["", "train --help", "equations", "cache"])
def test_it_ends_well_on_a_console_that_is_not_utf_8(console, words, tmp_path):
    environment = os.environ | console | {"SELECTIVE_FIRING_CACHE": str(tmp_path / "Föhn")}
    shown = subprocess.run(
        [sys.executable, "-m", "selective_firing", *words.split()], env=environment, capture_output=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.decode("ascii").strip()


@pytest.fixture
def news(monkeypatch):
    """Let the package's logger speak, and keep what it says."""
    said, logger = [], logging.getLogger("selective_firing")
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    monkeypatch.setattr(logger, "level", logging.INFO)
    logger._cache.clear()
    logger.addHandler(handler)
    yield said
    logger.removeHandler(handler)
    logger._cache.clear()


def test_elapsed_seconds_are_told_at_the_end_where_there_is_no_console(news, monkeypatch, capsys):
    clock = iter([10.0, 14.6])
    monkeypatch.setattr(_elapsed.time, "monotonic", lambda: next(clock))
    with _elapsed.elapsed("Compiling"):
        pass
    assert news == ["Compiling ...", "Compiling: 5 s"]
    assert capsys.readouterr().err == ""


def test_a_console_has_one_line_that_counts_on(news, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(_elapsed, "EVERY_S", 0.01)
    with pytest.raises(KeyError), _elapsed.elapsed("Compiling"):
        {}[_elapsed.time.sleep(0.1)]
    shown = capsys.readouterr().err
    assert news == []
    assert shown.count("\n") == 1
    assert shown.count("\rCompiling ... 0 s") >= 2
    assert shown.endswith("\rCompiling: 0 s   \n")
