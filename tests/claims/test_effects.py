"""What effects are made of, on tables that can be counted: each claim's number, and its sign."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from comparisons.claims import CLAIMS
from comparisons.claims.every_data import SPARSE
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

    parts = [row(CIRCUIT, 10, 0.2, 5.0, 100.0), row(CIRCUIT, 20, 0.1, 9.0, 100.0)]
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


def test_every_code_of_k_units_must_take_more_bits_than_principal_components():
    names = [*SPARSE, LASSO, DENSE]
    table = pd.DataFrame({"model": names, "nmse": 0.2, "bits": [3.0, *[4.0] * (len(names) - 1)]})
    tables = {"Bits to tell a stimulus": table, "Families": family("bits")}
    found = told("every_data", tables, PRINCIPAL)
    assert found[TOPK] == pytest.approx(0.5)
    assert found.drop(TOPK).to_numpy() == pytest.approx(np.ones(len(SPARSE) - 1))
    assert dict(told("every_data", tables, CIRCUIT)) == {SAME_PRINCIPAL: pytest.approx(1.0)}


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
    names = [PLAIN, TOPK, DENSE, SAME_DENSE]
    found = told(
        "training_time", {"Time to equal error": pd.DataFrame({"model": names, "seconds": [3.0, 9, 2, np.nan]})}, PLAIN
    )
    assert found[DENSE] == pytest.approx(np.log(1.5))
    assert np.isnan(found[names[-1]])


def test_a_gap_is_held_against_those_who_fit_as_well():
    names = (TOPK, CIRCUIT, CYCLES, DENSE, "dense, k units")
    table = pd.DataFrame({"model": names, "patterns": 100, "training error": 0.2, "gap": 1.5})
    tables = {"Training and test": table, "Families at 100 patterns": family("gap", error="training error")}
    assert dict(told("overfitting", tables, TOPK)) == pytest.approx(
        dict.fromkeys((SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT), -0.5)
    )
