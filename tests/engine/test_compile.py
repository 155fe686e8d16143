"""Compiled simulators: the same answers on every target, and no silent failure."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from processes import on_a_small_disk

from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine import simulate as door
from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import RESULTS, BuildKey
from selective_firing.engine.simulate import chunk_rows, simulate
from selective_firing.errors import SimulationError
from selective_firing.parameters import RateParameters


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("inhibition", "tied", "k"),
    [("subtractive", True, 4), ("threshold", True, 4), ("subtractive", False, 4), ("subtractive", True, 7)],
)
def test_compiled_and_numpy_targets_agree(tied_weights, patterns, inhibition, tied, k):
    """Of seven winners five sum what they learn by together, and two alone."""
    both = []
    for codegen in ("numpy", "cpp_standalone"):
        parameters = RateParameters(inhibition=inhibition)
        both.append(
            simulate(tied_weights, np.tile(patterns, (2, 1)), k, parameters, learning_rate=(0.5, -0.005),
                     homeostasis=0.01, tied=tied, codegen=codegen)
        )  # fmt: skip
    (one, after), (other, after_compiled) = both
    np.testing.assert_array_equal(one.winners, other.winners)
    np.testing.assert_array_equal(one.settling_time_ms, other.settling_time_ms)
    for name in ("w_in", "w_out", "bias"):
        expected = getattr(after, name)
        np.testing.assert_allclose(getattr(after_compiled, name), expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.fixture
def home(tied_weights):
    return compiled.simulator(BuildKey(20, 24, 1.0, chunk_rows(20), False))


@pytest.fixture
def values(tied_weights, patterns):
    stimuli = np.zeros((chunk_rows(20), 20))
    stimuli[: len(patterns)] = patterns
    start = initial_values(tied_weights, RateParameters(), k=4, n_presentations=len(patterns))
    return start | {"stimuli.values": stimuli}


@pytest.fixture
def stub(tmp_path):
    """Return a function that makes a simulator of what its program does, and returns where it is."""

    def made(program: str | bytes) -> Path:
        (tmp_path / "main").write_bytes(program if isinstance(program, bytes) else f"#!/bin/sh\n{program}\n".encode())
        (tmp_path / "main").chmod(0o755)
        (tmp_path / "manifest.json").write_text(json.dumps({"sizes": {}, "types": {}}))
        return tmp_path

    return made


@pytest.mark.compiled
class TestFailures:
    def test_a_value_that_is_not_finite_is_refused(self, home, values):
        with pytest.raises(SimulationError, match=r"inhibition\.tau_i must be finite"):
            compiled.run(home, values | {"inhibition.tau_i": np.inf})

    def test_an_array_of_the_wrong_size_is_refused(self, home, values):
        with pytest.raises(SimulationError, match="must have 480 values, got 3"):
            compiled.run(home, values | {"w_in.w": np.ones(3)})

    def test_a_name_that_the_simulator_does_not_know_is_refused(self, home, values):
        with pytest.raises(SimulationError, match="Cannot set unknown variable"):
            compiled.run(home, values | {"hidden.colour": 1.0})

    def test_stimuli_that_cannot_be_read_are_reported(self, home, values, monkeypatch):
        hand_over = compiled._hand_over

        def lost(path, value, size):
            if path.name != "stimuli.values":
                hand_over(path, value, size)

        monkeypatch.setattr(compiled, "_hand_over", lost)
        with pytest.raises(SimulationError, match=r"exit status 1.*Could not read 'stimuli\.values="):
            compiled.run(home, values)

    def test_a_simulator_that_is_gone_is_reported(self, home, values, tmp_path):
        shutil.copy(home / "manifest.json", tmp_path)
        with pytest.raises((SimulationError, FileNotFoundError)):
            compiled.run(tmp_path, values)

    def test_the_same_binary_gives_the_same_bits(self, home, values):
        wanted = ["w_in.w", "winners.drive"]
        values = values | {"inhibition.learning_rate": 0.5, "hidden.plastic": 1.0}
        one, other = compiled.run(home, values), compiled.run(home, values)
        for name in wanted:
            np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.compiled
def test_stimuli_that_end_where_a_page_does_are_followed_by_nought(home, values, patterns):
    """128 stimuli of 20 numbers are five pages of memory."""
    stimuli = np.tile(patterns, (5, 1))[:128]
    more = np.vstack([stimuli, np.zeros((1, 20))])
    asked = values | {"inhibition.n_presentations": 128}
    exact, padded = (compiled.run(home, asked | {"stimuli.values": shown}) for shown in (stimuli, more))
    assert np.unique(exact["decisions.squared_error"]).size > 25
    for name in ("decisions.squared_error", "winners.i", "winners.drive", "w_in.w"):
        np.testing.assert_array_equal(exact[name], padded[name])


@pytest.mark.compiled
@pytest.mark.parametrize("n_more", [0, 1, 100])
def test_stimuli_need_not_fill_the_room_that_there_is_for_them(home, values, patterns, n_more):
    wanted = ["decisions.squared_error", "winners.i", "winners.drive", "w_in.w"]
    whole = compiled.run(home, values)
    rest = np.full((n_more, 20), 7.0)  # what is not presented does not matter
    part = compiled.run(home, values | {"stimuli.values": np.vstack([patterns, rest])})
    for name in wanted:
        np.testing.assert_array_equal(part[name], whole[name])


@pytest.mark.compiled
def test_a_simulator_leaves_one_file_of_what_is_wanted_alone(home, values, tmp_path):
    arguments = ["./main", "--results_dir", f"{tmp_path}/"]
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            value.astype(float).tofile(tmp_path / name)
        arguments.append(f"{name}={tmp_path / name if isinstance(value, np.ndarray) else value}")
    before = {path.name for path in tmp_path.iterdir()}
    compiled._run_to_its_end(arguments, home, compiled.Together())
    assert {path.name for path in tmp_path.iterdir()} - before == {RESULTS}
    types = json.loads((home / "manifest.json").read_text())["types"]
    found = compiled._read(tmp_path / RESULTS, types)
    expected = compiled.run(home, values)
    assert found.keys() == expected.keys() == set(BuildKey(20, 24, 1.0, chunk_rows(20), False).wanted)
    for name in found:
        np.testing.assert_array_equal(found[name], expected[name])
    n_bytes = sum(8 + found[name].nbytes for name in types)
    assert (tmp_path / RESULTS).stat().st_size == n_bytes


@pytest.mark.parametrize("n_bytes", [0, 7, 8, 31, 32, 39, 40, 47])
def test_results_that_are_cut_short_are_no_results(n_bytes, tmp_path):
    one, other = np.arange(3.0), np.arange(2, dtype=np.int32)
    with (tmp_path / "results").open("wb") as file:
        for values in (one, other):
            np.array([len(values)], np.uint64).tofile(file)
            values.tofile(file)
    types = {"one": "float64", "other": "int32"}
    found = compiled._read(tmp_path / "results", types)
    assert found["one"].tolist() == [0, 1, 2]
    assert found["other"].tolist() == [0, 1]
    assert (tmp_path / "results").stat().st_size == 48
    os.truncate(tmp_path / "results", n_bytes)
    with pytest.raises(SimulationError, match="left less of " + ("one" if n_bytes < 32 else "other")):
        compiled._read(tmp_path / "results", types)
    with pytest.raises(SimulationError, match="left no"):
        compiled._read(tmp_path / "gone", types)


def test_a_failed_build_leaves_no_half_simulator(tmp_path, monkeypatch):
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path))
    monkeypatch.setattr(compiled.sys, "executable", "false")
    with pytest.raises(SimulationError, match="could not be compiled"):
        compiled.simulator(BuildKey(2, 3, 1.0, 64, False))
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_simulation_that_leaves_words_behind_has_failed(stub):
    home = stub("echo could not read file")
    with pytest.raises(SimulationError, match="could not read file"):
        compiled.run(home, {})


def test_a_killed_simulation_has_failed(stub):
    home = stub("kill -9 $$")
    with pytest.raises(SimulationError, match="exit status -9"):
        compiled.run(home, {})


def test_without_a_compiler_auto_is_numpy_and_says_so_once(monkeypatch):
    monkeypatch.setattr(compiled, "find_compiler", lambda: None)
    door._say_once.cache_clear()
    shape = BuildKey(2, 3, 1.0, 64, False)
    with pytest.warns(RuntimeWarning, match="slower numpy target") as said:
        assert [door.choose_target("auto", 10**6, shape) for _ in range(3)] == ["numpy"] * 3
    assert len(said) == 1
    with pytest.raises(SimulationError, match='codegen="cython" needs a C'):
        door.choose_target("cython", 1, shape)


def test_auto_compiles_when_that_pays(monkeypatch):
    monkeypatch.setattr(compiled, "find_compiler", lambda: "g++")
    monkeypatch.setattr(compiled, "is_cached", lambda shape: False)
    shape = BuildKey(2, 3, 1.0, 64, False)
    assert door.choose_target("auto", 10, shape) == "numpy"
    assert door.choose_target("auto", 10**6, shape) == "cpp_standalone"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.arena_max=1", "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0:glibc.malloc.check=3", "glibc.malloc.hugetlb=0:glibc.malloc.check=3"),
    ],
)
def test_what_the_user_asks_of_the_c_library_is_kept(stub, monkeypatch, given, expected):
    home = stub("echo $GLIBC_TUNABLES")
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if given:
        monkeypatch.setenv("GLIBC_TUNABLES", given)
    with pytest.raises(SimulationError, match=rf": {expected}$"):
        compiled.run(home, {})


def test_a_program_that_cannot_start_is_told(stub):
    home = stub(b"\x7fELF")
    with pytest.raises(SimulationError, match=r"must be there and run .*set SELECTIVE_FIRING_CACHE"):
        compiled.run(home, {})


def test_results_that_a_full_disk_cut_off_are_told_as_that(stub, monkeypatch):
    home = stub("")
    monkeypatch.setattr(compiled, "is_full", lambda folder: True)
    with pytest.raises(SimulationError, match=r"the disk is full: .* set TMPDIR to another"):
        compiled.run(home, {})


def test_another_compiler_is_another_simulator(monkeypatch):
    shape, keys = BuildKey(2, 3, 1.0, 64, False), set()
    for compiler in ("g++", "g++ -O0", "g++ -m32"):
        monkeypatch.setenv("CXX", compiler)
        keys.add(compiled._key(shape))
    assert len(keys) == 3


def test_inputs_that_a_full_disk_cannot_take_are_told_as_that(tmp_path):
    done = on_a_small_disk(tmp_path, "128k", HAND_OVER, tmp_path)
    assert "the disk is full: the temporary directory must have room for 0.2 MB more" in done.stdout, done.stderr


@pytest.mark.compiled
def test_results_that_a_full_disk_cannot_take_are_told_as_that(home, tmp_path):
    done = on_a_small_disk(tmp_path, "256k", LEAVE, tmp_path)
    assert re.search("the disk is full: .* must hold results", done.stdout), (done.stdout, done.stderr)


LEAVE = """
import sys, tempfile
import numpy as np
from selective_firing import RateParameters, Weights, simulate
from selective_firing.errors import SimulationError
tempfile.tempdir = sys.argv[1]
w = np.random.default_rng(0).standard_normal((24, 20))
weights = Weights(w, w, np.zeros(24), np.zeros(20), 20.0)
X = np.random.default_rng(1).standard_normal((1000, 20))  # 160 kB, and as much again of answers
try:
    simulate(weights, X, 4, RateParameters(), codegen="cpp_standalone")
except SimulationError as error:
    print(error)
"""
HAND_OVER = """
import sys
from pathlib import Path
import numpy as np
from selective_firing.engine import simulator
try:
    simulator._hand_over(Path(sys.argv[1]) / "w", np.ones(20000), 20000)
except simulator.SimulationError as error:
    print(error)
"""
