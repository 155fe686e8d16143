"""The report in a browser: how it looks and moves, and that everybody can read it."""

from __future__ import annotations

import numpy as np
import pytest
from contrasts import CONTRASTS


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
