"""What the first call takes, beside what importing Brian2 takes by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

__all__ = ["first_call"]

IMPORT = "import brian2"
CALL = """
import numpy as np
from selective_firing import SpikingParameters, RateParameters, Weights, simulate
w = np.random.default_rng(0).standard_normal(({n_hidden}, {n_inputs})) / {n_inputs} ** 0.5
X = np.random.default_rng(1).random((10, {n_inputs}))
simulate(Weights.at_start(w, w.copy(), X), X, {k}, {parameters}, learning_rate=0.1, codegen="{codegen}")
"""
KINDS = {
    "rate": "RateParameters()", "4 cycles": "RateParameters(n_cycles=4)",
    "spiking": "SpikingParameters(presentation=20.0)",
}  # fmt: skip


def first_call(n_inputs: int, n_hidden: int, k: int, codegen: str = "cpp_standalone", rounds: int = 3) -> pd.DataFrame:
    """Time Python processes from their start to their end: with an empty cache of simulators, and with a full one.

    Parameters
    ----------
    n_inputs, n_hidden, k : int
    codegen : str
    rounds : int
        Of all that does not compile; the median counts.

    Returns
    -------
    DataFrame
        Columns what, seconds, ratio (to the import).
    """
    with tempfile.TemporaryDirectory() as cache:
        _seconds(IMPORT, cache)  # brings its files into memory
        rows = {IMPORT: sorted(_seconds(IMPORT, cache) for _ in range(rounds))[rounds // 2]}
        for name, parameters in KINDS.items():
            script = CALL.format(n_inputs=n_inputs, n_hidden=n_hidden, k=k, parameters=parameters, codegen=codegen)
            rows[f"{name}, first call, nothing compiled"] = _seconds(script, cache)
            again = sorted(_seconds(script, cache) for _ in range(rounds))
            rows[f"{name}, first call, compiled earlier"] = again[rounds // 2]
    ratios = [seconds / rows[IMPORT] for seconds in rows.values()]
    return pd.DataFrame({"what": list(rows), "seconds": list(rows.values()), "ratio": ratios})


def _seconds(script: str, cache: str) -> float:
    here = str(Path(__file__).resolve().parents[3])
    paths = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL,
        env=os.environ | {"SELECTIVE_FIRING_CACHE": cache, "PYTHONPATH": paths},
    )  # fmt: skip
    return time.perf_counter() - start
