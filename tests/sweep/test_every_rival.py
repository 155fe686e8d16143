"""Every rival of the registry runs in a sweep, is measured and priced, and knows what is tuned of it."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons.lab.tuning import candidates
from comparisons.rivals.registry import MODELS
from comparisons.sweep.grid import arguments, jobs, run_job
from selective_firing import KWTAAutoencoder

RIVALS = {model.word: name for name, model in MODELS.items() if model.kind is not KWTAAutoencoder}
GRID = {"dataset": "bars", "data.size": 4, "data.n_samples": 60, "k": 2, "n_hidden": 8, "n_epochs": 2}
NOT_TUNED = ("random", "soft")


@pytest.mark.parametrize("word", RIVALS)
def test_a_rival_has_a_row(word):
    (job,) = jobs(GRID | {"model": word})
    row = run_job(job)
    assert row["error"] == ""
    assert np.isfinite([row["nmse"], row["n_active"], row["lifetime_sparseness"]]).all()
    products = "operations inference: multiply-accumulates (operations)"
    assert row[products] > 0
    assert row["operations inference: comparisons (operations)"] >= 8


@pytest.mark.parametrize("word", sorted(RIVALS.keys() - set(NOT_TUNED)))
def test_what_is_tuned_of_a_rival_are_arguments_of_it(word):
    model = MODELS[RIVALS[word]]
    found = candidates(RIVALS[word], "digits", 12)
    assert len({repr(sorted(given.items(), key=str)) for given in found}) == 12
    assert set().union(*found) <= set(arguments(model.kind))
    for given in found:
        model.kind(128, **{"k": 10} if "k" in arguments(model.kind) else {}, **given).check_parameters()
