"""How learning went is told pass by pass, and it ends where held-out patterns get no better."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from sklearn.base import clone

from selective_firing import KWTAAutoencoder, RateParameters, Weights, simulate
from selective_firing._files import archives
from selective_firing.learning import checkpoint
from selective_firing.learning import fit as training
from selective_firing.learning.history import History, Stopping
from selective_firing.measures import nmse

STOPS = {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 2, "tol": 0.01}


def make(**other) -> KWTAAutoencoder:
    return KWTAAutoencoder(**{"n_hidden": 12, "k": 3, "n_epochs": 3, "codegen": "numpy", "random_state": 0} | other)


def in_chunks_of(n: int, patch) -> None:
    patch.setattr(training, "chunk_rows", lambda n_inputs: n)


@pytest.fixture(scope="module")
def learned(shared_patterns):
    return make().fit(shared_patterns)


@pytest.fixture(scope="module")
def stopped(shared_patterns):
    return make(n_epochs=40, **STOPS).fit(shared_patterns)


def test_the_error_of_a_pass_is_that_of_each_pattern_when_it_was_learned_from(patterns):
    """Of a circuit that does not learn it is that of its codes; one that learns is measured against `simulate`."""
    still = make(learning_rate=0.0, n_epochs=2).fit(patterns)
    expected = nmse(patterns, still.reconstruct(patterns), still.mean_)
    np.testing.assert_allclose(still.history_["nmse"], expected, rtol=1e-12)
    model = make().partial_fit(patterns)
    start = Weights.at_start(*[training.begin(patterns, 12, np.random.default_rng(0), None, True, RateParameters())
                               .weights.w_in] * 2, patterns)  # fmt: skip
    response, _ = simulate(start, patterns, 3, learning_rate=1.0, codegen="numpy")
    power = ((patterns - patterns.mean(axis=0)) ** 2).sum()
    assert model.history_["nmse"] == pytest.approx([response.squared_error.sum() / power], rel=1e-12)


def test_duty_and_dead_units_are_those_of_the_winners(patterns, monkeypatch):
    in_chunks_of(16, monkeypatch)
    model = make(n_hidden=40, k=1, n_epochs=2).fit(patterns)
    duty = model.duty_cycle_
    last = {name: values[-1] for name, values in model.history_.items()}
    assert (last["mean_duty"], last["min_duty"]) == (duty.mean(), duty.min())
    assert last["n_dead"] == (duty == 0).sum() > 0
    assert {len(values) for values in model.history_.values()} == {model.n_iter_} == {2}


def test_partial_fit_adds_a_pass(learned, patterns):
    model = copy.deepcopy(learned)
    before = model.history_["nmse"]
    model.partial_fit(patterns)
    np.testing.assert_array_equal(model.history_["nmse"][:-1], before)
    assert model.n_iter_ == 4 == len(model.history_["nmse"])


@pytest.mark.parametrize("parameters", [RateParameters(explain="lateral", dale="push-pull", transport=False)])
def test_cells_that_tell_a_pattern_twice_are_measured_against_what_they_tell(patterns, parameters):
    model = make(parameters=parameters, n_epochs=2).fit(patterns[:15])
    assert (model.history_["nmse"] > 0).all()
    assert model.history_["nmse"][-1] < 1


def test_it_ends_after_so_many_passes_without_an_improvement(stopped):
    curve = stopped.history_["validation_nmse"]
    assert 2 < stopped.n_iter_ == len(curve) < 40
    best_before = np.minimum.accumulate(curve)
    improved = np.append(True, curve[1:] < best_before[:-1] - STOPS["tol"])
    assert list(improved[-2:]) == [False, False]
    assert not any((~improved[at : at + 2]).all() for at in range(len(curve) - 2))


def test_what_is_held_out_is_not_learned_from_and_is_measured_after_each_pass(stopped, patterns):
    held_out = Stopping.of(stopped).held_out(len(patterns), np.random.default_rng(0))
    assert len(held_out) == round(0.25 * len(patterns))
    shown = np.delete(patterns, held_out, axis=0)
    np.testing.assert_allclose(stopped.mean_, shown.mean(axis=0))
    assert stopped.history_["validation_nmse"][-1] == pytest.approx(1 - stopped.score(patterns[held_out]), rel=1e-9)


def test_without_early_stopping_nothing_is_held_out(learned, patterns):
    model = make(**STOPS | {"early_stopping": False}).fit(patterns)
    assert model.n_iter_ == 3
    assert "validation_nmse" not in model.history_
    np.testing.assert_array_equal(model.components_, learned.components_)


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.mark.parametrize("survives", [1, 4, 5])
def test_a_fit_that_was_killed_stops_at_the_same_pass_with_the_same_bits(patterns, tmp_path, monkeypatch, survives):
    in_chunks_of(16, monkeypatch)
    model, saved = make(n_epochs=40, **STOPS), []
    whole = clone(model).fit(patterns)

    def save_or_die(*args):
        if len(saved) == survives:
            raise Killed
        saved.append(save(*args))

    save = checkpoint.save
    monkeypatch.setattr("selective_firing.autoencoder.save", save_or_die)
    with pytest.raises(Killed):
        clone(model).fit(patterns, checkpoint=tmp_path / "fit.npz")
    monkeypatch.setattr("selective_firing.autoencoder.save", save)
    resumed = clone(model).fit(patterns, checkpoint=tmp_path / "fit.npz")
    again = clone(model).fit(patterns, checkpoint=tmp_path / "fit.npz")
    for other in (resumed, again):
        assert other.n_iter_ == whole.n_iter_
        np.testing.assert_array_equal(other.components_, whole.components_)
        for name, values in whole.history_.items():
            np.testing.assert_array_equal(other.history_[name], values)


def test_a_checkpoint_of_another_rule_is_refused(patterns, tmp_path):
    make(**STOPS).fit(patterns, checkpoint=tmp_path / "fit.npz")
    with pytest.raises(ValueError, match="another tol"):
        make(**STOPS | {"tol": 0.5}).fit(patterns, checkpoint=tmp_path / "fit.npz")


def test_a_saved_model_keeps_its_history(stopped, tmp_path):
    stopped.save(tmp_path / "model.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "model.npz")
    assert loaded.get_params() == stopped.get_params()
    for name, values in stopped.history_.items():
        np.testing.assert_array_equal(loaded.history_[name], values)


def test_files_of_versions_without_a_history_are_read(learned, patterns, tmp_path):
    path = tmp_path / "model.npz"
    learned.save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(str(arrays.pop("header")))
    assert not {"centre", "dtype", "early_stopping", "tol"} & {*header["settings"]}
    del header["history"]
    archives.write_archive(path, arrays, header)
    loaded = KWTAAutoencoder.load(path).partial_fit(patterns)
    assert len(loaded.history_["nmse"]) == 1


@pytest.mark.parametrize("damage", [{"passes": {}}, {"passes": 3}, {"error": "much"}, {"passes": {"nmse": [1.0]}}])
def test_a_damaged_history_is_refused(learned, tmp_path, damage):
    path = tmp_path / "model.npz"
    learned.save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(str(arrays.pop("header")))
    archives.write_archive(path, arrays, header | {"history": header["history"] | damage})
    with pytest.raises(ValueError, match="path must hold a whole KWTAAutoencoder"):
        KWTAAutoencoder.load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"validation_fraction": 0.0}, "validation_fraction must be above 0"),
        ({"validation_fraction": 1.0}, "validation_fraction must be below 1, got 1.0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be at least 1"),
        ({"tol": -1}, "tol must be at least 0"),
        ({"early_stopping": "yes"}, "early_stopping must be True or False"),
        ({"centre": 2}, "centre must be True or False"),
        ({"dtype": "int8"}, "dtype must be one of float64, float32"),
        ({"centre": False, "parameters": RateParameters(explain="lateral", dale="push-pull", transport=False)},
         "centre must be True by Dale's law"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(patterns, changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make(**changes).fit(patterns)


def test_a_weight_of_samples_is_refused_by_name(patterns):
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        make().fit(patterns, sample_weight=np.ones(len(patterns)))
    with pytest.raises(TypeError, match="fit has no argument sample_weights"):
        make().fit(patterns, sample_weights=np.ones(len(patterns)))


def test_one_pattern_cannot_be_held_out(patterns):
    with pytest.raises(ValueError, match="at least 2 samples with early_stopping=True, got 1 sample"):
        make(**STOPS).fit(patterns[:1])


def test_codes_in_single_precision_are_the_same_codes(patterns):
    model = make(n_epochs=1).fit(patterns)
    code = model.transform(patterns)
    for sparse in (False, True):
        single = model.set_params(dtype="float32", sparse_output=sparse).transform(patterns)
        assert single.dtype == np.float32
        np.testing.assert_array_equal(single.toarray() if sparse else single, code.astype(np.float32))


def test_a_stimulus_of_zeros_drives_by_its_distance_from_the_mean(patterns):
    about_mean, about_zero = make(learning_rate=0.0).fit(patterns), make(learning_rate=0.0, centre=False).fit(patterns)
    nothing = np.zeros((2, patterns.shape[1]))
    assert list(about_mean.simulate(nothing).n_active) == [3, 3]
    assert list(about_zero.simulate(nothing).n_active) == [0, 0]
    assert about_zero.simulate(nothing).settled.all()


def test_about_zero_a_stimulus_of_zeros_has_the_learned_biases_alone(patterns, tmp_path):
    model = make(centre=False).fit(patterns)
    nothing = np.zeros((1, patterns.shape[1]))
    np.testing.assert_array_equal(model.drive(nothing)[0], model.bias_)
    winners = model.simulate(nothing).winners[0]
    assert (model.bias_[winners] > 0).all()
    assert not model.offset_.any()
    np.testing.assert_allclose(model.mean_, patterns.mean(axis=0))
    assert model.history_["nmse"][-1] < model.history_["nmse"][0]
    model.save(tmp_path / "model.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.mean_, model.mean_)
    assert loaded.score(patterns) == model.score(patterns)
    power = ((patterns - model.mean_) ** 2).sum()
    model.set_params(learning_rate=0.0).partial_fit(patterns)
    assert model.history_["nmse"][-1] == pytest.approx(model.simulate(patterns).squared_error.sum() / power)


def test_the_clock_starts_after_compiling(patterns, monkeypatch):
    events, progress = [], KWTAAutoencoder._progress
    monkeypatch.setattr(training, "prepare", lambda *asked: events.append(("compiled for", asked[-1])))
    monkeypatch.setattr(KWTAAutoencoder, "_progress", lambda *a: events.append("clock") or progress(*a))
    make().fit(patterns).partial_fit(patterns)
    n = len(patterns)
    assert events == [("compiled for", 3 * n), "clock", ("compiled for", 3 * n), "clock"]


def test_of_what_the_rule_speaks_is_the_best_so_far():
    history = History()
    for value in (1.0, 0.5, 0.495, 0.49, 0.45):
        history.add(1, 1)
        history.end_pass(np.ones(2), 1, value)
    assert not Stopping(0.1, 3, 0.01).is_reached(history)
    assert not Stopping(0.1, 3, 0.03).is_reached(history)  # 0.45 is better than 0.49, the best so far, by 0.04
    assert Stopping(0.1, 3, 0.05).is_reached(history)
    assert not Stopping(0.1, 4, 0.05).is_reached(history)
