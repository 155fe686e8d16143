"""The loop of a simulator's time steps, which is our own: one clock, stopped from within a step, or at its end."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import brian2
import pytest
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

pytestmark = pytest.mark.compiled

MAIN = r"""
#include <cstdio>
#include <cstdlib>
#include "network.h"
static int64_t timestep, steps, last;
static double t, dt = 0.5;
static void step() { steps++; if (steps == last) Network::_globally_stopped = true; }
int main(int, char** arguments)
{
    last = atoi(arguments[1]);
    Clock clock, another;
    clock.timestep = &timestep; clock.t = &t; clock.dt = &dt;
    Network network;
    network.clear();
    network.add(&clock, step);
    network.add(&clock, NULL);
    if (atoi(arguments[2])) network.add(&another, step);
    network.run(10.0, NULL, 10.0);
    printf("%d steps, t = %g, %g done", (int)steps, network.t, Network::_last_run_completed_fraction);
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    templates = CPPStandaloneCodeObject.templater.derive("selective_firing.engine")
    network = templates.network(None, None, maximum_run_time=None)
    (folder / "network.cpp").write_text(network.cpp_file)
    (folder / "network.h").write_text(network.h_file)
    (folder / "main.cpp").write_text(MAIN)
    (folder / "brianlib").mkdir()
    for name in ("clocks.h", "stdint_compat.h"):
        shutil.copy(next(Path(brian2.__file__).parent.rglob(name)), folder / "brianlib")
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    subprocess.run([*compiler, "-std=c++11", "-I.", "main.cpp", "network.cpp", "-o", "main"], cwd=folder, check=True)
    return folder / "main"


@pytest.mark.parametrize(
    ("last", "expected"),
    [(5, "5 steps, t = 2.5, 0.25 done"), (0, "20 steps, t = 10, 1 done")],
    ids=["stopped", "whole"],
)
def test_steps_follow_one_another_until_one_stops_them(program, last, expected):
    assert subprocess.run([program, str(last), "0"], capture_output=True, text=True, check=True).stdout == expected


def test_a_second_clock_is_refused(program):
    done = subprocess.run([program, "0", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "must have one clock" in done.stderr
