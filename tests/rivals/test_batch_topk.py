"""BatchTopK, and the Matryoshka on top of it: the selection, the threshold, the nested gradient."""

from __future__ import annotations

import numpy as np
import pytest
from rivals.gradients import SMALL, hold_the_laws, numerical_gradient, small_network
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import BatchTopKAutoencoder, MatryoshkaAutoencoder
from comparisons.measuring.encoding import by_itself
from comparisons.rivals.dense import backward, drives
from comparisons.rivals.descent.batch_topk import batch_top_k
from comparisons.rivals.descent.matryoshka import backward_nested, prefixes
from comparisons.rivals.topk import top_k
from selective_firing import datasets

RIVALS = [
    BatchTopKAutoencoder(6, 2, n_epochs=2, random_state=0),
    MatryoshkaAutoencoder(6, 2, n_epochs=2, random_state=0),
]


@parametrize_with_checks(RIVALS)
def test_each_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_the_laws_of_rivals_hold(rival):
    hold_the_laws(rival)


def test_a_batch_keeps_its_largest_drives_whosever_they_are(rng):
    drive = rng.standard_normal((8, 6))
    code = batch_top_k(drive, 2)
    assert np.count_nonzero(code) == 16
    np.testing.assert_array_equal(code[code > 0], drive[code > 0])
    assert drive[code == 0].max() < code[code > 0].min()
    assert set(np.count_nonzero(code, axis=1)) != {2}
    np.testing.assert_array_equal(batch_top_k(drive[:1], 2), top_k(drive[:1], 2))


@pytest.mark.parametrize(
    ("drive", "expected"),
    [
        ([[1.0, 1.0], [1.0, 1.0]], [[1, 1], [0, 0]]),
        ([[2.0, 1.0], [1.0, 3.0]], [[2, 0], [0, 3]]),
        ([[-1.0, -2.0], [3.0, -1.0]], [[0, 0], [3, 0]]),
        ([[0.0, 0.0], [0.0, 0.0]], [[0, 0], [0, 0]]),
    ],
)
def test_ties_and_negative_drives_of_a_batch(drive, expected):
    np.testing.assert_array_equal(batch_top_k(np.array(drive), 1), expected)


def test_the_threshold_is_the_mean_smallest_drive_kept_in_the_last_pass():
    model = BatchTopKAutoencoder(6, 2, n_epochs=3, batch_size=8, learning_rate=0, random_state=0).fit(SMALL)
    order = np.random.default_rng(0)
    order.standard_normal((6, 5))  # of the weights
    for _ in range(3):
        rows = order.permutation(20)
    drive = model.drive(SMALL[rows])
    batches = [(len(part), batch_top_k(part, 2)) for part in (drive[:8], drive[8:16], drive[16:])]
    expected = sum(n * code[code > 0].min() for n, code in batches) / 20
    assert model.threshold_ == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(
        model.transform(SMALL), np.where(model.drive(SMALL) > model.threshold_, model.drive(SMALL), 0)
    )


@pytest.mark.parametrize("kind", [BatchTopKAutoencoder, MatryoshkaAutoencoder])
def test_k_units_are_active_on_average_and_not_for_each(kind):
    digits = datasets.digits()
    model = kind(64, 8, n_epochs=5, batch_size=32, learning_rate=1e-2, random_state=0).fit(digits.X_train)
    n_active = (model.transform(digits.X_train) > 0).sum(axis=1)
    assert n_active.mean() == pytest.approx(8, rel=0.08)
    assert n_active.min() < 6
    assert n_active.max() > 10
    assert model.score(digits.X_test) > 0.75
    assert by_itself(model, digits.X_test).selection == "none"


def test_prefixes_double_up_to_the_whole():
    assert prefixes(256, 5) == [16, 32, 64, 128, 256]
    assert prefixes(7, 3) == [2, 4, 7]
    assert prefixes(1, 10**9) == prefixes(1, 1) == [1]
    assert prefixes(10, 10**30) == [1, 2, 3, 5, 10]


def test_the_gradient_is_that_of_the_mean_error_of_the_nested(rng):
    network, patterns, ends = small_network(rng), rng.standard_normal((4, 5)), [1, 3, 7]

    def loss():
        code = top_k(drives(network, patterns), 4)
        errors = [patterns - code[:, :n] @ network["decoder"][:n] - network["offset"] for n in ends]
        return sum((error**2).sum() for error in errors) / (3 * 2 * patterns.size)

    code = top_k(drives(network, patterns), 4)
    gradients, residual = backward_nested(network, patterns, code, ends)
    for name in network:
        np.testing.assert_allclose(gradients[name], numerical_gradient(loss, network, name), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(residual, patterns - code @ network["decoder"] - network["offset"], atol=1e-12)


def test_one_prefix_is_no_nesting(rng):
    network, patterns = small_network(rng), rng.standard_normal((4, 5))
    code = top_k(drives(network, patterns), 3)
    for one, other in zip(
        backward_nested(network, patterns, code, [7]), backward(network, patterns, code), strict=True
    ):
        np.testing.assert_equal(
            {name: np.round(one[name], 12) for name in one} if isinstance(one, dict) else np.round(one, 12),
            {name: np.round(other[name], 12) for name in other} if isinstance(other, dict) else np.round(other, 12),
        )
    given = {"n_epochs": 2, "random_state": 0}
    plain, single = BatchTopKAutoencoder(6, 2, **given), MatryoshkaAutoencoder(6, 2, n_prefixes=1, **given)
    np.testing.assert_allclose(single.fit(SMALL).components_, plain.fit(SMALL).components_, rtol=1e-5)


def test_early_units_of_the_nested_do_more_alone():
    digits = datasets.digits()
    given = {"n_hidden": 64, "k": 8, "n_epochs": 5, "batch_size": 32, "learning_rate": 1e-2, "random_state": 0}
    errors = []
    for kind in (BatchTopKAutoencoder, MatryoshkaAutoencoder):
        model = kind(**given).fit(digits.X_train)
        code = model.transform(digits.X_test) * (np.arange(64) < 16)
        errors.append(((digits.X_test - model.inverse_transform(code)) ** 2).sum())
    assert errors[1] < 0.7 * errors[0]


def test_a_number_of_prefixes_is_checked():
    with pytest.raises(ValueError, match="n_prefixes must be at least 1, got 0"):
        MatryoshkaAutoencoder(6, 2, n_prefixes=0).fit(SMALL)
