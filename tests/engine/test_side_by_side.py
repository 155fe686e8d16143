"""Encoding in parallel: the same bits however many at once, and all end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from processes import alive, needs_proc, wait_until

from selective_firing import KWTAAutoencoder, RateParameters, SpikingParameters
from selective_firing._checks.arguments import check_n_jobs
from selective_firing._files.side_by_side import Together, parts, side_by_side
from selective_firing.engine.simulate import simulate
from selective_firing.errors import SimulationError

CIRCUITS = {
    "ideal": RateParameters(),
    "noisy, unequal cells": RateParameters(noise=0.1, threshold_cv=0.1),
    "cycles, noisy": RateParameters(n_cycles=3, noise=0.1),
    "spiking, noisy, unequal cells": SpikingParameters(presentation=20.0, noise=0.3, threshold_cv=0.1),
    "spike trains": SpikingParameters(presentation=20.0, input="poisson", input_rate=500.0),
}


def arrays_of(response):
    """Return all arrays of a response, those of earlier cycles too."""
    found = {name: value for name, value in vars(response).items() if isinstance(value, np.ndarray)}
    found |= {f"events {name}": value for name, value in response.events.items()}
    for population, table in response.spikes.items():
        found |= {f"{population} {name}": np.asarray(value) for name, value in vars(table).items()}
    for number, earlier in enumerate(response.earlier):
        found |= {f"{number} {name}": value for name, value in arrays_of(earlier).items()}
    return found


@pytest.mark.compiled
@pytest.mark.parametrize("parameters", CIRCUITS.values(), ids=CIRCUITS)
def test_the_response_does_not_depend_on_how_many_run_at_once(weights, patterns, parameters):
    def present(n_jobs):
        rng = np.random.default_rng(3)
        return simulate(weights, patterns, 4, parameters, codegen="cpp_standalone", rng=rng, n_jobs=n_jobs)[0]

    one = present(None)
    expected = arrays_of(one)
    assert expected["n_active"].any()
    for n_jobs in (1, 2, 7, -1):
        found = arrays_of(present(n_jobs))
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, err_msg=f"{name}, n_jobs = {n_jobs}")


@pytest.mark.compiled
def test_learning_goes_from_one_pattern_to_the_next_whatever_n_jobs(tied_weights, patterns):
    for options in ({"learning_rate": 0.5}, {"homeostasis": 0.1}):
        after = [
            simulate(tied_weights, patterns, 4, codegen="cpp_standalone", n_jobs=n_jobs, **options)[1]
            for n_jobs in (1, 2)
        ]
        np.testing.assert_array_equal(after[0].w_in, after[1].w_in)
        np.testing.assert_array_equal(after[0].bias, after[1].bias)
        assert not np.array_equal(after[1].bias, tied_weights.bias)


def test_rows_are_parted_evenly_whole_and_in_order():
    for n in (1, 2, 9, 100):
        for largest in (1, 8, 1000):
            for n_jobs in (1, 2, 3):
                rows = np.concatenate([np.arange(n)[part] for part in parts(n, largest, n_jobs)])
                sizes = [part.stop - part.start for part in parts(n, largest, n_jobs)]
                np.testing.assert_array_equal(rows, np.arange(n))
                assert max(sizes) <= largest
                assert min(sizes) >= max(1, max(sizes) - 1)
                assert len(sizes) >= min(n, n_jobs)


@pytest.mark.parametrize(("value", "expected"), [(None, 1), (1, 1), (np.int8(3), 3), (-1, 8), (-3, 6), (-99, 1)])
def test_n_jobs_means_what_it_means_in_scikit_learn(monkeypatch, value, expected):
    monkeypatch.setattr("joblib.cpu_count", lambda: 8)
    assert check_n_jobs(value) == expected


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (1.0, TypeError), (True, TypeError), ("2", TypeError)])
def test_other_n_jobs_are_refused_at_the_door(patterns, value, error):
    model = KWTAAutoencoder(6, 2, n_epochs=1, codegen="numpy", n_jobs=value)
    with pytest.raises(error, match="n_jobs must be None or an integer other than 0, got"):
        model.fit(patterns)


def test_at_most_n_jobs_run_at_once_and_results_come_in_order():
    lock, running, most = threading.Lock(), [0], [0]

    def run(part, together):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01 * (20 - part.start) / 20)
        with lock:
            running[0] -= 1
        return part.start

    assert side_by_side(run, parts(20, 1, 3), 3) == list(range(20))
    assert most[0] == 3


def test_a_failure_in_one_is_told_and_ends_the_others():
    started = []

    def run(part, together):
        if part.start == 2:
            wait_until(lambda: len(started) == 2, 20)
            raise SimulationError("the third has failed.")
        process = together.start(["sleep", "60"])
        started.append(process)
        if process.wait() != 0:
            raise SimulationError("ended from outside.")

    before = time.monotonic()
    with pytest.raises(SimulationError, match="the third has failed"):
        side_by_side(run, parts(5, 1, 3), 3)
    assert time.monotonic() - before < 30
    assert len(started) == 2  # the fourth and the fifth have not begun
    assert {process.returncode for process in started} == {-signal.SIGKILL}


def test_an_interruption_ends_all_though_not_all_have_been_handed_out():
    started = []

    class Interrupted(list):
        def __iter__(self):
            yield from super().__iter__()
            wait_until(lambda: len(started) == 2, 20)
            raise KeyboardInterrupt

    def run(part, together):
        started.append(together.start(["sleep", "20"]))
        started[-1].wait()

    with pytest.raises(KeyboardInterrupt):
        side_by_side(run, Interrupted(parts(5, 1, 2)), 2)
    wait_until(lambda: None not in [process.returncode for process in started], 20)
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2


def test_what_comes_too_late_does_not_start():
    together = Together()
    together.end()
    with pytest.raises(SimulationError, match="a simulation beside this one has failed, or was interrupted"):
        together.start(["sleep", "60"])


INTERRUPTED = """
import sys
from selective_firing._files.side_by_side import parts, side_by_side

def run(part, together):
    together.start(["sleep", "60"]).wait()

try:
    side_by_side(run, parts(5, 1, 2), 2)
except KeyboardInterrupt:
    print("interrupted")
"""


@needs_proc
def test_ctrl_c_ends_all(tmp_path):
    environment = os.environ | {"OF_THIS_TEST": str(tmp_path)}
    main = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True, env=environment)
    wait_until(lambda: sum(words.startswith("sleep") for words in alive(tmp_path)) == 2, 60)
    main.send_signal(signal.SIGINT)  # to the main process alone, as a notebook does it
    assert main.communicate(timeout=30)[0] == "interrupted\n"
    wait_until(lambda: not alive(tmp_path), 10)


@pytest.mark.compiled
def test_what_fails_in_a_compiled_simulator_is_told(weights, patterns, monkeypatch):
    from selective_firing.engine import simulate as door

    real = door.verify

    def verify(out, shape, n_presentations, start, *others):
        if start:
            raise SimulationError(f"nothing came of the presentations from {start} on.")
        real(out, shape, n_presentations, start, *others)

    monkeypatch.setattr(door, "verify", verify)
    with pytest.raises(SimulationError, match="from 15 on"):
        simulate(weights, patterns, 4, codegen="cpp_standalone", n_jobs=2)
