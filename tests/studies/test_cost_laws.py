"""The cost laws: what is counted, and what is fitted."""

from __future__ import annotations

import pandas as pd
import pytest

from comparisons.studies.speed import figures
from comparisons.studies.speed.cost_laws import (
    bandwidth,
    bytes_touched,
    cost_laws,
    exponents,
    multiply_adds_per_s,
    operations_needed,
)


def test_bytes_and_operations_of_a_presentation_that_can_be_counted_by_hand():
    # 2 active inputs x 5 units read; 1 winner x 3 inputs read twice, and read and written twice; 4 steps of 5 units
    assert bytes_touched(3, 5, 1, 2, 4) == 8 * (10 + 6 + 12) + 4 * 5 * 28
    assert operations_needed(3, 5, 1, 2, 4) == 10 + 6 + 12 + 40


def test_exponents_of_a_power_law_are_found():
    table = pd.DataFrame({"varied": ["k"] * 3 + ["n_hidden"] * 2, "value": [1, 2, 4, 3, 9]})
    table["seconds"] = [1e-6, 4e-6, 16e-6, 5e-6, 15e-6]
    assert exponents(table) == pytest.approx({"k": 2.0, "n_hidden": 1.0})


def test_every_point_is_timed_and_drawn(monkeypatch):
    for name, value in {"N_INPUTS": 40, "N_HIDDEN": 24, "ACTIVE": 10, "ROUNDS": 1}.items():
        monkeypatch.setattr(f"comparisons.studies.speed.cost_laws.{name}", value)
    table = cost_laws({"k": (1, 2)}, n_presentations=8, codegen="numpy")
    assert list(table["k"]) == [1, 2]
    assert (table[["n_steps", "floor_s"]] > 0).all().all()
    table["seconds"] = [1e-4, 2e-4]
    assert len(figures.cost_laws(table, exponents(table)).axes) == 1


def test_the_machine_has_a_speed():
    assert bandwidth(80_000) > 1e6
    assert multiply_adds_per_s(16) > 1e5
