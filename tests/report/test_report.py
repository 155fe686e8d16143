"""The report of the evidence: what it says, and what it escapes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from fakes import figure_of

from comparisons.lab.endpoint import DEPENDS, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from comparisons.lab.finding import verdicts
from comparisons.report import page as report
from comparisons.report.numbers import number_words, with_unit
from comparisons.report.tables import markdown, write_tables


def test_every_claim_has_its_verdict_and_its_intervals(path, findings):
    html = path.read_text("utf-8")
    found = list(verdicts(findings)["verdict"])
    assert found == [SUPPORTED, NOT_SUPPORTED, DEPENDS, INCONCLUSIVE, SUPPORTED]
    table = html[html.index('<table class="claims"') : html.index('id="explorer"')]
    assert re.findall(r"</svg>([a-z ]+)</span>", table) == found
    assert table.count("strongest rival: dense, same error") == len(findings)
    assert "against dense, same error" in table
    assert "on data</span>" in table
    assert "error, digits: top-K 0.0123 · the input itself 27" in table
    for finding in findings:
        assert f"report --claims {finding.name}</code>" in html
        assert html.count(f'id="claim-{finding.name}"') == html.count(f'href="#claim-{finding.name}"') == 1
    assert "0.731 (0.648 to 0.814)" in table
    assert "The first 200 of 500 rows" in html
    assert 'alt="Error against k, for the circuit and for top-K"' in html
    assert html.index('id="glance"') < html.index('alt="Every family"') < html.index('<table class="claims"')
    assert "versions › numpy" in html


def test_the_file_asks_for_no_other_and_escapes_what_it_is_given(path, explored, hostile):
    html = path.read_text("utf-8")
    assert re.findall(r'(?:src|href|action)="(?!data:|#)[^"]*"', html) == []
    assert hostile not in html
    assert html.count("<script") == html.count("</script>") == 2
    content = re.search(r'<script type="application/json" id="explorer-data">(.*?)</script>', html, re.DOTALL)[1]
    assert json.loads(content) == explored


def test_a_report_that_fails_leaves_the_earlier_one(findings, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("earlier")
    with pytest.raises(ValueError, match="JSON"):
        report.write(findings, path, provenance={}, explorer=[{"cost_table": "x", "error": float("nan")}])
    for wrong in ([], [findings[0], findings[0]]):
        with pytest.raises(ValueError, match="findings must be"):
            report.write(wrong, path, provenance={})
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]
    report.write(findings[:1], path, provenance={})
    assert "Of 1 claim 1 is supported." in path.read_text("utf-8")
    assert 'id="explorer"' not in path.read_text("utf-8")


def test_a_figure_of_too_many_lines_becomes_pixels():
    assert report._figure("few", figure_of(20))["uri"].startswith("data:image/svg+xml;base64,")
    assert report._figure("many", figure_of(5000, "."))["uri"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (-0.12344, "−0.1234"), (12.0, "12"), (43210.7, "43,211"), (3.1e10, "3.1\u202f×\u202f10¹⁰"),
     (-2e-5, "−2\u202f×\u202f10⁻⁵"), (float("nan"), "–"), (float("-inf"), "−∞")],
)  # fmt: skip
def test_numbers_read_as_people_write_them(value, words):
    assert number_words(value) == words


def test_ways_to_count_are_counted(findings, provenance):
    ways = pd.concat([findings[0].effects.assign(rest=rest) for rest in ("without", "with")], ignore_index=True)
    ways.loc[(ways["rest"] == "with") & (ways["dataset"] == "digits"), "effect"] -= 1.0
    counted = replace(findings[0], effects=ways, beside=pd.DataFrame())
    html = " ".join(report.render([counted], provenance=provenance).split())
    assert "of 2 ways to count 1 supported, 1 not supported" in html
    assert "of 2 ways to count 2 supported" in html
    assert re.search(r'<span class="sentence">on (data, rest|rest, data)</span>', html)
    assert "By every way to count" in html


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(27_000_000_000, "ATP", "27 G ATP"), (-1234.0, "ATP", "−1.23 k ATP"), (12.0, "ATP", "12 ATP"),
     (3.1e16, "ATP", "31,000 T ATP"), (27e9, "spikes", "2.7\u202f×\u202f10¹⁰ spikes"), (0.1, "", "0.1")],
)  # fmt: skip
def test_molecules_are_told_in_words_that_can_be_read(value, unit, words):
    assert with_unit(value, unit) == words


def test_tables_hold_everything(findings, tmp_path):
    paths = write_tables(findings, tmp_path / "new")
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())
    told = json.loads((tmp_path / "new" / "findings.json").read_text("utf-8"))
    assert [claim["verdict"] for claim in told["claims"]] == list(verdicts(findings)["verdict"])
    assert told["claims"][1]["effects"][3]["effect"] == pytest.approx(findings[1].effects["effect"][3], rel=1e-12)
    claims = pd.read_csv(tmp_path / "new" / "claims.csv")
    assert list(claims["title"]) == [finding.title for finding in findings]
    assert told["claims"][0]["p"] == claims["p"][0] > 0
    assert len(pd.read_csv(tmp_path / "new" / "effects.csv")) == sum(len(finding.effects) for finding in findings)
    assert len(pd.read_csv(tmp_path / "new" / "reconstruction_2_many-rows.csv")) == 500


def test_the_circuit_is_told_beside_and_the_command_can_be_pasted(findings, provenance):
    html = report.render(findings, provenance=provenance, command="selective-firing-compare report --output-dir here")
    assert "k-WTA circuit in its place: digits 0.52" in " ".join(html.split())
    assert "<code>selective-firing-compare report --output-dir here --claims reconstruction</code>" in html
    assert "| k-WTA circuit: digits: 0.52" in markdown(findings).splitlines()[2]


def test_the_readme_has_one_line_for_each_claim(findings):
    odd = replace(findings[0], claim="One | two\nlines")
    lines = markdown([odd, *findings[1:]]).splitlines()
    assert len(lines) == 2 + len(findings)
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines)
    assert lines[3].endswith("| ✗ not supported |")
    assert r"One \| two lines" in lines[2]
