"""How a command line runs: the choice of a command, its help, and errors in one line."""

from __future__ import annotations

import inspect
import io
import logging
import sys
from collections.abc import Callable, Mapping

import tyro

from selective_firing._files.archives import swept_temporaries
from selective_firing.cli.constants import WORDS

__all__ = ["command", "examples"]

HELP = ("-h", "--help")


def command(commands: Mapping[str, Callable[..., None]], prog: str, description: str, args: list[str]) -> int:
    """Run one of `commands`; an error that the user can mend becomes one line, and exit status 2.

    Without arguments it tells what there is.

    Parameters
    ----------
    commands : mapping of str to callable
        Their docstrings, in Google's style, are their help; lines under "Examples:" end it.
    prog : str
    description : str
    args : list of str
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a console cannot show must not make a run fail at its end
            stream.reconfigure(errors="backslashreplace")
    news, told = logging.getLogger("selective_firing"), logging.StreamHandler()
    news.setLevel(logging.INFO)
    news.addHandler(told)
    words = WORDS.set(tuple(args or HELP[1:]))
    try:
        with swept_temporaries():
            _run(commands, prog, description, list(WORDS.get()))
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{prog}: interrupted", file=sys.stderr)
        return 130
    finally:
        WORDS.reset(words)
        news.removeHandler(told)
    return 0


def _run(commands: Mapping[str, Callable[..., None]], prog: str, description: str, args: list[str]) -> None:
    """Run one of `commands`; after its help come its examples."""
    try:
        tyro.extras.subcommand_cli_from_dict(dict(commands), prog=prog, description=description, args=args)
    except SystemExit as left:
        if left.code not in (None, 0):
            raise
        if args[0] in commands:
            print("\n".join(["examples:", *(f"  {line}" for line in examples(commands[args[0]]))]))
        else:
            print(f"{prog} COMMAND --help tells more of one command.")


def examples(function: Callable[..., None]) -> list[str]:
    """Return the lines under "Examples:" of a command's docstring.

    Parameters
    ----------
    function : callable
    """
    _, _, lines = (inspect.getdoc(function) or "").partition("Examples:\n")
    return [line.strip() for line in lines.splitlines() if line.strip()]
