"""Verdicts as README and handbook tell them are those of the counted run, whose tables are kept with the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from comparisons.claims import CLAIMS
from comparisons.lab.lab import Settings

ROOT = Path(__file__).parents[2]
COUNTED = pd.read_csv(ROOT / "docs" / "reference" / "counted_claims.csv").fillna("").set_index("title")
INTERVALS = pd.read_csv(ROOT / "docs" / "reference" / "counted_intervals.csv")


def told(page: str) -> dict[str, str]:
    """Return the second cell of each row of a page's tables whose first is a claim's title."""
    rows = re.findall(r"^\| (.+) \|$", (ROOT / page).read_text(), flags=re.MULTILINE)
    cells = [[cell.strip(" *") for cell in row.split(" | ")] for row in rows]
    return {row[0]: row[1] for row in cells if row[0] in COUNTED.index}


def test_the_run_is_of_these_claims_and_counted_seeds():
    assert COUNTED["name"].tolist() == list(CLAIMS)
    assert COUNTED.index.tolist() == [claim.title for claim in CLAIMS.values()]
    for claim in COUNTED.to_dict("records"):
        end = CLAIMS[claim["name"]].endpoint
        assert (claim["endpoint"], claim["margin"], claim["side"]) == (end.name, end.margin, end.side)
    asked = Settings(folder=Path())
    few = INTERVALS[INTERVALS["dataset"] == "mnist"]
    assert few["n_seeds"].max() == asked.n_seeds_mnist
    assert INTERVALS["n_seeds"].max() == asked.n_seeds


@pytest.fixture(scope="module")
def verdicts():
    return {
        title: f"{row['verdict']} on {row['depends_on']}" if row["depends_on"] else row["verdict"]
        for title, row in COUNTED.iterrows()
    }


@pytest.mark.parametrize("page", ["README.md", "docs/lesson.md"])
def test_a_page_tells_the_verdicts_of_the_run(page, verdicts):
    assert told(page) == verdicts


def test_the_table_of_the_handbook_is_of_the_same_run(verdicts):
    table = (ROOT / "docs" / "reference" / "counted_claims.md").read_text()
    assert dict(re.findall(r"^\| \*\*(.+?)\*\* .* \| \S ([^|]+) \|$", table, flags=re.MULTILINE)) == verdicts
