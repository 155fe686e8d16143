"""Model files: whole, checked when they are read, and all that was learned comes back."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from selective_firing import KWTAAutoencoder, RateParameters, SpikingParameters

NOISY = RateParameters(noise=0.05, threshold_cv=0.1)


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(5)
    return rng.random((20, 6)) * (rng.random((20, 6)) < 0.6)


@pytest.fixture(scope="module")
def fitted(X):
    return KWTAAutoencoder(8, 2, n_epochs=1, codegen="numpy", random_state=0, parameters=NOISY).fit(X)


def changed(path, arrays=None, **numbers):
    """Write other arrays, numbers, settings or entries of the header into a model's file; None leaves one out."""
    with np.load(path) as archive:
        content = {name: archive[name] for name in archive.files}
    header = json.loads(str(content.pop("header")))
    for name, value in numbers.items():
        place = header if name in header else header["settings"] if name in header["settings"] else header["numbers"]
        place[name] = value
        if value is None:
            del place[name]
    content |= arrays or {}
    content = {name: value for name, value in content.items() if value is not None}
    np.savez(path, header=np.array(json.dumps(header)), **content)


def test_all_that_was_learned_comes_back(fitted, X, tmp_path):
    fitted.save(tmp_path / "m.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz")
    for name, value in vars(fitted).items():
        if name not in ("parameters", "weights_", "_rng"):
            np.testing.assert_array_equal(getattr(loaded, name), value, err_msg=name)
    assert vars(loaded).keys() == vars(fitted).keys()
    np.testing.assert_array_equal(loaded.transform(X), fitted.transform(X))


def test_a_loaded_model_is_saved_as_it_was(fitted, tmp_path):
    fitted.save(tmp_path / "m.npz")
    KWTAAutoencoder.load(tmp_path / "m.npz").save(tmp_path / "again.npz")
    with np.load(tmp_path / "m.npz") as one, np.load(tmp_path / "again.npz") as other:
        assert {name: one[name].tobytes() for name in one} == {name: other[name].tobytes() for name in other}


def test_a_loaded_model_fires_at_the_rates_of_the_fitted_one(fitted, X, tmp_path):
    fitted.save(tmp_path / "m.npz")
    few = X[:5]  # whose mean winner does not fire at the mean rate of the training patterns
    before, after = (model.simulate(few) for model in (fitted, KWTAAutoencoder.load(tmp_path / "m.npz")))
    np.testing.assert_array_equal(after.rates_Hz, before.rates_Hz)
    assert after.provenance["rates"] == "the mean winner of the training patterns fires at 40 Hz"


def test_learning_goes_on_with_the_random_stream_of_before(X, tmp_path):
    model = KWTAAutoencoder(8, 2, n_epochs=1, codegen="numpy", random_state=np.random.default_rng(1), parameters=NOISY)
    model.fit(X).save(tmp_path / "m.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz").partial_fit(X)
    np.testing.assert_array_equal(loaded.components_, model.partial_fit(X).components_)


def test_names_of_features_are_checked_after_loading_as_before(X, tmp_path):
    table = pd.DataFrame(X, columns=list("abcdef"))
    model = KWTAAutoencoder(8, 2, n_epochs=1, codegen="numpy", random_state=0).fit(table)
    model.save(tmp_path / "m.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(loaded.feature_names_in_, list("abcdef"))
    np.testing.assert_array_equal(loaded.transform(table), model.transform(table))
    for either in (model, loaded):
        with pytest.raises(ValueError, match="feature names should match"):
            either.transform(table[list("fedcba")])


def test_initial_weights_come_back(X, tmp_path):
    start = 0.3 * np.random.default_rng(2).standard_normal((8, 6))
    model = KWTAAutoencoder(8, 2, n_epochs=1, codegen="numpy", random_state=0, initial_weights=start.tolist()).fit(X)
    model.save(tmp_path / "m.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(loaded.fit(X).components_, model.components_)


@pytest.mark.parametrize(
    "given",
    [
        {"k": np.int64(2), "n_hidden": np.uint8(8), "learning_rate": np.float32(0.5), "tied": np.bool_(True)},
        {"parameters": RateParameters(tau_m=np.float32(8), max_settle=np.int64(300))},
        {"learning_rate": Fraction(1, 3), "homeostasis": np.longdouble(0.1)},
        {"initial_weights": np.eye(8, 6).tolist()},
        {
            "circuit": "spiking",
            "parameters": SpikingParameters(dt=np.float64(1), presentation=np.float32(20), inhibition_delay=0),
        },
    ],
)
def test_numbers_and_tables_of_any_type_are_no_obstacle(X, tmp_path, given):
    model = KWTAAutoencoder(**{"n_hidden": 8, "k": 2, "n_epochs": 1, "codegen": "numpy", "random_state": 0} | given)
    model.fit(X[:4], checkpoint=tmp_path / "fit.npz").save(tmp_path / "m.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz")
    assert (loaded.k, loaded.parameters) == (model.k, model.parameters)
    assert loaded.learning_rate == float(model.learning_rate)
    response = loaded.simulate(X[:4])
    response.save(tmp_path / "r.npz")
    np.testing.assert_array_equal(model.fit(X[:4], checkpoint=tmp_path / "fit.npz").components_, loaded.components_)


@pytest.mark.parametrize(
    ("arrays", "numbers", "words"),
    [
        ({"w_in": np.ones((8, 6), complex)}, {}, "its w_in must have 2 axes and numbers of kind f, not complex128"),
        ({"w_in": np.ones((8, 6), "U3")}, {}, "its w_in must have"),
        ({"w_in": np.ones((8, 6), int)}, {}, "its w_in must have"),
        ({"w_in": np.ones(48)}, {}, "its w_in must have 2 axes"),
        ({"w_in": np.full((8, 6), np.nan)}, {}, "its w_in must be finite"),
        ({"mean": np.full(6, np.inf)}, {}, "its mean must be finite"),
        ({"w_out": np.ones((8, 5))}, {}, "must have . inputs as .* has"),
        ({"bias": np.ones(7)}, {}, "must have . units as .* has"),
        ({"mean": np.ones(7)}, {}, "must have . inputs as .* has"),
        ({"duty_cycle_": np.ones(9)}, {}, "must have . units as .* has"),
        ({"extra": np.ones(9)}, {}, "its arrays must be among .*, not extra"),
        ({"w_out": None}, {}, "it must hold .*w_out"),
        ({"duty_cycle_": None}, {}, "it must hold .*duty_cycle_"),
        ({}, {"rate_gain_": float("nan")}, "rate_gain_ must be finite"),
        ({}, {"rate_gain_": "much"}, "rate_gain_ must be a number"),
        ({}, {"rate_gain_": -1.0}, "rate_gain_ must be at least 0"),
        ({}, {"rate_gain_": None}, "it must hold .*rate_gain_"),
        ({}, {"power": None}, "it must hold .*power"),
        ({}, {"power": -1.0}, "power must be at least 0"),
        ({}, {"n_iter_": 1.5}, "n_iter_ must be an integer"),
        ({}, {"_encoding_seed": -1}, "_encoding_seed must be at least 0"),
        ({}, {"target_": "gpu"}, "target_ must be one of"),
        ({}, {"rng": {"bit_generator": "RandomState"}}, "it has no generator"),
        ({}, {"rng": None}, "it must hold .*rng"),
        ({}, {"evil": 3}, "it must hold"),
        ({}, {"feature_names_in_": ["a"]}, "feature_names_in_ must be 6 names"),
        ({}, {"feature_names_in_": [1, 2, 3, 4, 5, 6]}, "must be a list of names"),
        ({}, {"n_hidden": 9}, "n_hidden must be 8, as was learned, got 9"),
        ({}, {"k": 9}, "k must be between 1 and 8, got 9"),
        ({}, {"learning_rate": "fast"}, "learning_rate must be a number"),
        ({}, {"circuit": "quantum"}, "got .*'quantum'"),
        ({}, {"parameters": {"tau_x": 3}}, "tau_x"),
        ({}, {"settings": []}, "its settings must be a table"),
        ({}, {"format": 99, "version": "9.1"}, r"written by version 9\.1, format 99; .* reads up to 1: upgrade"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_when_it_is_read(fitted, tmp_path, arrays, numbers, words):
    path = tmp_path / "m.npz"
    fitted.save(path)
    KWTAAutoencoder.load(path)
    changed(path, arrays, **numbers)
    with pytest.raises(ValueError, match=words) as caught:
        KWTAAutoencoder.load(path)
    assert str(path) in str(caught.value)


def test_a_file_from_before_formats_were_numbered_can_be_read(fitted, X, tmp_path):
    fitted.save(tmp_path / "m.npz")
    changed(tmp_path / "m.npz", format=None, version=None, rng=None)
    loaded = KWTAAutoencoder.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(loaded.transform(X), fitted.transform(X))


def test_a_model_set_to_another_width_is_not_written(fitted, tmp_path):
    model = copy.deepcopy(fitted).set_params(n_hidden=9)
    with pytest.raises(ValueError, match="n_hidden must be 8, as was learned, got 9"):
        model.save(tmp_path / "m.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", [2, [1.0], np.eye(6, 8), [[1.0] * 5] * 8, np.full((8, 6), np.nan)], ids=str)
def test_initial_weights_that_do_not_fit_are_refused_wherever_they_are_used(fitted, X, tmp_path, given):
    model = copy.deepcopy(fitted).set_params(initial_weights=given)
    for use in (lambda: model.save(tmp_path / "m.npz"), lambda: model.fit(X),
                lambda: model.fit(X, checkpoint=tmp_path / "fit.npz")):  # fmt: skip
        with pytest.raises(ValueError, match=r"initial_weights must be finite and of shape \(8, 6\), got"):
            use()
    assert not list(tmp_path.iterdir())


STREAMS = {
    "generator": np.random.default_rng, "state": np.random.RandomState, "integer": int,
    "philox": lambda seed: np.random.Generator(np.random.Philox(seed)),
}  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_fit_goes_on_with_its_own_random_stream_only(X, tmp_path, stream):
    path = tmp_path / "fit.npz"

    def fit(seed):
        model = KWTAAutoencoder(8, 2, n_epochs=1, codegen="numpy", random_state=stream(seed), parameters=NOISY)
        return model.fit(X, checkpoint=path)

    first = fit(1)
    np.testing.assert_array_equal(fit(1).components_, first.components_)
    with pytest.raises(ValueError, match=r"checkpoint must be of this fit, .* another (random_state|stream)"):
        fit(2)
