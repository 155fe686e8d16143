"""The report of the evidence: what it says, what it escapes, and how it looks and moves in a browser."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import pretended
from matplotlib.figure import Figure

from comparisons.lab.finding import DEPENDS, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, Endpoint, Finding, verdicts
from comparisons.report import page as report
from comparisons.report.numbers import number_words
from selective_firing import datasets

HOSTILE = "</script><script>throw new Error('escaped')</script><b>&\"'"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync"""


@pytest.fixture(scope="session")
def explored():
    """Two data sets, explored without a simulation; the second has a name that must be escaped."""
    return [pretended(datasets.digits()), pretended(datasets.patches(n_samples=500, seed=0)) | {"dataset": HOSTILE}]


def _finding(name, means, spread=0.01, *, endpoint=None, **words):
    rng = np.random.default_rng(len(name))
    effects = pd.DataFrame(
        {"dataset": dataset, "seed": seed, "effect": mean + spread * rng.standard_normal()}
        for dataset, mean in means.items()
        for seed in range(6)
    )
    words.setdefault("design", "Equal width, k and seeds.")
    return Finding(name, **words, endpoint=endpoint or Endpoint("ratio of errors", "", 0.05), effects=effects)


def _figure(n_points, marker="o-"):
    figure = Figure(figsize=(7, 2.6))
    figure.subplots().plot(*np.random.default_rng(0).random((2, n_points)), marker)
    return figure


@pytest.fixture(scope="session")
def findings():
    secondary = pd.DataFrame(
        {"k": [2, 5, 10], "NMSE of the circuit": [0.41234567, 0.2312, np.nan], "ATP per stimulus": [3.1e10, 4e10, 1e-7],
         "settled": [True, False, True], "words": ["a", "b", HOSTILE]}
    )  # fmt: skip
    below = Endpoint("energy of the circuit over that of a dense code that reconstructs as well", "", 0.5, "below")
    return [
        _finding(
            "reconstruction", {"digits": 0.12, "patches": 0.31, "mnist": 0.2}, title="Inhibition picks the top k",
            claim="With equal weights a circuit that competes reconstructs as well as a sort, within five per cent.",
            secondary={"Error by k": secondary.set_index("k"), "Many rows": pd.DataFrame({"row": range(900)})[400:]},
            figures={"Error against k, for the circuit and for top-K": _figure(20)}, caveats=("Small images.", HOSTILE),
            reading="The winners are the top k on every test image.",
            beside=pd.DataFrame({"dataset": "digits", "seed": [0, 1, 2], "model": "k-WTA circuit",
                                 "effect": [0.51, 0.52, 0.53]}),
        ),
        _finding("energy", {"digits": 0.71, "mnist": 0.93}, 0.05, endpoint=below, title="Few spikes save energy",
                 claim="A code of few winners costs less than half of the energy of a dense code."),
        _finding("noise", {"digits": 0.21, "bars": -0.13}, title="Sparse codes withstand noise",
                 claim="The circuit's code loses less to noise than a dense code does.",
                 endpoint=Endpoint("difference of the errors with noise", "NMSE", 0.0)),
        _finding("hostile", {HOSTILE: 0.06}, 0.1, title=HOSTILE, claim=HOSTILE, design=HOSTILE, reading=HOSTILE),
        _finding("big", {"digits": 2.1e7, "patches with a long name": 3.4e7}, 4e6, title="Clearer signals",
                 claim="Winners carry more about the class.", endpoint=Endpoint("gain", "ATP", 1e7)),
    ]  # fmt: skip


PROVENANCE = {
    "date": "2031-02-03", "commit": "0123abc", "seeds": [0, 1, 2, 3, 4, 5], "note": HOSTILE,
    "versions": {"numpy": "2.3.5", "brian2": "2.9.0"}, "settings": {"n_hidden": 128, "data": {"digits": {"k": 10}}},
}  # fmt: skip


@pytest.fixture(scope="session")
def path(findings, explored, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write(findings, path, provenance=PROVENANCE, explorer=explored)
    return path


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser is driven with Playwright")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"none of these browsers is installed: {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program, args=[*FLAGS.split(), "--disable-component-update", "--disable-sync"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, path):
    """Return a function that opens the report in a page of its own."""
    pages = []

    def opened(width=1400, scheme="light", **options):
        pages.append(browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, **options))
        pages[-1].goto(path.as_uri())
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


def test_every_claim_has_its_verdict_and_its_intervals(path, findings):
    html = path.read_text("utf-8")
    found = list(verdicts(findings)["verdict"])
    assert found == [SUPPORTED, NOT_SUPPORTED, DEPENDS, INCONCLUSIVE, SUPPORTED]
    table = html[html.index('<table class="claims"') : html.index('id="explorer"')]
    assert re.findall(r"</svg>([a-z ]+)</span>", table) == found
    for finding in findings:
        assert f"report --claims {finding.name}</code>" in html
        assert html.count(f'id="claim-{finding.name}"') == html.count(f'href="#claim-{finding.name}"') == 1
    assert "0.731 (0.648 to 0.814)" in table
    assert "The first 200 of 500 rows" in html
    assert 'alt="Error against k, for the circuit and for top-K"' in html
    assert "versions › numpy" in html


def test_the_file_asks_for_no_other_and_escapes_what_it_is_given(path, explored):
    html = path.read_text("utf-8")
    assert re.findall(r'(?:src|href|action)="(?!data:|#)[^"]*"', html) == []
    assert HOSTILE not in html
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
    assert report._figure("few", _figure(20))["uri"].startswith("data:image/svg+xml;base64,")
    assert report._figure("many", _figure(5000, "."))["uri"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (-0.12344, "−0.1234"), (12.0, "12"), (43210.7, "43,211"), (3.1e10, "3.1\u202f×\u202f10¹⁰"),
     (-2e-5, "−2\u202f×\u202f10⁻⁵"), (float("nan"), "–"), (float("-inf"), "−∞")],
)  # fmt: skip
def test_numbers_read_as_people_write_them(value, words):
    assert number_words(value) == words


def test_tables_hold_everything(findings, tmp_path):
    paths = report.write_tables(findings, tmp_path / "new")
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())
    told = json.loads((tmp_path / "new" / "findings.json").read_text("utf-8"))
    assert [claim["verdict"] for claim in told["claims"]] == list(verdicts(findings)["verdict"])
    assert told["claims"][1]["effects"][3]["effect"] == pytest.approx(findings[1].effects["effect"][3], rel=1e-12)
    claims = pd.read_csv(tmp_path / "new" / "claims.csv")
    assert list(claims["title"]) == [finding.title for finding in findings]
    assert told["claims"][0]["p"] == claims["p"][0] > 0
    assert len(pd.read_csv(tmp_path / "new" / "effects.csv")) == sum(len(finding.effects) for finding in findings)
    assert len(pd.read_csv(tmp_path / "new" / "reconstruction_2_many-rows.csv")) == 500


def test_the_circuit_is_told_beside_and_the_command_can_be_pasted(findings):
    html = report.render(findings, provenance=PROVENANCE, command="selective-firing-compare report --output-dir here")
    assert "k-WTA circuit in its place: digits 0.52" in " ".join(html.split())
    assert "<code>selective-firing-compare report --output-dir here --claims reconstruction</code>" in html
    assert "| digits: 0.52" in report.markdown(findings).splitlines()[2]


def test_the_readme_has_one_line_for_each_claim(findings):
    odd = replace(findings[0], claim="One | two\nlines")
    lines = report.markdown([odd, *findings[1:]]).splitlines()
    assert len(lines) == 2 + len(findings)
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines)
    assert lines[3].endswith("| ✗ not supported |")
    assert r"One \| two lines" in lines[2]


def test_the_report_is_quiet_and_loads_nothing(open_page, path):
    page, requests, trouble = open_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.reload()
    page.locator("#k").press("ArrowRight")
    assert trouble == []
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]


PICTURE = """() => [...document.querySelectorAll('[data-part=images] canvas, [data-part=fields] canvas')]
    .map(each => each.toDataURL()).concat(document.querySelector('[data-part=course]').innerHTML)"""


def test_the_slider_changes_picture_and_words(open_page):
    page = open_page()
    slider, told, output = page.locator("#k"), page.locator("[data-part=told]"), page.locator("output")
    assert page.get_by_label("Number of winners, k").get_attribute("id") == "k"
    seen = []
    for key in ("ArrowLeft", "ArrowRight"):
        slider.press(key)
        seen.append((page.evaluate(PICTURE), told.inner_text(), output.inner_text()))
    assert all(before != after for before, after in zip(*seen, strict=True))
    assert [words for *_, words in seen] == ["2 of 48", "5 of 48"]
    assert slider.get_attribute("aria-valuetext") == "5 of 48 units"
    assert page.locator("[data-part=fields] li").count() == 5
    rates = [float(words.split()[0]) for words in page.locator("[data-part=fields] li").all_inner_texts()]
    assert rates == sorted(rates, reverse=True)


def test_stimulus_data_set_and_energy_can_be_chosen(open_page):
    page = open_page()
    bars = page.locator("[data-part=bars]")
    before = page.evaluate(PICTURE), bars.inner_html()
    page.locator("input[name=stimulus]").first.press("ArrowRight")
    assert page.locator("input[name=stimulus]:checked").get_attribute("value") == "1"
    after = page.evaluate(PICTURE), bars.inner_html()
    assert all(map(str.__ne__, map(str, before), map(str, after)))
    page.get_by_label("leave out the input").check()
    assert "input" not in page.locator("[data-part=legend]").inner_text()
    page.get_by_label("Data set").select_option("1")
    assert page.locator("[data-part=images] canvas").first.get_attribute("width") == "12"


@pytest.mark.parametrize("width", [380, 1400])
def test_nothing_overflows(open_page, width):
    page = open_page(width)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # it unfolds all but tables of many rows
    assert page.locator("details:not([open]) > summary").all_inner_texts() == ["Many rows"]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    outside = """() => [...document.querySelectorAll('body *')].filter(each => each.checkVisibility()
        && !each.closest('.scroll, .card, .skip') && each.getBoundingClientRect().right > innerWidth + 0.5)
        .map(each => each.outerHTML.slice(0, 80))"""
    assert page.evaluate(outside) == []


CONTRASTS = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = level => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * linear(colour[i] / 255), 0);
  const behind = (at, colour = parse(getComputedStyle(at).backgroundColor)) =>
    colour.length < 4 || colour[3] > 0 ? colour : behind(at.parentElement);
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement, empty = !walker.currentNode.data.trim();
    if (empty || !at.checkVisibility() || at.closest('script, noscript, .hidden, option')) continue;
    const style = getComputedStyle(at), ink = light(parse(at instanceof SVGElement ? style.fill : style.color));
    const [low, high] = [ink, light(behind(at))].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), at.outerHTML.slice(0, 80)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_either_scheme(open_page, scheme):
    page = open_page(scheme=scheme)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    brightness = np.mean(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))
    assert brightness < 60 if scheme == "dark" else brightness > 200
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 300
    assert [words for ratio, words in contrasts if ratio < 4.5] == []


def test_the_page_can_be_read_aloud(open_page):
    page = open_page()
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(each => +each.tagName[1])")
    assert levels[0] == levels.count(1) == 1
    assert max(np.diff(levels)) <= 1
    assert page.evaluate("document.documentElement.lang") == "en"
    for nameless in ("img:not([alt]), img[alt='']", "th:not([scope])", "svg[role=img]:not([aria-label])",
                     "canvas:not([aria-label]):not([aria-hidden])", "[role=region]:not([aria-label])"):  # fmt: skip
        assert page.locator(nameless).count() == 0, nameless
    assert page.evaluate("[...document.querySelectorAll('input, select')].every(each => each.labels.length)")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_without_scripts_the_evidence_is_still_there(open_page):
    page = open_page(java_script_enabled=False)
    assert page.locator("table.claims").is_visible()
    assert page.locator("noscript").inner_text().startswith("The explorer needs JavaScript")
    assert not page.locator(".explorer").is_visible()
