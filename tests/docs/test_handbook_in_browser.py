"""The handbook in a browser: on a phone and on a desk, on light and on dark ground, searched without a network."""

from __future__ import annotations

import functools
import http.server
import threading

import pytest
from contrasts import CONTRASTS

from selective_firing.parameters import PARAMETERS

pytestmark = pytest.mark.handbook

OUTSIDE = """() => [...document.querySelectorAll('article *')].filter(each => each.checkVisibility()
    && !each.closest('.table-wrapper, pre, div.math, .highlight, .sig, details, .headerlink')
    && each.getBoundingClientRect().right > innerWidth + 0.5).map(each => each.outerHTML.slice(0, 80))"""
LIGHTNESS = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"


@pytest.fixture
def page(browser):
    """A page that keeps what went wrong and what was asked for."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.trouble, page.asked = [], []
    page.on("console", lambda message: page.trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    page.close()


def test_pages_fit_load_nothing_from_elsewhere_and_are_quiet(page, pages):
    wide = {}
    for path in pages:
        page.goto(path.as_uri())
        for width in (1400, 380):
            page.set_viewport_size({"width": width, "height": 900})
            fits = page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
            outside = page.evaluate(OUTSIDE)
            if outside or not fits:
                wide[f"{path.name} at {width}"] = outside
    assert wide == {}
    assert page.trouble == []
    assert len(page.asked) > len(pages)
    assert not [url for url in page.asked if not url.startswith(("file:", "data:"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_either_ground_has_its_own_figures_and_ink(page, handbook, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto((handbook / "lesson.html").as_uri())
    lightness = sum(page.evaluate(LIGHTNESS)) / 3
    assert lightness < 60 if scheme == "dark" else lightness > 200
    shown = [image.get_attribute("src") for image in page.locator("figure.lesson img").all() if image.is_visible()]
    assert len(shown) == 6
    assert all(f".{scheme}." in address for address in shown)
    page.goto((handbook / "circuit.html").as_uri())
    ink = page.evaluate("getComputedStyle(document.querySelector('.drawing text')).fill.match(/\\d+/g).map(Number)")
    assert abs(sum(ink) / 3 - lightness) > 120
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 200
    assert [words for ratio, words in contrasts if ratio < 4.5] == []


def test_mathematics_is_drawn_by_the_browser(page, handbook):
    page.goto((handbook / "circuit.html").as_uri())
    heights = page.evaluate(
        "[...document.querySelectorAll('div.math math')].map(each => each.getBoundingClientRect().height)"
    )
    assert len(heights) >= 8
    assert min(heights) > 15


@pytest.fixture
def served(handbook):
    """The address of the handbook on a server of this machine."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=handbook)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("way", ["file", "server"])
def test_search_finds_what_is_looked_for(page, handbook, served, way):
    home = handbook.as_uri() if way == "file" else served
    page.goto(f"{home}/index.html")
    page.locator("input[name=q]").first.fill("lateral")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
    assert any("explaining_away" in address for address in found)
    assert all(address.startswith(home) for address in found)
    page.goto(f"{home}/search.html?q={next(iter(PARAMETERS['spiking'].__dataclass_fields__))}")
    page.wait_for_selector("#search-results p.search-summary, #search-results .search-summary")
