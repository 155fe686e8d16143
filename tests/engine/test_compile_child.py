"""The process that compiles: it ends with its parent, many build once, and nothing of the user's Brian2 reaches it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from processes import alive, building, needs_proc, wait_until

from selective_firing.engine import cache
from selective_firing.engine import simulator as compiled
from selective_firing.engine.build_key import BuildKey, build_key
from selective_firing.engine.build_program import STEPS
from selective_firing.engine.simulate import chunk_rows, simulate
from selective_firing.parameters import RateParameters
from selective_firing.weights import Weights

pytestmark = pytest.mark.compiled


def program(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def slow_compiler(folder: Path) -> Path:
    """Return a compiler that takes its time over a simulator, to be killed in it, while a file "slow" is there.

    Brian2 asks the compiler what it can do before it writes a simulator, one version more than the other.
    """
    (folder / "slow").touch()
    wait = f'case "$*" in *{STEPS[0]}*) ! [ -e {folder}/slow ] || {{ touch {folder}/compiling; sleep 20; }};; esac'
    return program(folder / "slow-g++", wait, 'exec g++ "$@"')


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """A make that builds nothing; called only if this Brian2's files are not as expected, of which it leaves a mark."""
    return program(tmp_path_factory.mktemp("bin") / "make", 'touch "$0.called"', "exit 1")


@pytest.fixture(scope="module")
def rate(tmp_path_factory, make, shared_patterns):
    """A simulator built where the user has preferences, and the responses of it and of the numpy target."""
    folder = tmp_path_factory.mktemp("rate")
    (folder / ".brian").mkdir()
    for path in (folder / ".brian" / "user_preferences", folder / "brian_preferences"):
        path.write_text("core.default_float_dtype = float32\ncodegen.cpp.extra_compile_args = ['-O0']\n")
    w = np.random.default_rng(1).standard_normal((24, 20)) / np.sqrt(20)
    weights = Weights(w, w, np.zeros(24), shared_patterns.mean(axis=0), 1.0)
    parameters = RateParameters(n_cycles=2, noise=0.01)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SELECTIVE_FIRING_CACHE", str(folder / "cache"))
        patch.setenv("PATH", str(make.parent), prepend=os.pathsep)
        patch.setenv("HOME", str(folder))
        patch.setenv("MAKEFLAGS", "-n")
        patch.chdir(folder)
        response, expected = (
            simulate(weights, shared_patterns, 4, parameters, codegen=target)[0]
            for target in ("cpp_standalone", "numpy")
        )
        return compiled.simulator(build_key(weights, parameters, chunk_rows(20))), response, expected


@pytest.fixture(scope="module")
def spiking(tmp_path_factory, make):
    """A simulator built by one of three processes started at once, after the compilers of a fourth have been killed."""
    folder = tmp_path_factory.mktemp("spiking")
    shape = BuildKey(3, 4, 0.1, 64, True, circuit="spiking", n_interneurons=2, trains=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SELECTIVE_FIRING_CACHE", str(folder / "cache"))
        patch.setenv("PATH", str(make.parent), prepend=os.pathsep)
        patch.setenv("CXX", str(slow_compiler(folder)))
        killed = building(shape)
        wait_until((folder / "compiling").exists, 60)
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=15)
        wait_until(lambda: not alive(folder), 10)
        assert list(folder.glob("cache/*/main.cpp"))
        assert not list(folder.glob("cache/*/manifest.json"))
        (folder / "slow").unlink()
        together = [building(shape) for _ in range(3)]
        homes = [Path(process.communicate(timeout=240)[0].strip()) for process in together]
    assert [process.returncode for process in together] == [0, 0, 0]
    return homes


def test_processes_started_at_once_build_once_even_after_a_build_that_was_killed(spiking):
    home, *others = spiking
    assert others == [home, home]
    assert [path.name for path in home.parent.iterdir() if path.is_dir()] == [home.name]


def test_brian2_writes_the_files_of_a_spiking_circuit_as_expected(spiking, make):
    assert (spiking[0] / "main").exists()
    assert not make.with_suffix(".called").exists()


def test_brian2_writes_the_files_of_a_rate_circuit_as_expected(rate, make):
    assert (rate[0] / "main").exists()
    assert not make.with_suffix(".called").exists()


def test_preferences_of_the_user_do_not_reach_a_simulator(rate):
    _, response, expected = rate
    assert expected.code.any()
    np.testing.assert_allclose(response.code, expected.code, rtol=1e-12)


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_compilers_end_with_the_process_that_asked_for_them(tmp_path, monkeypatch, number):
    """So they do when it is killed: see `spiking`."""
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CXX", str(slow_compiler(tmp_path)))
    process = building(BuildKey(3, 5, 1.0, 64, False))
    wait_until((tmp_path / "compiling").exists, 60)
    process.send_signal(number)
    process.wait(15)
    wait_until(lambda: not alive(tmp_path), 10)
    cache.trim()
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []
