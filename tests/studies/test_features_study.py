"""The study of features: what it calls found is so, rates are tuned once, and everything is written and drawn."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from comparisons import cli
from comparisons.rivals.registry import CIRCUIT, ONE_COMPETITION, PURSUIT, RANDOM, TOPK
from comparisons.studies.features import figures
from comparisons.studies.features import study as module
from comparisons.studies.features.study import (
    CIRCUITS,
    MODELS,
    TRUTH,
    agreement,
    load,
    recovered,
    scene,
    study,
    summary,
)
from comparisons.studies.main_job.design import Design
from selective_firing import datasets
from selective_firing.errors import DivergenceError

NAMES = (ONE_COMPETITION, "1 swap", TOPK, PURSUIT, RANDOM, TRUTH)


@pytest.fixture(scope="module")
def data():
    return datasets.synthetic_features(n_features=6, n_inputs=12, n_active=2, n_samples=120)


@pytest.fixture(scope="module")
def rates():
    return {}


@pytest.fixture(scope="module")
def table(data, rates):
    design = Design(n_hidden=6, k=2, n_epochs=3, codegen="numpy")
    return pd.DataFrame(study(data, design, rates, NAMES))


def test_truth_is_perfect_and_chance_is_not(table):
    rows = table.set_index("model")
    assert list(rows.index) == list(NAMES)
    np.testing.assert_allclose(rows.loc[TRUTH, ["support_f1", "feature_f1", "mean_max_cosine", "uniqueness"]], 1.0)
    assert rows.loc[TRUTH, "nmse"] < 1e-9
    assert rows.loc[RANDOM, "mean_max_cosine"] < rows.loc[ONE_COMPETITION, "mean_max_cosine"]
    assert (rows[["n_hidden", "k", "seed"]] == [6, 2, 0]).all().all()


def test_rates_are_tuned_once_and_serve_other_seeds(table, rates, data, monkeypatch):
    used = table.set_index("model")["learning_rate"]
    assert rates == used[list(rates)].to_dict()
    assert used[ONE_COMPETITION] == used["1 swap"] == 1
    assert set(rates) == {TOPK, PURSUIT}
    monkeypatch.setattr(Design, "tuned", lambda *args: pytest.fail("there is nothing to search for"))
    again, = study(data, Design(n_hidden=6, k=2, n_epochs=3, seed=1), rates, (TOPK,))  # fmt: skip
    assert again["learning_rate"] == rates[TOPK]


def test_a_circuit_that_diverges_learns_more_slowly(data, monkeypatch):
    asked = []

    class Diverges:
        def set_params(self, learning_rate):
            asked.append(learning_rate)
            return self

        def fit(self, X):
            if asked[-1] > 0.3:
                raise DivergenceError(7, asked[-1])
            return self

    monkeypatch.setattr(Design, "models", lambda *_: {CIRCUIT: Diverges()})
    model, rate = module._fitted("2 cycles", data, Design(n_hidden=6, k=2), {})
    assert isinstance(model, Diverges)
    assert asked == [1.0, 0.5, 0.25]
    assert rate == 0.25


def test_units_that_are_never_active_found_nothing(data):
    code = data.codes_test.copy()
    code[:, 0] = 0.0
    found = recovered(data.features, code, code @ data.features, data)
    assert found["alive_fraction"] == found["recall"] == pytest.approx(5 / 6)
    assert found["precision"] == 1
    assert found["support_f1"] == pytest.approx(5 / 6)


def test_width_and_k_suit_the_data_unless_given():
    assert scene(load("features-crowded", 0)) == (64, 6)
    assert scene(load("bars", 0)) == (16, 3)
    assert scene(load("bars", 0), 20, 1) == (20, 1)
    with pytest.raises(ValueError, match="data must have known factors"):
        scene(datasets.digits())


def test_circuits_are_those_that_their_names_say():
    for name, circuit in CIRCUITS.items():
        rounds = 1 if name == ONE_COMPETITION else int(name.split()[0])
        assert rounds == (circuit.parameters.n_swaps if "swap" in name else circuit.parameters.n_cycles), name
        assert circuit.parameters.late_share == ((0.9, 1.0) if "swap" in name and "late" not in name else 0.75), name


def test_agreement_is_a_rank_correlation_with_low_error():
    table = pd.DataFrame({
        "dataset": ["one"] * 4, "model": ["a", "b", "c", RANDOM], "nmse": [0.3, 0.2, 0.1, 0.9],
        "support_f1": [0.1, 0.2, 0.3, 0.0], "feature_f1": [0.3, 0.2, 0.1, 0.0], "mean_max_cosine": [0.5] * 4,
        "uniqueness": [1.0] * 4,
    })  # fmt: skip
    found = agreement(table).iloc[0]
    assert found["F1 of the code"] == pytest.approx(1)
    assert found["F1 of features"] == pytest.approx(-1)
    assert np.isnan(found["mean max cosine"])


def test_the_summary_has_intervals_over_seeds(table):
    both = pd.concat([table, table.assign(seed=1, nmse=table["nmse"] + 0.1)])
    found = summary(both).loc[("features", TOPK)]
    assert found["NMSE \u00b1"] == pytest.approx(12.706 * 0.05, rel=1e-3)  # t of one degree of freedom
    assert found["F1 of the code \u00b1"] == pytest.approx(0)


@pytest.mark.parametrize("measure", figures.SHOWN)
def test_the_figure_names_every_model(table, measure):
    both = pd.concat([table, table.assign(seed=1), table.assign(dataset="other")])
    figure = figures.against_error(both, measure)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert [title.split()[-1] for title in titles[:2]] == ["features", "other"]
    labels = {text.get_text() for ax in figure.axes if ax.get_legend() for text in ax.get_legend().get_texts()}
    assert labels == {TOPK, PURSUIT, ONE_COMPETITION, TRUTH, "circuit, 1 to 8 cycles", "circuit, 1 to 8 swaps"}


def test_the_command_writes_tables_and_figures(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(module.SETS, "bars", {"n_bars": 2, "size": 3, "n_samples": 60})
    given = ["--data-sets", "bars", "--models", TOPK, RANDOM, TRUTH, "--n-seeds", "2", "--n-epochs", "1"]
    monkeypatch.setattr(sys, "argv", ["compare", "features", *given, "--output-dir", str(tmp_path)])
    assert cli.main() == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "features.csv", *(f"{measure}.{kind}" for measure in figures.SHOWN for kind in ("png", "pdf"))
    }  # fmt: skip
    read = pd.read_csv(tmp_path / "features.csv")
    assert read["model"].tolist() == [TOPK, RANDOM, TRUTH] * 2
    assert "Rank correlation" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words"),
    [(["--models", "best"], "models must be one of"), (["--data-sets", "digits"], "data_sets must be one of"),
     (["--k", "65"], "k must be"), (["--n-seeds", "0"], "n_seeds must be")],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_learned(given, words, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compare", "features", *given, "--output-dir", str(tmp_path / "new")])
    assert cli.main() == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_every_model_has_a_name_of_its_own():
    assert len(set(MODELS)) == len(MODELS)
