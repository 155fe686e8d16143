"""What rivals refuse: arguments, patterns, a k too large for what was learned, and learning that explodes."""

from __future__ import annotations

import contextlib
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from small_rivals import SMALL, each_rival

from comparisons import DenseAutoencoder, RandomWeights, TiedSGDAutoencoder, TopKAutoencoder
from comparisons.rivals.soft import SoftAutoencoder
from selective_firing import KWTAAutoencoder
from selective_firing.errors import DivergenceError


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (TopKAutoencoder(4, 5), "k must be between 1 and 4, got 5"),
        (TopKAutoencoder(4, 2, auxk=-1), "auxk must be at least 0"),
        (TopKAutoencoder(4, 2, n_aux=0), "n_aux must be at least 1"),
        (DenseAutoencoder(0), "n_hidden must be at least 1"),
        (DenseAutoencoder(4, batch_size=0), "batch_size must be at least 1"),
        (TiedSGDAutoencoder(4, 2, learning_rate=-1), "learning_rate must be at least 0"),
        (RandomWeights(4, 0), "k must be between 1 and 4, got 0"),
    ],
)
def test_bad_arguments_are_named(model, words, patterns):
    with pytest.raises(ValueError, match=words):
        model.fit(patterns)


@pytest.mark.parametrize("rival", [TopKAutoencoder(8, 2), TiedSGDAutoencoder(8, 2), RandomWeights(8, 2)])
def test_k_is_checked_against_what_was_learned(rival):
    model = clone(rival).fit(SMALL).set_params(k=9)
    for use in (model.transform, model.reconstruct, model.score):
        with pytest.raises(ValueError, match="k must be between 1 and 8, got 9"):
            use(SMALL)
    model.set_params(n_hidden=20)  # the constructor's width is of the next fit
    with pytest.raises(ValueError, match="k must be between 1 and 8, got 9"):
        model.transform(SMALL)
    assert ((model.set_params(k=8).transform(SMALL) > 0).sum(axis=1) <= 8).all()
    with pytest.raises(TypeError, match="k must be an integer"):
        model.set_params(k=2.5).transform(SMALL)


def test_what_goes_on_learning_keeps_its_width():
    model = TopKAutoencoder(8, 2, random_state=0).partial_fit(SMALL).set_params(n_hidden=20, k=12)
    with pytest.raises(ValueError, match="n_hidden must stay 8, as learned, got 20"):
        model.partial_fit(SMALL)


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_sorting_twin_stops_where_its_error_explodes(seed):
    X = np.random.default_rng(seed).random((8, 1))  # one pass took the weights to 1e26 and 1e92
    with pytest.raises(DivergenceError, match=r"diverged at presentation \d+; learning_rate must be lower than 1"):
        TiedSGDAutoencoder(10, 5, n_epochs=3, random_state=seed).fit(X)


@pytest.mark.parametrize("kind", [DenseAutoencoder, partial(TopKAutoencoder, k=2), SoftAutoencoder])
@pytest.mark.parametrize("rate", [1e10, 1e30, 1e300])
@pytest.mark.filterwarnings("error")
def test_backpropagation_stops_where_its_error_explodes(kind, rate):
    for given in ({}, {"n_epochs": 1}):
        with pytest.raises(DivergenceError, match="learning_rate must be lower than 1e"):
            kind(n_hidden=6, learning_rate=rate, random_state=0, **given).fit(SMALL)
    with pytest.raises(DivergenceError):
        kind(n_hidden=6, learning_rate=rate, random_state=0).partial_fit(SMALL)


@each_rival
@pytest.mark.parametrize("scale", [1e-151, 1e151, 1e-300])
def test_patterns_out_of_scale_are_refused(rival, scale):
    with pytest.raises(ValueError, match="X must have a largest magnitude between 1e-150 and 1e"):
        clone(rival).fit(scale * np.sign(SMALL - 0.5))
    model = clone(rival).fit(SMALL)
    for use in (model.transform, model.drive):
        with pytest.raises(ValueError, match="X must have a largest magnitude"):
            use(scale * np.sign(SMALL - 0.5))


@each_rival
def test_zeros_are_in_scale(rival):
    X = SMALL * [0, 1, 1, 1, 1e-300]
    assert np.isfinite(clone(rival).fit(X).transform(0 * X)).all()
    assert np.isfinite(clone(rival).fit(0 * X).transform(X)).all()


@each_rival
@pytest.mark.parametrize(
    "X", [np.full((4, 3), "2020-01-01", "datetime64[D]"), np.full((4, 3), "1"), [["1", "2"], ["3", "4"]],
          pd.DataFrame({"a": pd.to_datetime(["2020", "2021"]), "b": [1.0, 2.0]})],
    ids=["dates", "words", "lists", "frame"],
)  # fmt: skip
def test_dates_and_words_are_no_patterns(rival, X):
    with pytest.raises(TypeError, match="X must hold real numbers"):
        clone(rival).fit(X)


@each_rival
def test_words_among_objects_are_refused_as_scikit_learn_does(rival):
    with pytest.raises(ValueError, match="X must hold real numbers: could not convert words"):
        clone(rival).fit(np.full((4, 3), "1", object))


@pytest.mark.parametrize("kind", [TopKAutoencoder, TiedSGDAutoencoder, KWTAAutoencoder])
@pytest.mark.parametrize("k_start", [1, 13])
def test_k_starts_between_k_and_the_width(kind, k_start, patterns):
    with pytest.raises(ValueError, match="k_start must be"):
        kind(12, 2, k_start=k_start).fit(patterns)


@pytest.mark.parametrize("kind", [DenseAutoencoder, TopKAutoencoder, SoftAutoencoder])
def test_a_flag_is_true_or_false(kind, patterns):
    with pytest.raises(TypeError, match="unit_norm must be True or False"):
        kind(12, unit_norm="no").fit(patterns)
    with pytest.raises(TypeError, match="verbose must be an integer"):
        kind(12, verbose=np.ones(2)).fit(patterns)


@pytest.mark.parametrize("kind", [SoftAutoencoder, TiedSGDAutoencoder])
def test_learning_that_diverges_leaves_no_half_fitted_model(kind, patterns):
    model = kind(12).fit(patterns).set_params(learning_rate=1e12)
    with pytest.raises(DivergenceError):
        model.fit(patterns[:, :4])
    for use in (model.transform, model.drive, model.score):
        with pytest.raises(NotFittedError):
            use(patterns)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rate", [1e154, 1e300, 1.7e308])
def test_the_sorting_twin_keeps_no_weights_that_exploded_unseen(rate):
    for seed in range(20):  # the last stimulus makes other units win than the one that exploded
        X, model = np.random.default_rng(seed).standard_normal((3, 2)), TiedSGDAutoencoder(3, 1, n_epochs=1)
        with contextlib.suppress(DivergenceError):
            model.set_params(learning_rate=rate, random_state=seed).fit(X)
            assert np.abs(model.reconstruct(X)).max() < 1e6


def test_patterns_as_faint_as_they_may_be_are_reconstructed():
    X = 1e-150 * (1 + 1e-6 * np.random.default_rng(0).random((5, 3)))  # all but equal: codes are fainter by far
    model = DenseAutoencoder(4, n_epochs=1, random_state=0).fit(X)
    assert 0 < model.transform(X).max() < 1e-150
    np.testing.assert_array_equal(model.reconstruct(X), model.inverse_transform(model.transform(X)))
    assert model.score(X) <= 1
