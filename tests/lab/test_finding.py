"""What is found about a claim: intervals, verdicts, and the correction for the number of claims."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import finding
from scipy import stats

from comparisons.claims import CLAIMS
from comparisons.lab.claim import summarise
from comparisons.lab.endpoint import N_CLAIMS, Endpoint, holm, interval
from comparisons.lab.finding import verdicts


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
    np.testing.assert_allclose(holm([0.01, 0.04], 14), holm([0.01, 0.04, *[1.0] * 12])[:2])
    assert len(CLAIMS) == N_CLAIMS


@pytest.mark.parametrize(
    ("effects", "side", "verdict"),
    [
        ({"a": [0.50, 0.51, 0.52]}, "above", "supported"),
        ({"a": [0.01, 0.02, 0.03]}, "above", "not supported"),
        ({"a": [-0.50, -0.51, -0.52]}, "above", "not supported"),
        ({"a": [0.0, 0.1, 0.4]}, "above", "inconclusive"),
        ({"a": [0.50, 0.51, 0.52], "b": [0.01, 0.02, 0.03]}, "above", "depends"),
        ({"a": [0.50, 0.51, 0.52], "b": [0.0, 0.1, 0.4]}, "above", "inconclusive"),
        ({"a": [0.01, 0.02, 0.03], "b": [0.0, 0.1, 0.4]}, "above", "not supported"),
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
    assert table["p_holm"].iloc[0] == pytest.approx(N_CLAIMS * just.p)
    assert verdicts([just])["p_holm"].item() == pytest.approx(N_CLAIMS * just.p)  # however few are tried
    assert table["verdict"].tolist() == ["inconclusive", *["not supported"] * 9]


def test_a_claim_that_there_are_such_data_needs_one_kind():
    mixed = finding({"a": [0.50, 0.51, 0.52], "b": [0.01, 0.02, 0.03]})
    some = replace(mixed, endpoint=replace(mixed.endpoint, quantifier="some"))
    assert (mixed.verdict(), some.verdict()) == ("depends", "supported")
    assert some.p == pytest.approx(2 * some.intervals["p"].min())
    none = finding({"a": [0.01, 0.02, 0.03], "b": [0.01, 0.02, 0.04]})
    assert replace(none, endpoint=some.endpoint).verdict() == "not supported"
    open_ = finding({"a": [0.01, 0.02, 0.03], "b": [0.0, 0.1, 0.4]})
    assert replace(open_, endpoint=some.endpoint).verdict() == "inconclusive"


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


WAYS = [(prices, rest) for prices in ("cheap", "dear") for rest in ("without", "with")]


def counted(effect, rival="other", seeds=3):
    """Return effects by four ways to count, as `effect` says, with hardly any spread."""
    return [
        {"dataset": dataset, "seed": seed, "rival": rival, "effect": effect(dataset, prices, rest) + 0.001 * seed,
         "prices": prices, "rest": rest}
        for dataset in ("a", "b") for seed in range(seeds) for prices, rest in WAYS
    ]  # fmt: skip


def by_ways(rows):
    return replace(finding({"a": [0.5, 0.5]}), effects=pd.DataFrame(rows))


def test_all_ways_to_count_must_agree_and_what_decides_is_named():
    agreed = by_ways(counted(lambda dataset, prices, rest: 0.5))
    assert (agreed.verdict(), agreed.depends_on, len(agreed.ways)) == ("supported", "", 8)
    resting = by_ways(counted(lambda dataset, prices, rest: 0.5 if rest == "without" else -0.5))
    assert (resting.verdict(), resting.depends_on) == ("depends", "rest")
    assert list(resting.intervals["verdict"]) == ["depends", "depends"]
    assert resting.intervals["mean"].iloc[0] == pytest.approx(0.501)  # of the first way
    assert resting.p > 0.5  # the largest of all ways
    either = by_ways(counted(lambda dataset, prices, rest: 0.5 if (prices, rest) == ("dear", "with") else -0.5))
    assert set(either.depends_on.split(", ")) == {"prices", "rest"}
    data = by_ways(counted(lambda dataset, prices, rest: 0.5 if dataset == "a" else -0.5))
    assert (data.depends_on, list(data.intervals["verdict"])) == ("data", ["supported", "not supported"])


def test_a_claim_must_hold_against_the_strongest_rival():
    def with_rivals(**means):
        rows = [{"dataset": "a", "seed": seed, "rival": rival, "effect": mean + 0.001 * seed}
                for rival, mean in means.items() for seed in range(3)]  # fmt: skip
        return replace(finding({"a": [0.5, 0.5]}), effects=pd.DataFrame(rows))

    both = with_rivals(weak=0.5, strong=0.2)
    assert (both.verdict(), both.strongest) == ("supported", "strong")
    lost = with_rivals(weak=0.5, strong=-0.2)
    assert (lost.verdict(), lost.strongest) == ("not supported", "strong")
    assert lost.first_way("a", "strong") == pytest.approx([-0.2, -0.199, -0.198])
    below = replace(lost, endpoint=replace(lost.endpoint, side="below", margin=0.0))
    assert below.strongest == "weak"
    absent = with_rivals(weak=0.5, strong=np.nan)
    assert (absent.verdict(), absent.strongest) == ("supported", "weak")
    with pytest.raises(ValueError, match="effects must be known against some rival"):
        _ = with_rivals(strong=np.nan).intervals


def test_a_rival_unknown_for_some_seeds_counts_with_the_others_and_is_told():
    def with_rival(*effects):
        rows = [{"dataset": "a", "seed": seed, "rival": "weak", "effect": 0.5 + 0.001 * seed} for seed in range(4)]
        rows += [{"dataset": "a", "seed": seed, "rival": "other", "effect": effect}
                 for seed, effect in enumerate(effects)]  # fmt: skip
        return replace(finding({"a": [0.5, 0.5]}), effects=pd.DataFrame(rows))

    known = with_rival(-0.2, np.nan, -0.2, -0.21)
    assert (known.verdict(), known.strongest, known.intervals["n_seeds"].item()) == ("not supported", "other", 3)
    assert known.first_way("a", "other") == [-0.2, -0.2, -0.21]
    assert known.absent == ("a: other errs as little for 3 of 4 seeds: counts so.",)
    single = with_rival(0.6, np.nan, np.nan, np.nan)
    assert (single.verdict(), single.p) == ("inconclusive", 1.0)
    assert "no interval" in single.absent[0]
    never = with_rival(*[np.nan] * 4)
    assert (never.verdict(), never.strongest) == ("supported", "weak")
    assert never.absent[0].endswith("0 of 4 seeds: no rival.")
    assert with_rival(0.5, 0.5, 0.5, 0.5).absent == ()


def test_what_else_is_on_trial_meets_its_strongest_rival_too():
    rows = pd.DataFrame(counted(lambda dataset, prices, rest: 0.3) + counted(lambda *way: 0.1, rival="strong"))
    told = replace(by_ways(counted(lambda *way: 0.5)), beside=rows.assign(model="m")).beside_intervals
    assert list(told["dataset"]) == ["a", "b"]
    np.testing.assert_allclose(told["mean"], 0.101)
