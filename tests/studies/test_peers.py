"""Other simulators beside the circuit: those that are installed are timed, of the others it is said why not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from comparisons.studies.speed import command, peers
from comparisons.studies.speed.ways import Way


def test_what_cannot_be_imported_is_named_and_the_rest_is_timed(monkeypatch, weights, capsys):
    def make(module, given, seed):
        assert (module, given, seed) == (json, weights, 3)
        return {"a way": Way(lambda patterns: len(patterns), 2)}

    monkeypatch.setattr(peers, "PEERS", {"json": make, "no_such_simulator": make})
    assert list(command._found(weights, 3)) == ["a way"]
    assert "no_such_simulator is not timed: ModuleNotFoundError: No module named" in capsys.readouterr().out


@pytest.mark.parametrize("package", peers.PEERS)
def test_a_layer_of_the_same_size_is_presented_the_same_patterns(package, weights, patterns):
    module = pytest.importorskip(package)
    (way,) = peers.PEERS[package](module, weights, 0).values()
    found = way.present(patterns[:2])
    if package == "nengo":  # what is driven most fires most
        counts = np.asarray(found)
        assert counts.shape == (weights.n_hidden,)
        assert np.corrcoef(counts, weights.drive(patterns[:2]).mean(axis=0))[0, 1] > 0.3
