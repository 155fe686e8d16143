"""Arrays in, numbers out: measures, energy, closed forms; with what is right, and with one argument that is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fuzzing.doors import some_weights
from fuzzing.law import Kind, attempt, finite, holds
from fuzzing.orders import closed_form
from fuzzing.values import ANYTHING, SEEDS, Draw, pick, plain_table, right_table, table
from selective_firing import energy, measures, theory

__all__ = ["KINDS"]

Values = dict[str, Any]


def _arguments(draw: Draw) -> Values:
    """Return right arguments of all measures, by name, that belong together."""
    n, n_units, n_inputs = draw(st.integers(1, 7)), draw(st.integers(1, 4)), pick(draw, 1, 4, 6)
    n_features = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(SEEDS))
    X, code, components = (
        right_table(draw, n, n_inputs),
        right_table(draw, n, n_units),
        right_table(draw, n_units, n_inputs),
    )
    labels = pick(
        draw, rng.integers(-1, 2, n), np.array(["a", "b", "c"])[rng.integers(0, 3, n)], rng.random(n) > 0.5, np.zeros(n)
    )
    logs = np.log(rng.dirichlet(np.ones(len(np.unique(labels))), n))
    return {
        "X": X, "X_hat": right_table(draw, n, n_inputs), "code": code, "components": components, "mean": X.mean(axis=0),
        "others": right_table(draw, draw(st.integers(1, 3)), n_inputs), "rates": np.abs(code), "rates_Hz": np.abs(code),
        "labels": labels, "log_probabilities": logs, "winners": code > 0, "expected": pick(draw, 1, rng.integers(0,
        3, n)),
        "others_winners": rng.random(code.shape) > 0.5, "cosine": pick(draw, 0.3, -1, 1), "gain": pick(draw, 0, 1.0,
        1e150),
        "target_Hz": pick(draw, 40.0, 1e-150, 1e150), "axis": pick(draw, 0, 1), "n_bins": 5, "n_trees": 2,
        "n_levels": pick(draw, 1, 3),
        "rng": np.random.default_rng(0), "factors": pick(draw, rng.integers(0, 2, (n, 2)), np.ones((n, 1)),
        rng.integers(0, 3, (n, 1))),
        "codes": right_table(draw, 4 * n, n_units).reshape(4, n, n_units), "pairs": rng.integers(0, n, (2, 2)),
        "image_shape": {1: (1, 1), 4: (2, 2), 6: (2, 3)}[n_inputs], "X_train": X, "code_train": code,
        "offset": X.mean(axis=0),
        "duration_s": pick(draw, 0, 0.1, 1e9), "n_recruited": rng.integers(0, 9, n),
        "told": pick(draw, None, rng.integers(0, 9, n)), "n_interneurons": pick(draw, None, 1, 3),
        "settling_time_s": rng.random(n), "selection": pick(draw, "circuit", "sort", "none", "pursuit"),
        "n_steps": rng.integers(0, 9, n), "lateral": pick(draw, None, rng.integers(0, 9, n)),
        "earlier": pick(draw, (), [(np.abs(code), X)]),
        "drive": code, "k": draw(st.integers(1, n_units)), "features": rng.standard_normal((n_features, n_inputs)),
        "active": rng.random((n, n_features)) > 0.5, "threshold": pick(draw, 0.9, 0.1, 1),
        "responses": code, "stimuli": rng.permutation(pick(draw, np.arange(n), np.full(n, "a"))),
        "patterns": code, "inputs": X, "outputs": code, "kind": pick(draw, "correlation", "cosine"),
    }  # fmt: skip


M = measures
NAN, INF = "nan", "inf"
MEASURES: dict[Callable[..., Any], tuple[str, ...]] = {
    M.active_fraction: ("rates",), M.duty_cycle: ("rates",), M.dead_fraction: ("rates",), M.n_silent: ("rates", "axis"),
    M.lifetime_sparseness: ("rates",), M.population_sparseness: ("rates",), M.gini: ("rates", "axis"),
    M.class_selectivity: ("rates", "labels"), M.shuffled_class_selectivity: ("rates", "labels", "rng"),
    M.class_purity: ("rates", "labels"), M.class_information_beyond_shuffles: ("rates", "labels", "n_levels"),
    M.class_information: ("log_probabilities", "labels"), M.exact_fraction: ("winners", "expected"),
    M.jaccard: ("winners", "others"), M.overlap: ("code", "components"), M.redundant_pairs: ("winners", "components",
    "cosine"),
    M.rates_Hz: ("code", "components", "gain"), M.rate_gain: ("code", "components", "target_Hz"), M.nmse: ("X",
    "X_hat", "mean"),
    M.squared_error: ("X", "X_hat"), M.gaussian_bits: ("X", "X_hat"), M.factor_recovery: ("code", "factors"),
    M.mutual_information_gap: ("code", "factors", "n_bins"), M.d_prime: ("codes", "pairs"),
    M.signal_to_noise_dB: ("codes",),
    M.repeat_reliability: ("codes",), M.participation_ratio: ("components",), M.spatial_spread: ("components",
    "image_shape"),
    M.feature_stability: ("components", "others"),
    M.description_length: ("X", "code", "X_train", "code_train", "components", "offset"),
    M.relative_gap: ("drive", "k"), M.by_repeat: ("responses", "stimuli"),
    M.feature_recovery: ("components", "features", "threshold"), M.feature_uniqueness: ("components", "features"),
    M.mean_max_cosine: ("components", "features"), M.support_f1: ("code", "active", "components", "features"),
    M.pairwise_similarity: ("patterns", "kind"), M.pattern_separation: ("inputs", "outputs", "kind"),
}  # fmt: skip
SLOW = {M.dci: ("code", "factors", "rng", "n_trees"), M.gabor_fit: ("components", "image_shape")}
"""Fits; a few cases of them do."""
SHARES = {
    M.active_fraction, M.duty_cycle, M.dead_fraction, M.lifetime_sparseness, M.population_sparseness, M.gini,
    M.class_selectivity, M.class_purity, M.exact_fraction, M.jaccard, M.factor_recovery, M.mutual_information_gap,
    M.participation_ratio, M.relative_gap, M.feature_recovery, M.feature_uniqueness, M.support_f1,
}  # fmt: skip
"""Between 0 and 1."""
SOME_NAN = {
    M.lifetime_sparseness, M.population_sparseness, M.gini, M.class_selectivity, M.shuffled_class_selectivity,
    M.class_purity,
    M.class_information_beyond_shuffles, M.overlap, M.mutual_information_gap, M.signal_to_noise_dB,
    M.repeat_reliability,
    M.participation_ratio, M.spatial_spread, M.feature_stability, M.dci, M.gabor_fit,
    M.relative_gap, M.feature_uniqueness, M.support_f1, M.pairwise_similarity, M.pattern_separation,
}  # fmt: skip
SOME_INF = {M.nmse, M.gaussian_bits, M.d_prime, M.signal_to_noise_dB, M.class_information}
"""Which say in their documentation that they return it."""


def _spoilt(draw: Draw, given: Values, names: tuple[str, ...]) -> Values:
    """Return the arguments, one of them perhaps wrong, or of another shape."""
    given = {name: given[name] for name in names}
    if pick(draw, False, True):
        name = pick(draw, *names)
        n, m = pick(draw, 0, 1, 3), pick(draw, 0, 1, 4)
        given[name] = draw(ANYTHING) if pick(draw, True, False) else table(draw, n, m)[0]
    return given


def _measured(draw: Draw, function: Callable[..., Any], names: tuple[str, ...]) -> None:
    arguments = _arguments(draw)
    if function is M.jaccard:
        arguments["others"] = arguments["others_winners"]
    given = _spoilt(draw, arguments, names)
    draw(st.just(function.__name__))
    found = attempt(lambda: function(**given), *names)
    if found is None:
        return
    for value in found.values() if isinstance(found, dict) else [found]:
        value = np.asarray(value)
        if function in SOME_INF:
            value = value[~np.isinf(value)]
        finite(function.__name__, value, nan=function in SOME_NAN)
        if function in SHARES:
            holds(not (value < -1e-9).any() and not (value > 1 + 1e-9).any(), f"{function.__name__} is {value}")


def measure(draw: Draw) -> None:
    function = pick(draw, *MEASURES)
    _measured(draw, function, MEASURES[function])


def slow_measure(draw: Draw) -> None:
    function = pick(draw, *SLOW)
    _measured(draw, function, SLOW[function])


def ledgers(draw: Draw) -> None:
    options = ("duration_s", "n_recruited", "settling_time_s", "told", "n_interneurons", "earlier")
    functions = {
        energy.neural: ("X", "rates_Hz", *options), energy.neural_learning: ("X", "X_hat", "rates_Hz", "duration_s",
        "earlier"),
        energy.operations: ("X", "code", "selection", "n_steps", "lateral", "earlier"),
        energy.learning_operations: ("X", "code", "earlier"),
    }  # fmt: skip
    function = pick(draw, *functions)
    names = functions[function]
    given = _spoilt(draw, _arguments(draw), names)
    draw(st.just(function.__name__))
    ledger = attempt(lambda: function(**given), *names)
    for item, counts in (ledger or {}).items():
        holds((finite(item, counts, (len(given["X"]),)) >= 0).all(), f"{item} is negative")
    if ledger:
        for prices in (*energy.NEURAL, *energy.NEUROMORPHIC, *energy.HARDWARE):
            finite("cost", prices.total(ledger))


def price(draw: Draw) -> None:
    functions = {
        energy.resting_ATP: ("n_neurons", "duration_s"), energy.cost_ratio: ("table", "rate_Hz"),
        energy.efficient_fraction: ("ratio",), energy.interneurons: ("n_hidden", "share"),
    }  # fmt: skip
    function = pick(draw, *functions)
    rights = {
        "n_neurons": 3,
        "n_hidden": pick(draw, 1, 128),
        "share": pick(draw, 0, 0.1, 1),
        "duration_s": 0.1,
        "table": energy.NEURAL[0],
        "rate_Hz": 40.0,
        "ratio": pick(draw, 1, 2.0, 1e6, 1e300),
    }
    given = _spoilt(draw, rights, functions[function])
    draw(st.just(function.__name__))
    found = attempt(lambda: function(**given), *functions[function])
    holds(found is None or finite(function.__name__, float(found)) >= 0, "a negative price")


def race(draw: Draw) -> None:
    """The race between cells, of numbers or arrays."""
    T = theory
    functions = {
        T.latency: ("drive", "threshold", "tau_m"), T.drive_of_latency: ("time", "threshold", "tau_m"),
        T.firing_rate_Hz: ("drive", "threshold", "tau_m_ms", "refractory_ms"),
        T.inhibition_gap: ("kth_drive", "threshold", "delay", "tau_m"), T.interneuron_epsp: ("k", "threshold"),
        T.waiting_time_bound: ("n", "k", "high_Hz", "low_Hz", "failure"), T.top_k: ("drive", "k"),
        T.membrane: ("drive", "inhibition", "time", "tau_m", "start"), T.effective_threshold: ("tonic", "time",
        "tau_m"),
    }  # fmt: skip
    function = pick(draw, *functions)
    positive = st.sampled_from([1.0, 2.0, 0.5, 1e-9, 1e9, 1e-150, 1e150])
    drive = pick(draw, draw(positive), draw(positive) * np.arange(-2.0, 3.0), [[1.0, 2.0], [-1.0, 0.0]])
    rights = {
        "drive": drive, "threshold": draw(positive), "tau_m": draw(positive), "tau_m_ms": draw(positive),
        "time": draw(positive),
        "refractory_ms": pick(draw, 0, 3.0), "kth_drive": draw(positive), "delay": pick(draw, 0, 1.0, 1e9), "n": 9,
        "k": pick(draw, 1, 2),
        "high_Hz": pick(draw, 100.0, 1000, 0), "low_Hz": pick(draw, 0, 10.0, 100), "failure": pick(draw, 0, 0.1, 1),
        "inhibition": 1.0, "start": 0.0, "tonic": pick(draw, 0.0, 1.0),
    }  # fmt: skip
    given = _spoilt(draw, rights, functions[function])
    draw(st.just(function.__name__))
    found = attempt(lambda: function(**given), *functions[function])
    if found is not None:
        holds(not np.isnan(np.asarray(found, float)).any(), f"NaN from {function.__name__}")


def ideal(draw: Draw) -> None:
    """Closed forms of the circuit on any weights."""
    n_hidden, n_inputs = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    weights, X = some_weights(draw, n_hidden, n_inputs), right_table(draw, draw(st.integers(1, 4)), n_inputs)
    size = max(np.abs(X).max(), np.abs(weights.mean).max(), np.abs(weights.bias).max())
    X = X if size < 1e70 else X / size  # squares of squares
    n_cycles, feedback = pick(draw, 1, 2, 4), pick(draw, 0.7, 1.9)
    k = draw(st.integers(1, n_hidden))
    given = {"weights": weights, "X": X, "k": k, "n_cycles": n_cycles, "feedback": feedback}
    if pick(draw, False, False, True):
        given[pick(draw, *given)] = draw(ANYTHING)
    codes = attempt(lambda: theory.explain_away(**given), *given)
    if codes is not None and given["X"] is X:
        finite("codes", codes, (given["n_cycles"], len(X), n_hidden))
        holds(((codes > 0).sum(axis=2) <= given["k"]).all(), "more than k")
    bound = attempt(lambda: theory.stable_gain(weights), "weights")
    holds(bound is None or bound > 0, "no gain")
    gain = attempt(lambda: theory.n_rises(weights, pick(draw, 0.0, 1.0, 1e9, math.nan, "a")), "gain")
    holds(gain is None or gain >= 0, "a negative count")


def chosen_k(draw: Draw) -> None:
    from comparisons import RandomWeights
    from selective_firing import choose_k

    given: Values = {"X": plain_table(draw, 12, 3), "model": RandomWeights(4), "ks": pick(draw, [1, 2], None, [4],
    (1,)), "n_seeds": 2,
                     "validation": pick(draw, 0.2, 0.5), "random_state": 0}  # fmt: skip
    given[pick(draw, *given)] = draw(ANYTHING) if draw(st.booleans()) else given["ks"]
    with closed_form():  # a model that is not given is a circuit of 128 units, which takes minutes to simulate
        found = attempt(lambda: choose_k(**given), *given)
    if found is not None:
        holds(0 <= found.low <= found.high and 0 <= found.votes <= 1 and found.reason, "no choice")
        finite("bits", found.table["bits"])


KINDS = {
    "measures": Kind(measure, 22),
    "measures that fit": Kind(slow_measure, 1),
    "ledgers": Kind(ledgers, 9),
    "prices": Kind(price, 4),
    "theory of the race": Kind(race, 10),
    "theory of the circuit": Kind(ideal, 7),
    "choice of k": Kind(chosen_k, 0.5),
}
