"""A report of five findings, one for each verdict and one that is hostile, and pages that show it in a browser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fakes import figure_of, pretended

from comparisons.lab.endpoint import Endpoint
from comparisons.lab.finding import Finding
from comparisons.report import page as report
from selective_firing import datasets

HOSTILE = "</script><script>throw new Error('escaped')</script><b>&\"'"


@pytest.fixture(scope="session")
def explored():
    """Two data sets, explored without a simulation; the second has a name that must be escaped."""
    return [pretended(datasets.digits()), pretended(datasets.patches(n_samples=500, seed=0)) | {"dataset": HOSTILE}]


@pytest.fixture(scope="session")
def hostile():
    """Words that must be escaped wherever they are shown."""
    return HOSTILE


def _finding(name, means, spread=0.01, *, endpoint=None, **words):
    rng = np.random.default_rng(len(name))
    effects = pd.DataFrame(
        {
            "dataset": dataset,
            "seed": seed,
            "rival": "dense, same error",
            "effect": mean + spread * rng.standard_normal(),
        }
        for dataset, mean in means.items()
        for seed in range(6)
    )
    words.setdefault("design", "Equal width, k and seeds.")
    return Finding(name, **words, endpoint=endpoint or Endpoint("ratio of errors", "", 0.05), effects=effects)


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
            figures={"Error against k, for the circuit and for top-K": figure_of(20)},
            caveats=("Small images.", HOSTILE),
            reading="The winners are the top k on every test image.",
            beside=pd.DataFrame({"dataset": "digits", "seed": [0, 1, 2], "model": "k-WTA circuit",
                                 "rival": "PCA, same error", "effect": [0.51, 0.52, 0.53]}),
            levels=pd.DataFrame({"dataset": "digits", "seed": [0, 0], "model": ["top-K", "the input itself"],
                                 "value": [0.0123456, 27.0]}), level="error",
        ),
        _finding("energy", {"digits": 0.71, "mnist": 0.93}, 0.05, endpoint=below, title="Few spikes save energy",
                 claim="A code of few winners costs less than half of the energy of a dense code."),
        _finding("noise", {"digits": 0.21, "bars": -0.13}, title="Sparse codes withstand noise",
                 claim="The circuit's code loses less to noise than a dense code does.",
                 endpoint=Endpoint("difference of the errors with noise", "NMSE", 0.0)),
        _finding("hostile", {HOSTILE: 0.06}, 0.1, title=HOSTILE, claim=HOSTILE, design=HOSTILE, reading=HOSTILE),
        _finding("big", {"digits": 2.1e7, "patches with a long name": 3.4e7}, 2e6, title="Clearer signals",
                 claim="Winners carry more about the class.", endpoint=Endpoint("gain", "ATP", 1e7)),
    ]  # fmt: skip


@pytest.fixture(scope="session")
def provenance():
    return {
        "date": "2031-02-03", "commit": "0123abc", "seeds": [0, 1, 2, 3, 4, 5], "note": HOSTILE,
        "versions": {"numpy": "2.3.5", "brian2": "2.9.0"}, "settings": {"n_hidden": 128, "data": {"digits": {"k": 10}}},
    }  # fmt: skip


@pytest.fixture(scope="session")
def path(findings, explored, provenance, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    overview = "Every family", figure_of(7)
    report.write(findings, path, provenance=provenance, explorer=explored, overview=overview)
    return path


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
