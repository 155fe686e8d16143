"""Every claim's experiment, with small models and a stand-in of the circuit: it runs, is summarised and drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fakes import FakeCircuit

from comparisons.claims import CLAIMS
from comparisons.lab import scenes
from comparisons.lab.claim import look
from comparisons.lab.lab import Lab, Settings
from comparisons.lab.scenes import Scene
from comparisons.measuring.encoding import Encoding, by_sort
from comparisons.rivals.registry import CIRCUIT, CYCLES, MODELS, Model
from selective_firing import measures

DATA_SETS = {name: "bars" if "digits" not in claim.data_sets else "digits" for name, claim in CLAIMS.items()}
NOT_LABELLED = ("energy", "overfitting", "robustness", "choice_of_k")
"""Claims that ask whether there are labels: these are tried on bars, too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("experiments")


@pytest.fixture
def small(monkeypatch):
    """Two seeds of small models; whatever would be simulated is a sort, with the outlines of a competition."""
    few = {
        name: Scene(n_hidden=16, k=4, n_epochs=1, ks=(1, 2, 4, 8), n_samples=500,
                    options={"n_samples": 700} if name == "bars" else {})
        for name in ("digits", "bars")
    }  # fmt: skip
    for module in ("lab.scenes", "lab.lab", "lab.tuning", "claims.energy", "claims.choice_of_k"):
        monkeypatch.setattr(f"comparisons.{module}.SCENES", few)
    for name in (CIRCUIT, CYCLES):
        monkeypatch.setitem(MODELS, name, Model("circuit", FakeCircuit))

    def by_circuit(model, X, k, parameters=None, codegen="auto", rng=None):
        if not hasattr(model, "simulate"):
            return by_sort(model, X, k)
        response = model.simulate(X)
        return Encoding(response.code, "circuit", response)

    def robustness(model, X, k, seed):
        rows = [("subtractive", "noise", value, "", 1.0, 1.0 - value, 0.1, 20.0) for value in (0.0, 0.1)]
        names = ["inhibition", "assumption", "value", "unit", "exact_fraction", "jaccard", "nmse", "settling_time_ms"]
        return pd.DataFrame(rows, columns=names)

    for name, few_of_them in (("WIDTHS", (2, 8)), ("PENALTIES", (0.1, 1.0)), ("N_COMPONENTS", 4)):
        monkeypatch.setattr(f"comparisons.lab.matched.{name}", few_of_them)
    monkeypatch.setattr("comparisons.claims.disentangled.MOST_STEPS", 10)
    monkeypatch.setattr("comparisons.claims.exactly_k.by_circuit", by_circuit)
    monkeypatch.setattr("comparisons.claims.price.by_circuit", by_circuit)
    monkeypatch.setattr("comparisons.claims.exactly_k.robustness", robustness)
    monkeypatch.setattr("comparisons.claims.localised.N_FITTED", 2)
    monkeypatch.setattr("selective_firing.measures.dci", partial(measures.dci, n_trees=1))
    monkeypatch.setattr(
        "comparisons.claims.choice_of_k.choose_k", lambda X, model, random_state: SimpleNamespace(k=4, is_clear=True)
    )
    scenes.load.cache_clear()
    yield
    scenes.load.cache_clear()


@pytest.mark.parametrize(
    ("name", "dataset"), [*DATA_SETS.items(), *((name, "bars") for name in NOT_LABELLED)], ids=lambda value: value
)
def test_an_experiment_runs_and_is_told(name, dataset, small, folder):
    claim, settings = CLAIMS[name], Settings(folder=folder, n_seeds=2, data_sets=("digits", "bars"), n_candidates=1)
    assert list(settings.seeds(dataset)) == [100, 101]  # the pilots' are not counted
    seen = {(dataset, seed): look(claim, Lab(settings, dataset, seed)) for seed in settings.seeds(dataset)}
    found = claim.conclude(seen)
    assert np.isfinite(found.intervals["mean"]).all()
    assert found.verdict() in ("supported", "not supported", "depends", "inconclusive")
    assert found.strongest in set(found.effects["rival"])
    assert found.levels["model"].iloc[0]
    assert found.secondary
    for title, table in found.secondary.items():
        assert not table.empty, title
        numbers = [column for column in table if table[column].dtype.kind == "f" and not column.endswith("\u00b1")]
        assert table[numbers].notna().any().all(), title
    assert found.figures
    for words, figure in found.figures.items():
        assert len(words) > 10
        assert figure.get_supxlabel() or all(ax.get_xlabel() for ax in figure.axes)
    assert set(claim.others) == (set(found.beside["model"]) if len(found.beside) else set())
    for observation in seen.values():
        pd.testing.assert_frame_equal(claim.effects(observation.tables, claim.on_trial, dataset), observation.effects)


@pytest.mark.parametrize(
    ("name", "seed", "others"),
    [
        ("choice_of_k", 101, {"data_sets": ("bars", "patches")}),  # it is compared with another set
        ("choice_of_k", 101, {"n_choices": 0}),
        ("choice_of_k", 101, {"seed": 101, "n_choices": 1}),  # it has become the first
        ("exactly_k", 101, {"n_phases": 2}),
        ("exactly_k", 101, {"seed": 101}),
        ("localised", 101, {"seed": 101, "n_phases": 0, "n_choices": 0, "data_sets": ("bars",)}),  # nothing to it
    ],
)
def test_what_is_known_serves_only_where_it_would_be_found_again(name, seed, others, small, tmp_path, monkeypatch):
    monkeypatch.setattr("comparisons.claims.exactly_k._by_gap", lambda lab: pd.DataFrame({"gap": ["small"]}))
    scenes.SCENES["patches"] = replace(scenes.SCENES["bars"], options={"n_samples": 300}, n_samples=200)
    claim = CLAIMS[name]
    settings = Settings(
        folder=tmp_path, n_seeds=2, data_sets=("digits", "bars"), n_candidates=1, n_phases=1, n_choices=1
    )
    look(claim, Lab(settings, "bars", seed))
    asked = replace(settings, **others)
    known = look(claim, Lab(asked, "bars", seed)).tables
    anew = look(claim, Lab(replace(asked, folder=tmp_path / "anew"), "bars", seed)).tables
    assert known.keys() == anew.keys()
    for title, table in anew.items():
        pd.testing.assert_frame_equal(known[title], table)


def test_a_clock_that_stands_still_within_a_step_tells_no_time(small, folder, monkeypatch):
    """Of two models that take less than a tick a step, none is infinitely faster, and no logarithm is of 0."""
    monkeypatch.setattr("comparisons.claims.training_time.time", SimpleNamespace(process_time=lambda: 1.0))
    settings = Settings(folder=folder / "tick", n_seeds=1, data_sets=("bars",), n_candidates=1)
    lab = Lab(settings, "bars", 100)
    times = CLAIMS["training_time"].observe(lab)["Time to equal error"]
    assert times["seconds"].isna().all()
    assert times["steps"].notna().any()
    with pytest.raises(ValueError, match="effect must be finite against some rival"):
        look(CLAIMS["training_time"], lab)
