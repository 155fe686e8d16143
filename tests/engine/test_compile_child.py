"""The process that compiles: it ends with its parent, and nothing of the user's Brian2 reaches what it makes."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from processes import alive, building, needs_proc, wait_until

from selective_firing.engine import cache
from selective_firing.engine.simulate import simulate


@pytest.mark.compiled
@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_compilers_end_with_the_process_that_asked_for_them(tmp_path, monkeypatch, number):
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path / "cache"))
    slow = tmp_path / "slow-g++"  # takes its time, so that there is some to be killed in
    slow.write_text('#!/bin/sh\n[ "$1" = --version ] || sleep 20\nexec g++ "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("CXX", str(slow))
    process = building(5)
    wait_until(lambda: any("sleep" in words for words in alive(tmp_path)), 60)
    process.send_signal(number)
    process.wait(15)
    wait_until(lambda: not alive(tmp_path), 10)
    cache.trim()
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []


@pytest.mark.compiled
def test_preferences_of_the_user_do_not_reach_a_simulator(tmp_path, monkeypatch, tied_weights, patterns):
    (tmp_path / ".brian").mkdir()
    for path in (tmp_path / ".brian" / "user_preferences", tmp_path / "brian_preferences"):
        path.write_text("core.default_float_dtype = float32\ncodegen.cpp.extra_compile_args = ['-O0']\n")
    monkeypatch.setenv("SELECTIVE_FIRING_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MAKEFLAGS", "-n")
    monkeypatch.chdir(tmp_path)
    response, _ = simulate(tied_weights, patterns, 4, codegen="cpp_standalone")
    expected, _ = simulate(tied_weights, patterns, 4, codegen="numpy")
    np.testing.assert_allclose(response.code, expected.code, rtol=1e-12)
