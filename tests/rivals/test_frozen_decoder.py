"""The control whose decoder never learns."""

from __future__ import annotations

import numpy as np
from rivals.gradients import hold_the_laws
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import FrozenDecoderAutoencoder, RandomWeights, TopKAutoencoder
from selective_firing import datasets

RIVAL = FrozenDecoderAutoencoder(6, 2, n_epochs=2, random_state=0)


@parametrize_with_checks([RIVAL])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def test_the_laws_of_rivals_hold():
    hold_the_laws(RIVAL)


def test_its_decoder_is_what_was_drawn_and_its_error_lies_between_those_of_random_and_learned_weights():
    digits = datasets.digits()
    given = {"n_hidden": 64, "k": 8, "random_state": 0}
    learned = {"n_epochs": 5, "batch_size": 16, "learning_rate": 3e-3}
    random = RandomWeights(**given).fit(digits.X_train)
    frozen = FrozenDecoderAutoencoder(**given, **learned).fit(digits.X_train)
    whole = TopKAutoencoder(**given, **learned).fit(digits.X_train)
    np.testing.assert_array_equal(frozen.components_, random.components_.astype(np.float32))
    assert np.abs(frozen.encoder_ - frozen.components_).max() > 0.01
    scores = [model.score(digits.X_test) for model in (random, frozen, whole)]
    assert scores[0] + 0.1 < scores[1] < scores[2] - 0.2
    assert ((frozen.transform(digits.X_test) > 0).sum(axis=1) == 8).all()
