"""The estimator: scikit-learn's contract, and what it learns."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from selective_firing import KWTAAutoencoder, RateParameters, protocol
from selective_firing.learning.pairing import initial_weights
from selective_firing.measures import nmse

TINY = {"n_hidden": 6, "k": 2, "n_epochs": 1, "codegen": "numpy", "random_state": 0}


@parametrize_with_checks([KWTAAutoencoder(**TINY, parameters=RateParameters(max_settle=30.0))])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def new() -> KWTAAutoencoder:
    return KWTAAutoencoder(12, 3, n_epochs=2, codegen="numpy", random_state=0)


@pytest.fixture
def model():
    return new()


@pytest.fixture(scope="module")
def learned(shared_patterns):
    return new().fit(shared_patterns)


@pytest.fixture
def fitted(learned):
    """The model, fitted to the patterns, for one test alone."""
    return copy.deepcopy(learned)


def test_learning_lowers_the_error_below_that_of_the_initial_weights(model, patterns):
    start = clone(model).set_params(learning_rate=0.0).fit(patterns)
    learned = clone(model).set_params(n_epochs=8).fit(patterns)
    assert learned.score(patterns) > start.score(patterns) + 0.1


def test_the_same_seed_gives_the_same_model_bit_for_bit(fitted, model, patterns):
    np.testing.assert_array_equal(clone(model).fit(patterns).components_, fitted.components_)
    third = clone(model).set_params(random_state=1).fit(patterns)
    assert not np.array_equal(fitted.components_, third.components_)


def test_the_code_reconstructs_with_the_error_that_the_simulation_held(fitted, patterns):
    error = ((patterns - fitted.reconstruct(patterns)) ** 2).sum(axis=1)
    np.testing.assert_allclose(fitted.simulate(patterns).squared_error, error, rtol=1e-9)


def test_partial_fit_freezes_the_mean_of_the_first_call_and_goes_on_learning(model, patterns):
    model.partial_fit(patterns[:10])
    mean, first = model.mean_.copy(), model.components_.copy()
    model.partial_fit(patterns[10:])
    np.testing.assert_array_equal(model.mean_, mean)
    np.testing.assert_allclose(mean, patterns[:10].mean(axis=0))
    assert not np.array_equal(model.components_, first)


def test_partial_fit_of_pieces_is_partial_fit_of_the_whole(model, patterns):
    whole, pieces = clone(model), clone(model)
    whole.partial_fit(patterns[:10])
    whole.partial_fit(patterns[10:])
    pieces.partial_fit(patterns[:10])
    pieces.partial_fit(patterns[10:20])
    pieces.partial_fit(patterns[20:])
    np.testing.assert_allclose(pieces.components_, whole.components_, rtol=1e-12)


def test_a_saved_model_is_the_same_model(model, patterns, tmp_path):
    model.set_params(parameters=RateParameters(tau_m=8.0)).fit(patterns)
    model.save(tmp_path / "model.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.transform(patterns), model.transform(patterns))
    assert loaded.parameters == model.parameters
    assert loaded.get_params() == model.get_params()
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04truncated"])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(ValueError, match="path must be a KWTAAutoencoder file"):
        KWTAAutoencoder.load(tmp_path / "model.npz")


def test_a_pickled_model_is_the_same_model(fitted, patterns):
    twin = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(twin.transform(patterns), fitted.transform(patterns))


def test_given_initial_weights_are_where_learning_starts(model, patterns, rng):
    w = initial_weights(12, 20, rng)
    model.set_params(initial_weights=w, learning_rate=0.0).fit(patterns)
    np.testing.assert_array_equal(model.components_, w)


def test_untied_weights_start_and_stay_apart(model, patterns):
    model.set_params(tied=False).fit(patterns)
    assert not np.allclose(model.components_, model.encoder_)


def test_the_mean_winner_of_the_training_data_fires_at_40_Hz(fitted, patterns):
    rates = fitted.simulate(patterns).rates_Hz
    assert rates[rates > 0].mean() == pytest.approx(40.0)


def test_traces_show_the_stimuli_that_were_asked_for(fitted, patterns):
    response = fitted.simulate(patterns[:5], traces=[1, 4])
    assert [shown.stimulus for shown in response.traces] == [1, 4]
    for shown in response.traces:
        np.testing.assert_array_equal(shown.winners, response.winners[shown.stimulus])
        assert shown.decision_ms == response.settling_time_ms[shown.stimulus]


def test_noise_and_heterogeneity_repeat_with_the_seed(model, patterns):
    model.set_params(parameters=RateParameters(noise=0.2, threshold_cv=0.2)).fit(patterns)
    np.testing.assert_array_equal(model.transform(patterns), model.transform(patterns))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"k": 0}, ValueError, "k must be between 1 and 12, got 0"),
        ({"k": 13}, ValueError, "k must be between 1 and 12, got 13"),
        ({"k": 2.0}, TypeError, "k must be an integer, got 2.0"),
        ({"k": True}, TypeError, "k must be an integer, got True"),
        ({"n_hidden": 0}, ValueError, "n_hidden must be at least 1, got 0"),
        ({"n_epochs": 0}, ValueError, "n_epochs must be at least 1, got 0"),
        ({"learning_rate": -0.1}, ValueError, "learning_rate must be at least 0, got -0.1"),
        ({"learning_rate": float("nan")}, ValueError, "learning_rate must be finite, got nan"),
        ({"homeostasis": "on"}, TypeError, "homeostasis must be a number, got 'on'"),
        ({"codegen": "fortran"}, ValueError, "codegen must be one of auto, .*, got 'fortran'"),
        ({"circuit": "liquid"}, ValueError, "circuit must be one of rate, spiking, got 'liquid'"),
        ({"parameters": {"tau_m": 3}}, TypeError, "parameters must be a RateParameters"),
        ({"initial_weights": np.ones((2, 2))}, ValueError, "initial_weights must be finite and of shape"),
        ({"initial_weights": np.ones((12, 20), complex)}, TypeError, "initial_weights must hold real numbers"),
        ({"initial_weights": "ones"}, TypeError, "initial_weights must hold real numbers"),
        ({"n_hidden": np.timedelta64(3, "s")}, TypeError, "n_hidden must be an integer"),
        ({"learning_rate": np.timedelta64(3, "s")}, TypeError, "learning_rate must be a number"),
        ({"random_state": np.timedelta64(3, "s")}, TypeError, "random_state must be None, an integer"),
        ({"n_hidden": 10**30}, ValueError, "n_hidden must be between 1 and 107374182, got 10000000"),
        ({"n_epochs": 10**30}, ValueError, "n_epochs must be between 1 and 1000000"),
        ({"n_epochs": 10**400}, ValueError, "n_epochs must be at most 1e300"),
        ({"learning_rate": -(10**5000)}, ValueError, "learning_rate must be finite, got a number of thousands"),
        ({"codegen": np.array(["numpy", "auto"])}, ValueError, "codegen must be one of auto"),
        ({"verbose": np.ones(2)}, TypeError, "verbose must be an integer"),
    ],
)
def test_bad_arguments_are_named(model, patterns, changes, error, words):
    with pytest.raises(error, match=words):
        model.set_params(**changes).fit(patterns)


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((0, 4)), np.zeros(4), np.array([[1.0, np.nan]]), np.array([[1.0, np.inf]]),
        np.array([["a", "b"]], dtype=object), [[1.0, 2.0], [3.0]],
    ],
    ids=["empty", "1-D", "nan", "inf", "object", "ragged"],
)  # fmt: skip
def test_bad_data_is_refused(model, X):
    with pytest.raises(ValueError, match=r"0 sample|1D array|NaN|infinity|could not convert|inhomogeneous"):
        model.fit(X)


def test_wrong_width_at_transform_is_refused(fitted, patterns):
    with pytest.raises(ValueError, match="19 features"):
        fitted.transform(patterns[:, 1:])


def test_constant_data_have_no_winners_and_no_nan(model):
    code = model.fit(np.ones((5, 4))).transform(np.ones((2, 4)))
    assert not code.any()
    assert model.score(np.ones((5, 4))) == 1.0


def test_parameters_of_another_circuit_are_refused_before_a_fit():
    with pytest.raises(TypeError, match="parameters must be a RateParameters"):
        KWTAAutoencoder(parameters={"tau_m": 3}).check_parameters()


def test_learning_that_fails_leaves_no_half_fitted_model(fitted, patterns):
    with pytest.raises(ValueError, match="initial_weights must be finite"):
        fitted.set_params(initial_weights=np.ones((12, 3))).fit(patterns[:, :4])
    with pytest.raises(NotFittedError):
        fitted.transform(patterns[:, :4])
    fitted.set_params(initial_weights=None).partial_fit(patterns[:, :4])
    assert fitted.components_.shape == (12, 4)


def test_patterns_that_are_refused_leave_the_model_as_it_was(fitted):
    before = dict(vars(fitted))
    for wrong in (1e-160 * np.ones((3, 4)), np.full((3, 4), np.nan), [["a"]]):
        with pytest.raises((TypeError, ValueError)):
            fitted.fit(wrong)
    assert vars(fitted) == before


def test_how_many_run_at_once_is_an_argument_but_nothing_learned(fitted, patterns, tmp_path):
    before = fitted.simulate(patterns[:3])
    fitted.set_params(n_jobs=-1)
    assert clone(fitted).get_params()["n_jobs"] == -1
    assert fitted.simulate(patterns[:3]).provenance == before.provenance
    fitted.save(tmp_path / "model.npz")
    loaded = KWTAAutoencoder.load(tmp_path / "model.npz")
    assert loaded.get_params() == fitted.set_params(n_jobs=None).get_params()
    with np.load(tmp_path / "model.npz") as archive:  # older versions know neither argument
        assert not {"n_jobs", "sparse_output"} & set(json.loads(str(archive["header"]))["settings"])


def test_a_checkpoint_goes_on_with_other_n_jobs_and_output(model, patterns, tmp_path):
    path = tmp_path / "fit.npz"
    once = clone(model).fit(patterns, checkpoint=path)
    again = clone(model).set_params(n_jobs=2, sparse_output=True).fit(patterns, checkpoint=path)
    np.testing.assert_array_equal(again.components_, once.components_)


def test_sparse_codes_are_the_same_codes(fitted, patterns, tmp_path):
    dense, pattern_of = fitted.transform(patterns), fitted.reconstruct(patterns)
    fitted.set_params(sparse_output=True)
    code = fitted.transform(patterns)
    assert (code.format, code.nnz) == ("csr", (dense > 0).sum())
    assert code.has_sorted_indices
    np.testing.assert_array_equal(code.toarray(), dense)
    np.testing.assert_allclose(fitted.inverse_transform(code), pattern_of, rtol=1e-12)
    np.testing.assert_allclose(fitted.reconstruct(patterns), pattern_of, rtol=1e-12)
    fitted.save(tmp_path / "model.npz")
    assert KWTAAutoencoder.load(tmp_path / "model.npz").sparse_output is True


@pytest.mark.parametrize("wrong", [sparse.csr_matrix((3, 11)), sparse.csr_matrix([[np.nan] * 12])])
def test_wrong_sparse_codes_are_refused(fitted, wrong):
    with pytest.raises(ValueError, match="code"):
        fitted.inverse_transform(wrong)


def test_the_score_does_not_depend_on_how_many_patterns_are_decoded_at_a_time(fitted, patterns, monkeypatch):
    whole = fitted.score(patterns)
    assert whole == 1 - nmse(patterns, fitted.reconstruct(patterns), fitted.mean_)
    monkeypatch.setattr(protocol, "BLOCK", 7 * 20)
    assert fitted.score(patterns) == pytest.approx(whole, rel=1e-12)
    assert fitted.set_params(sparse_output=True).score(patterns.tolist()) == pytest.approx(whole, rel=1e-12)


@pytest.fixture(scope="module")
def wide():
    """Many units, few winners: a dense code is three times as large as the patterns."""
    X = np.random.default_rng(0).random((50, 64))
    return KWTAAutoencoder(200, 2, n_epochs=1, codegen="cpp_standalone", n_jobs=2, random_state=0).fit(X)


@pytest.mark.compiled
def test_many_patterns_take_less_memory_than_they_have_themselves(wide, monkeypatch):
    """Traced is all that NumPy allocates in this process: a second copy of X, or a dense code, would be too much."""
    X = np.random.default_rng(0).random((20_000, 64))
    model = copy.copy(wide).set_params(sparse_output=True, n_jobs=None)  # with 2, it depends on who waits for whom
    monkeypatch.setattr(protocol, "BLOCK", 1000 * 200)
    for method in ("transform", "simulate", "score"):
        tracemalloc.start()
        try:
            getattr(model, method)(X)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < X.nbytes, f"{method}: {peak / 1e6:.1f} MB beside {X.nbytes / 1e6:.1f} MB"


@pytest.mark.compiled
def test_rows_of_a_dask_array_are_encoded_on_a_cluster(wide):
    """As the README shows it."""
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    dask_array = pytest.importorskip("dask.array", reason="the extra 'cluster' has no arrays before 2025")
    X = np.random.default_rng(1).random((60, 64))
    model = copy.copy(wide).set_params(n_jobs=None)
    rows = dask_array.from_array(X, chunks=(20, -1))
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        codes = rows.map_blocks(model.transform, dtype=float, chunks=(rows.chunks[0], (200,)), meta=np.empty((0, 0)))
        found = codes.compute()
    np.testing.assert_array_equal(found, model.transform(X))
