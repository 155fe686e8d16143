"""Sweeps: nothing twice, nothing lost, the same rows wherever they run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import comparisons.cli
from comparisons.measuring.data_key import data_key
from comparisons.sweep import figures, runner
from comparisons.sweep import grid as sweep
from comparisons.sweep.grid import Job, jobs, parse, read_grid, run_job
from comparisons.sweep.runner import share
from selective_firing.datasets.idx import MD5


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

    def count(job):
        ran.append(job.key)
        if len(ran) == 4:
            raise KeyboardInterrupt
        return run_job(job)

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


def of_a_file(seed: int) -> dict:
    np.save("mine.npy", np.random.default_rng(seed).random((40, 9)))
    return {"dataset": "mine.npy", "model": "tied", "k": 2, "n_hidden": 8, "n_epochs": 1}


def test_other_data_in_a_file_of_the_same_name_are_learned_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = runner.sweep(jobs(of_a_file(0)), "out")
    other = runner.sweep(jobs(of_a_file(1)), "out")
    again = runner.sweep(jobs(of_a_file(0)), "out")
    assert first["nmse"][0] != other["nmse"][0]
    assert again["nmse"][0] == first["nmse"][0]
    assert len(list((tmp_path / "out/rows").iterdir())) == 2
    assert len(runner.union(jobs(of_a_file(1)), "out")) == 1  # the row of the data that are gone is no row


def test_the_key_knows_the_files_of_mnist_wherever_they_lie(tmp_path, monkeypatch):
    monkeypatch.delenv("SELECTIVE_FIRING_DATA", raising=False)
    keys = {Job({"dataset": "mnist"}).key}
    for place, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / place).mkdir()
        for name in MD5:
            (tmp_path / place / name).write_bytes(content)
        keys.add(Job({"dataset": "mnist"}, str(tmp_path / place)).key)
    assert len(keys) == 3
    monkeypatch.setenv("SELECTIVE_FIRING_DATA", str(tmp_path / "c"))
    assert Job({"dataset": "mnist"}).key in keys
    assert data_key("mnist", tmp_path / "absent") is None
    assert data_key("digits") == data_key("bars") == ""


def test_hosts_that_finish_at_once_leave_one_table_with_the_rows_of_all(tmp_path, monkeypatch):
    todo = jobs(GRID | {"model": "random"})
    whole = runner.sweep(todo, tmp_path)
    rows = {path: path.read_text() for path in (tmp_path / "rows").iterdir()}
    for path in rows:
        path.unlink()
    write, rng = runner.write_text, np.random.default_rng(0)
    pauses = iter(rng.uniform(0, 0.05, 1000))

    def write_slowly(path, text):
        time.sleep(next(pauses))
        write(path, text)

    monkeypatch.setattr(runner, "write_text", write_slowly)

    def host(path):
        time.sleep(next(pauses))
        path.write_text(rows[path])
        runner.publish(todo, tmp_path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(host, rows))
    assert list(pd.read_csv(tmp_path / "sweep.csv")["key"]) == list(whole["key"])


def sweep_command(monkeypatch, words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["program", "sweep", "--output-dir", "out", *words.split()])
    return comparisons.cli.main()


def test_parts_of_an_array_job_share_a_directory_and_the_last_draws_the_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = "dataset=bars data.size=4 data.n_samples=60 model=random n_hidden=8 k=2,3 seed=0,1"
    parts = [
        [sys.executable, "-m", "comparisons", "sweep", "--output-dir", "out", "--of", "3", "--index", str(index),
         "--vary", *words.split()]
        for index in (0, 1)
    ]  # fmt: skip
    both = [subprocess.Popen(part, stdout=subprocess.DEVNULL) for part in parts]  # both make the directory
    assert [process.wait(120) for process in both] == [0, 0]
    assert (len(pd.read_csv("out/sweep.csv")), list(Path("out").glob("*.png"))) == (3, [])
    assert sweep_command(monkeypatch, f"--collect --vary {words}") == 0
    assert "3 of 4 jobs done" in capsys.readouterr().out
    assert [path.name for path in Path("out").glob("*.png")] == ["nmse_against_k.png"]
    Path("out/nmse_against_k.png").unlink()
    assert sweep_command(monkeypatch, f"--of 3 --index 2 --vary {words}") == 0
    assert (len(pd.read_csv("out/sweep.csv")), Path("out/nmse_against_k.png").exists()) == (4, True)


def test_grids_in_one_directory_share_one_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = "--vary dataset=bars data.size=4 data.n_samples=60 model=random n_hidden=8"
    assert sweep_command(monkeypatch, f"{words} k=2") == sweep_command(monkeypatch, f"{words} k=3") == 0
    assert "The table also has 1 rows of other grids." in capsys.readouterr().out
    assert sorted(pd.read_csv("out/sweep.csv")["k"]) == [2, 3]
    Path("out/sweep.csv").unlink()
    assert sweep_command(monkeypatch, "--collect") == 0
    assert sorted(pd.read_csv("out/sweep.csv")["k"]) == [2, 3]
    monkeypatch.setattr("comparisons.sweep.grid.code_version", lambda: "another")
    assert sweep_command(monkeypatch, "--collect") == 2  # rows of other code are none of this sweep's
    assert "output_dir must hold rows of this sweep" in capsys.readouterr().err


def like_mnist(folder: Path, seed: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for name in MD5:
        shape = (40, 28, 28) if "images" in name else (40,)
        header = np.array([0x0800 + len(shape), *shape], ">u4").tobytes()
        (folder / name).write_bytes(header + rng.integers(10, size=shape).astype(np.uint8).tobytes())


def test_rows_of_data_in_a_directory_are_collected_without_their_grid(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SELECTIVE_FIRING_DATA", raising=False)
    like_mnist(tmp_path / "mine", 0)
    like_mnist(tmp_path / "other", 1)
    assert sweep_command(monkeypatch, "--data-dir mine --vary dataset=mnist model=random n_hidden=8 k=2,3") == 0
    Path("out/sweep.csv").unlink()
    assert sweep_command(monkeypatch, "--collect --data-dir mine") == 0
    assert "2 of 2 jobs done, 0 of them failed" in capsys.readouterr().out
    assert sorted(pd.read_csv("out/sweep.csv")["k"]) == [2, 3]
    assert sweep_command(monkeypatch, "--collect --data-dir other") == 2  # rows of other data are none of this sweep's
    assert "output_dir must hold rows of this sweep" in capsys.readouterr().err


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
