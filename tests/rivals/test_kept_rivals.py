"""Every rival as a file: what is read is the same model, and what is damaged is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from small_rivals import SMALL

from comparisons.rivals.linear import Pixels, PrincipalComponents
from comparisons.rivals.registry import CIRCUIT, CYCLES, MODELS
from selective_firing._files import archives

OTHERS = {"PCA": PrincipalComponents(4), "input": Pixels(4)}
NAMES = [name for name in MODELS if name not in (CIRCUIT, CYCLES)]


def new(name: str):
    if name in OTHERS:
        return OTHERS[name]
    kind = MODELS[name].kind
    wishes = {"n_hidden": 6, "k": 2, "n_epochs": 2, "batch_size": 7, "random_state": 3} | dict(MODELS[name].own)
    known = kind().get_params()
    return kind(**{key: value for key, value in wishes.items() if key in known})


@pytest.fixture(scope="module")
def fitted():
    """Return every rival, fitted to patterns whose columns have names."""
    table = pd.DataFrame(SMALL, columns=list("abcde"))
    return {name: new(name).fit(table) for name in (*NAMES, *OTHERS)}


def state_of(model) -> dict[str, object]:
    return {name: value for name, value in vars(model).items() if name not in ("_given", "_adam", "_rng", "_history")}


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_a_saved_rival_is_the_same_rival(fitted, tmp_path, name):
    model, table = fitted[name], pd.DataFrame(SMALL, columns=list("abcde"))
    model.save(tmp_path / "model.npz")
    loaded = type(model).load(tmp_path / "model.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]
    assert loaded.get_params() == model.get_params()
    np.testing.assert_equal(state_of(loaded), state_of(model))
    np.testing.assert_array_equal(loaded.transform(table), model.transform(table))
    np.testing.assert_array_equal(loaded.drive(SMALL), model.drive(SMALL))
    assert loaded.score(table) == model.score(table)


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(MODELS[name].kind, "partial_fit")])
def test_a_loaded_rival_goes_on_learning_to_the_same_bits(tmp_path, name):
    model = new(name).fit(SMALL)
    model.save(tmp_path / "model.npz")
    loaded = type(model).load(tmp_path / "model.npz")
    for one in (model, loaded):
        one.partial_fit(SMALL).partial_fit(SMALL[::-1])
    np.testing.assert_equal(state_of(loaded), state_of(model))
    assert len(loaded.history_["nmse"]) == loaded.n_iter_ == 4


def test_a_model_without_learning_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="not fitted"):
        new("top-K").save(tmp_path / "model.npz")
    assert not list(tmp_path.iterdir())


def test_another_model_is_refused(fitted, tmp_path):
    fitted["dense"].save(tmp_path / "model.npz")
    with pytest.raises(ValueError, match=r"must be a TopKAutoencoder file, got .*, which holds a DenseAutoencoder"):
        type(fitted["top-K"]).load(tmp_path / "model.npz")


def test_a_file_that_is_not_there_or_cut_is_refused(fitted, tmp_path):
    kind, path = type(fitted["top-K"]), tmp_path / "model.npz"
    with pytest.raises(FileNotFoundError, match="existing TopKAutoencoder file"):
        kind.load(path)
    fitted["top-K"].save(path)
    content = path.read_bytes()
    for cut in range(0, len(content), len(content) // 20):
        path.write_bytes(content[:cut])
        with pytest.raises(ValueError, match="path must be a TopKAutoencoder file"):
            kind.load(path)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("numbers", {"n_features_in_": 7}),
        ("numbers", {"transform": 1}),
        ("numbers", {"n_iter_": "many"}),
        ("settings", {"k": 99}),
        ("settings", {"colour": 1}),
        ("same", {"transform": "components_"}),
        ("rng", {"bit_generator": "none"}),
        ("history", {"passes": {}}),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(fitted, tmp_path, part, content):
    path = tmp_path / "model.npz"
    fitted["top-K"].save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(str(arrays.pop("header")))
    archives.write_archive(path, arrays, header | {part: header[part] | content})
    with pytest.raises(ValueError, match="path must hold a whole TopKAutoencoder"):
        type(fitted["top-K"]).load(path)


@pytest.mark.parametrize(
    "change", [{"components_": np.full((6, 5), np.nan)}, {"bias_": np.zeros(5)}, {"x": np.zeros(1)}]
)
def test_arrays_that_do_not_fit_are_refused(fitted, tmp_path, change):
    path = tmp_path / "model.npz"
    fitted["top-K"].save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(str(arrays.pop("header")))
    archives.write_archive(path, arrays | change, header)
    with pytest.raises(ValueError, match="path must hold a whole TopKAutoencoder"):
        type(fitted["top-K"]).load(path)


LEARNERS = [name for name in NAMES if name not in ("random weights",)]


@pytest.mark.parametrize("name", LEARNERS)
def test_a_weight_of_samples_is_refused_by_name(name):
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        new(name).fit(SMALL, sample_weight=np.ones(len(SMALL)))


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(MODELS[name].kind, "partial_fit")])
def test_a_pass_is_measured_as_it_was_learned_from(name):
    still = new(name).set_params(learning_rate=0.0, batch_size=100).fit(SMALL)
    assert len(still.history_["nmse"]) == still.n_iter_ == 2
    code = still.transform(SMALL)
    if name not in ("BatchTopK", "Matryoshka"):  # which choose among the patterns of a batch only while they learn
        np.testing.assert_allclose(still.history_["nmse"], 1 - still.score(SMALL), rtol=1e-4)
        duty = (code != 0).mean(axis=0)
        assert still.history_["mean_duty"][-1] == pytest.approx(duty.mean())
        assert still.history_["min_duty"][-1] == duty.min()
        assert still.history_["n_dead"][-1] == (duty == 0).sum()


def test_the_twin_that_sorts_tells_what_the_circuit_tells():
    from selective_firing import KWTAAutoencoder

    twin = new("tied SGD + sort").fit(SMALL)
    circuit = KWTAAutoencoder(6, 2, n_epochs=2, random_state=3, codegen="numpy").fit(SMALL)
    for name, values in circuit.history_.items():
        np.testing.assert_allclose(twin.history_[name], values, rtol=1e-6)
