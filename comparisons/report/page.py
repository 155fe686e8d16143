"""The evidence in one HTML file that needs nothing else: claims, intervals, verdicts, figures and an explorer."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from comparisons.lab.endpoint import N_CLAIMS, SUPPORTED
from comparisons.lab.finding import Finding
from comparisons.measuring.intervals import LEVEL
from comparisons.report.numbers import interval_words, number_words, p_words, with_unit
from comparisons.report.tables import SHOWN, SYMBOLS, checked, flat, slug
from selective_firing._files.archives import write_text
from selective_firing.figures.style import STYLE

__all__ = ["render", "write"]

TEMPLATES = Path(__file__).with_name("templates")
TITLE = "Selective firing: what is claimed, and what was found"
SUBTITLE = "A k-winners-take-all circuit that picks by inhibition, beside autoencoders that sort"
QUESTION = (
    "An autoencoder that keeps only its k most active units is said to mimic selective firing in the brain: few "
    "neurons per stimulus, less energy, clearer signals. But a brain cannot sort; it has inhibition. Does what is said "
    "of the sorted code hold for a circuit that picks its winners by inhibition, and at what cost?"
)
MOST_ROWS = 200
"""Of a table in the report; the CSV file has them all."""
LARGEST_SVG = 250_000
"""Bytes of a vector graphic; a larger one becomes pixels."""


def write(findings: Sequence[Finding], path: str | Path, **content: Any) -> None:
    """Write the report to `path`, whole or not at all; further arguments as for `render`.

    Parameters
    ----------
    findings : sequence of Finding
    path : path
    **content
        Provenance, explorer and overview.
    """
    write_text(path, render(findings, **content))


def render(
    findings: Sequence[Finding],
    *,
    provenance: Mapping[str, Any],
    explorer: Sequence[Mapping[str, Any]] = (),
    overview: tuple[str, Figure] | None = None,
    command: str = "selective-firing-compare report",
) -> str:
    """Return the report: one HTML file that asks for no other.

    Parameters
    ----------
    findings : sequence of Finding
    provenance : mapping
        Settings, seeds, versions, commit, date: shown as it is, mappings in it line by line.
    explorer : sequence of dict
        Of `explorer.explore`, one per data set; without any there is no explorer.
    overview : tuple of str and Figure, optional
        The figure that stands first, and what it shows.
    command : str
        With which all this can be run again.

    Raises
    ------
    ValueError
        If there is no finding, two have the same name, or the explorer holds a number that is not finite.
    """
    table = checked(findings)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment.get_template("report.html").render(
        title=TITLE, subtitle=SUBTITLE, question=QUESTION, command=command, explorer=list(explorer),
        level=f"{100 * LEVEL:g} %", n_claims=max(N_CLAIMS, len(findings)),
        claims=[_claim(finding, row) for finding, row in zip(findings, table.to_dict("records"), strict=True)],
        tally=[(verdict, n) for verdict in SYMBOLS if (n := int((table["verdict"] == verdict).sum()))],
        provenance=list(_lines(provenance)), overview=_figure(*overview) if overview else None,
        style=_inlined("report.css"), script=_inlined("explorer.js"),
    )  # fmt: skip


def _inlined(name: str) -> Markup:
    """Return a file of our own as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _claim(finding: Finding, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template shows of one claim."""
    endpoint, intervals = finding.endpoint, finding.intervals
    axis = _Axis(finding, intervals)
    return {
        "name": finding.name, "anchor": f"claim-{slug(finding.name)}", "title": finding.title, "claim": finding.claim,
        "design": finding.design, "reading": finding.reading,
        "caveats": (*finding.caveats, *finding.absent), "endpoint": endpoint,
        "margin": f"{endpoint.side} {with_unit(endpoint.margin, endpoint.unit)}", "axis": axis,
        "verdict": row["verdict"], "p": p_words(row["p"]), "p_holm": p_words(row["p_holm"]),
        "lost_to_number": row["verdict"] != SUPPORTED and set(intervals["verdict"]) == {SUPPORTED},
        "depends_on": row["depends_on"], "strongest": row["rival"], "level": finding.level,
        "rows": [_row(each, finding, axis) for each in intervals.to_dict("records")],
        "ways": _table("By every way to count", finding.ways) if finding.axes else None,
        "beside": [dict(each) | {"text": SHOWN.format(*interval_words(each))}
                   for each in finding.beside_intervals.to_dict("records")],
        "figures": [_figure(words, figure) for words, figure in finding.figures.items()],
        "tables": [_table(title, table) for title, table in finding.secondary.items()],
    }  # fmt: skip


def _row(row: Mapping[str, Any], finding: Finding, axis: _Axis) -> dict[str, Any]:
    """Return one data set's interval: in words, and as places on the axis."""
    mean, low, high, times = interval = interval_words(row)
    seeds = finding.first_way(row["dataset"], row["rival"])
    endpoint = finding.endpoint
    described = (
        f"{row['dataset']}, against {row['rival']}: mean {mean}{times}, interval from {low}{times} to {high}{times}, "
        f"{row['n_seeds']} seeds; "
        f"margin {number_words(endpoint.margin)}, {row['verdict']}."
    )
    return dict(row) | {
        "mean": f"{mean}{times}", "low": low, "high": f"{high}{times}", "text": SHOWN.format(*interval),
        "described": described, "levels": _levels(finding, row["dataset"]), "ways": _ways(finding, row["dataset"]),
        "p": p_words(row["p"]), "at": axis.at(row["mean"]), "start": axis.at(row["low"]), "end": axis.at(row["high"]),
        "seeds": [axis.at(effect) for effect in seeds],
    }  # fmt: skip


def _ways(finding: Finding, dataset: str) -> str:
    """Return how many ways to count say what about a data set; "" if there is one."""
    ways = finding.ways if finding.axes else finding.ways[:0]
    found = ways.loc[ways["dataset"] == dataset, "verdict"].value_counts()
    told = ", ".join(f"{found[verdict]} {verdict}" for verdict in SYMBOLS if verdict in found)
    return f"of {found.sum()} ways to count {told}" if len(found) > 1 or found.sum() > 1 else ""


def _levels(finding: Finding, dataset: str) -> list[tuple[str, str]]:
    """Return what the effects on a data set are differences of: models, rivals and references with their means."""
    if not len(finding.levels):
        return []
    mine = finding.levels[finding.levels["dataset"] == dataset]
    means = mine.groupby("model", sort=False)["value"].mean().dropna()
    return [(str(model), number_words(float(f"{value:.3g}"))) for model, value in means.items()]


class _Axis:
    """Places on the line of a claim's effects, in percent of its width."""

    def __init__(self, finding: Finding, intervals: pd.DataFrame) -> None:
        margin = finding.endpoint.margin
        seeds = [finding.first_way(*row) for row in intervals[["dataset", "rival"]].itertuples(index=False)]
        shown = [0.0, margin, *intervals["low"], *intervals["high"], *chain(*seeds)]
        room = 0.06 * (max(shown) - min(shown)) or 1.0
        self.low, self.high = min(shown) - room, max(shown) + room
        self.zero, self.margin = self.at(0.0), self.at(margin)
        self.shade = (self.margin, 100 - self.margin) if finding.endpoint.side == "above" else (0, self.margin)
        steps = MaxNLocator(nbins=4, steps=[1, 2, 5, 10]).tick_values(self.low, self.high)
        self.ticks = [
            (self.at(step), number_words(float(f"{step:.6g}"))) for step in steps if self.low <= step <= self.high
        ]

    def at(self, value: float) -> float:
        return round(100 * (value - self.low) / (self.high - self.low), 2)


def _figure(words: str, figure: Figure) -> dict[str, Any]:
    """Return a figure as a data URI: lines where they are not too many, otherwise pixels."""
    with matplotlib.style.context(STYLE), matplotlib.rc_context({"svg.hashsalt": "report"}):
        kind, content = "svg+xml", _saved(figure, format="svg", metadata={"Date": None})
        if len(content) > LARGEST_SVG:
            kind, content = "png", _saved(figure, format="png")
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    uri = f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
    return {"words": words, "uri": uri, "width": width, "height": height}


def _saved(figure: Figure, **options: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, **options)
    return buffer.getvalue()


def _table(title: str, table: pd.DataFrame) -> dict[str, Any]:
    """Return a secondary table as text, long ones cut."""
    table = flat(table)
    numeric = [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in table.dtypes]
    rows = [[_cell(value) for value in row] for row in table.head(MOST_ROWS).itertuples(index=False)]
    columns = list(zip(table.columns, numeric, strict=True))
    return {"title": title, "columns": columns, "rows": rows, "n_rows": len(table), "most_rows": MOST_ROWS}


def _cell(value: Any) -> str:
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if pd.api.types.is_float(value):
        return number_words(float(value))
    return "–" if value is None or value is pd.NA else str(value)


def _lines(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield what was recorded, line by line: where it stood, and what it says."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _lines(value, f"{name} › {key}" if name else str(key))
    elif isinstance(content, list | tuple | set):
        yield name, ", ".join(map(str, content))
    else:
        yield name, "–" if content is None else str(content)
