"""The other side of a claim: families of models, read where they err as the one on trial does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from comparisons.lab.bits import bits
from comparisons.lab.lab import Lab, Settings
from comparisons.lab.matched import families, family_rows, pixels, principal, same_error, soft, widths
from comparisons.lab.scenes import FACTORS, Scene, load
from comparisons.measuring.front import at_error, front
from comparisons.rivals.registry import DENSE, PRINCIPAL, SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT, SOFT


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comparisons.lab.lab.SCENES", {"digits": Scene(n_hidden=24, k=4, n_epochs=2, ks=(4,))})
        yield Lab(Settings(folder=tmp_path_factory.mktemp("lab")), "digits", 0)


def table(*rows):
    return pd.DataFrame(rows, columns=["nmse", "cost", "size"])


def test_nobody_on_the_front_is_beaten(rng):
    nmse, cost = rng.random(60), rng.random(60)
    rows = front(nmse, cost)
    assert (np.diff(nmse[rows]) > 0).all()
    assert (np.diff(cost[rows]) < 0).all()
    for other in range(60):
        beaten = ((nmse <= nmse[other]) & (cost <= cost[other]) & (np.arange(60) != other)).any()
        assert (other in rows) == (not beaten)


def test_a_cost_at_equal_error_never_rises_with_the_error(rng):
    models = pd.DataFrame({"nmse": rng.random(30), "cost": rng.random(30)})
    errors = np.sort(rng.uniform(models["nmse"].min(), 1.2, 200))
    costs = [at_error(models, error, ["cost"])["cost"] for error in errors]
    assert (np.diff(costs) <= 1e-12).all()
    assert costs[-1] == pytest.approx(models["cost"].min())


def test_a_model_that_errs_more_and_costs_more_changes_nothing():
    good = table((0.4, 10.0, 2), (0.1, 40.0, 8))
    for bad in ((0.1, 41.0, 9), (0.5, 10.0, 3), (0.41, 12.0, 4)):
        assert at_error(table(*good.to_numpy(), bad), 0.2, ["cost"])["cost"] == pytest.approx(20.0)


def test_where_no_member_errs_as_little_nothing_is_read():
    few = table((0.4, 10.0, 2), (0.1, 40.0, 8))
    assert np.isnan(at_error(few, 0.09, ["cost"])["cost"])
    assert np.isnan(at_error(few, 0.09, ["cost"], along="size")["cost"])
    assert at_error(few, 0.9, ["cost"], along="size")["cost"] == 10.0
    copies = table((0.4, 10.0, 2), (0.0, 40.0, 8))
    assert 10.0 < at_error(copies, 0.2, ["cost"])["cost"] < 11.0  # a model without error is far away in logarithms


def test_families_go_from_coarse_to_fine_and_are_read_at_an_error(lab):
    rows = family_rows(lab, lambda model: {"nmse": lab.nmse(model, model.transform(lab.data.X_test)),
                                           "width": float(len(model.components_))})  # fmt: skip
    assert list(rows["model"].unique()) == [DENSE, PRINCIPAL, SOFT]
    assert list(rows[rows["model"] == DENSE]["size"]) == widths(lab) == [2, 4, 8, 16, 24]
    pca = rows[rows["model"] == PRINCIPAL]
    assert (np.diff(pca["nmse"]) < 0).all()
    assert pca["nmse"].iloc[-1] == pytest.approx(0, abs=1e-12)
    assert list(pca["width"]) == list(2.0 * pca["size"])
    error = float(pca["nmse"].iloc[5])
    found = same_error(rows, error, "width")
    assert found[SAME_PRINCIPAL] == pytest.approx(pca["width"].iloc[5])
    assert set(found) == {SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT}
    assert np.isnan(same_error(rows[rows["model"] == DENSE], error, "width")[SAME_SOFT])


def test_the_soft_model_is_the_one_of_about_k_units(lab):
    counts = {
        size: float((model.transform(lab.X_val) > 0).sum(axis=1).mean()) for _, size, model in families(lab, (SOFT,))
    }
    chosen = (lab.fit(SOFT, **soft(lab)).transform(lab.X_val) > 0).sum(axis=1).mean()
    assert chosen == min(counts.values(), key=lambda count: abs(np.log(count / lab.scene.k)))


@pytest.mark.parametrize("signed", [True, False])
def test_principal_components_are_those_of_the_covariance(lab, signed):
    X, n = lab.data.X_train, 5
    model = principal(lab, signed=signed).first(n)
    code = model.transform(X)
    assert code.shape[1] == (n if signed else 2 * n)
    assert signed or code.min() == 0
    variance = np.linalg.eigvalsh(np.cov(X.T, bias=True))
    left = ((X - model.inverse_transform(code)) ** 2).sum(axis=1).mean()
    assert left == pytest.approx(variance[:-n].sum())


def test_pixels_copy_and_tell_each_input_by_a_unit_of_its_own(lab):
    model = pixels(lab)
    X = lab.data.X_test[:20]
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X, atol=1e-12)
    assert (np.count_nonzero(model.components_, axis=1) == 1).all()
    assert bits(lab, model) > 0


@pytest.mark.parametrize("dataset", FACTORS)
def test_bars_that_depend_on_each_other_are_as_frequent_as_independent_ones(dataset):
    data = load(dataset, 0, None)
    factors = np.concatenate([data.factors_train, data.factors_test]).astype(float)
    np.testing.assert_allclose(factors.mean(axis=0), 1 / 8, atol=0.02)
    together = np.corrcoef(factors.T)
    inside = together.reshape(4, 4, 4, 4)[np.arange(4), :, np.arange(4)]
    assert inside[:, ~np.eye(4, dtype=bool)].min() > 0.05
    assert abs(together[0, 4:]).max() < 0.06
    drawn = data.factors_train[:, :8, None] | data.factors_train[:, None, 8:]
    np.testing.assert_array_equal(drawn.reshape(len(drawn), -1), data.X_train > 0)
