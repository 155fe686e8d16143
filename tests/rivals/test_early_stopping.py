"""Rivals that descend end where patterns that are held out are told no better."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from comparisons.rivals.dense import DenseAutoencoder
from comparisons.rivals.registry import MODELS
from selective_firing.learning.history import Stopping

STOPS = {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 2, "tol": 0.02}
NAMES = [name for name, model in MODELS.items() if issubclass(model.kind, DenseAutoencoder)]


def new(name: str, **other):
    kind = MODELS[name].kind
    wishes = {"n_hidden": 12, "k": 3, "n_epochs": 30, "batch_size": 8, "learning_rate": 0.02, "random_state": 0} | STOPS
    known = kind().get_params()
    own = dict(MODELS[name].own)
    return kind(**{key: value for key, value in (wishes | own | other).items() if key in known})


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_by_the_rule_and_does_not_see_what_is_held_out(patterns, name):
    model = new(name).fit(patterns)
    curve, rule = model.history_["validation_nmse"], Stopping.of(model)
    assert len(curve) == model.n_iter_ < 30
    assert rule.is_reached(model._history)
    held_out = rule.held_out(len(patterns), np.random.default_rng(0))
    np.testing.assert_allclose(model.mean_, np.delete(patterns, held_out, axis=0).mean(axis=0))
    assert curve[-1] == pytest.approx(1 - model.score(patterns[held_out]))
    again = clone(model).fit(patterns)
    np.testing.assert_array_equal(again.components_, model.components_)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_held_out_is_measured_without_a_trace(patterns, name):
    """Learning is that of the other patterns alone: as many passes of the same steps, from the same random numbers."""
    model = new(name, tol=0.0, n_iter_no_change=100, n_epochs=3).fit(patterns)
    rng = np.random.default_rng(0)
    shown = np.delete(patterns, Stopping.of(model).held_out(len(patterns), rng), axis=0)
    other = new(name, early_stopping=False, n_epochs=3, random_state=rng).fit(shown)
    np.testing.assert_array_equal(model.components_, other.components_)
    assert model.n_iter_ == other.n_iter_ == 3


def test_bad_arguments_are_named(patterns):
    with pytest.raises(ValueError, match="validation_fraction must be below 1"):
        new("top-K", validation_fraction=1.0).fit(patterns)
    with pytest.raises(ValueError, match="n_iter_no_change must be at least 1"):
        new("dense", n_iter_no_change=0, early_stopping=False).fit(patterns)
