"""The brain's rivals: what their papers show, their rules by hand, and what is read from them."""

from __future__ import annotations

import numpy as np
import pytest
from rivals.gradients import SMALL, hold_the_laws
from sklearn.utils.estimator_checks import parametrize_with_checks

from comparisons import EINet, FoldiakNetwork, KrotovHopfield, SAILnet
from comparisons.measuring.encoding import by_itself
from comparisons.measuring.rows import inference
from comparisons.rivals.hebbian.local import linear_read_out
from comparisons.rivals.topk import top_k
from selective_firing import datasets
from selective_firing.errors import DivergenceError

RIVALS = [
    FoldiakNetwork(6, 2, n_epochs=2, n_steps=20, random_state=0),
    SAILnet(6, 2, n_epochs=2, n_steps=20, random_state=0),
    EINet(6, 2, n_epochs=2, n_steps=20, n_interneurons=3, random_state=0),
    KrotovHopfield(6, 2, n_epochs=2, random_state=0),
]


@parametrize_with_checks(RIVALS)
def test_each_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_the_laws_of_rivals_hold(rival):
    hold_the_laws(rival)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)
def test_the_decoder_is_the_best_linear_one_and_the_drive_that_of_the_network(rival):
    model = rival.fit(SMALL)
    code = model.transform(SMALL)
    design = np.hstack([code, np.ones((20, 1))])
    best = design @ np.linalg.lstsq(design, SMALL, rcond=None)[0]
    np.testing.assert_allclose(model.reconstruct(SMALL), best, atol=1e-6)
    inputs = (SMALL - model._shift) / model._scale
    drive = inputs @ model._network["forward"].T - model._network.get("threshold", 0) / model.pull
    np.testing.assert_allclose(model.drive(SMALL), drive, atol=1e-10)


def test_a_read_out_leaves_out_who_says_nothing(rng):
    code, weights = rng.random((30, 4)), rng.standard_normal((4, 3))
    code[:, 2] = 0
    components, offset = linear_read_out(code, code @ weights + [1, 2, 3])
    np.testing.assert_allclose(components, weights * [[1], [1], [0], [1]], atol=1e-8)
    np.testing.assert_allclose(offset, [1, 2, 3], atol=1e-8)


def test_foldiak_s_units_become_the_bars_one_each():
    bars = datasets.bars(n_samples=1500)
    model = FoldiakNetwork(16, 2, n_epochs=5, random_state=0).fit(bars.X_train)
    code, bars_shown = model.transform(bars.X_test), bars.factors_test
    likeness = np.corrcoef(code.T, bars_shown.T)[:16, 16:]
    assert (likeness.max(axis=0) > 0.85).all()
    assert len(set(likeness.argmax(axis=0))) == 16
    assert set(np.unique(code)) == {0.0, 1.0}
    np.testing.assert_allclose(code.mean(axis=0), 1 / 8, atol=0.05)
    assert len(set(code.sum(axis=1))) > 3
    np.testing.assert_array_equal(model.lateral_, model.lateral_.T)
    assert model.lateral_.max() <= 0
    assert not np.diagonal(model.lateral_).any()


def test_foldiak_s_rules_by_hand():
    model = FoldiakNetwork(3, 1, learning_rate=0, n_epochs=1, lateral=5, homeostasis=2, random_state=0).fit(SMALL)
    inputs = model._inputs(SMALL[:4])
    before = {name: value.copy() for name, value in model._network.items()}
    y = model._code(inputs)
    assert 0 < y.sum() < y.size
    model._learn(inputs, 0.01)
    q = before["forward"] + 0.01 * sum(
        np.outer(a, x) - a[:, np.newaxis] * before["forward"] for a, x in zip(y, inputs, strict=True)
    )
    w = np.minimum(-0.05 * sum(np.outer(a, a) - 1 / 9 for a in y), 0) * (1 - np.eye(3))
    np.testing.assert_allclose(model._network["forward"], q)
    np.testing.assert_allclose(model._network["lateral"], w)
    np.testing.assert_allclose(model._network["threshold"], before["threshold"] + 0.02 * (y - 1 / 3).sum(axis=0))


def test_foldiak_s_activities_settle_where_the_paper_says():
    model = FoldiakNetwork(3, 1, learning_rate=0, n_epochs=1, n_steps=400, random_state=0).fit(SMALL)
    model._network["lateral"] = np.array([[0, -2.0, 0], [-2.0, 0, 0], [0, 0, 0]])
    model._network["threshold"] = np.array([0.1, 0.2, 0.3])
    inputs = model._inputs(SMALL)
    drive = inputs @ model._network["forward"].T - model._network["threshold"]
    y = np.zeros((20, 3))
    for _ in range(3000):
        y += 0.02 * (1 / (1 + np.exp(-10 * (drive + y @ model._network["lateral"].T))) - y)
    np.testing.assert_array_equal(model._code(inputs), y > 0.5)
    assert 0 < (y > 0.5).mean() < 1


def test_sailnet_s_spikes_and_rules_by_hand():
    model = SAILnet(2, 1, learning_rate=0, n_epochs=1, n_steps=30, lateral=5, homeostasis=2, random_state=0).fit(SMALL)
    network = model._network
    network["forward"], network["threshold"] = np.array([[2.0, 0, 0, 0, 0], [1.5, 0, 0, 0, 0]]), np.array([1.0, 1.0])
    network["lateral"] = np.array([[0, 0.1], [4.0, 0]])
    counts = model._code(np.array([[1.0, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0]]))
    u, spikes, expected = np.zeros(2), np.zeros(2), np.zeros(2)
    for _ in range(30):
        u = 0.9 * u + 0.1 * (np.array([2.0, 1.5]) - np.array([0.1 * spikes[1], 4 * spikes[0]]))
        spikes = (u > 1).astype(float)
        u[spikes > 0] = 0
        expected += spikes
    np.testing.assert_array_equal(counts, [expected, [0, 0]])
    assert counts[0, 0] == 4  # 1 - 0.9^n > 1 / 2 first at n = 7
    before = {name: value.copy() for name, value in network.items()}
    inputs = model._inputs(SMALL[:5])
    y = model._code(inputs)
    model._learn(inputs, 0.01)
    q = before["forward"] + 0.01 * np.mean(
        [np.outer(a, x) - a[:, np.newaxis] ** 2 * before["forward"] for a, x in zip(y, inputs, strict=True)], axis=0
    )
    w = np.maximum(before["lateral"] + 0.05 * (np.mean([np.outer(a, a) for a in y], axis=0) - 1 / 4), 0)
    np.testing.assert_allclose(network["forward"], q)
    np.testing.assert_allclose(network["lateral"], w * (1 - np.eye(2)))
    np.testing.assert_allclose(network["threshold"], before["threshold"] + 0.02 * (y.mean(axis=0) - 1 / 2))


def test_sailnet_s_inhibition_decorrelates_and_thresholds_hold_the_rate():
    digits = datasets.digits()
    correlations = []
    for lateral in (0.0, 100.0):
        model = SAILnet(32, 6, lateral=lateral, n_epochs=16, batch_size=25, learning_rate=0.05, random_state=0)
        code = model.fit(digits.X_train[::4]).transform(digits.X_train[::4])
        assert code.sum(axis=1).mean() == pytest.approx(6, rel=0.25)
        assert (code > 0).sum(axis=1).mean() < code.sum(axis=1).mean()
        correlations.append(
            np.abs(np.corrcoef(code[:, code.std(axis=0) > 0].T) - np.eye((code.std(axis=0) > 0).sum())).mean()
        )
    assert correlations[1] < 0.6 * correlations[0]
    assert model.score(digits.X_test) > 0.5
    assert (np.abs(code - code.round()) == 0).all()


def test_sailnet_begins_with_thresholds_above_0_however_many_cells_are_to_be_active():
    X = datasets.digits().X_train[:400]
    model = SAILnet(32, 20, learning_rate=0, n_epochs=1, random_state=0).fit(X)
    drive = model._inputs(X) @ model._network["forward"].T
    np.testing.assert_allclose(model._network["threshold"], 0.5 * drive.std(axis=0))
    few = SAILnet(32, 3, learning_rate=0, n_epochs=1, random_state=0).fit(X)
    np.testing.assert_allclose(few._network["threshold"], np.quantile(drive, 1 - 3 / 32, axis=0))


def test_spikes_of_units_that_inhibit_each_other_reach_all_others():
    model = SAILnet(6, 2, n_epochs=2, random_state=0).fit(SMALL)
    neural = inference(model, by_itself(model, SMALL), datasets.Dataset(X_train=SMALL, X_test=SMALL, name="small"))[
        "neural"
    ]
    assert neural["winner spikes"] > 0
    assert neural["lateral events"] == pytest.approx(5 * neural["winner spikes"])


def test_krotov_and_hopfield_s_rule_by_hand():
    model = KrotovHopfield(4, 2, learning_rate=0, n_epochs=1, power=3, rank=3, delta=0.25, random_state=0).fit(SMALL)
    w = model._network["forward"].copy()
    change = np.zeros_like(w)
    for x in model._inputs(SMALL[:6]):
        current = [sum(np.sign(row) * np.abs(row) ** 2 * x) for row in w]
        order = np.argsort(current)[::-1]
        for unit, share in ((order[0], 1.0), (order[2], -0.25)):
            change[unit] += share * (x - current[unit] * w[unit])
    model._learn(model._inputs(SMALL[:6]), 0.1)
    np.testing.assert_allclose(model._network["forward"], w + 0.1 * change / np.abs(change).max())


def test_krotov_and_hopfield_s_winners_come_to_norm_one_and_learn_prototypes():
    digits = datasets.digits()
    given = {"n_hidden": 32, "k": 5, "n_epochs": 30, "random_state": 0}
    model = KrotovHopfield(**given, delta=0.0, learning_rate=0.1).fit(digits.X_train)
    wins = np.bincount(model.drive(digits.X_train).argmax(axis=1), minlength=32)
    winners = np.flatnonzero(wins > 20)
    assert winners.size > 5
    np.testing.assert_allclose(np.linalg.norm(model._network["forward"][winners], axis=1), 1, atol=0.1)
    np.testing.assert_array_equal(model.transform(digits.X_test), top_k(model.drive(digits.X_test), 5))
    start = KrotovHopfield(**given | {"n_epochs": 1}, learning_rate=0.0).fit(digits.X_train)
    assert model.score(digits.X_test) > start.score(digits.X_test) + 0.1
    with pytest.raises(ValueError, match="k must be between 1 and 32, got 33"):
        model.set_params(k=33).transform(digits.X_test)


def test_what_dynamics_take_is_told():
    foldiak, sailnet, einet, hopfield = encodings = [by_itself(rival.fit(SMALL), SMALL) for rival in RIVALS]
    assert [encoding.selection for encoding in encodings] == ["circuit"] * 3 + ["sort"]
    np.testing.assert_array_equal(foldiak.n_steps, np.full(20, 20))
    np.testing.assert_array_equal(foldiak.lateral, np.full(20, 20 * 6 * 5))
    np.testing.assert_array_equal(sailnet.lateral, sailnet.code.sum(axis=1) * 5)
    np.testing.assert_array_equal(einet.interneuron_spikes, RIVALS[2].spikes(SMALL)[1])
    assert einet.interneuron_spikes.shape == (20, 3)
    assert hopfield.n_steps is hopfield.lateral is hopfield.interneuron_spikes is None


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (FoldiakNetwork(4, 2, lateral=-1), "lateral must be at least 0"),
        (FoldiakNetwork(4, 2, n_steps=0), "n_steps must be between 1 and 1000"),
        (SAILnet(4, 2, homeostasis=-1), "homeostasis must be at least 0"),
        (SAILnet(4, 2, batch_size=0), "batch_size must be at least 1"),
        (EINet(4, 2, lateral=-1), "lateral must be at least 0"),
        (EINet(4, 2, homeostasis=-1), "homeostasis must be at least 0"),
        (EINet(4, 2, n_steps=1001), "n_steps must be between 1 and 1000"),
        (EINet(4, 2, n_interneurons=0), "n_interneurons must be between 1 and 4"),
        (EINet(4, 2, n_interneurons=10**30), "n_interneurons must be between 1 and 4"),
        (KrotovHopfield(4, 2, power=0.5), "power must be at least 1"),
        (KrotovHopfield(4, 2, rank=1), "rank must be at least 2"),
        (KrotovHopfield(4, 2, delta=-0.1), "delta must be at least 0"),
        (KrotovHopfield(4, 2, learning_rate=-1), "learning_rate must be at least 0"),
    ],
)
def test_bad_arguments_are_named(model, words):
    with pytest.raises(ValueError, match=words):
        model.fit(SMALL)


@pytest.mark.filterwarnings("error")
def test_rates_that_explode_by_another_argument_are_a_divergence():
    for model in (
        FoldiakNetwork(4, 2, lateral=1e300),
        SAILnet(4, 2, homeostasis=1e300),
        EINet(4, 2, homeostasis=1e300),
        KrotovHopfield(4, 2, power=1e300),
    ):
        with pytest.raises(DivergenceError):
            model.fit(SMALL)
