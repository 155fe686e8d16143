"""The cost laws: what is counted, and what is fitted."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from processes import needs_proc

from comparisons.studies.speed import benchmark as timing
from comparisons.studies.speed import figures, floors, predictions
from comparisons.studies.speed.benchmark import Way
from comparisons.studies.speed.cost_laws import cost_laws, exponents
from comparisons.studies.speed.floors import Needs, bandwidth, floor_s, multiply_adds_per_s
from comparisons.studies.speed.memory import PeakMemory
from comparisons.studies.speed.predictions import Law, memory_MB, sizes
from selective_firing.engine.simulate import simulate


def test_bytes_and_operations_of_a_presentation_that_can_be_counted_by_hand():
    one = Needs(n_inputs=3, n_hidden=5, k=1, active=2, n_steps=4)
    # 2 active inputs x 5 units read; 1 winner x 3 inputs read twice, and read and written twice; 4 steps of 5 units
    assert one.bytes_touched == 8 * (10 + 6 + 12) + 4 * 5 * 28
    assert one.operations == 10 + 6 + 12 + 40
    encoding = replace(one, learns=False)  # the error is not fed back, and nothing is written
    assert encoding.bytes_touched == 8 * (10 + 3) + 4 * 5 * 28
    # each further cycle: all inputs' errors reach all units, and the winners predict and are fed back once more
    cycles = replace(encoding, n_cycles=3)
    assert cycles.bytes_of_weights == 8 * (10 + 3 + 2 * (15 + 6))
    assert replace(one, n_cycles=3).bytes_of_weights == 8 * (
        10 + 6 + 2 * (15 + 6) + 2 * 12
    )  # and there are two lessons


def test_the_floor_is_the_slower_of_moving_and_multiplying(monkeypatch):
    needs = Needs(n_inputs=3, n_hidden=5, k=1, active=2, n_steps=4)
    asked = []
    monkeypatch.setattr(floors, "bandwidth", lambda n_bytes: asked.append(n_bytes) or 100.0)
    assert floor_s(needs, 1e9) == needs.bytes_touched / 100
    assert floor_s(needs, 1e-3) == needs.operations / 1e-3
    assert asked == [2 * 8 * 3 * 5] * 2  # of the level that both matrices fit in


def law_of(seconds):
    """Return a table of cost_laws whose times are a function of what is needed."""
    points = [(256, 10, 150), (4096, 10, 150), (1024, 50, 20), (512, 2, 400), (2048, 5, 784)]
    rows = [{"n_inputs": 784, "n_hidden": h, "k": k, "active_inputs": a, "n_steps": 3.0 * h**0.1 * k**0.2}
            for h, k, a in points]  # fmt: skip
    table = pd.DataFrame(rows)
    needs = [Needs(n_inputs=784, n_hidden=r["n_hidden"], k=r["k"], active=r["active_inputs"], n_steps=r["n_steps"])
             for r in rows]  # fmt: skip
    return table.assign(seconds=[seconds(need) for need in needs])


def test_a_law_predicts_what_it_was_not_fitted_to(monkeypatch):
    monkeypatch.setattr(predictions, "_bandwidth", lambda n_bytes: 1e10)

    def seconds(need):
        return 2e-6 + 3 * need.bytes_of_weights / 1e10 + 4e-11 * need.n_steps * need.n_hidden

    law = Law.of(law_of(seconds))
    steps = 3 * 16_384**0.1 * 20**0.2
    assert law.n_steps(16_384, 20, 100) == pytest.approx(steps)
    for learns in (True, False):
        expected = seconds(Needs(n_inputs=784, n_hidden=16_384, k=20, active=100, n_steps=steps, learns=learns))
        assert law.seconds(784, 16_384, 20, 100, learns) == pytest.approx(expected)


def test_what_is_too_slow_or_too_large_is_said_and_how_to_split_it(monkeypatch):
    monkeypatch.setattr(predictions, "_bandwidth", lambda n_bytes: 1e10)
    slow = Law.of(law_of(lambda need: 5 * need.bytes_of_weights / 1e10))
    table = sizes(slow, n_cores=4, machine_MB=64_000).set_index(["n_inputs", "n_hidden", "k"])["fits"]
    assert table[784, 256, 10] == "one core"
    assert table[784, 131_072, 10] == "one machine: n_jobs=4"
    assert table[784, 1_000_000, 10] == "a machine with more memory: one circuit is not split"
    assert table[10_000, 1_000_000, 10] == "nowhere: 2^31 weights or more"
    assert (
        sizes(slow, 1, 1e7).set_index(["n_inputs", "n_hidden", "k"])["fits"][784, 131_072, 10].startswith("split rows")
    )
    assert (784, 256, 1000) not in table.index
    assert memory_MB(784, 16_384)[0] > 2 * 8 * 784 * 16_384 / 1e6


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


def test_each_way_is_timed_beside_its_floor(monkeypatch, patterns):
    def circuits(weights, k, target, n):
        return {"circuit": Way(lambda shown: simulate(weights, shown, k, codegen="numpy")[0], 2, {"learns": False})}

    def others(weights, k, runtime, seed, n):
        return {f"textbook Brian2 script ({runtime})": Way(lambda shown: None, 3, {"n_steps": 4.0})}

    monkeypatch.setattr(timing, "ROUNDS", 1)
    monkeypatch.setattr(timing, "_circuits", circuits)
    monkeypatch.setattr(timing, "_others", others)
    table = timing.benchmark(patterns, 24, 4, "numpy").set_index("implementation")
    assert list(table["n_presentations"]) == [2, 3]
    assert table["ratio"].iloc[1] == 1
    assert (table[["floor_us", "times_floor"]] > 0).all().all()
    assert len(figures.benchmark(table.reset_index()).axes) == 1


@needs_proc
def test_the_memory_is_that_of_the_simulator_alone(tmp_path):
    with PeakMemory() as nothing:
        subprocess.run(["sleep", "0.1"], check=True)
    assert np.isnan(nothing.n_bytes)
    shutil.copy(shutil.which("sleep"), tmp_path / "main")
    with PeakMemory() as memory:
        subprocess.run([tmp_path / "main", "0.5"], check=True)
    assert 1e5 < memory.n_bytes < 2e7  # less than this process has
