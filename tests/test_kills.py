"""What kills long work at random moments sees what it looks for; ``python tests/kills.py`` kills many times."""

from __future__ import annotations

import sys

import kills
import numpy as np
import pytest
from processes import needs_proc

COUNT = """
import os, pathlib, signal, subprocess, sys, tempfile, time
folder = pathlib.Path(sys.argv[1])
count, new = folder / "count", folder / "new"
{first}
for n in range(int(count.read_text()) if count.exists() else 0, 15):
    new.write_text(str(n))
    os.replace(new, count)
    time.sleep(0.01)
if folder.name == "killed":
    {last}
"""
SLEEP = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1.5)'], start_new_session=True)"
IGNORE = "[signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]"
FAULTS = {
    "none": ("", "pass"),
    "goes on after": (SLEEP, "pass"),
    "it went on after": (f"{IGNORE}; time.sleep(0.3)", "time.sleep(0.5)"),
    "it failed by itself": ("", "raise SystemExit(3)"),
    "scrap is left": ("", "(folder / 'scrap').touch()"),
    "the count differs": ("", "new.write_text('7'); os.replace(new, count)"),
    "is left in TMPDIR": ("", "tempfile.mkstemp()"),
}


def counting(first: str, last: str) -> kills.Work:
    def wrong(folder, whole):
        differs = (folder / "count").read_text() != (whole / "count").read_text()
        return kills.only_in_one(folder, whole) + ["the count differs"] * differs

    script = COUNT.format(first=first, last=last)
    return kills.Work(lambda folder: [sys.executable, "-c", script, str(folder)], wrong)


@needs_proc
@pytest.mark.parametrize("fault", FAULTS)
def test_a_breach_of_the_law_is_seen(fault, tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "PATIENCE_S", 0.1 if fault in ("goes on after", "it went on after") else 20.0)
    found = kills.kill(counting(*FAULTS[fault]), 2, tmp_path, np.random.default_rng(7))  # SIGHUP, SIGINT, late
    assert found.signals.total() == 2
    assert found.n_ends >= 1
    assert [line for line in found.wrong if fault not in line] == []
    assert bool(found.wrong) == (fault != "none")


@pytest.mark.compiled
def test_what_builds_a_simulator_leaves_one_that_is_whole(tmp_path):
    work, whole = kills.WORKS["compile"], tmp_path / "whole"
    assert kills._to_the_end(work, whole) == []
    assert work.wrong(whole, whole) == []
    (program,) = whole.glob("cache/*/main")
    program.write_bytes(b"")
    (told,) = work.wrong(whole, whole)
    assert "main" in told


def test_arrays_that_differ_in_a_bit_are_told(tmp_path):
    one, other = np.arange(3.0), np.array([0.0, 1.0, np.nextafter(2, 3)])
    np.savez(tmp_path / "one.npz", x=one, y=one)
    np.savez(tmp_path / "other.npz", x=one, y=other, z=one)
    assert kills.differences(tmp_path / "one.npz", tmp_path / "one.npz") == []
    assert kills.differences(tmp_path / "one.npz", tmp_path / "other.npz") == ["y differs", "z differs"]
