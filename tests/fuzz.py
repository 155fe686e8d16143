"""Try many cases of every kind, right and wrong, and tell every breach of the law: ``python tests/fuzz.py --help``.

The law is that of `fuzzing.law`: a right result, or an error at the door that names the argument; no warning of a
library, no NaN, no hang. Exit status 1 if it was broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
from fuzzing import circuits, doors, files, numbers, orders
from fuzzing.law import Hang, Kind, patient
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

__all__ = ["KINDS", "Found", "run", "run_kind"]

ROOT = Path(__file__).parents[1]
KINDS: dict[str, Kind] = doors.KINDS | orders.KINDS | files.KINDS | numbers.KINDS | circuits.KINDS
COMPILED = "compiled circuits"
BATCH = 200
"""Cases of one kind in a row: after a breach the next batch goes on."""


@dataclass
class Found:
    """What came of the cases of one kind.

    Attributes
    ----------
    n : int
        Cases tried, those with which a breach was made smaller aside.
    n_simulated : int
        Of these, those that ran Brian2.
    seconds : float
    breaches : dict of str to str
        A minimal example and where it failed, by a line that tells it from others.
    """

    n: int = 0
    n_simulated: int = 0
    seconds: float = 0.0
    breaches: dict[str, str] = field(default_factory=dict)


class Case:
    """Draws values, and keeps them for the report."""

    def __init__(self, data: Any) -> None:
        self.data, self.drawn = data, []

    def __call__(self, strategy: st.SearchStrategy) -> Any:
        self.drawn.append(self.data.draw(strategy))
        return self.drawn[-1]


def run_kind(kind: Kind, n: int, seed: int, shrink: bool = True) -> Found:
    """Try `n` cases of one kind; each breach is made as small as it can be, then the next cases follow.

    Parameters
    ----------
    kind : Kind
    n, seed : int
    shrink : bool
        Whether to look for a smaller example.
    """
    found, began, number = Found(), time.perf_counter(), 0
    while found.n < n:
        number += 1
        _batch(kind, min(BATCH, n - found.n), seed * 1_000_003 + number, shrink and not kind.simulates, found)
    found.seconds = time.perf_counter() - began
    return found


def _batch(kind: Kind, n: int, seed: int, shrink: bool, found: Found) -> None:
    """Try up to `n` cases, and note the first breach."""
    last: list[Case] = []
    before, counts = found.n, [True]

    @seeded(seed)
    @settings(
        max_examples=n, deadline=None, database=None, report_multiple_bugs=False, verbosity=Verbosity.quiet,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def tried(data: Any) -> None:
        last[:] = [Case(data)]
        found.n += counts[0]
        n_runs = circuits.n_simulated()
        try:
            with patient():
                kind.case(last[0])
        except Exception:
            counts[0] = False  # what follows makes the example smaller
            raise
        finally:
            found.n_simulated += counts[0] and circuits.n_simulated() > n_runs

    try:
        tried()
    except (Exception, Hang) as error:
        if not last or isinstance(error, KeyboardInterrupt):
            raise
        while type(error).__name__ == "BrianObjectException" and error.__cause__:
            error = error.__cause__
        words = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{os.path.relpath(frame.filename, ROOT)}:{frame.lineno} {frame.name}" for frame in frames]
        ours = [p for p in places if "hypothesis" not in p][-6:]
        example = "\n    ".join(repr(value)[:300] for value in last[0].drawn[-16:])
        found.breaches.setdefault(words[:160], f"    {example}\n  at\n    " + "\n    ".join(ours))
    found.n = max(found.n, before + 1)


def _share(n_cases: int) -> Iterator[tuple[str, Kind, int]]:
    """Yield each kind with the number of its cases."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.share > 0}
    total = sum(kind.share for kind in kinds.values())
    for name, kind in kinds.items():
        yield name, kind, max(1, round(n_cases * kind.share / total))


def run(n_cases: int, n_compiled: int, seed: int, only: str, tell: Callable[[str], None]) -> dict[str, Found]:
    """Try all kinds, and tell how it goes.

    Parameters
    ----------
    n_cases, n_compiled, seed : int
    only : str
        Part of the names of kinds; all if it is empty.
    tell : callable
        Given a line at a time.
    """
    jobs = [job for job in _share(n_cases) if only in job[0]]
    jobs += [(COMPILED, Kind(circuits.compiled, 0, simulates=True), n_compiled)] * (n_compiled > 0)
    total, done, began, found = sum(n for _, _, n in jobs), 0, time.perf_counter(), {}
    costs = {name: 2.0 if kind.simulates else 0.02 for name, kind, _ in jobs}  # seconds a case, before one is known
    for i, (name, kind, n) in enumerate(jobs):
        found[name] = run_kind(kind, n, seed)
        done += found[name].n
        costs[name] = found[name].seconds / found[name].n
        left = sum(n * costs[other] for other, _, n in jobs[i + 1 :])
        tell(
            f"{name}: {found[name].n:,} cases, {found[name].n / found[name].seconds:,.0f} a second, "
            f"{len(found[name].breaches)} breaches   [{done:,} of {total:,}; {time.perf_counter() - began:,.0f} s, "
            f"about {left:,.0f} s to go]"
        )
        for words, example in found[name].breaches.items():
            tell(f"  BREACH {words}\n{example}")
    return found


def main() -> int:
    """Return 1 if the law was broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000, help="on the numpy target, or without any simulation")
    parser.add_argument("--compiled", type=int, default=0, help="cases more, on the compiled target, of few shapes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the names of kinds")
    asked = parser.parse_args()
    matplotlib.use("agg")
    found = run(asked.cases, asked.compiled, asked.seed, asked.only, lambda line: print(line, flush=True))
    n, seconds = sum(one.n for one in found.values()), sum(one.seconds for one in found.values())
    n_breaches = sum(len(one.breaches) for one in found.values())
    simulated = sum(one.n_simulated for one in found.values())
    print(
        f"{n:,} cases in {seconds:,.0f} s, {n / seconds:,.1f} a second; {simulated:,} simulated; {n_breaches} breaches"
    )
    return int(n_breaches > 0)


if __name__ == "__main__":
    sys.exit(main())
