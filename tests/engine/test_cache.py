"""The cache of simulators: many processes, one build; bounded; never half a simulator."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from selective_firing.engine import cache
from selective_firing.engine import simulator as compiled

needs_compiler = pytest.mark.skipif(compiled.find_compiler() is None, reason="no C++ compiler here")


@pytest.fixture
def fill(tmp_path, monkeypatch):
    """Fill a cache with simulators of 100 kB that were last used so many seconds ago."""
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path))

    def fill(*ages: float) -> None:
        for age in ages:
            home = tmp_path / f"used{age}"
            home.mkdir()
            (home / "main").write_bytes(bytes(range(250)) * 400)
            (home / "manifest.json").write_text('{"shape": {"n_inputs": 3}}')
            os.utime(home / "manifest.json", (time.time() - age,) * 2)

    return fill


def names() -> list[str]:
    return [entry.path.name for entry in cache.entries()]


def test_entries_are_listed_from_the_one_used_last(fill):
    fill(50, 10, 90)
    assert names() == ["used10", "used50", "used90"]
    assert all(100_000 <= entry.n_bytes < 130_000 for entry in cache.entries())


def test_what_was_used_longest_ago_gives_way_but_not_what_is_in_use(fill):
    fill(10, 20, 90_000, 80_000)
    cache.trim(250_000)
    assert names() == ["used10", "used20"]
    cache.trim(0)
    assert names() == ["used10", "used20"]


def test_clear_removes_everything(fill):
    fill(10, 20)
    assert cache.clear() >= 200_000
    assert names() == []


def test_a_damaged_entry_is_no_entry(fill, tmp_path):
    fill(10)
    (tmp_path / "used10" / "manifest.json").write_text("{")
    assert names() == []


BUILD = """
import sys
from selective_firing.engine.build_key import BuildKey
from selective_firing.engine.simulator import simulator
print(simulator(BuildKey(3, int(sys.argv[1]), 1.0, 64, False)))
"""


def build(n_hidden: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(n_hidden)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.compiled
@needs_compiler
def test_processes_started_at_once_build_once_even_after_a_build_that_was_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path))
    killed = build(4)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/main.cpp")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert not list(tmp_path.glob("*/manifest.json"))
    together = [build(4) for _ in range(3)]
    homes = {process.communicate(timeout=240)[0] for process in together}
    assert [process.returncode for process in together] == [0, 0, 0]
    assert len(homes) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [os.path.basename(homes.pop().strip())]


LEARN = """
import numpy as np
from selective_firing import KWTAAutoencoder
X = np.random.default_rng(0).random((8192, 20))
KWTAAutoencoder(24, 4, n_epochs=1000, codegen="cpp_standalone", random_state=0).fit(X)
"""


def simulators(folder: Path) -> list[str]:
    """Return the processes that write to `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = process.read_bytes()  # a compiler may work in the folder, too
            found += [process.parent.name] * (words.startswith(b"./main") and str(folder).encode() in words)
    return found


def wait_until(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.compiled
@needs_compiler
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_simulator_ends_with_its_parent(tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, "-c", LEARN], env=os.environ | {"TMPDIR": str(tmp_path)}, start_new_session=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(lambda: simulators(tmp_path), 120)
    process.send_signal(number)
    process.wait(2)
    wait_until(lambda: not simulators(tmp_path), 2)
    if number == signal.SIGINT:
        assert list(tmp_path.iterdir()) == []
