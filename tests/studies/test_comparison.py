"""The main job, small: its tables say what they should, and everything is written."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from comparisons import RandomWeights, TiedSGDAutoencoder, TopKAutoencoder
from comparisons.measuring.agreement import factorial, robustness
from comparisons.measuring.encoding import by_circuit, by_sort
from comparisons.measuring.intervals import share_interval
from comparisons.measuring.looks import look_of
from comparisons.rivals.registry import CIRCUIT, NARROW, PRINCIPAL, RANDOM, SWAPS, TIED, TOPK
from comparisons.rivals.textbook import TextbookCircuit
from comparisons.rivals.textbook_spiking import TextbookSpikingCircuit
from comparisons.studies.main_job import captions
from comparisons.studies.main_job.compare import _again, _held, compare
from comparisons.studies.main_job.design import Design
from comparisons.studies.main_job.figures import comparison_panel
from comparisons.studies.main_job.figures import robustness as draw_robustness
from comparisons.studies.main_job.results import summary, write
from comparisons.studies.speed.benchmark import competition_loop
from selective_firing import RateParameters, SpikingParameters, datasets, simulate, theory
from selective_firing.weights import Weights

FEW = {"rate": {"loop_delay": ("ms", (0.0,)), "noise": ("", (0.0, 0.3)), "threshold_cv": ("", (0.0, 0.5))},
       "spiking": {"noise": ("mV", (0.0, 20.0))}}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    data = datasets.bars(size=4, n_samples=60, seed=0)
    design = Design(n_hidden=12, k=3, n_epochs=2, codegen="numpy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comparisons.measuring.agreement.ASSUMPTIONS", FEW)
        patch.setattr("comparisons.studies.main_job.design.FIRST_CYCLE_MS", 10.0)
        patch.setattr("comparisons.studies.main_job.design.WITHOUT_COMPILER", 5)
        return compare(data, design, n_shown=4, n_traced=1)


@pytest.fixture(scope="module")
def written(found, tmp_path_factory):
    """The folder with all that is written; tests only read it."""
    folder = tmp_path_factory.mktemp("comparison")
    write(found, folder)
    return folder


def test_the_factorial_crosses_weights_and_encoders(patterns):
    models = {"top-K": TopKAutoencoder(16, 3, n_epochs=3, random_state=0).fit(patterns),
              "random": RandomWeights(16, 3, random_state=0).fit(patterns)}  # fmt: skip
    table = factorial(models, patterns, 3, codegen="numpy")
    assert table[["weights", "encoder"]].to_numpy().tolist() == [
        ["top-K", "circuit"], ["top-K", "sort"], ["random", "circuit"], ["random", "sort"],
    ]  # fmt: skip
    assert (table["exact_fraction"] == 1).all()
    assert (table["jaccard"] == 1).all()
    errors = table.pivot(index="weights", columns="encoder", values="nmse")
    np.testing.assert_allclose(errors["circuit"], errors["sort"], rtol=1e-9)
    own = 1 - models["top-K"].score(patterns)
    assert errors.loc["top-K", "sort"] == pytest.approx(own)


def test_the_circuit_encodes_anyones_weights_as_a_sort_does(patterns):
    model = TiedSGDAutoencoder(16, 3, n_epochs=2, random_state=0).fit(patterns)
    code = by_circuit(model, patterns, 3, codegen="numpy").code
    np.testing.assert_allclose(code, by_sort(model, patterns, 3).code, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(code, model.transform(patterns), rtol=1e-9, atol=1e-12)


def test_spiking_circuits_take_part_in_both_tables(patterns, monkeypatch):
    monkeypatch.setattr("comparisons.measuring.agreement.ASSUMPTIONS", FEW)
    model, spiking = (
        RandomWeights(16, 3, random_state=0).fit(patterns),
        SpikingParameters(presentation=20.0, dt=0.5, inhibition_delay=0.0),
    )
    circuits = [RateParameters(), spiking]
    table = factorial({"random": model}, patterns[:6], 3, circuits, "numpy").set_index("encoder")
    assert list(table.index) == ["circuit", "spiking circuit", "sort"]
    assert table.loc["spiking circuit", "jaccard"] > 0.6
    noisy = robustness(model, patterns[:6], 3, spiking, codegen="numpy").set_index("value")
    assert set(noisy["inhibition"]) == {"spiking"}
    assert noisy.loc[20.0, "jaccard"] < noisy.loc[0.0, "jaccard"]


def test_the_textbook_spiking_script_finds_about_k_cells(tied_weights, patterns):
    counts = TextbookSpikingCircuit(tied_weights, 4, SpikingParameters(dt=0.5, inhibition_delay=0.0)).learn(
        patterns[:3], 0.1, "numpy"
    )
    assert (abs(counts - 4) <= 1).all()


def test_robustness_has_one_row_per_assumption_value_and_kind(patterns, monkeypatch):
    monkeypatch.setattr("comparisons.measuring.agreement.ASSUMPTIONS", FEW)
    model = RandomWeights(16, 3, random_state=0).fit(patterns)
    table = robustness(model, patterns[:8], 3, codegen="numpy")
    assert len(table) == 2 * 5
    ideal, disturbed = table[table["value"] == 0], table[table["value"] > 0]
    assert (ideal["jaccard"] == 1).all()
    assert (disturbed["jaccard"] < 1).all()


def test_the_table_has_a_row_per_model_and_the_pair_agrees(found):
    table = found.table.set_index("model")
    assert list(table.index) == [CIRCUIT, TIED, "top-K", "dense", RANDOM, NARROW, PRINCIPAL]
    assert table.loc[CIRCUIT, "nmse"] == pytest.approx(table.loc[TIED, "nmse"], rel=1e-6)
    assert table.loc[CIRCUIT, "exact_k_fraction"] == 1
    assert table.loc[RANDOM, "nmse"] > table.loc[CIRCUIT, "nmse"]
    assert table["settling_time_ms"].notna().sum() == 1


def test_k_numbers_without_selection_stand_beside(found):
    table = found.table.set_index("model")
    assert len(found.models[NARROW].components_) == found.design.k
    assert table.loc[PRINCIPAL, "n_active"] == found.design.k
    assert table.loc[["dense", NARROW, PRINCIPAL], "jaccard_top_k"].isna().all()  # they have no k to agree with
    assert (table["ATP_beyond_input"] > 0).all()
    interneurons = found.ledger[found.ledger["item"] == "interneuron spikes"]
    assert interneurons["model"].tolist() == [CIRCUIT]
    assert interneurons["count"].iloc[0] > 0


def test_the_main_figure_repeats_what_the_table_says(found):
    first = found.seeds[found.seeds["seed"] == found.design.seed].set_index("model")
    assert list(first.index) == [CIRCUIT, TOPK, NARROW, PRINCIPAL]
    pd.testing.assert_series_equal(first["nmse"], found.table.set_index("model").loc[first.index, "nmse"])
    figure = comparison_panel(pd.concat([found.seeds, found.seeds.assign(seed=1)]), found.ledger, "bars", 3)
    letters = [ax.get_title(loc="left")[0] for ax in figure.axes]
    assert letters == ["a", "b", "d", "e"]  # bars have no classes to be selective for
    legend = figure.subfigs[1].legends[0]
    for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
        name = {"circuit, one competition": CIRCUIT, "dense, 3 units": NARROW, "PCA, 3 components": PRINCIPAL}.get(
            text.get_text(), text.get_text()
        )
        assert (handle.get_color(), handle.get_marker()) == look_of(name)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[-2:] == ["dense, 3 units", "PCA, 3 components"]


def test_another_seed_learns_again_at_the_rates_that_are_known(found):
    rows = {row["model"]: row for row in _again(found.data, replace(found.design, seed=5), found.models)}
    assert list(rows) == [CIRCUIT, TOPK, NARROW, PRINCIPAL]
    assert all(row["seed"] == 5 for row in rows.values())
    before = found.table.set_index("model")["nmse"]
    assert rows[CIRCUIT]["nmse"] != before[CIRCUIT]
    assert rows[PRINCIPAL]["nmse"] == before[PRINCIPAL]


@pytest.mark.compiled
def test_explaining_away_stands_beside_a_circuit_that_does_not():
    explains = Design(codegen="cpp_standalone", parameters=RateParameters(loop_delay=1)).beside(500)[SWAPS]
    assert explains.parameters == RateParameters(loop_delay=1, explain="lateral", late_share=(0.9, 1.0))
    for parameters in (RateParameters(n_cycles=2), RateParameters(explain="lateral"), SpikingParameters()):
        assert SWAPS not in Design(codegen="cpp_standalone", parameters=parameters).beside(500)
    assert SWAPS not in Design(codegen="numpy").beside(500)


def test_the_ledgers_charge_selection_to_the_circuit_alone(found):
    ledger = found.ledger.set_index(["model", "item"])["count"]
    for item in ("inhibitory events", "state updates"):
        assert ledger[CIRCUIT, item] > 0
        assert ledger[TIED, item] == 0
    assert ledger[TIED, "loser transients"] == 0
    learning = found.ledger[found.ledger["phase"] == "learning"]
    assert RANDOM not in set(learning["model"])


def test_everything_is_written_and_can_be_read(found, written):
    names = {path.name for path in written.iterdir()}
    for stem in ("presentation_0", "presentation_held", "receptive_fields", "raster", "competition", "reconstructions",
                 "comparison", "robustness"):  # fmt: skip
        assert {f"{stem}.png", f"{stem}.pdf"} <= names
    assert not [name for name in names if name.startswith(".")]
    read = pd.read_csv(written / "table.csv")
    np.testing.assert_allclose(read["nmse"], found.table["nmse"])
    provenance = json.loads((written / "provenance.json").read_text())
    assert provenance["target"] == "numpy"
    assert provenance["parameters"]["tau_m"] == 5
    assert provenance["models"]["top-K"]["learning_rate"] in (1e-3, 3e-3, 1e-2)
    assert provenance["data"]["seed"] == 0


def test_every_figure_has_its_caption_and_every_column_its_explanation(written):
    words = (written / "README.md").read_text()
    assert "Bars: 12 test patterns, 12 hidden units, k = 3." in words
    pictures = {path.stem for path in written.glob("*.png")}
    assert set(re.findall(r"^!\[\w+\]\((\w+)\.png\)$", words, flags=re.MULTILINE)) == pictures
    for name in pictures:
        assert f"`{name}`: {captions.caption_of(name)}" in words
    tables = list(written.glob("*.csv"))
    assert len(tables) == 6
    for path in tables:
        _, _, part = words.partition(f"### {path.name}\n")
        explained = re.findall(r"^\| `(.+)` \| \S.+ \|$", part.partition("\n#")[0], flags=re.MULTILINE)
        assert explained == list(pd.read_csv(path).columns)


def test_what_nobody_explained_is_refused(found):
    with pytest.raises(KeyError):
        captions.readme({"table": found.table.assign(new=1)}, [], "mine")
    with pytest.raises(KeyError):
        captions.readme({}, ["new_figure"], "mine")


def test_columns_with_classes_and_of_spikes_are_explained_too(tied_weights, patterns):
    spiking = SpikingParameters(dt=0.5, presentation=20.0, inhibition_delay=0.0)
    for parameters in (spiking, RateParameters(n_cycles=2), RateParameters(explain="lateral")):
        frame = simulate(tied_weights, patterns[:2], 3, parameters, codegen="numpy")[0].to_frame()
        assert all(captions.explained("stimuli", column) for column in frame)
    assert {"class_selectivity", "class_selectivity_shuffled"} <= set(captions.COLUMNS["table"])


def test_a_held_decision_is_traced_where_there_is_one_to_hold(found):
    at_once = found.response.traces[0]
    assert found.held.reached_ms == at_once.decisions_ms
    assert found.held.decision_ms >= at_once.decision_ms + 20
    np.testing.assert_array_equal(found.held.winners, at_once.winners)
    for parameters in (RateParameters(n_cycles=2), RateParameters(hold=5.0), SpikingParameters()):
        assert _held(found.models[CIRCUIT], found.data.X_test[:1], parameters) is None


def test_robustness_is_drawn_as_what_is_missing_with_intervals(found):
    figure = draw_robustness(found.robustness, "mine")
    assumptions = list(dict.fromkeys(found.robustness["assumption"]))
    assert [ax.get_title(loc="left") for ax in figure.axes] == list("abcdef")[: 2 * len(assumptions)]
    for column, name in enumerate(assumptions):
        rows = found.robustness[found.robustness["assumption"] == name]
        for place, (_, mine) in enumerate(rows.groupby("inhibition", sort=False)):
            drawn = figure.axes[len(assumptions) + column].containers[place].lines[0].get_ydata()
            np.testing.assert_allclose(drawn.astype(float), 1 - mine.sort_values("value")["jaccard"], atol=1e-12)
    assert (found.robustness["n_stimuli"] == len(found.data.X_test)).all()
    assert figure.get_suptitle() == "mine"


def test_shares_have_intervals_even_of_none_and_of_all():
    low, high = share_interval(np.array([0.0, 0.5, 1.0]), 10)
    assert low[0] == 0
    assert high[2] == 1
    np.testing.assert_allclose(high[0], 0.27753, atol=1e-5)  # z^2 / (n + z^2)
    np.testing.assert_allclose([low[1], high[1]], [0.23659, 0.76341], atol=1e-5)  # Wilson 1927, 5 of 10


def test_the_summary_names_every_model_and_the_costs(found):
    words = summary(found)
    for model in found.models:
        assert model in words
    assert "exactly k = 3 winners" in words


@pytest.fixture
def orthogonal(rng):
    w = np.linalg.qr(rng.standard_normal((20, 12)))[0].T
    patterns = rng.standard_normal((6, 20))
    return Weights(w, w.copy(), np.zeros(12), np.zeros(20), 20.0), patterns


def test_the_loop_and_the_textbook_script_find_the_top_k_too(orthogonal):
    weights, patterns = orthogonal
    assert (competition_loop(weights, patterns, 3, 0.0) < 500).all()
    ideal = theory.top_k(weights.drive(patterns), 3).sum(axis=1)
    np.testing.assert_array_equal(TextbookCircuit(weights, 3, duration_ms=150).learn(patterns, 0.0, "numpy"), ideal)
