"""What every public measure refuses, by the name of the argument; what it returns at the edges of its domain."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from selective_firing import measures

RNG = np.random.default_rng(0)
RATES, CODES, COMPONENTS = RNG.random((12, 3)), RNG.random((4, 12, 3)), RNG.standard_normal((3, 4))
X, LABELS, WINNERS = RNG.random((12, 4)), np.arange(12) % 3, RNG.random((12, 3)) < 0.5
BELIEVED = np.log(RNG.dirichlet(np.ones(3), size=12))
FACTORS = RNG.integers(2, size=(12, 2))
FEATURES, ACTIVE = COMPONENTS[:2] + 0.1, FACTORS > 0

RIGHT = {
    "active_fraction": {"rates": RATES},
    "by_repeat": {"responses": RATES, "stimuli": LABELS},
    "class_information": {"log_probabilities": BELIEVED, "labels": LABELS},
    "class_information_beyond_shuffles": {"rates": RATES, "labels": LABELS},
    "class_purity": {"rates": RATES, "labels": LABELS},
    "class_selectivity": {"rates": RATES, "labels": LABELS},
    "d_prime": {"codes": CODES, "pairs": np.array([[0, 1], [2, 3]])},
    "dci": {"code": RATES, "factors": FACTORS, "rng": RNG, "n_trees": 2},
    "dead_fraction": {"rates": RATES},
    "description_length": {"X": X, "code": RATES, "X_train": X, "code_train": RATES, "components": COMPONENTS,
                           "offset": np.zeros(4)},
    "duty_cycle": {"rates": RATES},
    "exact_fraction": {"winners": WINNERS, "expected": np.full(12, 2)},
    "factor_recovery": {"code": RATES, "factors": FACTORS},
    "feature_recovery": {"components": COMPONENTS, "features": FEATURES},
    "feature_stability": {"components": COMPONENTS, "others": COMPONENTS},
    "feature_uniqueness": {"components": COMPONENTS, "features": FEATURES},
    "gabor_fit": {"components": COMPONENTS, "image_shape": (2, 2)},
    "gaussian_bits": {"X": X, "X_hat": X + 0.1},
    "gini": {"rates": RATES},
    "jaccard": {"winners": WINNERS, "others": WINNERS},
    "lifetime_sparseness": {"rates": RATES},
    "mean_max_cosine": {"components": COMPONENTS, "features": FEATURES},
    "mutual_information_gap": {"code": RATES, "factors": FACTORS},
    "n_silent": {"rates": RATES, "axis": 0},
    "nmse": {"X": X, "X_hat": X, "mean": X.mean(axis=0)},
    "overlap": {"code": RATES, "components": COMPONENTS},
    "pairwise_similarity": {"patterns": RATES},
    "participation_ratio": {"components": COMPONENTS},
    "pattern_separation": {"inputs": X, "outputs": RATES},
    "population_sparseness": {"rates": RATES},
    "rate_gain": {"code": RATES, "components": COMPONENTS},
    "rates_Hz": {"code": RATES, "components": COMPONENTS, "gain": 2.0},
    "redundant_pairs": {"winners": WINNERS, "components": COMPONENTS},
    "relative_gap": {"drive": RATES, "k": 3},
    "repeat_reliability": {"codes": CODES},
    "shuffled_class_selectivity": {"rates": RATES, "labels": LABELS, "rng": RNG},
    "signal_to_noise_dB": {"codes": CODES},
    "spatial_spread": {"components": COMPONENTS, "image_shape": (2, 2)},
    "squared_error": {"X": X, "X_hat": X},
    "support_f1": {"code": RATES, "active": ACTIVE, "components": COMPONENTS, "features": FEATURES},
}  # fmt: skip
ARRAYS = [(name, argument) for name, given in RIGHT.items() for argument, value in given.items()
          if isinstance(value, np.ndarray)]  # fmt: skip
NUMBERS = [(name, argument) for name, argument in ARRAYS if argument not in ("labels", "factors", "stimuli")]
LABELLED = [(name, argument) for name, argument in ARRAYS if argument in ("labels", "stimuli")]


def call(name: str, argument: str, value: object) -> object:
    return getattr(measures, name)(**(RIGHT[name] | {argument: value}))


def test_every_public_measure_is_tried_here():
    assert set(RIGHT) == set(measures.__all__)
    for name in RIGHT:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            getattr(measures, name)(**RIGHT[name])


BAD = {
    "NaN": lambda value: np.where(np.arange(value.size).reshape(value.shape) == 0, np.nan, value),
    "complex": lambda value: value * 1j,
    "dates": lambda value: np.full(value.shape, "2020-01-01", "datetime64[D]"),
    "words": lambda value: np.full(value.shape, "cat"),
    "objects": lambda value: np.full(value.shape, {}, object),
    "empty": lambda value: value[:0],
    "one dimension more": lambda value: value[np.newaxis],
    "a scalar": lambda value: np.array(0.5),
    "None": lambda value: None,
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(("name", "argument"), NUMBERS)
def test_arrays_that_are_none_are_refused_by_name(name, argument, bad):
    if (name, bad) in (("feature_stability", "empty"), ("exact_fraction", "a scalar")):
        pytest.skip("a model may have no features; one expected number serves all stimuli")
    with pytest.raises((TypeError, ValueError), match=rf"\b{argument}\b"):
        call(name, argument, BAD[bad](RIGHT[name][argument]))


@pytest.mark.parametrize(("name", "argument"), [pair for pair in NUMBERS if RIGHT[pair[0]][pair[1]].ndim == 2])
def test_sparse_and_ragged_arrays_are_refused_by_name(name, argument):
    value = np.asarray(RIGHT[name][argument], float)
    for bad in (scipy.sparse.csr_array(value), [[1.0, 2.0], [1.0]]):
        with pytest.raises((TypeError, ValueError), match=rf"\b{argument}\b|components and others|sparse"):
            call(name, argument, bad)


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name, argument in ARRAYS if argument not in ("rates", "codes", "pairs", "mean", "offset")
     and len(RIGHT[name]) > 1],
)  # fmt: skip
def test_arrays_that_do_not_fit_each_other_are_refused(name, argument):
    value = RIGHT[name][argument]
    with pytest.raises(ValueError, match=r"must be|must have|must hold"):
        call(name, argument, np.concatenate([value, value[:1]])[..., :2] if value.ndim > 1 else value[:-1])


@pytest.mark.parametrize("name", [name for name in RIGHT if "rates" in RIGHT[name]])
def test_negative_rates_are_refused(name):
    with pytest.raises(ValueError, match="rates must be at least 0, got -1"):
        call(name, "rates", np.where(RATES[0, 0] == RATES, -1.0, RATES))


@pytest.mark.parametrize(("name", "argument"), LABELLED)
@pytest.mark.parametrize(
    "encode",
    [lambda y: y * 2 - 1, lambda y: y + 1, lambda y: np.array(["ant", "bee", "cow"])[y], lambda y: y * 0.5,
     lambda y: np.array(["ant", "bee", "cow"], object)[y], lambda y: pd.Series(y).astype("category"),
     lambda y: np.array(["2020", "2021", "2022"], "datetime64[Y]")[y], lambda y: y.tolist()],
    ids=["signed", "from 1", "words", "halves", "objects", "categories", "dates", "list"],
)  # fmt: skip
def test_labels_of_any_kind_give_the_same(name, argument, encode):
    def measure(labels: object) -> object:
        given = RIGHT[name] | {argument: labels}
        return getattr(measures, name)(**(given | {"rng": np.random.default_rng(1)} if "rng" in given else given))

    np.testing.assert_array_equal(measure(encode(LABELS)), measure(LABELS))


@pytest.mark.parametrize(("name", "argument"), LABELLED)
@pytest.mark.parametrize(
    "bad",
    [[None, *LABELS[1:]], ["a", float("nan"), *"bcdabcdabc"], np.where(LABELS == 0, np.nan, LABELS),
     pd.array([None, *LABELS[1:]], "Int64"), np.full(12, "NaT", "datetime64[D]"), LABELS[:-1], LABELS[:, np.newaxis],
     [[1], [2, 3]] * 6],
    ids=["None", "NaN among words", "NaN", "NA", "NaT", "too short", "a column", "lists"],
)  # fmt: skip
def test_missing_and_misshapen_labels_are_refused(name, argument, bad):
    with pytest.raises((TypeError, ValueError), match=f"{argument} must"):
        call(name, argument, bad)


def test_columns_of_a_read_out_are_those_of_its_classes():
    believed, labels = np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]), ["ant", "cow"]
    bits = measures.class_information(believed, labels, classes=["ant", "bee", "cow"])
    assert bits == pytest.approx(1 + (np.log2(0.7) + np.log2(0.6)) / 2)
    other = measures.class_information(believed, labels, classes=["cow", "bee", "ant"])
    assert other == pytest.approx(1 + 2 * np.log2(0.1) / 2)
    with pytest.raises(ValueError, match="classes must be given if labels do not hold every one, got 2"):
        measures.class_information(believed, labels)
    with pytest.raises(ValueError, match="labels must be among classes, got 'cow'"):
        measures.class_information(believed, labels, classes=["ant", "bee", "elk"])
    with pytest.raises(ValueError, match="log_probabilities must be logarithms of probabilities"):
        measures.class_information(np.exp(believed), labels, classes=["ant", "bee", "cow"])


def test_signed_labels_of_a_certain_read_out_give_one_bit():
    labels = np.array([-1, 1, 1, -1])
    certain = np.log(np.where(labels[:, np.newaxis] == [-1, 1], 1.0, 1e-300))
    assert measures.class_information(certain, labels) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("class_selectivity", {"labels": np.zeros(12)}, "labels must hold at least 2 classes, got 1"),
        ("class_information_beyond_shuffles", {"labels": ["a"] * 12}, "labels must hold at least 2 classes, got 1"),
        ("class_information_beyond_shuffles", {"n_levels": 0}, "n_levels must be between 1 and 1000000, got 0"),
        ("mutual_information_gap", {"code": RATES[:, :1]}, "code must have at least 2 units"),
        ("class_information_beyond_shuffles", {"n_levels": 2**63}, "n_levels must be between 1 and 1000000"),
        ("mutual_information_gap", {"n_bins": 1}, "n_bins must be between 2 and 1000000, got 1"),
        ("mutual_information_gap", {"n_bins": 2**63}, "n_bins must be between 2 and 1000000"),
        ("dci", {"n_trees": 10**30}, "n_trees must be between 1 and 10000"),
        ("dci", {"code": RATES[:3], "factors": FACTORS[:3]}, "code must be of at least 4 stimuli"),
        ("dci", {"rng": 0}, "rng must be a numpy.random.Generator"),
        ("dci", {"factors": np.full((12, 1), np.nan)}, "factors must not be missing"),
        ("d_prime", {"pairs": [[0, 12]]}, "pairs must be integers between 0 and 11, got 12"),
        ("d_prime", {"pairs": [[0, -1]]}, "pairs must be integers between 0 and 11, got -1"),
        ("d_prime", {"pairs": [[0, 0.5]]}, "pairs must be integers between 0 and 11, got 0.5"),
        ("d_prime", {"codes": CODES[:3]}, "codes must be of shape .n_repeats >= 4"),
        ("signal_to_noise_dB", {"codes": CODES[:, :1]}, "codes must be of shape .n_repeats >= 2, n_samples >= 2"),
        ("repeat_reliability", {"codes": CODES[:1]}, "codes must be of shape .n_repeats >= 2"),
        ("gini", {"axis": 2}, "axis must be between 0 and 1, got 2"),
        ("n_silent", {"axis": -1}, "axis must be between 0 and 1, got -1"),
        ("rates_Hz", {"gain": -1.0}, "gain must be at least 0"),
        ("rates_Hz", {"gain": 1.7e308}, "code, components, gain must be of a scale at which"),
        ("squared_error", {"X": 1e200 * X}, "X, X_hat must be of a scale at which their squares and products are"),
        ("rate_gain", {"target_Hz": 0.0}, "target_Hz must be above 0"),
        ("redundant_pairs", {"cosine": 2.0}, "cosine must be between -1 and 1, got 2"),
        ("jaccard", {"winners": 2.0 * WINNERS}, "winners must be True or False, 1 or 0, got 2"),
        ("gabor_fit", {"image_shape": (3, 2)}, "components must have 6 columns"),
        ("gabor_fit", {"image_shape": 4}, "image_shape must be .height, width., got 4"),
        ("spatial_spread", {"components": [[1.0]], "image_shape": (1, 1)}, "image_shape must hold at least 2 pixels"),
        ("nmse", {"mean": 0.5}, "mean must be of shape"),
        ("exact_fraction", {"expected": -1}, "expected must be at least 0"),
        ("by_repeat", {"stimuli": [0] * 5 + [1] * 7}, "stimuli must be shown equally often, got 5 to 7 trials"),
        ("pairwise_similarity", {"patterns": X[:1]}, "patterns must be of at least 2 stimuli, got 1"),
        ("pairwise_similarity", {"kind": "overlap"}, "kind must be one of correlation, cosine, got 'overlap'"),
        ("pattern_separation", {"outputs": X[:5]}, "inputs and outputs must be of the same stimuli, got 12 and 5"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(name, changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        getattr(measures, name)(**(RIGHT[name] | changes))


@pytest.mark.filterwarnings("error")
def test_silent_codes_single_units_and_single_classes_have_the_documented_value():
    silent = np.zeros((12, 2))
    found = measures.dci(silent, FACTORS, np.random.default_rng(0), n_trees=2)
    assert np.isnan([found["disentanglement"], found["completeness"]]).all()
    assert found["informativeness"] <= 0
    assert np.isnan(measures.dci(RATES, np.ones((12, 1)), np.random.default_rng(0))["informativeness"])
    assert measures.mutual_information_gap(silent, FACTORS) == 0
    assert np.isnan(measures.mutual_information_gap(RATES, np.ones((12, 2))))
    assert measures.factor_recovery(silent, FACTORS) == 0
    assert measures.factor_recovery(np.full((7, 1), 0.1), np.full((7, 1), 0.1)) == 0  # equal, but nothing varies
    assert np.isnan(measures.class_selectivity(silent, LABELS)).all()
    assert np.isnan(measures.class_purity(silent, LABELS)).all()
    assert measures.class_purity(RATES, ["one"] * 12).tolist() == [1, 1, 1]
    assert np.isnan(measures.class_information_beyond_shuffles(silent, LABELS)).all()
    assert np.isnan(measures.population_sparseness(RATES[:, :1])).all()
    assert np.isnan(measures.lifetime_sparseness(RATES[:1])).all()
    assert np.isnan(measures.signal_to_noise_dB(np.zeros((2, 3, 4))))
    assert np.isnan(measures.repeat_reliability(np.zeros((2, 3, 4))))
    assert measures.d_prime(np.zeros((4, 3, 2)), [[0, 1], [1, 2]]).tolist() == [0, 0]
    assert measures.gaussian_bits(X[:1], X[:1]) == 0
    assert np.isnan(measures.overlap(silent, np.eye(2))).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [5e-324, 1e-200, 1e200, 1.7e308])
@pytest.mark.parametrize(("name", "argument"), NUMBERS)
def test_numbers_whose_squares_leave_the_range_of_a_float_are_refused_or_answered(name, argument, scale):
    given = RIGHT[name][argument]
    if given.dtype.kind != "f" or argument == "log_probabilities":
        return
    words = ""
    try:
        call(name, argument, given / np.abs(given).max(initial=1e-9) * scale)
    except ValueError as error:
        words = str(error)
    assert not words or re.search(rf"\b{argument}\b.* must be of a scale at which their squares and products", words)


@pytest.mark.parametrize("scale", [1e-120, 1e-30, 1e30, 1e120])
def test_disentanglement_ignores_the_unit_of_each_code(scale):
    seeds = [np.random.default_rng(0) for _ in range(2)]
    one, other = (measures.dci(code, FACTORS, seed, 5) for code, seed in zip(
        (RATES, RATES * [scale, 1.0, 1.0]), seeds, strict=True))  # fmt: skip
    assert one == pytest.approx(other)


@pytest.mark.parametrize("scale", [1e-300, 1e-120, 1e120, 1e300])
@pytest.mark.parametrize(
    ("name", "argument"),
    [("d_prime", "codes"), ("class_selectivity", "rates"), ("class_purity", "rates"), ("repeat_reliability", "codes"),
     ("gini", "rates"), ("lifetime_sparseness", "rates"), ("participation_ratio", "components"),
     ("spatial_spread", "components"), ("feature_stability", "components"), ("factor_recovery", "code"),
     ("mutual_information_gap", "code"), ("overlap", "code"), ("overlap", "components"),
     ("signal_to_noise_dB", "codes"), ("redundant_pairs", "components"), ("pairwise_similarity", "patterns"),
     ("pattern_separation", "inputs"), ("pattern_separation", "outputs"), ("mean_max_cosine", "components"),
     ("mean_max_cosine", "features"), ("feature_uniqueness", "components"), ("support_f1", "code"),
     ("support_f1", "components")],
)  # fmt: skip
def test_measures_without_unit_ignore_extreme_scales(name, argument, scale):
    right = getattr(measures, name)(**RIGHT[name])
    np.testing.assert_allclose(call(name, argument, scale * RIGHT[name][argument]), right, rtol=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_reconstruction_is_told_in_any_unit(scale):
    for name in ("nmse", "gaussian_bits"):
        given = {argument: scale * value for argument, value in RIGHT[name].items()}
        assert getattr(measures, name)(**given) == pytest.approx(getattr(measures, name)(**RIGHT[name]))
    assert measures.nmse(X, 1e300 * X, X.mean(axis=0)) == np.inf  # a model that diverged
