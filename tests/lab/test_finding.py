"""What is found about a claim: intervals, verdicts, and the correction for the number of claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import finding
from scipy import stats

from comparisons.lab.claim import summarise
from comparisons.lab.finding import Endpoint, holm, interval, verdicts


def test_the_interval_is_that_of_students_t():
    effects = [1.0, 2.0, 4.0]
    low, high = stats.t.interval(0.95, 2, loc=np.mean(effects), scale=stats.sem(effects))
    assert interval(effects) == pytest.approx((np.mean(effects), low, high))


@pytest.mark.parametrize("effects", [[1.0], [], [1.0, np.nan]])
def test_an_interval_needs_two_finite_effects(effects):
    with pytest.raises(ValueError, match="effects must be at least two finite numbers"):
        interval(effects)


def test_holm_multiplies_the_smallest_by_their_number_and_keeps_the_order():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.5]), [0.04, 0.09, 0.09, 0.5])
    assert holm([0.9, 0.8]).max() == 1.0


@pytest.mark.parametrize(
    ("effects", "side", "verdict"),
    [
        ({"a": [0.50, 0.51, 0.52]}, "above", "supported"),
        ({"a": [0.01, 0.02, 0.03]}, "above", "not supported"),
        ({"a": [-0.50, -0.51, -0.52]}, "above", "not supported"),
        ({"a": [0.0, 0.1, 0.4]}, "above", "inconclusive"),
        ({"a": [0.50, 0.51, 0.52], "b": [0.01, 0.02, 0.03]}, "above", "depends"),
        ({"a": [0.50, 0.51, 0.52], "b": [0.0, 0.1, 0.4]}, "above", "inconclusive"),
        ({"a": [0.01, 0.02, 0.03]}, "below", "supported"),
        ({"a": [0.50, 0.51, 0.52]}, "below", "not supported"),
    ],
)
def test_a_verdict_says_where_the_interval_lies(effects, side, verdict):
    assert finding(effects, side).verdict() == verdict


def test_support_must_survive_the_correction_for_the_number_of_claims():
    just = finding({"a": [0.15, 0.25, 0.2, 0.16]})
    assert just.verdict() == "supported"
    table = verdicts([just, *(finding({"a": [0.0, 0.01]}, name=f"other {n}") for n in range(9))])
    assert table["p_holm"].iloc[0] == pytest.approx(10 * just.p)
    assert table["verdict"].tolist() == ["inconclusive", *["not supported"] * 9]


def test_a_claim_that_there_are_such_data_needs_one_kind():
    mixed = finding({"a": [0.50, 0.51, 0.52], "b": [0.01, 0.02, 0.03]})
    some = replace(mixed, endpoint=replace(mixed.endpoint, quantifier="some"))
    assert (mixed.verdict(), some.verdict()) == ("depends", "supported")
    assert some.p == pytest.approx(2 * some.intervals["p"].min())
    none = finding({"a": [0.01, 0.02, 0.03], "b": [0.01, 0.02, 0.04]})
    assert replace(none, endpoint=some.endpoint).verdict() == "not supported"


def test_effects_without_spread_are_certain():
    assert finding({"a": [0.2, 0.2, 0.2]}).intervals["p"].item() < 1e-12
    assert finding({"a": [0.1, 0.1, 0.1]}).intervals["p"].item() == 1.0


def test_an_endpoint_has_a_side():
    with pytest.raises(ValueError, match="side must be one of above, below"):
        Endpoint("difference", "share", 0.1, "beside")


def test_summaries_are_means_and_intervals_over_seeds():
    table = pd.DataFrame({"dataset": "a", "seed": [0, 1, 2], "model": "m", "k": 4, "nmse": [1.0, 2.0, 4.0]})
    row = summarise(table).iloc[0]
    mean, low, high = interval([1.0, 2.0, 4.0])
    assert (row["model"], row["k"], row["nmse"]) == ("m", 4, pytest.approx(mean))
    assert row["nmse \u00b1"] == pytest.approx((high - low) / 2)
