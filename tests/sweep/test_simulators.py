"""What a sweep compiles before its jobs begin."""

from __future__ import annotations

from comparisons.sweep import grid as sweep
from comparisons.sweep import runner, simulators
from comparisons.sweep.grid import Job, jobs, run_job
from selective_firing.engine import simulate as door
from selective_firing.errors import SimulationError

CIRCUITS = {"dataset": "bars", "data.size": 4, "data.n_samples": 60, "model": ["circuit", "tied"], "k": [2, 3],
            "n_hidden": 8, "n_epochs": 1, "circuit.tau_m": [3.0, 5.0], "circuit.n_cycles": [1, 2]}  # fmt: skip


def test_a_sweep_compiles_what_it_needs_before_the_first_job_begins_and_each_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "target", lambda: "cpp_standalone")
    monkeypatch.setattr(simulators.compiled, "is_cached", lambda shape: shape.n_hidden == 9)
    happened = []
    monkeypatch.setattr(simulators.compiled, "simulator", lambda shape: happened.append(shape))
    monkeypatch.setattr(runner, "run_job", lambda job: happened.append(job) or {"key": job.key, "error": ""})
    todo = jobs(CIRCUITS | {"n_hidden": [8, 9]})
    runner.sweep(todo, tmp_path)
    compiled, ran = happened[:2], happened[2:]
    assert [(shape.n_inputs, shape.n_hidden, shape.explains) for shape in compiled] == [(16, 8, ""), (16, 8, "cycles")]
    assert ran == todo
    runner.sweep(todo, tmp_path)  # nothing is missing
    assert len(happened) == 2 + len(todo)


def test_what_is_compiled_ahead_is_what_the_jobs_ask_for(monkeypatch):
    monkeypatch.setattr(sweep, "target", lambda: "cpp_standalone")
    needed, asked = simulators.shapes(jobs(CIRCUITS)), []

    def ask(codegen, n_steps, shape):
        asked.append(shape)
        return "numpy"

    monkeypatch.setattr(door, "choose_target", ask)
    for job in jobs(CIRCUITS):
        assert run_job(job)["error"] == ""
    assert set(asked) == set(needed)


def test_what_cannot_be_compiled_or_read_is_told_by_its_job(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "target", lambda: "cpp_standalone")
    monkeypatch.setattr(simulators.compiled, "is_cached", lambda shape: False)
    monkeypatch.setattr(simulators.compiled, "find_compiler", lambda: "g++")

    def fail(shape):
        raise SimulationError("no room to compile in.")

    monkeypatch.setattr(simulators.compiled, "simulator", fail)
    table = runner.sweep(jobs(CIRCUITS | {"model": "circuit", "k": 2, "circuit.tau_m": 5.0}), tmp_path)
    assert all("no room to compile in" in error for error in table["error"])
    assert simulators.shapes([Job({"dataset": "absent.npy", "model": "circuit", "seed": 0})]) == []
