"""Sweeps: nothing twice, nothing lost, the same rows wherever they run."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from comparisons.sweep import figures, runner
from comparisons.sweep import grid as sweep
from comparisons.sweep.grid import Job, jobs, parse, read_grid, run_job
from comparisons.sweep.runner import share


@pytest.fixture(autouse=True)
def numpy_target(monkeypatch):
    monkeypatch.setattr(sweep, "target", lambda: "numpy")


GRID = {"dataset": "bars", "data.size": 4, "data.n_samples": 60, "model": ["tied", "random"], "k": [2, 3],
        "n_hidden": 8, "n_epochs": 1, "seed": [0, 1]}  # fmt: skip
MEASURES = ("nmse", "n_active", "lifetime_sparseness", "jaccard_top_k")


def test_a_grid_has_every_combination_once_and_no_setting_a_model_lacks():
    found = jobs(GRID)
    assert len(found) == 8
    assert len({job.key for job in found}) == 8
    assert all(("n_epochs" in job.settings) == (job.settings["model"] == "tied") for job in found)
    with_circuit = jobs(GRID | {"circuit.tau_m": [3.0, 5.0], "model": ["circuit", "tied"]})
    assert len(with_circuit) == 8 + 4  # tau_m is nothing to tied weights learned by a sort
    assert with_circuit[0].model().parameters.tau_m in (3.0, 5.0)


def test_the_key_depends_on_settings_and_code_and_not_on_their_order(monkeypatch):
    one, other = Job({"k": 2, "model": "tied"}), Job({"model": "tied", "k": 2})
    assert one.key == other.key
    assert one.key != Job({"k": 3, "model": "tied"}).key
    before = one.key
    monkeypatch.setattr(sweep, "code_version", lambda: "another")
    assert one.key != before


def test_a_killed_sweep_goes_on_and_no_job_runs_twice(tmp_path, monkeypatch):
    todo = jobs(GRID)
    whole = runner.sweep(todo, tmp_path / "whole")
    ran = []

    def count(job, data_dir):
        ran.append(job.key)
        if len(ran) == 4:
            raise KeyboardInterrupt
        return run_job(job, data_dir)

    monkeypatch.setattr(runner, "run_job", count)
    with pytest.raises(KeyboardInterrupt):
        runner.sweep(todo, tmp_path / "part")
    assert len(list((tmp_path / "part" / "rows").iterdir())) == 3
    resumed = runner.sweep(todo, tmp_path / "part")
    assert len(ran) == 9
    assert len(set(ran)) == 8
    different = [name for name in whole if name.endswith("_s")]
    pd.testing.assert_frame_equal(resumed.drop(columns=different), whole.drop(columns=different))
    runner.sweep([*todo, *jobs(GRID | {"k": [4]})], tmp_path / "part")  # a larger grid uses what fits
    assert len(ran) == 9 + 4


def test_a_failing_job_is_recorded_and_does_not_stop_the_others(tmp_path):
    todo = jobs(GRID | {"model": "tied", "learning_rate": [0.5, 1e6], "k": 2, "seed": 0})
    table = runner.sweep(todo, tmp_path)
    assert list(table["error"] != "") == [False, True]
    assert "learning_rate must be lower" in table["error"][1]
    assert np.isfinite(table["nmse"][0])


def test_a_damaged_row_is_run_again(tmp_path):
    todo = jobs(GRID | {"seed": 0, "k": 2, "model": "random"})
    row = tmp_path / "rows" / f"{todo[0].key}.json"
    before = runner.sweep(todo, tmp_path)
    row.write_text(row.read_text()[:40])
    after = runner.sweep(todo, tmp_path)
    assert json.loads(row.read_text())["nmse"] == after["nmse"][0] == before["nmse"][0]


def test_parts_of_an_array_job_are_all_of_it():
    todo = jobs(GRID)
    parts = [share(todo, index, 3) for index in range(3)]
    assert sorted(job.key for part in parts for job in part) == sorted(job.key for job in todo)
    with pytest.raises(ValueError, match="index must be between 0 and 2, got 3"):
        share(todo, 3, 3)


def test_rows_are_the_same_on_a_dask_cluster(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    todo = jobs(GRID)
    here = runner.sweep(todo, tmp_path / "here")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = runner.sweep(todo, tmp_path / "there", scheduler=cluster.scheduler_address)
    pd.testing.assert_frame_equal(here[list(MEASURES)], there[list(MEASURES)])


def test_a_grid_is_read_from_toml_and_from_words(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text('model = ["circuit", "topk"]\nk = 5\n[circuit]\ntau_m = [3.0, 5.0]\n[data]\nn_samples = 10\n')
    expected = {"model": ["circuit", "topk"], "k": 5, "circuit.tau_m": [3.0, 5.0], "data.n_samples": 10}
    assert read_grid(path) == expected
    words = ["model=circuit,topk", "k=5", "circuit.tau_m=3.0,5.0", "tied=true"]
    assert parse(words) == {"model": ["circuit", "topk"], "k": [5], "circuit.tau_m": [3.0, 5.0], "tied": [True]}
    path.write_text("k = [")
    with pytest.raises(ValueError, match="grid must be a TOML file"):
        read_grid(path)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"modle": "tied"}, "grid must vary .*, got 'modle'"),
        ({"model": "transformer"}, "model must be one of circuit, .*, got 'transformer'"),
        ({"k": 0}, "k must be between 1 and 128, got 0"),
        ({"k": []}, "k must have one or more numbers or words"),
        ({"circuit.tau_m": -1}, "tau_m must be above 0"),
        ({"k": {"a": 1}}, "k must have one or more numbers or words"),
    ],
)
def test_a_bad_grid_is_refused_before_anything_runs(grid, words):
    with pytest.raises(ValueError, match=words):
        jobs(grid)


@pytest.mark.parametrize("word", ["k", "k=", "=3"])
def test_bad_words_are_refused(word):
    with pytest.raises(ValueError, match="vary must be name=value"):
        parse([word])


def test_the_figure_shows_the_mean_over_seeds_and_its_interval():
    table = pd.DataFrame(
        {"model": "tied", "k": [2, 2, 2, 4, 4, 4], "seed": [0, 1, 2] * 2, "nmse": [1, 2, 3, 4, 4, 4.0]}
    )
    assert figures.most_varied(table) == "k"
    line, (low, high), _ = figures.against(table, "k", "nmse").axes[0].containers[0]
    np.testing.assert_allclose(line.get_ydata().astype(float), [2, 4])
    ends = np.array([low.get_ydata(), high.get_ydata()], float)
    np.testing.assert_allclose(ends[1] - ends[0], [2 * 4.303 / np.sqrt(3), 0], rtol=1e-3)
    with pytest.raises(ValueError, match="y must be a column"):
        figures.against(table, "k", "colour")
