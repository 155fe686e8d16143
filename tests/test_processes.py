"""Worker processes end with the process that asked for their work, whatever ended it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from joblib import Parallel, delayed
from processes import alive, needs_proc, wait_until

from selective_firing._files.processes import ending_with_us

SWEEP = """
import sys
from comparisons.sweep import grid, runner
grid.target = lambda: "numpy"
todo = grid.jobs({"dataset": "digits", "model": "tied", "n_epochs": 10000, "seed": [0, 1, 2, 3]})
runner.sweep(todo, sys.argv[1], n_jobs=2)
"""
REPORT = """
import time
from comparisons.measuring.parallel import in_order
in_order([(time.sleep, 100)] * 4, "claims", 2)
"""
CHOOSE = """
from selective_firing import choose_k, datasets
from comparisons import TiedSGDAutoencoder
choose_k(datasets.digits().X_train, TiedSGDAutoencoder(64, 5, n_epochs=10000), n_jobs=2)
"""


@needs_proc
@pytest.mark.parametrize(
    ("script", "number"),
    [
        (SWEEP, signal.SIGTERM), (SWEEP, signal.SIGKILL), (SWEEP, signal.SIGHUP), (REPORT, signal.SIGKILL),
        (CHOOSE, signal.SIGKILL),
    ],
    ids=["sweep, SIGTERM", "sweep, SIGKILL", "sweep, SIGHUP", "report", "choose_k"],
)  # fmt: skip
def test_workers_end_with_their_parent(tmp_path, script, number):
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "sweep")], start_new_session=True, stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    wait_until(lambda: sum("LokyProcess" in words for words in alive(tmp_path)) == 2, 60)
    time.sleep(0.5 * (number != signal.SIGTERM))  # at work, or not yet
    process.send_signal(number)
    process.wait(2)
    wait_until(lambda: not alive(tmp_path), 15)  # a worker that starts is under way for some seconds


def test_in_this_process_nothing_is_watched():
    for backend in ("sequential", "threading"):
        assert Parallel(2, backend=backend, **ending_with_us())(delayed(max)(2, n) for n in (1, 3)) == [2, 3]
    assert not any(thread.name == "watch parent" for thread in threading.enumerate())
