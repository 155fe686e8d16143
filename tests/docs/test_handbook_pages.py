"""The handbook's pages as files: links lead somewhere, nothing comes from elsewhere, what is generated is whole."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from html.parser import HTMLParser
from inspect import ismodule
from urllib.parse import unquote, urlsplit

import pytest

from comparisons.claims import CLAIMS
from comparisons.cli import COMMANDS
from selective_firing.energy import ITEMS
from selective_firing.parameters import PARAMETERS

pytestmark = pytest.mark.handbook

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
         "embed": "src", "object": "data", "image": "href"}  # fmt: skip
PACKAGES = ("selective_firing", "comparisons", *(
    f"selective_firing.{name}" for name in ("datasets", "measures", "energy", "figures", "theory")
))  # fmt: skip


class Page(HTMLParser):
    """What a page links to, what it loads, which anchors it has, and what says what its pictures show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.loaded, self.anchors, self.mute, self.words = [], [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and not {"next", "prev", "search", "index", "canonical"} & set(given["rel"].split()):
            self.loaded.append(given["href"])
        if given.get(LOADS.get(tag, "")):
            self.loaded.append(given[LOADS[tag]])
        if tag == "img" and not given.get("alt") and "_thumb." not in given["src"]:  # beside a thumbnail is its title
            self.mute.append(given["src"])

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def read(pages):
    """Return all pages by their path."""
    return {path: Page(path.read_text()) for path in pages}


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def test_what_a_page_loads_comes_with_it(read, handbook):
    loaded = {(path, address) for path, page in read.items() for address in page.loaded}
    assert len(loaded) > 100
    assert not {address for _, address in loaded if is_elsewhere(address)}
    local = {(path, address) for path, address in loaded if not address.startswith("data:")}
    assert not [address for path, address in local if not (path.parent / urlsplit(address).path).exists()]
    for sheet in handbook.rglob("*.css"):
        asked = re.findall(r"(?:url\(|@import )\s*[\"']?([^\"')]+)", sheet.read_text())
        assert not [address for address in asked if is_elsewhere(address)], sheet


def test_local_links_and_their_anchors_are_there(read):
    broken, followed = [], 0
    for path, page in read.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme or target.netloc:
                continue
            to = (path.parent / unquote(target.path)).resolve() if target.path else path
            anchor, followed = unquote(target.fragment), followed + 1
            if not to.exists() or (anchor and to in read and anchor not in read[to].anchors):
                broken.append(f"{path.name}: {link}")
    assert followed > 1000
    assert broken == []


def test_every_picture_says_what_it_shows(read):
    assert not {path.name: page.mute for path, page in read.items() if page.mute}
    drawn = re.findall(r"<svg[^>]*class=\"drawing\".*?</svg>", one_text(read, "circuit.html"), flags=re.DOTALL)
    assert len(drawn) == 4
    for drawing in drawn:
        title, description = re.search(r'aria-labelledby="(\S+) (\S+)"', drawing).groups()
        assert f'id="{title}"' in drawing
        assert f'id="{description}"' in drawing


def one(read, name) -> str:
    """Return what can be read on a page."""
    page = next(page for path, page in read.items() if str(path).endswith(name))
    return " ".join("".join(page.words).split())


def one_text(read, name) -> str:
    return next(path for path in read if str(path).endswith(name)).read_text()


def test_parameters_claims_commands_and_items_are_all_told(read):
    told = one(read, "reference/parameters.html")
    for table in PARAMETERS.values():
        words = {f.name: f.metadata["meaning"].replace("`", "") for f in fields(table)}
        assert [name for name, meaning in words.items() if meaning not in told or name not in told] == []
    claims = one(read, "guides/claims.html")
    assert [claim.title for claim in CLAIMS.values() if " ".join(claim.claim.split()) not in claims] == []
    commands = one(read, "reference/command_line.html")
    assert [name for name in COMMANDS if f"usage: selective-firing-compare {name} " not in commands] == []
    assert "usage: selective-firing train " in commands
    energy = one(read, "guides/energy.html")
    assert [name for name, item in ITEMS.items() if item.meaning not in energy] == []


def test_equations_are_those_that_brian2_gets(read):
    circuit = one(read, "circuit.html")
    for line in ("du/dt = (drive - subtractive * sensitivity * z - u) / tau_m : 1", "RateParameters(n_cycles=4)",
                 "dv/dt = (v_rest - v) / tau_interneuron : volt"):  # fmt: skip
        assert line in circuit
    assert "<math" in one_text(read, "circuit.html")


@pytest.mark.parametrize("package", PACKAGES)
def test_all_that_a_package_offers_has_its_place(read, package):
    content = importlib.import_module(package)
    names = [name for name in content.__all__ if not name.startswith("_") and not ismodule(getattr(content, name))]
    anchors = next(page.anchors for path, page in read.items() if path.name == f"{package}.html")
    assert [name for name in names if f"{package}.{name}" not in anchors] == []
