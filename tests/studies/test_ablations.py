"""Variants of learning with cycles: the default is the circuit's rule, every other differs from it."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons.studies.explaining.ablations import VARIANTS, ablations, learn
from comparisons.studies.main_job.design import Design
from selective_firing import KWTAAutoencoder, RateParameters
from selective_firing.datasets import Dataset

SMALL = {"n_hidden": 16, "k": 3, "n_cycles": 3, "n_epochs": 2}


def test_the_default_learns_what_the_circuit_learns(patterns):
    model = KWTAAutoencoder(
        16, 3, n_epochs=2, homeostasis=1e-4, parameters=RateParameters(n_cycles=3), codegen="numpy", random_state=5
    ).fit(patterns)
    weights, duty = learn(patterns, VARIANTS["as it is"], **SMALL, seed=5)
    np.testing.assert_allclose(weights.w_out, model.components_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(weights.bias, model.bias_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(duty, model.duty_cycle_)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "as it is"])
def test_every_variant_differs(patterns, name):
    base, _ = learn(patterns, VARIANTS["as it is"], **SMALL)
    other, _ = learn(patterns, VARIANTS[name], **SMALL)
    assert not np.allclose(other.w_out, base.w_out) or not np.allclose(other.bias, base.bias)
    if name == "weights of norm 1":
        np.testing.assert_allclose(np.linalg.norm(other.w_out, axis=1), 1.0)
    if name == "non-negative weights":
        changed = ~np.isclose(other.w_out, learn(patterns, VARIANTS[name], **SMALL | {"n_epochs": 1})[0].w_out)
        assert (other.w_out[changed.any(axis=1)] >= 0).all()


def test_the_same_lessons_and_decay_align_two_starts(patterns):
    rows = {name: learn(patterns, VARIANTS[name], **SMALL | {"n_epochs": 8}) for name in VARIANTS if "two" in name}
    cosine = {
        name: ((w.w_in * w.w_out).sum(axis=1) / np.linalg.norm(w.w_in, axis=1) / np.linalg.norm(w.w_out, axis=1)).mean()
        for name, (w, _) in rows.items()
    }
    assert cosine["two starts, aligning"] > cosine["two starts, aligning, no decay"] > cosine["two starts, apart"]


def test_the_table_has_a_row_per_variant_and_seed(patterns):
    data = Dataset(X_train=patterns, X_test=patterns[:10], name="few")
    table = ablations(data, Design(n_hidden=16, k=3, n_epochs=1), n_cycles=2, seeds=(0, 1), progress=False)
    assert len(table) == 2 * len(VARIANTS)
    assert np.isfinite(table["nmse"]).all()
    np.testing.assert_allclose(table[table["variant"] == "as it is"]["alignment"], 1.0)
