"""Claims and the lab that they are tried in: endpoints are fixed, experiments do what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from comparisons import claims
from comparisons.claims import CLAIMS
from comparisons.claims.optimisation import refitted
from comparisons.claims.robustness import LEVELS, corrupt
from comparisons.lab.claim import tune
from comparisons.lab.lab import TUNING_SEED, Lab, Settings
from comparisons.lab.scenes import FACTORS
from comparisons.lab.tuning import TUNED, candidates, search
from comparisons.measuring.encoding import by_threshold, without
from comparisons.rivals.registry import CIRCUIT, DENSE, INPUT, PLAIN, RANDOM, SAME_DENSE, SOFT, TIED, TOPK
from comparisons.rivals.soft import SoftAutoencoder, penalised
from selective_firing import KWTAAutoencoder, datasets

ENDPOINTS = {
    "exactly_k": (0.95, "above"), "selective": (0.02, "above"), "energy": (0.1, "above"), "clearer": (0.1, "above"),
    "localised": (-0.05, "below"), "overfitting": (-0.01, "below"), "robustness": (-0.02, "below"),
    "disentangled": (0.05, "above"), "choice_of_k": (0.02, "above"), "optimisation": (0.05, "above"),
    "every_data": (0.02, "above"), "training_time": (0.1, "above"), "price": (0.1, "above"),
    "worse_features": (-0.05, "below"),
}  # fmt: skip
"""Margins as the protocol of 2026-11-26 fixes them: nothing here may change because of what was found."""
PROTOCOL = Path(claims.__file__).with_name("PROTOCOL.md")


def test_every_claim_fixes_its_endpoint_and_bears_the_name_of_its_file():
    assert {name: (claim.endpoint.margin, claim.endpoint.side) for name, claim in CLAIMS.items()} == ENDPOINTS
    assert [name for name, claim in CLAIMS.items() if claim.endpoint.quantifier == "some"] == ["every_data"]
    for name, claim in CLAIMS.items():
        assert claim.observe.__module__ == f"comparisons.claims.{name}"
        assert claim.endpoint.name
        assert claim.claim.endswith(".")
        assert np.isfinite(claim.endpoint.margin)


def test_the_protocol_says_what_the_claims_do():
    rows = [line.split(" | ") for line in PROTOCOL.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = {row[0].strip("| "): row[3].strip() for row in rows if len(row) == 5}
    for claim in CLAIMS.values():
        side, margin = told[claim.title].split()
        assert (float(margin), side) == ENDPOINTS[claim.name], claim.name


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(Settings(folder=tmp_path_factory.mktemp("lab")), "digits", 0, {TIED: {"learning_rate": 0.5}})


def test_a_lab_fits_each_wish_once_and_what_is_tuned_counts(lab):
    model = lab.fit(TIED, n_epochs=1)
    assert lab.fit(TIED, n_epochs=1) is model
    assert model.learning_rate == 0.5
    again = Lab(lab.settings, "digits", 0, lab.tuned).fit(TIED, n_epochs=1)
    np.testing.assert_array_equal(again.components_, model.components_)


def test_a_lab_holds_patterns_out_and_leaves_the_test_patterns_alone(lab):
    other = Lab(lab.settings, "digits", 1)
    assert len(lab.X_val) + len(lab.data.X_train) == 1437
    assert not np.array_equal(lab.X_val, other.X_val)
    np.testing.assert_array_equal(lab.data.X_test, other.data.X_test)
    assert not (lab.X_val[:, None] == lab.data.X_train[:200]).all(axis=2).any()


def test_fewer_patterns_are_presented_more_often(lab):
    model = lab.fit(TIED, n_samples=115, n_epochs=1)
    mean = lab.data.X_train[:115].mean(axis=0)
    np.testing.assert_allclose(model.mean_, mean)
    assert lab.nmse(model, model.transform(lab.data.X_train[:115]), lab.data.X_train[:115]) < 0.25


def test_a_learning_rate_that_diverges_is_halved(lab):
    bold = Lab(lab.settings, "digits", 0, {TIED: {"learning_rate": 6.0}})
    assert bold.fit(TIED, n_epochs=1).learning_rate < 6.0
    with pytest.raises(FloatingPointError):
        bold.fit(TIED, n_epochs=1, learning_rate=6.0)


def test_candidates_are_as_many_for_every_model_and_none_twice():
    for name in TUNED:
        found = candidates(name, "digits", 12)
        assert len({repr(sorted(given.items(), key=str)) for given in found}) == 12
        assert {given.get("k_start") for given in found} <= {None, 40}
    assert not any({"auxk", "k_start"} & given.keys() for given in candidates(PLAIN, "digits", 12))


def test_the_search_takes_the_least_error_on_held_out_patterns(lab):
    best, table = search(Settings(folder=lab.settings.folder, n_candidates=2), DENSE, "digits")
    assert table.loc[table["nmse"].idxmin(), "learning_rate"] == best["learning_rate"]
    assert len(table) == 2


def test_the_soft_model_is_tuned_by_the_loss_of_which_its_penalty_is_a_part(lab):
    settings = Settings(folder=lab.settings.folder, n_candidates=3)
    best, table = search(settings, SOFT, "digits")
    assert len(table) == 3
    assert set(table["l1"]) == {0.3}
    assert "l1" not in best
    assert table.loc[table["loss"].idxmin(), list(best)].to_dict() == best
    tuned = Lab(settings, "digits", TUNING_SEED)
    model = tuned.fit(SOFT, **best, l1=0.3)
    X, code = (tuned.X_val - model.mean_) / tuned.rms, model.transform(tuned.X_val) / tuned.rms
    lacking = (tuned.X_val - model.inverse_transform(model.transform(tuned.X_val))) / tuned.rms
    loss = ((lacking**2).sum() / 2 + 0.3 * code.sum()) / X.size
    assert table["loss"].min() == pytest.approx(loss, rel=0.02)  # the NMSE is of the variance of these patterns
    assert Lab(settings, "digits", 0, {SOFT: best}).fit(SOFT, l1=0.3).batch_size == best["batch_size"]


@pytest.mark.parametrize("kind", list(LEVELS))
def test_corruption_is_of_its_kind(lab, kind, rng):
    X = lab.data.X_test[:50]
    damaged = corrupt(X, kind, 0.5, lab, rng)
    if kind.startswith("lesion"):
        assert damaged is X
    elif kind.startswith("occlusion"):
        assert ((damaged != X).sum(axis=1) <= 16).all()
        assert (damaged != X).any()
    elif kind.startswith("contrast"):
        mean = lab.data.X_train.mean(axis=0)
        np.testing.assert_allclose(damaged - mean, (X - mean) / 2)
    elif kind.startswith("salt"):
        assert np.isin(damaged[damaged != X], [0.0, 1.0]).all()
    else:
        assert (damaged - X).std() == pytest.approx(lab.rms / 2, rel=0.05)


def test_patterns_labels_and_factors_stay_together(lab):
    whole = datasets.digits()
    place = {pattern.tobytes(): label for pattern, label in zip(whole.X_train, whole.y_train, strict=True)}
    assert all(place[x.tobytes()] == y for x, y in zip(lab.data.X_train, lab.data.y_train, strict=True))
    bars = Lab(lab.settings, "bars", 0).data
    drawn = bars.factors_train[:, :8, None] | bars.factors_train[:, None, 8:]
    np.testing.assert_array_equal(drawn.reshape(len(drawn), -1), bars.X_train > 0)


def test_lesioned_cells_of_a_circuit_never_win(lab):
    circuit = KWTAAutoencoder(16, 3, n_epochs=1, random_state=0, codegen="numpy").fit(lab.data.X_train[:40])
    X = lab.data.X_test[:10]
    gone = np.flatnonzero(circuit.transform(X).any(axis=0))[:4]
    rest = without(circuit, gone)
    code = rest.transform(X)
    assert not code[:, gone].any()
    assert ((code > 0).sum(axis=1) == 3).all()
    assert circuit.transform(X)[:, gone].any()  # the model itself is whole


class Toy:
    """A model whose code is given, and whose reconstruction errs by as much as it is told."""

    def __init__(self, lab: Lab, code, components, error: float = 0.1) -> None:
        self.code, self.error, self.mean_ = code, error, lab.data.X_train.mean(axis=0)
        self.components_ = components

    def transform(self, X):
        return self.code(X)

    def inverse_transform(self, code):
        return self.mean_ + self.error * np.ones((len(code), self.mean_.size))


def test_clearer_is_who_tells_noisy_stimuli_apart(lab, monkeypatch, rng):
    still = 3.0 * rng.standard_normal((100, 8))

    def spoken(loud: float) -> Toy:  # knows the stimulus by its place, and says it with noise of its own
        return Toy(
            lab, lambda X: np.resize(still, (len(X), 8)) + loud * rng.standard_normal((len(X), 8)), np.eye(64)[:8]
        )

    families = [(DENSE, 1, spoken(3.0)), (DENSE, 2, spoken(3.0))]
    monkeypatch.setattr(lab, "fit", lambda name, **changes: spoken(0.05 if name == TOPK else 3.0))
    monkeypatch.setattr(lab, "read_out", lambda model: None)
    monkeypatch.setattr("comparisons.lab.matched.families", lambda lab: families)
    monkeypatch.setattr("comparisons.claims.clearer.pixels", lambda lab: spoken(3.0))
    claim = CLAIMS["clearer"]
    found = claim.effects(claim.observe(lab), TOPK, "digits").set_index("rival")["effect"]
    assert found[SAME_DENSE] > claim.endpoint.margin
    assert INPUT not in found.index  # no code tells more than it


def test_localised_is_whose_weights_fall_on_few_inputs(lab, monkeypatch):
    few, all_of_them = np.eye(64)[:8], np.ones((8, 64))

    def toy(components) -> Toy:
        return Toy(lab, lambda X: np.abs(X[:, :8]) + 1.0, components)

    monkeypatch.setattr(lab, "fit", lambda name, **changes: toy(few if name == TOPK else all_of_them))
    monkeypatch.setattr("comparisons.lab.matched.families", lambda lab: [(DENSE, 1, toy(all_of_them))])
    monkeypatch.setattr("comparisons.claims.localised.rates_Hz", lambda model, code, data: code)
    claim = CLAIMS["localised"]
    found = claim.effects(claim.observe(lab), TOPK, "digits").set_index("rival")["effect"]
    assert found[[SAME_DENSE, RANDOM]].max() < claim.endpoint.margin


def test_lesioned_units_never_fire_and_others_take_over(lab):
    model = lab.fit(TIED, n_epochs=1)
    gone = np.flatnonzero((model.transform(lab.data.X_test) > 0).any(axis=0))[:20]
    code = without(model, gone).transform(lab.data.X_test)
    assert not code[:, gone].any()
    assert ((code > 0).sum(axis=1) == 10).all()
    assert (model.transform(lab.data.X_test)[:, gone] > 0).any()


@pytest.mark.parametrize("relative", [False, True])
def test_a_threshold_is_calibrated_to_k_on_average(lab, relative):
    model = lab.fit(TIED, n_epochs=1)
    code = by_threshold(model, lab.data.X_train, lab.data.X_train, 10, relative).code
    assert (code > 0).sum(axis=1).mean() == pytest.approx(10, rel=1e-3)
    assert (code > 0).sum(axis=1).std() > 0.5


def test_refitted_codes_err_least_on_their_support(lab, rng):
    model = lab.fit(TIED, n_epochs=1)
    X = lab.data.X_test[:20]
    code = model.transform(X)
    best = refitted(model, code, X)
    assert not best[code == 0].any()
    for _ in range(5):
        nearby = best + 0.01 * rng.standard_normal(best.shape) * (code > 0)
        assert lab.nmse(model, best, X) < lab.nmse(model, nearby, X)


def test_the_penalty_is_the_numerical_gradient(rng):
    network = {"encoder": rng.standard_normal((7, 5)), "decoder": rng.standard_normal((7, 5)),
               "bias": rng.standard_normal(7), "offset": rng.standard_normal(5)}  # fmt: skip
    patterns = rng.standard_normal((4, 5))

    def loss() -> float:
        code = np.maximum((patterns - network["offset"]) @ network["encoder"].T + network["bias"], 0)
        error = patterns - code @ network["decoder"] - network["offset"]
        return ((error**2).sum() / 2 + 0.3 * code.sum()) / patterns.size

    for name, gradient in penalised(network, patterns, 0.3)[0].items():
        for index in np.ndindex(gradient.shape):
            value, network[name][index] = network[name][index], network[name][index] + 1e-6
            above = loss()
            network[name][index] = value - 1e-6
            assert gradient[index] == pytest.approx((above - loss()) / 2e-6, abs=1e-8)
            network[name][index] = value


def test_a_higher_penalty_leaves_fewer_units_active(lab):
    soft = [SoftAutoencoder(32, l1=l1, n_epochs=20, batch_size=16, random_state=0).fit(lab.X_val) for l1 in (0.0, 3.0)]
    counts = [(model.transform(lab.X_val) > 0).sum() for model in soft]
    assert counts[1] < 0.7 * counts[0]


def test_bars_that_depend_on_each_other_are_tried_beside_bars_with_the_settings_found_for_bars(lab, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "comparisons.lab.claim.searched", lambda settings, name, dataset: (asked.append((name, dataset)), None)
    )
    assert set(FACTORS) <= set(replace(lab.settings, data_sets=("bars",), controls=False).extra)
    assert not replace(lab.settings, data_sets=("digits",), controls=False).extra
    for dataset in FACTORS:
        tune(lab.settings, dataset)
    assert asked == 2 * [(name, "bars") for name in TUNED]
    assert lab.settings.data_key(FACTORS[0]) == ""


def test_one_gain_is_that_of_the_circuit(lab, monkeypatch):
    monkeypatch.setattr(lab, "fit", lambda name: SimpleNamespace(rate_gain_=3.0 if name == CIRCUIT else 5.0))
    assert lab.gain == 3.0


def test_a_read_out_is_fitted_once_for_each_model(lab, monkeypatch):
    model, other = (Toy(lab, lambda X: np.abs(X[:, :8]), np.eye(64)[:8]) for _ in range(2))
    assert lab.read_out(model) is lab.read_out(model)
    assert lab.read_out(other) is not lab.read_out(model)
