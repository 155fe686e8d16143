"""What the main job compiles while models learn is what it then measures with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from comparisons.measuring.agreement import factorial, robustness
from comparisons.rivals.random_weights import RandomWeights
from comparisons.studies.main_job import compare
from comparisons.studies.main_job.design import Design
from selective_firing import RateParameters
from selective_firing.engine import simulate as door
from selective_firing.engine import simulator as compiled

DESIGN = Design(n_hidden=12, k=3, n_epochs=10)


@pytest.fixture(autouse=True)
def compiler(monkeypatch):
    monkeypatch.setattr(compiled, "find_compiler", lambda: "g++")
    monkeypatch.setattr("comparisons.studies.main_job.design.find_compiler", lambda: "g++")
    monkeypatch.setattr(compiled, "is_cached", lambda shape: False)


@pytest.mark.parametrize("parameters", [RateParameters(), RateParameters(n_cycles=2)], ids=["one", "cycles"])
def test_it_is_what_measuring_asks_for(parameters, monkeypatch):
    design, asked = replace(DESIGN, parameters=parameters), set()
    ahead = compare._shapes(design, 1000, 6)

    def ask(codegen, n_steps, shape):
        asked.add(shape)
        return "numpy"

    monkeypatch.setattr(door, "choose_target", ask)
    X = np.random.default_rng(0).random((2, 6))
    model = RandomWeights(12, 3, random_state=0).fit(X)
    factorial({"random": model}, X[:1], 3, design.circuits())
    robustness(model, X[:1], 3, design.parameters)
    assert len(ahead) == len(asked)
    assert set(ahead) == asked


def test_nothing_is_compiled_for_a_circuit_that_is_not(monkeypatch):
    assert compare._shapes(DESIGN, 1000, 6)
    assert compare._shapes(DESIGN, 100, 6) == []  # 20,000 steps
    assert compare._shapes(replace(DESIGN, codegen="numpy"), 1000, 6) == []
    assert compare._shapes(replace(DESIGN, codegen="cython"), 1000, 6) == []
