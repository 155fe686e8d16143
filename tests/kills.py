"""Kill long work at random moments, and look at what is left: ``python tests/kills.py --help``.

The law: no process goes on, whatever is begun again ends with the same bits as what was never killed, and nothing else
is left on the disk. Exit status 1 if it was broken.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
from processes import alive, to_build

from selective_firing.engine import cache
from selective_firing.engine.build_key import BuildKey

__all__ = ["WORKS", "Found", "Work", "differences", "kill", "only_in_one"]

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ENDLESS_S = 4.0
"""How long work without an end is let go on."""
PATIENCE_S = 20.0
"""After a signal: for the process that got it, and then for all that it had started."""
EVICT = """
import sys
from pathlib import Path
from selective_firing.engine import cache, simulator
from selective_firing.engine.build_key import BuildKey

def pretend(shape, workshop):
    for part in range(40):
        (workshop / f"part{part}").write_bytes(bytes(20_000))
    (workshop / "main").write_text("#!/bin/sh")
    (workshop / "main").chmod(0o700)
    (workshop / cache.MANIFEST).write_text('{"shape": {"n_inputs": 3}, "types": {}, "sizes": {}}')

simulator._compile, cache.IN_USE_S, cache.trim.__defaults__ = pretend, -1, (2_000_000,)
while True:
    for n_hidden in range(1, 51):
        simulator.simulator(BuildKey(3, n_hidden, 1.0, 64, False))
"""
"""Fills a cache that has room for two entries, with files in the place of programs: a second would build too few."""


@dataclass(frozen=True)
class Work:
    """Something that takes long.

    Attributes
    ----------
    command : callable
        Given a folder, returns what works there.
    wrong : callable
        Given a folder where the work came to its end after kills, and one where it was never killed, returns what is
        wrong with the first, a line each.
    ends : bool
        Whether it ends by itself.
    """

    command: Callable[[Path], list[str]]
    wrong: Callable[[Path, Path], list[str]]
    ends: bool = True


@dataclass
class Found:
    """What came of the kills of one work; `wrong` has a line for each breach of the law."""

    signals: Counter[str] = field(default_factory=Counter)
    n_ends: int = 0
    wrong: list[str] = field(default_factory=list)


def _train(*options: str) -> Work:
    def command(folder: Path) -> list[str]:
        data = folder.parent / "patterns.npy"
        if not data.exists():
            np.save(data, np.random.default_rng(0).random((150, 12)))
        given = f"--dataset {data} --n-hidden 16 --k 3 --n-epochs 12 --checkpoint {folder}/fit.npz --overwrite"
        where = f"--output-dir {folder}/out"
        return [sys.executable, "-m", "selective_firing", "train", *given.split(), *where.split(), *options]

    def wrong(folder: Path, whole: Path) -> list[str]:
        return only_in_one(folder, whole) + differences(folder / "out/model.npz", whole / "out/model.npz")

    return Work(command, wrong)


def _sweep() -> Work:
    def command(folder: Path) -> list[str]:
        vary = "dataset=digits model=tied n_epochs=8 seed=0,1,2,3,4,5,6,7,8,9,10,11"
        where = f"--n-jobs 2 --output-dir {folder}"
        return [sys.executable, "-m", "comparisons", "sweep", "--vary", *vary.split(), *where.split()]

    def wrong(folder: Path, whole: Path) -> list[str]:
        import pandas as pd

        tables = [pd.read_csv(place / "sweep.csv") for place in (folder, whole)]
        timed = [column for column in tables[0] if column.endswith("_s")]
        same = tables[0].drop(columns=timed).equals(tables[1].drop(columns=timed))
        return only_in_one(folder, whole) + ([] if same else ["sweep.csv is another table"])

    return Work(command, wrong)


def _compile() -> Work:
    def wrong(folder: Path, whole: Path) -> list[str]:
        homes = [path for path in folder.glob("cache/*") if path.is_dir()]
        damaged = [f"{path.name}: {why}" for path in homes if (why := cache.damage(path))]
        return damaged + ["not one simulator"] * (len(homes) != 1) + only_in_one(folder, whole)

    return Work(lambda folder: to_build(BuildKey(3, 4, 1.0, 64, False)), wrong)


def _evict() -> Work:
    def wrong(folder: Path, whole: Path) -> list[str]:
        with mock.patch.dict(os.environ, SELECTIVE_FIRING_CACHE=str(folder / "cache")):
            cache.trim()
            left = [f"{path.name} is left" for path in cache.left_over()]
            left += [f"{entry.path.name}: {why}" for entry in cache.entries() if (why := cache.damage(entry.path))]
            left += [] if cache.entries() else ["no entry is left"]
            cache.clear()
            return left + [f"{path.name} is left after clear" for path in cache.cache_dir().iterdir()]

    return Work(lambda folder: [sys.executable, "-c", EVICT], wrong, ends=False)


WORKS = {
    "train, numpy": _train("--target", "numpy"),
    "train, compiled": _train("--target", "cpp_standalone", "--noise", "0.05"),
    "sweep on two processes": _sweep(),
    "compile": _compile(),
    "evict": _evict(),
}


def only_in_one(folder: Path, whole: Path) -> list[str]:
    """Return which files are in one folder alone."""
    one, other = ({str(path.relative_to(place)) for path in place.rglob("*")} for place in (folder, whole))
    return [f"{name} is left" for name in sorted(one - other)] + [f"no {name}" for name in sorted(other - one)]


def differences(path: Path, other: Path) -> list[str]:
    """Return which arrays of two files differ in a bit."""
    with np.load(path) as one, np.load(other) as two:
        names = sorted({*one, *two})
        return [f"{n} differs" for n in names if n not in one or n not in two or one[n].tobytes() != two[n].tobytes()]


def _start(work: Work, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "tmp").mkdir(exist_ok=True)
    places = {"SELECTIVE_FIRING_CACHE": f"{folder}/cache", "TMPDIR": f"{folder.parent}/tmp"}
    return subprocess.Popen(
        work.command(folder), env=os.environ | places, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def _to_the_end(work: Work, folder: Path) -> list[str]:
    """Let the work come to its end, or for a while if it has none; return what is wrong with that."""
    process = _start(work, folder)
    try:
        process.wait(None if work.ends else ENDLESS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return []
    return [f"it failed by itself: status {process.returncode}"] * (process.returncode != 0 or not work.ends)


def _kill_once(work: Work, folder: Path, after_s: float, number: signal.Signals, found: Found) -> bool:
    """Return whether the work had come to its end before it could be killed."""
    process = _start(work, folder)
    with contextlib.suppress(subprocess.TimeoutExpired):
        if process.wait(after_s) != 0:
            found.wrong.append(f"it failed by itself: status {process.returncode}")
        return True
    process.send_signal(number)
    found.signals[number.name] += 1
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        found.wrong.append(f"it went on after {number.name}")
        process.kill()
    deadline = time.monotonic() + PATIENCE_S
    while (left := alive(folder.parent)) and time.monotonic() < deadline:
        time.sleep(0.02)
    found.wrong.extend(f"goes on after {number.name}: {command}" for command in left)
    return False


def kill(work: Work, n_kills: int, root: Path, rng: np.random.Generator) -> Found:
    """Kill one work again and again, each time begun where the last kill left it.

    Parameters
    ----------
    work : Work
    n_kills : int
    root : path
        A folder of its own.
    rng : Generator
        Draws signals, and moments from the start to the end.
    """
    whole, folder, found = root / "whole", root / "killed", Found()
    began = time.monotonic()
    found.wrong += _to_the_end(work, whole)
    longest = time.monotonic() - began
    while found.signals.total() < n_kills:
        number = SIGNALS[rng.integers(len(SIGNALS))]
        if _kill_once(work, folder, rng.uniform(0.1, longest), number, found):
            found.n_ends += 1
            found.wrong += work.wrong(folder, whole)
            shutil.rmtree(folder)
    found.wrong += _to_the_end(work, folder)
    found.n_ends += 1
    found.wrong += work.wrong(folder, whole)
    found.wrong += [f"{path.name} is left in TMPDIR" for path in (root / "tmp").iterdir()]
    return found


def main() -> int:
    """Return 1 if the law was broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="in all, as many of each work")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the names of works")
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it, and so would its
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # children
    works = {name: work for name, work in WORKS.items() if asked.only in name}
    rng, n_kills, n_wrong, began = np.random.default_rng(asked.seed), 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills_") as root:
        for i, (name, work) in enumerate(works.items()):
            n = asked.kills // len(works) + (i < asked.kills % len(works))
            found = kill(work, n, Path(root) / str(i), rng)
            n_kills, n_wrong = n_kills + found.signals.total(), n_wrong + len(found.wrong)
            told = ", ".join(f"{count} {signal}" for signal, count in sorted(found.signals.items()))
            print(f"{name}: {told}; {found.n_ends} came to the end   [{time.monotonic() - began:,.0f} s]", flush=True)
            for line, count in Counter(found.wrong).items():
                print(f"  BREACH {line}" + (f", {count} times" if count > 1 else ""), flush=True)
    print(f"{n_kills} kills in {time.monotonic() - began:,.0f} s; {n_wrong} breaches")
    return int(n_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
