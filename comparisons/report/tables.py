"""The findings as files: tables, JSON, and the table of claims for the handbook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from comparisons.lab.endpoint import DEPENDS, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from comparisons.lab.finding import Finding, verdicts
from comparisons.measuring.intervals import LEVEL
from comparisons.report.numbers import interval_words, with_unit
from selective_firing.cli.options import write_json, write_table

__all__ = ["SHOWN", "SYMBOLS", "checked", "flat", "markdown", "slug", "write_tables"]

SYMBOLS = {SUPPORTED: "✓", NOT_SUPPORTED: "✗", DEPENDS: "◐", INCONCLUSIVE: "?"}
SHOWN = "{} ({} to {}){}"
"""An interval: mean, ends, and the power of ten that they share."""
PARTS = ("intervals", "effects", "beside", "levels", "ways")


def checked(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return `verdicts`, if names can be anchors.

    Parameters
    ----------
    findings : sequence of Finding

    Raises
    ------
    ValueError
        If there is none, or two have one name.
    """
    anchors = [slug(finding.name) for finding in findings]
    if not anchors or len(set(anchors)) < len(anchors):
        raise ValueError(f"findings must be at least one, each with a name of its own, got {anchors}.")
    return verdicts(findings)


def slug(words: str) -> str:
    """Return words as an anchor, or the name of a file.

    Parameters
    ----------
    words : str
    """
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "table"


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose index, unless it only counts, is among its columns, and whose columns have plain names.

    Parameters
    ----------
    table : DataFrame
    """
    counts = table.index.names == [None] and pd.api.types.is_integer_dtype(table.index)
    table = table.reset_index(drop=counts)
    names = [" ".join(map(str, name)).strip() if isinstance(name, tuple) else str(name) for name in table.columns]
    return table.set_axis(names, axis=1)


def markdown(findings: Sequence[Finding]) -> str:
    """Return the table of claims for the handbook.

    Parameters
    ----------
    findings : sequence of Finding
    """
    lines = [
        "| Claim | Effect: mean (95 % interval), strongest rival | In its place | Margin | Verdict |",
        "|" + " --- |" * 5,
    ]
    for finding, row in zip(findings, checked(findings).to_dict("records"), strict=True):
        endpoint = finding.endpoint
        effects = "<br>".join(
            _plain(
                f"{each['dataset']}: {SHOWN.format(*interval_words(each))}, {each['n_seeds']} seeds, {each['rival']}"
            )
            for each in finding.intervals.to_dict("records")
        )
        margin = _plain(f"{endpoint.name} {endpoint.side} {with_unit(endpoint.margin, endpoint.unit)}")
        claim = f"**{_plain(finding.title)}** {_plain(finding.claim)}"
        table = finding.beside_intervals
        ours = table[table["model"] == table["model"].iloc[0]].to_dict("records") if len(table) else []
        other = "<br>".join(_plain(f"{each['dataset']}: {SHOWN.format(*interval_words(each))}") for each in ours)
        other = f"{_plain(ours[0]['model'])}: {other}" if ours else ""
        on = f" on {_plain(row['depends_on'])}" if row["depends_on"] else ""
        verdict = f"{SYMBOLS[row['verdict']]} {row['verdict']}{on}"
        lines.append(f"| {claim} | {effects} | {other} | {margin} | {verdict} |")
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    """Return words that stay within their cell, and are not taken for HTML."""
    return " ".join(words.split()).replace("|", r"\|").replace("<", "&lt;")


def write_tables(findings: Sequence[Finding], folder: str | Path) -> list[Path]:
    """Write findings.json, claims.csv, intervals.csv, effects.csv and each secondary table; return their paths.

    Parameters
    ----------
    findings : sequence of Finding
    folder : path
    """
    folder, table = Path(folder), checked(findings)
    tables = {"claims": table} | {
        part: pd.concat([getattr(finding, part).assign(name=finding.name) for finding in findings]) for part in PARTS
    }
    for finding in findings:
        for number, (title, secondary) in enumerate(finding.secondary.items(), start=1):
            tables[f"{slug(finding.name)}_{number}_{slug(title)}"] = flat(secondary)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        write_table(folder / f"{name}.csv", content)
    claims = [_record(finding, row) for finding, row in zip(findings, table.to_dict("records"), strict=True)]
    write_json(folder / "findings.json", {"level": LEVEL, "claims": claims})
    return [folder / "findings.json", *(folder / f"{name}.csv" for name in tables)]


def _record(finding: Finding, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding as JSON holds it."""
    told = {"design": finding.design, "reading": finding.reading, "caveats": list(finding.caveats)}
    told["rivals not known for all seeds"] = list(finding.absent)
    return dict(row) | told | {part: getattr(finding, part).to_dict("records") for part in PARTS}
