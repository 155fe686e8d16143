"""Fixtures: small circuits and their closed form; numpy target unless a test says otherwise."""

from __future__ import annotations

import os
import shutil
import signal

import numpy as np
import pytest

from selective_firing.engine.session import translated_anew
from selective_firing.engine.simulator import find_compiler
from selective_firing.weights import Weights

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync"""


def pytest_configure(config):
    import matplotlib

    matplotlib.use("agg")
    # tests run side by side, each process with a core: threads would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # pytest-xdist's workers start after this


def pytest_collection_modifyitems(items):
    """Examples of the handbook take seconds each: first, so that tests which run side by side end together."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip what is marked as compiled where there is no compiler, before its fixtures are made."""
    if item.get_closest_marker("compiled") and find_compiler() is None:
        pytest.skip("no C++ compiler here")


@pytest.fixture(autouse=True, scope="session")
def children_hear_hangups():
    """Under nohup hangups are ignored, which children inherit; they do not inherit a handler that does nothing."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(autouse=True, scope="session")
def networks_are_quickly_built():
    with translated_anew():
        yield


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser is driven with Playwright")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"none of these browsers is installed: {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


SEED = 20240


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)


def sparse_patterns(rng):
    return rng.random((30, 20)) * (rng.random((30, 20)) < 0.6)


@pytest.fixture
def patterns(rng):
    """Thirty sparse, non-negative patterns of 20 inputs."""
    return sparse_patterns(rng)


@pytest.fixture(scope="session")
def shared_patterns():
    """The same numbers as `patterns`, for what several tests share; nobody can write to them."""
    shared = sparse_patterns(np.random.default_rng(SEED))
    shared.flags.writeable = False
    return shared


@pytest.fixture
def weights(rng, patterns):
    """A circuit of 24 hidden units with distinct encoding and decoding weights and biases."""
    w_in, w_out = rng.standard_normal((2, 24, 20)) / np.sqrt(20)
    mean = patterns.mean(axis=0)
    power = float(((patterns - mean) ** 2).sum(axis=1).mean())
    return Weights(w_in, w_out, 0.1 * rng.standard_normal(24), mean, power)


@pytest.fixture
def tied_weights(weights):
    return Weights(weights.w_in, weights.w_in, weights.bias, weights.mean, weights.power)
