"""What the packages offer: their names, how quickly they load, how their objects show themselves."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import comparisons
import selective_firing
from selective_firing import KWTAAutoencoder, RateParameters, datasets

OFFERED = {
    "KWTAAutoencoder", "RateParameters", "SpikingParameters", "Weights", "Response", "simulate", "build", "read",
    "describe", "choose_k", "datasets", "measures", "energy", "figures", "theory", "trace", "__version__",
}  # fmt: skip
RIVALS = {
    "TopKAutoencoder", "DenseAutoencoder", "SoftAutoencoder", "TiedSGDAutoencoder", "RandomWeights",
    "BatchTopKAutoencoder", "MatryoshkaAutoencoder", "JumpReLUAutoencoder", "FrozenDecoderAutoencoder",
    "MatchingPursuitAutoencoder", "OMPDictionary", "FoldiakNetwork", "SAILnet", "EINet", "KrotovHopfield",
}  # fmt: skip


@pytest.mark.parametrize(("package", "names"), [(selective_firing, OFFERED), (comparisons, RIVALS)])
def test_dir_shows_exactly_what_is_offered_and_all_of_it_loads(package, names):
    assert set(dir(package)) == set(package.__all__) == names
    for name in names - {"__version__"}:
        offered = getattr(package, name)
        assert callable(offered) or name in ("datasets", "measures", "energy", "figures", "theory")


def test_a_function_is_no_module_whatever_was_imported_before():
    code = """
import importlib, pkgutil, selective_firing
for module in pkgutil.walk_packages(selective_firing.__path__, "selective_firing."):
    if "__main__" not in module.name and ".engine.compile" not in module.name:
        importlib.import_module(module.name)
from selective_firing import build, choose_k, describe, read, simulate
assert all(callable(f) for f in (build, choose_k, describe, read, simulate))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_not_offered_is_named():
    with pytest.raises(AttributeError, match="module 'selective_firing' has no attribute 'KWTA'"):
        _ = selective_firing.KWTA
    with pytest.raises(AttributeError, match="module 'comparisons' has no attribute 'TopK'"):
        _ = comparisons.TopK


def test_objects_that_hold_arrays_show_themselves_in_a_line_and_are_equal_to_themselves_only():
    bars = datasets.bars(n_bars=1, size=4, n_samples=40)
    model = KWTAAutoencoder(6, 2, n_epochs=1, parameters=RateParameters(n_cycles=2), codegen="numpy", random_state=0)
    response = model.fit(bars.X_train).simulate(bars.X_test, traces=[0])
    shown = repr(response)
    assert shown.startswith("Response(rate circuit: 8 stimuli, 6 hidden units, k = 2, ")
    assert shown.endswith(" settled, 2 cycles)")
    assert repr(model.weights_) == "Weights(16 inputs, 6 hidden units, tied)"
    assert repr(response.traces[0]).startswith("Trace(stimulus 0: 2 competitions, ")
    for held in (response, model.weights_, response.traces[0]):
        assert held == held
        assert (held != response) or held is response
        assert hash(held) == hash(held)
        assert "array" not in repr(held)
    assert isinstance(response.winner_units, np.ndarray)
