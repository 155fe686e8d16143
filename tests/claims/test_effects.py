"""What effects are made of, on tables that can be counted: each claim's number, and its sign."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from comparisons.claims import CLAIMS
from comparisons.claims.every_data import SPARSE, at_best
from comparisons.claims.robustness import GAUSSIAN
from comparisons.measuring.accounts import AXES, PRICES, RESTS, RULES, SHARES
from comparisons.rivals.coders import LASSO
from comparisons.rivals.registry import (
    CIRCUIT,
    CYCLES,
    DENSE,
    INPUT,
    PLAIN,
    PRINCIPAL,
    PURSUIT,
    RANDOM,
    SAME_DENSE,
    SAME_PRINCIPAL,
    SAME_SOFT,
    SOFT,
    TOPK,
)


def family(column, *, error="nmse"):
    """Return families of two members each: errors 0.4 and 0.1, and 1 and 3 in a column, so that 0.2 lies half way."""
    rows = [{"model": name, "size": size, error: nmse, column: value}
            for name in (DENSE, PRINCIPAL, SOFT) for size, nmse, value in ((1, 0.4, 1.0), (2, 0.1, 3.0))]  # fmt: skip
    return pd.DataFrame(rows)


def told(name, tables, trial, dataset="digits"):
    return CLAIMS[name].effects(tables, trial, dataset).set_index("rival")["effect"]


def test_robust_is_who_errs_less_under_noise_at_equal_clean_error():
    names = (TOPK, CIRCUIT, CYCLES, PURSUIT, DENSE, INPUT)
    table = pd.DataFrame({"model": names, "corruption": GAUSSIAN, "level": "0.5", "nmse": 0.5, "rise": 0.3})
    tables = {"Corrupted": table, "Families under noise": family("under noise")}
    found = told("robustness", tables, TOPK)  # without noise it errs by 0.2
    assert dict(found) == pytest.approx(dict.fromkeys((SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT), 0.5 - 2.0))
    coarse = tables | {"Corrupted": table.assign(rise=0.45)}  # 0.05: no member of any family errs as little
    assert told("robustness", coarse, TOPK).isna().all()


def test_a_saving_is_by_every_way_to_count_what_the_front_costs_more():
    ways = pd.DataFrame(list(product(PRICES, SHARES, RULES, RESTS)), columns=list(AXES))
    rests = ways["rest"] == "with"

    def row(model, size, nmse, cost, resting):
        return ways.assign(model=model, size=size, nmse=nmse, cost=np.where(rests, cost + resting, cost))

    parts = [row(CIRCUIT, 10, 0.2, 6.0, 100.0), row(CIRCUIT, 20, 0.1, 5.0, 100.0)]  # who errs less, and costs less
    for name in (DENSE, PRINCIPAL, SOFT):
        parts += [row(name, 1, 0.4, 10.0, 0.0), row(name, 2, 0.1, 40.0, 0.0), row(name, 3, 0.15, 90.0, 0.0)]
    tables = {"Costs by every way to count": pd.concat(parts, ignore_index=True)}
    found = CLAIMS["energy"].effects(tables, CIRCUIT, "digits")
    assert len(found) == 3 * len(ways) == 144
    without = found[found["rest"] == "without"]["effect"]
    np.testing.assert_allclose(without, 1 - 5.0 / 20.0)
    np.testing.assert_allclose(found[found["rest"] == "with"]["effect"], 1 - 105.0 / 20.0)


def test_regret_is_what_another_best_k_takes_more():
    table = pd.DataFrame(
        {"model": TOPK, "k": [2, 8, 32], "bits": [200.0, 100.0, 140.0], "bits, held out": [9.0, 7.0, 8.0]}
    )
    others = pd.DataFrame({"other": ["bars", "mnist", "patches"], "best k": [4.0, 8.0, 99.0]})
    found = told("choice_of_k", {"Criteria against k": table, "Other data": others}, TOPK)
    assert found.to_numpy() == pytest.approx([0.5, 0.0, 0.4])  # half way in logarithms; its own; the largest tried
    assert list(found.index) == ["the best k of bars", "the best k of mnist", "the best k of patches"]


def test_a_best_k_at_an_edge_of_those_tried_is_told():
    edge = "at the edge of those tried"
    best = pd.DataFrame({"dataset": "a", "model": TOPK, "criterion": ["nmse", "bits"], "best k": [40.0, 10.0],
                         edge: [0.5, 0.0]})  # fmt: skip
    others = pd.DataFrame({"dataset": "a", "other": ["bars", "mnist"], "best k": [4.0, 1.0], edge: [0.0, 1.0]})
    words = CLAIMS["choice_of_k"].read({"Best k by each criterion": best, "Other data": others})
    assert "a: nmse 40 (an edge in 50% of seeds), bits 10." in words
    assert "is the smallest or largest tried: mnist." in words


def test_every_code_of_k_units_must_take_more_bits_than_principal_components_each_at_its_best():
    names = [PRINCIPAL, *SPARSE, LASSO, DENSE, SOFT]
    table = pd.DataFrame({"model": names, "bits": [2.0, 3.0, *[4.0] * (len(names) - 2)]})
    found = told("every_data", {"Bits to tell a stimulus": table}, PRINCIPAL)
    assert found[TOPK] == pytest.approx(0.5)
    assert found.drop(TOPK).to_numpy() == pytest.approx(np.ones(len(SPARSE) - 1))
    assert dict(told("every_data", {"Bits to tell a stimulus": table}, CIRCUIT)) == {PRINCIPAL: pytest.approx(1.0)}


def test_the_best_size_is_chosen_on_patterns_held_out():
    table = pd.DataFrame({"model": [TOPK, TOPK, TOPK, DENSE], "size": [1, 2, 4, 8], "nmse": 0.2,
                          "bits, held out": [5.0, 3.0, 4.0, 1.0], "bits": [1.0, 7.0, 2.0, 6.0]})  # fmt: skip
    best = at_best(table).set_index("model")
    assert list(best["bits"]) == [7.0, 6.0]
    assert list(best["best size"]) == [2.0, 8.0]
    assert not best["at the edge of those tried"].any()  # a single size has no edge
    assert at_best(table.iloc[[0, 1]])["at the edge of those tried"].all()


def test_the_price_is_by_every_way_to_count_but_the_rates_and_passes_the_margin_at_a_share_of_interneurons():
    ways = pd.DataFrame(list(product(PRICES, SHARES, RULES, RESTS)), columns=list(AXES))
    share = ways["interneurons"].map(SHARES)
    table = ways.assign(variant="inhibition starts high", share=share, sort=10.0, cost=10.0 + 25.0 * share)
    tables = {"By every way to count": table}
    found = CLAIMS["price"].effects(tables, CIRCUIT, "digits")
    assert len(found) == len(ways) / len(RULES) == 24
    assert "rates" not in found
    np.testing.assert_allclose(found["effect"], 2.5 * found["interneurons"].map(SHARES))
    assert "digits: 4.0%" in CLAIMS["price"].read({"By every way to count": table.assign(dataset="digits")})
    dear = table.assign(cost=12.0 + share, dataset="digits")
    assert "none at all" in CLAIMS["price"].read({"By every way to count": dear})


def test_who_decides_about_the_time_is_told():
    table = pd.DataFrame({"dataset": "a", "model": [PLAIN, DENSE, SOFT, SAME_DENSE], "steps": [8.0, 2.0, 8.0, np.nan],
                          "ms per step": [2.0, 1.0, 4.0, 1.0]})  # fmt: skip
    words = CLAIMS["training_time"].read({"Time to equal error": table})
    assert f"a, {DENSE}: +1.39 +0.69, steps decide." in words
    assert f"a, {SOFT}: +0.00 -0.69, the time of a step decides." in words
    assert SAME_DENSE not in words


def test_units_must_be_reliable_and_know_the_class_both():
    names = (TOPK, RANDOM, CIRCUIT, CYCLES, DENSE, INPUT)
    table = pd.DataFrame({"model": names, "nmse": 0.2, "reliability": [3.0, *[1.0] * 5], "class information": 1.0})
    families = family("reliability").assign(**{"class information": 0.5})
    labelled = CLAIMS["selective"].effects({"Sparseness and selectivity": table, "Families": families}, TOPK, "")
    assert set(labelled["measure"]) == {"reliability", "class information"}
    found = labelled.set_index(["measure", "rival"])["effect"]
    assert found["reliability", RANDOM] == 2.0
    assert found["reliability", SAME_DENSE] == pytest.approx(1.0)
    assert found["class information", SAME_SOFT] == pytest.approx(0.5)
    bare = table.drop(columns="class information")
    alone = CLAIMS["selective"].effects({"Sparseness and selectivity": bare, "Families": families}, TOPK, "")
    assert set(alone["measure"]) == {"reliability"}


def test_slower_is_who_needs_more_time_and_who_never_gets_there_is_no_rival():
    names = [PLAIN, TOPK, DENSE, SOFT, SAME_DENSE]
    found = told(
        "training_time",
        {"Time to equal error": pd.DataFrame({"model": names, "seconds": [3.0, 9, 2, 6, np.nan]})},
        PLAIN,
    )
    assert found[DENSE] == pytest.approx(np.log(1.5))
    assert found[SOFT] == pytest.approx(np.log(0.5))
    assert np.isnan(found[names[-1]])


def test_a_gap_is_held_against_those_who_err_as_much_on_new_patterns():
    names = (TOPK, CIRCUIT, CYCLES, DENSE, "dense, k units")
    table = pd.DataFrame({"model": names, "patterns": 100, "held-out error": 0.2, "gap": 1.5})
    tables = {"Training and test": table, "Families at 100 patterns": family("gap", error="held-out error")}
    assert dict(told("overfitting", tables, TOPK)) == pytest.approx(
        dict.fromkeys((SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT), -0.5)
    )
