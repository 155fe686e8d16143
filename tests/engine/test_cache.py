"""The cache of simulators: bounded, and never half a simulator."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import alive, needs_proc, wait_until

from selective_firing.engine import cache
from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import BuildKey
from selective_firing.errors import SimulationError


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


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Return what builds a stand-in for a simulator, and the numbers of hidden units that were compiled for."""
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path / "new" / "cache"))
    compiled_for = []

    def compile_(shape: BuildKey, workshop: Path) -> None:
        compiled_for.append(shape.n_hidden)
        (workshop / "static_arrays").mkdir()
        (workshop / "static_arrays/w").write_bytes(bytes(80))
        (workshop / "main").write_text("#!/bin/sh\n")
        (workshop / "main").chmod(0o700)
        manifest = {"shape": {"n_inputs": 3, "n_hidden": shape.n_hidden}, "types": {}, "sizes": {}}
        (workshop / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(compiled, "_compile", compile_)
    return lambda n_hidden=4: compiled.simulator(BuildKey(3, n_hidden, 1.0, 64, False)), compiled_for


def test_the_cache_is_the_users_alone(built):
    build, _ = built
    before = os.umask(0)
    try:
        home = build()
    finally:
        os.umask(before)
    assert home.parent.stat().st_mode & 0o777 == 0o700
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home.parent.parent.stat().st_mode & 0o777) == 0o777  # other directories are not our business


DAMAGES = {
    "main is empty": lambda home: (home / "main").write_text(""),
    "main is cut off": lambda home: os.truncate(home / "main", 5),
    "main has other bytes": lambda home: (home / "main").write_text("#!/bin/xx\n"),
    "main is missing": lambda home: (home / "main").unlink(),
    "main cannot be executed": lambda home: (home / "main").chmod(0o600),
    "a static array is missing": lambda home: (home / "static_arrays/w").unlink(),
    "a static array is cut off": lambda home: os.truncate(home / "static_arrays/w", 8),
    "the manifest is empty": lambda home: (home / "manifest.json").write_text(""),
    "the manifest is broken": lambda home: (home / "manifest.json").write_text('{"shape": {'),
    "the manifest is no manifest": lambda home: (home / "manifest.json").write_text("[1]"),
    "the manifest is missing": lambda home: (home / "manifest.json").unlink(),
    "the manifest is not text": lambda home: (home / "manifest.json").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("harm", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_simulator_is_built_anew(built, harm):
    build, compiled_for = built
    home = build()
    harm(home)
    assert not compiled.is_cached(BuildKey(3, 4, 1.0, 64, False))
    assert build() == build() == home
    assert compiled_for == [4, 4]
    assert cache.damage(home) is None
    assert [path.name for path in home.parent.iterdir() if path.is_dir()] == [home.name]


def test_a_simulator_that_is_damaged_even_when_new_is_told(built, monkeypatch):
    build, compiled_for = built
    seal = cache.seal

    def seal_on_a_bad_disk(home: Path) -> None:
        seal(home)
        os.truncate(home / "main", 3)

    monkeypatch.setattr(cache, "seal", seal_on_a_bad_disk)
    with pytest.raises(SimulationError, match="must be whole, but main has 3 bytes, not 10, though it has just been"):
        build()
    assert compiled_for == [4]


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
@pytest.mark.parametrize("name", [".", "main", "manifest.json", "static_arrays"])
def test_a_simulator_that_others_can_write_to_is_not_run(built, name, mode):
    home = built[0]()
    (home / name).chmod(mode)
    for use in (built[0], lambda: compiled.run(home, {})):
        with pytest.raises(SimulationError, match=r"can be written by others: remove .*, or set SELECTIVE"):
            use()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("name", [".", "main", "manifest.json"])
def test_a_simulator_of_another_user_is_not_run(built, name):
    home = built[0]()
    os.chown(home / name, 12345, 12345)
    for use in (built[0], lambda: compiled.run(home, {})):
        with pytest.raises(SimulationError, match="belongs to user 12345: remove"):
            use()


def test_clear_removes_all_that_is_the_caches_and_nothing_else(built):
    build, _ = built
    homes = [build(n_hidden) for n_hidden in (3, 4, 5, 6)]
    folder = homes[0].parent
    (homes[0] / "manifest.json").write_text("")
    (homes[1] / "main").unlink()
    shutil.rmtree(homes[2] / "static_arrays")
    (folder / f"{homes[3].name}.ab_d3f9h").mkdir()
    (folder / f"{'0' * 20}.abcdefgh" / "results").mkdir(parents=True)
    (folder / f"{'1' * 20}").mkdir()
    kept = {"mnist": "train.gz", "project": "manifest.json", f"{'2' * 20}x": "main"}
    for name, file in kept.items():
        (folder / name).mkdir()
        (folder / name / file).write_text("{}")
    (folder / "notes.lock").write_text("")
    assert cache.clear() > 0
    assert {path.name for path in folder.iterdir()} == {*kept, "notes.lock"}
    assert all((folder / name / file).exists() for name, file in kept.items())


def test_what_is_being_built_is_left_by_clear_and_trim_and_what_was_cut_off_is_not(built):
    build, _ = built
    home = build()
    busy, cut_off = (home.parent / f"{name * 20}.abcdefgh" for name in "ab")
    for folder in (busy, cut_off):
        folder.mkdir()
        (folder / "main.cpp").write_text("int main")
    with cache.lock(home.parent / ("a" * 20)):
        cache.trim()
        assert (home.exists(), busy.exists(), cut_off.exists()) == (True, True, False)
        cache.clear()
        assert (home.exists(), busy.exists()) == (False, True)
    cache.clear()
    assert list(home.parent.iterdir()) == []


def test_a_cache_of_another_disk_or_none_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path / "absent"))
    assert (cache.entries(), cache.left_over(), cache.clear()) == ([], [], 0)


LEARN = """
import numpy as np
from selective_firing import KWTAAutoencoder
X = np.random.default_rng(0).random((8192, 20))
KWTAAutoencoder(24, 4, n_epochs=1000, codegen="cpp_standalone", random_state=0).fit(X)
"""


def simulators(folder: Path) -> list[str]:
    """Return the simulators among the processes of a test: a compiler may work in the folder, too."""
    return [words for words in alive(folder) if words.startswith("./main")]


@pytest.mark.compiled
@needs_proc
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
