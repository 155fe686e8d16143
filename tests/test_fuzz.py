"""A short profile of the fuzzer, the same cases each time; ``python tests/fuzz.py`` tries many more, and simulates."""

from __future__ import annotations

import pytest
from fuzz import KINDS, run_kind
from fuzzing.law import Breach, Hang, Kind, Refused, attempt, limited, patient
from fuzzing.numbers import MEASURES, SLOW

from selective_firing import measures

FEW = 2
"""Cases for each part of a kind's share."""


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.simulates])
def test_the_law_holds(name):
    found = run_kind(KINDS[name], max(2, round(FEW * KINDS[name].share)), seed=0, shrink=False)
    assert not found.breaches, "\n".join(f"{words}\n{example}" for words, example in found.breaches.items())


def test_no_measure_is_left_out():
    assert {function.__name__ for function in (*MEASURES, *SLOW)} == set(measures.__all__)


def test_a_breach_is_found_and_told_with_its_example():
    def case(draw):
        from hypothesis import strategies as st

        if draw(st.integers(0, 100)) > 10:
            raise Breach("too much")

    found = run_kind(Kind(case, 1), 50, seed=0)
    (words,) = found.breaches
    assert words == "Breach: too much"
    assert found.breaches[words].split()[:2] == ["11", "at"]


def test_the_law_is_not_satisfied_by_any_error():
    def refuse(words, error=ValueError):
        raise error(words)

    assert attempt(lambda: refuse("k must be 3"), "k") is None
    with pytest.raises(ValueError, match="something"):
        attempt(lambda: refuse("something is wrong"), "k")
    with pytest.raises(TypeError, match="unexpected"):
        attempt(lambda: measures.nmse([[1.0]], [[1.0]], of=1), "of")  # the fuzzer's own mistake
    with pytest.raises(IndexError):
        attempt(lambda: refuse("k", IndexError), "k")
    with pytest.raises(FileNotFoundError), limited("path"):
        raise FileNotFoundError("path")
    with pytest.raises(Refused), limited("path", absent=True):
        raise FileNotFoundError("path")


def test_what_computes_or_waits_too_long_is_a_hang():
    import time

    def compute():
        while True:
            pass

    with pytest.raises(Hang, match=r"0\.05 s of processor time"), patient(0.05):
        compute()
    with pytest.raises(Hang, match=r"1\.5 s by the clock"), patient(0.05):
        time.sleep(60)
    with patient(0.05):
        time.sleep(0.1)  # busy with something else: no hang


def test_a_warning_of_a_library_breaks_the_law():
    import numpy as np

    with pytest.raises(RuntimeWarning, match="divide by zero"):
        attempt(lambda: np.ones(1) / np.zeros(1), "x")
