"""What pages say of the package is read off the package as they are built: nothing is written down twice.

Directives such as ``parameter-table rate``, ``claims-table``, ``equations rate n_cycles=4``; `DIRECTIVES` lists them.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import os
import re
import sys
import tomllib
from pathlib import Path
from unittest import mock

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


class Markdown(SphinxDirective):
    """A directive that stands for Markdown."""

    optional_arguments = 1
    final_argument_whitespace = True

    def markdown(self) -> str:
        """Return the text that takes its place."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Parse the text where the directive stands."""
        self.env.note_reread()  # the package may have changed where the page has not
        container = nodes.container(classes=["generated"])
        self.state.nested_parse(StringList(self.markdown().splitlines(), "generated"), self.content_offset, container)
        return container.children


class ParameterTable(Markdown):
    """The table of one circuit's constants."""

    def markdown(self) -> str:
        """Return the table as the package writes it."""
        from selective_firing.parameters import PARAMETERS, parameter_table

        return parameter_table(PARAMETERS[self.arguments[0]])


class ClaimsTable(Markdown):
    """The claims as they are declared: sentence, endpoint, margin, data; with ``yours``, those that compare guests."""

    def markdown(self) -> str:
        """Return a row for each claim."""
        from comparisons.claims import CLAIMS

        rows = ["| claim | what is measured | supported if | on | name |", "|---|---|---|---|---|"]
        for name, claim in CLAIMS.items():
            if self.arguments == ["yours"] and not claim.invites:
                continue
            end = claim.endpoint
            margin = f"{end.side} {end.margin:g} {end.unit}".rstrip().replace(" -", " \N{MINUS SIGN}")
            cells = f"**{claim.title}.** {claim.claim}", end.name, margin, ", ".join(claim.data_sets), f"`{name}`"
            rows.append(_row(*cells))
        return "\n".join(rows)


def _row(*cells: str) -> str:
    """Return a row of a Markdown table; each cell stays in its own."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


class ModelsTable(Markdown):
    """The models of the registry: word for grids, name in tables, and what it is."""

    def markdown(self) -> str:
        """Return a row for each model."""
        from comparisons.rivals.registry import MODELS

        rows = ["| word | name | what it is |", "|---|---|---|"]
        for name, model in MODELS.items():
            own = ", ".join(f"{key}={value!r}" for key, value in model.own.items() if not hasattr(value, "tau_m"))
            what = (inspect.getdoc(model.kind) or "").partition("\n")[0]
            rows.append(_row(f"`{model.word}`", name, what + (f" (`{own}`)" if own else "")))
        return "\n".join(rows)


class LedgerTable(Markdown):
    """What the two ledgers count."""

    def markdown(self) -> str:
        """Return a row for each item."""
        from selective_firing.energy import ITEMS

        rows = ["| item | unit | when one is counted |", "|---|---|---|"]
        return "\n".join(rows + [_row(name, item.unit, item.meaning) for name, item in ITEMS.items()])


class PriceTable(Markdown):
    """What one item costs by each table of prices."""

    def markdown(self) -> str:
        """Return a row for each table."""
        from selective_firing.energy import HARDWARE, NEURAL

        rows = ["| table | ledger | prices | source |", "|---|---|---|---|"]
        for table in (*NEURAL, *HARDWARE):
            groups: dict[float, list[str]] = {}
            for item, price in table.per.items():
                groups.setdefault(price, []).append(item)
            prices = "; ".join(f"{', '.join(items)}: {price:.3g} {table.unit}" for price, items in groups.items())
            rows.append(_row(table.name, table.ledger, prices, table.source))
        return "\n".join(rows)


class Scripts(Markdown):
    """Links to scripts of the gallery, each by the end of its file's name; those that are not there are left out."""

    required_arguments, optional_arguments = 1, 0

    def markdown(self) -> str:
        """Return a line with the links, or nothing."""
        found = [path for name in self.arguments[0].split() for path in EXAMPLES.glob(f"plot_*{name}.py")]
        links = ", ".join(f"{{doc}}`/gallery/{path.stem}`" for path in found)
        return f"Scripts to run and change: {links}" if found else ""


def _text(words: str, language: str = "text") -> nodes.literal_block:
    """Return text as it is, in a box that can be scrolled by keyboard, too."""
    return nodes.literal_block(words, words, language=language, classes=["as-printed"])


class Drawing(SphinxDirective):
    """A drawing of ``drawings/``, put into the page itself, so that it has the page's colours."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the drawing; where there is no HTML, its description."""
        path = Path(self.env.srcdir) / "drawings" / f"{self.arguments[0]}.svg"
        self.env.note_dependency(str(path))
        return [nodes.raw("", path.read_text(), format="html")]


class Equations(SphinxDirective):
    """What ``selective-firing equations`` prints: first the circuit, then ``name=value`` of its parameters."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the text of `describe`."""
        from selective_firing import describe
        from selective_firing.parameters import PARAMETERS

        self.env.note_reread()
        circuit, *given = (self.arguments or ["rate"])[0].split()
        values = dict(each.split("=") for each in given)
        values = {name: int(value) if value.isdecimal() else value for name, value in values.items()}
        return [_text(describe(PARAMETERS[circuit](**values)))]


def command_help(program: str, *args: str) -> str:
    """Return what ``program args --help`` prints.

    Parameters
    ----------
    program : str
        One of ``[project.scripts]`` in pyproject.toml.
    *args : str
    """
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts[program].partition(":")
    main, printed = getattr(importlib.import_module(module), function), io.StringIO()
    plain = {"COLUMNS": "84", "NO_COLOR": "1", "TERM": "dumb"}
    with (
        mock.patch.object(sys, "argv", [program, *args, "--help"]),
        mock.patch.dict(os.environ, plain),
        contextlib.redirect_stdout(printed),
        contextlib.suppress(SystemExit),
    ):
        main()
    return re.sub(r"\x1b\[[0-9;]*m", "", printed.getvalue()).strip("\n")


def commands(program: str) -> list[str]:
    """Return the subcommands that a program's help lists.

    Parameters
    ----------
    program : str
    """
    listed = re.search(r"\{([\w,\s-]+)\}", command_help(program))
    if listed is None:
        raise ValueError(f"The help of {program} lists no commands.")
    return [name.strip() for name in listed[1].split(",")]


class Commands(SphinxDirective):
    """A section for each command of a program, with its help."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        program = self.arguments[0]
        self.env.note_reread()
        return [self._section(program, name) for name in commands(program)]

    def _section(self, program: str, name: str) -> nodes.section:
        words = f"{program} {name}"
        section = nodes.section(ids=[nodes.make_id(words)], names=[words])
        section += [nodes.title(words, words), _text(command_help(program, name))]
        self.state.document.note_explicit_target(section, section)
        return section


DIRECTIVES: dict[str, type[SphinxDirective]] = {
    "claims-table": ClaimsTable,
    "commands": Commands,
    "drawing": Drawing,
    "equations": Equations,
    "ledger-table": LedgerTable,
    "models-table": ModelsTable,
    "parameter-table": ParameterTable,
    "price-table": PriceTable,
    "scripts": Scripts,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directives."""
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
