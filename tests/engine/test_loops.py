"""Loops over synapses: what may be gone through together, or stay in a register, and what may not."""

from __future__ import annotations

import pytest

from selective_firing.engine.loops import Loops, loops_of


@pytest.mark.parametrize(
    ("code", "n_sources", "expected"),
    [
        ("drive_post += w * x_pre", 20, Loops((4, 1))),
        ("err_post -= w * rate_pre\nn_post += 1", 20, Loops((4, 1))),
        ("drive_post += w * x_pre", 1, Loops()),  # one cell has one event
        ("delta_pre += w * err_post", 20, Loops((5, 1), ("delta_pre",))),
        ("power_pre += x_post ** 2\nn_pre += 1", 1, Loops((1,), ("power_pre", "n_pre"))),
        ("err_post = -x_mean_post", 20, Loops()),  # of several the last counts
        ("w += rate_pre * err_post", 20, Loops()),
        ("shown = rate_pre\ndrive_post += shown", 20, Loops()),
        ("drive_post += w * x_pre\nn_pre += 1", 20, Loops()),
        ("rate_post += w * rate_pre", 20, Loops()),  # a later event may tell what an earlier one was told
        ("change_pre += w * rate_post\nrate_pre += 1", 20, Loops()),
    ],
)
def test_events_are_gone_through_together_where_none_reads_what_another_wrote(code, n_sources, expected):
    assert loops_of(code, n_sources, backward=False) == expected


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("w += rate_post * err_pre + (x_pre - x_mean_pre) * err_pre", ("err_pre", "x_pre", "x_mean_pre")),
        ("w = clip(w + rate_post * err_pre, 0, inf)\nerr_pre -= w", ()),
        ("rate_post += w * (rate_pre + x_pre)", ("x_pre",)),  # both ends may be the same cells
        ("w *= kept_post", ()),
    ],
)
def test_what_an_event_of_the_other_end_leaves_is_kept(code, kept):
    assert loops_of(code, 20, backward=True) == Loops(kept=kept)


def test_sums_in_registers_are_rounded_as_sums_in_memory():
    assert Loops(sums=("delta_pre",)).options == ("no-tree-vectorize", "fp-contract=off")
    assert Loops(sums=("power_pre", "n_pre")).options == ("no-tree-vectorize",)
    assert Loops((4, 1)).options == Loops(kept=("err_pre",)).options == ()
